//! Validation, apart from reading: every finding says which rule, where, what was found in kind, and how to mend it.
//!
//! The seven WEDI SNIP types are told apart; nothing stops at the first finding, and no finding shows protected content.

mod catalogue;
mod claim837;
mod code;
mod element;
mod fields;
mod finding;
mod hierarchy;
mod id;
mod identifier;
mod inquiry;
mod partner;
mod profile;
mod remittance835;
mod report;
mod rule;
mod set_rules;
mod status;
mod structure;
mod syntax;
mod validator;
mod value;
mod view;

pub use catalogue::rules;
pub use finding::{ElementRef, Finding, Findings, Pending, SegmentId};
pub use partner::{Edits, EditsError};
pub use profile::{Base, Profile, RuleWeight};
pub use report::{GroupReport, InterchangeReport, Report, SetReport, Verdict};
pub use rule::{Ack, Rule, Severity, Snip};
pub use validator::{Options, Validator, validate, validate_stream};
pub use view::{FileView, FindingView, TransactionKind, TransactionView};
