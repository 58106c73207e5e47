//! Tests of the telehealth port.

mod consent;
mod fixture;
mod guard;
mod provider;
mod summary;
mod visit;
