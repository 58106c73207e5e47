//! What a file may cost: hostile ones are told apart from large ones by what one segment holds, not by their size.

use super::Delimiters;

/// What a segment may hold.
///
/// A segment that is longer than [`Limits::segment`] ends the reading, since it would have to be kept in memory. One
/// that holds too many parts is still read, marked by [`super::Segment::excess`], and reported by
/// [`super::Envelope`]: splitting happens on demand and allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest segment in bytes; also bounds the memory.
    pub segment: usize,
    /// The most elements in a segment.
    pub elements: usize,
    /// The most repetitions of an element.
    pub repetitions: usize,
    /// The most components in one repetition of an element.
    pub components: usize,
}

impl Default for Limits {
    /// Segments of at most one mebibyte; a thousand elements, repetitions, components, ten times what any guide has.
    fn default() -> Self {
        Self { segment: 1 << 20, elements: 1000, repetitions: 1000, components: 1000 }
    }
}

/// Which limit a segment exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Excess {
    /// It has too many elements.
    Elements,
    /// An element has too many repetitions.
    Repetitions,
    /// A repetition has too many components.
    Components,
}

impl Limits {
    /// Segments of at most `bytes` bytes.
    #[must_use]
    pub const fn segments_of(bytes: usize) -> Self {
        Self { segment: bytes, elements: 1000, repetitions: 1000, components: 1000 }
    }

    /// The limits of a file that is in memory already: its segments may have any length.
    pub(super) fn in_memory() -> Self {
        Self { segment: usize::MAX, ..Self::default() }
    }

    /// A segment shorter than this cannot exceed any limit.
    pub(super) fn harmless(&self) -> usize {
        self.segment.min(self.elements).min(self.repetitions).min(self.components)
    }

    /// Counts what `bytes`, the part of a segment that is split, hold.
    pub(super) fn excess(&self, bytes: &[u8], delimiters: &Delimiters) -> Option<Excess> {
        if bytes.len() < self.harmless() {
            return None;
        }
        // The id is no element.
        let (mut elements, mut repetitions, mut components) = (0, 1, 1);
        for byte in bytes {
            if *byte == delimiters.element {
                (elements, repetitions, components) = (elements + 1, 1, 1);
            } else if Some(*byte) == delimiters.repetition {
                (repetitions, components) = (repetitions + 1, 1);
            } else if *byte == delimiters.component {
                components += 1;
            } else {
                continue;
            }
            if elements > self.elements {
                return Some(Excess::Elements);
            }
            if repetitions > self.repetitions {
                return Some(Excess::Repetitions);
            }
            if components > self.components {
                return Some(Excess::Components);
            }
        }
        None
    }
}
