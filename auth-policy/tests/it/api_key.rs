use std::collections::BTreeSet;

use mentalspace_auth_policy::api_key::{ApiKey, ApiKeyError, ApiKeyPolicy, NotValid, PresentedKey, Used};
use mentalspace_auth_policy::token::Token;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::session::token;
use crate::{at, json, through_json};

const DAY: i64 = 86_400;

fn policy() -> ApiKeyPolicy {
    ApiKeyPolicy::standard(["manage_users".to_owned()])
}

fn issue(scopes: &[&str], until: i64) -> Result<ApiKey, ApiKeyError> {
    let scopes: BTreeSet<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    ApiKey::issue(Uuid::from_u128(1), token(1), scopes, at(until), &policy(), at(0))
}

fn key() -> ApiKey {
    issue(&["read_billing"], 90 * DAY).unwrap()
}

#[test]
fn a_key_is_written_and_read_and_shows_no_secret() {
    let presented = PresentedKey::new("0af3", Token::from_random([1; 32])).unwrap();
    let text = presented.expose().expose_secret().to_owned();
    assert_eq!(text, format!("msk_0af3_{}", Token::from_random([1; 32]).expose().expose_secret()));
    let read = PresentedKey::parse(&text).unwrap();
    assert_eq!((read.id(), read.hash()), ("0af3", presented.hash()));
    assert_eq!(format!("{presented:?}"), "PresentedKey { id: \"0af3\", .. }");
    for wrong in
        ["", "msk_", "msk_0af3", "msk_0AF3_x", &text[4..], &format!("{text}x"), &text.replace("0af3", &"a".repeat(65))]
    {
        assert!(PresentedKey::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_key_lives_no_longer_than_a_year_and_does_what_keys_may() {
    assert!(issue(&["read_billing"], 365 * DAY).is_ok());
    assert_eq!(issue(&["read_billing"], 365 * DAY + 1).err(), Some(ApiKeyError::Lifetime { days: 365 }));
    assert_eq!(issue(&["read_billing"], 60).err(), Some(ApiKeyError::Lifetime { days: 365 }));
    assert_eq!(issue(&[], DAY).err(), Some(ApiKeyError::NoScope));
    let forbidden = issue(&["read_billing", "manage_users"], DAY).err();
    assert_eq!(forbidden, Some(ApiKeyError::Forbidden("manage_users".to_owned())));
}

#[test]
fn unknown_expired_and_revoked_look_alike() {
    let mut key = key();
    assert_eq!(key.verify(token(1), at(1)), Ok(()));
    assert_eq!(key.verify(token(2), at(1)), Err(NotValid));
    assert_eq!(key.verify(token(1), at(90 * DAY)), Err(NotValid));
    key.revoke(at(5));
    assert_eq!(key.verify(token(1), at(6)), Err(NotValid));
    assert_eq!(key.rotate(token(3), &policy(), at(7)), Err(ApiKeyError::Over));
}

#[test]
fn after_a_rotation_the_earlier_secret_works_for_the_overlap() {
    let mut key = key();
    key.rotate(token(2), &policy(), at(10)).unwrap();
    for secret in [token(1), token(2)] {
        assert_eq!(key.verify(secret, at(10 + DAY - 1)), Ok(()));
    }
    assert_eq!(key.verify(token(1), at(10 + DAY)), Err(NotValid));
    assert_eq!(key.verify(token(2), at(10 + DAY)), Ok(()));
    key.rotate(token(3), &policy(), at(20)).unwrap();
    assert_eq!(key.verify(token(1), at(21)), Err(NotValid), "one overlap at a time");
    assert_eq!(key.expires_at(), at(90 * DAY), "a rotation prolongs nothing");
    key.revoke(at(30));
    assert_eq!(key.verify(token(2), at(31)), Err(NotValid));
}

#[test]
fn the_last_use_is_written_once_a_minute() {
    let mut key = key();
    assert_eq!(key.touch(&policy(), at(0)), Used::Write);
    assert_eq!(key.touch(&policy(), at(59)), Used::Unchanged);
    assert_eq!(key.touch(&policy(), at(60)), Used::Write);
    assert_eq!(key.last_used(), Some(at(60)));
    assert_eq!(through_json(&key), key);
    assert!(!json(&key).contains(Token::from_random([1; 32]).expose().expose_secret()));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(msk_)?[a-z0-9_-]{0,120}") {
        if let Ok(key) = PresentedKey::parse(&text) {
            let written = key.expose();
            prop_assert_eq!(written.expose_secret(), &text);
        }
    }

    #[test]
    fn a_revoked_key_never_works_again(acts in prop::collection::vec((0_u8..4, 0_i64..DAY), 1..30)) {
        let mut key = key();
        let (mut now, mut next, mut revoked) = (0, 2_u8, false);
        for (act, wait) in acts {
            now += wait;
            match act {
                0 => {
                    let done = key.rotate(token(next), &policy(), at(now));
                    prop_assert_eq!(done.is_ok(), !revoked && now < 90 * DAY);
                    next += 1;
                }
                1 => {
                    key.revoke(at(now));
                    revoked = true;
                }
                2 => drop(key.touch(&policy(), at(now))),
                _ => key = through_json(&key),
            }
            if revoked {
                for n in 1..next {
                    prop_assert_eq!(key.verify(token(n), at(now)), Err(NotValid));
                }
            }
        }
    }
}
