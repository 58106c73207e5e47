//! Rooms by REST, credentials signed here.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mentalspace_http::Client;
use mentalspace_telehealth_port::provider::{
    Capabilities, Credentials, GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec,
    ProviderError, ProviderErrorKind, ProviderEvent, ProviderId, RecordingHandle, RecordingMedia, RecordingStatus,
    Recordings, Region, Revocation, Revoked, RoomDetails, RoomHandle, RoomSpec, RoomStatus, Rooms, TelehealthProvider,
    WebhookError, WebhookRequest, Webhooks,
};
use secrecy::SecretString;
use serde::Deserialize;

use crate::call::{Rest, gone};
use crate::config::{self, TwilioVideoConfig, TwilioVideoConfigError, is_sid};
use crate::operation::{CREATE_ROOM, DISCONNECT, END_ROOM, FETCH_ROOM, LIST_PARTICIPANTS};
use crate::token::AccessToken;
use crate::webhook;

/// Longest answer read.
const LIMIT: usize = 1 << 20;
/// The service's limit of people in a room.
const SEATS: u32 = 50;
/// A room of everybody fits into one page.
const PAGE: &str = "100";
/// How long an empty room lives: longer than anybody may be away and come back.
const EMPTY: Duration = Duration::from_secs(15 * 60);
/// Shortest and longest time somebody may be connected, in seconds.
const CONNECTED: (u64, u64) = (600, 86_400);
/// Longest life of a credential: what was taken back stays good until it ends.
const LONGEST_TTL: Duration = Duration::from_secs(5 * 60);
/// Twilio's code for a room of that name that is in progress.
const ROOM_EXISTS: &str = "53113";
const REGIONS: [&str; 9] = ["au1", "br1", "de1", "ie1", "in1", "jp1", "sg1", "us1", "us2"];

/// Twilio Video group rooms.
pub struct TwilioVideoProvider {
    id: ProviderId,
    pub(crate) rest: Rest,
    account: String,
    key: String,
    secret: SecretString,
    webhooks: Option<config::Webhooks>,
    media_region: Option<String>,
    pub(crate) recordings: bool,
    regions: Vec<Region>,
}

#[derive(Deserialize)]
pub(crate) struct Room {
    pub(crate) sid: String,
    pub(crate) status: String,
    unique_name: Option<String>,
    account_sid: String,
}

impl Room {
    pub(crate) fn lives(&self) -> bool {
        self.status == "in-progress"
    }
}

#[derive(Deserialize)]
struct Participants {
    participants: Vec<Participant>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Participant {
    sid: String,
    identity: String,
}

#[derive(Deserialize)]
pub(crate) struct Meta {
    pub(crate) next_page_url: Option<String>,
}

impl TwilioVideoProvider {
    /// Makes the provider without calling anything.
    ///
    /// # Errors
    /// [`TwilioVideoConfigError`] names the first setting that cannot be used.
    pub fn new(config: TwilioVideoConfig) -> Result<Self, TwilioVideoConfigError> {
        config.check()?;
        let no_tls = |_| TwilioVideoConfigError { setting: "endpoint", rule: "needs root certificates of the machine" };
        let invalid = |_| TwilioVideoConfigError { setting: "media_region", rule: "is not the name of a region" };
        let client = Client::new(config.patience, LIMIT).map_err(no_tls)?;
        Ok(Self {
            id: ProviderId::parse("twilio-video").map_err(invalid)?,
            rest: Rest::new(client, &config.endpoint, &config.api_key_sid, &config.api_key_secret),
            account: config.account_sid,
            key: config.api_key_sid,
            secret: config.api_key_secret,
            webhooks: config.webhooks,
            media_region: config.media_region,
            recordings: config.recordings,
            regions: REGIONS.iter().map(|name| Region::parse(*name)).collect::<Result<_, _>>().map_err(invalid)?,
        })
    }

    /// What makes Twilio report, in the two parameters that ask for it.
    pub(crate) fn callback(&self) -> Vec<(&'static str, String)> {
        let asked = |hooks: &config::Webhooks| {
            vec![("StatusCallback", hooks.url.clone()), ("StatusCallbackMethod", "POST".to_owned())]
        };
        self.webhooks.as_ref().map(asked).unwrap_or_default()
    }

    /// Asks for a room by its SID; `None` if Twilio does not know it.
    pub(crate) async fn room(&self, sid: &str) -> Result<Option<Room>, ProviderError> {
        gone(self.rest.ask(&FETCH_ROOM, &[room_sid(sid)?], &[]).await)
    }

