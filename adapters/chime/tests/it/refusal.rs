//! What Chime's refusals mean, and what is kept of them.

use mentalspace_chime::ChimeProvider;
use mentalspace_telehealth_port::provider::{ProviderErrorKind, Retry, RoomStatus, TelehealthProvider};
use mentalspace_telehealth_port::testing::conformance::Subject;
use serde_json::json;

use crate::fake::{Fake, config, key, participant, spec};

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_wrong_secret_is_unauthorized() {
    let fake = Fake::connect().await;
    let wrong = ChimeProvider::new(config(&fake.access_key_id, "wrong")).unwrap();
    let error = wrong.open_room(&spec(), &key(1)).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Unauthorized);
    assert_eq!(error.provider_code.as_deref(), Some("InvalidSignatureException"));
    assert_eq!(error.retry(), Retry::Never);
    let unknown = ChimeProvider::new(config("AKIAIOSFODNN7EXAMPLE", &fake.secret_access_key)).unwrap();
    assert_eq!(unknown.open_room(&spec(), &key(1)).await.unwrap_err().kind, ProviderErrorKind::Unauthorized);
    assert_eq!(fake.living_rooms().await, Some(0));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn every_refusal_is_told_apart_and_keeps_the_request_id() {
    let fake = Fake::connect().await;
    for (fault, kind) in [
        ("throttle", ProviderErrorKind::Throttled { retry_after: Some(std::time::Duration::ZERO) }),
        ("unavailable", ProviderErrorKind::Unavailable { retry_after: None }),
        ("limit", ProviderErrorKind::LimitExceeded),
    ] {
        fake.fault(fault).await;
        let error = fake.provider.open_room(&spec(), &key(2)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault}");
        assert!(error.request_id.as_ref().is_some_and(|id| id.len() == 36), "{error}");
    }
    fake.fault("drop").await;
    let error = fake.provider.open_room(&spec(), &key(2)).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Timeout);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_used_up_quota_is_a_limit_and_no_fault_of_ours() {
    let fake = Fake::connect().await;
    let room = fake.open(3).await;
    fake.control("fault", json!({ "quota": 1 })).await;
    fake.attendee(&room, &participant(1)).await;
    let error = fake.provider.join_grant(&room, &participant(2), fake.now()).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::LimitExceeded);
    assert_eq!(error.provider_code.as_deref(), Some("LimitExceededException"));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_handle_with_a_strange_id_reaches_nobody() {
    let fake = Fake::connect().await;
    let mut room = fake.open(5).await;
    let before = fake.state().await["requests"].as_array().unwrap().len();
    for strange in ["", "..", "../meetings", "87654321-4321-4321-1234-111122223333/attendees", "a b"] {
        room.room = strange.to_owned();
        assert_eq!(fake.provider.close_room(&room).await.unwrap_err().kind, ProviderErrorKind::Protocol);
        assert_eq!(fake.provider.room_status(&room).await.unwrap_err().kind, ProviderErrorKind::Protocol);
    }
    assert_eq!(fake.state().await["requests"].as_array().unwrap().len(), before);
    room.room = "87654321-4321-4321-1234-111122223333".to_owned();
    assert_eq!(fake.provider.room_status(&room).await, Ok(RoomStatus::Ended), "an unknown room has ended");
}
