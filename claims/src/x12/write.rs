//! Writing X12: strict, since whatever leaves here is read by somebody else's software.
//!
//! X12 has no escape character, so data that holds a delimiter is refused or replaced, never written. Trailing empty
//! elements and components are cut, and counts and trailer numbers follow from what was written.

mod plain;
mod segment;

use super::charset::{Charset, Unwritable};
use super::header::{GroupHeader, InterchangeHeader};
use super::translate::Translation;
use super::{Delimiters, Segment};
use plain::Plain;
use segment::Open;
pub(crate) use segment::SHORT;
pub use segment::SegmentWriter;

/// Why a segment was not written. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A character that is a delimiter, a control character or outside the character set.
    #[error("{tag}{element:02} holds a character that cannot be written")]
    Character {
        /// Segment id.
        tag: &'static str,
        /// Element, counted from 1.
        element: u8,
    },
    /// The segment holds nothing.
    #[error("{tag} has no element")]
    Empty {
        /// Segment id.
        tag: &'static str,
    },
    /// The interchange's parts do not fit its fixed widths.
    #[error("the interchange header cannot be written: {rule}")]
    Header {
        /// The rule broken.
        rule: &'static str,
    },
}

/// A place where characters were replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Replaced {
    /// Segment id.
    pub tag: &'static str,
    /// Element, counted from 1.
    pub element: u8,
    /// Number of the segment in what was written, counted from 1.
    pub segment: u64,
    /// How many characters.
    pub characters: u32,
}

/// A place to return to, see [`Writer::rewind`].
#[derive(Debug, Clone)]
pub struct Mark {
    length: usize,
    replaced: usize,
    state: State,
}

/// What is open, and how much is in it.
#[derive(Debug, Clone, Default)]
struct State {
    segments: u64,
    /// Control number and groups of the interchange.
    interchange: Option<(u32, u32)>,
    /// Control number and sets of the group.
    group: Option<(u32, u32)>,
    /// Number of the set.
    set: Option<u32>,
    in_set: u64,
}

/// Writes segments and the envelope around them.
///
/// ```
/// use mentalspace_claims::x12::{Charset, Delimiters, Unwritable, WriteError, Writer};
/// let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
/// out.segment("REF").element("G1").element("A55").element("").end()?;
/// assert_eq!(out.segment("NTE").element("ADD").element("a*b").end(), Err(WriteError::Character { tag: "NTE", element: 2 }));
/// assert_eq!(out.finish(), b"REF*G1*A55~");
/// # Ok::<(), WriteError>(())
/// ```
pub struct Writer {
    /// What was written, and behind it room that was made ready: pieces of a fixed size are copied there at once.
    out: Vec<u8>,
    /// End of what was written.
    at: usize,
    delimiters: Delimiters,
    charset: Charset,
    unwritable: Unwritable,
    replaced: Vec<Replaced>,
    state: State,
    open: Open,
    /// Which bytes are written as they are.
    plain: Plain,
}

/// Room made ready at a time.
const ROOM: usize = 1024;

impl Writer {
    /// Begins with nothing written.
    #[must_use]
    pub fn new(delimiters: Delimiters, charset: Charset, unwritable: Unwritable) -> Self {
        Self {
            plain: Plain::new(charset, delimiters),
            out: Vec::new(),
            at: 0,
            delimiters,
            charset,
            unwritable,
            replaced: Vec::new(),
            state: State { segments: 0, interchange: None, group: None, set: None, in_set: 0 },
            open: Open { tag: "", start: 0, body: 0, kept: 0, separators: 0, quick: false, replaced: 0, error: None },
        }
    }

    /// Begins a segment; nothing is written before [`SegmentWriter::end`].
    pub fn segment(&mut self, tag: &'static str) -> SegmentWriter<'_> {
        self.begin(tag, tag)
    }

    /// Writes a segment of the elements that `fill` adds. It is asked a second time where something is unusual, to find
    /// out what: most segments are looked at as a whole.
    ///
    /// # Errors
    /// An element holds what cannot be written, or all are empty; then nothing is written.
    #[inline]
    pub fn write(
        &mut self,
        tag: &'static str,
        fill: impl for<'w> Fn(SegmentWriter<'w>) -> SegmentWriter<'w>,
    ) -> Result<(), WriteError> {
        let segment = self.begin(tag, tag);
        segment.writer.open.quick = true;
        if fill(segment).end_quickly() {
            return Ok(());
        }
        fill(self.segment(tag)).end()
    }

