//! An account of its own at the fake.

use std::time::Duration;

use async_trait::async_trait;
use mentalspace_chime::{ChimeConfig, ChimeProvider};
use mentalspace_core::VisitId;
use mentalspace_http::{Client, Method, Request};
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, JoinCredential, Media, ParticipantSpec, RoomHandle, RoomSecret, RoomSpec,
    TelehealthProvider,
};
use mentalspace_telehealth_port::testing::conformance::Subject;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const BUCKET: &str = "arn:aws:s3:::practice-recordings";

#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) provider: ChimeProvider,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    client: Client,
}

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use scripts/chime-fake"))
}

impl Fake {
    pub(crate) async fn connect() -> Self {
        Self::account(json!({})).await
    }

    /// Makes an account with temporary credentials.
    pub(crate) async fn temporary() -> Self {
        Self::account(json!({ "session": true })).await
    }

    async fn account(asked: Value) -> Self {
        let client = Client::new(Duration::from_secs(30), 64 << 20).unwrap();
        let made = post(&client, "account", asked).await;
        let text = |name: &str| made[name].as_str().map(str::to_owned);
        let (id, secret) = (text("access_key_id").unwrap(), text("secret_access_key").unwrap());
        let mut config = config(&id, &secret);
        if let Some(token) = text("session_token") {
            config = config.session_token(token.into());
        }
        let provider = ChimeProvider::new(config).unwrap();
        Self { provider, access_key_id: id, secret_access_key: secret, client }
    }

    /// Tells the account's control what to do.
    pub(crate) async fn control(&self, what: &str, mut asked: Value) -> Value {
        asked["key"] = json!(self.access_key_id);
        post(&self.client, what, asked).await
    }

    pub(crate) async fn fault(&self, kind: &str) {
        self.control("fault", json!({ "next": [kind] })).await;
    }

    pub(crate) async fn state(&self) -> Value {
        self.control("state", json!({})).await
    }

    pub(crate) async fn open(&self, number: u32) -> RoomHandle {
        self.provider.open_room(&spec(), &key(number)).await.unwrap()
    }

    /// Mints a credential and returns the attendee's document.
    pub(crate) async fn attendee(&self, room: &RoomHandle, participant: &ParticipantSpec) -> Value {
        let minted = self.provider.join_grant(room, participant, self.now()).await.unwrap();
        serde_json::from_str(minted.credential.expose()).unwrap()
    }
}

async fn post(client: &Client, what: &str, asked: Value) -> Value {
    let url = format!("{}/{what}", variable("MENTALSPACE_CHIME_CONTROL"));
    let answer = client.send(Request::new(Method::POST, url).body(asked.to_string())).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn config(id: &str, secret: &str) -> ChimeConfig {
    let endpoint = variable("MENTALSPACE_CHIME_ENDPOINT");
    let queue = format!("{endpoint}/111122223333/visits");
    ChimeConfig::new(variable("MENTALSPACE_CHIME_REGION"), id, SecretString::from(secret.to_owned()))
        .endpoints(&endpoint, &endpoint)
        .recordings(BUCKET)
        .queue_url(queue)
}

pub(crate) fn key(number: u32) -> IdempotencyKey {
    IdempotencyKey::derive(&RoomSecret::new([7; 32]), VisitId::from_uuid(Uuid::from_u128(0xC0F0)), number)
}

pub(crate) fn spec() -> RoomSpec {
    RoomSpec { region: None, capacity: 4, max_duration: Duration::from_secs(7200) }
}

pub(crate) fn participant(number: u128) -> ParticipantSpec {
    let grant = GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(number)), serial: 1 };
    ParticipantSpec { grant, media: Media::ALL, ttl: Duration::from_secs(300) }
}

#[async_trait]
impl Subject for Fake {
    fn provider(&self) -> &dyn TelehealthProvider {
        &self.provider
    }

    async fn throttle_next(&self) -> bool {
        self.fault("throttle").await;
        true
    }

    async fn lose_next_answer(&self) -> bool {
        self.fault("lose").await;
        true
    }

    async fn fail_often(&self) -> bool {
        self.control("fault", json!({ "rate": 0.2 })).await;
        true
    }

    async fn sent(&self) -> Option<String> {
        Some(self.state().await["requests"].to_string())
    }

    async fn living_rooms(&self) -> Option<usize> {
        self.state().await["living"].as_u64().and_then(|living| usize::try_from(living).ok())
    }

    async fn join(&self, _room: &RoomHandle, credential: &JoinCredential) -> Option<bool> {
        let JoinCredential::Documents { room, participant } = credential else { return Some(false) };
        let read = |text: &SecretString| serde_json::from_str::<Value>(text.expose_secret()).unwrap();
        let asked = json!({ "meeting": read(room), "attendee": read(participant) });
        self.control("join", asked).await["joined"].as_bool()
    }
}
