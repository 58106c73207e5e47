//! The rules of the schema for single fields and between fields.

use std::fmt;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use serde_json::Value;

use super::code::{MAX_CODE, is_code};
use super::part::Unknown;
use super::{
    Action, Actor, ActorKind, Basis, BreakGlass, Disclosure, Event, EventError, LegalBasis, MAX_CLIENTS, MAX_REASON,
    MAX_USER_AGENT, Network, Object, Outcome, OutcomeKind,
};

const MAX_ROLE: usize = 64;
const MAX_FACTORS: usize = 8;
const MAX_SECTIONS: usize = 64;
const MAX_RECIPIENT: usize = 200;
const MAX_ADDRESS: usize = 500;
const MAX_TRACE_ID: usize = 128;
/// How deep the fields of a later version may nest.
const MAX_DEPTH: u32 = 8;
/// The largest number a double holds exactly with all smaller ones.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The rule that a field breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldRule {
    /// It is required here.
    Required,
    /// It is empty or longer than so many bytes.
    Length {
        /// The most bytes allowed.
        max: usize,
    },
    /// It has more than so many entries.
    Count {
        /// The most entries allowed.
        max: usize,
    },
    /// It holds a control character.
    Control,
    /// It holds a character that codes do not have, is empty or too long.
    Code {
        /// The most bytes allowed.
        max: usize,
    },
    /// It is not a UUID of version 7.
    Uuid7,
    /// It is a time outside the years 0 to 9999, or a leap second.
    Time,
    /// It holds a number that is not an integer of at most 53 bits.
    Number,
    /// It nests too deep.
    Depth,
}

impl fmt::Display for FieldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("is required"),
            Self::Length { max } => write!(f, "is empty or longer than {max} bytes"),
            Self::Count { max } => write!(f, "has more than {max} entries"),
            Self::Control => f.write_str("holds a control character"),
            Self::Code { max } => write!(f, "is not a code of 1 to {max} bytes"),
            Self::Uuid7 => f.write_str("is not a version 7 uuid"),
            Self::Time => f.write_str("is not in the years 0 to 9999, or is a leap second"),
            Self::Number => f.write_str("holds a number that is not an integer of 53 bits"),
            Self::Depth => write!(f, "nests deeper than {MAX_DEPTH} levels"),
        }
    }
}

type Checked = Result<(), EventError>;

fn require(kept: bool, field: &'static str, rule: FieldRule) -> Checked {
    if kept { Ok(()) } else { Err(EventError::Field { field, rule }) }
}

fn text(value: &str, field: &'static str, max: usize) -> Checked {
    require(!value.is_empty() && value.len() <= max, field, FieldRule::Length { max })?;
    require(!value.chars().any(char::is_control), field, FieldRule::Control)
}

fn code(value: &str, field: &'static str, max: usize) -> Checked {
    require(is_code(value, max), field, FieldRule::Code { max })
}

fn codes(values: &[String], field: &'static str, max: usize) -> Checked {
    require(values.len() <= max, field, FieldRule::Count { max })?;
    values.iter().try_for_each(|value| code(value, field, MAX_CODE))
}

fn time(at: DateTime<Utc>, field: &'static str) -> Checked {
    let kept = (0..=9999).contains(&at.year()) && at.nanosecond() < 1_000_000_000;
    require(kept, field, FieldRule::Time)
}

impl Event {
    pub(super) fn check(&self) -> Checked {
        require(self.id.get_version_num() == 7, "id", FieldRule::Uuid7)?;
        time(self.occurred_at, "occurred_at")?;
        time(self.recorded_at, "recorded_at")?;
        self.actor.check()?;
        self.network.as_ref().map_or(Ok(()), Network::check)?;
        code(&self.activity, "activity", MAX_CODE)?;
        let lower = !self.activity.bytes().any(|byte| byte.is_ascii_uppercase());
        require(lower, "activity", FieldRule::Code { max: MAX_CODE })?;
        self.object.check()?;
        let max = MAX_CLIENTS;
        require(self.clients.len() <= max, "clients", FieldRule::Count { max })?;
        self.legal_basis.as_ref().map_or(Ok(()), LegalBasis::check)?;
        self.disclosure.as_ref().map_or(Ok(()), Disclosure::check)?;
        self.outcome.check()?;
        self.break_glass.as_ref().map_or(Ok(()), BreakGlass::check)?;
        self.trace_id.as_deref().map_or(Ok(()), |id| code(id, "trace_id", MAX_TRACE_ID))?;
        self.unknown.check()?;
        self.check_together()
    }

