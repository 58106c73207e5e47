//! Validation, apart from reading: every finding says which rule, where, what was found in kind, and how to mend it.
//!
//! The seven WEDI SNIP types are told apart; nothing stops at the first finding, and no finding shows protected content.

mod finding;
mod report;
mod rule;

pub use finding::{ElementRef, Finding, Findings, Pending, SegmentId};
pub use report::{GroupReport, InterchangeReport, Report, SetReport, Verdict};
pub use rule::{Ack, Rule, Severity, Snip};
