//! The rate: so many failures within a span of time, worn off evenly.
//!
//! Invariants: no more failures than the limit are permitted within the span after a rest; a refusal changes nothing, so
//! that attempts during a wait never prolong it; a success gives back what it took.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::{PolicyError, check_range};
use crate::time::{after, before};

/// So many failures within so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The most failures at once, 1 to 10000.
    pub failures: u16,
    /// The seconds after which all of them are forgotten, 60 to 86400.
    pub per_secs: u32,
}

impl Rate {
    pub(super) fn check(self, failures: &'static str, per_secs: &'static str) -> Result<(), PolicyError> {
        check_range(failures, self.failures, 1..=10_000)?;
        check_range(per_secs, self.per_secs, 60..=86_400)
    }

    fn span(self) -> TimeDelta {
        TimeDelta::seconds(self.per_secs.into())
    }

    fn share(self) -> TimeDelta {
        self.span() / i32::from(self.failures.max(1))
    }
}

/// The failures counted against a [`Rate`], as the moment at which none would be left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    empty_at: Option<DateTime<Utc>>,
}

impl Bucket {
    /// Returns the moment from which on nothing is remembered, if anything is.
    #[must_use]
    pub fn empty_at(&self) -> Option<DateTime<Utc>> {
        self.empty_at
    }

    /// Tells until when another failure would be too many.
    ///
    /// A clock that went backwards finds at most a full bucket.
    #[must_use]
    pub fn waits_until(&self, rate: Rate, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let free_at = before(self.level(rate, now), rate.span() - rate.share());
        (now < free_at).then_some(free_at)
    }

    /// Counts a failure that was permitted.
    pub fn add(&mut self, rate: Rate, now: DateTime<Utc>) {
        self.empty_at = Some(after(self.level(rate, now), rate.share()));
    }

    /// Takes a failure back that was none.
    pub(super) fn take_back(&mut self, rate: Rate) {
        self.empty_at = self.empty_at.map(|at| before(at, rate.share()));
    }

    fn level(&self, rate: Rate, now: DateTime<Utc>) -> DateTime<Utc> {
        self.empty_at.unwrap_or(now).clamp(now, after(now, rate.span()))
    }
}
