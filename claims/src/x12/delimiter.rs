//! Delimiters: declared by each interchange in its ISA segment (X12.5 §ISA), never assumed.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// The four characters that give X12 its structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between elements.
    pub element: u8,
    /// Between components of an element.
    pub component: u8,
    /// Between repetitions of an element; versions before 00402 have none.
    pub repetition: Option<u8>,
    /// After a segment.
    pub terminator: u8,
}

impl Default for Delimiters {
    /// `*`, `:`, `^` and `~`.
    fn default() -> Self {
        Self { element: b'*', component: b':', repetition: Some(b'^'), terminator: b'~' }
    }
}

/// How far the sixteenth separator of an ISA may lie from its start. A padded one needs 105 bytes.
pub(super) const HEADER_WINDOW: usize = 512;

/// What a look at the start of a buffer told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Detected {
    /// An ISA and the delimiters it declares.
    Header(Delimiters),
    /// The bytes end before the header does.
    Incomplete,
    /// Not an ISA.
    No,
}

impl Delimiters {
    /// Returns whether `byte` is one of the four.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        byte == self.element || byte == self.component || byte == self.terminator || Some(byte) == self.repetition
    }

    /// Reads the delimiters of the ISA at the start of `bytes`, padded to its widths or not.
    pub(super) fn of_header(bytes: &[u8]) -> Detected {
        let window = &bytes[..bytes.len().min(HEADER_WINDOW)];
        if !window.starts_with(&b"ISA"[..window.len().min(3)]) {
            return Detected::No;
        }
        let Some(&element) = window.get(3) else { return Detected::Incomplete };
        if element.is_ascii_alphanumeric() || matches!(element, b' ' | b'\r' | b'\n') {
            return Detected::No;
        }
        let mut separators = memchr::memchr_iter(element, window);
        let Some(last) = separators.nth(15) else {
            return if bytes.len() < HEADER_WINDOW { Detected::Incomplete } else { Detected::No };
        };
        let (Some(&component), Some(&after)) = (window.get(last + 1), window.get(last + 2)) else {
            return Detected::Incomplete;
        };
        let terminator = match (after, window.get(last + 3)) {
            (b'\r', Some(b'\n')) => b'\n',
            (b'\r', None) if bytes.len() < HEADER_WINDOW => return Detected::Incomplete,
            _ => after,
        };
        let eleventh = memchr::memchr_iter(element, window).nth(10).map_or(&[][..], |at| &window[at + 1..]);
        let repetition = match eleventh.first() {
            Some(&mark) if eleventh.get(1) == Some(&element) && !mark.is_ascii_alphanumeric() && mark != b' ' => {
                Some(mark)
            }
            _ => None,
        };
        let found = Self { element, component, repetition, terminator };
        if found.are_distinct() { Detected::Header(found) } else { Detected::No }
    }

    /// Guesses the delimiters of a file that starts with GS or ST, without an interchange around it.
    pub(super) fn of_headless(bytes: &[u8]) -> Option<Self> {
        let window = &bytes[..bytes.len().min(HEADER_WINDOW)];
        if !window.starts_with(b"GS") && !window.starts_with(b"ST") {
            return None;
        }
        let element = *window.get(2).filter(|b| b.is_ascii_punctuation() || b.is_ascii_control())?;
        let set = [b'S', b'T', element];
        let end = if window.starts_with(b"ST") {
            let data = |b: u8| b == element || b.is_ascii_alphanumeric() || b == b' ';
            window[3..].iter().position(|b| !data(*b))? + 3
        } else {
            let start = memmem::find(&window[3..], &set)? + 3;
            window[..start]
                .iter()
                .rposition(|b| !matches!(b, b'\r' | b'\n'))
                .map(|last| if window[last].is_ascii_alphanumeric() { last + 1 } else { last })?
        };
        let terminator = match (window.get(end)?, window.get(end + 1)) {
            (b'\r', Some(b'\n')) => b'\n',
            (&byte, _) => byte,
        };
        let component = [b':', b'>', b'<', b'|'].into_iter().find(|b| *b != element && *b != terminator)?;
        let repetition = Some(b'^').filter(|b| *b != element && *b != terminator);
        let found = Self { element, component, repetition, terminator };
        found.are_distinct().then_some(found)
    }

    /// Whether the delimiters can be told apart, and from the characters every segment id is made of.
    pub(crate) fn are_distinct(&self) -> bool {
        let all = [Some(self.element), Some(self.component), Some(self.terminator), self.repetition];
        let usable = |b: u8| !b.is_ascii_alphanumeric() && b != b' ';
        self.element != self.component
            && self.element != self.terminator
            && self.component != self.terminator
            && self.repetition.is_none_or(|r| ![self.element, self.component, self.terminator].contains(&r))
            && all.into_iter().flatten().all(usable)
    }
}

/// Takes the line breaks out of a file that was wrapped at a fixed width, which shows by a break within its ISA.
///
/// Any other file is returned as it is.
#[must_use]
pub fn unwrap_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if is_wrapped(bytes) {
        Cow::Owned(bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect())
    } else {
        Cow::Borrowed(bytes)
    }
}

/// Whether the ISA at the start of `bytes` is broken into lines.
pub(super) fn is_wrapped(bytes: &[u8]) -> bool {
    let start = bytes.iter().position(|b| !matches!(b, 0xEF | 0xBB | 0xBF | b' ' | b'\r' | b'\n' | b'\t')).unwrap_or(0);
    let window = &bytes[start..bytes.len().min(start + 100)];
    let Some(at) = memchr(b'\n', window) else { return false };
    let clean: Vec<u8> = bytes[start..bytes.len().min(start + HEADER_WINDOW)]
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'\r' | b'\n'))
        .collect();
    let broken = at > 60 && window.starts_with(b"ISA") && memchr::memchr_iter(window[3], &window[..at]).count() < 16;
    broken && matches!(Delimiters::of_header(&clean), Detected::Header(_))
}
