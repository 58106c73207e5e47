use chrono::TimeDelta;
use mentalspace_auth_policy::contact_change::{ATTEMPTS, ChangeState, ContactChange, ContactCode, LIFETIME, WrongCode};
use mentalspace_auth_policy::pepper::{KeyId, Pepper, Peppers};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::{at, json, through_json};

fn pepper() -> Pepper {
    Pepper::new(KeyId::new(b"one").unwrap(), [7; 32])
}

fn peppers() -> Peppers {
    Peppers::new(pepper())
}

fn code() -> ContactCode {
    ContactCode::from_random([0, 1, 2, 3, 4, 27, 28, 29, 30, 31])
}

fn requested() -> ContactChange {
    ContactChange::request(Uuid::from_u128(5), &code(), &pepper(), at(0))
}

#[test]
fn the_code_that_was_sent_confirms_once() {
    assert_eq!(code().expose().expose_secret(), "01234-VWXYZ");
    for typed in ["01234-VWXYZ", "o1234vwxyz", " 0i2 34 VWXYZ", "OL234-vwxyz"] {
        let mut change = requested();
        assert_eq!(change.confirm(typed, &peppers(), at(1)), Ok(()), "{typed}");
        assert_eq!(change.confirm(typed, &peppers(), at(1)), Err(WrongCode));
        assert_eq!(change.state(at(1)), ChangeState::Confirmed);
        assert_eq!(change.undo(at(2)), Ok(()));
        assert_eq!(change.undo(at(3)), Err(WrongCode));
    }
}

#[test]
fn wrong_codes_are_counted_and_the_right_one_is_then_too_late() {
    let mut change = requested();
    for _ in 0..ATTEMPTS {
        assert_eq!(change.confirm("00000-00000", &peppers(), at(1)), Err(WrongCode));
        change = through_json(&change);
    }
    assert_eq!(change.state(at(1)), ChangeState::Failed);
    assert_eq!(change.confirm("01234-VWXYZ", &peppers(), at(1)), Err(WrongCode));
}

#[test]
fn a_code_is_old_after_half_an_hour() {
    let mut change = requested();
    assert_eq!(change.confirm("01234-VWXYZ", &peppers(), at(0) + LIFETIME), Err(WrongCode));
    assert_eq!(change.confirm("01234-VWXYZ", &peppers(), at(0) + LIFETIME - TimeDelta::seconds(1)), Ok(()));
}

#[test]
fn a_code_of_another_change_is_wrong_and_only_hashes_are_stored() {
    let mut other = ContactChange::request(Uuid::from_u128(6), &ContactCode::from_random([9; 10]), &pepper(), at(0));
    assert_eq!(other.confirm("01234-VWXYZ", &peppers(), at(1)), Err(WrongCode));
    assert!(!json(&requested()).contains("01234"));
    assert_eq!(format!("{:?}", code()), "ContactCode(..)");
}

proptest! {
    #[test]
    fn any_text_is_answered(typed in "\\PC{0,60}") {
        let _ = requested().confirm(&typed, &peppers(), at(1));
    }
}
