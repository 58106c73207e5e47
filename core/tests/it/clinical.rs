//! The clinical domain.
#![expect(clippy::unwrap_used, reason = "tests speak by panicking, and so do their helpers")]

mod access;
mod appointment;
mod charge;
mod client;
mod coding;
mod coverage;
mod note;
mod policy;
mod schedule;
mod wire;
