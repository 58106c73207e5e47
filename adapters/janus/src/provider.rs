//! The port's operations as requests to the videoroom plugin.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_http::HttpError;
use mentalspace_telehealth_port::provider::{
    Capabilities, Credentials, GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec,
    ProviderError, ProviderErrorKind, ProviderEvent, ProviderId, RecordingHandle, RecordingMedia, RecordingStatus,
    Recordings, Revocation, Revoked, RoomDetails, RoomHandle, RoomSpec, RoomStatus, Rooms, TelehealthProvider,
    WebhookError, WebhookRequest, Webhooks,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::{Api, Desk, Failure, INVALID, NO_SUCH_ROOM, NOBODY, ROOM_EXISTS, UNAUTHORIZED};
use crate::config::JanusConfig;
use crate::recording::{Archive, Take, can_convert};
use crate::token::{Signer, derive, holder, turn};
use crate::webhook;

/// Longest life of a room, and so of the credentials that only work inside it: a day.
const LONGEST: u64 = 86_400;
/// Where a person's streams are in the offer they publish.
const MIDS: [&str; 3] = ["0", "1", "2"];

/// A Janus of the practice's own.
#[derive(Debug)]
pub struct JanusProvider {
    id: ProviderId,
    config: JanusConfig,
    api: Api,
    signer: Signer,
    archive: Option<Arc<Archive>>,
}

/// What a room's handle keeps.
#[derive(Serialize, Deserialize)]
struct Room {
    secret: String,
    pin: String,
    capacity: u32,
    seconds: u64,
}

/// Why a Janus is not set up as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Everybody may open sessions.
    #[error("janus does not ask for signed tokens: token_auth and token_auth_secret have to be set")]
    NoTokens,
    /// Tokens are signed with another secret.
    #[error("janus refuses our tokens: token_auth_secret differs")]
    TokenSecret,
    /// Everybody with a session may create rooms.
    #[error("janus lets everybody create rooms: admin_key of the videoroom plugin has to be set")]
    NoAdminKey,
    /// Rooms may not be created.
    #[error("janus refuses our admin key: admin_key of the videoroom plugin differs")]
    AdminKey,
    /// Rooms have numbers.
    #[error("janus takes no names for rooms: string_ids of the videoroom plugin has to be true")]
    NumericIds,
    /// Recordings are wished for, but their folder is not there.
    #[error("the folder of recordings cannot be read here")]
    Recordings,
    /// Recordings are wished for, but cannot be made playable.
    #[error("janus-pp-rec cannot be run: the package janus-tools has to be installed")]
    Converter,
    /// It cannot be told.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl From<Failure> for SetupError {
    fn from(failure: Failure) -> Self {
        Self::Provider(failure.into())
    }
}

impl JanusProvider {
    /// Makes a provider; nothing is sent yet.
    ///
    /// # Errors
    /// [`HttpError::Tls`] if the machine's root certificates cannot be used.
    pub fn new(config: JanusConfig) -> Result<Self, HttpError> {
        let api = Api::new(&config)?;
        let signer = Signer::new(config.token_secret.clone());
        let archive = config.recordings.as_ref().map(|folders| Arc::new(Archive::new(folders.ours.clone())));
        Ok(Self { id: provider_id(), config, api, signer, archive })
    }

    /// Finds out whether Janus is set up as the privacy of visits needs it. Call it when the server starts.
    ///
    /// # Errors
    /// [`SetupError`] names the setting of Janus that has to change.
    pub async fn check(&self) -> Result<(), SetupError> {
        if !self.api.is_guarded().await? {
            return Err(SetupError::NoTokens);
        }
        let desk = self.api.desk().await.map_err(|error| match error.kind {
            ProviderErrorKind::Unauthorized => SetupError::TokenSecret,
            _ => SetupError::Provider(error),
        })?;
        let checked = self.try_room(&desk).await;
        desk.leave().await;
        checked?;
        match &self.archive {
            None => Ok(()),
            Some(archive) if !archive.is_there().await => Err(SetupError::Recordings),
            Some(_) if !can_convert().await => Err(SetupError::Converter),
            Some(_) => Ok(()),
        }
    }

    async fn try_room(&self, desk: &Desk<'_>) -> Result<(), SetupError> {
        let name = format!("check-{}", derive(&self.config.room_key, "check", ""));
        let secret = derive(&self.config.room_key, "secret", &name);
        let mut body = json!({ "request": "create", "room": name, "secret": secret, "is_private": true,
            "allowed": [], "admin_key": "another" });
        let (stranger, ours) = (desk.ask(body.clone()).await, {
            body["admin_key"] = self.config.admin_key.expose_secret().into();
            desk.ask(body).await
        });
        if ours.is_ok() || stranger.is_ok() {
            desk.ask(json!({ "request": "destroy", "room": name, "secret": secret })).await?;
        }
        match (stranger, ours) {
            (_, Err(failure)) if failure.is(INVALID) => Err(SetupError::NumericIds),
            (Ok(_), _) => Err(SetupError::NoAdminKey),
            (Err(_), Err(failure)) if failure.is(UNAUTHORIZED) => Err(SetupError::AdminKey),
            (Err(_), Err(failure)) => Err(failure.into()),
            (Err(_), Ok(_)) => Ok(()),
        }
    }

