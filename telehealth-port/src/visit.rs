//! A telehealth visit: one occurrence of an appointment, from the waiting room to the measured end.
//!
//! Every method takes the time, first lets timers fire that are due by then, and either returns what happened or
//! changes nothing. A credential exists only for somebody who was admitted. Terminal states are never left; what may
//! remain in them is a room to be closed. Replaying the events gives the same visit.

mod call;
mod clock;
mod close;
mod door;
mod draft;
mod event;
mod evolve;
mod failover;
mod intent;
mod participant;
mod policy;
mod recording;
mod view;

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use mentalspace_core::store::{Document, Term};
use mentalspace_core::{AppointmentId, ClientId, VisitId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use clock::{Timer, TimerKind};
pub use door::AdmissionRequest;
pub use event::{Change, ParticipantChange, VisitEvent};
pub use failover::Stray;
pub use intent::Intent;
pub use participant::{Admission, Interval, Invitee, Modality, Participant, ParticipantRole, ParticipantState, Person};
pub use policy::{Minutes, NoShow, VisitPolicy};
pub use recording::{Answer, MAX_RECORDINGS, Recording, RecordingState};
pub use view::{Prompt, SeenParticipant, VisitView};

use crate::ParticipantId;
use crate::guard::{ProviderAgreement, Refusal};
use crate::provider::{GrantId, IdempotencyKey, ProviderId, Region, RoomHandle};

/// Most people that may be invited to one visit.
pub const MAX_PARTICIPANTS: usize = 250;
/// Most credentials one person may have in one visit: beyond every honest reconnection, it bounds the record.
pub const MAX_GRANTS: u32 = 200;

/// Most connections of one person that are measured in one visit; later ones are not counted.
pub const MAX_CONNECTIONS: usize = 1000;
/// Most changes of modality in one visit.
pub const MAX_MODALITIES: usize = 50;

/// What is booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The visit's id.
    pub id: VisitId,
    /// The occurrence it belongs to.
    pub appointment: AppointmentId,
    /// Planned start.
    pub starts_at: DateTime<Utc>,
    /// Planned end.
    pub ends_at: DateTime<Utc>,
    /// How it is held.
    pub modality: Modality,
    /// The video service.
    pub provider: ProviderId,
    /// Where media should flow.
    pub region: Option<Region>,
    /// Who takes part: at least a clinician and somebody to be treated.
    pub invitees: Vec<Invitee>,
}

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VisitState {
    /// Booked.
    Scheduled,
    /// The waiting room is open.
    Open,
    /// Clinician and client have met.
    InProgress(Health),
    /// Everybody is cut; the room is being closed.
    Ending(EndReason),
    /// Over.
    Ended(EndReason),
    /// The client did not come.
    NoShow,
    /// Called off.
    Cancelled(CancelReason),
    /// Given up by an operator.
    Failed,
}

impl VisitState {
    /// Returns the bare name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::InProgress(_) => "in_progress",
            Self::Ending(_) => "ending",
            Self::Ended(_) => "ended",
            Self::NoShow => "no_show",
            Self::Cancelled(_) => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Returns whether nothing follows.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Scheduled | Self::Open | Self::InProgress(_) | Self::Ending(_) => false,
            Self::Ended(_) | Self::NoShow | Self::Cancelled(_) | Self::Failed => true,
        }
    }

    /// Returns whether people may come and be let in.
    pub(crate) const fn is_live(self) -> bool {
        match self {
            Self::Open | Self::InProgress(_) => true,
            Self::Scheduled | Self::Ending(_) | Self::Ended(_) | Self::NoShow | Self::Cancelled(_) | Self::Failed => {
                false
            }
        }
    }
}

/// Whether clinician and client are both there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Health {
    /// Both.
    Healthy,
    /// One is gone.
    Interrupted,
}

/// Why a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// A host ended it.
    ByHost,
    /// Clinician or client did not come back.
    Disconnected,
    /// The limit was reached.
    TimeLimit,
    /// The room was lost too often.
    RoomLost,
}

