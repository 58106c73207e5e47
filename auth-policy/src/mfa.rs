//! The requirement of a second factor: who must have one, from when, and what signing in leads to.
//!
//! Invariants: the strictest requirement of a person's roles wins; an enrolled factor is always asked for; an unknown
//! role falls under the default.
//! Standard: NIST SP 800-63B-4 §2.2, OWASP ASVS 5.0 6.3.3.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::password::Factors;
use crate::policy::{Breach, Level, PolicyError, SCHEMA_VERSION, Source, checked_policy};

/// Whether a role needs a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Requirement {
    /// From now on.
    Required,
    /// From this moment on; until then it is offered.
    GraceUntil(DateTime<Utc>),
    /// Offered, never demanded.
    Optional,
}

impl Requirement {
    /// Resolves a grace period that is over.
    fn at(self, now: DateTime<Utc>) -> Self {
        match self {
            Self::GraceUntil(end) if end <= now => Self::Required,
            Self::Required | Self::GraceUntil(_) | Self::Optional => self,
        }
    }

    fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Required, _) | (_, Self::Required) => Self::Required,
            (Self::GraceUntil(a), Self::GraceUntil(b)) => Self::GraceUntil(a.min(b)),
            (Self::GraceUntil(end), Self::Optional) | (Self::Optional, Self::GraceUntil(end)) => Self::GraceUntil(end),
            (Self::Optional, Self::Optional) => Self::Optional,
        }
    }
}

/// The rules of an MFA policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MfaRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// What holds for a role that is not listed and for a person without a role.
    pub default: Requirement,
    /// What holds for a role, by its name.
    pub roles: BTreeMap<String, Requirement>,
}

impl MfaRules {
    fn check(&self) -> Result<(), PolicyError> {
        Ok(())
    }
}

checked_policy! {
    /// Which roles must have a second factor.
    MfaPolicy, MfaRules, "MfaRules"
}

/// Whether a person has a second factor that could be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// At least one confirmed factor.
    Yes,
    /// None yet.
    No,
}

/// What the right password leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The second factor is asked for.
    Challenge,
    /// A second factor must be enrolled before anything else.
    EnrolFirst,
    /// The person gets in and is told to enrol before this moment.
    EnrolBy(DateTime<Utc>),
    /// The person gets in.
    NotNeeded,
}

impl MfaPolicy {
    /// Requires a second factor of everybody.
    #[must_use]
    pub const fn everyone() -> Self {
        Self(MfaRules { version: SCHEMA_VERSION, default: Requirement::Required, roles: BTreeMap::new() })
    }

    /// Requires a second factor of administrators and supervisors only.
    #[must_use]
    pub fn legacy_hipaa() -> Self {
        let roles = ["administrator", "supervisor"];
        Self(MfaRules {
            version: SCHEMA_VERSION,
            default: Requirement::Optional,
            roles: roles.map(|role| (role.to_owned(), Requirement::Required)).into(),
        })
    }

    /// Returns the strictest requirement of these roles, with a grace period that is over resolved.
    #[must_use]
    pub fn requirement<'a>(&self, roles: impl IntoIterator<Item = &'a str>, now: DateTime<Utc>) -> Requirement {
        roles
            .into_iter()
            .map(|role| self.roles.get(role).unwrap_or(&self.default))
            .copied()
            .reduce(Requirement::stricter)
            .unwrap_or(self.default)
            .at(now)
    }

    /// Decides what the right password leads to.
    #[must_use]
    pub fn decide<'a>(
        &self,
        roles: impl IntoIterator<Item = &'a str>,
        enrolled: Enrolled,
        now: DateTime<Utc>,
    ) -> Decision {
        match (enrolled, self.requirement(roles, now)) {
            (Enrolled::Yes, _) => Decision::Challenge,
            (Enrolled::No, Requirement::Required) => Decision::EnrolFirst,
            (Enrolled::No, Requirement::GraceUntil(end)) => Decision::EnrolBy(end),
            (Enrolled::No, Requirement::Optional) => Decision::NotNeeded,
        }
    }

    /// Tells which minimum length the password of a person with these roles has to meet.
    ///
    /// During a grace period the password is still the only factor.
    #[must_use]
    pub fn factors<'a>(&self, roles: impl IntoIterator<Item = &'a str>, now: DateTime<Utc>) -> Factors {
        match self.requirement(roles, now) {
            Requirement::Required => Factors::WithMfa,
            Requirement::GraceUntil(_) | Requirement::Optional => Factors::PasswordOnly,
        }
    }

    /// Lists what speaks against a policy under which somebody may do without a second factor.
    #[must_use]
    pub fn conformance(&self) -> Vec<Breach> {
        let everyone = std::iter::once(&self.default)
            .chain(self.roles.values())
            .all(|requirement| *requirement == Requirement::Required);
        if everyone {
            return Vec::new();
        }
        vec![
            Breach::new(
                "6.3.3",
                Source::Asvs5,
                "6.3.3",
                Level::Shall,
                "Some roles may sign in without a second factor.",
            ),
            Breach::new(
                "HIPAA-NPRM-MFA",
                Source::HipaaProposal,
                "164.312, as proposed",
                Level::Note,
                "The proposed rule would require a second factor of everyone with access to electronic health information.",
            ),
        ]
    }
}
