//! The password: which one may be chosen, how good it is, and when it must be changed.
//!
//! Invariants: length is counted in code points after NFC; nothing is trimmed, folded or truncated before hashing;
//! there is no way to express composition rules, hints or security questions.
//! Standard: NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 §6.2.

mod age;
mod blocklist;
mod check;
mod conformance;
mod context;
mod filter;
mod normalized;
mod pieces;
mod range;
mod strength;

use serde::{Deserialize, Serialize};

pub use age::PasswordAge;
pub use blocklist::{Blocklist, CommonPasswords, WordList};
pub use check::Rejection;
pub use context::Context;
pub use filter::{Filter, FilterBuilder, FilterError, FilterKey, MAX_FILTER_ENTRIES};
pub use normalized::{MAX_INPUT_BYTES, NormalizedPassword, UnusableInput};
pub use range::{
    BreachRange, MAX_RANGE_BYTES, OnUnavailable, RangeAnswer, RangeError, RangePrefix, RangeQuery, RangeUnavailable,
};
pub use strength::{Advice, Strength, strength};

use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};

/// The minimum NIST SP 800-63B-4 §3.1.1.2(1) sets where the password is the only factor.
pub const NIST_MIN_PASSWORD_ONLY: u16 = 15;
/// The minimum NIST SP 800-63B-4 §3.1.1.2(1) sets where the password is always used with another factor.
pub const NIST_MIN_WITH_MFA: u16 = 8;

/// Whether the password is the only thing that stands between a stranger and the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factors {
    /// The account can be entered with the password alone.
    PasswordOnly,
    /// A second factor is required every time.
    WithMfa,
}

/// The rules of a password policy, as a customer may write them down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PasswordRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The least length in code points where the password is the only factor, 1 to 64.
    pub min_password_only: u16,
    /// The least length in code points where a second factor is required, 1 to 64.
    pub min_with_mfa: u16,
    /// The greatest length in code points, 64 to 1024.
    pub max_code_points: u16,
    /// The greatest length in bytes of UTF-8 after NFC, 256 to 4096.
    pub max_bytes: u16,
    /// The least strength score, 0 to 4; 0 switches the estimate off.
    pub min_score: u8,
    /// Whether common and known passwords are refused.
    pub blocklist: bool,
    /// Whether passwords made of the names of the service, the practice and the person are refused.
    pub context_words: bool,
    /// Whether the blocklist is asked again when someone signs in.
    pub recheck_at_login: bool,
    /// Whether evidence of compromise forces a change.
    pub change_on_compromise: bool,
    /// Periodic change, if any.
    pub rotation: Option<Rotation>,
    /// How many earlier passwords may not be used again, 0 to 24.
    pub history: u8,
}

/// Periodic change of passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The greatest age in days, 1 to 3650.
    pub max_age_days: u16,
    /// The age in days from which the person is told, at most `max_age_days`.
    pub warn_from_day: u16,
}

impl PasswordRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("min_password_only", self.min_password_only, 1..=64)?;
        check_range("min_with_mfa", self.min_with_mfa, 1..=64)?;
        check_range("max_code_points", self.max_code_points, 64..=1024)?;
        check_range("max_bytes", self.max_bytes, 256..=MAX_INPUT_BYTES as u64)?;
        check_range("min_score", self.min_score, 0..=4)?;
        check_range("history", self.history, 0..=24)?;
        if let Some(rotation) = self.rotation {
            check_range("max_age_days", rotation.max_age_days, 1..=3650)?;
            let most = u64::from(rotation.max_age_days);
            check_range("warn_from_day", rotation.warn_from_day, 0..=most)?;
        }
        Ok(())
    }
}

checked_policy! {
    /// A password policy: versioned, serialisable, and possible.
    ///
    /// The ranges guarantee that any two policies can be [combined](Self::strictest).
    ///
    /// ```
    /// use mentalspace_auth_policy::password::PasswordPolicy;
    ///
    /// let policy = PasswordPolicy::nist_63b_4();
    /// assert_eq!(policy.min_password_only, 15);
    /// assert!(policy.conformance().is_empty());
    /// ```
    PasswordPolicy, PasswordRules, "PasswordRules"
}

impl PasswordPolicy {
    /// Follows NIST SP 800-63B-4: long, checked against what attackers try first, never rotated.
    #[must_use]
    pub const fn nist_63b_4() -> Self {
        Self(PasswordRules {
            version: SCHEMA_VERSION,
            min_password_only: NIST_MIN_PASSWORD_ONLY,
            min_with_mfa: 12,
            max_code_points: 128,
            max_bytes: 512,
            min_score: 3,
            blocklist: true,
            context_words: true,
            recheck_at_login: true,
            change_on_compromise: true,
            rotation: None,
            history: 0,
        })
    }

    /// Follows older HIPAA practice: twelve characters, rotation after 90 days, five remembered passwords.
    ///
    /// [`conformance`](Self::conformance) tells what it breaks.
    #[must_use]
    pub const fn legacy_hipaa() -> Self {
        let mut policy = Self::nist_63b_4();
        policy.0.min_password_only = 12;
        policy.0.recheck_at_login = false;
        policy.0.rotation = Some(Rotation { max_age_days: 90, warn_from_day: 76 });
        policy.0.history = 5;
        policy
    }

    /// Returns the least length in code points.
    #[must_use]
    pub fn min_code_points(&self, factors: Factors) -> u16 {
        match factors {
            Factors::PasswordOnly => self.min_password_only,
            Factors::WithMfa => self.min_with_mfa,
        }
    }

    /// Combines two policies that apply to the same person: the stricter value of each field, and never less than
    /// fifteen code points where the password is the only factor.
    ///
    /// The order in which policies are combined does not matter.
    #[must_use]
    pub fn strictest(&self, other: &Self) -> Self {
        Self(PasswordRules {
            version: SCHEMA_VERSION,
            min_password_only: self.min_password_only.max(other.min_password_only).max(NIST_MIN_PASSWORD_ONLY),
            min_with_mfa: self.min_with_mfa.max(other.min_with_mfa),
            max_code_points: self.max_code_points.min(other.max_code_points),
            max_bytes: self.max_bytes.min(other.max_bytes),
            min_score: self.min_score.max(other.min_score),
            blocklist: self.blocklist || other.blocklist,
            context_words: self.context_words || other.context_words,
            recheck_at_login: self.recheck_at_login || other.recheck_at_login,
            change_on_compromise: self.change_on_compromise || other.change_on_compromise,
            rotation: match (self.rotation, other.rotation) {
                (Some(a), Some(b)) => Some(Rotation {
                    max_age_days: a.max_age_days.min(b.max_age_days),
                    warn_from_day: a.warn_from_day.min(b.warn_from_day),
                }),
                (one, None) | (None, one) => one,
            },
            history: self.history.max(other.history),
        })
    }

    /// Returns the earlier hashes a new password has to differ from, given all of them, newest first.
    ///
    /// The caller verifies the new password against each of them (one run of the hash per entry, so the form that
    /// changes a password is rate-limited) and answers [`Rejection::Reused`] when one matches.
    #[must_use]
    pub fn history_to_verify<'a, T>(&self, newest_first: &'a [T]) -> &'a [T] {
        &newest_first[..newest_first.len().min(usize::from(self.history))]
    }
}
