//! The server as its callers see it: requests in, answers out, on a store in memory and a clock that is set by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests speak by panicking")]

mod access;
mod authenticators;
mod billing;
mod clients;
mod guessing;
mod life;
mod local_video;
mod notes;
mod pages;
mod passwords;
mod presence;
mod schedule;
mod sessions;
mod staff;
mod support;
mod video;
mod visits;
