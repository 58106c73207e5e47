use chrono::TimeDelta;
use mentalspace_auth_policy::policy::PolicyError;
use mentalspace_auth_policy::throttle::{Reservation, Throttle, ThrottlePolicy, ThrottleRules, Throttled};
use proptest::prelude::*;

use crate::{at, json, through_json};

fn standard() -> ThrottlePolicy {
    ThrottlePolicy::standard()
}

/// Fails attempts one after the other as fast as the waits permit and returns the waits in seconds.
fn waits(throttle: &mut Throttle, failures: u64) -> Vec<i64> {
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..failures {
        drop(throttle.reserve(&standard(), now).unwrap());
        // What a refused attempt would be told; asked of a copy so that nothing is counted.
        let wait = match throttle.clone().reserve(&standard(), now) {
            Err(Throttled::Wait { until, .. }) => until - now,
            Err(Throttled::Disabled { .. }) | Ok(_) => TimeDelta::zero(),
            Err(other) => panic!("{other}"),
        };
        waits.push(wait.num_seconds());
        now += wait;
    }
    waits
}

#[test]
fn waits_start_at_the_fifth_failure_and_double_to_an_hour() {
    let found = waits(&mut Throttle::new(), 15);
    assert_eq!(found, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
}

/// TH-1, TH-3.
#[test]
fn a_hundred_failures_disable_the_authenticator_for_good() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 100);
    assert_eq!(throttle.failures(), 100);
    for (refused, years) in (1..).zip([0, 1, 100]) {
        let now = at(0) + TimeDelta::days(36_500 + 366 * years);
        match throttle.reserve(&standard(), now) {
            Err(Throttled::Disabled { refused: found, .. }) => assert_eq!(found, refused),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(throttle.failures(), 100);
    assert_eq!(Throttle::new().failures(), 0);
}

/// A looser policy does not bring a disabled authenticator back.
#[test]
fn a_disabled_authenticator_stays_so_under_a_looser_policy() {
    let mut rules: ThrottleRules = standard().into();
    rules.hard_limit = 1;
    let strict = ThrottlePolicy::new(rules).unwrap();
    let mut throttle = Throttle::new();
    drop(throttle.reserve(&strict, at(0)).unwrap());
    let refused = throttle.reserve(&standard(), at(10_000));
    assert!(matches!(refused, Err(Throttled::Disabled { .. })), "{refused:?}");
}

/// Section 7.1, rule 1: counted before it is verified.
#[test]
fn parallel_reservations_count_before_any_is_verified() {
    let mut throttle = Throttle::new();
    let reserved: Vec<Reservation> = (0..10).map_while(|_| throttle.reserve(&standard(), at(0)).ok()).collect();
    assert_eq!(reserved.len(), 5);
    assert_eq!(throttle.failures(), 5);
}

/// Section 7.4: a crash between reserving and verifying.
#[test]
fn a_lost_reservation_stays_counted() {
    let mut throttle = Throttle::new();
    drop(throttle.reserve(&standard(), at(0)).unwrap());
    assert_eq!(through_json(&throttle).failures(), 1);
}

/// TH-5.
#[test]
fn success_forgets_earlier_failures_and_tells_how_many() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 7);
    let reservation = throttle.reserve(&standard(), at(100_000)).unwrap();
    assert_eq!(throttle.succeed(&reservation), 7);
    assert_eq!(throttle.failures(), 0);
    let next = throttle.reserve(&standard(), at(100_000)).unwrap();
    assert_eq!(throttle.succeed(&next), 0);
}

#[test]
fn success_keeps_attempts_reserved_after_it() {
    let mut throttle = Throttle::new();
    let mine = throttle.reserve(&standard(), at(0)).unwrap();
    drop(throttle.reserve(&standard(), at(0)).unwrap());
    drop(throttle.reserve(&standard(), at(0)).unwrap());
    assert_eq!(throttle.succeed(&mine), 0);
    assert_eq!(throttle.failures(), 2);
}

#[test]
fn a_late_success_takes_nothing_back() {
    let mut throttle = Throttle::new();
    let early = throttle.reserve(&standard(), at(0)).unwrap();
    let late = throttle.reserve(&standard(), at(0)).unwrap();
    assert_eq!(throttle.succeed(&late), 1);
    drop(throttle.reserve(&standard(), at(0)).unwrap());
    assert_eq!(throttle.succeed(&early), 0);
    assert_eq!(throttle.failures(), 1);
}

