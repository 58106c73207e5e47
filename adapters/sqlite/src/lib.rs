#![doc = include_str!("../README.md")]

mod config;
mod error;
pub mod key_file;
mod private_file;
mod search;
mod store;
mod transaction;

pub use config::SqliteConfig;
pub use error::OpenError;
pub use key_file::KeyFileError;
pub use store::SqliteStore;
