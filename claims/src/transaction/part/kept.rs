//! Segments that have no place in a model.

use serde::{Deserialize, Serialize};

use super::{Element, More, Part, Text, element};
use crate::x12::{Segment, SegmentWriter, WriteError, Writer};

/// A segment that is not modelled where it stands, as it came. It is written behind those it followed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kept {
    /// Its id.
    pub id: Text,
    /// Its elements.
    #[serde(skip_serializing_if = "More::is_empty")]
    pub elements: More,
    /// The id of the modelled segment of the same loop that it followed.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub after: Text,
}

crate::text::silent_debug!(Kept);

impl Kept {
    /// Reads a segment that followed one with the id `after`.
    #[must_use]
    pub fn read(segment: &Segment<'_>, after: &str) -> Self {
        Self {
            id: Text::of(segment.id()),
            elements: element::rest(segment, segment.elements()),
            after: Text::from(after),
        }
    }

    /// Reads a segment of a loop that has place for one of each of `singles`: another one follows the first, wherever
    /// that is written.
    pub(crate) fn beside(segment: &Segment<'_>, after: &Text, singles: &[&str]) -> Self {
        let id = Text::of(segment.id());
        let after = if singles.contains(&id.as_str()) { &id } else { after };
        Self { after: after.clone(), elements: element::rest(segment, segment.elements()), id }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Its id is none, or an element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        let segment = out.foreign_segment(&self.id);
        self.elements.iter().fold(segment, |out: SegmentWriter<'_>, element| element.write(out)).end()
    }
}

/// Writes the segments of one loop with those kept in it, each behind the ones it followed.
#[derive(Debug)]
pub struct Anchored<'a> {
    out: &'a mut Writer,
    kept: &'a [Kept],
    /// Ids that were written.
    done: Vec<&'static str>,
}

impl<'a> Anchored<'a> {
    /// Begins a loop.
    pub const fn new(out: &'a mut Writer, kept: &'a [Kept]) -> Self {
        Self { out, kept, done: Vec::new() }
    }

    /// Writes a segment.
    ///
    /// # Errors
    /// It holds what cannot be written.
    #[inline]
    pub fn one<T: Part>(&mut self, part: &T) -> Result<(), WriteError> {
        part.write(self.out)?;
        self.behind(T::ID)
    }

    /// Writes a segment where there is one.
    ///
    /// # Errors
    /// It holds what cannot be written.
    #[inline]
    pub fn optional<T: Part>(&mut self, part: Option<&T>) -> Result<(), WriteError> {
        part.map_or(Ok(()), |part| self.one(part))
    }

    /// Writes segments of one kind.
    ///
    /// # Errors
    /// One holds what cannot be written.
    #[inline]
    pub fn all<T: Part>(&mut self, parts: &[T]) -> Result<(), WriteError> {
        parts.iter().try_for_each(|part| part.write(self.out))?;
        if parts.is_empty() { Ok(()) } else { self.behind(T::ID) }
    }

    /// Returns the writer, for a segment that is no part.
    pub const fn out(&mut self) -> &mut Writer {
        self.out
    }

    /// Writes what followed the segments with the id just written.
    ///
    /// # Errors
    /// A kept segment cannot be written.
    #[inline]
    pub fn behind(&mut self, id: &'static str) -> Result<(), WriteError> {
        if self.kept.is_empty() || self.done.contains(&id) {
            return Ok(());
        }
        self.done.push(id);
        self.kept.iter().filter(|kept| kept.after == id).try_for_each(|kept| kept.write(self.out))
    }

    /// Ends the loop: what followed nothing that was written comes last.
    ///
    /// # Errors
    /// A kept segment cannot be written.
    #[inline]
    pub fn end(self) -> Result<(), WriteError> {
        let mut left = self.kept.iter().filter(|kept| !self.done.contains(&kept.after.as_str()));
        left.try_for_each(|kept| kept.write(self.out))
    }
}
