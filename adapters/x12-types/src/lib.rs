#![doc = include_str!("../README.md")]

mod error;
mod exact;

pub use error::ConversionError;
pub use exact::{LIMIT, Transaction, parse, render};
