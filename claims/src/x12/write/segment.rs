//! A segment that is being written.

use super::super::charset::{Charset, Unwritable, plain_letters};
use super::{Replaced, WriteError, Writer};

/// A segment on its way, see [`Writer::segment`].
#[derive(Debug)]
#[must_use = "a segment is written by `end`"]
pub struct SegmentWriter<'w> {
    pub(super) writer: &'w mut Writer,
    pub(super) tag: &'static str,
}

/// What is not yet a whole segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    /// Where it begins.
    pub(super) start: usize,
    /// End of the id.
    pub(super) body: usize,
    /// End of the last element that is not empty.
    pub(super) kept: usize,
    /// How many characters were replaced before it.
    pub(super) replaced: usize,
    pub(super) error: Option<WriteError>,
}

impl SegmentWriter<'_> {
    /// Adds an element; empty text leaves it out.
    #[inline]
    pub fn element(mut self, text: &str) -> Self {
        self.separate();
        self.data(text);
        self
    }

    /// Adds an element where there is one.
    #[inline]
    pub fn optional(self, text: Option<&str>) -> Self {
        self.element(text.unwrap_or_default())
    }

    /// Leaves `count` elements out.
    pub fn skip(mut self, count: u8) -> Self {
        for _ in 0..count {
            self.separate();
        }
        self
    }

    /// Adds an element of components, without its empty ones at the end.
    pub fn composite(mut self, components: &[&str]) -> Self {
        self.separate();
        let used = components.iter().rposition(|c| !c.is_empty()).map_or(0, |last| last + 1);
        for (i, component) in components[..used].iter().enumerate() {
            if i > 0 {
                self.writer.out.push(self.writer.delimiters.component);
            }
            self.data(component);
        }
        self
    }

    /// Adds an element that repeats, each repetition a list of components, all without their empty ones at the end.
    pub fn repetitions<'t>(mut self, repetitions: impl Iterator<Item = &'t [impl AsRef<str> + 't]>) -> Self {
        self.separate();
        for (i, components) in repetitions.enumerate() {
            if i > 0 {
                match self.writer.delimiters.repetition {
                    Some(separator) => self.writer.out.push(separator),
                    None => self.refuse(),
                }
            }
            let used = components.iter().rposition(|c| !c.as_ref().is_empty()).map_or(0, |last| last + 1);
            for (i, component) in components[..used].iter().enumerate() {
                if i > 0 {
                    self.writer.out.push(self.writer.delimiters.component);
                }
                self.data(component.as_ref());
            }
        }
        self
    }

    /// Writes the segment without its empty elements at the end.
    ///
    /// # Errors
    /// An element holds what cannot be written, or all are empty; then nothing is written.
    pub fn end(self) -> Result<(), WriteError> {
        let writer = self.writer;
        let open = &mut writer.open;
        let empty = open.kept == open.body;
        if empty || open.error.is_some() {
            let error = open.error.take().unwrap_or(WriteError::Empty { tag: self.tag });
            writer.abandon();
            return Err(error);
        }
        writer.out.truncate(open.kept);
        writer.out.push(writer.delimiters.terminator);
        open.start = writer.out.len();
        writer.state.segments += 1;
        writer.state.in_set += 1;
        Ok(())
    }

    fn refuse(&mut self) {
        let error = WriteError::Character { tag: self.tag, element: self.number() };
        self.writer.open.error.get_or_insert(error);
    }

    /// Returns the number of the element that is being written: what is written so far holds no separator but its own.
    fn number(&self) -> u8 {
        let Writer { out, open, delimiters, .. } = &*self.writer;
        u8::try_from(memchr::memchr_iter(delimiters.element, &out[open.body..]).count()).unwrap_or(u8::MAX)
    }

    #[inline]
    fn separate(&mut self) {
        self.writer.out.push(self.writer.delimiters.element);
    }

    #[inline]
    fn data(&mut self, text: &str) {
        let (bytes, writer) = (text.as_bytes(), &mut *self.writer);
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return };
        let (before, kept) = (writer.out.len(), writer.open.kept);
        let mut plain = *first != b' ' && *last != b' ';
        writer.out.extend(bytes.iter().map(|byte| {
            plain &= writer.plain[usize::from(*byte)];
            *byte
        }));
        writer.open.kept = writer.out.len();
        if !plain {
            writer.out.truncate(before);
            writer.open.kept = kept;
            self.unusual(text);
        }
    }

    /// Writes text that holds more than plain characters.
    #[cold]
    fn unusual(&mut self, text: &str) {
        let writer = &mut *self.writer;
        // Spaces at the ends carry nothing and are not allowed.
        let text = text.trim_matches(' ');
        let before = writer.out.len();
        let mut characters = 0;
        for c in text.chars() {
            let c = if writer.charset == Charset::Basic { c.to_ascii_uppercase() } else { c };
            match u8::try_from(c).ok().filter(|b| writer.writable(*b)) {
                Some(byte) => writer.out.push(byte),
                None if writer.charset == Charset::Unicode && !c.is_ascii() && !c.is_control() => {
                    writer.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None if writer.unwritable == Unwritable::Replace => {
                    characters += 1;
                    for byte in plain_letters(c).bytes() {
                        let byte = if writer.charset == Charset::Basic { byte.to_ascii_uppercase() } else { byte };
                        writer.out.push(if writer.writable(byte) { byte } else { b' ' });
                    }
                }
                None => return self.refuse(),
            }
        }
        while writer.out.len() > before && writer.out.last() == Some(&b' ') {
            writer.out.pop();
        }
        if writer.out.len() > before {
            writer.open.kept = writer.out.len();
        } else if !text.is_empty() {
            // Nothing legible is left: an empty element would say that nothing was known.
            return self.refuse();
        }
        if characters > 0 {
            let (element, segment) = (self.number(), self.writer.state.segments + 1);
            self.writer.replaced.push(Replaced { tag: self.tag, element, segment, characters });
        }
    }
}
