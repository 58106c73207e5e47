//! Where an appointment stands and what may happen to it. Completed, no-show, cancelled and rescheduled are final.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::AppointmentId;

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    /// Asked for, not yet accepted.
    Requested,
    /// Booked.
    Scheduled,
    /// Booked, and the client has said to come.
    Confirmed,
    /// The client is here.
    CheckedIn,
    /// Client and clinician have met.
    InSession,
    /// It took place.
    Completed,
    /// The client did not come.
    NoShow,
    /// It was called off.
    Cancelled,
    /// Another appointment takes its place.
    Rescheduled,
}

/// Something that happens to an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum AppointmentEvent {
    /// The practice accepts a request.
    Accept,
    /// The client confirms.
    Confirm,
    /// The client arrives.
    CheckIn,
    /// The client had not arrived after all.
    UndoCheckIn,
    /// Client and clinician meet.
    Begin,
    /// The session ends.
    Complete,
    /// The client did not come.
    NoShow {
        /// Why, as far as known.
        reason: NoShowReason,
    },
    /// It is called off, or a request declined.
    Cancel {
        /// By whom.
        by: CancelledBy,
        /// Why.
        reason: CancelReason,
    },
    /// Another appointment takes its place.
    Reschedule {
        /// The other appointment.
        to: AppointmentId,
    },
}

/// Who called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// The client or somebody for the client. May be late.
    Client,
    /// The practice. Never late.
    Practice,
}

/// Why an appointment was called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CancelReason {
    /// Somebody is ill.
    Illness,
    /// Something else at the same time.
    Conflict,
    /// No way to come.
    Transport,
    /// The weather.
    Weather,
    /// The clinician is away.
    ClinicianUnavailable,
    /// No longer wanted.
    NotWanted,
    /// Booked by mistake.
    Mistake,
    /// Anything else.
    Other,
}

/// Why a client did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoShowReason {
    /// Nothing was heard.
    Unknown,
    /// It was forgotten.
    Forgotten,
    /// Somebody is ill.
    Illness,
    /// No way to come.
    Transport,
    /// The connection failed.
    Technical,
    /// Anything else.
    Other,
}

/// Whether a client called off in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// With the notice the practice's policy asks for.
    Timely,
    /// With less.
    Late,
}

/// One change of status.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StatusChange {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: AppointmentEvent,
    /// Where it led.
    pub status: AppointmentStatus,
    /// For a client's cancellation: by the policy of the time, in time or late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
}

impl AppointmentStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Requested,
        Self::Scheduled,
        Self::Confirmed,
        Self::CheckedIn,
        Self::InSession,
        Self::Completed,
        Self::NoShow,
        Self::Cancelled,
        Self::Rescheduled,
    ];

    /// Returns the name used on the wire and in search terms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
            Self::Confirmed => "confirmed",
            Self::CheckedIn => "checked_in",
            Self::InSession => "in_session",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
            Self::Rescheduled => "rescheduled",
        }
    }

    /// Returns whether the client is still awaited.
    #[must_use]
    pub const fn is_upcoming(self) -> bool {
        matches!(self, Self::Requested | Self::Scheduled | Self::Confirmed)
    }

    /// Returns whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::NoShow | Self::Cancelled | Self::Rescheduled)
    }

    /// Returns whether the time is taken: neither called off nor replaced.
    #[must_use]
    pub const fn takes_time(self) -> bool {
        !matches!(self, Self::NoShow | Self::Cancelled | Self::Rescheduled)
    }

    /// Returns where `event` leads, or `None` when this status does not admit it.
    #[must_use]
    pub const fn after(self, event: &AppointmentEvent) -> Option<Self> {
        use AppointmentEvent as E;
        match (self, event) {
            (Self::Requested, E::Accept) | (Self::CheckedIn, E::UndoCheckIn) => Some(Self::Scheduled),
            (Self::Scheduled, E::Confirm) => Some(Self::Confirmed),
            (Self::Scheduled | Self::Confirmed, E::CheckIn) => Some(Self::CheckedIn),
            (Self::Scheduled | Self::Confirmed, E::NoShow { .. }) => Some(Self::NoShow),
            (Self::CheckedIn, E::Begin) => Some(Self::InSession),
            (Self::InSession, E::Complete) => Some(Self::Completed),
            (Self::Requested | Self::Scheduled | Self::Confirmed | Self::CheckedIn, E::Cancel { .. }) => {
                Some(Self::Cancelled)
            }
            (Self::Requested | Self::Scheduled | Self::Confirmed | Self::CheckedIn, E::Reschedule { .. }) => {
                Some(Self::Rescheduled)
            }
            (Self::Requested, E::Confirm | E::CheckIn | E::UndoCheckIn | E::Begin | E::Complete | E::NoShow { .. })
            | (Self::Scheduled, E::Accept | E::UndoCheckIn | E::Begin | E::Complete)
            | (Self::Confirmed, E::Accept | E::Confirm | E::UndoCheckIn | E::Begin | E::Complete)
            | (Self::CheckedIn, E::Accept | E::Confirm | E::CheckIn | E::Complete | E::NoShow { .. })
            | (
                Self::InSession,
                E::Accept
                | E::Confirm
                | E::CheckIn
                | E::UndoCheckIn
                | E::Begin
                | E::NoShow { .. }
                | E::Cancel { .. }
                | E::Reschedule { .. },
            )
            | (
                Self::Completed | Self::NoShow | Self::Cancelled | Self::Rescheduled,
                E::Accept
                | E::Confirm
                | E::CheckIn
                | E::UndoCheckIn
                | E::Begin
                | E::Complete
                | E::NoShow { .. }
                | E::Cancel { .. }
                | E::Reschedule { .. },
            ) => None,
        }
    }
}

impl fmt::Display for AppointmentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AppointmentEvent {
    /// Returns the name used on the wire and in errors.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Confirm => "confirm",
            Self::CheckIn => "check_in",
            Self::UndoCheckIn => "undo_check_in",
            Self::Begin => "begin",
            Self::Complete => "complete",
            Self::NoShow { .. } => "no_show",
            Self::Cancel { .. } => "cancel",
            Self::Reschedule { .. } => "reschedule",
        }
    }
}
