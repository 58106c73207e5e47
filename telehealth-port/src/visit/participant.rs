//! A person's part in a visit.

use chrono::{DateTime, Utc};
use mentalspace_core::{ClientId, ClinicianId, UserId};
use serde::{Deserialize, Serialize};

use crate::consent::LocationAttestation;
use crate::guard::Override;
use crate::provider::{GrantId, Media};
use crate::{ConsentId, ParticipantId};

/// In which part somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParticipantRole {
    /// Treats, admits, ends.
    Clinician,
    /// Answers for the clinician; admits and ends as well. Always seen by those in the room.
    Supervisor,
    /// Is treated.
    Client,
    /// Parent or guardian.
    Guardian,
    /// Interprets.
    Interpreter,
    /// Family or others who help the treatment.
    Collateral,
    /// Watches and listens.
    Observer,
    /// Records. Not seen in the roster; counted by the video service, not by us.
    RecorderBot,
}

impl ParticipantRole {
    /// Returns whether the part carries the right to admit, remove and end.
    #[must_use]
    pub const fn is_host(self) -> bool {
        match self {
            Self::Clinician | Self::Supervisor => true,
            Self::Client
            | Self::Guardian
            | Self::Interpreter
            | Self::Collateral
            | Self::Observer
            | Self::RecorderBot => false,
        }
    }

    pub(crate) const fn media(self, modality: Modality) -> Media {
        match (self, modality) {
            (Self::Observer | Self::RecorderBot, _) => Media::NONE,
            (_, Modality::Video) => Media::ALL,
            (_, Modality::AudioOnly | Modality::Telephone) => Media::AUDIO,
        }
    }
}

/// Who somebody is, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Person {
    /// A client of the practice.
    Client(ClientId),
    /// A clinician of the practice.
    Clinician(ClinicianId),
    /// Another person who may sign in, such as a guardian.
    User(UserId),
    /// Somebody with an invitation to this visit alone.
    Guest,
}

/// Somebody invited to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitee {
    /// Drawn afresh for this visit.
    pub id: ParticipantId,
    /// In which part.
    pub role: ParticipantRole,
    /// Who.
    pub person: Person,
}

/// How the visit is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Modality {
    /// Picture and sound.
    Video,
    /// Sound through the video service.
    AudioOnly,
    /// The telephone, when the video service failed.
    Telephone,
}

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParticipantState {
    /// Has not come.
    Invited,
    /// Has come and waits to be admitted.
    Waiting,
    /// May have a credential.
    Admitted,
    /// Has a credential.
    Joining,
    /// Is in the room.
    Connected,
    /// Lost the connection.
    Reconnecting,
    /// Left. May return without being admitted again while a deadline runs.
    Left,
    /// Was put out and may not return.
    Removed,
    /// Was not let in and may not come again.
    Declined,
}

impl ParticipantState {
    /// Returns the bare name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Waiting => "waiting",
            Self::Admitted => "admitted",
            Self::Joining => "joining",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Left => "left",
            Self::Removed => "removed",
            Self::Declined => "declined",
        }
    }
}

/// A stretch of time in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; still running if none.
    pub until: Option<DateTime<Utc>>,
}

/// On what grounds somebody was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Admission {
    /// Who let them in.
    pub by: ParticipantId,
    /// When.
    pub at: DateTime<Utc>,
    /// Version of the admission policy that was applied.
    pub policy_version: u32,
    /// The client's consent.
    pub consent: Option<ConsentId>,
    /// The reason, where a guard refused.
    pub overridden: Option<Override>,
}

/// A person's part in a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Participant {
    /// Drawn afresh for this visit.
    pub id: ParticipantId,
    /// In which part.
    pub role: ParticipantRole,
    /// Who.
    pub person: Person,
    /// Where they stand.
    pub state: ParticipantState,
    /// When they came first.
    pub arrived_at: Option<DateTime<Utc>>,
    /// Where a client is.
    pub location: Option<LocationAttestation>,
    /// The last admission; hosts need none.
    pub admission: Option<Admission>,
    /// Times in the room, in order.
    pub presence: Vec<Interval>,
    /// Whether they raise a hand.
    #[serde(default)]
    pub hand: bool,
    pub(crate) serial: u32,
    pub(crate) deadline: Option<DateTime<Utc>>,
    pub(crate) last_report: Option<DateTime<Utc>>,
    /// Connections under an earlier permission count as misuse from here on.
    pub(crate) stale_after: Option<DateTime<Utc>>,
}

impl Participant {
    pub(crate) const fn new(invitee: Invitee) -> Self {
        Self {
            id: invitee.id,
            role: invitee.role,
            person: invitee.person,
            state: ParticipantState::Invited,
            arrived_at: None,
            location: None,
            admission: None,
            presence: Vec::new(),
            hand: false,
            serial: 0,
            deadline: None,
            last_report: None,
            stale_after: None,
        }
    }

    /// Returns the latest permission to join, live or not; `None` before the first admission.
    #[must_use]
    pub const fn grant(&self) -> Option<GrantId> {
        if self.serial == 0 { None } else { Some(GrantId { participant: self.id, serial: self.serial }) }
    }

    /// Returns until when somebody who was admitted must be connected, or be admitted again.
    #[must_use]
    pub const fn deadline(&self) -> Option<DateTime<Utc>> {
        self.deadline
    }

    /// Returns whether the admission stands.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        match self.state {
            ParticipantState::Admitted
            | ParticipantState::Joining
            | ParticipantState::Connected
            | ParticipantState::Reconnecting => true,
            ParticipantState::Left => self.deadline.is_some(),
            ParticipantState::Invited
            | ParticipantState::Waiting
            | ParticipantState::Removed
            | ParticipantState::Declined => false,
        }
    }

    pub(crate) fn standing_grant(&self) -> Option<GrantId> {
        self.grant().filter(|_| self.is_admitted())
    }

    /// Returns whether the person is in the room or about to be.
    pub(crate) fn is_active(&self) -> bool {
        self.is_admitted() && self.state != ParticipantState::Left
    }

    /// Returns whether the person came and has not gone.
    pub(crate) fn is_present(&self) -> bool {
        self.is_active() || self.state == ParticipantState::Waiting
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == ParticipantState::Connected
    }
}
