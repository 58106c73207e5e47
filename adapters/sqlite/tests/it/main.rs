//! Behaviour of the public interface.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

mod conformance;
mod durability;
mod file;
mod journals;
mod key_file;
mod practice;
