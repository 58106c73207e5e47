//! Rules: each a constant with a stable id, so that a partner can name it and a profile can weigh it.

use serde::Serialize;

/// The WEDI SNIP type of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Snip {
    /// 1: X12 syntax and envelope.
    Syntax = 1,
    /// 2: the implementation guide.
    Guide = 2,
    /// 3: sums.
    Balance = 3,
    /// 4: situations between segments.
    Situation = 4,
    /// 5: external code lists.
    Code = 5,
    /// 6: line of service.
    Service = 6,
    /// 7: trading partner.
    Partner = 7,
}

impl Serialize for Snip {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

/// What a finding means for the set it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Style.
    Info,
    /// Accepted, and worth a look.
    Warning,
    /// A receiver that keeps to the standard rejects it.
    Error,
}

/// The code an acknowledgement gives for a broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ack {
    /// TA105, the note of an interchange.
    Interchange(&'static str),
    /// AK905, the code of a group.
    Group(&'static str),
    /// IK502, the code of a set.
    Set(&'static str),
    /// IK304, the code of a segment.
    Segment(&'static str),
    /// IK403, the code of an element.
    Element(&'static str),
    /// Nothing of its own: the set counts as in error (IK502 I5).
    Unnamed,
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Stable id: area and rule, such as `claim-total`.
    pub id: &'static str,
    /// SNIP type.
    pub snip: Snip,
    /// Weight unless a profile says otherwise.
    pub severity: Severity,
    /// What is wrong when it is broken, in words of ours and without content.
    pub says: &'static str,
    /// How to mend it.
    pub fix: &'static str,
    /// What an acknowledgement says.
    pub ack: Ack,
}

impl Rule {
    /// A rule that is an error when broken.
    #[must_use]
    pub const fn error(id: &'static str, snip: Snip, ack: Ack, says: &'static str, fix: &'static str) -> Self {
        Self { id, snip, severity: Severity::Error, says, fix, ack }
    }

    /// A rule that is worth a warning when broken.
    #[must_use]
    pub const fn warning(id: &'static str, snip: Snip, ack: Ack, says: &'static str, fix: &'static str) -> Self {
        Self { id, snip, severity: Severity::Warning, says, fix, ack }
    }

    /// A matter of style.
    #[must_use]
    pub const fn info(id: &'static str, snip: Snip, ack: Ack, says: &'static str, fix: &'static str) -> Self {
        Self { id, snip, severity: Severity::Info, says, fix, ack }
    }
}
