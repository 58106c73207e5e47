//! What the video service must still be told. Follows from the stored visit, so a crash between call and record
//! repeats the same call with the same key.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Change, Participant, ParticipantState, RecordingState, Room, Stray, Visit, VisitError, VisitEvent, VisitState,
};
use crate::provider::{
    GrantId, IdempotencyKey, ParticipantSpec, RecordingHandle, RecordingMedia, RoomHandle, RoomSpec,
};

/// A call to the video service. Store the visit first, call, then record the result with the named method.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intent {
    /// Open the room; result: [`Visit::room_opened`]. Stands in a visit that is over as well if the answer to an
    /// earlier call was lost, so that the room is found and closed.
    OpenRoom {
        /// Number of the room.
        generation: u32,
        /// Its name.
        key: IdempotencyKey,
        /// What it must offer.
        spec: RoomSpec,
    },
    /// Take a credential back; result: [`Visit::revoked`].
    Revoke {
        /// Where.
        room: RoomHandle,
        /// Which.
        grant: GrantId,
    },
    /// Mint a credential when its participant asks for it; result: [`Visit::granted`], and only then hand it out.
    Grant {
        /// Where.
        room: RoomHandle,
        /// For whom.
        participant: ParticipantSpec,
    },
    /// Start recording; result: [`Visit::recording_started`] or [`Visit::recording_failed`].
    StartRecording {
        /// Of what.
        room: RoomHandle,
        /// What.
        media: RecordingMedia,
        /// The recording's name.
        key: IdempotencyKey,
    },
    /// Stop recording; result: [`Visit::recording_stopped`].
    StopRecording {
        /// Which.
        recording: RecordingHandle,
    },
    /// Ask whether the file is ready; result: [`Visit::recording_checked`].
    CheckRecording {
        /// Which.
        number: u32,
        /// As the service knows it.
        recording: RecordingHandle,
    },
    /// Close a room that was given up, opening it by its key first if need be; result: [`Visit::stray_closed`].
    CloseStray {
        /// Which.
        stray: Stray,
        /// What to open it with.
        spec: RoomSpec,
    },
    /// Close the room; result: [`Visit::room_closed`] or [`Visit::close_failed`].
    CloseRoom {
        /// Which.
        room: RoomHandle,
    },
}

impl Visit {
    /// Returns the calls to be made: what stops before what starts.
    #[must_use]
    pub fn intents(&self) -> Vec<Intent> {
        let strays =
            self.strays.iter().map(|stray| Intent::CloseStray { stray: stray.clone(), spec: self.room_spec() });
        let stops = self.recordings.iter().filter_map(|recording| match &recording.state {
            RecordingState::Stopping(handle) => Some(Intent::StopRecording { recording: (**handle).clone() }),
            _ => None,
        });
        let checks = self.recordings.iter().filter_map(|recording| match &recording.state {
            RecordingState::Processing(handle) => {
                Some(Intent::CheckRecording { number: recording.number, recording: (**handle).clone() })
            }
            _ => None,
        });
        stops.chain(self.room_intents()).chain(strays).chain(checks).collect()
    }

    fn room_intents(&self) -> Vec<Intent> {
        match &self.room {
            Room::None | Room::Closed => Vec::new(),
            Room::Requested(key) => {
                vec![Intent::OpenRoom { generation: self.generation, key: key.clone(), spec: self.room_spec() }]
            }
            Room::Open(room) => {
                let revoke = |grant: &GrantId| Intent::Revoke { room: (**room).clone(), grant: *grant };
                let may_join = |p: &&Participant| p.state == ParticipantState::Admitted && !self.is_held(p.id);
                let admitted = self.participants.iter().filter(may_join);
                let start = self
                    .recordings
                    .last()
                    .filter(|r| r.state == RecordingState::Starting)
                    .map(|r| Intent::StartRecording { room: (**room).clone(), media: r.media, key: r.key.clone() });
                let grants = admitted.filter_map(|p| {
                    let media = p.role.media(self.modality());
                    let participant = ParticipantSpec { grant: p.grant()?, media, ttl: self.join_ttl() };
                    Some(Intent::Grant { room: (**room).clone(), participant })
                });
                self.revocations.iter().map(revoke).chain(start).chain(grants).collect()
            }
            Room::Closing { handle, .. } => vec![Intent::CloseRoom { room: (**handle).clone() }],
        }
    }

    /// Room enough for everybody and time enough for the longest visit; what the service gives less is made good by
    /// opening the next room.
    fn room_spec(&self) -> RoomSpec {
        let policy = &self.policy;
        let minutes =
            [policy.opens_before, policy.closes_after, policy.limit].map(|m| u64::from(m.0)).iter().sum::<u64>()
                + u64::from(policy.extension.0) * u64::from(policy.extensions);
        RoomSpec {
            region: self.region.clone(),
            capacity: policy.capacity.saturating_add(policy.reserved_seats),
            max_duration: Duration::from_secs(minutes * 60),
        }
    }

    fn join_ttl(&self) -> Duration {
        Duration::from_secs(u64::from(self.policy.join_ttl.0) * 60)
    }

    /// Records that the room of `generation` is open. The same answer again changes nothing.
    ///
    /// # Errors
    /// [`VisitError::StaleRoom`] if another room was asked for: close this one.
    pub fn room_opened(&mut self, handle: RoomHandle, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| {
            match &draft.visit.room {
                Room::Requested(key) if *key == handle.key && draft.visit.provider == handle.provider => {
                    draft.emit(Change::RoomOpened(Box::new(handle)));
                }
                Room::Open(known) | Room::Closing { handle: known, .. } if **known == handle => {}
                Room::None | Room::Closed | Room::Requested(_) | Room::Open(_) | Room::Closing { .. } => {
                    return Err(VisitError::StaleRoom);
                }
            }
            Ok(())
        })
    }

    /// Records that a credential was taken back at the service; repeating it, or naming one that needs it no longer,
    /// changes nothing.
    pub fn revoked(&mut self, grant: GrantId, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            if draft.visit.revocations.contains(&grant) {
                draft.emit(Change::Revoked(grant));
            }
        })
    }

    /// Records that the room is closed. The same again changes nothing.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] while the visit still needs its room.
    pub fn room_closed(&mut self, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| match draft.visit.room {
            Room::Closing { .. } => {
                draft.emit(Change::RoomClosed);
                Ok(())
            }
            Room::Closed => Ok(()),
            Room::None | Room::Requested(_) | Room::Open(_) => Err(draft.visit.not_now("closing the room")),
        })
    }

    /// Records a failed attempt to close the room. After enough of them the visit ends all the same, and the intent to
    /// close stays.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] unless the room is being closed.
    pub fn close_failed(&mut self, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| {
            let Room::Closing { failures, .. } = draft.visit.room else {
                return Err(draft.visit.not_now("closing the room"));
            };
            draft.emit(Change::CloseFailed);
            let enough = failures.saturating_add(1) >= draft.visit.policy.close_attempts;
            if enough && matches!(draft.visit.state, VisitState::Ending(_)) {
                draft.emit(Change::Ended);
            }
            Ok(())
        })
    }
}
