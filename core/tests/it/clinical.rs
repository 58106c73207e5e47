//! The clinical domain.

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