    /// Begins a segment whose id came from elsewhere: two or three capital letters or digits, and not
    /// of an envelope.
    pub fn foreign_segment(&mut self, id: &str) -> SegmentWriter<'_> {
        let is_id = matches!(id.len(), 2 | 3)
            && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && !matches!(id, "ISA" | "GS" | "ST" | "SE" | "GE" | "IEA" | "BIN" | "BDS");
        let segment = self.begin("segment", if is_id { id } else { "" });
        if !is_id {
            segment.writer.open.error = Some(WriteError::Character { tag: "segment", element: 0 });
        }
        segment
    }

    #[inline]
    fn begin(&mut self, tag: &'static str, id: &str) -> SegmentWriter<'_> {
        self.abandon();
        self.push(id.as_bytes());
        let open = &mut self.open;
        (open.tag, open.body, open.kept) = (tag, self.at, self.at);
        (open.separators, open.quick, open.replaced) = (0, false, self.replaced.len());
        SegmentWriter { writer: self }
    }

    /// Takes back what is not a whole segment.
    #[inline]
    fn abandon(&mut self) {
        if self.at > self.open.start {
            self.at = self.open.start;
            self.replaced.truncate(self.open.replaced);
        }
        if self.open.error.is_some() {
            self.open.error = None;
        }
    }

    /// Appends bytes as they are.
    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room(bytes.len()).get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.at += bytes.len();
        }
    }

    /// Returns room for `length` bytes and more.
    #[inline]
    fn room(&mut self, length: usize) -> &mut [u8] {
        if self.out.len() - self.at < length {
            self.make_room(length);
        }
        &mut self.out[self.at..]
    }

    #[cold]
    fn make_room(&mut self, length: usize) {
        self.out.resize(self.at + length + ROOM, 0);
    }

    /// Writes a segment as it was read, with the delimiters in force here; its bytes are kept whatever they are. Not for
    /// those of an envelope.
    ///
    /// # Errors
    /// An element holds a delimiter in force here, or the segment is one of an envelope.
    pub fn copy(&mut self, segment: &Segment<'_>) -> Result<(), WriteError> {
        let refused = |element| WriteError::Character { tag: "segment", element };
        if matches!(segment.id(), b"ISA" | b"GS" | b"ST" | b"SE" | b"GE" | b"IEA") || !segment.has_valid_id() {
            return Err(refused(0));
        }
        self.abandon();
        self.out.truncate(self.at);
        Translation::new(segment.delimiters(), self.delimiters)
            .copy(segment, &mut self.out)
            .map_err(|element| refused(u8::try_from(element).unwrap_or(u8::MAX)))?;
        self.at = self.out.len();
        self.open.start = self.at;
        self.state.segments += 1;
        self.state.in_set += 1;
        Ok(())
    }

    /// Opens an interchange, closing an open one.
    ///
    /// # Errors
    /// A part does not fit its width or cannot be written.
    pub fn begin_interchange(&mut self, header: &InterchangeHeader) -> Result<(), WriteError> {
        self.end_interchange()?;
        let bytes = header.bytes(self.delimiters, |byte| self.plain.has(byte))?;
        self.abandon();
        self.push(&bytes);
        self.open.start = self.at;
        self.state.segments += 1;
        self.state.interchange = Some((header.control, 0));
        Ok(())
    }

    /// Opens a group, closing an open one.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn begin_group(&mut self, header: &GroupHeader) -> Result<(), WriteError> {
        self.end_group()?;
        self.segment("GS")
            .element(header.code)
            .element(&header.sender)
            .element(&header.receiver)
            .element(&header.at.format("%Y%m%d").to_string())
            .element(&header.at.format("%H%M").to_string())
            .element(&header.control.to_string())
            .element("X")
            .element(header.version)
            .end()?;
        self.state.group = Some((header.control, 0));
        if let Some((_, groups)) = &mut self.state.interchange {
            *groups += 1;
        }
        Ok(())
    }

    /// Opens a set, closing an open one; its control number counts up within the group, from 0001.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn begin_set(&mut self, code: &str, guide: Option<&str>) -> Result<(), WriteError> {
        self.end_set()?;
        let number = self.state.group.as_mut().map_or(1, |(_, sets)| {
            *sets += 1;
            *sets
        });
        self.state.in_set = 0;
        self.segment("ST").element(code).element(&format!("{number:04}")).element(guide.unwrap_or_default()).end()?;
        self.state.set = Some(number);
        Ok(())
    }

    /// Closes the set, if one is open.
    ///
    /// # Errors
    /// None that can occur: the values are our own.
    pub fn end_set(&mut self) -> Result<(), WriteError> {
        let Some(number) = self.state.set.take() else { return Ok(()) };
        let count = self.state.in_set + 1;
        self.segment("SE").element(&count.to_string()).element(&format!("{number:04}")).end()
    }

    /// Closes the group and what is open in it.
    ///
    /// # Errors
    /// As [`Writer::end_set`].
    pub fn end_group(&mut self) -> Result<(), WriteError> {
        self.end_set()?;
        let Some((control, sets)) = self.state.group.take() else { return Ok(()) };
        self.segment("GE").element(&sets.to_string()).element(&control.to_string()).end()
    }

    /// Closes the interchange and what is open in it.
    ///
    /// # Errors
    /// As [`Writer::end_set`].
    pub fn end_interchange(&mut self) -> Result<(), WriteError> {
        self.end_group()?;
        let Some((control, groups)) = self.state.interchange.take() else { return Ok(()) };
        self.segment("IEA").element(&groups.to_string()).element(&format!("{control:09}")).end()
    }

    /// Closes what is open and returns the file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        // The trailers hold digits only, which no usable delimiter is.
        let _ = self.end_interchange();
        self.abandon();
        self.out.truncate(self.at);
        self.out
    }

    /// Returns the segments written since the last call, so that a large file need not stay in memory. A [`Mark`] of
    /// before cannot be returned to.
    #[must_use]
    pub fn take_written(&mut self) -> Vec<u8> {
        self.abandon();
        self.out.truncate(self.at);
        (self.at, self.open.start) = (0, 0);
        std::mem::take(&mut self.out)
    }

    /// Returns where characters were replaced.
    #[must_use]
    pub fn replaced(&self) -> &[Replaced] {
        &self.replaced
    }

    /// Returns the number of segments written since ST, ST included.
    #[must_use]
    pub const fn segments_in_set(&self) -> u64 {
        self.state.in_set
    }

    /// Remembers this place.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { length: self.open.start, replaced: self.replaced.len(), state: self.state.clone() }
    }

    /// Takes back what was written since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        (self.at, self.open.start) = (mark.length, mark.length);
        self.replaced.truncate(mark.replaced);
        self.state = mark.state;
    }

    /// Ends the segment.
    #[inline]
    fn close(&mut self) {
        self.push(&[self.delimiters.terminator]);
        self.open.start = self.at;
        self.state.segments += 1;
        self.state.in_set += 1;
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} segments, {} bytes)", self.state.segments, self.at)
    }
}
