#![doc = include_str!("../README.md")]

mod config;
mod sender;

pub use config::{TwilioMessagesConfig, TwilioMessagesConfigError};
pub use sender::TwilioMessages;
