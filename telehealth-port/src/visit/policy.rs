//! How visits run: windows, graces and limits, as data.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ParticipantRole;

/// Whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub u16);

impl Minutes {
    /// Returns the span.
    #[must_use]
    pub fn delta(self) -> TimeDelta {
        TimeDelta::minutes(self.0.into())
    }

    /// Returns the instant this long after `at`, or the last there is.
    pub(crate) fn after(self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.checked_add_signed(self.delta()).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Returns the instant this long before `at`, or the first there is.
    pub(crate) fn before(self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.checked_sub_signed(self.delta()).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

/// How a visit runs. Copied into the visit when it is scheduled, so that a change of policy leaves it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPolicy {
    /// Counts up with each change.
    pub version: u32,
    /// The waiting room opens this long before the start.
    pub opens_before: Minutes,
    /// A visit that never started is given up this long after its planned end.
    pub closes_after: Minutes,
    /// A client counts as missing this long after the start.
    pub no_show_after: Minutes,
    /// Who says so.
    pub no_show: NoShow,
    /// A visit may last this long from the first moment clinician and client are both connected.
    pub limit: Minutes,
    /// Everybody is warned this long before the limit.
    pub warn_before: Minutes,
    /// Longest single extension.
    pub extension: Minutes,
    /// How often a visit may be extended.
    pub extensions: u32,
    /// How long a clinician or supervisor may be away and return without being admitted again.
    pub clinician_grace: Minutes,
    /// How long anybody else may.
    pub client_grace: Minutes,
    /// How long a credential is good for joining.
    pub join_ttl: Minutes,
    /// Whether visits may be recorded at all.
    #[serde(default)]
    pub recording: bool,
    /// Most people in the room, without bots.
    pub capacity: u32,
    /// Seats of the video service kept for recording and other bots.
    pub reserved_seats: u32,
    /// How often a lost room is opened anew during a visit.
    pub recreations: u32,
    /// Failed attempts to close the room until the visit ends regardless; closing goes on in the background.
    pub close_attempts: u32,
    /// The same by time.
    pub close_timeout: Minutes,
}

impl VisitPolicy {
    pub(crate) const fn grace(&self, role: ParticipantRole) -> Minutes {
        if role.is_host() { self.clinician_grace } else { self.client_grace }
    }
}

impl Default for VisitPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            opens_before: Minutes(15),
            closes_after: Minutes(60),
            no_show_after: Minutes(15),
            no_show: NoShow::ClinicianConfirms,
            limit: Minutes(120),
            warn_before: Minutes(10),
            extension: Minutes(30),
            extensions: 2,
            clinician_grace: Minutes(10),
            client_grace: Minutes(5),
            join_ttl: Minutes(5),
            recording: false,
            capacity: 16,
            reserved_seats: 0,
            recreations: 3,
            close_attempts: 3,
            close_timeout: Minutes(1),
        }
    }
}

/// Who decides that a client did not come. Never decided while the clinician has not come either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoShow {
    /// The clock.
    Automatic,
    /// The clinician, who is told once.
    ClinicianConfirms,
}
