#![doc = include_str!("../README.md")]

mod config;
mod error;
mod search;
mod store;
mod transaction;

pub use config::PostgresConfig;
pub use error::OpenError;
pub use store::PostgresStore;
