//! Validation: syntax, guides, profiles, reports.

mod corpus;
#[cfg(feature = "testing")]
mod scratch;
