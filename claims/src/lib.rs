//! X12 837P and 835, claim and remittance model, balanced posting, CMS-1500.

pub mod claim;
#[cfg(feature = "pdf")]
pub mod cms1500;
#[cfg(feature = "pdf")]
pub mod page;
mod text;
pub mod transaction;
pub mod x12;
