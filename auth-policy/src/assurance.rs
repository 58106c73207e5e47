//! The assurance of a session: which factors were shown, when, and what level that amounts to.
//!
//! Invariant: the level is derived from the factors, so that a session cannot claim more than was shown.
//! Standard: NIST SP 800-63B-4 §2.1, §2.2, §3.2.5, §3.2.9, §5.1. A deployment without passkeys offers no phishing-resistant option and
//! therefore does not meet §2.2.2, whatever the level here says.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The assurance level of an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aal {
    /// One factor.
    Aal1,
    /// Two different factors, one of them something the person has.
    Aal2,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Factor {
    /// Something known.
    Password,
    /// A time-based one-time code.
    Totp,
    /// A look-up secret.
    BackupCode,
    /// A code by text message; restricted (§3.2.9).
    Sms,
    /// A code spoken by a call; restricted as well.
    Voice,
    /// The key of a program; one factor, never of a person.
    ApiKey,
    /// A cryptographic authenticator unlocked by its owner: two factors in one, phishing-resistant.
    Passkey,
}

impl Factor {
    /// Tells whether what is shown is bound to this site, so that a false page gains nothing by it (§3.2.5).
    #[must_use]
    pub const fn resists_phishing(self) -> bool {
        matches!(self, Self::Passkey)
    }

    /// Tells whether the factor may be offered beside others only (§3.2.9).
    #[must_use]
    pub const fn is_restricted(self) -> bool {
        matches!(self, Self::Sms | Self::Voice)
    }

    /// Returns the stable name, as it is serialised.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::BackupCode => "backup_code",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::ApiKey => "api_key",
            Self::Passkey => "passkey",
        }
    }
}

/// The factors shown in a session, each with the last time it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownFactors(BTreeMap<Factor, DateTime<Utc>>);

impl ShownFactors {
    /// Records that a factor was shown.
    pub fn show(&mut self, factor: Factor, at: DateTime<Utc>) {
        let last = self.0.entry(factor).or_insert(at);
        *last = at.max(*last);
    }

    /// Returns the level these factors amount to.
    #[must_use]
    pub fn level(&self) -> Aal {
        self.level_since(DateTime::<Utc>::MIN_UTC).unwrap_or(Aal::Aal1)
    }

    /// Returns the level of the factors shown at this moment or later, or none if there are none.
    #[must_use]
    pub fn level_since(&self, moment: DateTime<Utc>) -> Option<Aal> {
        let shown = |factor| self.0.get(&factor).is_some_and(|at| *at >= moment);
        let possession = [Factor::Totp, Factor::BackupCode, Factor::Sms, Factor::Voice].into_iter().any(shown);
        if shown(Factor::Passkey) || (shown(Factor::Password) && possession) {
            Some(Aal::Aal2)
        } else if shown(Factor::Password) || possession {
            Some(Aal::Aal1)
        } else {
            None
        }
    }

    /// Lists the factors, each with the last time it was shown.
    pub fn iter(&self) -> impl Iterator<Item = (Factor, DateTime<Utc>)> + '_ {
        self.0.iter().map(|(factor, at)| (*factor, *at))
    }
}
