#![doc = include_str!("../README.md")]

pub mod assurance;
pub mod backup_code;
pub mod conformance;
pub mod event;
pub mod hash;
pub mod mfa;
pub mod out_of_band;
pub mod passkey;
pub mod password;
pub mod pepper;
pub mod policy;
pub mod session;
pub mod throttle;
mod time;
pub mod totp;

#[cfg(test)]
#[path = "../tests/it/vectors.rs"]
mod vectors;
