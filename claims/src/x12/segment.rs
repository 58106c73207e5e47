//! One segment: borrowed bytes and where their elements end.

use memchr::memchr;

use super::Delimiters;
use super::block::{BLOCK, ends_of_parts};
use super::limits::Excess;

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Position {
    /// Byte offset in the file; in a file wrapped at a fixed width, as if it were not.
    pub offset: u64,
    /// Number in the file, counted from 1.
    pub segment: u64,
    /// Number in its transaction set, where ST is 1; 0 outside of one.
    pub in_set: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "segment {} (byte {})", self.segment, self.offset)
    }
}

/// A segment: its id and its elements, as bytes of the file. Protected content, so `Debug` shows id and place only.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    pub(super) bytes: &'a [u8],
    /// Where id and elements end within the first [`BLOCK`] bytes, one bit per byte.
    pub(super) ends: u64,
    pub(super) position: Position,
    pub(super) delimiters: Delimiters,
    pub(super) terminated: bool,
    /// Ends with data that is not to be split.
    pub(super) binary: bool,
    pub(super) excess: Option<Excess>,
}

impl<'a> Segment<'a> {
    /// Returns the segment without its terminator.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the id, such as `NM1`.
    #[must_use]
    #[inline]
    pub fn id(&self) -> &'a [u8] {
        let end = match self.ends {
            0 => memchr(self.delimiters.element, self.bytes).unwrap_or(self.bytes.len()),
            ends => ends.trailing_zeros() as usize,
        };
        &self.bytes[..end]
    }

    /// Returns whether the id is one: two or three capital letters or digits, a letter first.
    #[must_use]
    #[inline]
    pub fn has_valid_id(&self) -> bool {
        match self.id() {
            [first, rest @ ..] => {
                matches!(rest.len(), 1 | 2)
                    && first.is_ascii_uppercase()
                    && rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
            [] => false,
        }
    }

    /// Returns the delimiters in force.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Returns where the segment stands.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Returns whether a terminator followed; the last segment of a cut file has none.
    #[must_use]
    pub const fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// Returns which of the [`super::Limits`] it exceeds.
    #[must_use]
    pub const fn excess(&self) -> Option<Excess> {
        self.excess
    }

    /// Walks the elements; the first is element 01.
    #[must_use]
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let mut elements = Elements {
            bytes: self.bytes,
            start: 0,
            ends: self.ends,
            block: 0,
            separator: self.delimiters.element,
            binary: self.binary,
        };
        // The id is no element.
        elements.next();
        elements
    }

    /// Returns element `number`, counted from 1; empty when there is none.
    #[must_use]
    #[inline]
    pub fn element(&self, number: usize) -> &'a [u8] {
        let mut ends = self.ends;
        for _ in 1..number.min(BLOCK + 1) {
            ends &= ends.wrapping_sub(1);
        }
        let end = ends & ends.wrapping_sub(1);
        if end == 0 || number == 0 {
            return self.late_element(number);
        }
        &self.bytes[ends.trailing_zeros() as usize + 1..end.trailing_zeros() as usize]
    }

    /// Returns an element that is not there or ends behind the first block.
    fn late_element(&self, number: usize) -> &'a [u8] {
        if self.bytes.len() < BLOCK && !self.binary {
            return b"";
        }
        self.elements().nth(number.wrapping_sub(1)).unwrap_or_default()
    }

    /// Walks the components of an element of this segment.
    #[must_use]
    #[inline]
    pub fn components(&self, element: &'a [u8]) -> Components<'a> {
        Components { rest: Some(element), separator: self.delimiters.component, whole: false }
    }

    /// Returns component `component` of element `number`, both counted from 1; empty when there is none.
    #[must_use]
    pub fn component(&self, number: usize, component: usize) -> &'a [u8] {
        self.components(self.element(number)).nth(component.wrapping_sub(1)).unwrap_or_default()
    }

    /// Walks the repetitions of an element of this segment; one where the interchange has no repetition separator.
    #[must_use]
    #[inline]
    pub fn repetitions(&self, element: &'a [u8]) -> Components<'a> {
        let separator = self.delimiters.repetition;
        Components { rest: Some(element), separator: separator.unwrap_or_default(), whole: separator.is_none() }
    }
}

impl std::fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = if self.has_valid_id() { String::from_utf8_lossy(self.id()) } else { "?".into() };
        write!(f, "Segment({id} at {})", self.position)
    }
}

/// The elements of a segment, see [`Segment::elements`].
#[derive(Clone)]
pub struct Elements<'a> {
    bytes: &'a [u8],
    /// Where the next one begins; behind the end when there is none.
    start: usize,
    /// The ends in the block which are not passed yet.
    ends: u64,
    /// Where the block begins.
    block: usize,
    separator: u8,
    /// What follows the known ends is one element, whatever it holds.
    binary: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.ends == 0 {
            if self.start > self.bytes.len() {
                return None;
            }
            if !self.binary {
                (self.block, self.ends) = next_block(self.bytes, self.block, self.separator);
            }
            if self.ends == 0 {
                let last = self.bytes.get(self.start..);
                self.start = self.bytes.len() + 1;
                return last;
            }
        }
        let end = self.block + self.ends.trailing_zeros() as usize;
        self.ends &= self.ends - 1;
        let element = self.bytes.get(self.start..end)?;
        self.start = end + 1;
        Some(element)
    }
}

/// Returns the next block in which an element ends, and where; no end when there is none.
///
/// By value, so that whoever walks the elements keeps the state in registers.
#[cold]
fn next_block(bytes: &[u8], mut block: usize, separator: u8) -> (usize, u64) {
    while block + BLOCK <= bytes.len() {
        block += BLOCK;
        let ends = ends_of_parts(&bytes[block..], separator);
        if ends != 0 {
            return (block, ends);
        }
    }
    (block, 0)
}

impl std::fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Elements(…)")
    }
}

/// The components or repetitions of an element, see [`Segment::components`] and [`Segment::repetitions`].
#[derive(Clone)]
pub struct Components<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
    /// There is no separator.
    whole: bool,
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        // A few bytes: a plain loop beats the call of a vectorised search.
        let end = if self.whole { None } else { rest.iter().position(|b| *b == self.separator) };
        self.rest = end.map(|end| &rest[end + 1..]);
        Some(end.map_or(rest, |end| &rest[..end]))
    }
}

impl std::fmt::Debug for Components<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Components(…)")
    }
}
