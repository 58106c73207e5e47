//! What happened in a visit: enough to rebuild it, and what audit and push messages are made from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Admission, Booking, CancelReason, Departure, EndReason, Invitee, Minutes, Modality, VisitPolicy};
use crate::ParticipantId;
use crate::consent::LocationAttestation;
use crate::provider::{
    GrantId, IdempotencyKey, ProviderId, RecordingFile, RecordingHandle, RecordingMedia, Region, RoomHandle,
};

/// One thing that happened. Holds protected information (silent in `Debug`) and the room's handle: an audit event takes
/// name, time and ids from it, not the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitEvent {
    /// When it took effect; a late timer's event has the time it was due.
    pub at: DateTime<Utc>,
    /// Who did it; `None` for the clock, the video service and people outside the visit.
    pub by: Option<ParticipantId>,
    /// What.
    pub change: Change,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// The visit was booked.
    Scheduled {
        /// What was booked.
        booking: Box<Booking>,
        /// How it runs.
        policy: Box<VisitPolicy>,
    },
    /// The waiting room opened.
    Opened,
    /// Somebody else was invited.
    Invited(Invitee),
    /// Something happened to one person.
    Participant {
        /// Who.
        id: ParticipantId,
        /// What.
        change: ParticipantChange,
    },
    /// A room is needed.
    RoomRequested {
        /// 1 for the first.
        generation: u32,
        /// Its name.
        key: IdempotencyKey,
    },
    /// The room is open.
    RoomOpened(Box<RoomHandle>),
    /// A credential was taken back at the video service.
    Revoked(GrantId),
    /// Somebody connected with a credential that was taken back.
    StaleConnection(GrantId),
    /// Clinician and client are both connected for the first time.
    Started,
    /// Clinician or client is gone.
    Interrupted,
    /// Both are there again.
    Resumed,
    /// The room vanished at the video service.
    RoomLost {
        /// Which.
        generation: u32,
        /// When that was noticed; from then on everybody has a grace to get into the next.
        noticed_at: DateTime<Utc>,
    },
    /// The room was given up: nobody knows whether it is being recorded.
    RoomDiscarded {
        /// Which.
        generation: u32,
        /// When; from then on everybody has a grace to get into the next.
        noticed_at: DateTime<Utc>,
    },
    /// A room that was given up is closed.
    StrayClosed {
        /// Of which service.
        provider: ProviderId,
        /// Its name.
        key: IdempotencyKey,
    },
    /// The visit moved to another video service.
    FailedOver {
        /// To which.
        to: ProviderId,
        /// Where media should flow there.
        region: Option<Region>,
    },
    /// A host wishes to record.
    RecordingAsked {
        /// Counts from 1.
        number: u32,
        /// Who.
        by: ParticipantId,
        /// What.
        media: RecordingMedia,
        /// The recording's name.
        key: IdempotencyKey,
    },
    /// Somebody said yes or no to the recording.
    RecordingAnswered {
        /// Who.
        who: ParticipantId,
        /// What.
        yes: bool,
    },
    /// There will be no recording.
    RecordingRefused,
    /// Everybody said yes.
    RecordingRequested,
    /// The service records.
    RecordingStarted(Box<RecordingHandle>),
    /// The recording is to stop.
    RecordingStopping,
    /// The service stopped.
    RecordingStopped {
        /// Which.
        number: u32,
        /// The handle to go on with.
        handle: Box<RecordingHandle>,
    },
    /// The file is there.
    RecordingReady {
        /// Which.
        number: u32,
        /// The file.
        file: Box<RecordingFile>,
    },
    /// The service does not record.
    RecordingFailed,
    /// The service recorded and made no file of it.
    RecordingUnfinished {
        /// Which.
        number: u32,
    },
    /// The limit is near.
    LimitWarned {
        /// When it is reached.
        limit: DateTime<Utc>,
    },
    /// The limit was moved.
    Extended(Minutes),
    /// The visit goes on in another way.
    ModalityChanged(Modality),
    /// The client seems not to come; the clinician decides.
    NoShowSuspected,
    /// Everybody is cut; the room is being closed.
    Ending(EndReason),
    /// Closing the room failed.
    CloseFailed,
    /// The room is closed.
    RoomClosed,
    /// The visit is over.
    Ended,
    /// The client did not come.
    NoShow,
    /// The visit was called off.
    Cancelled(CancelReason),
    /// An operator gave the visit up.
    Failed,
}

