//! Recording a visit: only with the explicit yes of everybody in it, for as long as that yes stands.
//!
//! Whoever is let in while a recording runs is held at the door until they answer. A no, at any time, stops it; a
//! recording of which it is not known whether it began is stopped by giving up the room it would be of.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Change, Health, Participant, ParticipantRole, Room, Stray, Visit, VisitError, VisitEvent, VisitState};
use crate::ParticipantId;
use crate::provider::{IdempotencyKey, RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus, RoomSecret};

/// Most recordings of one visit.
pub const MAX_RECORDINGS: usize = 20;

/// How long a service has to finish a file.
const FINISHING: TimeDelta = TimeDelta::hours(24);

/// One recording of a visit, asked for at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recording {
    /// Counts from 1.
    pub number: u32,
    /// Which host asked.
    pub asked_by: ParticipantId,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What is recorded.
    pub media: RecordingMedia,
    /// Everybody's last answer.
    pub answers: BTreeMap<ParticipantId, Answer>,
    /// Where it stands.
    pub state: RecordingState,
    /// When the service began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was to stop.
    pub stopped_at: Option<DateTime<Utc>>,
    pub(crate) key: IdempotencyKey,
}

/// Somebody's answer to a wish to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Yes or no.
    pub yes: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where a recording stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordingState {
    /// Not everybody has answered.
    Asking,
    /// Somebody said no, or nobody was left to ask.
    Refused,
    /// Everybody said yes; the service is told.
    Starting,
    /// Running.
    Running(Box<RecordingHandle>),
    /// To be stopped.
    Stopping(Box<RecordingHandle>),
    /// Stopped; the service makes the file.
    Processing(Box<RecordingHandle>),
    /// The file is there.
    Ready {
        /// How the service knows it.
        handle: Box<RecordingHandle>,
        /// The file.
        file: Box<RecordingFile>,
    },
    /// There is no file.
    Failed,
}

impl RecordingState {
    /// Returns the bare name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Refused => "refused",
            Self::Starting => "starting",
            Self::Running(_) => "recording",
            Self::Stopping(_) => "stopping",
            Self::Processing(_) => "processing",
            Self::Ready { .. } => "ready",
            Self::Failed => "failed",
        }
    }

    /// Returns whether a recording may be running at the service.
    #[must_use]
    pub const fn may_run(&self) -> bool {
        matches!(self, Self::Starting | Self::Running(_))
    }
}

impl Recording {
    /// Tells whether somebody's last answer is yes.
    #[must_use]
    pub fn agreed(&self, who: ParticipantId) -> bool {
        self.answers.get(&who).is_some_and(|answer| answer.yes)
    }
}

impl Visit {
    /// Returns every recording asked for, in order.
    #[must_use]
    pub fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    /// Returns the recording people can still say something about.
    #[must_use]
    pub fn recording(&self) -> Option<&Recording> {
        self.recordings.last().filter(|r| r.state == RecordingState::Asking || r.state.may_run())
    }

    /// Tells whether somebody has to answer before they can join, or before a recording begins.
    #[must_use]
    pub fn must_answer(&self, who: ParticipantId) -> bool {
        let asked = |p: &Participant| p.is_active() && p.role != ParticipantRole::RecorderBot;
        self.recording().is_some_and(|r| !r.agreed(who)) && self.participant(who).is_some_and(asked)
    }

    /// Tells whether somebody who was let in gets no credential before they answer.
    pub(crate) fn is_held(&self, who: ParticipantId) -> bool {
        self.recording().is_some_and(|r| r.state.may_run()) && self.must_answer(who)
    }

