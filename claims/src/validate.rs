//! Validation, apart from reading: every finding says which rule, where, what was found in kind, and how to mend it.
//!
//! The seven WEDI SNIP types are told apart; nothing stops at the first finding, and no finding shows protected content.

mod checks;
mod element;
mod finding;
mod profile;
mod report;
mod rule;
mod structure;
mod syntax;
mod validator;
mod value;

pub use finding::{ElementRef, Finding, Findings, Pending, SegmentId};
pub use profile::{Base, Profile, RuleWeight};
pub use report::{GroupReport, InterchangeReport, Report, SetReport, Verdict};
pub use rule::{Ack, Rule, Severity, Snip};
pub use validator::{Options, Validator, validate, validate_stream};

/// Returns every rule, so that a profile can be written.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [syntax::RULES, structure::RULES, element::RULES].into_iter().flatten().copied().chain(checks::rules())
}
