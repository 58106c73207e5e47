//! The port's contract, and what only this provider promises.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mentalspace_local::IceServer;
use mentalspace_telehealth_port::{
    provider::{JoinCredential, ProviderErrorKind, ProviderEventKind, RoomHandle, RoomStatus, TelehealthProvider},
    testing::conformance::Subject,
};

use crate::support::{Stage, documents, grant, hear, token};

#[async_trait]
impl Subject for Stage {
    fn provider(&self) -> &dyn TelehealthProvider {
        &self.provider
    }

    fn now(&self) -> DateTime<Utc> {
        Self::now(self)
    }

    async fn join(&self, _room: &RoomHandle, credential: &JoinCredential) -> Option<bool> {
        let Ok(mut seat) = self.provider.hub().join(&token(credential)) else { return Some(false) };
        Some(hear(&mut seat).await["type"] == "welcome")
    }
}

mod conformance {
    mentalspace_telehealth_port::provider_conformance!(crate::support::Stage::new());
}

#[tokio::test]
async fn a_new_process_knows_no_room_of_the_old_one() {
    let room = Stage::new().open("room", 2).await;
    let restarted = Stage::new();
    assert_eq!(restarted.provider.room_status(&room).await, Ok(RoomStatus::Ended));
    let spec = mentalspace_telehealth_port::provider::ParticipantSpec {
        grant: grant(1, 1),
        media: mentalspace_telehealth_port::provider::Media::ALL,
        ttl: Duration::from_secs(60),
    };
    let refused = restarted.provider.join_grant(&room, &spec, restarted.now()).await.unwrap_err();
    assert_eq!(refused.kind, ProviderErrorKind::NotFound);
}

#[tokio::test]
async fn no_stun_or_turn_server_is_named_unless_the_practice_names_one() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let (document, _) = documents(&stage.mint(&room, grant(1, 1)).await.credential);
    assert_eq!(document, serde_json::json!({ "socket": "/local-video", "ice": [] }));
}

#[tokio::test]
async fn a_relay_password_is_made_for_one_grant_and_ends_with_the_room() {
    let urls = vec!["turn:relay.invalid:3478".to_owned()];
    let stage = Stage::with(vec![IceServer::stun("stun:relay.invalid:3478"), IceServer::turn(urls, "north".into())]);
    let room = stage.open("room", 2).await;
    let (one, _) = documents(&stage.mint(&room, grant(1, 1)).await.credential);
    let (two, _) = documents(&stage.mint(&room, grant(2, 1)).await.credential);
    assert_eq!(one["ice"][0], serde_json::json!({ "urls": ["stun:relay.invalid:3478"] }));
    let name = format!("{}:{}", stage.now().timestamp() + 7200, grant(1, 1));
    assert_eq!(one["ice"][1]["username"], name);
    assert_ne!(one["ice"][1]["credential"], two["ice"][1]["credential"]);
    assert!(!one.to_string().contains("north"));
}

#[tokio::test]
async fn a_room_ends_when_its_time_is_over_and_says_so() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut seat = stage.sit(&room, grant(1, 1)).await;
    let token = stage.token(&room, grant(2, 1)).await;
    hear(&mut seat).await;
    stage.pass(7200);
    assert_eq!(stage.provider.room_status(&room).await, Ok(RoomStatus::Ended));
    assert!(stage.provider.hub().join(&token).is_err());
    let told: Vec<_> = stage.provider.receive(Duration::ZERO).await.unwrap();
    let kinds: Vec<_> = told.iter().flat_map(|delivery| &delivery.events).map(|event| event.kind).collect();
    assert_eq!(kinds, [ProviderEventKind::Joined(grant(1, 1)), ProviderEventKind::RoomEnded]);
    assert_eq!(hear(&mut seat).await, "ended");
}

#[tokio::test(start_paused = true)]
async fn events_come_again_until_they_are_acknowledged() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let first = stage.sit(&room, grant(1, 1)).await;
    let second = stage.sit(&room, grant(2, 1)).await;
    first.leave();
    drop(second);
    let told = stage.provider.receive(Duration::from_secs(5)).await.unwrap();
    let events: Vec<_> = told.iter().map(|delivery| delivery.events[0].clone()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let (one, two) = (grant(1, 1), grant(2, 1));
    assert_eq!(
        kinds,
        [
            ProviderEventKind::Joined(one),
            ProviderEventKind::Joined(two),
            ProviderEventKind::Left(one),
            ProviderEventKind::Dropped(two),
        ]
    );
    assert!(events.iter().all(|event| event.room == room.room && event.at == stage.now()));

    let receipts: Vec<_> = told[..3].iter().map(|delivery| delivery.receipt.clone()).collect();
    stage.provider.acknowledge(&receipts).await.unwrap();
    assert_eq!(stage.provider.receive(Duration::from_secs(5)).await.unwrap(), [], "others are given time");
    let again = stage.provider.receive(Duration::ZERO).await.unwrap();
    assert_eq!(again, [], "still");
    tokio::time::advance(Duration::from_secs(30)).await;
    let again = stage.provider.receive(Duration::from_secs(5)).await.unwrap();
    assert_eq!(again, told[3..]);
    stage.provider.acknowledge(&[again[0].receipt.clone()]).await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(stage.provider.receive(Duration::ZERO).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn receiving_waits_for_the_first_event() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let waiting = {
        let provider = stage.provider.clone();
        tokio::spawn(async move { provider.receive(Duration::from_secs(20)).await.unwrap() })
    };
    tokio::time::sleep(Duration::from_secs(1)).await;
    let _seat = stage.sit(&room, grant(1, 1)).await;
    assert_eq!(waiting.await.unwrap().len(), 1);
}