#[test]
fn the_hundredth_attempt_may_still_be_the_right_one() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 99);
    let last = throttle.reserve(&standard(), at(10_000_000)).unwrap();
    assert!(throttle.clone().reserve(&standard(), at(20_000_000)).is_err());
    assert_eq!(throttle.succeed(&last), 99);
    assert!(throttle.reserve(&standard(), at(10_000_000)).is_ok());
}

/// Section 7.1, rule 6.
#[test]
fn attempts_during_a_wait_are_counted_apart_and_do_not_prolong_it() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 5);
    let end = at(30);
    for refused in 1..=1000 {
        let answer = throttle.reserve(&standard(), at(29));
        assert_eq!(answer, Err(Throttled::Wait { until: end, refused }));
    }
    assert_eq!(throttle.failures(), 5);
    assert!(throttle.reserve(&standard(), end).is_ok());
    assert_eq!(throttle.failures(), 6);
}

/// Section 11: clock going backwards.
#[test]
fn a_clock_set_back_cannot_lock_longer_than_the_wait() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 5);
    let earlier = at(-1_000_000);
    let until = earlier + TimeDelta::seconds(30);
    let answer = throttle.reserve(&standard(), earlier);
    assert_eq!(answer, Err(Throttled::Wait { until, refused: 1 }));
    assert!(throttle.reserve(&standard(), until).is_ok());
}

#[test]
fn the_ends_of_time_do_not_panic() {
    use chrono::{DateTime, Utc};
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let mut throttle = Throttle::new();
        for _ in 0..10 {
            let _ = throttle.reserve(&standard(), now);
        }
        assert!(throttle.failures() >= 5);
    }
}

#[test]
fn policy_and_throttle_serialise_as_data() {
    let mut throttle = Throttle::new();
    let _ = waits(&mut throttle, 6);
    assert_eq!(through_json(&throttle), throttle);
    assert_eq!(through_json(&standard()), standard());
    insta::assert_snapshot!(format!("{}\n{}", json(&standard()), json(&throttle)));
}

#[test]
fn a_throttle_that_forgot_more_than_it_counted_is_refused() {
    let forged = json(&Throttle::new()).replace("\"cleared\": 0", "\"cleared\": 1");
    assert!(serde_json::from_str::<Throttle>(&forged).is_err());
}

/// TH-1: at most 100.
#[test]
fn limits_above_the_standard_are_refused() {
    let refused = |change: fn(&mut ThrottleRules)| {
        let mut rules: ThrottleRules = standard().into();
        change(&mut rules);
        matches!(ThrottlePolicy::new(rules), Err(PolicyError::OutOfRange { .. }))
    };
    assert!(refused(|rules| rules.hard_limit = 101));
    assert!(refused(|rules| rules.hard_limit = 0));
    assert!(refused(|rules| rules.wait_from = 0));
    assert!(refused(|rules| rules.first_wait_secs = 0));
    assert!(refused(|rules| rules.longest_wait_secs = 29));
}

#[derive(Clone, Debug)]
enum Step {
    Reserve,
    Succeed(prop::sample::Index),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => Just(Step::Reserve),
        1 => any::<prop::sample::Index>().prop_map(Step::Succeed),
        4 => (-50_i64..10_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn never_more_than_the_limit_is_verified_between_successes(limit in 1_u16..20, from in 1_u16..8, steps in steps()) {
        let mut rules: ThrottleRules = standard().into();
        rules.hard_limit = limit;
        rules.wait_from = from;
        let policy = ThrottlePolicy::new(rules).unwrap();
        let mut throttle = Throttle::new();
        let mut now = at(0);
        let mut in_flight: Vec<(u64, Reservation)> = Vec::new();
        let (mut verified, mut total) = (0_u64, 0_u64);
        for step in steps {
            match step {
                Step::Wait(seconds) => now += TimeDelta::seconds(seconds),
                Step::Reserve => {
                    let before = throttle.failures();
                    match throttle.reserve(&policy, now) {
                        Ok(reservation) => {
                            total += 1;
                            verified += 1;
                            in_flight.push((total, reservation));
                            prop_assert_eq!(throttle.failures(), before + 1);
                        }
                        Err(_) => prop_assert_eq!(throttle.failures(), before),
                    }
                }
                Step::Succeed(index) if !in_flight.is_empty() => {
                    let (number, reservation) = in_flight.swap_remove(index.index(in_flight.len()));
                    throttle.succeed(&reservation);
                    verified = verified.min(total - number);
                    prop_assert_eq!(throttle.failures(), verified);
                }
                Step::Succeed(_) => {}
            }
            prop_assert!(verified <= u64::from(limit));
            prop_assert_eq!(throttle.failures(), verified);
            throttle = through_json(&throttle);
        }
    }
}
