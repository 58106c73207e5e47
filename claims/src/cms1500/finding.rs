//! What a claim lost, or would lose, on its way to paper.

use mentalspace_core::Phi;

/// One difference between the claim and the form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Item of the form, such as `24D`.
    pub item: &'static str,
    /// Which of the item's values.
    pub field: &'static str,
    /// Position of the claim's service line, from 1.
    pub service_line: Option<usize>,
    /// What happened.
    pub kind: FindingKind,
}

/// What happened to a value. The content is protected; reading it is explicit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// The value is longer than the item. Refused, or cut if [`Overlong`](super::Overlong) says so.
    Overflow {
        /// The most characters.
        max: u8,
        /// The whole value, spelled for the form.
        value: Phi<String>,
    },
    /// A character became another one, or none: an accent, a punctuation mark.
    Replaced {
        /// The claim's character.
        from: Phi<char>,
        /// The form's.
        to: Phi<String>,
    },
    /// The value, or a letter of it, has no form on paper. Refused, or left out.
    Unmappable {
        /// The letter, if it is one.
        from: Option<Phi<char>>,
    },
    /// The form has no place for a fact of the claim, which is printed without it.
    Unplaced {
        /// The claim's field.
        fact: &'static str,
    },
}

/// Why a claim is not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Values do not fit, or cannot be spelled.
    #[error("the claim has values that the form cannot carry, first in item {}", .findings.first().map_or("", |f| f.item))]
    Unprintable {
        /// Those values, in the order of the form; never empty.
        findings: Vec<Finding>,
    },
}
