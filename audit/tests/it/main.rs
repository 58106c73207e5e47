//! The audit crate from outside: one module for each of its own.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail by panic")]
#![expect(clippy::print_stderr, reason = "the vectors tell how many ran")]

mod checkpoint;
mod event;
mod export;
mod merkle;
mod note;
mod testing;
mod vectors;
