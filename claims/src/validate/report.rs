//! What a validation found, and what it means for each interchange, group and set.

use super::finding::Finding;
use crate::x12::{Group, Interchange, Set};

/// What is to be answered about a set, a group or an interchange (IK501, AK901, TA104).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A: nothing of weight.
    #[default]
    Accepted,
    /// E: warnings.
    AcceptedWithErrors,
    /// P: some of its parts are rejected.
    Partly,
    /// R: errors.
    Rejected,
}

/// An interchange of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterchangeReport {
    /// Its header; `None` for a file without one.
    pub header: Option<Interchange>,
    /// ISA14: whether the sender wants a TA1.
    pub wants_ta1: bool,
    /// What to answer.
    pub verdict: Verdict,
}

/// A group of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupReport {
    /// Its interchange.
    pub interchange: Option<usize>,
    /// Its header; `None` for sets without a group.
    pub header: Option<Group>,
    /// GE01, when it is a number.
    pub declared: Option<u64>,
    /// Sets read.
    pub received: u64,
    /// Sets not rejected.
    pub accepted: u64,
    /// What to answer.
    pub verdict: Verdict,
}

/// A set of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetReport {
    /// Its group.
    pub group: Option<usize>,
    /// Its header.
    pub header: Set,
    /// Segments, ST and SE included.
    pub segments: u64,
    /// Claims, claim payments or inquiries in it.
    pub claims: u64,
    /// What to answer.
    pub verdict: Verdict,
}

/// What a validation found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// Interchanges, in the order of the file.
    pub interchanges: Vec<InterchangeReport>,
    /// Groups, in the order of the file.
    pub groups: Vec<GroupReport>,
    /// Sets, in the order of the file.
    pub sets: Vec<SetReport>,
    /// Findings, in the order they were made.
    pub findings: Vec<Finding>,
    /// How many more there were than are kept.
    pub omitted: u64,
    /// How many of all are errors.
    pub errors: u64,
}

impl Report {
    /// Returns whether nothing was found that is an error.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.errors == 0
    }
}
