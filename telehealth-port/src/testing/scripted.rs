//! A video service in memory: keeps rooms by key, can be told to fail, and records every text it was sent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mentalspace_core::Invalid;

use crate::consent::Sha256Hex;
use crate::id::opaque;
use crate::provider::{
    Capabilities, Credentials, GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec,
    ProviderError, ProviderErrorKind, ProviderEvent, ProviderId, RecordingFile, RecordingHandle, RecordingMedia,
    RecordingStatus, Recordings, Revocation, Revoked, RoomDetails, RoomHandle, RoomSpec, RoomStatus, Rooms,
    TelehealthProvider, WebhookError, WebhookRequest,
};

/// A video service in memory. Its rooms outlive nothing; its calls are counted.
#[derive(Debug)]
pub struct ScriptedProvider {
    id: ProviderId,
    capabilities: Capabilities,
    state: Mutex<State>,
}

/// Which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// `open_room`.
    OpenRoom,
    /// `room_status`.
    RoomStatus,
    /// `close_room`.
    CloseRoom,
    /// `join_grant`.
    JoinGrant,
    /// `revoke`.
    Revoke,
    /// `set_media`.
    SetMedia,
    /// `start_recording`.
    StartRecording,
    /// `stop_recording`.
    StopRecording,
    /// `recording_status`.
    RecordingStatus,
    /// `delete_recording`.
    DeleteRecording,
}

/// How a call is made to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It fails and has no effect.
    Fail(ProviderErrorKind),
    /// It has its effect, but the answer is lost.
    LoseAnswer,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Which.
    pub operation: Operation,
    /// Every text that would have left the practice.
    pub sent: Vec<String>,
}

#[derive(Debug, Default)]
struct State {
    rooms: BTreeMap<String, Room>,
    opened: usize,
    script: VecDeque<(Operation, Outcome)>,
    calls: Vec<Call>,
}

impl State {
    fn recording(&mut self, handle: &RecordingHandle) -> Option<&mut Recorded> {
        self.rooms.get_mut(handle.details.expose())?.recordings.get_mut(&handle.recording)
    }
}

#[derive(Debug, Default)]
struct Room {
    ended: bool,
    inside: BTreeSet<GrantId>,
    revoked: BTreeSet<GrantId>,
    recordings: BTreeMap<String, Recorded>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    Running,
    Stopped,
    Deleted,
}

impl ScriptedProvider {
    /// Makes a service with explicit rooms, credentials by call, immediate revocation and media control.
    ///
    /// # Errors
    /// [`Invalid`] for a name that is no provider id.
    pub fn new(id: &str) -> Result<Self, Invalid> {
        let mut capabilities = Capabilities::new(Rooms::Explicit, Credentials::ServerCall);
        capabilities.revoke = Revocation::Immediate;
        capabilities.media_permissions = true;
        capabilities.recording = Recordings::Service;
        capabilities.recording_deletion = true;
        Ok(Self { id: ProviderId::parse(id)?, capabilities, state: Mutex::default() })
    }

    /// Replaces what the service can do.
    #[must_use]
    pub fn with_capabilities(self, capabilities: Capabilities) -> Self {
        Self { capabilities, ..self }
    }

    /// Lets the next not yet scripted call of `operation` go wrong.
    pub fn script(&self, operation: Operation, outcome: Outcome) {
        self.state().script.push_back((operation, outcome));
    }

    /// Returns the calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Returns how many rooms were ever opened.
    #[must_use]
    pub fn rooms_opened(&self) -> usize {
        self.state().opened
    }

    /// Returns how many rooms live.
    #[must_use]
    pub fn rooms_open(&self) -> usize {
        self.state().rooms.values().filter(|room| !room.ended).count()
    }

    /// Plays a browser that connects; tells whether it got in.
    #[must_use]
    pub fn connect(&self, room: &RoomHandle, grant: GrantId) -> bool {
        let mut state = self.state();
        let found = state.rooms.get_mut(room.key.as_str());
        found.filter(|room| !room.ended && !room.revoked.contains(&grant)).is_some_and(|room| room.inside.insert(grant))
    }

    /// Counts the recordings that run.
    #[must_use]
    pub fn recordings_running(&self) -> usize {
        let state = self.state();
        let recordings = state.rooms.values().flat_map(|room| room.recordings.values());
        recordings.filter(|recording| **recording == Recorded::Running).count()
    }

    /// Lets the service end a room by itself.
    pub fn lose(&self, room: &RoomHandle) {
        if let Some(room) = self.state().rooms.get_mut(room.key.as_str()) {
            room.end();
        }
    }

