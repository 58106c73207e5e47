//! The whole tree in memory, for many proofs at once.

use std::ops::Range;

use super::proof::{consistency_ranges, inclusion_ranges};
use super::{Hash, ProofError, node_hash};

/// Every node of a log: 64 bytes a leaf, proofs in logarithmic time for any earlier size.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[l][i]` is the root of the leaves `i * 2^l .. (i + 1) * 2^l`; only full ones.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Creates the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in &mut self.levels {
            level.push(hash);
            match level.as_slice() {
                [.., left, right] if level.len() % 2 == 0 => hash = node_hash(*left, *right),
                _ => return,
            }
        }
        self.levels.push(vec![hash]);
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Computes the root of the first `size` leaves; `None` above [`size`](Self::size).
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        (size <= self.size()).then(|| self.root_of(0..size))
    }

    /// Makes the proof that leaf `index` is in the tree of the first `size` leaves.
    ///
    /// # Errors
    /// [`ProofError::Index`]; [`ProofError::Sizes`] when `size` is above [`size`](Self::size).
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
        self.resolve(inclusion_ranges(index, size)?, size)
    }

    /// Makes the proof that the tree of the first `size1` leaves is a prefix of that of `size2`.
    ///
    /// # Errors
    /// [`ProofError::Sizes`], also when `size2` is above [`size`](Self::size).
    pub fn prove_consistency(&self, size1: u64, size2: u64) -> Result<Vec<Hash>, ProofError> {
        self.resolve(consistency_ranges(size1, size2)?, size2)
    }

    fn resolve(&self, ranges: Vec<Range<u64>>, size: u64) -> Result<Vec<Hash>, ProofError> {
        if size > self.size() {
            return Err(ProofError::Sizes);
        }
        Ok(ranges.into_iter().map(|range| self.root_of(range)).collect())
    }

    /// The root of a range that starts at a multiple of the largest power of two in its length,
    /// as all ranges in proofs do.
    fn root_of(&self, range: Range<u64>) -> Hash {
        let length = range.end - range.start;
        let mut end = range.end;
        let mut root = None;
        for level in (0..u64::BITS).filter(|level| length >> level & 1 == 1) {
            let node = (end >> level) - 1;
            end -= 1 << level;
            let hash = self.levels[level as usize][node as usize];
            root = Some(root.map_or(hash, |right| node_hash(hash, right)));
        }
        root.unwrap_or_else(Hash::empty_root)
    }
}

impl Extend<Hash> for Tree {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.append(leaf);
        }
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}
