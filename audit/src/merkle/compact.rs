//! The compact range: all that is needed to append to a log and to know its root.

use super::{Hash, node_hash};

/// The roots of the perfect subtrees that make up a log, largest first: at most 64 hashes.
///
/// ```
/// use mentalspace_audit::merkle::{CompactRange, leaf_hash};
///
/// let mut log = CompactRange::new();
/// log.append(leaf_hash(b"first"));
/// log.append(leaf_hash(b"second"));
/// assert_eq!(log.size(), 2);
/// assert_eq!(CompactRange::from_bytes(&log.to_bytes())?.root(), log.root());
/// # Ok::<(), mentalspace_audit::merkle::CompactRangeError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    /// One per set bit of `size`.
    peaks: Vec<Hash>,
}

impl CompactRange {
    /// Creates the range of the empty log.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Returns the number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Computes the root, RFC 6962 §2.1.
    #[must_use]
    pub fn root(&self) -> Hash {
        let peaks = self.peaks.iter().rev().copied();
        peaks.reduce(|right, left| node_hash(left, right)).unwrap_or_else(Hash::empty_root)
    }

    /// Writes the range: the size as 8 bytes big-endian, then the subtree roots, largest first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.peaks.iter().flat_map(|peak| peak.as_bytes()));
        bytes
    }

    /// Reads a range written by [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`CompactRangeError`] when the number of hashes is not the one the size demands, or the
    /// size is above 2^63 - 1.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CompactRangeError> {
        let (size, hashes) = bytes.split_first_chunk().ok_or(CompactRangeError)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, []) = hashes.as_chunks() else {
            return Err(CompactRangeError);
        };
        if i64::try_from(size).is_err() || peaks.len() != size.count_ones() as usize {
            return Err(CompactRangeError);
        }
        Ok(Self { size, peaks: peaks.iter().copied().map(Hash::new).collect() })
    }
}

impl Extend<Hash> for CompactRange {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.append(leaf);
        }
    }
}

impl FromIterator<Hash> for CompactRange {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut range = Self::new();
        range.extend(leaves);
        range
    }
}

/// Bytes that are not a compact range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored compact range does not hold one hash per set bit of its size")]
pub struct CompactRangeError;
