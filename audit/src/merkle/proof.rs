//! Inclusion and consistency proofs, RFC 9162 §2.1.3 and §2.1.4.

use std::ops::Range;

use super::{CompactRange, Hash, node_hash};

/// Why a proof was refused or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The leaf index is not below the tree size.
    #[error("leaf index is not below the tree size")]
    Index,
    /// The first size is zero, or above the second.
    #[error("first tree size is zero or above the second")]
    Sizes,
    /// The proof has more or fewer hashes than the sizes demand.
    #[error("proof does not have the length that the sizes demand")]
    Length,
    /// The proof leads to another root.
    #[error("proof leads to another root")]
    Root,
}

/// Makes the proof that leaf `index` is in the tree of the first `size` leaves, from the leaf
/// upwards. Calls `leaf` once for each other leaf; [`Tree`](super::Tree) is the way to make many.
///
/// # Errors
/// [`ProofError::Index`].
pub fn prove_inclusion(leaf: impl Fn(u64) -> Hash, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    Ok(inclusion_ranges(index, size)?.into_iter().map(|range| root_of(&leaf, range)).collect())
}

/// Makes the proof that the tree of the first `size1` leaves is a prefix of that of `size2`.
///
/// # Errors
/// [`ProofError::Sizes`].
pub fn prove_consistency(leaf: impl Fn(u64) -> Hash, size1: u64, size2: u64) -> Result<Vec<Hash>, ProofError> {
    Ok(consistency_ranges(size1, size2)?.into_iter().map(|range| root_of(&leaf, range)).collect())
}

/// Verifies that `leaf` is leaf number `index` of the tree with this `size` and `root`.
///
/// # Errors
/// Every [`ProofError`] but `Sizes`.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for &sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, hash);
            skip_right_edge(&mut node, &mut last);
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == root { Ok(()) } else { Err(ProofError::Root) }
}

/// Verifies that the tree with `size1` and `root1` is a prefix of that with `size2` and `root2`.
///
/// Nothing is consistent with the empty tree: `size1 == 0` is an error, also for `size2 == 0`.
///
/// # Errors
/// Every [`ProofError`] but `Index`.
pub fn verify_consistency(size1: u64, size2: u64, proof: &[Hash], root1: Hash, root2: Hash) -> Result<(), ProofError> {
    if size1 == 0 || size1 > size2 {
        return Err(ProofError::Sizes);
    }
    if size1 == size2 {
        return match (proof.is_empty(), root1 == root2) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let (mut node, mut last) = (size1 - 1, size2 - 1);
    let whole = node.trailing_ones();
    node >>= whole;
    last >>= whole;
    // The old tree is itself a node of the new one: the proof leaves its root out.
    let (start, rest) = if size1.is_power_of_two() {
        (root1, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::Length)?;
        (*first, rest)
    };
    let (mut old, mut new) = (start, start);
    for &sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, old);
            new = node_hash(sibling, new);
            skip_right_edge(&mut node, &mut last);
        } else {
            new = node_hash(new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if old == root1 && new == root2 { Ok(()) } else { Err(ProofError::Root) }
}

/// Climbs the levels at which a node on the right edge has no sibling. The node is not zero: it
/// is a right child, or the last one of a level that has others.
fn skip_right_edge(node: &mut u64, last: &mut u64) {
    let levels = node.trailing_zeros();
    *node >>= levels;
    *last >>= levels;
}

/// The leaf ranges whose roots make up an inclusion proof, PATH of RFC 6962 §2.1.1.
pub(super) fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if index >= size {
        return Err(ProofError::Index);
    }
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let middle = split(&tree);
        let (own, sibling) = if index < middle {
            (tree.start..middle, middle..tree.end)
        } else {
            (middle..tree.end, tree.start..middle)
        };
        ranges.push(sibling);
        tree = own;
    }
    ranges.reverse();
    Ok(ranges)
}

/// The leaf ranges whose roots make up a consistency proof, SUBPROOF of RFC 6962 §2.1.2.
pub(super) fn consistency_ranges(size1: u64, size2: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if size1 == 0 || size1 > size2 {
        return Err(ProofError::Sizes);
    }
    let mut ranges = Vec::new();
    let mut tree = 0..size2;
    while size1 != tree.end {
        let middle = split(&tree);
        let (own, sibling) = if size1 <= middle {
            (tree.start..middle, middle..tree.end)
        } else {
            (middle..tree.end, tree.start..middle)
        };
        ranges.push(sibling);
        tree = own;
    }
    if tree.start != 0 {
        ranges.push(tree);
    }
    ranges.reverse();
    Ok(ranges)
}

/// Where a tree of two or more leaves splits: behind the largest power of two below its size.
fn split(tree: &Range<u64>) -> u64 {
    let size = tree.end - tree.start;
    tree.start + (1 << (u64::BITS - 1 - (size - 1).leading_zeros()))
}

fn root_of(leaf: impl Fn(u64) -> Hash, range: Range<u64>) -> Hash {
    range.map(leaf).collect::<CompactRange>().root()
}
