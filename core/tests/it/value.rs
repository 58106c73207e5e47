//! The values everything else is made of.
#![expect(clippy::unwrap_used, reason = "tests speak by panicking, and so do their helpers")]

mod codes;
mod contact;
mod date;
mod identifier;
mod money;
mod person;

/// Reads a value from its JSON form.
fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}
