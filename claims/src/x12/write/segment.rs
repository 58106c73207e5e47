//! A segment that is being written.

use super::super::charset::{Charset, Unwritable, plain_letters};
use super::plain::LANE;
use super::{Replaced, WriteError, Writer};

/// A segment on its way, see [`Writer::segment`].
#[derive(Debug)]
#[must_use = "a segment is written by `end`"]
pub struct SegmentWriter<'w> {
    pub(super) writer: &'w mut Writer,
}

/// What is not yet a whole segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    pub(super) tag: &'static str,
    /// Where it begins.
    pub(super) start: usize,
    /// End of the id.
    pub(super) body: usize,
    /// End of the last element that is not empty; not followed when quick.
    pub(super) kept: usize,
    /// Separators written; followed when quick only.
    pub(super) separators: u32,
    /// Data is not looked at before the end.
    pub(super) quick: bool,
    /// How many characters were replaced before it.
    pub(super) replaced: usize,
    pub(super) error: Option<WriteError>,
}

/// Length of the texts that are copied in one go.
pub(crate) const SHORT: usize = 22;

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
    #[inline]
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
                self.join();
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
                    Some(separator) => self.separator(separator),
                    None => self.refuse(),
                }
            }
            let used = components.iter().rposition(|c| !c.as_ref().is_empty()).map_or(0, |last| last + 1);
            for (i, component) in components[..used].iter().enumerate() {
                if i > 0 {
                    self.join();
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
            let error = open.error.take().unwrap_or(WriteError::Empty { tag: open.tag });
            writer.abandon();
            return Err(error);
        }
        writer.at = open.kept;
        writer.close();
        Ok(())
    }

    /// Writes the segment as [`Self::end`] does if nothing in it is unusual: no byte of the data is a delimiter or not
    /// plain. `false` when something is.
    #[inline]
    pub(super) fn end_quickly(self) -> bool {
        let writer = self.writer;
        let length = writer.at - writer.open.body;
        writer.room(LANE);
        let body = &writer.out[writer.open.body..];
        if writer.plain.others(body, length) != writer.open.separators || writer.open.error.is_some() {
            return false;
        }
        // What is not plain is our own, so nothing but separators is cut.
        let Some(last) = body[..length].iter().rposition(|byte| writer.plain.has(*byte)) else { return false };
        writer.at = writer.open.body + last + 1;
        writer.close();
        true
    }

    fn refuse(&mut self) {
        let error = WriteError::Character { tag: self.writer.open.tag, element: self.number() };
        self.writer.open.error.get_or_insert(error);
    }

    /// Returns the number of the element that is being written: what is written so far holds no separator but its own.
    fn number(&self) -> u8 {
        let Writer { out, at, open, delimiters, .. } = &*self.writer;
        u8::try_from(memchr::memchr_iter(delimiters.element, &out[open.body..*at]).count()).unwrap_or(u8::MAX)
    }

    /// Begins an element.
    #[inline]
    pub(crate) fn separate(&mut self) {
        self.separator(self.writer.delimiters.element);
    }

    /// Begins a component behind another one.
    #[inline]
    pub(crate) fn join(&mut self) {
        self.separator(self.writer.delimiters.component);
    }

    #[inline]
    fn separator(&mut self, byte: u8) {
        self.writer.push(&[byte]);
        self.writer.open.separators += 1;
    }

    /// Writes the data of an element or component.
    #[inline]
    pub(crate) fn data(&mut self, text: &str) {
        let (bytes, writer) = (text.as_bytes(), &mut *self.writer);
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return };
        let is_trimmed = *first != b' ' && *last != b' ';
        if writer.open.quick {
            if !is_trimmed {
                // The segment is looked at again.
                self.refuse();
                return;
            }
        } else if !is_trimmed || !bytes.iter().all(|byte| writer.plain.has(*byte)) {
            return self.unusual(text);
        }
        writer.push(bytes);
        writer.open.kept = writer.at;
    }

    /// Writes the data of an element or component that is ASCII without a space at its ends, with zeros behind it: to
    /// copy a fixed number of bytes is much faster than any number.
    #[inline]
    pub(crate) fn short(&mut self, text: &[u8; SHORT], length: usize) {
        let writer = &mut *self.writer;
        if !writer.open.quick {
            return self.data(std::str::from_utf8(&text[..length]).unwrap_or_default());
        }
        if let Some(room) = writer.room(SHORT).first_chunk_mut() {
            *room = *text;
            writer.at += length;
        }
    }

    /// Writes text that holds more than plain characters.
    #[cold]
    fn unusual(&mut self, text: &str) {
        let writer = &mut *self.writer;
        // Spaces at the ends carry nothing and are not allowed.
        let text = text.trim_matches(' ');
        let before = writer.at;
        writer.out.truncate(before);
        let mut characters = 0;
        for c in text.chars() {
            let c = if writer.charset == Charset::Basic { c.to_ascii_uppercase() } else { c };
            match u8::try_from(c).ok().filter(|b| writer.plain.has(*b)) {
                Some(byte) => writer.out.push(byte),
                None if writer.charset == Charset::Unicode && !c.is_ascii() && !c.is_control() => {
                    writer.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None if writer.unwritable == Unwritable::Replace => {
                    characters += 1;
                    for byte in plain_letters(c).bytes() {
                        let byte = if writer.charset == Charset::Basic { byte.to_ascii_uppercase() } else { byte };
                        writer.out.push(if writer.plain.has(byte) { byte } else { b' ' });
                    }
                }
                None => return self.refuse(),
            }
        }
        while writer.out.len() > before && writer.out.last() == Some(&b' ') {
            writer.out.pop();
        }
        writer.at = writer.out.len();
        if writer.at > before {
            writer.open.kept = writer.at;
        } else if !text.is_empty() {
            // Nothing legible is left: an empty element would say that nothing was known.
            return self.refuse();
        }
        if characters > 0 {
            let (element, segment) = (self.number(), self.writer.state.segments + 1);
            self.writer.replaced.push(Replaced { tag: self.writer.open.tag, element, segment, characters });
        }
    }
}
