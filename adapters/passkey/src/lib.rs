#![doc = include_str!("../README.md")]

mod credential;
mod error;
mod relying_party;
#[cfg(feature = "testing")]
pub mod testing;

pub use credential::Passkey;
pub use error::PasskeyError;
pub use relying_party::{Authentication, Discovery, Found, Owner, Registration, RelyingParty};
