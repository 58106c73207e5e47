use mentalspace_core::VisitId;
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, JoinCredential, ProviderError, ProviderErrorKind, Retry, RoomSecret, WebhookRequest,
};
use proptest::prelude::{any, proptest};
use uuid::Uuid;

mod calling;
#[cfg(feature = "testing")]
mod scripted;

fn visit(number: u128) -> VisitId {
    VisitId::from_uuid(Uuid::from_u128(number))
}

#[test]
fn a_key_is_the_hmac_of_label_visit_and_generation() {
    // Computed with Python: b32encode(hmac(32 * b"\x09", b"mentalspace telehealth room v1" + visit + generation)).
    let key = IdempotencyKey::derive(&RoomSecret::new([9; 32]), visit(1), 1);
    assert_eq!(key.as_str(), "ls675ykkeyi6wzppofzgxx3jbzezybteb3fkezontbq3r7dpyeca");
}

#[test]
fn secret_visit_and_generation_each_change_the_key() {
    let key = IdempotencyKey::derive(&RoomSecret::new([9; 32]), visit(1), 1);
    assert_eq!(key, IdempotencyKey::derive(&RoomSecret::new([9; 32]), visit(1), 1));
    assert_ne!(key, IdempotencyKey::derive(&RoomSecret::new([8; 32]), visit(1), 1));
    assert_ne!(key, IdempotencyKey::derive(&RoomSecret::new([9; 32]), visit(2), 1));
    assert_ne!(key, IdempotencyKey::derive(&RoomSecret::new([9; 32]), visit(1), 2));
}

proptest! {
    #[test]
    fn a_key_fits_every_vendor(bytes: [u8; 32], number: u128, generation: u32) {
        let key = IdempotencyKey::derive(&RoomSecret::new(bytes), visit(number), generation);
        assert_eq!(key.as_str().len(), 52);
        assert!(key.as_str().bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
    }

    #[test]
    fn a_grant_id_survives_the_vendor(id: u128, serial: u32) {
        let grant = GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(id)), serial };
        assert!(grant.to_string().len() <= 64);
        assert_eq!(grant.to_string().parse::<GrantId>().unwrap(), grant);
    }

    #[test]
    fn a_foreign_name_is_no_grant_id(text in "p?_?[0-9a-fA-F_-]{0,40}", any_text in any::<String>()) {
        for text in [text, any_text] {
            if let Ok(grant) = text.parse::<GrantId>() {
                assert_eq!(grant.to_string(), text);
            }
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    let credential = JoinCredential::Token { url: "wss://video.invalid".to_owned(), token: "hunter2".into() };
    assert_eq!(format!("{credential:?}"), "Token(…)");
    let credential = JoinCredential::Documents { room: "hunter1".into(), participant: "hunter2".into() };
    assert_eq!(format!("{credential:?}"), "Documents(…)");
    assert_eq!(credential.expose(), "hunter2");
    assert_eq!(format!("{:?}", JoinCredential::Link { url: "hunter2".into() }), "Link(…)");
    assert_eq!(format!("{:?}", RoomSecret::new([7; 32])), "RoomSecret(…)");
}

#[test]
fn an_error_keeps_codes_and_drops_messages() {
    let error = ProviderError::new(ProviderErrorKind::LimitExceeded).with_code("LimitExceeded").with_request_id("r-1");
    assert_eq!(error.to_string(), "limit reached (code LimitExceeded) [request r-1]");
    let chatty = error.with_code("Meeting of Wilhelmina not found").with_request_id(&"x".repeat(65));
    assert_eq!(chatty.to_string(), "limit reached");
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let pause = Some(std::time::Duration::from_secs(2));
    assert_eq!(ProviderErrorKind::Throttled { retry_after: pause }.retry(), Retry::Backoff(pause));
    assert_eq!(ProviderErrorKind::Timeout.retry(), Retry::Backoff(None));
    assert!(matches!(ProviderErrorKind::Conflict.retry(), Retry::OnceAfter(_)));
    assert_eq!(ProviderErrorKind::LimitExceeded.retry(), Retry::Never, "capacity is no passing fault");
    assert_eq!(ProviderErrorKind::NotFound.retry(), Retry::Never);
}

#[test]
fn a_doubled_header_proves_nothing() {
    let headers = [("X-Signature", "good"), ("x-signature", "bad"), ("Other", "1")];
    let request = WebhookRequest { url: "https://practice.invalid", headers: &headers, body: b"secret" };
    assert_eq!(request.header("X-SIGNATURE"), None);
    assert_eq!(request.header("other"), Some("1"));
    assert!(!format!("{request:?}").contains("secret"));
}
