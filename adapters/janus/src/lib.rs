#![doc = include_str!("../README.md")]

mod api;
mod config;
mod provider;
mod recording;
mod token;
mod webhook;

pub use config::{ConfigError, JanusConfig};
pub use provider::{JanusProvider, SetupError};
