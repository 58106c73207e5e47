use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::assurance::{Aal, Factor};
use mentalspace_auth_policy::device::Sighting;
use mentalspace_auth_policy::mfa::Decision;
use mentalspace_auth_policy::session::{
    Activity, EndReason, Ended, InvalidToken, PasswordStanding, Scope, Session, SessionError, SessionPolicy,
    SessionRules, SessionState, SessionToken, SignIn, TokenHash, Touched,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::{at, json, through_json};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
pub(crate) const DEVICE: Option<Uuid> = Some(Uuid::from_u128(3));

pub(crate) fn here() -> Sighting {
    Sighting { device: DEVICE, agent: Some("Firefox on Linux".to_owned()), network: Some("192.0.2.0/24".to_owned()) }
}

pub(crate) fn policy() -> SessionPolicy {
    SessionPolicy::standard()
}

pub(crate) fn token(n: u8) -> TokenHash {
    SessionToken::from_random([n; 32]).hash()
}

pub(crate) fn sign_in(mfa: Decision, password: PasswordStanding) -> SignIn {
    SignIn {
        id: Uuid::from_u128(1),
        user: Uuid::from_u128(2),
        token: token(1),
        from: here(),
        factor: Factor::Password,
        mfa,
        password,
    }
}

pub(crate) fn start(mfa: Decision, password: PasswordStanding) -> Session {
    Session::start(&sign_in(mfa, password), &policy(), at(0))
}

/// Signed in with two factors.
pub(crate) fn active() -> Session {
    let mut session = start(Decision::Challenge, PasswordStanding::Current);
    session.complete_mfa(Factor::Totp, token(2), &policy(), at(0)).unwrap();
    session
}

fn reason(session: &Session, seconds: i64) -> Option<EndReason> {
    session.check(&policy(), at(seconds)).err().map(|ended| ended.reason)
}

#[test]
fn the_second_factor_then_the_expired_password_come_before_work() {
    let mut session = start(Decision::Challenge, PasswordStanding::MustChange);
    assert_eq!((session.state(), session.aal()), (SessionState::MfaPending, Aal::Aal1));
    assert_eq!(session.password_changed(token(9), &policy(), at(1)), Err(SessionError::WrongState));
    session.complete_mfa(Factor::Totp, token(2), &policy(), at(1)).unwrap();
    assert_eq!((session.state(), session.aal()), (SessionState::PasswordExpired, Aal::Aal2));
    assert_eq!(session.step_up(&[Factor::Totp], &here(), token(9), &policy(), at(2)), Err(SessionError::WrongState));
    session.password_changed(token(3), &policy(), at(2)).unwrap();
    assert_eq!(session.state(), SessionState::Active);
}

#[test]
fn every_decision_leads_to_its_state() {
    for (decision, state) in [
        (Decision::Challenge, SessionState::MfaPending),
        (Decision::EnrolFirst, SessionState::MfaEnrolmentRequired),
        (Decision::EnrolBy(at(9)), SessionState::Active),
        (Decision::NotNeeded, SessionState::Active),
    ] {
        assert_eq!(start(decision, PasswordStanding::Current).state(), state);
    }
    let passkey = SignIn { factor: Factor::Passkey, ..sign_in(Decision::Challenge, PasswordStanding::Current) };
    let session = Session::start(&passkey, &policy(), at(0));
    assert_eq!((session.state(), session.aal()), (SessionState::Active, Aal::Aal2));
}

/// SE-2, AL-1: the same factor twice is one factor.
#[test]
fn a_second_password_is_not_a_second_factor() {
    let mut session = start(Decision::Challenge, PasswordStanding::Current);
    let before = session.clone();
    assert_eq!(
        session.complete_mfa(Factor::Password, token(2), &policy(), at(1)),
        Err(SessionError::InsufficientFactor)
    );
    assert_eq!(session, before);
}

/// ASVS 7.2.4.
#[test]
fn every_change_of_privilege_needs_a_new_token() {
    let renewed = Err(SessionError::TokenNotRenewed);
    let mut session = start(Decision::Challenge, PasswordStanding::Current);
    assert_eq!(session.complete_mfa(Factor::Totp, token(1), &policy(), at(0)), renewed);
    assert_eq!(session.state(), SessionState::MfaPending);
    let mut session = active();
    assert_eq!(session.step_up(&[Factor::Totp], &here(), token(2), &policy(), at(0)), renewed);
    assert_eq!(session.password_changed(token(2), &policy(), at(0)), renewed);
    assert_eq!(session.token(), token(2));
}

#[test]
fn completing_a_second_factor_twice_is_refused() {
    let again = active().complete_mfa(Factor::Totp, token(5), &policy(), at(1));
    assert_eq!(again, Err(SessionError::WrongState));
}

/// ASVS 7.3.1, SE-8: fifteen minutes, and the thirty seconds by which the stored activity may lag.
#[test]
fn a_session_ends_idle_after_fifteen_minutes_and_the_lag() {
    let session = active();
    assert_eq!(reason(&session, 15 * MINUTE + 29), None);
    assert_eq!(reason(&session, 15 * MINUTE + 30), Some(EndReason::Idle));
}

#[test]
fn without_coalescing_the_idle_limit_is_exact() {
    let mut rules: SessionRules = policy().into();
    rules.write_every_secs = 0;
    let exact = SessionPolicy::new(rules).unwrap();
    let mut session = active();
    assert_eq!(session.touch(Activity::Interactive, &exact, at(1)), Ok(Touched::Write));
    assert!(session.check(&exact, at(15 * MINUTE)).is_ok());
    assert!(session.check(&exact, at(15 * MINUTE + 1)).is_err());
}

/// SE-9: the prompt.
#[test]
fn the_browser_is_told_when_to_warn() {
    let live = active().check(&policy(), at(5)).unwrap();
    assert_eq!(live.warn_at, at(14 * MINUTE));
    assert_eq!(live.idle_at, at(15 * MINUTE));
    assert_eq!(live.expires_at, at(12 * HOUR));
}

/// ASVS 7.3.2.
#[test]
fn a_busy_session_ends_after_twelve_hours() {
    let mut session = active();
    let mut now = 0;
    while now < 12 * HOUR {
        assert!(session.touch(Activity::Interactive, &policy(), at(now)).is_ok(), "{now}");
        now += 10 * MINUTE;
    }
    let warned = session.check(&policy(), at(12 * HOUR - 1)).unwrap();
    assert_eq!(warned.idle_at, at(12 * HOUR));
    assert_eq!(reason(&session, 12 * HOUR), Some(EndReason::Absolute));
}

/// Section 7.6.
#[test]
fn background_requests_do_not_keep_a_session_alive() {
    let mut session = active();
    for now in (0..15 * MINUTE).step_by(20) {
        assert_eq!(session.touch(Activity::Background, &policy(), at(now)), Ok(Touched::Unchanged));
    }
    assert_eq!(session.last_activity(), at(0));
    let late = session.touch(Activity::Background, &policy(), at(16 * MINUTE));
    assert_eq!(late.map_err(|ended| ended.reason), Err(EndReason::Idle));
}

/// Section 7.6.
#[test]
fn activity_is_written_at_most_every_thirty_seconds() {
    let mut session = active();
    let writes: Vec<i64> = (0..=100)
        .filter(|now| session.touch(Activity::Interactive, &policy(), at(*now)) == Ok(Touched::Write))
        .collect();
    assert_eq!(writes, [30, 60, 90]);
}

/// Nobody is logged out before the idle time has passed since their last action, written or not.
#[test]
fn unwritten_activity_still_counts() {
    let mut session = active();
    assert_eq!(session.touch(Activity::Interactive, &policy(), at(29)), Ok(Touched::Unchanged));
    assert_eq!(reason(&session, 29 + 15 * MINUTE), None);
}

/// ASVS 7.4.1.
#[test]
fn an_ended_session_does_nothing_more_and_keeps_its_first_reason() {
    let mut session = active();
    session.end(EndReason::LoggedOut, at(10));
    session.end(EndReason::Revoked, at(20));
    let ended = session.check(&policy(), at(11)).unwrap_err();
    assert_eq!((ended.reason, ended.at), (EndReason::LoggedOut, at(10)));
    assert_eq!(session.state(), SessionState::Ended(ended));
    let over = Err(SessionError::Ended(ended));
    assert_eq!(session.complete_mfa(Factor::Totp, token(9), &policy(), at(11)), over);
    assert_eq!(session.password_changed(token(9), &policy(), at(11)), over);
    assert_eq!(session.step_up(&[Factor::Totp], &here(), token(9), &policy(), at(11)), over);
    assert_eq!(session.touch(Activity::Interactive, &policy(), at(11)), Err(ended));
}

#[test]
fn a_session_found_idle_stays_ended_even_if_the_clock_goes_back() {
    let mut session = active();
    assert!(session.touch(Activity::Interactive, &policy(), at(HOUR)).is_err());
    assert_eq!(reason(&session, 1), Some(EndReason::Idle));
}

/// Section 11: clock going backwards.
#[test]
fn a_clock_set_back_does_not_end_a_session_and_is_made_good() {
    let mut session = active();
    assert_eq!(reason(&session, -5 * HOUR), None);
    assert_eq!(session.touch(Activity::Interactive, &policy(), at(-5 * HOUR)), Ok(Touched::Write));
    assert_eq!(session.last_activity(), at(-5 * HOUR));
}

/// AL-4.
#[test]
fn an_idle_session_is_followed_by_one_with_the_same_factors_and_end() {
    let mut session = active();
    assert!(session.touch(Activity::Interactive, &policy(), at(HOUR)).is_err());
    let again =
        SignIn { id: Uuid::from_u128(9), token: token(3), ..sign_in(Decision::Challenge, PasswordStanding::Current) };
    let next = session.reopen(&again, at(2 * HOUR)).unwrap();
    assert_eq!((next.state(), next.aal()), (SessionState::Active, Aal::Aal2));
    assert_eq!(next.expires_at(), session.expires_at());
    assert_eq!(next.id(), again.id);
    assert_eq!(reason(&session, 2 * HOUR), Some(EndReason::Idle));
    assert!(next.check(&policy(), at(2 * HOUR + 15 * MINUTE)).is_ok());
    assert!(next.check(&policy(), at(12 * HOUR)).is_err());
}

#[test]
fn only_an_idle_session_past_its_factors_can_be_followed() {
    let again = SignIn { token: token(3), ..sign_in(Decision::Challenge, PasswordStanding::Current) };
    let wrong = Some(SessionError::WrongState);
    assert_eq!(active().reopen(&again, at(1)).err(), wrong);
    let mut out = active();
    out.end(EndReason::LoggedOut, at(1));
    assert_eq!(out.reopen(&again, at(2)).err(), wrong);
    let mut pending = start(Decision::Challenge, PasswordStanding::Current);
    assert!(pending.touch(Activity::Interactive, &policy(), at(HOUR)).is_err());
    assert_eq!(pending.reopen(&again, at(HOUR)).err(), wrong);

    let mut idle = active();
    assert!(idle.touch(Activity::Interactive, &policy(), at(HOUR)).is_err());
    let weak = Some(SessionError::InsufficientFactor);
    for wrong in [
        SignIn { factor: Factor::Totp, ..again.clone() },
        SignIn { user: Uuid::from_u128(99), ..again.clone() },
        SignIn { from: Sighting::default(), ..again.clone() },
    ] {
        assert_eq!(idle.reopen(&wrong, at(HOUR)).err(), weak);
    }
    let same = SignIn { token: token(2), ..again.clone() };
    assert_eq!(idle.reopen(&same, at(HOUR)).err(), Some(SessionError::TokenNotRenewed));
    match idle.reopen(&again, at(12 * HOUR)) {
        Err(SessionError::Ended(Ended { reason, .. })) => assert_eq!(reason, EndReason::Absolute),
        other => panic!("{other:?}"),
    }
}

/// SE-1, section 7.6.
#[test]
fn a_token_is_43_characters_stored_as_its_sha_256() {
    let token = SessionToken::from_random(std::array::from_fn(|n| u8::try_from(n).unwrap()));
    let text = token.expose().expose_secret().to_owned();
    assert_eq!(text, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    assert_eq!(token.hash().to_key(), "Yw3NKWbEM2aRElRIu7JbT_QSpJxzLbLIq8G4WBvXEN0");
    assert_eq!(SessionToken::parse(&text).unwrap().hash(), token.hash());
    assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(..) TokenHash(..)");
}

#[test]
fn what_is_not_a_token_is_refused() {
    let long = "A".repeat(1_000_000);
    for text in [
        "",
        "AAAA",
        &long,
        &"A".repeat(44),
        &format!("{}=", "A".repeat(43)),
        &"+".repeat(43),
        &format!("{}B", "A".repeat(42)),
    ] {
        assert_eq!(SessionToken::parse(text).err(), Some(InvalidToken), "{text:.50}");
    }
}

#[test]
fn the_session_serialises_as_one_document() {
    let mut session = active();
    assert_eq!(through_json(&session), session);
    insta::assert_snapshot!("active", json(&session));
    session.end(EndReason::LoggedOut, at(10));
    assert_eq!(through_json(&session), session);
    insta::assert_snapshot!("ended", json(&session));
    insta::assert_snapshot!("policy", json(&policy()));
    let states = [SessionState::MfaPending, session.state()];
    insta::assert_snapshot!("states", json(&states));
}

#[test]
fn impossible_limits_are_refused() {
    let refused = |change: fn(&mut SessionRules)| {
        let mut rules: SessionRules = policy().into();
        change(&mut rules);
        SessionPolicy::new(rules).is_err()
    };
    assert!(refused(|rules| rules.idle_secs = 59));
    assert!(refused(|rules| rules.warning_secs = 901));
    assert!(refused(|rules| rules.absolute_secs = 899));
    assert!(refused(|rules| rules.absolute_secs = 31 * 86_400));
    assert!(refused(|rules| rules.write_every_secs = 61));
    assert!(refused(|rules| rules.step_up_secs = 3601));
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let sign_in = sign_in(Decision::Challenge, PasswordStanding::Current);
        let mut session = Session::start(&sign_in, &policy(), now);
        let _ = session.touch(Activity::Interactive, &policy(), now);
        for other in [DateTime::<Utc>::MIN_UTC, at(0), DateTime::<Utc>::MAX_UTC] {
            let _ = session.touch(Activity::Interactive, &policy(), other);
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Touch(Activity),
    Mfa(Factor),
    Password,
    ShowAgain(Factor),
    Reopen,
    End,
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let factors = prop::sample::select(vec![Factor::Password, Factor::Totp, Factor::BackupCode, Factor::Sms]);
    let step = prop_oneof![
        4 => Just(Step::Touch(Activity::Interactive)),
        4 => Just(Step::Touch(Activity::Background)),
        2 => factors.clone().prop_map(Step::Mfa),
        2 => Just(Step::Password),
        2 => factors.prop_map(Step::ShowAgain),
        1 => Just(Step::Reopen),
        1 => Just(Step::End),
        6 => (-100_i64..1200).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn there_is_no_way_out_of_the_end_and_no_way_around_a_factor(steps in steps()) {
        let mut session = start(Decision::Challenge, PasswordStanding::MustChange);
        let (mut now, mut fresh) = (at(0), 10_u8);
        let mut ended = None;
        for step in steps {
            let next = token(fresh);
            fresh = fresh.wrapping_add(1);
            let interactive = !matches!(step, Step::Touch(Activity::Background) | Step::Wait(_) | Step::End);
            let (before, old) = (session.last_activity(), session.clone());
            match step {
                Step::Wait(seconds) => now += TimeDelta::seconds(seconds),
                Step::Touch(activity) => drop(session.touch(activity, &policy(), now)),
                Step::Mfa(factor) => drop(session.complete_mfa(factor, next, &policy(), now)),
                Step::Password => drop(session.password_changed(next, &policy(), now)),
                Step::ShowAgain(factor) => drop(session.step_up(&[factor], &here(), next, &policy(), now)),
                Step::End => session.end(EndReason::Revoked, now),
                Step::Reopen => {
                    let again = SignIn { token: next, ..sign_in(Decision::Challenge, PasswordStanding::MustChange) };
                    if let Ok(successor) = session.reopen(&again, now) {
                        prop_assert_eq!(ended.map(|ended: Ended| ended.reason), Some(EndReason::Idle));
                        prop_assert_eq!((successor.aal(), successor.expires_at()), (session.aal(), session.expires_at()));
                        prop_assert!(successor.token() != session.token());
                        prop_assert!(session.check(&policy(), now).is_err(), "the earlier one stays ended");
                    }
                }
            }
            let privilege = |of: &Session| (of.aal(), std::mem::discriminant(&of.state()));
            let changed = privilege(&old) != privilege(&session) && !matches!(session.state(), SessionState::Ended(_));
            prop_assert!(!changed || old.token() != session.token(), "a new privilege is a new token");
            if session.state() != SessionState::Active {
                for scope in [Scope::Work, Scope::Sensitive, Scope::StepUp] {
                    prop_assert!(!session.allows(scope), "{:?} in {:?}", scope, session.state());
                }
            }
            prop_assert!(interactive || session.last_activity() == before);
            if let Some(ended) = ended {
                prop_assert_eq!(session.state(), SessionState::Ended(ended));
            }
            match session.state() {
                SessionState::Ended(end) => ended = Some(end),
                SessionState::PasswordExpired | SessionState::Active => prop_assert_eq!(session.aal(), Aal::Aal2),
                SessionState::MfaPending => prop_assert_eq!(session.aal(), Aal::Aal1),
                other => prop_assert!(false, "{:?}", other),
            }
            prop_assert!(session.check(&policy(), at(12 * HOUR)).is_err());
            session = through_json(&session);
        }
    }
}
