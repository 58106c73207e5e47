//! A whole file in pieces: its segments and what stands between them, so that it can be written again byte by byte.

use super::Segment;

/// A stretch of a file, see [`super::Reader::next_piece`]; all of them one after the other are the file.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Piece<'a> {
    /// A segment.
    Segment {
        /// What it says.
        segment: Segment<'a>,
        /// Its bytes, terminator included.
        raw: &'a [u8],
    },
    /// Line breaks after a terminator, and whatever else belongs to no segment. A long one comes in several pieces.
    Between(&'a [u8]),
}

impl<'a> Piece<'a> {
    /// Returns the bytes as they stand in the file.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Segment { raw, .. } => raw,
            Self::Between(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Segment { segment, .. } => segment.fmt(f),
            Self::Between(bytes) => write!(f, "Between({} bytes)", bytes.len()),
        }
    }
}
