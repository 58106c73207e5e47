use mentalspace_auth_policy::recovery::{Recovery, RecoveryError, RecoveryPolicy, RecoveryState, StoppedBy};
use proptest::prelude::*;
use uuid::Uuid;

use crate::{at, json, through_json};

const HOUR: i64 = 3600;
const USER: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const REASON: &str = "Seen in person with her passport.";

fn policy() -> RecoveryPolicy {
    RecoveryPolicy::standard()
}

fn requested() -> Recovery {
    Recovery::request(USER, &policy(), at(0))
}

#[test]
fn a_day_passes_before_anybody_may_approve() {
    let mut recovery = requested();
    assert_eq!(recovery.state(at(24 * HOUR - 1)), RecoveryState::Waiting);
    assert_eq!(recovery.approve(OTHER, REASON, &policy(), at(24 * HOUR - 1)), Err(RecoveryError::TooSoon));
    assert_eq!(recovery.redeem(at(24 * HOUR)), Err(RecoveryError::WrongState));
    assert_eq!(recovery.approve(OTHER, REASON, &policy(), at(24 * HOUR)), Ok(()));
    assert_eq!(recovery.approval(), Some((OTHER, REASON)));
    assert_eq!(recovery.redeem(at(25 * HOUR)), Ok(()));
    assert_eq!(recovery.redeem(at(25 * HOUR)), Err(RecoveryError::WrongState), "once");
    insta::assert_snapshot!("used", json(&recovery));
}

#[test]
fn nobody_approves_the_own_recovery_or_without_a_reason() {
    let mut recovery = requested();
    let now = at(30 * HOUR);
    assert_eq!(recovery.approve(USER, REASON, &policy(), now), Err(RecoveryError::SelfApproval));
    assert_eq!(recovery.approve(OTHER, "   because ", &policy(), now), Err(RecoveryError::NoReason));
    assert_eq!(recovery.approve(OTHER, REASON, &policy(), now), Ok(()));
    assert_eq!(recovery.approve(OTHER, REASON, &policy(), now), Err(RecoveryError::WrongState));
}

#[test]
fn the_person_stops_it_at_any_time() {
    for (moment, approved) in [(1, false), (30 * HOUR, false), (30 * HOUR, true)] {
        let mut recovery = requested();
        if approved {
            recovery.approve(OTHER, REASON, &policy(), at(moment)).unwrap();
        }
        assert_eq!(recovery.stop(StoppedBy::Link, at(moment)), Ok(()));
        assert_eq!(recovery.stop(StoppedBy::SignIn, at(moment)), Err(RecoveryError::WrongState));
        assert_eq!(recovery.redeem(at(moment)), Err(RecoveryError::WrongState));
        assert_eq!(recovery.approve(OTHER, REASON, &policy(), at(moment)), Err(RecoveryError::WrongState));
    }
}

#[test]
fn requests_and_approvals_do_not_last() {
    let mut recovery = requested();
    assert_eq!(recovery.state(at(192 * HOUR)), RecoveryState::Expired);
    assert_eq!(recovery.approve(OTHER, REASON, &policy(), at(192 * HOUR)), Err(RecoveryError::WrongState));
    recovery.approve(OTHER, REASON, &policy(), at(100 * HOUR)).unwrap();
    assert_eq!(recovery.redeem(at(124 * HOUR)), Err(RecoveryError::WrongState));
}

proptest! {
    #[test]
    fn nothing_is_used_without_waiting_and_approval_of_another(
        acts in prop::collection::vec((0_u8..5, 0_i64..12 * HOUR), 1..40)
    ) {
        let mut recovery = requested();
        let (mut now, mut used, mut approved) = (0, 0, None);
        for (act, wait) in acts {
            now += wait;
            match act {
                0 => if recovery.approve(OTHER, REASON, &policy(), at(now)).is_ok() {
                    prop_assert!(now >= 24 * HOUR);
                    approved = Some(now);
                },
                1 => prop_assert!(recovery.approve(USER, REASON, &policy(), at(now)).is_err()),
                2 => if recovery.redeem(at(now)).is_ok() {
                    prop_assert!(approved.is_some_and(|then| now - then < 24 * HOUR));
                    used += 1;
                },
                3 if now % 3 == 0 => drop(recovery.stop(StoppedBy::SignIn, at(now))),
                _ => recovery = through_json(&recovery),
            }
        }
        prop_assert!(used <= 1);
    }
}
