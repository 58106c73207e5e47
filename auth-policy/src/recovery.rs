//! Recovery: a person whose second factors are all lost asks for a new one, and somebody else answers for it.
//!
//! Invariants: every address of the person is told at once; nothing happens before the waiting time is over; another
//! person approves, with a reason; the approval lets one new factor be enrolled, once; the person stops it at any time
//! by a link or by signing in. The password is still asked for: recovery never leads around it.
//! Standard: NIST SP 800-63B-4 §4.2, §4.6, OWASP ASVS 5.0 6.4.4.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};
use crate::time::after;

/// The rules of recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecoveryRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The hours between the request and the first moment at which it may be approved, 1 to 168.
    pub wait_hours: u32,
    /// The hours after that in which somebody may approve it, 1 to 336.
    pub approval_hours: u32,
    /// The hours in which the new factor is enrolled after the approval, 1 to 72.
    pub enrolment_hours: u32,
}

impl RecoveryRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("wait_hours", self.wait_hours, 1..=168)?;
        check_range("approval_hours", self.approval_hours, 1..=336)?;
        check_range("enrolment_hours", self.enrolment_hours, 1..=72)
    }
}

checked_policy! {
    /// How long recovery takes.
    RecoveryPolicy, RecoveryRules, "RecoveryRules"
}

impl RecoveryPolicy {
    /// A day to wait, a week to approve, a day to enrol.
    #[must_use]
    pub const fn standard() -> Self {
        Self(RecoveryRules { version: SCHEMA_VERSION, wait_hours: 24, approval_hours: 168, enrolment_hours: 24 })
    }
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// The waiting time is not over.
    #[error("the waiting time is not over")]
    TooSoon,
    /// Nobody approves the own recovery.
    #[error("nobody approves the own recovery")]
    SelfApproval,
    /// An approval says why.
    #[error("an approval needs a reason of at least 10 characters")]
    NoReason,
    /// The recovery was approved, used, stopped, or is past its time.
    #[error("the recovery is not in a state for this")]
    WrongState,
}

/// Who stopped a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoppedBy {
    /// The person, by the link in the notice.
    Link,
    /// The person, by signing in with a second factor.
    SignIn,
    /// An administrator.
    Administrator,
    /// The account was disabled.
    AccountDisabled,
}

/// Where a recovery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// Everybody has been told; nobody may approve it yet.
    Waiting,
    /// It may be approved.
    Ready,
    /// One new factor may be enrolled.
    Approved,
    /// It was enrolled.
    Used,
    /// It was stopped.
    Stopped,
    /// Its time is over.
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case", deny_unknown_fields)]
enum Stage {
    Requested { until: DateTime<Utc> },
    Approved { by: Uuid, at: DateTime<Utc>, reason: String, until: DateTime<Utc> },
    Used { by: Uuid, reason: String, at: DateTime<Utc> },
    Stopped { by: StoppedBy, at: DateTime<Utc> },
}

/// A recovery, stored as one document and written with its expected version: of two answers at once one conflicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    user: Uuid,
    requested_at: DateTime<Utc>,
    ready_at: DateTime<Utc>,
    stage: Stage,
}

impl Recovery {
    /// Asks for a recovery; every address of the person has to be told in the same transaction.
    #[must_use]
    pub fn request(user: Uuid, policy: &RecoveryPolicy, now: DateTime<Utc>) -> Self {
        let ready_at = after(now, TimeDelta::hours(policy.wait_hours.into()));
        let until = after(ready_at, TimeDelta::hours(policy.approval_hours.into()));
        Self { user, requested_at: now, ready_at, stage: Stage::Requested { until } }
    }

    /// Tells where the recovery stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> RecoveryState {
        match &self.stage {
            Stage::Requested { until } | Stage::Approved { until, .. } if now >= *until => RecoveryState::Expired,
            Stage::Requested { .. } if now < self.ready_at => RecoveryState::Waiting,
            Stage::Requested { .. } => RecoveryState::Ready,
            Stage::Approved { .. } => RecoveryState::Approved,
            Stage::Used { .. } => RecoveryState::Used,
            Stage::Stopped { .. } => RecoveryState::Stopped,
        }
    }

    /// Tells whether the recovery may still lead to something.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state(now), RecoveryState::Waiting | RecoveryState::Ready | RecoveryState::Approved)
    }

    /// Answers for the person.
    ///
    /// # Errors
    /// See [`RecoveryError`].
    pub fn approve(
        &mut self,
        by: Uuid,
        reason: &str,
        policy: &RecoveryPolicy,
        now: DateTime<Utc>,
    ) -> Result<(), RecoveryError> {
        let reason = reason.trim();
        match self.state(now) {
            RecoveryState::Waiting => return Err(RecoveryError::TooSoon),
            RecoveryState::Ready => {}
            _ => return Err(RecoveryError::WrongState),
        }
        if by == self.user {
            return Err(RecoveryError::SelfApproval);
        }
        if reason.chars().count() < 10 {
            return Err(RecoveryError::NoReason);
        }
        let until = after(now, TimeDelta::hours(policy.enrolment_hours.into()));
        let reason = reason.chars().take(500).collect();
        self.stage = Stage::Approved { by, at: now, reason, until };
        Ok(())
    }

    /// Uses the approval: the lost factors are removed and one new factor is enrolled.
    ///
    /// # Errors
    /// [`RecoveryError::WrongState`] unless it was approved and is within its time.
    pub fn redeem(&mut self, now: DateTime<Utc>) -> Result<(), RecoveryError> {
        match (self.state(now), &self.stage) {
            (RecoveryState::Approved, Stage::Approved { by, reason, .. }) => {
                self.stage = Stage::Used { by: *by, reason: reason.clone(), at: now };
                Ok(())
            }
            _ => Err(RecoveryError::WrongState),
        }
    }

    /// Stops the recovery.
    ///
    /// # Errors
    /// [`RecoveryError::WrongState`] when it is over.
    pub fn stop(&mut self, by: StoppedBy, now: DateTime<Utc>) -> Result<(), RecoveryError> {
        if !self.is_open(now) {
            return Err(RecoveryError::WrongState);
        }
        self.stage = Stage::Stopped { by, at: now };
        Ok(())
    }

    /// Returns whose recovery it is.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.user
    }

    /// Returns when it was asked for.
    #[must_use]
    pub fn requested_at(&self) -> DateTime<Utc> {
        self.requested_at
    }

    /// Returns when it may be approved.
    #[must_use]
    pub fn ready_at(&self) -> DateTime<Utc> {
        self.ready_at
    }

    /// Returns who approved it, and why.
    #[must_use]
    pub fn approval(&self) -> Option<(Uuid, &str)> {
        match &self.stage {
            Stage::Approved { by, reason, .. } | Stage::Used { by, reason, .. } => Some((*by, reason)),
            Stage::Requested { .. } | Stage::Stopped { .. } => None,
        }
    }
}
