//! The codes sent lately, so that nobody's telephone is flooded.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::OutOfBandPolicy;
use crate::time::after;

/// When codes were sent to one account in the last hour. It is kept per account and not per number or session, and has
/// nothing to do with failed attempts: neither resets the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sends(Vec<DateTime<Utc>>);

/// A code was sent too short a while ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("next code can be sent at {until}")]
#[non_exhaustive]
pub struct TooSoon {
    /// When the next one may be sent.
    pub until: DateTime<Utc>,
}

impl Sends {
    /// Counts a code that is about to be sent; to be stored before it is.
    ///
    /// # Errors
    /// [`TooSoon`]: nothing is counted and nothing may be sent.
    pub fn reserve(&mut self, policy: &OutOfBandPolicy, now: DateTime<Utc>) -> Result<(), TooSoon> {
        let hour = TimeDelta::hours(1);
        // What a clock that was set back left in the future counts from now.
        self.0.iter_mut().for_each(|at| *at = (*at).min(now));
        self.0.retain(|at| now - *at < hour);
        let pause = self.0.last().map(|last| after(*last, policy.pause()));
        let most = usize::from(policy.most_per_hour);
        let full = self.0.len().checked_sub(most).map(|oldest| after(self.0[oldest], hour));
        if let Some(until) = pause.max(full).filter(|until| *until > now) {
            return Err(TooSoon { until });
        }
        self.0.push(now);
        Ok(())
    }
}
