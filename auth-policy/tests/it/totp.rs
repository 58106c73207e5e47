use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::totp::{Accepted, Drift, TotpAuthenticator, TotpEnrolment, TotpError, TotpSecret, Window};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use crate::vectors;

/// RFC 4226 Appendix D: the codes of steps 0 to 9 for this secret.
const RFC_SECRET: [u8; 20] = *b"12345678901234567890";
const RFC_CODES: [&str; 10] =
    ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];

/// A step of this secret whose code is also that of the next step.
const SHARED_CODE: (u64, &str) = (910_737, "911617");

fn step(step: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(step * 30 + 7, 0).unwrap()
}

fn used(last_step: Option<u64>) -> TotpAuthenticator {
    TotpAuthenticator::restore(TotpSecret::from_bytes(RFC_SECRET), last_step, Drift::NONE)
}

fn step_of(result: Result<Accepted, TotpError>) -> Result<u64, TotpError> {
    result.map(|accepted| accepted.step)
}

#[test]
fn codes_are_those_of_rfc_4226_appendix_d() {
    for (now, code) in RFC_CODES.into_iter().enumerate() {
        let now = i64::try_from(now).unwrap();
        assert_eq!(step_of(used(None).verify(code, step(now), Window::Current)), Ok(now.cast_unsigned()));
    }
    vectors::run("rfc/rfc4226-appD.tsv", |table| {
        let rows = table.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        rows.map(|row| {
            let (counter, code) = row.split_once('\t').unwrap();
            let now = step(counter.parse().unwrap());
            assert!(used(None).verify(code, now, Window::Current).is_ok(), "{row}");
        })
        .count()
    });
}

#[test]
fn windows_reach_one_step_back_and_one_forward() {
    let verify = |window, code: usize| used(None).verify(RFC_CODES[code], step(5), window);
    for (code, current, past, symmetric) in [
        (3, false, false, false),
        (4, false, true, true),
        (5, true, true, true),
        (6, false, false, true),
        (7, false, false, false),
    ] {
        assert_eq!(verify(Window::Current, code).is_ok(), current, "{code}");
        assert_eq!(verify(Window::PastOnly, code).is_ok(), past, "{code}");
        assert_eq!(verify(Window::Symmetric, code).is_ok(), symmetric, "{code}");
    }
}

/// OT-3, section 7.2.
#[test]
fn a_code_is_accepted_once() {
    let mut authenticator = used(None);
    let first = authenticator.verify(RFC_CODES[5], step(5), Window::Symmetric).unwrap();
    authenticator.accept(first);
    for later in [5, 6] {
        let again = authenticator.verify(RFC_CODES[5], step(later), Window::Symmetric);
        assert_eq!(again, Err(TotpError::Replayed));
    }
    assert_eq!(step_of(authenticator.verify(RFC_CODES[6], step(5), Window::Symmetric)), Ok(6));
}

/// Section 7.2: an older code cannot follow a newer one.
#[test]
fn an_earlier_step_is_a_replay_after_a_later_one() {
    let authenticator = used(Some(6));
    assert_eq!(authenticator.verify(RFC_CODES[5], step(6), Window::Symmetric), Err(TotpError::Replayed));
}

/// Section 7.2: when two steps share a code and the earlier is used, the later one counts.
#[test]
fn a_code_shared_by_two_steps_is_accepted_for_the_unused_one() {
    let (first, code) = SHARED_CODE;
    let secret = TotpSecret::from_bytes(RFC_SECRET);
    let now = step(first.cast_signed() + 1);
    let fresh = TotpAuthenticator::restore(secret.clone(), None, Drift::NONE);
    assert_eq!(step_of(fresh.verify(code, now, Window::Symmetric)), Ok(first));
    let once = TotpAuthenticator::restore(secret.clone(), Some(first), Drift::NONE);
    assert_eq!(step_of(once.verify(code, now, Window::Symmetric)), Ok(first + 1));
    let twice = TotpAuthenticator::restore(secret, Some(first + 1), Drift::NONE);
    assert_eq!(twice.verify(code, now, Window::Symmetric), Err(TotpError::Replayed));
}

/// Section 7.3 and 7.4: what the storage contract makes of many requests with one code.
#[test]
fn of_many_requests_with_one_code_exactly_one_wins() {
    let mut stored: Option<u64> = Some(2);
    let loaded: Vec<_> = (0..64).map(|_| used(stored)).collect();
    let mut wins = 0;
    for request in loaded {
        let Accepted { step, .. } = request.verify(RFC_CODES[5], step(5), Window::Symmetric).unwrap();
        if stored < Some(step) {
            stored = Some(step);
            wins += 1;
        }
    }
    assert_eq!(wins, 1);
}

