use mentalspace_auth_policy::assurance::{Aal, Factor, ShownFactors};
use mentalspace_auth_policy::out_of_band::{
    Challenge, Channel, Code, OutOfBandError, OutOfBandPolicy, OutOfBandRules, PhoneCodes, PhoneNumber, RISK, Sends,
};
use mentalspace_auth_policy::pepper::Peppers;
use mentalspace_auth_policy::throttle::{Throttle, ThrottlePolicy};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::peppers::pepper;
use crate::{at, json, through_json};

const ATTEMPT: Uuid = Uuid::from_u128(11);

fn number() -> PhoneNumber {
    PhoneNumber::parse("+12025550143").unwrap()
}

fn peppers() -> Peppers {
    Peppers::new(pepper(b"k1"))
}

fn code() -> Code {
    Code::from_random(&[7; 32], 6).unwrap()
}

fn challenge() -> (Challenge, String) {
    let policy = OutOfBandPolicy::fallback();
    let challenge = Challenge::new(&code(), ATTEMPT, &number(), Channel::Sms, &pepper(b"k1"), &policy, at(0));
    (challenge, code().expose().expose_secret().to_owned())
}

/// OB-1.
#[test]
fn a_code_is_accepted_once_within_ten_minutes() {
    let (challenge, code) = challenge();
    let redeem = |challenge: &mut Challenge, now| challenge.redeem(&code, ATTEMPT, &number(), &peppers(), at(now));
    for now in [0, 1, 599] {
        let mut fresh = through_json(&challenge);
        assert_eq!(redeem(&mut fresh, now), Ok(Channel::Sms));
        assert_eq!(redeem(&mut fresh, now), Err(OutOfBandError::AlreadyUsed));
    }
    for now in [600, 601, -1] {
        assert_eq!(redeem(&mut challenge.clone(), now), Err(OutOfBandError::Over));
    }
    assert_eq!(challenge.expires_at(), at(600));
}

/// OWASP ASVS 5.0 6.6.2.
#[test]
fn a_code_is_worth_nothing_elsewhere() {
    let (mut challenge, code) = challenge();
    let other = PhoneNumber::parse("+12025550144").unwrap();
    let stranger = Uuid::from_u128(12);
    assert_eq!(challenge.redeem(&code, stranger, &number(), &peppers(), at(1)), Err(OutOfBandError::Mismatch));
    assert_eq!(challenge.redeem(&code, ATTEMPT, &other, &peppers(), at(1)), Err(OutOfBandError::Mismatch));
    let foreign = challenge.redeem(&code, ATTEMPT, &number(), &Peppers::new(pepper(b"k2")), at(1));
    assert!(matches!(foreign, Err(OutOfBandError::UnknownPepper(_))));
    for typed in ["", "12345", "1234567", "12 345", "+12345", "１２３４５６", "12345a"] {
        let refused = challenge.redeem(typed, ATTEMPT, &number(), &peppers(), at(1));
        assert_eq!(refused, Err(OutOfBandError::Malformed), "{typed}");
    }
    assert_eq!(challenge.redeem(&code, ATTEMPT, &number(), &peppers(), at(1)), Ok(Channel::Sms));
}

/// OB-2: guesses are counted elsewhere, and neither a new code nor the pause between codes touches the count.
#[test]
fn a_new_code_forgives_no_failure() {
    let (mut throttle, mut sends) = (Throttle::new(), Sends::default());
    for _ in 0..4 {
        drop(throttle.reserve(&ThrottlePolicy::standard(), at(0)).unwrap());
    }
    let before = throttle.clone();
    sends.reserve(&OutOfBandPolicy::fallback(), at(0)).unwrap();
    let (mut challenge, _) = challenge();
    assert!(challenge.redeem("000000", ATTEMPT, &number(), &peppers(), at(1)).is_err());
    assert_eq!(throttle, before);
    assert_eq!(throttle.failures(), 4);
}

#[test]
fn one_code_a_minute_and_five_an_hour() {
    let (policy, mut sends) = (OutOfBandPolicy::fallback(), Sends::default());
    for minute in 0..5 {
        sends.reserve(&policy, at(60 * minute)).unwrap();
        let soon = sends.reserve(&policy, at(60 * minute + 59)).unwrap_err();
        assert!(soon.until >= at(60 * minute + 60));
    }
    assert_eq!(sends.reserve(&policy, at(300)).unwrap_err().until, at(3600));
    assert_eq!(sends.reserve(&policy, at(3599)).unwrap_err().until, at(3600));
    let mut sends = through_json(&sends);
    sends.reserve(&policy, at(3600)).unwrap();
}

#[test]
fn a_clock_set_back_sends_no_faster_and_locks_nobody_out() {
    let (policy, mut sends) = (OutOfBandPolicy::fallback(), Sends::default());
    sends.reserve(&policy, at(1_000_000)).unwrap();
    assert_eq!(sends.reserve(&policy, at(0)).unwrap_err().until, at(60));
    sends.reserve(&policy, at(60)).unwrap();
}

