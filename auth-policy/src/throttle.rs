//! The throttle: how many guesses one authenticator of one account takes.
//!
//! Invariants: an attempt is counted before it is verified; between two successes at most the hard limit of attempts is
//! verified; an attempt during a wait is refused, counted apart and never prolongs the wait.
//! Around it: the [`Source`] of attempts, with limits of its own, and [`Counts`], everything one attempt is counted in.
//! Standard: NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.1.1, 6.3.1.

mod counts;
mod known_device;
mod rate;
mod source;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

pub use counts::{Counts, Outcome, Refused, Reserved, Signal};
pub use known_device::{KnownDevice, KnownDevices};
pub use rate::{Bucket, Rate};
pub use source::{AccountTag, NameKey, Source, SourceCount, SourcePolicy, SourceRules};

use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};
use crate::time::after;

/// The rules of a throttle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ThrottleRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The consecutive failures after which the authenticator is disabled, 1 to 100.
    pub hard_limit: u16,
    /// The consecutive failure from which on there is a wait, 1 to 100.
    pub wait_from: u16,
    /// The first wait in seconds, 1 to 3600; each further one is twice as long.
    pub first_wait_secs: u32,
    /// The longest wait in seconds, `first_wait_secs` to 86400.
    pub longest_wait_secs: u32,
}

impl ThrottleRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("hard_limit", self.hard_limit, 1..=100)?;
        check_range("wait_from", self.wait_from, 1..=100)?;
        check_range("first_wait_secs", self.first_wait_secs, 1..=3600)?;
        let least = u64::from(self.first_wait_secs);
        check_range("longest_wait_secs", self.longest_wait_secs, least..=86_400)
    }

    /// Returns the wait after so many consecutive failures.
    fn wait_after(&self, failures: u64) -> Option<TimeDelta> {
        let doublings = failures.checked_sub(u64::from(self.wait_from))?;
        let factor = 1_u64 << doublings.min(32);
        let seconds = (u64::from(self.first_wait_secs) * factor).min(u64::from(self.longest_wait_secs)).cast_signed();
        Some(TimeDelta::seconds(seconds))
    }
}

checked_policy! {
    /// How soon an authenticator waits and when it is disabled.
    ///
    /// No value above the limit of NIST SP 800-63B-4 §3.2.2 can be expressed.
    ThrottlePolicy, ThrottleRules, "ThrottleRules"
}

impl ThrottlePolicy {
    /// Waits from the fifth failure, 30 seconds doubling to an hour; disables after 100.
    #[must_use]
    pub const fn standard() -> Self {
        Self(ThrottleRules {
            version: SCHEMA_VERSION,
            hard_limit: 100,
            wait_from: 5,
            first_wait_secs: 30,
            longest_wait_secs: 3600,
        })
    }
}

/// Whether an attempt begins a wait for the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Kept,
    Untouched,
}

/// The right to verify one attempt, already counted as a failure.
///
/// Dropping it, or crashing, leaves the attempt counted.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an attempt is verified only with a reservation, and only success is reported back"]
pub struct Reservation {
    number: u64,
}

/// Why an attempt may not be verified; to be audited, and answered like a wrong password, after the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Throttled {
    /// There is a wait.
    #[error("too many attempts, the next one is possible at {until}")]
    Wait {
        /// When the next attempt is possible.
        until: DateTime<Utc>,
        /// The attempts refused since the last one that was verified, this one included.
        refused: u32,
    },
    /// The authenticator is disabled until it is bound again (§4.1).
    #[error("authenticator was disabled at {since}")]
    Disabled {
        /// When the limit was reached.
        since: DateTime<Utc>,
        /// The attempts refused since then, this one included.
        refused: u32,
    },
}

