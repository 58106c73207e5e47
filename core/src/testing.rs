//! For tests: a store in memory, the behaviours every store must show, and fixed randomness.

#[cfg(feature = "clinical")]
#[expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests speak by panicking")]
pub mod clinical;
#[expect(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "tests speak by panicking")]
pub mod conformance;
mod entropy;
mod memory;

pub use entropy::SequenceEntropy;
pub use memory::MemoryStore;
