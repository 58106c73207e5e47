use mentalspace_auth_policy::assurance::{Aal, Factor};
use mentalspace_auth_policy::device::Sighting;
use mentalspace_auth_policy::mfa::Decision;
use mentalspace_auth_policy::session::{
    Access, EndReason, Live, PasswordStanding, Refusal, Scope, Session, SessionState, StepUpReason,
};
use uuid::Uuid;

use crate::at;
use crate::session::{DEVICE, active, here, policy, start, token};

const SCOPES: [Scope; 7] = [
    Scope::CompleteMfa,
    Scope::EnrolMfa,
    Scope::ChangePassword,
    Scope::LogOut,
    Scope::StepUp,
    Scope::Work,
    Scope::Sensitive,
];

fn allowed(session: &Session) -> Vec<Scope> {
    SCOPES.into_iter().filter(|scope| session.allows(*scope)).collect()
}

fn authorize(session: &Session, scope: Scope, required: Aal, seconds: i64) -> Result<Live, Refusal> {
    let access = Access { scope, required, from: here() };
    session.authorize(&access, &policy(), at(seconds))
}

/// Section 7.6: a session that is not finished may call its own end points and log out.
#[test]
fn each_state_permits_its_own_end_points() {
    let current = PasswordStanding::Current;
    let pending = start(Decision::Challenge, current);
    assert_eq!(allowed(&pending), [Scope::CompleteMfa, Scope::LogOut]);
    let enrolling = start(Decision::EnrolFirst, current);
    assert_eq!(allowed(&enrolling), [Scope::EnrolMfa, Scope::LogOut]);
    let expired = start(Decision::NotNeeded, PasswordStanding::MustChange);
    assert_eq!(allowed(&expired), [Scope::ChangePassword, Scope::LogOut]);
    assert_eq!(allowed(&active()), SCOPES[1..]);
    let mut ended = active();
    ended.end(EndReason::LoggedOut, at(0));
    assert_eq!(allowed(&ended), []);
}

/// Every state by every scope, in the order of [`SCOPES`], recently and long after the factors were shown.
#[test]
fn each_state_reaches_its_own_end_points_and_no_others() {
    let current = PasswordStanding::Current;
    let mut over = active();
    over.end(EndReason::Revoked, at(0));
    let table = [
        ("MfaPending", start(Decision::Challenge, current), "+..+...", "+..+..."),
        ("MfaEnrolmentRequired", start(Decision::EnrolFirst, current), ".+.+...", ".+.+..."),
        ("PasswordExpired", start(Decision::NotNeeded, PasswordStanding::MustChange), "..++...", "..++..."),
        ("Active", active(), ".++++++", ".^++++^"),
        ("Ended", over, ".......", "......."),
    ];
    for (name, session, early, late) in table {
        for (seconds, expected) in [(0, early), (600, late)] {
            let row: String = SCOPES
                .into_iter()
                .map(|scope| match authorize(&session, scope, Aal::Aal2, seconds) {
                    Ok(_) => '+',
                    Err(Refusal::StepUpRequired(_)) => '^',
                    Err(_) => '.',
                })
                .collect();
            assert_eq!(row, expected, "{name} after {seconds} s");
        }
    }
}

/// Who carries a token to another browser and leaves the device behind has stolen it; the session is over for both.
#[test]
fn a_token_in_another_browser_without_its_device_ends_the_session() {
    let elsewhere = Sighting { device: None, agent: Some("curl".to_owned()), network: None };
    for scope in SCOPES.into_iter().skip(1) {
        let access = Access { scope, required: Aal::Aal2, from: elsewhere.clone() };
        match active().authorize(&access, &policy(), at(1)) {
            Err(Refusal::Ended(ended)) => assert_eq!(ended.reason, EndReason::OtherDevice),
            other => panic!("{scope:?}: {other:?}"),
        }
    }
    let other_network = Sighting { network: Some("198.51.100.0/24".to_owned()), ..here() };
    let access = Access { scope: Scope::Work, required: Aal::Aal2, from: other_network };
    assert!(active().authorize(&access, &policy(), at(1)).is_ok());
}