    async fn connected(
        &self,
        room: &RoomHandle,
        identity: Option<&GrantId>,
    ) -> Result<Option<Participants>, ProviderError> {
        let mut query = vec![("Status", "connected".to_owned()), ("PageSize", PAGE.to_owned())];
        query.extend(identity.map(|grant| ("Identity", grant.to_string())));
        gone(self.rest.ask(&LIST_PARTICIPANTS, &[room_sid(&room.room)?], &query).await)
    }
}

/// Checks an id before it becomes part of an address.
pub(crate) fn room_sid(text: &str) -> Result<&str, ProviderError> {
    if is_sid("RM", text) { Ok(text) } else { Err(ProviderErrorKind::Protocol.into()) }
}

impl fmt::Debug for TwilioVideoProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioVideoProvider")
            .field("rest", &self.rest)
            .field("webhooks", &self.webhooks.is_some())
            .field("recordings", &self.recordings)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TelehealthProvider for TwilioVideoProvider {
    fn id(&self) -> ProviderId {
        self.id.clone()
    }

    fn capabilities(&self) -> Capabilities {
        let mut able = Capabilities::new(Rooms::Explicit, Credentials::Local);
        able.revoke = Revocation::UntilExpiry;
        if self.recordings {
            able.recording = Recordings::Service;
            able.recording_deletion = true;
        }
        if self.webhooks.is_some() {
            able.webhooks = Webhooks::Hmac;
        }
        able.max_participants = Some(SEATS);
        able.max_duration = Some(Duration::from_secs(CONNECTED.1));
        able.idle_close = Some(EMPTY);
        able.regions.clone_from(&self.regions);
        able
    }

    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError> {
        let empty = (EMPTY.as_secs() / 60).to_string();
        let mut asked = vec![
            ("UniqueName", key.to_string()),
            ("Type", "group".to_owned()),
            ("MaxParticipants", spec.capacity.clamp(1, SEATS).to_string()),
            ("MaxParticipantDuration", spec.max_duration.as_secs().clamp(CONNECTED.0, CONNECTED.1).to_string()),
            ("EmptyRoomTimeout", empty.clone()),
            ("UnusedRoomTimeout", empty),
            ("RecordParticipantsOnConnect", "false".to_owned()),
        ];
        let region = spec.region.as_ref().map(Region::as_str).or(self.media_region.as_deref());
        asked.extend(region.map(|region| ("MediaRegion", region.to_owned())));
        asked.extend(self.callback());
        let room: Room = match self.rest.ask(&CREATE_ROOM, &[], &asked).await {
            // The answer to an earlier call was lost. The name is an address as long as the room lives.
            Err(error) if error.provider_code.as_deref() == Some(ROOM_EXISTS) => {
                gone(self.rest.ask(&FETCH_ROOM, &[key.as_str()], &[]).await)?.ok_or(ProviderErrorKind::Conflict)?
            }
            answer => answer?,
        };
        let ours = room.unique_name.as_deref() == Some(key.as_str()) && room.account_sid == self.account;
        if !ours || !room.lives() {
            return Err(ProviderErrorKind::Conflict.into());
        }
        Ok(RoomHandle {
            provider: self.id(),
            key: key.clone(),
            room: room_sid(&room.sid)?.to_owned(),
            details: RoomDetails::default(),
        })
    }

    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError> {
        if !self.room(&room.room).await?.is_some_and(|room| room.lives()) {
            return Ok(RoomStatus::Ended);
        }
        Ok(match self.connected(room, None).await? {
            None => RoomStatus::Ended,
            // More than a page is more than a room holds: rather no list than half of one.
            Some(Participants { meta: Meta { next_page_url: Some(_) }, .. }) => RoomStatus::Alive,
            Some(Participants { participants, .. }) => {
                let inside = participants.iter().filter_map(|person| person.identity.parse().ok()).collect();
                RoomStatus::Open { inside }
            }
        })
    }

    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError> {
        let status = [("Status", "completed".to_owned())];
        match gone(self.rest.call(&END_ROOM, &[room_sid(&room.room)?], &status).await) {
            // Refused perhaps because it has ended already; that is looked up rather than guessed from a code.
            Err(error) if matches!(error.kind, ProviderErrorKind::InvalidRequest | ProviderErrorKind::Conflict) => {
                let lives = self.room(&room.room).await?.is_some_and(|room| room.lives());
                if lives { Err(error) } else { Ok(()) }
            }
            answer => answer.map(|_| ()),
        }
    }

    async fn join_grant(
        &self,
        room: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError> {
        let issued = now.timestamp();
        let ttl = participant.ttl.min(LONGEST_TTL).as_secs();
        let expires = issued.saturating_add_unsigned(ttl);
        let token = AccessToken {
            key: &self.key,
            account: &self.account,
            identity: &participant.grant.to_string(),
            // The SID and not the name: a name would be good for the next room that bears it.
            room: room_sid(&room.room)?,
            issued,
            expires,
        };
        let expires_at = DateTime::from_timestamp(expires, 0).ok_or(ProviderErrorKind::InvalidRequest)?;
        let url = format!("https://video.twilio.com/v1/Rooms/{}", room.room);
        let credential = JoinCredential::Token { url, token: token.sign(&self.secret) };
        Ok(JoinGrant { credential, expires_at })
    }

    async fn revoke(&self, room: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError> {
        let found = self.connected(room, Some(grant)).await?;
        for person in found.into_iter().flat_map(|page| page.participants) {
            if person.identity != grant.to_string() || !is_sid("PA", &person.sid) {
                return Err(ProviderErrorKind::Protocol.into());
            }
            let status = [("Status", "disconnected".to_owned())];
            gone(self.rest.call(&DISCONNECT, &[room_sid(&room.room)?, &person.sid], &status).await)?;
        }
        Ok(Revoked::AtExpiry)
    }

    async fn set_media(&self, _room: &RoomHandle, _grant: &GrantId, _media: Media) -> Result<(), ProviderError> {
        Err(ProviderErrorKind::Unsupported.into())
    }

    async fn start_recording(
        &self,
        room: &RoomHandle,
        media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        self.record(room, media, key).await
    }

    async fn stop_recording(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        self.cease(recording).await
    }

    async fn recording_status(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        self.progress(recording).await
    }

    async fn delete_recording(&self, recording: &RecordingHandle) -> Result<(), ProviderError> {
        self.destroy(recording).await
    }

    fn parse_webhook(
        &self,
        request: &WebhookRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError> {
        let hooks = self.webhooks.as_ref().ok_or(WebhookError::Unsupported)?;
        webhook::parse(&hooks.auth_token, request, now)
    }
}
