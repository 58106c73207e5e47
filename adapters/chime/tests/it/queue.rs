//! Notifications through SQS.

use std::time::Duration;

use mentalspace_chime::ChimeProvider;
use mentalspace_telehealth_port::provider::{Delivery, ProviderEventKind, RoomHandle, TelehealthProvider};
use mentalspace_telehealth_port::testing::conformance::Subject;
use serde_json::json;

use crate::fake::{Fake, config, key, participant, spec};

const NOW: Duration = Duration::ZERO;

fn kinds(deliveries: &[Delivery], room: &RoomHandle) -> Vec<ProviderEventKind> {
    let events = deliveries.iter().flat_map(|delivery| &delivery.events);
    events.filter(|event| event.room == room.room).map(|event| event.kind).collect()
}

fn receipts(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| delivery.receipt.clone()).collect()
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn what_happened_is_told_until_it_is_acknowledged() {
    let fake = Fake::connect().await;
    let room = fake.open(1).await;
    let who = participant(1);
    let minted = fake.provider.join_grant(&room, &who, fake.now()).await.unwrap();
    assert_eq!(fake.join(&room, &minted.credential).await, Some(true));
    fake.provider.revoke(&room, &who.grant).await.unwrap();
    fake.provider.close_room(&room).await.unwrap();
    let expected =
        [ProviderEventKind::Joined(who.grant), ProviderEventKind::Left(who.grant), ProviderEventKind::RoomEnded];
    let first = fake.provider.receive(NOW).await.unwrap();
    assert_eq!(kinds(&first, &room), expected);
    assert_eq!(fake.provider.receive(NOW).await, Ok(Vec::new()), "what is being worked on is not handed out twice");
    fake.control("reappear", json!({})).await;
    let again = fake.provider.receive(NOW).await.unwrap();
    assert_eq!(kinds(&again, &room), expected);
    let ids = |all: &[Delivery]| all.iter().flat_map(|d| &d.events).map(|e| e.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&again), "the same event has the same id");
    fake.provider.acknowledge(&receipts(&again)).await.unwrap();
    fake.control("reappear", json!({})).await;
    assert_eq!(fake.provider.receive(NOW).await, Ok(Vec::new()));
    fake.provider.acknowledge(&receipts(&again)).await.unwrap();
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn an_event_by_two_ways_has_one_id() {
    let fake = Fake::connect().await;
    let config =
        config(&fake.access_key_id, &fake.secret_access_key).notify_queue("arn:aws:sqs:us-east-1:111122223333:visits");
    let provider = ChimeProvider::new(config).unwrap();
    let room = provider.open_room(&spec(), &key(2)).await.unwrap();
    provider.close_room(&room).await.unwrap();
    let told = provider.receive(NOW).await.unwrap();
    let [first, second] = told.as_slice() else { panic!("two deliveries") };
    assert_eq!(first.events, second.events);
    assert_eq!(kinds(&told, &room), [ProviderEventKind::RoomEnded; 2]);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn what_says_nothing_can_be_put_away_in_more_than_one_batch() {
    let fake = Fake::connect().await;
    for number in 0..25 {
        fake.control("message", json!({ "body": format!("not an event {number}") })).await;
    }
    let mut all = Vec::new();
    loop {
        let some = fake.provider.receive(NOW).await.unwrap();
        if some.is_empty() {
            break;
        }
        assert!(some.iter().all(|delivery| delivery.events.is_empty()));
        all.extend(receipts(&some));
    }
    assert_eq!(all.len(), 25);
    fake.provider.acknowledge(&all).await.unwrap();
    assert_eq!(fake.state().await["messages"], 0);
    let bad = fake.provider.acknowledge(&["no receipt".to_owned()]).await;
    assert!(bad.is_err(), "what was not put away is told");
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn waiting_ends_with_the_first_message() {
    let fake = Fake::connect().await;
    let message = async {
        tokio::task::yield_now().await;
        fake.control("message", json!({ "body": "late" })).await
    };
    let wait = tokio::time::timeout(Duration::from_secs(15), fake.provider.receive(Duration::from_secs(20)));
    let (told, _) = tokio::join!(wait, message);
    assert_eq!(told.expect("before the longest wait").unwrap().len(), 1);
}
