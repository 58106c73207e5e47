//! The Janus of `scripts/janus`, and people who join it without media.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use mentalspace_core::VisitId;
use mentalspace_http::{Client, Method, Request};
use mentalspace_janus::{JanusConfig, JanusProvider};
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec, RoomHandle, RoomSecret, RoomSpec,
    TelehealthProvider,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

/// Reads what `scripts/janus` exports.
pub(crate) fn setting(name: &str) -> String {
    let name = format!("MENTALSPACE_JANUS_{name}");
    std::env::var(&name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the tests with scripts/janus run --turn -- …"))
}

pub(crate) fn config_at(url: &str) -> JanusConfig {
    let secret = |name| setting(name).into();
    let (tokens, admin, rooms) = (secret("TOKEN_SECRET"), secret("ADMIN_KEY"), secret("ROOM_KEY"));
    let recordings = setting("RECORDINGS");
    JanusConfig::new(url, &setting("PUBLIC_URL"), tokens, admin, rooms)
        .and_then(|config| config.recordings(&recordings, &recordings))
        .and_then(|config| config.events(&setting("EVENTS_USER"), secret("EVENTS_PASSWORD")))
        .expect("what scripts/janus exports is a configuration")
}

pub(crate) fn config() -> JanusConfig {
    config_at(&setting("URL"))
}

pub(crate) fn provider() -> JanusProvider {
    JanusProvider::new(config()).expect("a client")
}

/// The present instant by the clock of Janus, which is this machine's.
pub(crate) fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock after 1970");
    DateTime::from_timestamp_micros(i64::try_from(since.as_micros()).expect("a clock before 294 000")).expect("a time")
}

/// A key nobody else uses, in this run or another.
pub(crate) fn key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let run = u128::try_from(now().timestamp_micros()).expect("a clock after 1970");
    IdempotencyKey::derive(&RoomSecret::new([9; 32]), VisitId::from_uuid(Uuid::from_u128(run << 32 | number)), 1)
}

pub(crate) fn spec(capacity: u32) -> RoomSpec {
    RoomSpec { region: None, capacity, max_duration: Duration::from_secs(7200) }
}

pub(crate) fn grant(number: u128) -> GrantId {
    GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(number)), serial: 1 }
}

pub(crate) fn seat(grant: GrantId) -> ParticipantSpec {
    ParticipantSpec { grant, media: Media::ALL, ttl: Duration::from_secs(300) }
}

pub(crate) async fn open(provider: &JanusProvider, capacity: u32) -> RoomHandle {
    provider.open_room(&spec(capacity), &key()).await.expect("a room opens")
}

pub(crate) async fn admit(provider: &JanusProvider, room: &RoomHandle, grant: GrantId) -> Documents {
    Documents::of(&provider.join_grant(room, &seat(grant), now()).await.expect("a credential"))
}

/// The two documents of a credential.
#[derive(Clone)]
pub(crate) struct Documents {
    pub(crate) room: Value,
    pub(crate) participant: Value,
}

impl Documents {
    pub(crate) fn of(grant: &JoinGrant) -> Self {
        Self::of_credential(&grant.credential)
    }

    pub(crate) fn of_credential(credential: &JoinCredential) -> Self {
        let JoinCredential::Documents { room, participant } = credential else { panic!("two documents") };
        let read = |text: &str| serde_json::from_str(text).expect("a document is JSON");
        Self { room: read(room.expose_secret()), participant: read(participant.expose_secret()) }
    }
}

/// Somebody at the HTTP API.
pub(crate) struct Caller {
    client: Client,
    session: String,
    handle: String,
    token: String,
}

impl Caller {
    /// Opens a session and attaches; the code if Janus refuses.
    pub(crate) async fn new(api_token: &str) -> Result<Self, u64> {
        let client = Client::new(Duration::from_secs(5), 1 << 20).expect("a client");
        let mut caller = Self { client, session: String::new(), handle: String::new(), token: api_token.to_owned() };
        let id = |answer: Value| answer["data"]["id"].as_u64().expect("an id");
        caller.session = format!("/{}", id(caller.post("", json!({ "janus": "create" })).await?));
        let attach = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" });
        caller.handle = format!("{}/{}", caller.session, id(caller.post(&caller.session, attach).await?));
        Ok(caller)
    }

    /// Asks the plugin and waits for its answer; the code if it refuses.
    pub(crate) async fn ask(&self, body: Value) -> Result<Value, u64> {
        let mut answer = self.post(&self.handle, json!({ "janus": "message", "body": body })).await?;
        while answer.get("plugindata").is_none() {
            answer = self.poll().await;
        }
        let data = answer["plugindata"]["data"].take();
        data.get("error_code").and_then(Value::as_u64).map_or(Ok(data), Err)
    }

    pub(crate) async fn join(&self, documents: &Documents) -> Result<Value, u64> {
        let (room, me) = (&documents.room, &documents.participant);
        self.join_as(documents, me["id"].clone(), room["pin"].clone(), me["token"].clone()).await
    }

    pub(crate) async fn join_as(
        &self,
        documents: &Documents,
        id: Value,
        pin: Value,
        token: Value,
    ) -> Result<Value, u64> {
        let room = &documents.room["room"];
        self.ask(json!({ "request": "join", "ptype": "publisher", "room": room, "pin": pin, "id": id, "token": token }))
            .await
    }

    pub(crate) async fn bye(self) {
        let _ = self.post(&self.session, json!({ "janus": "destroy" })).await;
    }

    async fn post(&self, path: &str, mut message: Value) -> Result<Value, u64> {
        message["transaction"] = "t".into();
        message["token"] = self.token.as_str().into();
        let request = Request::new(Method::POST, format!("{}{path}", setting("URL"))).body(message.to_string());
        let answer = self.client.send(request).await.expect("Janus answers");
        let answer: Value = serde_json::from_slice(&answer.body).expect("in JSON");
        answer["error"]["code"].as_u64().map_or(Ok(answer), Err)
    }

    async fn poll(&self) -> Value {
        let token = self.token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let url = format!("{}{}?maxev=1&token={token}", setting("URL"), self.session);
        let answer = self.client.send(Request::new(Method::GET, url)).await.expect("Janus answers");
        serde_json::from_slice(&answer.body).expect("in JSON")
    }
}

/// Joins and leaves again: the code if Janus refuses.
pub(crate) async fn try_join(documents: &Documents) -> Result<(), u64> {
    let caller = Caller::new(documents.participant["api_token"].as_str().expect("a token")).await?;
    let joined = caller.join(documents).await;
    caller.bye().await;
    joined.map(|_| ())
}