/// Why a visit was called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CancelReason {
    /// By the clinician.
    Clinician,
    /// By the client.
    Client,
    /// By the practice.
    Practice,
    /// By the clock: somebody or nobody came, but the visit never began.
    NeverStarted,
}

/// How somebody went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    /// On purpose.
    Left,
    /// The connection broke.
    Dropped,
}

/// The visit's room at the video service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Room {
    None,
    Requested(IdempotencyKey),
    Open(Box<RoomHandle>),
    Closing { handle: Box<RoomHandle>, failures: u32 },
    Closed,
}

/// A telehealth visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    id: VisitId,
    appointment: AppointmentId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    provider: ProviderId,
    region: Option<Region>,
    policy: VisitPolicy,
    state: VisitState,
    participants: Vec<Participant>,
    generation: u32,
    room: Room,
    revocations: BTreeSet<GrantId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    strays: Vec<Stray>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recordings: Vec<Recording>,
    started_at: Option<DateTime<Utc>>,
    cut_at: Option<DateTime<Utc>>,
    interruptions: Vec<Interval>,
    modalities: Vec<(DateTime<Utc>, Modality)>,
    extensions: Vec<Minutes>,
    warned_for: Option<DateTime<Utc>>,
    no_show_suspected: bool,
}

/// Why a visit refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// The visit's state does not allow it.
    #[error("{action} is not possible while the visit is {state}")]
    NotNow {
        /// What was asked.
        action: &'static str,
        /// Where the visit stands.
        state: &'static str,
    },
    /// The waiting room is not open.
    #[error("the waiting room opens at {opens_at}")]
    TooEarly {
        /// When it opens.
        opens_at: DateTime<Utc>,
    },
    /// No such participant.
    #[error("participant is not part of this visit")]
    UnknownParticipant,
    /// Only clinicians and supervisors of the visit may do this.
    #[error("{action} is for clinicians and supervisors of the visit")]
    NotHost {
        /// What was asked.
        action: &'static str,
    },
    /// Whoever admits must be there.
    #[error("the host who admits has not arrived")]
    HostAbsent,
    /// The participant's state does not allow it.
    #[error("{action} is not possible for a participant who is {}", state.name())]
    NotThem {
        /// What was asked.
        action: &'static str,
        /// Where the participant stands.
        state: ParticipantState,
    },
    /// Admission guards said no.
    #[error("admission refused: {}", list(.0))]
    Refused(Vec<Refusal>),
    /// The permission is no longer the present one: throw the credential away.
    #[error("the permission to join is no longer current")]
    StaleGrant,
    /// The room is not the present one: close it.
    #[error("the room is no longer current")]
    StaleRoom,
    /// A bound was reached.
    #[error("at most {max} {what} allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: u32,
    },
    /// A value breaks its rule.
    #[error("{0}")]
    Invalid(&'static str),
    /// No business associate agreement with the video service.
    #[error("no business associate agreement covers the video service")]
    NoAgreement,
    /// The events are not the log of one visit.
    #[error("event {index} does not belong into the log of a visit")]
    NotALog {
        /// Position of the event.
        index: usize,
    },
}

