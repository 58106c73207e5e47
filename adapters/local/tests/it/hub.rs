//! Who gets in, who is told what, and who is put out.

use mentalspace_local::{Bye, CAPACITY, JoinError};
use mentalspace_telehealth_port::provider::{Media, ProviderEventKind, RoomStatus, TelehealthProvider};
use serde_json::{Value, json};

use crate::support::{Stage, grant, hear};

fn signal(to: mentalspace_telehealth_port::provider::GrantId, data: &Value) -> String {
    json!({ "type": "signal", "to": to, "data": data }).to_string()
}

#[tokio::test]
async fn people_hear_of_each_other_and_signals_go_to_one() {
    let stage = Stage::new();
    let room = stage.open("room", 3).await;
    let (a, b, c) = (grant(1, 1), grant(2, 1), grant(3, 1));
    let mut first = stage.sit(&room, a).await;
    let all = json!({ "audio": true, "video": true, "screen": true });
    assert_eq!(hear(&mut first).await, json!({ "type": "welcome", "you": a, "media": all, "peers": [] }));
    let mut second = stage.sit(&room, b).await;
    assert_eq!(hear(&mut second).await["peers"], json!([{ "id": a, "media": all }]));
    assert_eq!(hear(&mut first).await, json!({ "type": "joined", "peer": { "id": b, "media": all } }));
    let mut third = stage.sit(&room, c).await;
    hear(&mut third).await;
    hear(&mut first).await;
    hear(&mut second).await;

    let data = json!({ "description": { "type": "offer", "sdp": "v=0\r\n" } });
    assert_eq!(third.say(&signal(a, &data)), Ok(true));
    assert_eq!(hear(&mut first).await, json!({ "type": "signal", "from": c, "data": data }));
    assert_eq!(hear(&mut second).await, Value::Null, "nobody else hears it");

    assert_eq!(second.say(r#"{"type":"leave"}"#), Ok(false));
    drop(second);
    assert_eq!(hear(&mut first).await, json!({ "type": "left", "peer": b }));
    assert_eq!(stage.provider.room_status(&room).await, Ok(RoomStatus::Open { inside: vec![a, c] }));
}

#[tokio::test]
async fn signals_stay_in_their_room() {
    let stage = Stage::new();
    let (here, there) = (stage.open("here", 2).await, stage.open("there", 2).await);
    let mut one = stage.sit(&here, grant(1, 1)).await;
    let mut other = stage.sit(&there, grant(2, 1)).await;
    hear(&mut one).await;
    hear(&mut other).await;
    assert_eq!(one.say(&signal(grant(2, 1), &json!(1))), Ok(true));
    assert_eq!(one.say(&signal(grant(1, 1), &json!(1))), Ok(true), "nor do they echo");
    assert_eq!(hear(&mut other).await, Value::Null);
    assert_eq!(hear(&mut one).await, Value::Null);
}

#[tokio::test]
async fn a_second_device_replaces_the_first_which_is_told() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut peer = stage.sit(&room, grant(9, 1)).await;
    hear(&mut peer).await;
    let mut first = stage.sit(&room, grant(1, 1)).await;
    hear(&mut first).await;
    hear(&mut peer).await;
    let mut second = stage.sit(&room, grant(1, 1)).await;
    assert_eq!(hear(&mut first).await, "replaced");
    assert_eq!(hear(&mut second).await["type"], "welcome");
    assert_eq!(hear(&mut peer).await["type"], "left");
    assert_eq!(hear(&mut peer).await["type"], "joined");
    // The loser's end frees nobody's seat, and nothing it still says is passed on.
    first.say(&signal(grant(9, 1), &json!("late"))).unwrap();
    drop(first);
    assert_eq!(hear(&mut peer).await, Value::Null);
    assert_eq!(
        stage.provider.room_status(&room).await,
        Ok(RoomStatus::Open { inside: vec![grant(1, 1), grant(9, 1)] })
    );
}

#[tokio::test]
async fn a_newer_grant_takes_over_and_the_older_cannot_come_back() {
    let stage = Stage::new();
    let room = stage.open("room", 1).await;
    let old = stage.token(&room, grant(1, 1)).await;
    let mut first = stage.provider.hub().join(&old).unwrap();
    hear(&mut first).await;
    let _second = stage.sit(&room, grant(1, 2)).await;
    assert_eq!(hear(&mut first).await, "replaced");
    assert_eq!(stage.provider.hub().join(&old).unwrap_err(), JoinError::Token);
    drop(first);
    let told = stage.provider.receive(std::time::Duration::ZERO).await.unwrap();
    let kinds: Vec<_> = told.iter().map(|delivery| delivery.events[0].kind).collect();
    use ProviderEventKind::{Joined, Left};
    assert_eq!(kinds, [Joined(grant(1, 1)), Left(grant(1, 1)), Joined(grant(1, 2))]);
}

#[tokio::test]
async fn whoever_is_removed_is_disconnected_at_once_and_the_token_is_dead() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let token = stage.token(&room, grant(1, 1)).await;
    let mut seat = stage.provider.hub().join(&token).unwrap();
    let mut peer = stage.sit(&room, grant(2, 1)).await;
    hear(&mut peer).await;
    stage.provider.revoke(&room, &grant(1, 1)).await.unwrap();
    assert_eq!(seat.next().await, mentalspace_local::Heard::Bye(Bye::Removed), "what waited is not read any more");
    assert_eq!(hear(&mut peer).await, json!({ "type": "left", "peer": grant(1, 1) }));
    assert_eq!(stage.provider.hub().join(&token).unwrap_err(), JoinError::Token);
    // Let in again under the same name: the new token is good, the old one stays dead.
    let fresh = stage.token(&room, grant(1, 1)).await;
    assert_eq!(stage.provider.hub().join(&token).unwrap_err(), JoinError::Token);
    stage.provider.hub().join(&fresh).unwrap();
}

