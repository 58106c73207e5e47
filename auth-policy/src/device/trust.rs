//! The trusted device: a browser on which a second factor that is optional is not asked for again for a while.
//!
//! A departure from NIST SP 800-63B-4 §5.1, which permits no cookie in place of authentication; the policy reports it.
//! Invariants: nobody skips a second factor that is required; the session of a trusted device has shown one factor and
//! stays at its level; trust is bound to the password and the factors it was given with.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::mfa::Requirement;
use crate::policy::{Breach, Level, PolicyError, SCHEMA_VERSION, Source, check_range, checked_policy};
use crate::time::after;

/// The rules of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrustRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The days for which a device is trusted, 0 to 30; with 0 no device is.
    pub days: u32,
    /// Whether administrators may trust a device.
    pub administrators: bool,
}

impl TrustRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("days", self.days, 0..=30)
    }
}

checked_policy! {
    /// Whether devices are trusted.
    TrustPolicy, TrustRules, "TrustRules"
}

/// The trust given to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl TrustPolicy {
    /// Trusts no device.
    #[must_use]
    pub const fn never() -> Self {
        Self(TrustRules { version: SCHEMA_VERSION, days: 0, administrators: false })
    }

    /// Trusts devices of everybody but administrators for thirty days.
    #[must_use]
    pub const fn thirty_days() -> Self {
        Self(TrustRules { version: SCHEMA_VERSION, days: 30, administrators: false })
    }

    /// Tells whether a person with these roles may trust a device at all.
    #[must_use]
    pub fn offers<'a>(&self, roles: impl IntoIterator<Item = &'a str>, requirement: Requirement) -> bool {
        let administers = roles.into_iter().any(|role| role == "administrator");
        self.days > 0 && requirement != Requirement::Required && (self.administrators || !administers)
    }

    /// Trusts a device from now on; to be called when a second factor was shown on it, and only where it is
    /// [offered](Self::offers).
    #[must_use]
    pub fn trust(&self, now: DateTime<Utc>) -> Trusted {
        Trusted { since: now, until: after(now, TimeDelta::days(self.days.into())) }
    }

    /// Tells whether the second factor may be left out, given when the password or a factor was last changed.
    #[must_use]
    pub fn skips<'a>(
        &self,
        trusted: Option<&Trusted>,
        roles: impl IntoIterator<Item = &'a str>,
        requirement: Requirement,
        credentials_changed: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        let longest = TimeDelta::days(self.days.into());
        let holds = |trusted: &Trusted| {
            trusted.since >= credentials_changed
                && (trusted.since..trusted.until.min(after(trusted.since, longest))).contains(&now)
        };
        self.offers(roles, requirement) && trusted.is_some_and(holds)
    }

    /// Lists what speaks against a policy that trusts devices.
    #[must_use]
    pub fn conformance(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if self.days > 0 {
            breaches.push(Breach::new(
                "SE-4",
                Source::Nist63b4,
                "5.1",
                Level::Shall,
                "A trusted device stands in for a second factor that is optional; such sessions have shown one factor.",
            ));
        }
        breaches
    }
}

impl Trusted {
    /// Returns when the trust ends.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }
}
