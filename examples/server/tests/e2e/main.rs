//! The server as people meet it: the built binary with its demo, a real browser, and a power cut.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod browser;
mod crash;
mod crash_video;
mod demo;
mod era;
mod journey;
mod moments;
mod passkeys;
mod presence;
mod server;
mod video;
mod waiting_room;
