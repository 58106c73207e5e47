use chrono::{DateTime, Utc};
use mentalspace_auth_policy::totp::{Drift, TotpAuthenticator, TotpError, TotpSecret, Window};
use proptest::prelude::*;

use crate::through_json;

const SECRET: [u8; 20] = *b"12345678901234567890";
const START: i64 = 1_000_000;

fn moment(step: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(step * 30 + 11, 0).unwrap()
}

/// The code of a step, found through the crate by a window of one step on a clock without drift.
fn code(step: i64) -> String {
    totp_rs::Builder::new()
        .with_skew(0)
        .with_secret(SECRET)
        .build()
        .unwrap()
        .generate(step.cast_unsigned() * 30)
        .to_string()
}

fn authenticator(last: Option<u64>, drift: i8) -> TotpAuthenticator {
    TotpAuthenticator::restore(TotpSecret::from_bytes(SECRET), last, Drift::try_from(drift).unwrap())
}

fn show(authenticator: &mut TotpAuthenticator, now: i64, ahead: i64) -> Result<(), TotpError> {
    let accepted = authenticator.verify(&code(now + ahead), moment(now), Window::Symmetric)?;
    authenticator.accept(accepted);
    Ok(())
}

/// RFC 6238 §6.
#[test]
fn a_clock_that_runs_away_is_followed_step_by_step() {
    let mut authenticator = authenticator(None, 0);
    for (round, ahead) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        show(&mut authenticator, START + 10 * round, ahead).unwrap();
        assert_eq!(i64::from(authenticator.drift().steps()), ahead);
    }
    // Four steps is the most it follows; the window still reaches one further, and no more.
    show(&mut authenticator, START + 50, 5).unwrap();
    assert_eq!(authenticator.drift().steps(), Drift::MOST);
    assert_eq!(show(&mut authenticator, START + 60, 6), Err(TotpError::Mismatch));
}

#[test]
fn a_clock_that_jumped_is_not_followed() {
    let mut authenticator = authenticator(None, 0);
    assert_eq!(show(&mut authenticator, START, 2), Err(TotpError::Mismatch));
    assert_eq!(authenticator.drift(), Drift::NONE);
}

#[test]
fn a_window_without_a_future_learns_nothing_from_late_codes() {
    for window in [Window::Current, Window::PastOnly] {
        let mut authenticator = authenticator(None, 0);
        for now in [START, START + 10] {
            let late = if window == Window::PastOnly { now - 1 } else { now };
            let accepted = authenticator.verify(&code(late), moment(now), window).unwrap();
            authenticator.accept(accepted);
        }
        assert_eq!(authenticator.drift(), Drift::NONE);
    }
}

#[test]
fn a_drift_beyond_the_bound_is_not_restored() {
    assert!(Drift::try_from(Drift::MOST + 1).is_err());
    assert!(Drift::try_from(i8::MIN).is_err());
    assert!(serde_json::from_str::<Drift>("5").is_err());
    assert_eq!(through_json(&Drift::try_from(-4).unwrap()).steps(), -4);
}

/// All steps there are, written out: which one a code is accepted for, and where the window stands afterwards.
struct Model {
    last: Option<i64>,
    drift: i64,
}

impl Model {
    fn show(&mut self, typed: &str, now: i64) -> Result<i64, TotpError> {
        let window: Vec<i64> = (START - 100..START + 100).filter(|step| (step - now - self.drift).abs() <= 1).collect();
        let matching: Vec<i64> = window.into_iter().filter(|step| code(*step) == typed).collect();
        let fresh = matching.iter().find(|step| self.last.is_none_or(|last| **step > last));
        match fresh {
            None if matching.is_empty() => Err(TotpError::Mismatch),
            None => Err(TotpError::Replayed),
            Some(step) => {
                let toward = (step - now - self.drift).clamp(-1, 1);
                self.drift = (self.drift + toward).clamp(-4, 4);
                self.last = Some(*step);
                Ok(*step)
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn it_agrees_with_a_list_of_all_steps(attempts in prop::collection::vec((0_i64..3, -7_i64..=7), 1..16)) {
        let (mut model, mut ours, mut now) = (Model { last: None, drift: 0 }, authenticator(None, 0), START);
        for (later, ahead) in attempts {
            now += later;
            let typed = code(now + ahead);
            let before = ours.drift().steps();
            let verified = ours.verify(&typed, moment(now), Window::Symmetric);
            prop_assert_eq!(verified.map(|accepted| accepted.step.cast_signed()), model.show(&typed, now));
            if let Ok(accepted) = verified {
                ours.accept(accepted);
            }
            prop_assert_eq!(i64::from(ours.drift().steps()), model.drift);
            prop_assert!(before.abs_diff(ours.drift().steps()) <= 1);
        }
    }
}

proptest! {
    #[test]
    fn a_code_lives_three_steps_wherever_the_window_stands(drift in -4_i8..=4) {
        let typed = code(START);
        let lives: Vec<i64> = (START - 12..=START + 12)
            .filter(|now| authenticator(None, drift).verify(&typed, moment(*now), Window::Symmetric).is_ok())
            .collect();
        prop_assert_eq!(lives.len(), 3);
        prop_assert_eq!(lives[2] - lives[0], 2);
    }
}