    fn room(handle: &RoomHandle) -> Result<Room, ProviderError> {
        serde_json::from_str(handle.details.expose()).map_err(|_| ProviderErrorKind::InvalidRequest.into())
    }

    async fn create(&self, desk: &Desk<'_>, name: &str, room: &Room) -> Result<(), ProviderError> {
        let created = desk
            .ask(json!({
                "request": "create",
                "admin_key": self.config.admin_key.expose_secret(),
                "room": name,
                "permanent": false,
                "is_private": true,
                "secret": room.secret,
                "pin": room.pin,
                // Nobody may enter but who is on the list, with a token that has not expired.
                "allowed": [],
                "signed_tokens": true,
                // Nobody may receive who is not inside, and who is kicked receives no more.
                "require_pvtid": true,
                "publishers": room.capacity,
                "notify_joining": true,
                "bitrate": self.config.max_bitrate,
                "bitrate_cap": true,
                "audiocodec": "opus",
                "videocodec": "vp8",
                "record": false,
                "lock_record": true,
            }))
            .await;
        match created {
            Ok(_) => Ok(()),
            // It is ours if our secret opens it.
            Err(failure) if failure.is(ROOM_EXISTS) => match Self::list(desk, name, room).await {
                Ok(_) => Ok(()),
                Err(failure) if failure.is(UNAUTHORIZED) => {
                    Err(ProviderError::new(ProviderErrorKind::Forbidden).with_code("427"))
                }
                Err(failure) => Err(failure.into()),
            },
            Err(failure) => Err(failure.into()),
        }
    }

    /// Returns the tokens that may enter.
    async fn list(desk: &Desk<'_>, name: &str, room: &Room) -> Result<Vec<String>, Failure> {
        Self::edit_list(desk, name, room, "add", &[]).await
    }

    /// Changes who may enter, and returns the tokens that may.
    async fn edit_list(
        desk: &Desk<'_>,
        name: &str,
        room: &Room,
        action: &str,
        tokens: &[String],
    ) -> Result<Vec<String>, Failure> {
        let body =
            json!({ "request": "allowed", "action": action, "room": name, "secret": room.secret, "allowed": tokens });
        let mut answer = desk.ask(body).await?;
        // An empty list is left out.
        match answer.get_mut("allowed").map(Value::take) {
            None => Ok(Vec::new()),
            Some(list) => serde_json::from_value(list).map_err(|_| ProviderErrorKind::Protocol.into()),
        }
    }