/// The attempts on one authenticator of one account.
///
/// The order of work:
/// 1. [`reserve`](Self::reserve) and store, with the expected version (or as one atomic update); a conflict is read and
///    reserved again;
/// 2. verify, which is slow;
/// 3. after success [`succeed`](Self::succeed) and store; after failure there is nothing to do.
///
/// A new code sent, a password reset begun, or another authenticator's success changes nothing here. A throttle for an
/// unknown account is keyed by a keyed hash of the name typed, so that it behaves the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawThrottle")]
pub struct Throttle {
    reserved: u64,
    cleared: u64,
    wait_until: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    refused: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThrottle {
    reserved: u64,
    cleared: u64,
    wait_until: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    refused: u32,
}

/// A stored throttle that cleared more attempts than it reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("throttle has cleared more attempts than it reserved")]
pub struct InvalidThrottle;

impl TryFrom<RawThrottle> for Throttle {
    type Error = InvalidThrottle;

    fn try_from(raw: RawThrottle) -> Result<Self, InvalidThrottle> {
        if raw.cleared > raw.reserved {
            return Err(InvalidThrottle);
        }
        Ok(Self {
            reserved: raw.reserved,
            cleared: raw.cleared,
            wait_until: raw.wait_until,
            disabled_at: raw.disabled_at,
            refused: raw.refused,
        })
    }
}

impl Throttle {
    /// Starts without attempts, for a newly bound authenticator.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts the attempts since the last success, verified or on their way.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.reserved.saturating_sub(self.cleared)
    }

    /// Counts an attempt as failed and permits its verification.
    ///
    /// A clock that went backwards prolongs a wait to at most its full length from now.
    ///
    /// # Errors
    /// [`Throttled`]; the throttle is to be stored all the same, as it counts the refusal.
    pub fn reserve(&mut self, policy: &ThrottlePolicy, now: DateTime<Utc>) -> Result<Reservation, Throttled> {
        self.admit(policy, now)?;
        self.refused = 0;
        Ok(self.count(policy, now, Waits::Kept))
    }

    /// Tells whether an attempt would be permitted; a refusal is counted.
    fn admit(&mut self, policy: &ThrottlePolicy, now: DateTime<Utc>) -> Result<(), Throttled> {
        self.admit_past_wait(policy, now)?;
        if let Some(until) = self.wait_until {
            let longest = policy.wait_after(self.failures()).unwrap_or_default();
            let until = until.min(after(now, longest));
            if now < until {
                self.wait_until = Some(until);
                self.refused = self.refused.saturating_add(1);
                return Err(Throttled::Wait { until, refused: self.refused });
            }
        }
        Ok(())
    }

    /// The same for an attempt that a wait does not keep out: only the limit does.
    fn admit_past_wait(&mut self, policy: &ThrottlePolicy, now: DateTime<Utc>) -> Result<(), Throttled> {
        if self.failures() >= u64::from(policy.hard_limit) {
            self.disabled_at.get_or_insert(now);
        }
        match self.disabled_at {
            None => Ok(()),
            Some(since) => {
                self.refused = self.refused.saturating_add(1);
                Err(Throttled::Disabled { since, refused: self.refused })
            }
        }
    }

    fn count(&mut self, policy: &ThrottlePolicy, now: DateTime<Utc>, waits: Waits) -> Reservation {
        self.reserved = self.reserved.saturating_add(1);
        if waits == Waits::Kept {
            self.wait_until = policy.wait_after(self.failures()).map(|wait| after(now, wait));
        }
        if self.failures() >= u64::from(policy.hard_limit) {
            self.disabled_at = Some(now);
        }
        Reservation { number: self.reserved }
    }

    /// Tells whether nothing is remembered here, so that a stored throttle may be forgotten.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.failures() == 0 && self.disabled_at.is_none()
    }

    /// Returns the end of the wait an attempt would meet, if there is one, without counting anything.
    #[must_use]
    pub fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.wait_until.filter(|until| now < *until)
    }

    /// Tells whether the limit was reached.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Forgets the attempts up to a successful one and returns how many failed before it, for a notification.
    ///
    /// Attempts reserved later stay counted. A success on the last attempt before the limit enables the authenticator
    /// again.
    pub fn succeed(&mut self, reservation: &Reservation) -> u64 {
        let number = reservation.number.min(self.reserved);
        let failed_before = number.saturating_sub(self.cleared).saturating_sub(1);
        if number > self.cleared {
            self.cleared = number;
            self.wait_until = None;
            self.disabled_at = None;
        }
        failed_before
    }
}
