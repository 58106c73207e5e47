//! What is added to a signed note. The signed text stays as it is.

use crate::ClinicianId;

use super::{
    content::NoteText,
    kind::Section,
    signature::{ContentDigest, Signing},
};

/// Whether something is corrected or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmendmentKind {
    /// Something was wrong.
    Correction,
    /// Something was left out or became known later.
    Addendum,
}

/// What somebody wants to add.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendmentText {
    /// Correction or addendum.
    pub kind: AmendmentKind,
    /// Why.
    pub reason: NoteText,
    /// The text that is shown with the note.
    pub text: NoteText,
    /// The sections it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
}

/// An addition to a signed note.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Amendment {
    /// Its number within the note, from 1.
    pub number: u32,
    /// What is added.
    pub added: AmendmentText,
    /// Who, when and how; the same as in the note's list of signatures.
    pub signing: Signing,
    /// The digest of what the note was before.
    pub previous: ContentDigest,
    /// The digest of this addition and, through `previous`, of everything before it.
    pub digest: ContentDigest,
}

impl Amendment {
    /// Returns who added it.
    #[must_use]
    pub const fn by(&self) -> ClinicianId {
        self.signing.by
    }
}
