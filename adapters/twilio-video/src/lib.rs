#![doc = include_str!("../README.md")]

mod call;
mod config;
mod form;
mod operation;
mod provider;
mod recording;
mod token;
mod webhook;

pub use config::{TwilioVideoConfig, TwilioVideoConfigError};
pub use provider::TwilioVideoProvider;
