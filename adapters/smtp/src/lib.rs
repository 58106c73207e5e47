#![doc = include_str!("../README.md")]

mod config;
mod mailer;

pub use config::{ConfigError, Security, SmtpConfig};
pub use mailer::SmtpMailer;
