//! Meetings as rooms, attendees as grants.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_http::{Client, Method};
use mentalspace_telehealth_port::provider::{
    Capabilities, Credentials, Delivery, GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec,
    ProviderError, ProviderErrorKind, ProviderEvent, ProviderId, RecordingHandle, RecordingMedia, RecordingStatus,
    Recordings, Region, Revocation, Revoked, RoomDetails, RoomHandle, RoomSpec, RoomStatus, Rooms, TelehealthProvider,
    WebhookError, WebhookRequest, Webhooks,
};
use serde_json::json;

use crate::call::{Call, Service, read, send};
use crate::config::{ChimeConfig, ChimeConfigError, RecordingSink};
use crate::meeting::{self, Attendee, AttendeeAnswer, AttendeePage, Meeting, id, meeting_of, parse};
use crate::queue::Queue;
use crate::sigv4::Signer;

/// Longest answer read: a full page of attendees with the longest tokens stays below.
const LIMIT: usize = 1 << 20;
/// The service's limit of people in a meeting.
const SEATS: u32 = 250;
/// Longest page of attendees that may be asked for.
const PAGE: &str = "100";
const REGIONS: [&str; 18] = [
    "af-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
const GOVERNMENT_REGIONS: [&str; 2] = ["us-gov-east-1", "us-gov-west-1"];

/// Amazon Chime SDK meetings and media pipelines.
pub struct ChimeProvider {
    id: ProviderId,
    client: Client,
    signer: Signer,
    meetings: Service,
    pub(crate) pipelines: Service,
    pub(crate) sink: Option<RecordingSink>,
    queue: Option<Queue>,
    notify_queue: Option<String>,
    media_region: String,
    regions: Vec<Region>,
}

impl ChimeProvider {
    /// Makes the provider without calling anything.
    ///
    /// # Errors
    /// [`ChimeConfigError`] names the first setting that cannot be used.
    pub fn new(config: ChimeConfig) -> Result<Self, ChimeConfigError> {
        config.check()?;
        let region = &config.control_region;
        let own = |service| format!("https://{service}.{region}.amazonaws.com");
        let meetings = config.meetings_endpoint.clone().unwrap_or_else(|| own("meetings-chime"));
        let pipelines = config.pipelines_endpoint.clone().unwrap_or_else(|| own("media-pipelines-chime"));
        let no_tls = |_| ChimeConfigError { setting: "endpoints", rule: "needs root certificates of the machine" };
        let invalid = |_| ChimeConfigError { setting: "control_region", rule: "is not the name of a region" };
        let names: &[_] = if region.starts_with("us-gov-") { &GOVERNMENT_REGIONS } else { &REGIONS };
        let regions = names.iter().map(|name| Region::parse(*name)).collect::<Result<_, _>>().map_err(invalid)?;
        let queue = config.queue_url.as_deref().map(|url| Queue::new(url, region, config.patience)).transpose()?;
        Ok(Self {
            id: ProviderId::parse("chime").map_err(invalid)?,
            client: Client::new(config.patience, LIMIT).map_err(no_tls)?,
            meetings: Service::new("endpoints", &meetings, region, "chime")?,
            pipelines: Service::new("endpoints", &pipelines, region, "chime")?,
            queue,
            media_region: config.media_region,
            signer: Signer {
                access_key_id: config.access_key_id,
                secret_access_key: config.secret_access_key,
                session_token: config.session_token,
            },
            sink: config.recordings,
            notify_queue: config.notify_queue,
            regions,
        })
    }

    pub(crate) async fn call(&self, service: &Service, call: Call<'_>) -> Result<Vec<u8>, ProviderError> {
        send(&self.client, &self.signer, service, call).await
    }

    async fn meeting(&self, method: Method, room: &RoomHandle) -> Result<Vec<u8>, ProviderError> {
        self.call(&self.meetings, Call::new(method, format!("/meetings/{}", id(&room.room)?))).await
    }

    /// Finds the attendees of a grant: one, unless Chime took two for one.
    async fn attendees(&self, room: &RoomHandle, grant: &GrantId) -> Result<Vec<Attendee>, ProviderError> {
        let path = format!("/meetings/{}/attendees", id(&room.room)?);
        let (mut found, mut next) = (Vec::new(), None::<String>);
        // Pages end after as many attendees as a meeting may have ever had, whatever the service says.
        for _ in 0..SEATS {
            let mut query = vec![("max-results", PAGE)];
            query.extend(next.as_deref().map(|token| ("next-token", token)));
            let call = Call { query: &query, ..Call::new(Method::GET, path.clone()) };
            let page: AttendeePage = read(&self.call(&self.meetings, call).await?)?;
            found.extend(page.attendees.into_iter().filter(|attendee| attendee.holds(grant)));
            next = page.next_token;
            if next.is_none() {
                return Ok(found);
            }
        }
        Err(ProviderErrorKind::Protocol.into())
    }

    async fn permit(&self, room: &RoomHandle, attendee: &Attendee, media: Media) -> Result<(), ProviderError> {
        let path = format!("/meetings/{}/attendees/{}/capabilities", id(&room.room)?, id(&attendee.attendee_id)?);
        let body = json!({ "Capabilities": meeting::Capabilities::from(media) });
        self.call(&self.meetings, Call::new(Method::PUT, path).body(body)).await.map(|_| ())
    }
}

/// Turns "not found" into nothing, for calls that want it gone.
pub(crate) fn gone<T>(result: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl fmt::Debug for ChimeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChimeProvider")
            .field("meetings", &self.meetings)
            .field("pipelines", &self.pipelines)
            .field("recordings", &self.sink.is_some())
            .field("queue", &self.queue.is_some())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TelehealthProvider for ChimeProvider {
    fn id(&self) -> ProviderId {
        self.id.clone()
    }

    fn capabilities(&self) -> Capabilities {
        let mut able = Capabilities::new(Rooms::Explicit, Credentials::ServerCall);
        able.revoke = Revocation::Immediate;
        able.media_permissions = true;
        if self.sink.is_some() {
            able.recording = Recordings::Service;
            able.recording_seats = 1;
        }
        if self.queue.is_some() {
            able.webhooks = Webhooks::Queue;
        }
        able.max_participants = Some(SEATS);
        able.max_duration = Some(Duration::from_secs(24 * 3600));
        able.idle_close = Some(Duration::from_secs(5 * 60));
        able.regions.clone_from(&self.regions);
        able
    }

    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError> {
        let mut body = json!({
            "ClientRequestToken": key,
            "ExternalMeetingId": key,
            "MediaRegion": spec.region.as_ref().map_or(self.media_region.as_str(), Region::as_str),
            "MeetingFeatures": { "Attendee": { "MaxCount": spec.capacity.clamp(1, SEATS) } },
        });
        if let Some(arn) = &self.notify_queue {
            body["NotificationsConfiguration"] = json!({ "SqsQueueArn": arn });
        }
        let answer = self.call(&self.meetings, Call::new(Method::POST, "/meetings").body(body)).await?;
        let document = meeting_of(&answer)?;
        let meeting: Meeting = parse(document.get())?;
        if !meeting.external_meeting_id.eq_ignore_ascii_case(key.as_str()) {
            return Err(ProviderErrorKind::Conflict.into());
        }
        Ok(RoomHandle {
            provider: self.id(),
            key: key.clone(),
            room: id(&meeting.meeting_id)?.to_owned(),
            details: RoomDetails::new(document.get()),
        })
    }

    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError> {
        let found = gone(self.meeting(Method::GET, room).await)?;
        Ok(if found.is_some() { RoomStatus::Alive } else { RoomStatus::Ended })
    }

    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError> {
        gone(self.meeting(Method::DELETE, room).await).map(|_| ())
    }

    async fn join_grant(
        &self,
        room: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError> {
        let wanted = meeting::Capabilities::from(participant.media);
        let body = json!({ "ExternalUserId": participant.grant, "Capabilities": wanted });
        let path = format!("/meetings/{}/attendees", id(&room.room)?);
        let answer = self.call(&self.meetings, Call::new(Method::POST, path).body(body)).await?;
        let document = read::<AttendeeAnswer>(&answer)?.attendee;
        let attendee: Attendee = parse(document.get())?;
        // The attendee may be there from an earlier call that asked for other media.
        if attendee.capabilities.as_ref().is_some_and(|known| *known != wanted) {
            self.permit(room, &attendee, participant.media).await?;
        }
        let ttl = TimeDelta::from_std(participant.ttl).unwrap_or(TimeDelta::MAX);
        Ok(JoinGrant {
            credential: JoinCredential::Documents {
                room: room.details.expose().to_owned().into(),
                participant: String::from(document.get()).into(),
            },
            expires_at: now.checked_add_signed(ttl).unwrap_or(DateTime::<Utc>::MAX_UTC),
        })
    }

    async fn revoke(&self, room: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError> {
        for attendee in gone(self.attendees(room, grant).await)?.unwrap_or_default() {
            let path = format!("/meetings/{}/attendees/{}", id(&room.room)?, id(&attendee.attendee_id)?);
            gone(self.call(&self.meetings, Call::new(Method::DELETE, path)).await)?;
        }
        Ok(Revoked::Now)
    }

    async fn set_media(&self, room: &RoomHandle, grant: &GrantId, media: Media) -> Result<(), ProviderError> {
        let found = self.attendees(room, grant).await?;
        let attendee = found.first().ok_or(ProviderErrorKind::NotFound)?;
        self.permit(room, attendee, media).await
    }

    async fn start_recording(
        &self,
        room: &RoomHandle,
        media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        self.capture(room, media, key).await
    }

    async fn stop_recording(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        self.concatenate(recording).await
    }

    async fn recording_status(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        self.progress(recording).await
    }

    async fn receive(&self, wait: Duration) -> Result<Vec<Delivery>, ProviderError> {
        match &self.queue {
            Some(queue) => queue.receive(&self.signer, wait).await,
            None => Ok(Vec::new()),
        }
    }

    async fn acknowledge(&self, receipts: &[String]) -> Result<(), ProviderError> {
        match &self.queue {
            Some(queue) => queue.acknowledge(&self.signer, receipts).await,
            None => Ok(()),
        }
    }

    fn parse_webhook(
        &self,
        _request: &WebhookRequest<'_>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError> {
        Err(WebhookError::Unsupported)
    }
}
