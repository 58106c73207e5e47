//! The server as people meet it: the built binary with its demo, a real browser, and a power cut.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests speak by panicking")]

mod browser;
mod crash;
mod demo;
mod era;
mod journey;
mod moments;
mod server;
mod waiting_room;
