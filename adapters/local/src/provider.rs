//! [`TelehealthProvider`] over the [`Hub`].

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::provider::{
    Capabilities, Credentials, Delivery, GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec,
    ProviderError, ProviderEvent, ProviderId, Revocation, Revoked, RoomDetails, RoomHandle, RoomSpec, RoomStatus,
    Rooms, TelehealthProvider, WebhookError, WebhookRequest, Webhooks,
};
use serde_json::json;

use crate::{CAPACITY, Hub, LocalConfig};

/// Peer-to-peer video, introduced by this process. Cheap to clone; clones share their rooms.
#[derive(Debug, Clone)]
pub struct LocalProvider {
    id: ProviderId,
    hub: Hub,
}

impl LocalProvider {
    /// Starts without rooms.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the name is a constant of five letters")]
    #[must_use]
    pub fn new(config: LocalConfig) -> Self {
        Self { id: ProviderId::parse("local").expect("five letters are a provider's name"), hub: Hub::new(config) }
    }

    /// Returns where browsers are introduced, for the route of the socket.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.hub
    }
}

#[async_trait]
impl TelehealthProvider for LocalProvider {
    fn id(&self) -> ProviderId {
        self.id.clone()
    }

    fn capabilities(&self) -> Capabilities {
        let mut able = Capabilities::new(Rooms::Explicit, Credentials::ServerCall);
        able.revoke = Revocation::Immediate;
        able.media_permissions = true;
        able.webhooks = Webhooks::Queue;
        able.self_hosted = true;
        able.max_participants = Some(CAPACITY);
        able
    }

    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError> {
        self.hub.open(key.as_str(), spec);
        let (provider, room) = (self.id(), key.to_string());
        Ok(RoomHandle { provider, key: key.clone(), room, details: RoomDetails::default() })
    }

    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError> {
        Ok(self.hub.inside(&room.room).map_or(RoomStatus::Ended, |inside| RoomStatus::Open { inside }))
    }

    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError> {
        self.hub.close(&room.room);
        Ok(())
    }

    async fn join_grant(
        &self,
        room: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError> {
        let minted = self.hub.mint(&room.room, participant, now)?;
        let config = self.hub.config();
        // A relay is asked again whenever the network changes, so its password lives as long as the room.
        let ice: Vec<_> =
            config.ice.iter().map(|server| server.document(participant.grant, minted.room_ends_at)).collect();
        let credential = JoinCredential::Documents {
            room: json!({ "socket": config.socket, "ice": ice }).to_string().into(),
            participant: json!({ "token": minted.token }).to_string().into(),
        };
        Ok(JoinGrant { credential, expires_at: minted.expires_at })
    }

    async fn revoke(&self, room: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError> {
        self.hub.revoke(&room.room, grant);
        Ok(Revoked::Now)
    }

    async fn set_media(&self, room: &RoomHandle, grant: &GrantId, media: Media) -> Result<(), ProviderError> {
        Ok(self.hub.set_media(&room.room, grant, media)?)
    }

    async fn receive(&self, wait: Duration) -> Result<Vec<Delivery>, ProviderError> {
        Ok(self.hub.receive(wait).await)
    }

    async fn acknowledge(&self, receipts: &[String]) -> Result<(), ProviderError> {
        self.hub.acknowledge(receipts);
        Ok(())
    }

    fn parse_webhook(
        &self,
        _request: &WebhookRequest<'_>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError> {
        Err(WebhookError::Unsupported)
    }
}
