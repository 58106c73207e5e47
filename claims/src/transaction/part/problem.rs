//! What a reader could not make sense of.

use crate::x12::{Position, Segment};

/// Something that could not be read as what it should be. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ReadProblem {
    /// Where.
    #[serde(skip)]
    pub position: Position,
    /// Segment id.
    pub segment: String,
    /// Element, counted from 1; 0 for the segment.
    pub element: u8,
    /// The rule broken.
    pub rule: std::borrow::Cow<'static, str>,
}

impl ReadProblem {
    /// A problem with `element` of `segment`, counted from 1, or with the segment as a whole.
    #[must_use]
    pub fn new(segment: &Segment<'_>, element: u8, rule: &'static str) -> Self {
        let id = if segment.has_valid_id() { String::from_utf8_lossy(segment.id()).into_owned() } else { "?".into() };
        Self { position: segment.position(), segment: id, element, rule: rule.into() }
    }
}
