//! Forged tokens, garbage, floods and people who do not listen.

use std::time::Duration;

use mentalspace_local::{Bye, Heard, JoinError, MAX_MESSAGE};
use mentalspace_telehealth_port::provider::{RoomStatus, TelehealthProvider};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Stage, grant, hear};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_but_a_token_lets_in(text in ".{0,300}") {
        prop_assert_eq!(Stage::new().provider.hub().join(&text).unwrap_err(), JoinError::Token);
    }

    #[test]
    fn a_token_changed_anywhere_lets_nobody_in(at in any::<prop::sample::Index>(), with in "[ -~]") {
        runtime().block_on(async {
            let stage = Stage::new();
            let room = stage.open("room", 2).await;
            let token = stage.token(&room, grant(1, 1)).await;
            let at = at.index(token.len());
            let mut forged = token.clone();
            forged.replace_range(at..=at, &with);
            let joined = stage.provider.hub().join(&forged);
            // The last sign of base64 carries bits that say nothing: the same MAC, so the same token.
            prop_assert!(forged == token || joined.is_err() || at + 1 == token.len());
            Ok(())
        })?;
    }

    #[test]
    fn garbage_costs_only_the_seat_it_comes_from(text in ".{0,200}", kind in "signal|leave|welcome|bye", to in "p_[0-9a-f]{32}_1|.{0,40}") {
        runtime().block_on(async {
            let stage = Stage::new();
            let room = stage.open("room", 2).await;
            let mut peer = stage.sit(&room, grant(2, 1)).await;
            hear(&mut peer).await;
            for said in [text.clone(), json!({ "type": kind, "to": to }).to_string(), json!({ "type": kind, "to": to, "data": text }).to_string()] {
                let mut seat = stage.sit(&room, grant(1, 1)).await;
                hear(&mut peer).await;
                if let Err(bye) = seat.say(&said) {
                    prop_assert_eq!(bye, Bye::Unreadable);
                    prop_assert_eq!(seat.next().await, Heard::Bye(Bye::Unreadable));
                }
                drop(seat);
                let told = hear(&mut peer).await;
                prop_assert_eq!(&told["type"], "left");
            }
            prop_assert_eq!(stage.provider.room_status(&room).await, Ok(RoomStatus::Open { inside: vec![grant(2, 1)] }));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_deep_or_long_message_ends_the_connection_and_nothing_else() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    for said in [
        "[".repeat(MAX_MESSAGE),
        format!("{{\"type\":\"signal\",\"data\":{}", "[".repeat(60_000)),
        "x".repeat(MAX_MESSAGE + 1),
    ] {
        let mut seat = stage.sit(&room, grant(1, 1)).await;
        assert_eq!(seat.say(&said), Err(Bye::Unreadable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_ends_its_own_connection() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut peer = stage.sit(&room, grant(2, 1)).await;
    let mut seat = stage.sit(&room, grant(1, 1)).await;
    let said = json!({ "type": "signal", "to": grant(2, 1), "data": 1 }).to_string();
    let (mut sent, mut heard) = (0, 0);
    let bye = loop {
        match seat.say(&said) {
            Ok(_) => sent += 1,
            Err(bye) => break bye,
        }
        while let Ok(Heard::Text(_)) = tokio::time::timeout(Duration::ZERO, peer.next()).await {
            heard += 1;
        }
    };
    assert_eq!((bye, sent), (Bye::Flood, 1000));
    assert!(heard >= sent);
    drop(seat);
    assert_eq!(hear(&mut peer).await["type"], "left", "who listened stays");
}

#[tokio::test(start_paused = true)]
async fn a_steady_talker_is_never_a_flood() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut seat = stage.sit(&room, grant(1, 1)).await;
    let said = json!({ "type": "signal", "to": grant(2, 1), "data": 1 }).to_string();
    for _ in 0..5_000 {
        seat.say(&said).unwrap();
        tokio::time::advance(Duration::from_millis(15)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_listen_is_dropped_and_the_talker_stays() {
    let stage = Stage::new();
    let room = stage.open("room", 2).await;
    let mut deaf = stage.sit(&room, grant(2, 1)).await;
    let mut seat = stage.sit(&room, grant(1, 1)).await;
    hear(&mut seat).await;
    let said = json!({ "type": "signal", "to": grant(2, 1), "data": "x".repeat(40_000) }).to_string();
    for _ in 0..40 {
        seat.say(&said).unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert_eq!(deaf.next().await, Heard::Bye(Bye::Slow));
    drop(deaf);
    assert_eq!(hear(&mut seat).await["type"], "left");
    assert_eq!(stage.provider.room_status(&room).await, Ok(RoomStatus::Open { inside: vec![grant(1, 1)] }));
}
