//! C003.

use serde::{Deserialize, Serialize};

use super::{Element, List, Text, element};
use crate::x12::{Segment, SegmentWriter};

/// A procedure by its code list (C003).
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Procedure {
    /// The list, such as HC.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub qualifier: Text,
    /// The code.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub code: Text,
    /// Up to four modifiers, in order; an empty one stands for a place left out.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub modifiers: List<Text>,
    /// Words for a code that says little.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub description: Text,
    /// The last code of a range.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub code_to: Text,
    /// Components behind these, as they came.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub more: List<Text>,
}

crate::text::silent_debug!(Procedure);

impl Element for Procedure {
    #[inline]
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        // The component separator is that of the file; a procedure written with another one stays in one piece.
        let mut components = segment.components(element);
        let mut next = || Text::of(components.next().unwrap_or_default());
        let mut procedure = Self { qualifier: next(), code: next(), ..Self::default() };
        procedure.modifiers = element::texts(components.by_ref().take(4));
        if let Some(description) = components.next() {
            procedure.description = Text::of(description);
            procedure.code_to = Text::of(components.next().unwrap_or_default());
            procedure.more = element::texts(components);
        }
        procedure
    }

    fn is_absent(&self) -> bool {
        self.qualifier.is_empty()
            && self.code.is_empty()
            && self.modifiers.iter().all(Text::is_empty)
            && self.description.is_empty()
            && self.code_to.is_empty()
            && self.more.is_empty()
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        let modifier = |n: usize| self.modifiers.get(n).unwrap_or(&Text::EMPTY);
        let named = [
            &self.qualifier,
            &self.code,
            modifier(0),
            modifier(1),
            modifier(2),
            modifier(3),
            &self.description,
            &self.code_to,
        ];
        element::composite(named.into_iter().chain(&self.more), out)
    }
}