    /// Returns the names of everybody inside, ours or not.
    async fn inside(desk: &Desk<'_>, name: &str) -> Result<Vec<String>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            participants: Vec<Participant>,
        }
        #[derive(Deserialize)]
        struct Participant {
            id: String,
        }
        let answer = desk.ask(json!({ "request": "listparticipants", "room": name })).await?;
        let answer: Answer = serde_json::from_value(answer).map_err(|_| ProviderErrorKind::Protocol)?;
        Ok(answer.participants.into_iter().map(|participant| participant.id).collect())
    }

    /// Puts a token on the list in place of the grant's older ones, unless all seats are taken.
    async fn seat(
        desk: &Desk<'_>,
        name: &str,
        room: &Room,
        grant: &GrantId,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ProviderError> {
        let listed = Self::edit_list(desk, name, room, "add", &[token.to_owned()]).await?;
        let mut seats: BTreeSet<String> = Self::inside(desk, name).await?.into_iter().collect();
        let alive = listed.iter().filter_map(|token| holder(token)).filter(|(_, expiry)| *expiry >= now.timestamp());
        seats.extend(alive.map(|(grant, _)| grant.to_string()));
        let full = seats.len() > usize::try_from(room.capacity).unwrap_or(usize::MAX);
        // Without a seat the new token goes again, with one the older ones do.
        let unwanted = |known: &&String| match *known == token {
            true => full,
            false => !full && holder(known).is_some_and(|(known, _)| known == *grant),
        };
        let unwanted: Vec<_> = listed.iter().filter(unwanted).cloned().collect();
        if !unwanted.is_empty() {
            Self::edit_list(desk, name, room, "remove", &unwanted).await?;
        }
        if full { Err(ProviderErrorKind::LimitExceeded.into()) } else { Ok(()) }
    }

    /// Takes somebody off the list, then puts them out, together with everybody whose name nobody was given: a browser
    /// that was let in may call itself anything.
    async fn expel(desk: &Desk<'_>, name: &str, room: &Room, grant: &GrantId) -> Result<(), Failure> {
        let listed = Self::list(desk, name, room).await?;
        let (theirs, others): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|token| holder(token).is_none_or(|(holder, _)| holder == *grant));
        if !theirs.is_empty() {
            Self::edit_list(desk, name, room, "remove", &theirs).await?;
        }
        let granted: BTreeSet<_> =
            others.iter().filter_map(|token| holder(token)).map(|(grant, _)| grant.to_string()).collect();
        for id in Self::inside(desk, name).await? {
            if !granted.contains(&id) {
                let body = json!({ "request": "kick", "room": name, "secret": room.secret, "id": id });
                none_if(desk.ask(body).await, NOBODY)?;
            }
        }
        Ok(())
    }

    async fn moderate(
        desk: &Desk<'_>,
        name: &str,
        room: &Room,
        grant: &GrantId,
        media: Media,
    ) -> Result<(), ProviderError> {
        let id = grant.to_string();
        if !Self::inside(desk, name).await?.contains(&id) {
            return Err(ProviderErrorKind::NotFound.into());
        }
        let mut sends = false;
        for (mid, may) in MIDS.into_iter().zip([media.audio, media.video, media.screen]) {
            let body = json!({
                "request": "moderate", "room": name, "secret": room.secret, "id": id, "mid": mid, "mute": !may,
            });
            sends |= none_if(desk.ask(body).await, NOBODY)?.is_some();
        }
        // Inside, but not sending yet: there is nothing to which a limit could be attached.
        if sends { Ok(()) } else { Err(ProviderErrorKind::Conflict.into()) }
    }

    fn ice(&self, grant: &GrantId, expiry: i64) -> Value {
        let mut servers = Vec::new();
        if !self.config.stun.is_empty() {
            servers.push(json!({ "urls": self.config.stun }));
        }
        if let Some(server) = &self.config.turn {
            let (username, credential) = turn(&server.secret, grant, expiry);
            servers.push(json!({ "urls": server.urls, "username": username, "credential": credential }));
        }
        servers.into()
    }

    fn archive(&self) -> Result<&Arc<Archive>, ProviderError> {
        self.archive.as_ref().ok_or_else(|| ProviderErrorKind::Unsupported.into())
    }

    async fn record(
        &self,
        desk: &Desk<'_>,
        name: &str,
        room: &Room,
        key: &IdempotencyKey,
    ) -> Result<(), ProviderError> {
        let folders = self.config.recordings.as_ref().ok_or(ProviderErrorKind::Unsupported)?;
        let folder = format!("{}/{key}", folders.theirs);
        desk.ask(json!({ "request": "edit", "room": name, "secret": room.secret, "new_rec_dir": folder })).await?;
        desk.ask(json!({ "request": "enable_recording", "room": name, "secret": room.secret, "record": true })).await?;
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "a literal of letters")]
fn provider_id() -> ProviderId {
    ProviderId::parse("janus").expect("letters only")
}

/// Takes a certain refusal for an answer.
fn none_if(answer: Result<Value, Failure>, code: u32) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.is(code) => Ok(None),
        Err(failure) => Err(failure),
    }
}

