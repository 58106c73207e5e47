use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::provider::{
    Attempts, Breaker, BreakerPolicy, Capabilities, Credentials, Passage, ProviderErrorKind, Region, Residency,
    RetryPolicy, Rooms,
};
use proptest::prelude::{any, prop_assert, proptest};

use crate::fixture::start;

const DOWN: ProviderErrorKind = ProviderErrorKind::Unavailable { retry_after: None };

fn second(number: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(number)
}

fn broken() -> Breaker {
    let mut breaker = Breaker::new(BreakerPolicy::default());
    for number in 0..5 {
        assert_eq!(breaker.ask(second(number)), Passage::Open);
        breaker.record(Err(DOWN), second(number));
    }
    breaker
}

#[test]
fn five_failures_in_half_a_minute_close_for_fifteen_seconds() {
    let mut breaker = broken();
    assert_eq!(breaker.ask(second(5)), Passage::Closed { until: second(19) });
    assert!(breaker.is_closed());
    assert_eq!(breaker.ask(second(19)), Passage::Probe);
    assert!(matches!(breaker.ask(second(20)), Passage::Closed { .. }), "one probe at a time");
}

#[test]
fn a_probe_decides() {
    let mut breaker = broken();
    breaker.ask(second(19));
    breaker.record(Err(DOWN), second(20));
    assert_eq!(breaker.ask(second(21)), Passage::Closed { until: second(35) });
    assert_eq!(breaker.ask(second(35)), Passage::Probe);
    breaker.record(Ok(()), second(35));
    assert_eq!(breaker.ask(second(36)), Passage::Open);
}

#[test]
fn a_probe_nobody_reported_is_given_up() {
    let mut breaker = broken();
    assert_eq!(breaker.ask(second(19)), Passage::Probe);
    assert_eq!(breaker.ask(second(34)), Passage::Probe);
}

#[test]
fn refusals_old_failures_and_a_minority_of_failures_do_not_close() {
    let mut refused = Breaker::new(BreakerPolicy::default());
    let mut old = Breaker::new(BreakerPolicy::default());
    let mut few = Breaker::new(BreakerPolicy::default());
    for number in 0..20 {
        refused.record(Err(ProviderErrorKind::LimitExceeded), second(number));
        old.record(Err(DOWN), second(number * 10));
        few.record(if number % 3 == 0 { Err(DOWN) } else { Ok(()) }, second(number));
    }
    for breaker in [refused, old, few] {
        assert!(!breaker.is_closed(), "{breaker:?}");
    }
}

#[test]
fn who_asks_for_a_minute_is_not_asked_again_while_somebody_waits() {
    let asked = |seconds| ProviderErrorKind::Throttled { retry_after: Some(Duration::from_secs(seconds)) };
    let mut attempts = Attempts::new(RetryPolicy::default());
    assert_eq!(attempts.after(asked(60), 0), None);
    assert_eq!(attempts.after(asked(2), 0), Some(Duration::from_secs(2)));
}

#[test]
fn a_conflict_is_repeated_once_and_a_refusal_never() {
    let mut attempts = Attempts::new(RetryPolicy::default());
    assert_eq!(attempts.after(ProviderErrorKind::Conflict, 0), Some(Duration::from_millis(250)));
    assert_eq!(attempts.after(ProviderErrorKind::Conflict, 0), None);
    assert_eq!(Attempts::new(RetryPolicy::default()).after(ProviderErrorKind::Unauthorized, 0), None);
}

proptest! {
    #[test]
    fn repetitions_keep_to_their_number_and_time(randoms in proptest::collection::vec(any::<u32>(), 20)) {
        let policy = RetryPolicy::default();
        let mut attempts = Attempts::new(policy);
        let pauses: Vec<_> = randoms.iter().map_while(|random| attempts.after(DOWN, *random)).collect();
        prop_assert!(pauses.len() < policy.tries as usize);
        prop_assert!(pauses.iter().sum::<Duration>() <= policy.budget);
        let bounds = [200, 400, 800].map(Duration::from_millis);
        prop_assert!(pauses.iter().zip(bounds).all(|(pause, bound)| *pause <= bound));
    }
}

#[test]
fn media_flow_only_where_the_practice_allows() {
    let region = |name: &str| Region::parse(name).unwrap();
    let mut service = Capabilities::new(Rooms::Explicit, Credentials::ServerCall);
    let none = Residency::default();
    let inland = Residency { allowed: vec![region("us-west-2"), region("us-east-1")] };
    assert_eq!(none.choose(&service), Ok(None));
    assert!(inland.choose(&service).is_err(), "a service without a choice cannot be held to a rule");
    service.regions = vec![region("eu-central-1"), region("us-east-1")];
    assert_eq!(inland.choose(&service), Ok(Some(region("us-east-1"))));
    service.regions.pop();
    assert!(inland.choose(&service).is_err());
    service.self_hosted = true;
    assert_eq!(inland.choose(&service), Ok(None));
}
