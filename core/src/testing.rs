//! For tests: a store in memory, the behaviours every store must show, and fixed randomness.

pub mod conformance;
mod entropy;
mod memory;

pub use entropy::SequenceEntropy;
pub use memory::MemoryStore;
