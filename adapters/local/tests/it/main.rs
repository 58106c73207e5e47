//! Rooms, seats and tokens of peer-to-peer video, under good and bad manners.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod hostile;
mod hub;
mod provider;
mod support;