    /// What was disclosed needs what the accountings are computed from, and emergency access its
    /// reason. What failed or was refused needs neither.
    fn check_together(&self) -> Checked {
        let done = self.outcome.kind == OutcomeKind::Success;
        let disclosed = self.disclosure.is_some();
        if self.action == Action::Disclose && done {
            require(disclosed, "disclosure", FieldRule::Required)?;
        }
        require(!disclosed || self.legal_basis.is_some(), "legal_basis", FieldRule::Required)?;
        let broke = self.action == Action::BreakGlass && done;
        require(!broke || self.break_glass.is_some(), "break_glass", FieldRule::Required)
    }
}

impl Actor {
    fn check(&self) -> Checked {
        let known = self.kind != ActorKind::User || self.user.is_some();
        require(known, "actor.user", FieldRule::Required)?;
        self.role.as_deref().map_or(Ok(()), |role| text(role, "actor.role", MAX_ROLE))?;
        codes(&self.factors, "actor.factors", MAX_FACTORS)?;
        self.unknown.check()
    }
}

impl Network {
    fn check(&self) -> Checked {
        let agent = self.user_agent.as_deref();
        agent.map_or(Ok(()), |agent| text(agent, "network.user_agent", MAX_USER_AGENT))?;
        self.unknown.check()
    }
}

impl Object {
    fn check(&self) -> Checked {
        code(&self.kind, "object.kind", MAX_CODE)?;
        codes(&self.sections, "object.sections", MAX_SECTIONS)?;
        self.unknown.check()
    }
}

impl Outcome {
    fn check(&self) -> Checked {
        let reason = self.reason.as_deref();
        reason.map_or(Ok(()), |reason| code(reason, "outcome.reason", MAX_CODE))?;
        self.unknown.check()
    }
}

impl LegalBasis {
    fn check(&self) -> Checked {
        let by_document = matches!(self.kind, Basis::Authorization | Basis::Consent);
        require(!by_document || self.id.is_some(), "legal_basis.id", FieldRule::Required)?;
        let by_law = self.kind == Basis::RequiredByLaw;
        require(!by_law || self.law.is_some(), "legal_basis.law", FieldRule::Required)?;
        self.law.as_deref().map_or(Ok(()), |law| code(law, "legal_basis.law", MAX_CODE))?;
        self.unknown.check()
    }
}

impl Disclosure {
    fn check(&self) -> Checked {
        text(&self.recipient, "disclosure.recipient", MAX_RECIPIENT)?;
        let address = self.address.as_deref();
        address.map_or(Ok(()), |address| text(address, "disclosure.address", MAX_ADDRESS))?;
        text(&self.description, "disclosure.description", MAX_REASON)?;
        text(&self.purpose, "disclosure.purpose", MAX_REASON)?;
        self.unknown.check()
    }
}

impl BreakGlass {
    fn check(&self) -> Checked {
        text(&self.reason, "break_glass.reason", MAX_REASON)?;
        self.review_due.map_or(Ok(()), |due| time(due, "break_glass.review_due"))?;
        self.unknown.check()
    }
}

impl Unknown {
    fn check(&self) -> Checked {
        self.0.iter().try_for_each(|(key, value)| unknown_entry(key, value, MAX_DEPTH))
    }
}

const UNKNOWN: &str = "of a later version";

fn unknown_entry(key: &str, value: &Value, depth: u32) -> Checked {
    unknown_text(key)?;
    unknown_value(value, depth)
}

fn unknown_text(text: &str) -> Checked {
    require(!text.chars().any(char::is_control), UNKNOWN, FieldRule::Control)
}

fn unknown_value(value: &Value, depth: u32) -> Checked {
    let depth = depth.checked_sub(1).ok_or(EventError::Field { field: UNKNOWN, rule: FieldRule::Depth })?;
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            let kept = size.is_some_and(|size| size <= MAX_SAFE_INTEGER);
            require(kept, UNKNOWN, FieldRule::Number)
        }
        Value::String(text) => unknown_text(text),
        Value::Array(values) => values.iter().try_for_each(|value| unknown_value(value, depth)),
        Value::Object(entries) => entries.iter().try_for_each(|(key, value)| unknown_entry(key, value, depth)),
    }
}
