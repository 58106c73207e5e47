//! The parts of an event: actor, network, object, outcome, legal basis, disclosure, break-glass.

use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::codes::{ActorKind, Assurance, Basis, OutcomeKind};
use super::{MAX_USER_AGENT, time};
use crate::decimal;
use crate::merkle::Hash;

/// Fields of a later version, kept and written back. Its `Debug` tells only how many.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Unknown(pub(super) Map<String, Value>);

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} unknown", self.0.len())
    }
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Actor {
    /// A person, the system or nobody known.
    pub kind: ActorKind,
    /// The account; required of [`ActorKind::User`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// The role in which the account acted, at most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The account for which it acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uuid>,
    /// The SHA-256 of the session token, [`Hash::digest`]; never the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Hash>,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Uuid>,
    /// The assurance level of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// The factors used, such as `password` and `totp`: at most 8 codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl Actor {
    /// Creates the actor for a signed-in account.
    #[must_use]
    pub fn user(user: Uuid) -> Self {
        Self { user: Some(user), ..Self::of_kind(ActorKind::User) }
    }

    /// Creates the actor for the system itself.
    #[must_use]
    pub fn system() -> Self {
        Self::of_kind(ActorKind::System)
    }

    /// Creates the actor for nobody known.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of_kind(ActorKind::Anonymous)
    }

    fn of_kind(kind: ActorKind) -> Self {
        Self {
            kind,
            user: None,
            role: None,
            on_behalf_of: None,
            session: None,
            device: None,
            assurance: None,
            factors: Vec::new(),
            unknown: Unknown::default(),
        }
    }

    /// Sets the role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Sets the account for which the actor acts.
    #[must_use]
    pub const fn with_on_behalf_of(mut self, user: Uuid) -> Self {
        self.on_behalf_of = Some(user);
        self
    }

    /// Sets the hash of the session token.
    #[must_use]
    pub const fn with_session(mut self, session: Hash) -> Self {
        self.session = Some(session);
        self
    }

    /// Sets the device.
    #[must_use]
    pub const fn with_device(mut self, device: Uuid) -> Self {
        self.device = Some(device);
        self
    }

    /// Sets the assurance level and the factors that gave it.
    #[must_use]
    pub fn with_assurance<S: Into<String>>(
        mut self,
        assurance: Assurance,
        factors: impl IntoIterator<Item = S>,
    ) -> Self {
        self.assurance = Some(assurance);
        self.factors = factors.into_iter().map(Into::into).collect();
        self
    }
}

/// Where the request came from. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Network {
    /// The address.
    pub ip: IpAddr,
    /// The user agent, at most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl Network {
    /// Creates the network part without a user agent.
    #[must_use]
    pub fn new(ip: IpAddr) -> Self {
        Self { ip, user_agent: None, unknown: Unknown::default() }
    }

    /// Sets the user agent as the client sent it: control characters become `?` and what is
    /// beyond 512 bytes is cut, so that no client can make its own event fail.
    #[must_use]
    pub fn with_user_agent(mut self, sent: &str) -> Self {
        let shown = |c: char| if c.is_control() { '?' } else { c };
        let cut = &sent[..sent.floor_char_boundary(MAX_USER_AGENT)];
        let agent: String = cut.chars().map(shown).collect();
        self.user_agent = (!agent.is_empty()).then_some(agent);
        self
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(..)")
    }
}

/// What was acted on: names and numbers, never values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Object {
    /// The kind of thing, a code such as `note`.
    pub kind: String,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its version after the action.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub version: Option<u64>,
    /// The parts of it that were touched: at most 64 codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl Object {
    /// Creates an object of which only the kind is known.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        let (id, version, sections) = (None, None, Vec::new());
        Self { kind: kind.into(), id, version, sections, unknown: Unknown::default() }
    }

    /// Sets which one.
    #[must_use]
    pub const fn with_id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the version after the action.
    #[must_use]
    pub const fn with_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Sets the parts that were touched.
    #[must_use]
    pub fn with_sections<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.sections = names.into_iter().map(Into::into).collect();
        self
    }
}

