//! Behaviour of the crate as its users see it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failure here is the report of a broken test")]

mod backup_code;
mod blocklist;
mod conformance;
mod filter;
mod hash;
mod imported;
mod mfa;
mod out_of_band;
mod passkey;
mod password;
mod password_age;
mod peppers;
mod pyotp;
mod range;
mod session;
mod session_access;
mod source;
mod strength;
mod throttle;
mod totp;
mod totp_drift;
mod totp_qr;
mod traceability;
mod vectors;

use chrono::{DateTime, TimeDelta, Utc};

/// A moment, `seconds` after the start of a working day.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_254_400, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// Reads a value back from its own JSON.
fn through_json<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&json(value)).unwrap()
}
