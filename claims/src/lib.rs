#![doc = include_str!("../README.md")]

pub mod acknowledge;
#[cfg(feature = "clinical")]
pub mod assemble;
pub mod claim;
#[cfg(feature = "pdf")]
pub mod cms1500;
pub mod code_list;
pub mod guide;
pub mod lifecycle;
#[cfg(feature = "pdf")]
pub mod page;
#[cfg(feature = "pdf")]
pub mod paper;
pub mod record;
pub mod remittance;
pub mod scrub;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod transaction;
pub mod validate;
pub mod x12;

/// Compiles the example of the project's front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
