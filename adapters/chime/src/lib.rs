#![doc = include_str!("../README.md")]

mod call;
mod config;
mod meeting;
mod provider;
mod queue;
mod recording;
mod sigv4;

pub use config::{ChimeConfig, ChimeConfigError};
pub use provider::ChimeProvider;
