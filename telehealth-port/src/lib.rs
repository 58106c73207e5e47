#![doc = include_str!("../README.md")]

pub mod chat;
pub mod consent;
pub mod guard;
mod id;
pub mod provider;
pub mod quality;
pub mod summary;
#[cfg(feature = "testing")]
pub mod testing;
pub mod visit;

pub use id::{ConsentId, ParticipantId};
