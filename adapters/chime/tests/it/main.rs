//! Against the fake in `tests/fake`, which reads and checks requests by AWS's own service models:
//! `scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

mod config;
mod conformance;
mod fake;
mod independent;
mod queue;
mod recording;
mod refusal;
mod seat;
mod visits;
