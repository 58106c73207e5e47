//! Applies what happened. Total and without refusal: a log is the truth.

use chrono::{DateTime, Utc};

use super::{
    Change, Departure, Health, Interval, Modality, Participant, ParticipantChange, ParticipantState, Room, Stray,
    Visit, VisitEvent, VisitState,
};
use crate::ParticipantId;

impl Visit {
    pub(super) fn evolve(&mut self, event: &VisitEvent) {
        let at = event.at;
        match &event.change {
            Change::Scheduled { .. } => {}
            Change::Opened => self.state = VisitState::Open,
            Change::Invited(invitee) => self.participants.push(Participant::new(*invitee)),
            Change::Participant { id, change } => self.evolve_participant(*id, change, at),
            Change::RoomRequested { generation, key } => {
                self.generation = *generation;
                self.room = Room::Requested(key.clone());
            }
            Change::RoomOpened(handle) => {
                self.room = Room::Open(handle.clone());
                self.close_room_when_over();
                self.await_joins(at);
            }
            Change::RoomLost { noticed_at, .. } => self.lose_room(at, *noticed_at),
            Change::RoomDiscarded { noticed_at, .. } => self.discard_room(at, *noticed_at),
            Change::StrayClosed { provider, key } => {
                self.strays.retain(|stray| stray.key() != key || stray.provider() != provider);
            }
            Change::FailedOver { to, region } => {
                if let Room::Requested(key) = &self.room {
                    self.strays.push(Stray::Asked { provider: self.provider.clone(), key: key.clone() });
                }
                (self.provider, self.region) = (to.clone(), region.clone());
            }
            Change::RecordingAsked { .. }
            | Change::RecordingAnswered { .. }
            | Change::RecordingRefused
            | Change::RecordingRequested
            | Change::RecordingStarted(_)
            | Change::RecordingStopping
            | Change::RecordingStopped { .. }
            | Change::RecordingReady { .. }
            | Change::RecordingFailed
            | Change::RecordingUnfinished { .. } => self.evolve_recording(&event.change, at),
            Change::RoomClosed => self.room = Room::Closed,
            Change::CloseFailed => {
                if let Room::Closing { failures, .. } = &mut self.room {
                    *failures = failures.saturating_add(1);
                }
            }
            Change::Revoked(grant) => {
                self.revocations.remove(grant);
            }
            Change::StaleConnection(grant) => {
                self.revocations.insert(*grant);
                if let Some(p) = self.participants.iter_mut().find(|p| p.id == grant.participant) {
                    p.stale_after = Some(at);
                }
            }
            Change::Started => {
                self.started_at = Some(at);
                self.state = VisitState::InProgress(Health::Healthy);
            }
            Change::Interrupted => {
                self.interruptions.push(Interval { from: at, until: None });
                self.state = VisitState::InProgress(Health::Interrupted);
            }
            Change::Resumed => {
                end(&mut self.interruptions, at);
                self.state = VisitState::InProgress(Health::Healthy);
            }
            Change::LimitWarned { limit } => self.warned_for = Some(*limit),
            Change::Extended(minutes) => self.extensions.push(*minutes),
            Change::ModalityChanged(modality) => self.hold_by(*modality, at),
            Change::NoShowSuspected => self.no_show_suspected = true,
            Change::Ending(reason) => self.cut(at, VisitState::Ending(*reason)),
            Change::Ended => {
                if let VisitState::Ending(reason) = self.state {
                    self.state = VisitState::Ended(reason);
                }
            }
            Change::NoShow => self.cut(at, VisitState::NoShow),
            Change::Cancelled(reason) => self.cut(at, VisitState::Cancelled(*reason)),
            Change::Failed => self.cut(at, VisitState::Failed),
        }
    }

    /// A permission that no longer stands after the change is to be taken back at the video service.
    fn evolve_participant(&mut self, id: ParticipantId, change: &ParticipantChange, at: DateTime<Utc>) {
        let Some(p) = self.participants.iter_mut().find(|p| p.id == id) else { return };
        let before = p.standing_grant();
        p.evolve(change, at, self.policy.grace(p.role).after(at));
        if before.is_some() && before != p.standing_grant() {
            p.stale_after = Some(at);
            if matches!(self.room, Room::Open(_)) {
                self.revocations.extend(before);
            }
        }
        self.await_joins(at);
    }