/// What happened to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParticipantChange {
    /// Came. Clients wait from here on.
    Arrived,
    /// Waited and went away.
    Withdrawn,
    /// Said where they are.
    LocationAttested(Box<LocationAttestation>),
    /// Was let in; hosts need no grounds.
    Admitted(Option<Box<Admission>>),
    /// Waited and was not let in.
    Declined,
    /// Was put back into the waiting room.
    SentBack,
    /// Was put out.
    Removed,
    /// Was declined or removed and may come again.
    AllowedBack,
    /// Got a credential.
    Granted {
        /// When it expires.
        expires_at: DateTime<Utc>,
    },
    /// Is in the room.
    Connected,
    /// Left or was cut off.
    Departed {
        /// How.
        how: Departure,
        /// Until when they may return. Counts from when it was noticed: a report that comes late costs nobody the grace.
        until: DateTime<Utc>,
    },
    /// Did not come (back) in time and would have to be admitted again.
    Lapsed,
    /// Comes back without being admitted again, perhaps from another device.
    Rejoined,
    /// Raised or lowered a hand.
    Hand {
        /// Whether it is up.
        up: bool,
    },
}

impl ParticipantChange {
    /// Returns the name in the audit trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Arrived => "participant.arrived",
            Self::Withdrawn => "participant.withdrawn",
            Self::LocationAttested(_) => "participant.location_attested",
            Self::Admitted(_) => "participant.admitted",
            Self::Declined => "participant.declined",
            Self::SentBack => "participant.sent_back",
            Self::Removed => "participant.removed",
            Self::AllowedBack => "participant.allowed_back",
            Self::Granted { .. } => "credential.issued",
            Self::Connected => "participant.connected",
            Self::Departed { how: Departure::Left, .. } => "participant.left",
            Self::Departed { how: Departure::Dropped, .. } => "participant.dropped",
            Self::Lapsed => "participant.lapsed",
            Self::Rejoined => "participant.rejoined",
            Self::Hand { .. } => "participant.hand",
        }
    }
}

impl Change {
    /// Returns the name in the audit trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "session.created",
            Self::Opened => "session.opened",
            Self::Invited(_) => "participant.invited",
            Self::Participant { change, .. } => change.name(),
            Self::RoomRequested { .. } => "room.requested",
            Self::RoomOpened(_) => "room.opened",
            Self::Revoked(_) => "credential.revoked",
            Self::StaleConnection(_) => "credential.stale_use",
            Self::Started => "session.started",
            Self::Interrupted => "session.interrupted",
            Self::Resumed => "session.resumed",
            Self::RoomLost { .. } => "room.lost",
            Self::RoomDiscarded { .. } => "room.discarded",
            Self::StrayClosed { .. } => "room.stray_closed",
            Self::FailedOver { .. } => "session.failed_over",
            Self::RecordingAsked { .. } => "recording.asked",
            Self::RecordingAnswered { yes: true, .. } => "recording.agreed",
            Self::RecordingAnswered { yes: false, .. } => "recording.objected",
            Self::RecordingRefused => "recording.refused",
            Self::RecordingRequested => "recording.requested",
            Self::RecordingStarted(_) => "recording.started",
            Self::RecordingStopping => "recording.stopping",
            Self::RecordingStopped { .. } => "recording.stopped",
            Self::RecordingReady { .. } => "recording.ready",
            Self::RecordingFailed => "recording.failed",
            Self::RecordingUnfinished { .. } => "recording.unfinished",
            Self::LimitWarned { .. } => "session.limit_warning",
            Self::Extended(_) => "session.extended",
            Self::ModalityChanged(_) => "session.modality_changed",
            Self::NoShowSuspected => "session.no_show_suspected",
            Self::Ending(_) => "session.ending",
            Self::CloseFailed => "room.close_failed",
            Self::RoomClosed => "room.closed",
            Self::Ended => "session.ended",
            Self::NoShow => "session.no_show",
            Self::Cancelled(_) => "session.cancelled",
            Self::Failed => "session.failed",
        }
    }
}