#[test]
fn numbers_are_international_and_nothing_is_guessed() {
    for good in ["+12025550143", "+4915112345678", "+1234567", "+123456789012345"] {
        assert_eq!(PhoneNumber::parse(good).unwrap().expose(), good);
    }
    for bad in [
        "",
        "+",
        "12025550143",
        "0012025550143",
        "+02025550143",
        "+123456",
        "+1234567890123456",
        "+1 2025550143",
        "+1-202-555-0143",
        "+1202555014x",
        "+１2025550143",
        " +12025550143",
        "+12025550143\n",
        "+1(202)5550143",
    ] {
        assert!(PhoneNumber::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn what_is_stored_and_shown_holds_neither_code_nor_number() {
    let (challenge, code) = challenge();
    let stored = json(&challenge);
    assert!(!stored.contains(&code) && !stored.contains("2025550143"), "{stored}");
    assert_eq!(format!("{:?} {:?}", number(), self::code()), "PhoneNumber(..) Code(..)");
    assert!(!format!("{challenge:?}").contains(&code));
    assert_eq!(number().masked(), "•••43");
}

/// OB-5, OB-8.
#[test]
fn codes_by_telephone_are_off_unless_allowed_and_said_to_be_restricted() {
    assert_eq!(OutOfBandPolicy::refused().offered, PhoneCodes::Refused);
    assert!(OutOfBandPolicy::refused().conformance().is_empty());
    assert_eq!(OutOfBandPolicy::fallback().conformance()[0].section, "3.2.9");
    assert!(RISK.contains("passkey") && RISK.contains("authenticator app"));
}

#[test]
fn rules_that_the_standard_forbids_cannot_be_written() {
    let with = |change: fn(&mut OutOfBandRules)| {
        let mut rules: OutOfBandRules = OutOfBandPolicy::fallback().into();
        change(&mut rules);
        OutOfBandPolicy::new(rules)
    };
    assert!(with(|rules| rules.digits = 5).is_err());
    assert!(with(|rules| rules.digits = 9).is_err());
    assert!(with(|rules| rules.lifetime_secs = 601).is_err());
    assert!(with(|rules| rules.pause_secs = 0).is_err());
    assert!(with(|rules| rules.most_per_hour = 11).is_err());
    assert!(with(|rules| rules.digits = 8).is_ok());
}

#[test]
fn a_telephone_and_a_password_are_two_factors_and_a_telephone_alone_is_one() {
    for channel in [Channel::Sms, Channel::Voice] {
        let mut shown = ShownFactors::default();
        shown.show(channel.factor(), at(0));
        assert_eq!(shown.level(), Aal::Aal1);
        shown.show(Factor::Password, at(0));
        assert_eq!(shown.level(), Aal::Aal2);
    }
}

/// Every remainder is reached by as many numbers as any other: the pass-over limit is a multiple of the codes.
#[test]
fn numbers_that_would_favour_some_codes_are_passed_over() {
    for (digits, codes) in [(6_u8, 1_000_000_u32), (7, 10_000_000), (8, 100_000_000)] {
        let fair = u32::MAX - u32::MAX % codes;
        assert_eq!(fair % codes, 0);
        let mut random = [0xff; 32];
        assert!(Code::from_random(&random, digits).is_none());
        random[28..].copy_from_slice(&fair.to_be_bytes());
        assert!(Code::from_random(&random, digits).is_none());
        random[28..].copy_from_slice(&(fair - 1).to_be_bytes());
        let last = Code::from_random(&random, digits).unwrap();
        assert_eq!(last.expose().expose_secret(), "9".repeat(digits.into()));
        random[..4].copy_from_slice(&codes.to_be_bytes());
        let first = Code::from_random(&random, digits).unwrap();
        assert_eq!(first.expose().expose_secret(), "0".repeat(digits.into()));
    }
}

proptest! {
    #[test]
    fn any_bytes_make_a_code_of_its_length(random in any::<[u8; 32]>(), digits in 6_u8..=8) {
        if let Some(code) = Code::from_random(&random, digits) {
            let code = code.expose();
            prop_assert_eq!(code.expose_secret().len(), usize::from(digits));
            prop_assert!(code.expose_secret().bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn whatever_is_typed_panics_nothing(typed in ".{0,16}", number in ".{0,20}") {
        let (mut challenge, code) = challenge();
        let redeemed = challenge.redeem(&typed, ATTEMPT, &self::number(), &peppers(), at(1));
        prop_assert_eq!(redeemed.is_ok(), typed == code);
        if let Ok(read) = PhoneNumber::parse(&number) {
            prop_assert_eq!(read.expose(), number);
        }
    }
}
