//! An account of its own at the fake.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use mentalspace_core::VisitId;
use mentalspace_http::{Client, Method, Request};
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, JoinCredential, Media, ParticipantSpec, RoomHandle, RoomSecret, RoomSpec,
    TelehealthProvider,
};
use mentalspace_telehealth_port::testing::conformance::{Notification, Subject};
use mentalspace_twilio_video::{TwilioVideoConfig, TwilioVideoProvider};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) provider: TwilioVideoProvider,
    pub(crate) account_sid: String,
    pub(crate) api_key_sid: String,
    pub(crate) api_key_secret: String,
    client: Client,
}

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use scripts/twilio-fake"))
}

impl Fake {
    pub(crate) async fn connect() -> Self {
        let client = Client::new(Duration::from_secs(30), 64 << 20).unwrap();
        let made = post(&client, "account", json!({})).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let config = config(&text("account_sid"), &text("api_key_sid"), &text("api_key_secret"))
            .webhooks(text("hook"), text("auth_token").into())
            .recordings();
        Self {
            provider: TwilioVideoProvider::new(config).unwrap(),
            account_sid: text("account_sid"),
            api_key_sid: text("api_key_sid"),
            api_key_secret: text("api_key_secret"),
            client,
        }
    }

    /// Tells the account's control what to do.
    pub(crate) async fn control(&self, what: &str, mut asked: Value) -> Value {
        asked["key"] = json!(self.api_key_sid);
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

    /// Lets somebody in.
    pub(crate) async fn enter(&self, room: &RoomHandle, participant: &ParticipantSpec) {
        let minted = self.provider.join_grant(room, participant, self.now()).await.unwrap();
        assert_eq!(self.join(room, &minted.credential).await, Some(true));
    }

    /// Makes a status callback of these parameters.
    pub(crate) async fn callback(&self, form: Value) -> Notification {
        let made = self.control("callback", json!({ "form": form })).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Notification {
            url: text("url"),
            headers: vec![("X-Twilio-Signature".to_owned(), text("signature"))],
            body: text("body").into_bytes(),
        }
    }
}

async fn post(client: &Client, what: &str, asked: Value) -> Value {
    let url = format!("{}/{what}", variable("MENTALSPACE_TWILIO_CONTROL"));
    let answer = client.send(Request::new(Method::POST, url).body(asked.to_string())).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn config(account: &str, key: &str, secret: &str) -> TwilioVideoConfig {
    TwilioVideoConfig::new(account, key, secret.to_owned().into()).endpoint(variable("MENTALSPACE_TWILIO_ENDPOINT"))
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

pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[async_trait]
impl Subject for Fake {
    fn provider(&self) -> &dyn TelehealthProvider {
        &self.provider
    }

    fn now(&self) -> DateTime<Utc> {
        "2026-11-23T15:00:00Z".parse().unwrap()
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
        let asked = json!({ "token": credential.expose(), "now": self.now().timestamp() });
        self.control("join", asked).await["joined"].as_bool()
    }

    async fn room_ended(&self, room: &RoomHandle, at: DateTime<Utc>) -> Option<Notification> {
        let form = json!({ "RoomSid": room.room, "StatusCallbackEvent": "room-ended", "Timestamp": stamp(at) });
        Some(self.callback(form).await)
    }
}
