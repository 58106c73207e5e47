//! Tests of the telehealth port.

#![expect(clippy::unwrap_used, reason = "fixtures outside test functions fail a test by panicking")]

mod chat;
mod consent;
mod fixture;
mod guard;
mod provider;
mod quality;
mod summary;
mod visit;
