//! Against the fake in `tests/fake` and Twilio's own library:
//! `scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

mod config;
mod conformance;
mod fake;
mod judged;
mod recording;
mod room;
mod token;
mod visits;
mod webhook;