    /// Whoever is let in while there is a room has the length of a grace to get into it.
    fn await_joins(&mut self, at: DateTime<Utc>) {
        if let Room::Open(_) = self.room {
            let idle = |p: &&mut Participant| p.state == ParticipantState::Admitted && p.deadline.is_none();
            for p in self.participants.iter_mut().filter(idle) {
                p.deadline = Some(self.policy.grace(p.role).after(at));
            }
        }
    }

    /// After the telephone everybody who is awaited in the room has the whole grace.
    fn hold_by(&mut self, modality: Modality, at: DateTime<Utc>) {
        if self.modality() == Modality::Telephone {
            for p in self.participants.iter_mut().filter(|p| p.deadline.is_some()) {
                p.deadline = Some(self.policy.grace(p.role).after(at));
            }
        }
        self.modalities.push((at, modality));
    }

    /// Nobody is in a room that vanished; everybody who was needs a new permission for the next.
    pub(super) fn lose_room(&mut self, at: DateTime<Utc>, noticed_at: DateTime<Utc>) {
        self.room = Room::None;
        self.revocations.clear();
        self.cut_recording(at);
        for p in self.participants.iter_mut().filter(|p| p.is_active()) {
            p.evolve(&ParticipantChange::Rejoined, at, self.policy.grace(p.role).after(noticed_at));
            p.stale_after = Some(at);
        }
    }

    fn cut(&mut self, at: DateTime<Utc>, state: VisitState) {
        self.state = state;
        self.cut_at = Some(at);
        self.cut_recording(at);
        self.revocations.clear();
        end(&mut self.interruptions, at);
        for p in self.participants.iter_mut().filter(|p| p.is_present() || p.is_admitted()) {
            end(&mut p.presence, at);
            p.state = ParticipantState::Left;
            (p.deadline, p.hand) = (None, false);
        }
        self.close_room_when_over();
    }

    fn close_room_when_over(&mut self) {
        if let (Room::Open(handle), false) = (&self.room, self.state.is_live()) {
            self.room = Room::Closing { handle: handle.clone(), failures: 0 };
        }
    }
}

impl Participant {
    fn evolve(&mut self, change: &ParticipantChange, at: DateTime<Utc>, deadline: DateTime<Utc>) {
        let mut until = None;
        let state = match change {
            ParticipantChange::Arrived => {
                self.arrived_at.get_or_insert(at);
                ParticipantState::Waiting
            }
            ParticipantChange::LocationAttested(location) => {
                self.location = Some((**location).clone());
                return;
            }
            ParticipantChange::Hand { up } => {
                self.hand = *up;
                return;
            }
            ParticipantChange::Admitted(admission) => {
                self.admission = admission.as_deref().cloned();
                self.serial = self.serial.saturating_add(1);
                ParticipantState::Admitted
            }
            ParticipantChange::Rejoined => {
                self.serial = self.serial.saturating_add(1);
                until = Some(deadline);
                ParticipantState::Admitted
            }
            ParticipantChange::Granted { .. } => {
                until = Some(deadline);
                ParticipantState::Joining
            }
            ParticipantChange::Connected => {
                self.presence.push(Interval { from: at, until: None });
                self.last_report = Some(at);
                ParticipantState::Connected
            }
            ParticipantChange::Departed { how, until: deadline } => {
                self.last_report = Some(at);
                until = Some(*deadline);
                match how {
                    Departure::Left => ParticipantState::Left,
                    Departure::Dropped => ParticipantState::Reconnecting,
                }
            }
            ParticipantChange::Withdrawn | ParticipantChange::AllowedBack => ParticipantState::Invited,
            ParticipantChange::Lapsed => ParticipantState::Left,
            ParticipantChange::SentBack => ParticipantState::Waiting,
            ParticipantChange::Declined => ParticipantState::Declined,
            ParticipantChange::Removed => ParticipantState::Removed,
        };
        if state != ParticipantState::Connected {
            end(&mut self.presence, at);
            self.hand = false;
        }
        (self.state, self.deadline) = (state, until);
    }
}

fn end(intervals: &mut [Interval], at: DateTime<Utc>) {
    if let Some(last) = intervals.last_mut().filter(|last| last.until.is_none()) {
        last.until = Some(last.from.max(at));
    }
}