#[tokio::test]
async fn a_full_room_lets_nobody_in_until_a_seat_is_free() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let _first = stage.sit(&room, grant(1, 1)).await;
    let second = stage.sit(&room, grant(2, 1)).await;
    let token = stage.token(&room, grant(3, 1)).await;
    assert_eq!(stage.provider.hub().join(&token).unwrap_err(), JoinError::Full);
    second.leave();
    stage.provider.hub().join(&token).unwrap();
}

#[tokio::test]
async fn a_room_has_at_most_as_many_seats_as_the_provider() {
    let stage = Stage::new();
    let room = stage.open("room", 250).await;
    let mut seats = Vec::new();
    for who in 0..CAPACITY {
        seats.push(stage.sit(&room, grant(who.into(), 1)).await);
    }
    let token = stage.token(&room, grant(99, 1)).await;
    assert_eq!(stage.provider.hub().join(&token).unwrap_err(), JoinError::Full);
}

#[tokio::test]
async fn a_restriction_is_told_to_everybody_and_outlives_a_reconnection() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let token = stage.token(&room, grant(1, 1)).await;
    let mut seat = stage.provider.hub().join(&token).unwrap();
    let mut peer = stage.sit(&room, grant(2, 1)).await;
    hear(&mut seat).await;
    hear(&mut seat).await;
    hear(&mut peer).await;
    stage.provider.set_media(&room, &grant(1, 1), Media::AUDIO).await.unwrap();
    let audio = json!({ "audio": true, "video": false, "screen": false });
    let told = json!({ "type": "media", "peer": grant(1, 1), "media": audio });
    assert_eq!(hear(&mut seat).await, told);
    assert_eq!(hear(&mut peer).await, told);
    let mut again = stage.provider.hub().join(&token).unwrap();
    assert_eq!(hear(&mut again).await["media"], audio);
}

#[tokio::test]
async fn a_token_ends_in_time_but_nobody_inside_is_put_out_by_that() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let token = stage.token(&room, grant(1, 1)).await;
    let mut seat = stage.provider.hub().join(&token).unwrap();
    hear(&mut seat).await;
    stage.pass(300);
    assert_eq!(stage.provider.hub().join(&token).unwrap_err(), JoinError::Token);
    assert_eq!(hear(&mut seat).await, Value::Null);
}

#[tokio::test]
async fn closing_puts_everybody_out() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut seat = stage.sit(&room, grant(1, 1)).await;
    stage.provider.close_room(&room).await.unwrap();
    assert_eq!(hear(&mut seat).await, "ended");
}
