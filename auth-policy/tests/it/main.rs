//! Behaviour of the crate as its users see it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failure here is the report of a broken test")]

mod api_key;
mod backup_code;
mod blocklist;
mod conformance;
mod contact_change;
mod device;
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
mod recovery;
mod session;
mod session_access;
mod session_concurrent;
mod source;
mod strength;
mod throttle;
mod ticket;
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