    /// Asks everybody whether the visit may be recorded; to ask is to say yes oneself.
    ///
    /// # Errors
    /// [`VisitError::NotHost`]; [`VisitError::NotNow`] unless the visit is in progress; [`VisitError::Invalid`] where
    /// the policy forbids recording or a recording is under way; [`VisitError::TooMany`].
    pub fn ask_to_record(
        &mut self,
        by: ParticipantId,
        media: RecordingMedia,
        secret: &RoomSecret,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            let visit = &draft.visit;
            let host = visit.host(by, "recording")?;
            if !visit.policy.recording {
                return Err(VisitError::Invalid("the practice does not record visits"));
            }
            if visit.state != VisitState::InProgress(Health::Healthy) || !host.is_active() {
                return Err(visit.not_now("recording"));
            }
            let ended = |r: &Recording| {
                matches!(
                    r.state,
                    RecordingState::Refused
                        | RecordingState::Ready { .. }
                        | RecordingState::Failed
                        | RecordingState::Processing(_)
                )
            };
            if !visit.recordings.iter().all(ended) {
                return Err(VisitError::Invalid("a recording is under way"));
            }
            if visit.recordings.len() >= MAX_RECORDINGS {
                return Err(VisitError::TooMany { what: "recordings", max: MAX_RECORDINGS as u32 });
            }
            let number = visit.recordings.len() as u32 + 1;
            let key = IdempotencyKey::recording(secret, visit.id, number);
            draft.emit(Change::RecordingAsked { number, by, media, key });
            draft.emit(Change::RecordingAnswered { who: by, yes: true });
            Ok(())
        })
    }

    /// Records somebody's answer. A no refuses or stops the recording; after a no, yes means nothing until it is asked
    /// for anew.
    ///
    /// # Errors
    /// [`VisitError::Invalid`] if nothing was asked; [`VisitError::NotThem`] for somebody who is not in the visit.
    pub fn answer_recording(
        &mut self,
        who: ParticipantId,
        yes: bool,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(who), now, |draft| {
            let person = draft.visit.find(who)?;
            if !person.is_active() {
                return Err(VisitError::NotThem { action: "answering", state: person.state });
            }
            let Some(recording) = draft.visit.recording() else {
                return Err(VisitError::Invalid("nobody asks to record"));
            };
            if recording.answers.get(&who).is_none_or(|known| known.yes != yes) {
                draft.emit(Change::RecordingAnswered { who, yes });
                if !yes {
                    draft.stop_recording();
                }
            }
            Ok(())
        })
    }

    /// Stops the recording, or takes the question back.
    ///
    /// # Errors
    /// [`VisitError::NotHost`]; [`VisitError::Invalid`] if there is none.
    pub fn stop_recording(&mut self, by: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "stopping a recording")?;
            if draft.visit.recording().is_none() {
                return Err(VisitError::Invalid("nothing is recorded"));
            }
            draft.stop_recording();
            Ok(())
        })
    }

    /// Records that the service began. The same answer again changes nothing.
    ///
    /// # Errors
    /// [`VisitError::StaleRoom`] if the recording is no longer wanted: stop it.
    pub fn recording_started(
        &mut self,
        handle: RecordingHandle,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| {
            let known = draft.visit.recordings.iter().any(|r| match &r.state {
                RecordingState::Running(known)
                | RecordingState::Stopping(known)
                | RecordingState::Processing(known) => **known == handle,
                RecordingState::Asking
                | RecordingState::Refused
                | RecordingState::Starting
                | RecordingState::Ready { .. }
                | RecordingState::Failed => false,
            });
            let here = draft.visit.room().is_some_and(|room| room.room == handle.room);
            match draft.visit.recordings.last().map(|r| &r.state) {
                Some(RecordingState::Starting) if here => draft.emit(Change::RecordingStarted(Box::new(handle))),
                _ if known => {}
                _ => return Err(VisitError::StaleRoom),
            }
            Ok(())
        })
    }

    /// Records that the service will not record. The visit goes on. Where it is not known whether it does, the room is
    /// given up as well.
    pub fn recording_failed(&mut self, certain: bool, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| match draft.visit.recording().map(|r| &r.state) {
            Some(RecordingState::Starting) if certain => draft.emit(Change::RecordingFailed),
            Some(RecordingState::Starting) => draft.stop_recording(),
            _ => {}
        })
    }

    /// Records that the service stopped; `handle` is the one to go on with.
    pub fn recording_stopped(&mut self, handle: RecordingHandle, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            let stops =
                |r: &Recording| matches!(&r.state, RecordingState::Stopping(known) if known.room == handle.room);
            if let Some(number) = draft.visit.recordings.iter().find(|r| stops(r)).map(|r| r.number) {
                draft.emit(Change::RecordingStopped { number, handle: Box::new(handle) });
            }
        })
    }

    /// Records what the service says about recording `number` after it stopped. After a day without a file there is
    /// none.
    pub fn recording_checked(&mut self, number: u32, status: &RecordingStatus, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            let Some(recording) = draft.visit.recordings.iter().find(|r| r.number == number) else { return };
            if !matches!(recording.state, RecordingState::Processing(_)) {
                return;
            }
            match status {
                RecordingStatus::Ready(file) => {
                    draft.emit(Change::RecordingReady { number, file: Box::new(file.clone()) });
                }
                RecordingStatus::Failed => draft.emit(Change::RecordingUnfinished { number }),
                RecordingStatus::Running | RecordingStatus::Processing | RecordingStatus::Unknown => {
                    if recording.stopped_at.is_some_and(|at| now - at > FINISHING) {
                        draft.emit(Change::RecordingUnfinished { number });
                    }
                }
            }
        })
    }

    fn unanimous(&self, recording: &Recording) -> bool {
        let asked = |p: &&Participant| p.is_active() && p.role != ParticipantRole::RecorderBot;
        self.participants.iter().filter(asked).all(|p| recording.agreed(p.id))
    }
}

