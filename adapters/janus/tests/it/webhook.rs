//! Posts of the event handler: genuine ones, repeated, late, and forged.

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_janus::JanusProvider;
use mentalspace_telehealth_port::provider::{ProviderEvent, ProviderEventKind, TelehealthProvider, WebhookError};
use mentalspace_telehealth_port::testing::conformance::Notification;
use proptest::prelude::*;

use crate::events::{heard, listen, read};
use crate::server::{Caller, admit, grant, now, open, provider};

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn real_posts_tell_who_came_and_went_and_that_the_room_ended() {
    listen();
    let provider = provider();
    let room = open(&provider, 4).await;
    let mut posts = Vec::new();
    for (number, way) in [(1, "leaving"), (2, "kicked")] {
        let documents = admit(&provider, &room, grant(number)).await;
        let token = documents.participant["api_token"].as_str().expect("a token");
        let caller = Caller::new(token).await.expect("a session");
        caller.join(&documents).await.expect("admitted");
        let id = grant(number).to_string();
        posts.push(heard(&["joined", &id, &room.room]).await);
        if way == "kicked" {
            provider.revoke(&room, &grant(number)).await.expect("revoked");
        } else {
            caller.ask(serde_json::json!({ "request": "leave" })).await.expect("left");
        }
        posts.push(heard(&[way, &id, &room.room]).await);
        caller.bye().await;
    }
    provider.close_room(&room).await.expect("it closes");
    posts.push(heard(&["destroyed", &room.room]).await);

    let mut told: Vec<_> = posts
        .iter()
        .flat_map(|post| read(&provider, post, now()).expect("genuine"))
        .filter(|event| event.room == room.room)
        .collect();
    told.sort_by_key(|event| event.at);
    told.dedup();
    let kinds: Vec<_> = told.iter().map(|event| event.kind).collect();
    let (one, two) = (grant(1), grant(2));
    let expected = [
        ProviderEventKind::Joined(one),
        ProviderEventKind::Left(one),
        ProviderEventKind::Joined(two),
        ProviderEventKind::Dropped(two),
        ProviderEventKind::RoomEnded,
    ];
    assert_eq!(kinds, expected);

    for post in &posts {
        assert_eq!(read(&provider, post, now()), read(&provider, post, now()), "the same post tells the same events");
        for off in [TimeDelta::minutes(-10), TimeDelta::minutes(10)] {
            assert_eq!(read(&provider, post, now() + off), Err(WebhookError::Stale));
        }
        for forged in forgeries(post) {
            assert_eq!(read(&provider, &forged, now()), Err(WebhookError::Signature));
        }
    }
}

fn forgeries(post: &Notification) -> Vec<Notification> {
    let at = post.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case("authorization")).expect("signed in");
    let mut bare = post.clone();
    bare.headers.remove(at);
    let mut twice = post.clone();
    twice.headers.push(post.headers[at].clone());
    let others = ["", "Basic ", "Basic amFudXM6amFudXM=", "Bearer x"].map(|value| {
        let mut other = post.clone();
        value.clone_into(&mut other.headers[at].1);
        other
    });
    let mut cut = post.clone();
    cut.headers[at].1.pop();
    others.into_iter().chain([bare, twice, cut]).collect()
}

/// A provider that believes `janus` with the password `a-password-of-good-length`, and nobody to talk to.
fn deaf() -> JanusProvider {
    let secret = || "a-password-of-good-length".to_owned().into();
    let config = mentalspace_janus::JanusConfig::new(
        "http://127.0.0.1:1/janus",
        "wss://video.example/",
        secret(),
        secret(),
        secret(),
    );
    JanusProvider::new(config.and_then(|config| config.events("janus", secret())).expect("settings")).expect("a client")
}

fn post(body: impl Into<Vec<u8>>) -> Notification {
    let login = "Basic amFudXM6YS1wYXNzd29yZC1vZi1nb29kLWxlbmd0aA==";
    Notification {
        url: "https://practice.example/hooks/janus".to_owned(),
        headers: vec![("authorization".to_owned(), login.to_owned())],
        body: body.into(),
    }
}

const MICROS: i64 = 1_795_332_305_537_424;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(MICROS).expect("a time")
}

fn event(data: &str) -> String {
    format!(
        r#"{{"emitter":"J","type":64,"timestamp":{MICROS},"event":{{"plugin":"janus.plugin.videoroom","data":{data}}}}}"#
    )
}

#[test]
fn an_event_is_read_alone_and_among_others() {
    let ours = event(r#"{"event":"leaving","room":"abcdef","id":"p_00000000000000000000000000000001_1"}"#);
    let mixed = format!(
        r#"[{{"type":1,"event":{{"name":"created"}}}},{{}},{{"type":64,"event":[]}},{ours},{}]"#,
        event(r#"{"event":"subscribed","room":0}"#)
    );
    for body in [ours, mixed] {
        let events = read(&deaf(), &post(body), at()).expect("genuine");
        let expected = ProviderEvent {
            id: format!("{MICROS}-leaving-abcdef-p_00000000000000000000000000000001_1"),
            at: at(),
            room: "abcdef".to_owned(),
            kind: ProviderEventKind::Left(grant(1)),
        };
        assert_eq!(events, [expected]);
    }
}

#[test]
fn who_comes_with_the_token_of_another_has_not_joined() {
    let joined = |token: &str| {
        let id = "p_00000000000000000000000000000001_1";
        event(&format!(r#"{{"event":"joined","room":"abcdef","id":"{id}","token":"{token}"}}"#))
    };
    let token = |who: &str| format!("12,janus.plugin.videoroom,room=abcdef,{who}:c2ln");
    let own = joined(&token("p_00000000000000000000000000000001_1"));
    assert_eq!(read(&deaf(), &post(own), at()).expect("genuine").len(), 1);
    for token in [token("p_00000000000000000000000000000002_1"), String::new()] {
        assert_eq!(read(&deaf(), &post(joined(&token)), at()), Ok(Vec::new()));
    }
}

#[test]
fn what_is_late_beside_something_fresh_is_left_out() {
    let data = r#"{"event":"destroyed","room":"abcdef"}"#;
    let old = event(data).replace(&MICROS.to_string(), &(MICROS - 600_000_000).to_string());
    let both = format!("[{old},{}]", event(data));
    assert_eq!(read(&deaf(), &post(both), at()).expect("genuine").len(), 1);
    assert_eq!(read(&deaf(), &post(old), at()), Err(WebhookError::Stale));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&deaf(), &post(body), at());
    }

    #[test]
    fn no_strange_event_makes_it_panic(
        what in "joined|leaving|kicked|unpublished|destroyed|[a-z]{0,8}",
        room in "[-_a-z0-9.\\\\/]{0,70}",
        id in "p_[0-9a-f]{32}_[0-9]{1,11}|.{0,10}",
        time in any::<i64>(),
    ) {
        let data = serde_json::json!([{ "type": 64, "timestamp": time,
            "event": { "plugin": "janus.plugin.videoroom", "data": { "event": what, "room": room, "id": id } } }]);
        let _ = read(&deaf(), &post(data.to_string()), at());
    }
}
