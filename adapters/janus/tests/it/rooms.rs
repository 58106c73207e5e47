//! Rooms and credentials, over the signalling alone.

use std::time::Duration;

use mentalspace_telehealth_port::provider::{
    GrantId, Media, ParticipantSpec, ProviderErrorKind, Revoked, RoomDetails, RoomStatus, TelehealthProvider,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{Caller, Documents, admit, grant, key, now, open, provider, seat, spec, try_join};

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn nobody_gets_in_before_admission() {
    let provider = provider();
    let (room, other) = (open(&provider, 4).await, open(&provider, 4).await);
    let admitted = admit(&provider, &room, grant(1)).await;
    let elsewhere = admit(&provider, &other, grant(2)).await;

    let mut bare = admitted.clone();
    bare.participant["token"] = Value::Null;
    let mut watching = admitted.clone();
    watching.participant["token"] = admitted.participant["watch_token"].clone();
    let mut stranger = admitted.clone();
    stranger.participant["token"] = elsewhere.participant["token"].clone();
    let mut unpinned = admitted.clone();
    unpinned.room["pin"] = elsewhere.room["pin"].clone();
    for refused in [bare, watching, stranger, unpinned] {
        assert!(matches!(try_join(&refused).await, Err(433 | 430)));
    }
    assert_eq!(try_join(&admitted).await, Ok(()));
    for room in [room, other] {
        provider.close_room(&room).await.expect("it closes");
    }
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_credential_that_expired_lets_nobody_in_and_puts_nobody_out() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let short = |grant| ParticipantSpec { ttl: Duration::from_secs(3), ..seat(grant) };
    let minted = |grant| {
        let (provider, room) = (&provider, &room);
        async move { provider.join_grant(room, &short(grant), now()).await.expect("a credential") }
    };
    let early = Documents::of(&minted(grant(1)).await);
    let late = minted(grant(2)).await;
    let token = early.participant["api_token"].as_str().expect("a token");
    let caller = Caller::new(token).await.expect("a session");
    caller.join(&early).await.expect("it is time yet");
    while now() < late.expires_at {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(try_join(&Documents::of(&late)).await, Err(433));
    assert_eq!(provider.revoke(&room, &grant(2)).await, Ok(Revoked::Now));
    let inside = vec![grant(1)];
    assert_eq!(provider.room_status(&room).await, Ok(RoomStatus::Open { inside }), "who is inside stays");
    caller.bye().await;
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn the_status_names_who_is_inside() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let documents = admit(&provider, &room, grant(1)).await;
    let caller = Caller::new(documents.participant["api_token"].as_str().expect("a token")).await.expect("a session");
    caller.join(&documents).await.expect("admitted");
    assert_eq!(provider.room_status(&room).await, Ok(RoomStatus::Open { inside: vec![grant(1)] }));
    caller.bye().await;
    assert_eq!(provider.room_status(&room).await, Ok(RoomStatus::Open { inside: Vec::new() }));
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_full_room_gives_no_seat_until_one_is_free() {
    let provider = provider();
    let room = open(&provider, 2).await;
    for number in [1, 2, 1] {
        admit(&provider, &room, grant(number)).await;
    }
    let full = provider.join_grant(&room, &seat(grant(3)), now()).await.map_err(|error| error.kind);
    assert_eq!(full.map(|_| ()), Err(ProviderErrorKind::LimitExceeded));
    provider.revoke(&room, &grant(1)).await.expect("revoked");
    assert_eq!(try_join(&admit(&provider, &room, grant(3)).await).await, Ok(()));
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn of_many_who_ask_at_once_no_more_get_a_seat_than_there_are() {
    let provider = std::sync::Arc::new(provider());
    let room = open(&provider, 3).await;
    let asking: Vec<_> = (1..=12)
        .map(|number| {
            let (provider, room) = (provider.clone(), room.clone());
            tokio::spawn(async move { provider.join_grant(&room, &seat(grant(number)), now()).await })
        })
        .collect();
    let mut seats = Vec::new();
    for asked in asking {
        match asked.await.expect("no panic") {
            Ok(minted) => seats.push(Documents::of(&minted)),
            Err(error) => assert_eq!(error.kind, ProviderErrorKind::LimitExceeded),
        }
    }
    assert!(seats.len() <= 3, "{} seats were given", seats.len());
    // Those who were turned away in the crowd find the seats that are left.
    for number in 1..=12 {
        let taken = seats.iter().any(|seat| seat.participant["id"] == grant(number).to_string());
        match provider.join_grant(&room, &seat(grant(number)), now()).await {
            Ok(minted) if !taken => seats.push(Documents::of(&minted)),
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind, ProviderErrorKind::LimitExceeded),
        }
    }
    assert_eq!(seats.len(), 3);
    for documents in &seats {
        assert_eq!(try_join(documents).await, Ok(()));
    }
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_seat_can_be_taken_once() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let first = admit(&provider, &room, grant(1)).await;
    let second = admit(&provider, &room, grant(1)).await;
    assert_eq!(first.participant["id"], second.participant["id"]);
    let caller = Caller::new(first.participant["api_token"].as_str().expect("a token")).await.expect("a session");
    caller.join(&second).await.expect("admitted");
    assert_eq!(try_join(&second).await, Err(436));
    caller.bye().await;
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn somebody_removed_cannot_stay_under_another_name() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let honest = admit(&provider, &room, grant(1)).await;
    let sly = admit(&provider, &room, grant(2)).await;
    let one = Caller::new(honest.participant["api_token"].as_str().expect("a token")).await.expect("a session");
    one.join(&honest).await.expect("admitted");
    let two = Caller::new(sly.participant["api_token"].as_str().expect("a token")).await.expect("a session");
    let (pin, token) = (sly.room["pin"].clone(), sly.participant["token"].clone());
    two.join_as(&sly, json!("somebody-else"), pin, token).await.expect("Janus lets names be chosen");

    provider.revoke(&room, &grant(2)).await.expect("revoked");
    let everybody = one.ask(json!({ "request": "listparticipants", "room": room.room })).await.expect("a list");
    let ids: Vec<_> = everybody["participants"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&honest.participant["id"]]);
    assert_eq!(try_join(&sly).await, Err(433));
    one.bye().await;
    two.bye().await;
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_browser_can_do_nothing_to_the_room() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let documents = admit(&provider, &room, grant(1)).await;
    let caller = Caller::new(documents.participant["api_token"].as_str().expect("a token")).await.expect("a session");
    caller.join(&documents).await.expect("admitted");
    let name = &room.room;
    for (body, codes) in [
        (json!({ "request": "create", "room": "mine" }), [429, 433]),
        (json!({ "request": "destroy", "room": name }), [429, 433]),
        (json!({ "request": "edit", "room": name, "new_pin": "" }), [429, 433]),
        (json!({ "request": "allowed", "action": "disable", "room": name }), [429, 433]),
        (json!({ "request": "kick", "room": name, "id": "p" }), [429, 433]),
        (json!({ "request": "enable_recording", "room": name, "record": true }), [429, 433]),
        (json!({ "request": "rtp_forward", "room": name, "publisher_id": "p", "host": "192.0.2.1" }), [429, 433]),
    ] {
        let refused = caller.ask(body.clone()).await;
        assert!(matches!(refused, Err(code) if codes.contains(&code)), "{body}: {refused:?}");
    }
    let rooms = caller.ask(json!({ "request": "list" })).await.expect("a list");
    assert!(!rooms.to_string().contains(name.as_str()), "rooms are not listed");
    caller.bye().await;
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_room_of_somebody_else_is_not_taken_for_ours() {
    let provider = provider();
    let key = key();
    let token = { admit(&provider, &open(&provider, 2).await, grant(1)).await.participant["api_token"].clone() };
    let caller = Caller::new(token.as_str().expect("a token")).await.expect("a session");
    let admin = crate::server::setting("ADMIN_KEY");
    let theirs = json!({ "request": "create", "room": key.as_str(), "secret": "theirs", "admin_key": admin });
    caller.ask(theirs).await.expect("a room");
    let refused = provider.open_room(&spec(2), &key).await.map_err(|error| error.kind);
    assert_eq!(refused.map(|_| ()), Err(ProviderErrorKind::Forbidden));
    caller.ask(json!({ "request": "destroy", "room": key.as_str(), "secret": "theirs" })).await.expect("destroyed");
    caller.bye().await;
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn no_error_and_no_debug_text_shows_a_secret() {
    let provider = provider();
    let room = open(&provider, 2).await;
    let documents = admit(&provider, &room, grant(1)).await;
    let kept: Value = serde_json::from_str(room.details.expose()).expect("JSON");
    let mut broken = room.clone();
    broken.details =
        RoomDetails::new(room.details.expose().replace(kept["secret"].as_str().expect("a secret"), "wrong"));
    let never = GrantId { serial: 9, ..grant(9) };
    let errors = [
        provider.close_room(&broken).await.expect_err("refused"),
        provider.revoke(&broken, &never).await.expect_err("refused"),
        provider.set_media(&room, &never, Media::NONE).await.expect_err("absent"),
        provider.join_grant(&broken, &seat(never), now()).await.expect_err("refused"),
    ];
    let shown = format!("{errors:?} {} {room:?} {provider:?}", errors.each_ref().map(ToString::to_string).join(" "));
    let tokens = ["token", "api_token", "watch_token"].map(|name| &documents.participant[name]);
    for secret in tokens.into_iter().chain([&kept["secret"], &kept["pin"]]) {
        assert!(!shown.contains(secret.as_str().expect("text")));
    }
    assert_eq!(errors.map(|error| error.kind)[..2], [ProviderErrorKind::Unauthorized; 2]);
    provider.close_room(&room).await.expect("it closes");
}
