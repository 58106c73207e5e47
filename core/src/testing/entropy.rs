//! Bytes that are different each time and the same in each run.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::Entropy;

/// Yields SHA-256 of a counter: repeatable, never for anything but tests.
#[derive(Debug, Default)]
pub struct SequenceEntropy(AtomicU64);

impl Entropy for SequenceEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
