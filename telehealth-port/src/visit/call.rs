//! The room: credentials, connections, returning, and rooms that vanish.

use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::{
    Change, Departure, EndReason, MAX_CONNECTIONS, Modality, Participant, ParticipantChange, ParticipantState, Room,
    Visit, VisitError, VisitEvent, VisitState,
};
use crate::ParticipantId;
use crate::provider::{GrantId, ProviderEvent, ProviderEventKind, RoomHandle, RoomSecret, RoomStatus};

impl Visit {
    /// Records that a credential was minted. Hand it out only after this was stored.
    ///
    /// # Errors
    /// [`VisitError::StaleGrant`] if the participant is not, or no longer, admitted under this permission: throw the
    /// credential away.
    pub fn granted(
        &mut self,
        grant: GrantId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(grant.participant), now, |draft| {
            let person = draft.visit.find(grant.participant)?;
            let held = draft.visit.is_held(person.id);
            let waits = person.state == ParticipantState::Admitted && person.grant() == Some(grant) && !held;
            if !waits || !matches!(draft.visit.room, Room::Open(_)) {
                return Err(VisitError::StaleGrant);
            }
            draft.emit_for(grant.participant, ParticipantChange::Granted { expires_at });
            Ok(())
        })
    }

    /// Lets somebody back in without another admission: after a lost connection, after leaving, or from a second
    /// device, which replaces the first. The old credential is taken back and a new one may be minted.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] once the grace is over or for somebody who is not admitted.
    pub fn rejoin(
        &mut self,
        who: ParticipantId,
        secret: &RoomSecret,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(who), now, |draft| {
            draft.visit.live("rejoining")?;
            let person = draft.visit.find(who)?;
            if !person.is_admitted() {
                return Err(VisitError::NotThem { action: "rejoining", state: person.state });
            }
            let waits = person.state == ParticipantState::Admitted;
            draft.visit.check_grants(who)?;
            draft.ensure_room(secret);
            if !waits {
                draft.emit_for(who, ParticipantChange::Rejoined);
            }
            Ok(())
        })
    }

    /// Notes what the video service or a heartbeat reports. Reports may come twice, late and in any order: what is
    /// older than the last report of the participant, or about another room, changes nothing. While the visit goes on by
    /// telephone, who leaves the room leaves nothing.
    pub fn observe(&mut self, event: &ProviderEvent, secret: &RoomSecret, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            let here = draft.visit.room().is_some_and(|room| room.room == event.room);
            if here && draft.visit.modality() != Modality::Telephone {
                draft.at = event.at.min(now);
                match event.kind {
                    ProviderEventKind::RoomEnded => draft.lose_room(secret),
                    ProviderEventKind::Joined(grant) => draft.connect(grant),
                    ProviderEventKind::Left(grant) => draft.depart(grant, Departure::Left),
                    ProviderEventKind::Dropped(grant) => draft.depart(grant, Departure::Dropped),
                    ProviderEventKind::RecordingChanged => {}
                }
            }
        })
    }

    /// Brings the visit in line with the room's status, asked for at `asked_at`. An unknown status changes nothing, nor does a room that
    /// merely lives: nobody is taken for gone because the service does not tell who is there.
    pub fn reconcile(
        &mut self,
        room: &RoomHandle,
        status: &RoomStatus,
        asked_at: DateTime<Utc>,
        secret: &RoomSecret,
        now: DateTime<Utc>,
    ) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            if draft.visit.room() != Some(room) || draft.visit.modality() == Modality::Telephone {
                return;
            }
            draft.at = asked_at.min(now);
            match status {
                RoomStatus::Alive | RoomStatus::Unknown => {}
                RoomStatus::Ended => draft.lose_room(secret),
                RoomStatus::Open { inside } => draft.call_the_roll(inside),
            }
        })
    }
}

impl Draft {
    fn call_the_roll(&mut self, inside: &[GrantId]) {
        let connected = self.visit.participants.iter().filter(|p| p.is_connected()).filter_map(Participant::grant);
        let gone: Vec<_> = connected.filter(|grant| !inside.contains(grant)).collect();
        for grant in gone {
            self.depart(grant, Departure::Dropped);
        }
        for grant in inside {
            self.connect(*grant);
        }
    }

    fn connect(&mut self, grant: GrantId) {
        let Some(person) = self.visit.participant(grant.participant) else { return };
        if !self.visit.state.is_live() || grant.serial > person.serial {
            return;
        }
        if !person.is_admitted() || person.grant() != Some(grant) {
            if person.stale_after.is_some_and(|since| since < self.at) {
                self.emit(Change::StaleConnection(grant));
            }
            return;
        }
        let room_left = person.presence.len() < MAX_CONNECTIONS;
        if room_left && !person.is_connected() && person.last_report.is_none_or(|last| last <= self.at) {
            self.emit_for(grant.participant, ParticipantChange::Connected);
        }
    }

    fn depart(&mut self, grant: GrantId, how: Departure) {
        let Some(person) = self.visit.participant(grant.participant) else { return };
        let in_room = matches!(person.state, ParticipantState::Joining | ParticipantState::Connected);
        let news = person.last_report.is_none_or(|last| last <= self.at);
        if self.visit.state.is_live() && in_room && news && person.grant() == Some(grant) {
            let until = self.visit.policy.grace(person.role).after(self.now);
            self.emit_for(grant.participant, ParticipantChange::Departed { how, until });
        }
    }

    /// Opens the next room while somebody wants to be in it; otherwise the next who comes does.
    fn lose_room(&mut self, secret: &RoomSecret) {
        match (&self.visit.room, self.visit.state) {
            (Room::Closing { .. }, _) => self.emit(Change::RoomClosed),
            (Room::Open(_), state) => {
                let generation = self.visit.generation;
                self.emit(Change::RoomLost { generation, noticed_at: self.now });
                let exhausted = generation > self.visit.policy.recreations;
                if !exhausted && self.visit.participants.iter().any(Participant::is_active) {
                    self.ensure_room(secret);
                } else if exhausted && matches!(state, VisitState::InProgress(_)) {
                    self.emit(Change::Ending(EndReason::RoomLost));
                }
            }
            (Room::None | Room::Requested(_) | Room::Closed, _) => {}
        }
    }
}