/// How it ended, with a reason code where it did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// How it ended.
    pub kind: OutcomeKind,
    /// Why, as a code such as `no-relationship`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl Outcome {
    /// Creates the outcome of what was done.
    #[must_use]
    pub fn success() -> Self {
        Self { kind: OutcomeKind::Success, reason: None, unknown: Unknown::default() }
    }

    /// Creates the outcome of what failed and may be tried again.
    #[must_use]
    pub fn minor(reason: impl Into<String>) -> Self {
        Self { kind: OutcomeKind::Minor, reason: Some(reason.into()), ..Self::success() }
    }

    /// Creates the outcome of what failed.
    #[must_use]
    pub fn serious(reason: impl Into<String>) -> Self {
        Self { kind: OutcomeKind::Serious, reason: Some(reason.into()), ..Self::success() }
    }

    /// Creates the outcome of what a rule refused.
    #[must_use]
    pub fn denied(reason: impl Into<String>) -> Self {
        Self { kind: OutcomeKind::Denied, reason: Some(reason.into()), ..Self::success() }
    }
}

/// What allows a disclosure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LegalBasis {
    /// The kind of basis.
    pub kind: Basis,
    /// The authorization or consent; required of these two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The kind of law, a code such as `court-order`; required of [`Basis::RequiredByLaw`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl LegalBasis {
    /// Creates the basis of treatment, payment or operations.
    #[must_use]
    pub fn tpo() -> Self {
        Self { kind: Basis::Tpo, id: None, law: None, unknown: Unknown::default() }
    }

    /// Creates the basis of an authorization.
    #[must_use]
    pub fn authorization(id: Uuid) -> Self {
        Self { kind: Basis::Authorization, id: Some(id), ..Self::tpo() }
    }

    /// Creates the basis of a consent.
    #[must_use]
    pub fn consent(id: Uuid) -> Self {
        Self { kind: Basis::Consent, id: Some(id), ..Self::tpo() }
    }

    /// Creates the basis of a law.
    #[must_use]
    pub fn required_by_law(law: impl Into<String>) -> Self {
        Self { kind: Basis::RequiredByLaw, law: Some(law.into()), ..Self::tpo() }
    }
}

/// What the accountings of 45 CFR 164.528 and 42 CFR 2.25 need. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Disclosure {
    /// The recipient's name, at most 200 bytes.
    pub recipient: String,
    /// The recipient's address, at most 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was disclosed, in brief, at most 2,000 bytes.
    pub description: String,
    /// Why, in brief, at most 2,000 bytes.
    pub purpose: String,
    /// Whether 42 CFR Part 2 covers it.
    pub part2: bool,
    /// Whether it went through an electronic health record.
    pub via_ehr: bool,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl Disclosure {
    /// Creates a disclosure that Part 2 does not cover and that did not go through an EHR.
    #[must_use]
    pub fn new(recipient: impl Into<String>, description: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self {
            recipient: recipient.into(),
            address: None,
            description: description.into(),
            purpose: purpose.into(),
            part2: false,
            via_ehr: false,
            unknown: Unknown::default(),
        }
    }
}

impl fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Disclosure(..)")
    }
}

/// An emergency access. Its `Debug` does not show the reason.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BreakGlass {
    /// The reason in the person's own words, at most 2,000 bytes on one line.
    pub reason: String,
    /// Who approved it, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<Uuid>,
    /// Until when it has to be reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::option")]
    pub review_due: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

impl BreakGlass {
    /// Creates an emergency access that has to be reviewed until `review_due`.
    #[must_use]
    pub fn new(reason: impl Into<String>, review_due: DateTime<Utc>) -> Self {
        Self { reason: reason.into(), approver: None, review_due: Some(review_due), unknown: Unknown::default() }
    }
}

impl fmt::Debug for BreakGlass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakGlass")
            .field("approver", &self.approver)
            .field("review_due", &self.review_due)
            .finish_non_exhaustive()
    }
}
