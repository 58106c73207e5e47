//! Audit events, schema version 1: who did what to which object, when, from where, why and how
//! it ended. Never values.
//!
//! Invariant: an [`EncodedEvent`] keeps every rule of the schema, and its bytes are the only ones
//! that encode that event. They are stored and hashed as they are, never written anew.
//! Standard: RFC 8785 (JSON Canonicalization Scheme). Its numbers are doubles, so 64-bit counters
//! are strings of decimal digits and times are strings with nanoseconds.

mod check;
mod code;
mod codes;
mod part;
mod time;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use check::FieldRule;
pub use code::{OtherCode, UnknownCodeError};
pub use codes::{Action, ActorKind, Assurance, Basis, OutcomeKind, Purpose};
use part::Unknown;
pub use part::{Actor, BreakGlass, Disclosure, LegalBasis, Network, Object, Outcome};

use crate::merkle::{Hash, leaf_hash};

/// The schema version written.
pub const SCHEMA_VERSION: u64 = 1;
/// The longest encoded event in bytes: entry bundles of C2SP tlog-tiles have a 16-bit length.
pub const MAX_EVENT: usize = 65_535;
/// The most clients one event may name; a larger result is several events.
pub const MAX_CLIENTS: usize = 500;
/// The longest user agent in bytes.
pub const MAX_USER_AGENT: usize = 512;
/// The longest reason, description or statement of purpose in bytes.
pub const MAX_REASON: usize = 2_000;

