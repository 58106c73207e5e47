#![doc = include_str!("../README.md")]

pub mod api_key;
pub mod assurance;
pub mod backup_code;
pub mod conformance;
pub mod contact_change;
pub mod device;
pub mod event;
pub mod hash;
pub mod mfa;
pub mod notice;
pub mod out_of_band;
pub mod passkey;
pub mod password;
pub mod pepper;
pub mod policy;
pub mod recovery;
pub mod session;
pub mod throttle;
pub mod ticket;
mod time;
pub mod token;
pub mod totp;

#[cfg(test)]
#[path = "../tests/it/vectors.rs"]
mod vectors;
