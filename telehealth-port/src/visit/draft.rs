//! A change under way: decided on a copy, kept only if nothing refuses.

use chrono::{DateTime, Utc};

use super::{
    Change, EndReason, Health, Participant, ParticipantChange, ParticipantState, Room, Visit, VisitError, VisitEvent,
    VisitState,
};
use crate::ParticipantId;
use crate::provider::{IdempotencyKey, RoomSecret};

pub(super) struct Draft {
    pub(super) visit: Visit,
    pub(super) now: DateTime<Utc>,
    /// When what is emitted takes effect.
    pub(super) at: DateTime<Utc>,
    pub(super) by: Option<ParticipantId>,
    pub(super) events: Vec<VisitEvent>,
}

impl Visit {
    /// Catches up with the timers, decides, draws the consequences and keeps the result.
    pub(super) fn transact(
        &mut self,
        by: Option<ParticipantId>,
        now: DateTime<Utc>,
        decide: impl FnOnce(&mut Draft) -> Result<(), VisitError>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        let mut draft = Draft { visit: self.clone(), now, at: now, by: None, events: Vec::new() };
        draft.catch_up(now);
        (draft.at, draft.by) = (now, by);
        decide(&mut draft)?;
        draft.by = None;
        draft.settle();
        draft.catch_up(now);
        *self = draft.visit;
        Ok(draft.events)
    }

    /// The same for what cannot be refused.
    pub(super) fn record(&mut self, now: DateTime<Utc>, note: impl FnOnce(&mut Draft)) -> Vec<VisitEvent> {
        let noted = self.transact(None, now, |draft| {
            note(draft);
            Ok(())
        });
        noted.unwrap_or_default()
    }

    pub(super) fn find(&self, id: ParticipantId) -> Result<&Participant, VisitError> {
        self.participant(id).ok_or(VisitError::UnknownParticipant)
    }

    pub(super) fn host(&self, id: ParticipantId, action: &'static str) -> Result<&Participant, VisitError> {
        let host = self.find(id)?;
        if host.role.is_host() { Ok(host) } else { Err(VisitError::NotHost { action }) }
    }

    pub(super) fn not_now(&self, action: &'static str) -> VisitError {
        VisitError::NotNow { action, state: self.state.name() }
    }

    pub(super) fn live(&self, action: &'static str) -> Result<(), VisitError> {
        if self.state.is_live() { Ok(()) } else { Err(self.not_now(action)) }
    }

    fn met(&self) -> bool {
        self.clinicians().any(Participant::is_connected) && self.parties().any(Participant::is_connected)
    }

    /// Tells when the people who are connected now first were so together.
    fn met_at(&self) -> Option<DateTime<Utc>> {
        let since = |p: &Participant| p.presence.last().filter(|_| p.is_connected()).map(|interval| interval.from);
        let clinician = self.clinicians().filter_map(since).min()?;
        Some(clinician.max(self.parties().filter_map(since).min()?))
    }

    /// Tells whether clinician and client may both still come back.
    fn has_hope(&self) -> bool {
        let may_return = |p: &Participant| p.is_admitted() || p.state == ParticipantState::Waiting;
        self.clinicians().any(may_return) && self.parties().any(may_return)
    }
}

impl Draft {
    pub(super) fn emit(&mut self, change: Change) {
        let event = VisitEvent { at: self.at, by: self.by, change };
        self.visit.evolve(&event);
        self.events.push(event);
    }

    pub(super) fn emit_for(&mut self, id: ParticipantId, change: ParticipantChange) {
        self.emit(Change::Participant { id, change });
    }

    /// Draws the consequences that follow from the state alone.
    pub(super) fn settle(&mut self) {
        match self.visit.state {
            VisitState::Open => {
                if let Some(t0) = self.visit.met_at() {
                    self.at = t0;
                    self.emit(Change::Started);
                }
            }
            VisitState::InProgress(Health::Healthy) => {
                if !self.visit.met() {
                    self.emit(Change::Interrupted);
                }
            }
            VisitState::InProgress(Health::Interrupted) => {
                if self.visit.met() {
                    self.emit(Change::Resumed);
                }
            }
            VisitState::Ending(_) => match self.visit.room {
                Room::None | Room::Closed => self.emit(Change::Ended),
                Room::Requested(_) | Room::Open(_) | Room::Closing { .. } => {}
            },
            VisitState::Scheduled
            | VisitState::Ended(_)
            | VisitState::NoShow
            | VisitState::Cancelled(_)
            | VisitState::Failed => {}
        }
        self.settle_recording();
    }

    /// Asks for a room unless there is one, and lets in every host who waits.
    pub(super) fn ensure_room(&mut self, secret: &RoomSecret) {
        let by = self.by.take();
        if self.visit.room == Room::None {
            let generation = self.visit.generation.saturating_add(1);
            let key = IdempotencyKey::derive(secret, self.visit.id, generation);
            self.emit(Change::RoomRequested { generation, key });
        }
        let waits = |p: &&Participant| p.role.is_host() && p.state == ParticipantState::Waiting;
        let hosts: Vec<_> = self.visit.participants.iter().filter(waits).map(|p| p.id).collect();
        for participant in hosts {
            self.emit_for(participant, ParticipantChange::Admitted(None));
        }
        self.by = by;
    }

    pub(super) fn lapse(&mut self, participant: ParticipantId) {
        self.emit_for(participant, ParticipantChange::Lapsed);
        if matches!(self.visit.state, VisitState::InProgress(_)) && !self.visit.has_hope() {
            self.emit(Change::Ending(EndReason::Disconnected));
        }
    }
}
