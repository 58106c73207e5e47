#![doc = include_str!("../README.md")]

mod cache;
mod config;
mod range;

pub use config::{InvalidConfig, PwnedRangeConfig};
pub use range::PwnedRange;