#[async_trait]
impl TelehealthProvider for JanusProvider {
    fn id(&self) -> ProviderId {
        self.id.clone()
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::new(Rooms::Explicit, Credentials::ServerCall);
        capabilities.revoke = Revocation::Immediate;
        capabilities.media_permissions = true;
        if self.archive.is_some() {
            capabilities.recording = Recordings::Service;
            capabilities.recording_deletion = true;
        }
        if self.config.events.is_some() {
            capabilities.webhooks = Webhooks::Password;
        }
        capabilities.self_hosted = true;
        capabilities.max_participants = Some(self.config.max_participants);
        capabilities
    }

    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError> {
        let name = key.as_str();
        let room = Room {
            secret: derive(&self.config.room_key, "secret", name),
            pin: derive(&self.config.room_key, "pin", name),
            capacity: spec.capacity.min(self.config.max_participants),
            seconds: spec.max_duration.as_secs().min(LONGEST),
        };
        let details = serde_json::to_string(&room).map_err(|_| ProviderErrorKind::InvalidRequest)?;
        let desk = self.api.desk().await?;
        let created = self.create(&desk, name, &room).await;
        desk.leave().await;
        created?;
        Ok(RoomHandle {
            provider: self.id.clone(),
            key: key.clone(),
            room: name.to_owned(),
            details: RoomDetails::new(details),
        })
    }

    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError> {
        let desk = self.api.desk().await?;
        let inside = Self::inside(&desk, &room.room).await;
        desk.leave().await;
        match inside {
            Ok(inside) => Ok(RoomStatus::Open { inside: inside.iter().filter_map(|id| id.parse().ok()).collect() }),
            Err(failure) if failure.is(NO_SUCH_ROOM) => Ok(RoomStatus::Ended),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError> {
        let body = json!({ "request": "destroy", "room": room.room, "secret": Self::room(room)?.secret });
        let desk = self.api.desk().await?;
        let destroyed = desk.ask(body).await;
        desk.leave().await;
        none_if(destroyed, NO_SUCH_ROOM)?;
        Ok(())
    }

    async fn join_grant(
        &self,
        handle: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError> {
        let (room, name, grant) = (Self::room(handle)?, handle.room.as_str(), &participant.grant);
        let later = |ttl| TimeDelta::from_std(ttl).ok().and_then(|ttl| now.checked_add_signed(ttl));
        let ends = later(participant.ttl).ok_or(ProviderErrorKind::InvalidRequest)?.timestamp();
        let stay = now.timestamp().saturating_add_unsigned(room.seconds.min(LONGEST));
        let token = self.signer.enter(name, grant, ends - 1);

        let desk = self.api.desk().await?;
        let seated = Self::seat(&desk, name, &room, grant, &token, now).await;
        desk.leave().await;
        seated?;

        let about_room =
            json!({ "server": self.config.public_url, "room": name, "pin": room.pin, "ice": self.ice(grant, stay) });
        let Media { audio, video, screen } = participant.media;
        let about_participant = json!({
            "id": grant.to_string(),
            "token": token,
            "api_token": self.signer.api(stay),
            "watch_token": self.signer.watch(name, stay),
            "media": { "audio": audio, "video": video, "screen": screen },
        });
        let expires_at = DateTime::from_timestamp(ends, 0).ok_or(ProviderErrorKind::InvalidRequest)?;
        let credential = JoinCredential::Documents {
            room: about_room.to_string().into(),
            participant: about_participant.to_string().into(),
        };
        Ok(JoinGrant { credential, expires_at })
    }

    async fn revoke(&self, handle: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError> {
        let room = Self::room(handle)?;
        let desk = self.api.desk().await?;
        let expelled = Self::expel(&desk, &handle.room, &room, grant).await;
        desk.leave().await;
        match expelled {
            Err(failure) if !failure.is(NO_SUCH_ROOM) => Err(failure.into()),
            _ => Ok(Revoked::Now),
        }
    }

    async fn set_media(&self, handle: &RoomHandle, grant: &GrantId, media: Media) -> Result<(), ProviderError> {
        let room = Self::room(handle)?;
        let desk = self.api.desk().await?;
        let moderated = Self::moderate(&desk, &handle.room, &room, grant, media).await;
        desk.leave().await;
        moderated
    }

    async fn start_recording(
        &self,
        handle: &RoomHandle,
        media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        let room = Self::room(handle)?;
        self.archive()?.prepare(key.as_str()).await?;
        let desk = self.api.desk().await?;
        let started = self.record(&desk, &handle.room, &room, key).await;
        desk.leave().await;
        started?;
        Take { secret: room.secret, media, stopped: false }.handle(&self.id, &handle.room, key.as_str())
    }

    async fn stop_recording(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        self.archive()?;
        let take = Take::of(recording)?;
        let body =
            json!({ "request": "enable_recording", "room": recording.room, "secret": take.secret, "record": false });
        let desk = self.api.desk().await?;
        let stopped = desk.ask(body).await;
        desk.leave().await;
        none_if(stopped, NO_SUCH_ROOM)?;
        Take { stopped: true, ..take }.handle(&self.id, &recording.room, &recording.recording)
    }

    async fn recording_status(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        let archive = self.archive()?;
        let take = Take::of(recording)?;
        if !take.stopped {
            let desk = self.api.desk().await?;
            let inside = Self::inside(&desk, &recording.room).await;
            desk.leave().await;
            match inside {
                Ok(_) => return Ok(RecordingStatus::Running),
                Err(failure) if failure.is(NO_SUCH_ROOM) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        archive.status(&recording.room, &recording.recording, take.media).await
    }

    async fn delete_recording(&self, recording: &RecordingHandle) -> Result<(), ProviderError> {
        self.archive()?.delete(&recording.recording).await
    }

    fn parse_webhook(
        &self,
        request: &WebhookRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError> {
        let login = self.config.events.as_ref().ok_or(WebhookError::Unsupported)?;
        webhook::parse(login, request, now)
    }
}
