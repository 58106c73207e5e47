//! The practice's wall clock: instants are stored in UTC and shown, entered and billed in the practice's time zone.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use mentalspace_core::TimeZoneName;

/// A time zone with its rules.
#[derive(Debug, Clone, Copy)]
pub struct Zone(Tz);

impl Zone {
    /// Finds the zone; an unknown name counts as UTC, which set-up does not let in.
    #[must_use]
    pub fn of(name: &TimeZoneName) -> Self {
        Self(name.as_str().parse().unwrap_or(Tz::UTC))
    }

    /// Shows an instant on the wall clock.
    #[must_use]
    pub fn wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// Returns the day on the wall calendar.
    #[must_use]
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.wall(at).date()
    }

    /// Finds the instant of a wall-clock time: none in the hour skipped in spring, two in the hour repeated in autumn.
    #[must_use]
    pub fn instants(&self, wall: NaiveDateTime) -> MappedLocalTime<DateTime<Utc>> {
        self.0.from_local_datetime(&wall).map(|at| at.with_timezone(&Utc))
    }

    /// Returns the instant at which a day begins.
    #[must_use]
    pub fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        let wall = day.and_time(chrono::NaiveTime::MIN);
        // Where clocks skip midnight itself, the day begins an hour later on the wall.
        let skipped = || self.instants(wall + chrono::TimeDelta::hours(1)).earliest();
        self.instants(wall).earliest().or_else(skipped).unwrap_or_else(|| wall.and_utc())
    }
}
