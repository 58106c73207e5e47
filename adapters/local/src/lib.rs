#![doc = include_str!("../README.md")]

mod config;
mod hub;
mod provider;
mod queue;
mod token;

pub use config::{Clock, IceServer, LocalConfig};
pub use hub::{Bye, CAPACITY, Heard, Hub, JoinError, MAX_MESSAGE, Seat};
pub use provider::LocalProvider;