    fn records(&self) -> Result<(), ProviderError> {
        match self.capabilities.recording {
            Recordings::Service => Ok(()),
            Recordings::None => Err(ProviderErrorKind::Unsupported.into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a call and plays it unless the script says otherwise.
    ///
    /// # Panics
    /// If a text that would leave the practice is not opaque.
    fn play<T>(
        &self,
        operation: Operation,
        sent: Vec<String>,
        effect: impl FnOnce(&mut State) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let opaque = sent.iter().all(|text| opaque(text, 1, 64).is_ok());
        assert!(opaque, "{operation:?} would send a text that is not opaque");
        let mut state = self.state();
        state.calls.push(Call { operation, sent });
        let scripted = state.script.iter().position(|(scripted, _)| *scripted == operation);
        match scripted.and_then(|index| state.script.remove(index)) {
            None => effect(&mut state),
            Some((_, Outcome::Fail(kind))) => Err(kind.into()),
            Some((_, Outcome::LoseAnswer)) => effect(&mut state).and(Err(ProviderErrorKind::Timeout.into())),
        }
    }
}

impl Room {
    fn end(&mut self) {
        self.ended = true;
        self.inside.clear();
        for recording in self.recordings.values_mut().filter(|recording| **recording == Recorded::Running) {
            *recording = Recorded::Stopped;
        }
    }
}

#[async_trait]
impl TelehealthProvider for ScriptedProvider {
    fn id(&self) -> ProviderId {
        self.id.clone()
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError> {
        let region = spec.region.iter().map(ToString::to_string);
        let sent = region.chain([key.to_string()]).collect();
        self.play(Operation::OpenRoom, sent, |state| {
            if !state.rooms.contains_key(key.as_str()) {
                state.rooms.insert(key.to_string(), Room::default());
                state.opened += 1;
            }
            Ok(RoomHandle {
                provider: self.id.clone(),
                key: key.clone(),
                room: format!("room-{key}"),
                details: RoomDetails::default(),
            })
        })
    }

    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError> {
        self.play(Operation::RoomStatus, vec![room.room.clone()], |state| {
            if self.capabilities.rooms == Rooms::Implicit {
                return Ok(RoomStatus::Unknown);
            }
            Ok(match state.rooms.get(room.key.as_str()) {
                Some(Room { ended: false, inside, .. }) => {
                    RoomStatus::Open { inside: inside.iter().copied().collect() }
                }
                Some(Room { ended: true, .. }) | None => RoomStatus::Ended,
            })
        })
    }

    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError> {
        self.play(Operation::CloseRoom, vec![room.room.clone()], |state| {
            if let Some(room) = state.rooms.get_mut(room.key.as_str()) {
                room.end();
            }
            Ok(())
        })
    }

    async fn join_grant(
        &self,
        room: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError> {
        let grant = participant.grant;
        self.play(Operation::JoinGrant, vec![room.room.clone(), grant.to_string()], |state| {
            let local = self.capabilities.credentials == Credentials::Local;
            if !local && state.rooms.get(room.key.as_str()).is_none_or(|room| room.ended) {
                return Err(ProviderErrorKind::NotFound.into());
            }
            let token = format!("{}.{grant}", room.key).into();
            let credential = JoinCredential::Token { url: "wss://video.invalid".to_owned(), token };
            Ok(JoinGrant { credential, expires_at: now + participant.ttl })
        })
    }

    async fn revoke(&self, room: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError> {
        self.play(Operation::Revoke, vec![room.room.clone(), grant.to_string()], |state| {
            let immediate = match self.capabilities.revoke {
                Revocation::Immediate => true,
                Revocation::UntilExpiry => false,
                Revocation::None => return Err(ProviderErrorKind::Unsupported.into()),
            };
            if let Some(room) = state.rooms.get_mut(room.key.as_str()) {
                room.inside.remove(grant);
                if immediate {
                    room.revoked.insert(*grant);
                }
            }
            Ok(if immediate { Revoked::Now } else { Revoked::AtExpiry })
        })
    }

    async fn set_media(&self, room: &RoomHandle, grant: &GrantId, _media: Media) -> Result<(), ProviderError> {
        self.play(Operation::SetMedia, vec![room.room.clone(), grant.to_string()], |state| {
            if !self.capabilities.media_permissions {
                return Err(ProviderErrorKind::Unsupported.into());
            }
            let found = state.rooms.get(room.key.as_str()).filter(|room| room.inside.contains(grant));
            found.map(|_| ()).ok_or_else(|| ProviderErrorKind::NotFound.into())
        })
    }

    async fn start_recording(
        &self,
        room: &RoomHandle,
        _media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        self.play(Operation::StartRecording, vec![room.room.clone(), key.to_string()], |state| {
            self.records()?;
            let living = state.rooms.get_mut(room.key.as_str()).filter(|room| !room.ended);
            let living = living.ok_or(ProviderErrorKind::NotFound)?;
            living.recordings.entry(key.to_string()).or_insert(Recorded::Running);
            Ok(RecordingHandle {
                provider: self.id.clone(),
                room: room.room.clone(),
                recording: key.to_string(),
                details: RoomDetails::new(room.key.as_str()),
            })
        })
    }

    async fn stop_recording(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        self.play(Operation::StopRecording, vec![recording.recording.clone()], |state| {
            self.records()?;
            if let Some(found) = state.recording(recording).filter(|found| **found == Recorded::Running) {
                *found = Recorded::Stopped;
            }
            Ok(recording.clone())
        })
    }

    async fn recording_status(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        self.play(Operation::RecordingStatus, vec![recording.recording.clone()], |state| {
            self.records()?;
            Ok(match state.recording(recording) {
                Some(Recorded::Running) => RecordingStatus::Running,
                Some(Recorded::Stopped) => RecordingStatus::Ready(RecordingFile {
                    location: recording.recording.clone(),
                    sha256: Some(Sha256Hex::of(recording.recording.as_bytes())),
                    bytes: Some(52),
                    duration: None,
                }),
                Some(Recorded::Deleted) => RecordingStatus::Failed,
                None => RecordingStatus::Unknown,
            })
        })
    }

    async fn delete_recording(&self, recording: &RecordingHandle) -> Result<(), ProviderError> {
        self.play(Operation::DeleteRecording, vec![recording.recording.clone()], |state| {
            self.records()?;
            if let Some(found) = state.recording(recording) {
                *found = Recorded::Deleted;
            }
            Ok(())
        })
    }

    fn parse_webhook(
        &self,
        _request: &WebhookRequest<'_>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError> {
        Err(WebhookError::Unsupported)
    }
}