fn list(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Visit {
    /// Books a visit.
    ///
    /// # Errors
    /// [`VisitError::NoAgreement`] unless the agreement covers the service at the start, and
    /// [`VisitError::Invalid`] or [`VisitError::TooMany`] for a booking that cannot be held.
    pub fn schedule(
        booking: Booking,
        policy: VisitPolicy,
        agreement: Option<&ProviderAgreement>,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<VisitEvent>), VisitError> {
        if !agreement.is_some_and(|a| a.covers(&booking.provider, booking.starts_at.date_naive())) {
            return Err(VisitError::NoAgreement);
        }
        if booking.ends_at <= booking.starts_at {
            return Err(VisitError::Invalid("a visit must end after its start"));
        }
        if policy.warn_before > policy.limit {
            return Err(VisitError::Invalid("the warning must not be longer than the limit"));
        }
        let mut seen = Vec::new();
        for invitee in &booking.invitees {
            check_invitee(invitee, &seen)?;
            seen.push(*invitee);
        }
        let visit = Self::from_booking(booking.clone(), policy.clone(), now);
        if !visit.participants.iter().any(|p| p.role == ParticipantRole::Clinician) {
            return Err(VisitError::Invalid("a visit needs a clinician"));
        }
        if !visit.participants.iter().any(|p| visit.is_party(p)) {
            return Err(VisitError::Invalid("a visit needs somebody to be treated"));
        }
        let change = Change::Scheduled { booking: Box::new(booking), policy: Box::new(policy) };
        Ok((visit, vec![VisitEvent { at: now, by: None, change }]))
    }

    /// Rebuilds a visit from everything that happened.
    ///
    /// # Errors
    /// [`VisitError::NotALog`] unless the log begins, and only begins, with a booking.
    pub fn replay(log: &[VisitEvent]) -> Result<Self, VisitError> {
        let mut events = log.iter().enumerate();
        let mut visit = match events.next() {
            Some((_, VisitEvent { at, change: Change::Scheduled { booking, policy }, .. })) => {
                Self::from_booking((**booking).clone(), (**policy).clone(), *at)
            }
            Some(_) | None => return Err(VisitError::NotALog { index: 0 }),
        };
        for (index, event) in events {
            if matches!(event.change, Change::Scheduled { .. }) {
                return Err(VisitError::NotALog { index });
            }
            visit.evolve(event);
        }
        Ok(visit)
    }

    fn from_booking(booking: Booking, policy: VisitPolicy, at: DateTime<Utc>) -> Self {
        Self {
            id: booking.id,
            appointment: booking.appointment,
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            provider: booking.provider,
            region: booking.region,
            policy,
            state: VisitState::Scheduled,
            participants: booking.invitees.into_iter().map(Participant::new).collect(),
            generation: 0,
            room: Room::None,
            revocations: BTreeSet::new(),
            strays: Vec::new(),
            recordings: Vec::new(),
            started_at: None,
            cut_at: None,
            interruptions: Vec::new(),
            modalities: vec![(at, booking.modality)],
            extensions: Vec::new(),
            warned_for: None,
            no_show_suspected: false,
        }
    }

    /// Returns the visit's id.
    #[must_use]
    pub const fn visit_id(&self) -> VisitId {
        self.id
    }

    /// Returns the occurrence it belongs to.
    #[must_use]
    pub const fn appointment(&self) -> AppointmentId {
        self.appointment
    }

    /// Returns the planned start.
    #[must_use]
    pub const fn starts_at(&self) -> DateTime<Utc> {
        self.starts_at
    }

    /// Returns the planned end.
    #[must_use]
    pub const fn ends_at(&self) -> DateTime<Utc> {
        self.ends_at
    }

    /// Returns the video service.
    #[must_use]
    pub const fn provider(&self) -> &ProviderId {
        &self.provider
    }

    /// Returns how the visit runs.
    #[must_use]
    pub const fn policy(&self) -> &VisitPolicy {
        &self.policy
    }

    /// Returns where the visit stands.
    #[must_use]
    pub const fn state(&self) -> VisitState {
        self.state
    }

    /// Returns everybody invited, in the order of invitation. Only for the practice: see [`Visit::view_for`].
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }

    /// Returns one participant.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants.iter().find(|p| p.id == id)
    }

    /// Returns the number of the present or last room, 0 before the first.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Returns the room at the video service while there is one.
    #[must_use]
    pub fn room(&self) -> Option<&RoomHandle> {
        match &self.room {
            Room::Open(handle) | Room::Closing { handle, .. } => Some(handle),
            Room::None | Room::Requested(_) | Room::Closed => None,
        }
    }

    /// Returns T0: when clinician and client were first both connected.
    #[must_use]
    pub const fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at
    }

    /// Returns when everybody was cut.
    #[must_use]
    pub const fn cut_at(&self) -> Option<DateTime<Utc>> {
        self.cut_at
    }

    /// Returns the stretches during which clinician or client was gone.
    #[must_use]
    pub fn interruptions(&self) -> &[Interval] {
        &self.interruptions
    }

    /// Returns how the visit was held, each from when on.
    #[must_use]
    pub fn modalities(&self) -> &[(DateTime<Utc>, Modality)] {
        &self.modalities
    }

    /// Returns whether everybody was warned of the present limit.
    #[must_use]
    pub fn is_warned(&self) -> bool {
        self.warned_for.is_some() && self.warned_for == self.limit()
    }

    /// Returns how often the visit may still be extended.
    #[must_use]
    pub fn extensions_left(&self) -> u32 {
        self.policy.extensions.saturating_sub(u32::try_from(self.extensions.len()).unwrap_or(u32::MAX))
    }

    pub(crate) fn modality(&self) -> Modality {
        self.modalities.last().map_or(Modality::Video, |(_, modality)| *modality)
    }

    /// Tells who is being treated: clients or, where none is invited, guardians and collaterals.
    pub(crate) fn is_party(&self, participant: &Participant) -> bool {
        match participant.role {
            ParticipantRole::Client => true,
            ParticipantRole::Guardian | ParticipantRole::Collateral => {
                !self.participants.iter().any(|p| p.role == ParticipantRole::Client)
            }
            ParticipantRole::Clinician
            | ParticipantRole::Supervisor
            | ParticipantRole::Interpreter
            | ParticipantRole::Observer
            | ParticipantRole::RecorderBot => false,
        }
    }

    pub(crate) fn parties(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|p| self.is_party(p))
    }

    pub(crate) fn clinicians(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|p| p.role == ParticipantRole::Clinician)
    }
}

