//! The limits of a session: idle, absolute, how recent a step-up must be.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::device::DriftRules;
use crate::policy::{Breach, Level, PolicyError, SCHEMA_VERSION, Source, check_range, checked_policy};

/// What happens when somebody signs in beyond the greatest number of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimit {
    /// The oldest session ends.
    EndOldest,
    /// The new session is refused until another one ends.
    RefuseNew,
}

/// The rules of a session policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The seconds without activity after which a session ends, 60 to 86400.
    pub idle_secs: u32,
    /// The seconds before that at which the browser warns, 0 to `idle_secs`.
    pub warning_secs: u32,
    /// The seconds after which a session ends in any case, `idle_secs` to 30 days.
    pub absolute_secs: u32,
    /// The least seconds between two writes of the last activity, 0 to 60.
    pub write_every_secs: u32,
    /// The seconds for which a factor counts as shown recently, 30 to 3600.
    pub step_up_secs: u32,
    /// The most sessions one person has at a time, 1 to 100.
    pub most: u32,
    /// What happens beyond that.
    pub over_limit: OverLimit,
    /// What it means when a request comes from elsewhere.
    pub drift: DriftRules,
}

impl SessionRules {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let idle = u64::from(self.idle_secs);
        check_range("idle_secs", self.idle_secs, 60..=86_400)?;
        check_range("warning_secs", self.warning_secs, 0..=idle)?;
        check_range("absolute_secs", self.absolute_secs, idle..=30 * 86_400)?;
        check_range("write_every_secs", self.write_every_secs, 0..=60)?;
        check_range("step_up_secs", self.step_up_secs, 30..=3600)?;
        check_range("most", self.most, 1..=100)
    }

    pub(super) fn idle(&self) -> TimeDelta {
        TimeDelta::seconds(self.idle_secs.into())
    }

    pub(super) fn warning(&self) -> TimeDelta {
        TimeDelta::seconds(self.warning_secs.into())
    }

    pub(super) fn absolute(&self) -> TimeDelta {
        TimeDelta::seconds(self.absolute_secs.into())
    }

    pub(super) fn write_every(&self) -> TimeDelta {
        TimeDelta::seconds(self.write_every_secs.into())
    }

    pub(super) fn step_up(&self) -> TimeDelta {
        TimeDelta::seconds(self.step_up_secs.into())
    }
}

checked_policy! {
    /// How long a session lives.
    SessionPolicy, SessionRules, "SessionRules"
}

impl SessionPolicy {
    /// Ends after 15 idle minutes, warned one minute before, and after 12 hours in any case; five sessions at a time.
    #[must_use]
    pub const fn standard() -> Self {
        Self(SessionRules {
            version: SCHEMA_VERSION,
            idle_secs: 15 * 60,
            warning_secs: 60,
            absolute_secs: 12 * 60 * 60,
            write_every_secs: 30,
            step_up_secs: 5 * 60,
            most: 5,
            over_limit: OverLimit::EndOldest,
            drift: DriftRules::standard(),
        })
    }

    /// Lists the limits of NIST SP 800-63B-4 §2.2.3 that this policy exceeds.
    #[must_use]
    pub fn conformance(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if self.absolute() > TimeDelta::hours(24) {
            breaches.push(Breach::new(
                "AL-4",
                Source::Nist63b4,
                "2.2.3",
                Level::Should,
                "Sessions last longer than 24 hours.",
            ));
        }
        if self.idle() > TimeDelta::hours(1) {
            breaches.push(Breach::new(
                "AL-4",
                Source::Nist63b4,
                "2.2.3",
                Level::Should,
                "Sessions stay open for more than an hour without activity.",
            ));
        }
        breaches
    }
}