#[test]
fn anything_but_six_ascii_digits_is_malformed() {
    for code in [
        "",
        "25467",
        "2546760",
        " 254676",
        "254 676",
        "+25467",
        "-25467",
        "25467a",
        "２５４６７６",
        "٢٥٤٦٧٦",
        "25467\u{0}",
    ] {
        assert_eq!(used(None).verify(code, step(5), Window::Symmetric), Err(TotpError::Malformed), "{code:?}");
    }
}

#[test]
fn clocks_at_the_ends_of_time_do_not_panic() {
    let code = RFC_CODES[0];
    let before = DateTime::from_timestamp(-1, 0).unwrap();
    assert_eq!(used(None).verify(code, before, Window::Symmetric), Err(TotpError::ClockBeforeEpoch));
    assert_eq!(step_of(used(None).verify(code, step(0), Window::Symmetric)), Ok(0));
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert!(used(None).verify(code, now, Window::Symmetric).is_err());
    }
    assert_eq!(used(Some(u64::MAX)).verify(code, step(0), Window::Symmetric), Err(TotpError::Replayed));
}

/// Section 7.2: a clock set back cannot revive a used step.
#[test]
fn a_clock_set_back_accepts_nothing_again() {
    let authenticator = used(Some(9));
    for now in 0..=9 {
        let code = RFC_CODES[usize::try_from(now).unwrap()];
        assert_eq!(authenticator.verify(code, step(now), Window::Current), Err(TotpError::Replayed));
    }
}

#[test]
fn enrolment_shows_the_secret_once_and_uses_up_the_confirming_step() {
    let mut enrolment = TotpEnrolment::start(TotpSecret::from_bytes(RFC_SECRET), step(5));
    assert_eq!(enrolment.show().unwrap().expose(), &RFC_SECRET);
    assert_eq!(enrolment.show().unwrap_err(), TotpError::AlreadyShown);
    assert!(enrolment.was_shown());

    assert_eq!(enrolment.confirm("000000", step(5), Window::Symmetric).unwrap_err(), TotpError::Mismatch);
    let authenticator = enrolment.confirm(RFC_CODES[5], step(5), Window::Symmetric).unwrap();
    assert_eq!(authenticator.last_step(), Some(5));
    assert_eq!(authenticator.secret().expose(), &RFC_SECRET);
    assert_eq!(authenticator.verify(RFC_CODES[5], step(5), Window::Symmetric), Err(TotpError::Replayed));
}

#[test]
fn a_restored_enrolment_shows_nothing_and_ends_after_ten_minutes() {
    let started = step(5) - TimeDelta::minutes(10);
    let mut enrolment = TotpEnrolment::restore_shown(TotpSecret::from_bytes(RFC_SECRET), started);
    assert_eq!(enrolment.show().unwrap_err(), TotpError::AlreadyShown);
    assert_eq!(enrolment.started_at(), started);
    assert!(enrolment.confirm(RFC_CODES[5], step(5), Window::Symmetric).is_ok());
    let late = step(5) + TimeDelta::seconds(1);
    assert_eq!(enrolment.confirm(RFC_CODES[5], late, Window::Symmetric).unwrap_err(), TotpError::EnrolmentOver);
}

#[test]
fn the_secret_is_written_for_apps_and_for_people() {
    let secret = TotpSecret::from_bytes(RFC_SECRET);
    assert_eq!(secret.expose_base32().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let uri = secret.expose_uri("Harbor Lights", "jon@example.org").unwrap();
    assert_eq!(
        uri.expose_secret(),
        "otpauth://totp/Harbor%20Lights:jon%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Harbor%20Lights"
    );
    for (issuer, account) in [("", "jon"), ("Harbor", ""), ("a:b", "jon"), ("Harbor", "a:b")] {
        assert_eq!(secret.expose_uri(issuer, account).unwrap_err(), TotpError::InvalidLabel);
    }
}

#[test]
fn the_secret_does_not_show() {
    let secret = TotpSecret::from_bytes(RFC_SECRET);
    let uri = secret.expose_uri("Harbor", "jon").unwrap();
    let enrolment = TotpEnrolment::start(secret, step(0));
    let shown = format!("{enrolment:?} {:?} {uri:?}", used(None));
    assert!(!shown.contains("49") && !shown.contains("GEZD"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_accepted_step_is_always_new_and_in_the_window(
        secret in any::<[u8; 20]>(), now in 0_i64..10_000_000_000, code in 0_u32..1_000_000, last in proptest::option::of(0_u64..400_000_000),
    ) {
        let now = DateTime::from_timestamp(now, 0).unwrap();
        let authenticator = TotpAuthenticator::restore(TotpSecret::from_bytes(secret), last, Drift::NONE);
        if let Ok(Accepted { step, .. }) = authenticator.verify(&format!("{code:06}"), now, Window::Symmetric) {
            prop_assert!(last.is_none_or(|last| step > last));
            prop_assert!(step.abs_diff(now.timestamp().cast_unsigned() / 30) <= 1);
        }
    }
}