fn check_invitee(invitee: &Invitee, others: &[Invitee]) -> Result<(), VisitError> {
    if others.len() >= MAX_PARTICIPANTS {
        return Err(VisitError::TooMany { what: "participants", max: MAX_PARTICIPANTS as u32 });
    }
    if others.iter().any(|o| o.id == invitee.id || (o.person == invitee.person && o.person != Person::Guest)) {
        return Err(VisitError::Invalid("somebody is invited twice"));
    }
    let fits = match invitee.role {
        ParticipantRole::Client => matches!(invitee.person, Person::Client(_)),
        ParticipantRole::Clinician | ParticipantRole::Supervisor => matches!(invitee.person, Person::Clinician(_)),
        ParticipantRole::Guardian
        | ParticipantRole::Interpreter
        | ParticipantRole::Collateral
        | ParticipantRole::Observer
        | ParticipantRole::RecorderBot => !matches!(invitee.person, Person::Client(_)),
    };
    if fits { Ok(()) } else { Err(VisitError::Invalid("the part does not fit the person")) }
}

impl Document for Visit {
    const KIND: &'static str = "visit";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    /// The client of a visit with one client; a group's record belongs to no single client.
    fn client(&self) -> Option<ClientId> {
        let mut clients = self.clients();
        clients.next().filter(|_| clients.next().is_none())
    }

    fn sort(&self) -> String {
        self.starts_at.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms =
            vec![Term::plain("appointment", &self.appointment).unique(), Term::plain("state", self.state.name())];
        if !self.due().is_empty() || !self.intents().is_empty() {
            terms.push(Term::plain("live", "yes"));
        }
        terms.extend(self.room().map(|room| Term::plain("room", &room.room)));
        terms.extend(self.clients().map(|client| Term::plain("client", &client)));
        terms
    }
}

impl Visit {
    fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.participants.iter().filter_map(|p| match p.person {
            Person::Client(id) => Some(id),
            Person::Clinician(_) | Person::User(_) | Person::Guest => None,
        })
    }
}
