#![doc = include_str!("../README.md")]

mod convert;
mod error;
mod exact;

pub use convert::{claim_transmission, claims, envelope, remittance_transmission, remittances};
pub use error::ConversionError;
pub use exact::{LIMIT, Transaction, parse, render};
