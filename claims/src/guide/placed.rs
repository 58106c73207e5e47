//! A segment at its place in a guide.

use super::table::{Note, SPEC_LISTS, SPECS, Spec, notes};
use crate::x12::Segment;

/// One use of a segment by a guide, such as the rendering provider's NM1 in loop 2310B.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentUse {
    /// Segment id.
    pub id: &'static str,
    /// Name in the guide.
    pub name: &'static str,
    /// Where its elements begin in the list of specifications, and how many there are.
    pub(super) specs: (u16, u8),
    /// How many of them reach to the last that is required.
    pub(crate) required: u8,
    /// Where its syntax notes are.
    pub(super) notes: (u16, u8),
    /// Elements that a note is about, and bit 0 where a note wants one of them.
    pub(crate) noted: u32,
}

impl SegmentUse {
    /// What the guide says of each element the segment has in the standard.
    pub(crate) fn specs(&self) -> impl ExactSizeIterator<Item = &'static Spec> + Clone {
        specs(self.specs)
    }

    /// The syntax notes of the segment, whatever the guide.
    pub(crate) fn notes(&self) -> &'static [Note] {
        notes(self.notes)
    }
}

/// The specifications at a range of the list.
pub(super) fn specs((start, count): (u16, u8)) -> impl ExactSizeIterator<Item = &'static Spec> + Clone {
    let start = usize::from(start);
    SPEC_LISTS[start..start + usize::from(count)].iter().map(|at| &SPECS[usize::from(*at)])
}

/// A segment, the loop it belongs to and what the guide says of it.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'s> {
    /// The segment.
    pub segment: Segment<'s>,
    /// The loops that are open, from the outermost; empty in the header of a set.
    pub path: &'s [&'static str],
    /// Whether the segment begins its loop.
    pub opens: bool,
    /// What the guide says of it; `None` where it has no place for it.
    pub usage: Option<&'static SegmentUse>,
}

impl Placed<'_> {
    /// Returns the loop the segment belongs to, such as `2310B`; empty in the header of a set.
    #[must_use]
    pub fn loop_id(&self) -> &'static str {
        self.path.last().copied().unwrap_or_default()
    }
}
