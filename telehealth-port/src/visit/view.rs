//! What one participant may see of a visit. Who waits is seen by hosts alone; clients who wait see themselves.

use chrono::{DateTime, Utc};

use super::{Participant, ParticipantRole, ParticipantState, Room, Visit, VisitState};
use crate::ParticipantId;

/// A visit through the eyes of one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisitView {
    /// Where the visit stands.
    pub state: VisitState,
    /// What the viewer can do, or what is in the way and until when.
    pub prompt: Prompt,
    /// Where the viewer stands.
    pub own: ParticipantState,
    /// Whether a clinician has come.
    pub clinician_present: bool,
    /// Whom else the viewer may see.
    pub others: Vec<SeenParticipant>,
}

/// Another participant as seen by the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenParticipant {
    /// Who.
    pub id: ParticipantId,
    /// In which part.
    pub role: ParticipantRole,
    /// Where they stand.
    pub state: ParticipantState,
}

/// What a participant can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Come back when the waiting room opens.
    OpensAt(DateTime<Utc>),
    /// Say that you are here.
    Arrive,
    /// Wait to be let in or, as a host, let somebody in.
    Wait,
    /// You are let in; the room is being prepared.
    Prepare,
    /// The visit is being recorded: say whether you agree before you join.
    AnswerRecording,
    /// Ask for the credential.
    Join,
    /// You are in.
    InRoom,
    /// Come back without being let in again, by the given time.
    Rejoin {
        /// The last moment; open if none.
        until: Option<DateTime<Utc>>,
    },
    /// You were not let in, or put out.
    Barred,
    /// The visit is over.
    Over,
}

impl Visit {
    /// Shows the visit to one participant; `None` if they are not part of it.
    #[must_use]
    pub fn view_for(&self, viewer: ParticipantId) -> Option<VisitView> {
        let own = self.participant(viewer)?;
        let sees = |other: &&Participant| {
            other.id != viewer
                && other.role != ParticipantRole::RecorderBot
                && (own.role.is_host() || (own.is_active() && is_in_room(other)))
        };
        let seen = |p: &Participant| SeenParticipant { id: p.id, role: p.role, state: p.state };
        Some(VisitView {
            state: self.state,
            prompt: self.prompt(own),
            own: own.state,
            clinician_present: self.clinicians().any(Participant::is_present),
            others: self.participants.iter().filter(sees).map(seen).collect(),
        })
    }

    fn prompt(&self, own: &Participant) -> Prompt {
        match self.state {
            VisitState::Scheduled => return Prompt::OpensAt(self.opens_at()),
            VisitState::Open | VisitState::InProgress(_) => {}
            VisitState::Ending(_)
            | VisitState::Ended(_)
            | VisitState::NoShow
            | VisitState::Cancelled(_)
            | VisitState::Failed => return Prompt::Over,
        }
        match own.state {
            ParticipantState::Left if own.is_admitted() => Prompt::Rejoin { until: own.deadline },
            ParticipantState::Invited | ParticipantState::Left => Prompt::Arrive,
            ParticipantState::Waiting => Prompt::Wait,
            ParticipantState::Admitted if self.is_held(own.id) => Prompt::AnswerRecording,
            ParticipantState::Admitted => match self.room {
                Room::Open(_) => Prompt::Join,
                Room::None => Prompt::Rejoin { until: own.deadline },
                Room::Requested(_) | Room::Closing { .. } | Room::Closed => Prompt::Prepare,
            },
            ParticipantState::Joining | ParticipantState::Reconnecting => Prompt::Rejoin { until: own.deadline },
            ParticipantState::Connected => Prompt::InRoom,
            ParticipantState::Removed | ParticipantState::Declined => Prompt::Barred,
        }
    }
}

const fn is_in_room(p: &Participant) -> bool {
    match p.state {
        ParticipantState::Connected | ParticipantState::Reconnecting => true,
        ParticipantState::Invited
        | ParticipantState::Waiting
        | ParticipantState::Admitted
        | ParticipantState::Joining
        | ParticipantState::Left
        | ParticipantState::Removed
        | ParticipantState::Declined => false,
    }
}
