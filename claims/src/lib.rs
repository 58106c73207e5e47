//! X12 837P and 835, claim and remittance model, balanced posting, CMS-1500.

pub mod claim;
pub mod lifecycle;
pub mod record;
pub mod remittance;
pub mod scrub;
mod text;
pub mod transaction;
pub mod x12;
