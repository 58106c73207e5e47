//! A provider that follows a script, and the behaviours every provider must show.

pub mod conformance;
mod scripted;
pub mod visits;

pub use scripted::{Call, Operation, Outcome, ScriptedProvider};
