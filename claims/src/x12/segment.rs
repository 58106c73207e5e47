//! One segment: borrowed bytes, split only when asked.

use memchr::memchr;

use super::Delimiters;

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Position {
    /// Byte offset in the file.
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
    pub(super) delimiters: Delimiters,
    pub(super) position: Position,
    pub(super) terminated: bool,
}

impl<'a> Segment<'a> {
    /// Returns the segment without its terminator.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the id, such as `NM1`.
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        match self.bytes {
            [_, _, e, ..] if *e == self.delimiters.element => &self.bytes[..2],
            [_, _, _, e, ..] if *e == self.delimiters.element => &self.bytes[..3],
            _ => &self.bytes[..memchr(self.delimiters.element, self.bytes).unwrap_or(self.bytes.len())],
        }
    }

    /// Returns whether the id is one: two or three capital letters or digits, a letter first.
    #[must_use]
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

    /// Walks the elements; the first is element 01.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        let id = self.id();
        let rest = self.bytes.get(id.len() + 1..);
        let left = match id {
            b"BIN" => 2,
            b"BDS" => 3,
            _ => usize::MAX,
        };
        Elements { rest, separator: self.delimiters.element, left }
    }

    /// Returns element `number`, counted from 1; empty when there is none.
    #[must_use]
    pub fn element(&self, number: usize) -> &'a [u8] {
        self.elements().nth(number.wrapping_sub(1)).unwrap_or_default()
    }

    /// Walks the components of an element of this segment.
    #[must_use]
    pub const fn components(&self, element: &'a [u8]) -> Components<'a> {
        Components(Elements { rest: Some(element), separator: self.delimiters.component, left: usize::MAX })
    }

    /// Returns component `component` of element `number`, both counted from 1; empty when there is none.
    #[must_use]
    pub fn component(&self, number: usize, component: usize) -> &'a [u8] {
        self.components(self.element(number)).nth(component.wrapping_sub(1)).unwrap_or_default()
    }

    /// Walks the repetitions of an element of this segment; one where the interchange has no repetition separator.
    #[must_use]
    pub fn repetitions(&self, element: &'a [u8]) -> Components<'a> {
        let left = if self.delimiters.repetition.is_some() { usize::MAX } else { 1 };
        let separator = self.delimiters.repetition.unwrap_or(self.delimiters.terminator);
        Components(Elements { rest: Some(element), separator, left })
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
    rest: Option<&'a [u8]>,
    separator: u8,
    left: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        self.left = self.left.saturating_sub(1);
        // Elements are a few bytes long: a plain loop beats the call of a vectorised search.
        let end = if self.left == 0 { None } else { rest.iter().position(|b| *b == self.separator) };
        match end {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                Some(&rest[..end])
            }
            None => {
                self.rest = None;
                Some(rest)
            }
        }
    }
}

impl std::fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Elements(…)")
    }
}

/// The components or repetitions of an element, see [`Segment::components`] and [`Segment::repetitions`].
#[derive(Clone)]
pub struct Components<'a>(Elements<'a>);

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.next()
    }
}

impl std::fmt::Debug for Components<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Components(…)")
    }
}
