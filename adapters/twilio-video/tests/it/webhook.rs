//! Status callbacks in our words.

use chrono::TimeDelta;
use mentalspace_telehealth_port::provider::{
    ProviderEvent, ProviderEventKind, TelehealthProvider, WebhookError, WebhookRequest,
};
use mentalspace_telehealth_port::testing::conformance::{Notification, Subject};
use serde_json::{Value, json};

use crate::fake::{Fake, participant, stamp};

const ROOM: &str = "RM0123456789abcdef0123456789abcdef";

fn read(fake: &Fake, told: &Notification) -> Result<Vec<ProviderEvent>, WebhookError> {
    let headers: Vec<_> = told.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fake.provider.parse_webhook(&WebhookRequest { url: &told.url, headers: &headers, body: &told.body }, fake.now())
}

async fn told(fake: &Fake, event: &str, more: Value) -> Result<Vec<ProviderEvent>, WebhookError> {
    let mut form = json!({ "RoomSid": ROOM, "StatusCallbackEvent": event, "Timestamp": stamp(fake.now()) });
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(fake, &fake.callback(form).await)
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn every_kind_is_told_in_our_words() {
    let fake = Fake::connect().await;
    let grant = participant(1).grant;
    for (event, kind) in [
        ("room-created", None),
        ("room-ended", Some(ProviderEventKind::RoomEnded)),
        ("participant-connected", Some(ProviderEventKind::Joined(grant))),
        ("participant-disconnected", Some(ProviderEventKind::Dropped(grant))),
        ("track-added", None),
        ("recording-completed", Some(ProviderEventKind::RecordingChanged)),
        ("composition-available", Some(ProviderEventKind::RecordingChanged)),
        ("something-new", None),
    ] {
        let events = told(&fake, event, json!({ "ParticipantIdentity": grant.to_string() })).await.unwrap();
        assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), Vec::from_iter(kind), "{event}");
        assert!(events.iter().all(|event| event.room == ROOM && event.at == fake.now()));
    }
    let strangers = told(&fake, "participant-connected", json!({ "ParticipantIdentity": "Jane" })).await;
    assert_eq!(strangers, Ok(Vec::new()), "somebody who is not ours is nobody");
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn two_events_are_told_apart_and_one_is_the_same_twice() {
    let fake = Fake::connect().await;
    let event = async |number: &str| {
        let more = json!({ "SequenceNumber": number, "ParticipantIdentity": participant(1).grant.to_string() });
        told(&fake, "participant-connected", more).await.unwrap().remove(0).id
    };
    assert_eq!(event("3").await, event("3").await);
    assert_ne!(event("3").await, event("4").await);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn what_is_signed_but_says_nothing_clear_is_malformed() {
    let fake = Fake::connect().await;
    for (more, expected) in [
        (json!({ "Timestamp": "yesterday" }), WebhookError::Malformed),
        (json!({ "RoomSid": "my room" }), WebhookError::Malformed),
        (json!({ "Timestamp": stamp(fake.now() - TimeDelta::minutes(6)) }), WebhookError::Stale),
    ] {
        assert_eq!(told(&fake, "room-ended", more).await, Err(expected));
    }
    let form = json!({ "RoomSid": ROOM, "StatusCallbackEvent": "room-ended", "Timestamp": stamp(fake.now()) });
    let genuine = fake.callback(form).await;
    assert!(read(&fake, &genuine).is_ok());
    for url in ["https://practice.example/hooks/twilio", "https://practice.example/hooks/twilio?visit=2", "", "x://"] {
        let elsewhere = Notification { url: url.to_owned(), ..genuine.clone() };
        assert_eq!(read(&fake, &elsewhere), Err(WebhookError::Signature), "signed for another address");
    }
    let ported = Notification { url: genuine.url.replace(".example/", ".example:443/"), ..genuine.clone() };
    assert!(read(&fake, &ported).is_ok());
    let mut twice = genuine.clone();
    twice.headers.extend(genuine.headers.clone());
    assert_eq!(read(&fake, &twice), Err(WebhookError::Signature), "two signatures prove nothing");
    let long = Notification { body: vec![b'a'; 1 << 20], ..genuine };
    assert_eq!(read(&fake, &long), Err(WebhookError::Malformed));
}
