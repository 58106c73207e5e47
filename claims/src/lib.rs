#![doc = include_str!("../README.md")]

pub mod claim;
pub mod lifecycle;
pub mod record;
pub mod remittance;
pub mod scrub;
mod text;
pub mod transaction;
pub mod x12;