impl Draft {
    /// Ends whatever is asked or recorded.
    fn stop_recording(&mut self) {
        match self.visit.recording().map(|r| r.state.clone()) {
            Some(RecordingState::Asking) => self.emit(Change::RecordingRefused),
            Some(RecordingState::Starting) => {
                self.emit(Change::RecordingFailed);
                if matches!(self.visit.room, Room::Open(_)) {
                    let generation = self.visit.generation;
                    self.emit(Change::RoomDiscarded { generation, noticed_at: self.now });
                }
            }
            Some(RecordingState::Running(_)) => self.emit(Change::RecordingStopping),
            _ => {}
        }
    }

    /// Begins when everybody has said yes; stops when somebody is in the room who has not.
    pub(super) fn settle_recording(&mut self) {
        let Some(recording) = self.visit.recording() else { return };
        if recording.state == RecordingState::Asking {
            let healthy = self.visit.state == VisitState::InProgress(Health::Healthy);
            if healthy && matches!(self.visit.room, Room::Open(_)) && self.visit.unanimous(recording) {
                self.emit(Change::RecordingRequested);
            }
        } else if self.visit.participants.iter().any(|p| p.is_connected() && self.visit.is_held(p.id)) {
            self.stop_recording();
        }
    }
}

impl Visit {
    pub(super) fn evolve_recording(&mut self, change: &Change, at: DateTime<Utc>) {
        if let Change::RecordingAsked { number, by, media, key } = change {
            self.recordings.push(Recording {
                number: *number,
                asked_by: *by,
                asked_at: at,
                media: *media,
                answers: BTreeMap::new(),
                state: RecordingState::Asking,
                started_at: None,
                stopped_at: None,
                key: key.clone(),
            });
            return;
        }
        let numbered = match change {
            Change::RecordingStopped { number, .. }
            | Change::RecordingReady { number, .. }
            | Change::RecordingUnfinished { number } => self.recordings.iter_mut().find(|r| r.number == *number),
            _ => self.recordings.last_mut(),
        };
        if let Some(recording) = numbered {
            recording.evolve(change, at);
        }
    }

    /// What is asked is taken back, and what runs is to be stopped: the visit is over, or its room is.
    pub(super) fn cut_recording(&mut self, at: DateTime<Utc>) {
        if let Some(last) = self.recordings.last_mut() {
            last.cut(at);
        }
    }

    /// Leaves the room to the reaper; everybody needs the next.
    pub(super) fn discard_room(&mut self, at: DateTime<Utc>, noticed_at: DateTime<Utc>) {
        if let Room::Open(handle) = &self.room {
            self.strays.push(Stray::Known(handle.clone()));
        }
        self.lose_room(at, noticed_at);
    }
}

impl Recording {
    fn evolve(&mut self, change: &Change, at: DateTime<Utc>) {
        match change {
            Change::RecordingAnswered { who, yes } => {
                self.answers.insert(*who, Answer { yes: *yes, at });
            }
            Change::RecordingRefused => self.state = RecordingState::Refused,
            Change::RecordingRequested => self.state = RecordingState::Starting,
            Change::RecordingStarted(handle) => {
                self.started_at = Some(at);
                self.state = RecordingState::Running(handle.clone());
            }
            Change::RecordingStopping => self.cut(at),
            Change::RecordingStopped { handle, .. } => self.state = RecordingState::Processing(handle.clone()),
            Change::RecordingReady { file, .. } => {
                if let RecordingState::Processing(handle) = &self.state {
                    self.state = RecordingState::Ready { handle: handle.clone(), file: file.clone() };
                }
            }
            Change::RecordingFailed | Change::RecordingUnfinished { .. } => self.state = RecordingState::Failed,
            _ => {}
        }
    }

    fn cut(&mut self, at: DateTime<Utc>) {
        self.state = match &self.state {
            RecordingState::Asking => RecordingState::Refused,
            RecordingState::Starting => RecordingState::Failed,
            RecordingState::Running(handle) => {
                self.stopped_at = Some(at);
                RecordingState::Stopping(handle.clone())
            }
            RecordingState::Refused
            | RecordingState::Stopping(_)
            | RecordingState::Processing(_)
            | RecordingState::Ready { .. }
            | RecordingState::Failed => return,
        };
    }
}
