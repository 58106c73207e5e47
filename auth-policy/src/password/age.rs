//! The age of a password: whether periodic change is due.
//!
//! Invariant: age counts from the later of the last change and the start of the policy, so a new policy locks nobody out.

use chrono::{DateTime, TimeDelta, Utc};

use super::PasswordPolicy;

/// Where a password stands in its rotation period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordAge {
    /// Nothing to do.
    Fresh,
    /// The person should be told: so many days are left, 0 on the last day.
    ExpiresIn(u16),
    /// The session may only change the password or log out.
    Expired,
}

impl PasswordAge {
    /// Judges a password changed at `changed_at` under a policy in force since `policy_active_since`.
    ///
    /// A password is expired when it is older than the greatest age, not yet when it is exactly as old. A clock that
    /// went backwards makes it younger, never older.
    #[must_use]
    pub fn state(
        policy: &PasswordPolicy,
        changed_at: DateTime<Utc>,
        policy_active_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Self {
        let Some(rotation) = policy.rotation else {
            return Self::Fresh;
        };
        let age = now - changed_at.max(policy_active_since);
        let left = TimeDelta::days(i64::from(rotation.max_age_days)) - age;
        if left < TimeDelta::zero() {
            Self::Expired
        } else if age < TimeDelta::days(i64::from(rotation.warn_from_day)) {
            Self::Fresh
        } else {
            Self::ExpiresIn(u16::try_from(left.num_days()).unwrap_or(u16::MAX))
        }
    }
}
