//! Rooms, who is inside, and refusals.

use std::time::Duration;

use mentalspace_telehealth_port::provider::{
    GrantId, Media, ProviderErrorKind, Region, Revoked, RoomSpec, RoomStatus, TelehealthProvider,
};
use mentalspace_telehealth_port::testing::conformance::Subject;
use mentalspace_twilio_video::TwilioVideoProvider;
use serde_json::{Value, json};

use crate::fake::{Fake, config, key, participant, spec};

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn who_is_inside_is_told_and_put_out() {
    let fake = Fake::connect().await;
    let room = fake.open(1).await;
    let (first, second) = (participant(1), participant(2));
    fake.enter(&room, &first).await;
    fake.enter(&room, &second).await;
    let inside = |who: &[GrantId]| Ok(RoomStatus::Open { inside: who.to_vec() });
    assert_eq!(fake.provider.room_status(&room).await, inside(&[first.grant, second.grant]));
    assert_eq!(fake.provider.revoke(&room, &first.grant).await, Ok(Revoked::AtExpiry));
    assert_eq!(fake.provider.room_status(&room).await, inside(&[second.grant]));
    assert_eq!(fake.provider.revoke(&room, &first.grant).await, Ok(Revoked::AtExpiry));
    let muted = fake.provider.set_media(&room, &second.grant, Media::NONE).await.unwrap_err();
    assert_eq!(muted.kind, ProviderErrorKind::Unsupported);
    fake.provider.close_room(&room).await.unwrap();
    assert_eq!(fake.state().await["inside"], json!([]));
    assert_eq!(fake.provider.revoke(&room, &second.grant).await, Ok(Revoked::AtExpiry));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_room_gets_what_was_asked_as_far_as_there_is() {
    let fake = Fake::connect().await;
    let most = RoomSpec {
        region: Some(Region::parse("de1").unwrap()),
        capacity: u32::MAX,
        max_duration: Duration::from_secs(u64::MAX),
    };
    let least = RoomSpec { region: None, capacity: 0, max_duration: Duration::ZERO };
    fake.provider.open_room(&most, &key(2)).await.unwrap();
    fake.provider.open_room(&least, &key(3)).await.unwrap();
    let state = fake.state().await;
    let field = |room: usize, name: &str| state["rooms"][room][name].clone();
    assert_eq!((field(0, "max_participants"), field(1, "max_participants")), (json!(50), json!(1)));
    assert_eq!(
        (field(0, "max_participant_duration"), field(1, "max_participant_duration")),
        (json!(86_400), json!(600))
    );
    assert_eq!((field(0, "media_region"), field(1, "media_region")), (json!("de1"), json!("us1")));
    assert_eq!((field(0, "record_participants_on_connect"), field(0, "type")), (json!(false), json!("group")));
    assert_eq!(field(0, "status_callback"), "https://practice.example/hooks/twilio?visit=1");
    let empty = fake.provider.capabilities().idle_close.unwrap().as_secs() / 60;
    assert_eq!((field(0, "empty_room_timeout"), field(0, "unused_room_timeout")), (json!(empty), json!(empty)));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_wrong_secret_is_unauthorized_and_every_refusal_keeps_its_code() {
    let fake = Fake::connect().await;
    let wrong = TwilioVideoProvider::new(config(&fake.account_sid, &fake.api_key_sid, "wrong")).unwrap();
    let error = wrong.open_room(&spec(), &key(4)).await.unwrap_err();
    assert_eq!((error.kind, error.provider_code.as_deref()), (ProviderErrorKind::Unauthorized, Some("20003")));
    assert!(error.request_id.is_some_and(|id| id.starts_with("RQ")));
    for (fault, kind, code) in [
        ("throttle", ProviderErrorKind::Throttled { retry_after: Some(Duration::ZERO) }, Some("20429")),
        ("unavailable", ProviderErrorKind::Unavailable { retry_after: None }, Some("20503")),
        ("drop", ProviderErrorKind::Timeout, None),
    ] {
        fake.fault(fault).await;
        let error = fake.provider.open_room(&spec(), &key(4)).await.unwrap_err();
        assert_eq!((error.kind, error.provider_code.as_deref()), (kind, code), "{fault}");
    }
    assert_eq!(fake.living_rooms().await, Some(0));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_room_of_our_name_in_another_account_is_not_taken_for_ours() {
    let fake = Fake::connect().await;
    fake.open(5).await;
    let stranger = "AC0123456789abcdef0123456789abcdef";
    let other = TwilioVideoProvider::new(config(stranger, &fake.api_key_sid, &fake.api_key_secret)).unwrap();
    assert_eq!(other.open_room(&spec(), &key(5)).await.unwrap_err().kind, ProviderErrorKind::Conflict);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_handle_with_a_strange_id_reaches_nobody() {
    let fake = Fake::connect().await;
    let mut room = fake.open(6).await;
    let requests = async || fake.state().await["requests"].as_array().map(Vec::len);
    let before = requests().await;
    for strange in ["", "..", "RM1", "RM0123456789abcdef0123456789abcdef/Participants"] {
        room.room = strange.to_owned();
        assert_eq!(fake.provider.close_room(&room).await.unwrap_err().kind, ProviderErrorKind::Protocol);
        let grant = fake.provider.join_grant(&room, &participant(1), fake.now()).await.unwrap_err();
        assert_eq!(grant.kind, ProviderErrorKind::Protocol);
    }
    assert_eq!(requests().await, before);
    room.room = "RM0123456789abcdef0123456789abcdef".to_owned();
    assert_eq!(fake.provider.room_status(&room).await, Ok(RoomStatus::Ended), "an unknown room has ended");
    assert_eq!(fake.provider.close_room(&room).await, Ok(()));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_lost_close_is_closed() {
    let fake = Fake::connect().await;
    let room = fake.open(7).await;
    fake.fault("lose").await;
    assert_eq!(fake.provider.close_room(&room).await.unwrap_err().kind, ProviderErrorKind::Timeout);
    assert_eq!(fake.provider.close_room(&room).await, Ok(()));
    assert_eq!(
        fake.state().await["requests"]
            .as_array()
            .and_then(|all| all.last())
            .and_then(Value::as_str)
            .map(|r| { r.starts_with("GET /v1/Rooms/RM") }),
        Some(true),
        "what was refused is looked up"
    );
}
