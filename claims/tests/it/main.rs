//! Integration tests, arranged like the crate.

#[cfg(feature = "pdf")]
mod cms1500;