#[test]
fn who_has_not_finished_signing_in_does_not_finish_on_another_device() {
    let pending = start(Decision::Challenge, PasswordStanding::Current);
    let from = Sighting { device: None, ..here() };
    let access = |scope| Access { scope, required: Aal::Aal2, from: from.clone() };
    assert!(matches!(pending.authorize(&access(Scope::CompleteMfa), &policy(), at(1)), Err(Refusal::Ended(_))));
    assert!(pending.authorize(&access(Scope::LogOut), &policy(), at(1)).is_ok());
}

/// A stolen password must not bind a second factor where there is one (RC-8).
#[test]
fn a_pending_second_factor_cannot_be_replaced_by_a_new_one() {
    let pending = start(Decision::Challenge, PasswordStanding::Current);
    let refused = authorize(&pending, Scope::EnrolMfa, Aal::Aal1, 0);
    assert_eq!(refused, Err(Refusal::State(SessionState::MfaPending)));
}

#[test]
fn unfinished_sessions_reach_their_end_points_whatever_the_role_calls_for() {
    for (decision, scope) in [(Decision::Challenge, Scope::CompleteMfa), (Decision::EnrolFirst, Scope::EnrolMfa)] {
        let session = start(decision, PasswordStanding::Current);
        assert!(authorize(&session, scope, Aal::Aal2, 0).is_ok());
    }
}

/// Flag on a profile is not enforcement: the session itself has to have reached the level.
#[test]
fn a_role_that_needs_two_factors_refuses_a_session_of_one() {
    let one = start(Decision::NotNeeded, PasswordStanding::Current);
    assert!(authorize(&one, Scope::Work, Aal::Aal1, 0).is_ok());
    assert_eq!(authorize(&one, Scope::Work, Aal::Aal2, 0), Err(Refusal::InsufficientAal));
    assert!(authorize(&active(), Scope::Work, Aal::Aal2, 0).is_ok());
}

#[test]
fn an_idle_session_is_refused_as_ended() {
    match authorize(&active(), Scope::LogOut, Aal::Aal1, 3600) {
        Err(Refusal::Ended(ended)) => assert_eq!(ended.reason, EndReason::Idle),
        other => panic!("{other:?}"),
    }
}

/// ASVS 7.5.1, 7.5.3: full re-authentication, not half of it.
#[test]
fn sensitive_work_needs_both_factors_recently() {
    let stale = Err(Refusal::StepUpRequired(StepUpReason::TooLongAgo));
    let mut session = active();
    assert!(authorize(&session, Scope::Sensitive, Aal::Aal2, 300).is_ok());
    assert_eq!(authorize(&session, Scope::Sensitive, Aal::Aal2, 301), stale);
    assert_eq!(authorize(&session, Scope::EnrolMfa, Aal::Aal2, 301), stale);
    assert!(authorize(&session, Scope::Work, Aal::Aal2, 301).is_ok());

    session.step_up(&[Factor::Password], &here(), token(3), &policy(), at(310)).unwrap();
    assert_eq!(authorize(&session, Scope::Sensitive, Aal::Aal2, 311), stale);
    assert!(authorize(&session, Scope::Sensitive, Aal::Aal1, 311).is_ok());
    session.step_up(&[Factor::Totp], &here(), token(4), &policy(), at(320)).unwrap();
    assert!(authorize(&session, Scope::Sensitive, Aal::Aal2, 321).is_ok());
}

/// Section 7.6: another device means showing a factor again, not a silent logout.
#[test]
fn another_device_has_to_step_up_and_is_then_the_one() {
    let mut session = active();
    let other = Some(Uuid::from_u128(77));
    let from = |session: &Session, device, scope| {
        let access = Access { scope, required: Aal::Aal2, from: Sighting { device, ..here() } };
        session.authorize(&access, &policy(), at(1))
    };
    let refused = Err(Refusal::StepUpRequired(StepUpReason::OtherDevice));
    assert_eq!(from(&session, other, Scope::Work), refused);
    assert_eq!(from(&session, None, Scope::Work), refused);
    assert!(from(&session, other, Scope::StepUp).is_ok());
    assert!(from(&session, other, Scope::LogOut).is_ok());
    session.step_up(&[Factor::Totp], &Sighting { device: other, ..here() }, token(3), &policy(), at(1)).unwrap();
    assert!(from(&session, other, Scope::Work).is_ok());
    assert_eq!(from(&session, DEVICE, Scope::Work), refused);
}
