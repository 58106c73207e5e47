//! The socket of peer-to-peer video, spoken to by a program that has no manners.

use std::{net::TcpStream, sync::Arc, time::Duration};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_local::{LocalConfig, LocalProvider};
use mentalspace_server::local_video;
use mentalspace_telehealth_port::{
    ParticipantId,
    provider::{
        GrantId, IdempotencyKey, Media, ParticipantSpec, ProviderEventKind, RoomHandle, RoomSpec, TelehealthProvider,
    },
};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client::IntoClientRequest};
use uuid::Uuid;

struct Stage {
    provider: LocalProvider,
    room: RoomHandle,
    address: String,
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_600)
}

fn grant(who: u128) -> GrantId {
    GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(who)), serial: 1 }
}

impl Stage {
    async fn new() -> Self {
        let provider = LocalProvider::new(LocalConfig::new([7; 32], Arc::new(now)));
        let spec = RoomSpec { region: None, capacity: 2, max_duration: Duration::from_secs(7200) };
        let room = provider.open_room(&spec, &IdempotencyKey::parse("room").unwrap()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let routes: Router = local_video::routes(provider.hub().clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { provider, room, address }
    }

    async fn hello(&self, who: u128) -> String {
        let spec = ParticipantSpec { grant: grant(who), media: Media::ALL, ttl: Duration::from_secs(300) };
        let minted = self.provider.join_grant(&self.room, &spec, now()).await.unwrap();
        minted.credential.expose().to_owned()
    }

    /// Opens the socket as a page of `origin` would.
    fn dial(&self, origin: &str) -> Result<Line, Box<tungstenite::Error>> {
        let mut request = format!("ws://{}{}", self.address, local_video::PATH).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Line(socket)),
            Err(tungstenite::HandshakeError::Failure(error)) => Err(Box::new(error)),
            Err(tungstenite::HandshakeError::Interrupted(_)) => panic!("the handshake takes too long"),
        }
    }

    fn call(&self) -> Line {
        self.dial(&format!("http://{}", self.address)).unwrap()
    }
}

struct Line(WebSocket<TcpStream>);

impl Line {
    fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    fn hear(&mut self) -> Value {
        match self.0.read() {
            Ok(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            Ok(Message::Ping(_)) => self.hear(),
            _ => Value::Null,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_are_introduced_and_one_leaving_is_told() {
    let stage = Stage::new().await;
    let (mut one, mut two) = (stage.call(), stage.call());
    one.say(&stage.hello(1).await);
    assert_eq!(one.hear()["peers"], json!([]));
    two.say(&stage.hello(2).await);
    assert_eq!(two.hear()["peers"][0]["id"], json!(grant(1)));
    assert_eq!(one.hear()["peer"]["id"], json!(grant(2)));
    two.say(&json!({ "type": "signal", "to": grant(1), "data": { "candidate": "…" } }).to_string());
    assert_eq!(one.hear(), json!({ "type": "signal", "from": grant(2), "data": { "candidate": "…" } }));
    two.say(r#"{"type":"leave"}"#);
    assert_eq!(one.hear(), json!({ "type": "left", "peer": grant(2) }));
    drop(one);
    let mut kinds = Vec::new();
    while kinds.len() < 4 {
        let told = stage.provider.receive(Duration::from_secs(5)).await.unwrap();
        assert!(!told.is_empty(), "{kinds:?}");
        kinds.extend(told.iter().flat_map(|delivery| &delivery.events).map(|event| event.kind));
    }
    use ProviderEventKind::{Dropped, Joined, Left};
    assert_eq!(kinds, [Joined(grant(1)), Joined(grant(2)), Left(grant(2)), Dropped(grant(1))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_opens_no_socket() {
    let stage = Stage::new().await;
    for origin in ["http://evil.invalid", "null", "", "http://127.0.0.1"] {
        assert!(stage.dial(origin).is_err(), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_the_socket_ends_with_a_reason_only() {
    let stage = Stage::new().await;
    let dead = stage.hello(1).await;
    stage.provider.revoke(&stage.room, &grant(1)).await.unwrap();
    for first in ["", "{}", "[1]", r#"{"token":"a.b.c"}"#, r#"{"type":"signal"}"#, &dead] {
        let mut line = stage.call();
        line.say(first);
        assert_eq!(line.hear(), json!({ "type": "bye", "reason": "token" }), "{first}");
        assert_eq!(line.hear(), Value::Null, "and then nothing");
    }
    let (mut one, mut two, mut three) = (stage.call(), stage.call(), stage.call());
    one.say(&stage.hello(1).await);
    two.say(&stage.hello(2).await);
    assert_eq!((one.hear()["type"].clone(), two.hear()["type"].clone()), (json!("welcome"), json!("welcome")));
    three.say(&stage.hello(3).await);
    assert_eq!(three.hear(), json!({ "type": "bye", "reason": "full" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_or_talks_nonsense_is_told_and_cut_off() {
    let stage = Stage::new().await;
    let (mut one, mut two) = (stage.call(), stage.call());
    one.say(&stage.hello(1).await);
    one.hear();
    two.say(&stage.hello(2).await);
    two.hear();
    stage.provider.revoke(&stage.room, &grant(1)).await.unwrap();
    while one.hear() != json!({ "type": "bye", "reason": "removed" }) {}
    assert_eq!(two.hear()["type"], "left");
    two.0.send(Message::binary(vec![0; 10])).unwrap();
    assert_eq!(two.hear(), json!({ "type": "bye", "reason": "unreadable" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_longer_than_allowed_is_not_even_gathered() {
    let stage = Stage::new().await;
    let mut line = stage.call();
    let _ = line.0.send(Message::text("x".repeat(4 << 20)));
    assert_eq!(line.hear(), Value::Null);
}
