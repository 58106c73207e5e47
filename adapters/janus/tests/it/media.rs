//! Real media between real peers.

use std::time::Duration;

use mentalspace_telehealth_port::provider::{
    Media, ProviderErrorKind, ProviderEventKind, Revoked, RoomStatus, TelehealthProvider,
};
use serde_json::json;
use tokio::time::sleep;

use crate::events::{heard, listen, read};
use crate::peer::{Packets, Peer, turn};
use crate::server::{admit, config, grant, now, open, provider, setting};

const SILENCE: Packets = Packets { audio: 0, video: 0 };

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn who_is_admitted_hears_and_sees_the_others_and_nobody_else_does() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let first = admit(&provider, &room, grant(1)).await;
    let mut stranger = first.clone();
    stranger.participant["token"] = first.participant["watch_token"].clone();
    stranger.participant["id"] = json!("p_stranger");
    let mut stranger = Peer::start(&stranger).await;
    assert_eq!(stranger.refusal().await, 433);

    let mut one = Peer::connected(&first).await;
    let mut two = Peer::connected(&admit(&provider, &room, grant(2)).await).await;
    one.hears_and_sees(&grant(2).to_string()).await;
    two.hears_and_sees(&grant(1).to_string()).await;
    let mut inside = match provider.room_status(&room).await {
        Ok(RoomStatus::Open { inside }) => inside,
        other => panic!("{other:?}"),
    };
    inside.sort();
    assert_eq!(inside, [grant(1), grant(2)]);

    provider.close_room(&room).await.expect("it closes");
    one.await_event("ended").await;
    two.await_event("ended").await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(one.rate(&grant(2).to_string()).await, SILENCE, "a closed room carries nothing");
    assert_eq!(two.rate(&grant(1).to_string()).await, SILENCE);
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn who_is_removed_hears_nothing_more_and_does_not_come_back() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let (one, two) = (grant(1).to_string(), grant(2).to_string());
    let mut client = Peer::connected(&admit(&provider, &room, grant(1)).await).await;
    let mut clinician = Peer::connected(&admit(&provider, &room, grant(2)).await).await;
    client.hears_and_sees(&two).await;
    clinician.hears_and_sees(&one).await;

    assert_eq!(provider.revoke(&room, &grant(1)).await, Ok(Revoked::Now));
    client.await_event("removed").await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(client.rate(&two).await, SILENCE, "a subscription dies with its owner");
    assert_eq!(clinician.rate(&one).await, SILENCE);
    client.say(json!({ "do": "again" })).await;
    assert_eq!(client.refusal().await, 433);
    client.say(json!({ "do": "again", "id": "p_other" })).await;
    assert_eq!(client.refusal().await, 433);
    // Watching needs no seat, but somebody inside whose it is.
    client.say(json!({ "do": "watch", "feed": two })).await;
    assert_eq!(client.refusal().await, 433);
    assert_eq!(provider.room_status(&room).await, Ok(RoomStatus::Open { inside: vec![grant(2)] }));

    // Let in again, under the next grant, everything is as before.
    let mut again = grant(1);
    again.serial = 2;
    let mut client = Peer::connected(&admit(&provider, &room, again).await).await;
    client.hears_and_sees(&two).await;
    clinician.hears_and_sees(&again.to_string()).await;
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn who_breaks_off_has_not_left() {
    let _turn = turn().await;
    listen();
    let provider = provider();
    let room = open(&provider, 4).await;
    let id = grant(1).to_string();
    drop(Peer::connected(&admit(&provider, &room, grant(1)).await).await);
    let mut told = Vec::new();
    for what in ["joined", "unpublished", "leaving"] {
        told.extend(read(&provider, &heard(&[what, &id, &room.room]).await, now()).expect("genuine"));
    }
    told.retain(|event| event.room == room.room);
    told.sort_by_key(|event| event.at);
    told.dedup();
    let first: Vec<_> = told.iter().map(|event| event.kind).take(2).collect();
    assert_eq!(first, [ProviderEventKind::Joined(grant(1)), ProviderEventKind::Dropped(grant(1))]);
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn who_is_muted_is_not_heard_whatever_they_send() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let one = grant(1).to_string();
    let documents = admit(&provider, &room, grant(1)).await;
    let mut speaker = Peer::connected(&documents).await;
    let mut listener = Peer::connected(&admit(&provider, &room, grant(2)).await).await;
    listener.hears_and_sees(&one).await;

    provider.set_media(&room, &grant(1), Media { audio: false, ..Media::ALL }).await.expect("muted");
    assert_eq!(speaker.await_event("muted").await["mid"], "0");
    sleep(Duration::from_millis(300)).await;
    let rate = listener.rate(&one).await;
    assert!(rate.audio == 0 && rate.video > 2, "{rate:?}");
    provider.set_media(&room, &grant(1), Media::AUDIO).await.expect("heard and not seen");
    sleep(Duration::from_millis(300)).await;
    let rate = listener.rate(&one).await;
    assert!(rate.audio > 10 && rate.video == 0, "{rate:?}");
    provider.set_media(&room, &grant(1), Media::ALL).await.expect("unmuted");
    listener.hears_and_sees(&one).await;

    let absent = provider.set_media(&room, &grant(3), Media::NONE).await.map_err(|error| error.kind);
    assert_eq!(absent, Err(ProviderErrorKind::NotFound));
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn media_flows_through_the_turn_server_with_the_credentials_made_here() {
    let _turn = turn().await;
    let urls = setting("TURN_URLS").split(',').map(str::to_owned).collect::<Vec<_>>();
    let config = config().turn(urls, setting("TURN_SECRET").into()).expect("a TURN server");
    let provider = mentalspace_janus::JanusProvider::new(config).expect("a client");
    let room = open(&provider, 4).await;
    let mut one = Peer::relayed(&admit(&provider, &room, grant(1)).await).await;
    one.await_event("connected").await;
    let mut two = Peer::relayed(&admit(&provider, &room, grant(2)).await).await;
    two.await_event("connected").await;
    one.hears_and_sees(&grant(2).to_string()).await;
    two.hears_and_sees(&grant(1).to_string()).await;

    let mut wrong = admit(&provider, &room, grant(3)).await;
    wrong.room["ice"][0]["credential"] = json!("made elsewhere");
    let mut three = Peer::relayed(&wrong).await;
    three.no_connection().await;
    provider.close_room(&room).await.expect("it closes");
}