/// One audit event, to be filled in and then [encoded](Self::encode). Its `Debug` shows ids and
/// codes only.
///
/// Text is bounded and has no control characters; `activity` is a dotted verb such as
/// `note.sign`. Only [`BreakGlass`] and [`Disclosure`] hold words of people. These rules are kept
/// by [`encode`](Self::encode) and [`decode`](Self::decode), not by the serde traits beneath them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    schema_version: u64,
    /// Identifies the event: a version 7 UUID.
    pub id: Uuid,
    /// The practice whose log holds the event.
    pub practice: Uuid,
    /// When it happened; earlier than `recorded_at` where it was spooled or imported.
    #[serde(with = "time")]
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded.
    #[serde(with = "time")]
    pub recorded_at: DateTime<Utc>,
    /// Who acted.
    pub actor: Actor,
    /// Where the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// The exact verb, such as `note.sign`: 1 to 64 of `a-z 0-9 _ . -`.
    pub activity: String,
    /// The kind of action.
    pub action: Action,
    /// What was acted on.
    pub object: Object,
    /// The clients whose records were touched, at most 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Uuid>,
    /// Why it was done.
    pub purpose: Purpose,
    /// What allowed it; required of a disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// To whom and what; required of a [`Action::Disclose`] that was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<Disclosure>,
    /// How it ended.
    pub outcome: Outcome,
    /// The emergency access under which it was done; required of a [`Action::BreakGlass`] that
    /// was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// The request, a code of at most 128 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Event {
    /// Creates an event that happened and is recorded at `at`, that succeeded, and whose purpose
    /// is [`Purpose::Operations`].
    #[must_use]
    pub fn new(
        id: Uuid,
        practice: Uuid,
        at: DateTime<Utc>,
        actor: Actor,
        activity: impl Into<String>,
        action: Action,
        object: Object,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            id,
            practice,
            occurred_at: at,
            recorded_at: at,
            actor,
            network: None,
            activity: activity.into(),
            action,
            object,
            clients: Vec::new(),
            purpose: Purpose::Operations,
            legal_basis: None,
            disclosure: None,
            outcome: Outcome::success(),
            break_glass: None,
            trace_id: None,
            unknown: Unknown::default(),
        }
    }

    /// Sets when it happened, where that is not when it is recorded.
    #[must_use]
    pub const fn with_occurred_at(mut self, at: DateTime<Utc>) -> Self {
        self.occurred_at = at;
        self
    }

    /// Sets where the request came from.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// Sets the clients whose records were touched.
    #[must_use]
    pub fn with_clients(mut self, clients: impl IntoIterator<Item = Uuid>) -> Self {
        self.clients = clients.into_iter().collect();
        self
    }

    /// Sets why it was done.
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets a disclosure and what allows it.
    #[must_use]
    pub fn with_disclosure(mut self, disclosure: Disclosure, basis: LegalBasis) -> Self {
        self.disclosure = Some(disclosure);
        self.with_legal_basis(basis)
    }

    /// Sets what allowed it.
    #[must_use]
    pub fn with_legal_basis(mut self, basis: LegalBasis) -> Self {
        self.legal_basis = Some(basis);
        self
    }

    /// Sets how it ended.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Sets the emergency access under which it was done.
    #[must_use]
    pub fn with_break_glass(mut self, break_glass: BreakGlass) -> Self {
        self.break_glass = Some(break_glass);
        self
    }

    /// Sets the request.
    #[must_use]
    pub fn with_trace_id(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = Some(trace_id.into());
        self
    }

    /// Encodes the event, once and for all.
    ///
    /// # Errors
    /// [`EventError::Field`] when a field breaks a rule of the schema, [`EventError::TooLong`].
    pub fn encode(&self) -> Result<EncodedEvent, EventError> {
        self.check()?;
        // The serialiser refuses doubled keys only, and `unknown` never holds a known one.
        let json = serde_json_canonicalizer::to_string(self).map_err(|_| EventError::Canonical)?;
        if json.len() > MAX_EVENT {
            return Err(EventError::TooLong);
        }
        Ok(EncodedEvent(json))
    }

    /// Reads an encoded event.
    ///
    /// # Errors
    /// An [`EventError`] for anything but the exact bytes that [`encode`](Self::encode) gives:
    /// doubled keys, numbers with a fraction, other orders or spellings, other versions.
    pub fn decode(bytes: &[u8]) -> Result<Self, EventError> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u64,
        }

        if bytes.len() > MAX_EVENT {
            return Err(EventError::TooLong);
        }
        let malformed = |error: serde_json::Error| EventError::Malformed { column: error.column() };
        let Version { schema_version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if schema_version != SCHEMA_VERSION {
            return Err(EventError::Version { found: schema_version });
        }
        let event: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        if event.encode()?.as_bytes() == bytes { Ok(event) } else { Err(EventError::Canonical) }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("practice", &self.practice)
            .field("activity", &self.activity)
            .field("action", &self.action)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// The canonical bytes of a valid event: what is stored, hashed and exported.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedEvent(String);

impl EncodedEvent {
    /// Checks bytes that were stored.
    ///
    /// # Errors
    /// As [`Event::decode`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EventError> {
        Event::decode(&bytes)?;
        let malformed =
            |error: std::string::FromUtf8Error| EventError::Malformed { column: error.utf8_error().valid_up_to() };
        String::from_utf8(bytes).map(Self).map_err(malformed)
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns the bytes as the JSON text they are.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Computes the leaf hash, RFC 6962 §2.1.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(self.as_bytes())
    }

    /// Unwraps the bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

impl fmt::Debug for EncodedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedEvent({} bytes)", self.0.len())
    }
}

/// Why an event cannot be encoded or decoded. Names fields and rules, never contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// A field breaks a rule of the schema.
    #[error("field {field} {rule}")]
    Field {
        /// The field, with dots.
        field: &'static str,
        /// The rule.
        rule: FieldRule,
    },
    /// The event is longer than [`MAX_EVENT`].
    #[error("event is longer than {MAX_EVENT} bytes")]
    TooLong,
    /// The bytes are not an event: no JSON, a missing field, a wrong type.
    #[error("bytes are not an event, at column {column}")]
    Malformed {
        /// Where reading stopped, in bytes from 1; 0 when unknown.
        column: usize,
    },
    /// The event is of another schema version.
    #[error("event has schema version {found}, known is {SCHEMA_VERSION}")]
    Version {
        /// The version found.
        found: u64,
    },
    /// The bytes are an event, but not written in the one canonical way.
    #[error("event is not in canonical form")]
    Canonical,
}
