use std::net::IpAddr;

use chrono::TimeDelta;
use mentalspace_auth_policy::throttle::{
    Counts, KnownDevices, NameKey, Refused, Reserved, Signal, Source, SourceCount, SourcePolicy, SourceRules, Throttle,
    ThrottlePolicy, Throttled,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use crate::{at, through_json};

fn throttle() -> ThrottlePolicy {
    ThrottlePolicy::standard()
}

fn sources() -> SourcePolicy {
    SourcePolicy::standard()
}

fn key() -> NameKey {
    NameKey::new([5; 32])
}

fn stranger() -> Counts {
    Counts { pair: Some(<_>::default()), source: Some(SourceCount::default()), ..Counts::default() }
}

fn reserve(counts: &mut Counts, account: &str, seconds: i64) -> Result<Reserved, Refused> {
    counts.reserve(&throttle(), &sources(), key().tag(account), at(seconds))
}

/// One account of its own in front of the same source.
fn next_account(source: Option<SourceCount>) -> Counts {
    Counts { source, ..stranger() }
}

fn of(text: &str) -> String {
    Source::of(text.parse::<IpAddr>().unwrap()).to_string()
}

#[test]
fn a_source_is_one_ipv4_address_or_one_ipv6_subscriber() {
    assert_eq!(of("192.0.2.17"), "192.0.2.17/32");
    assert_eq!(of("::ffff:192.0.2.17"), "192.0.2.17/32", "the same in another spelling");
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert_eq!(of("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
    assert_ne!(of("2001:db8:1:3::"), of("2001:db8:1:2::"));
    assert_ne!(of("192.0.2.18"), of("192.0.2.17"));
}

/// ASVS 6.3.1.
#[test]
fn many_failing_accounts_from_one_source_are_credential_stuffing() {
    let mut source = Some(SourceCount::default());
    for n in 0..15 {
        let mut counts = next_account(source);
        assert_eq!(reserve(&mut counts, &format!("account {n}"), n).unwrap().signals, []);
        source = counts.source;
    }
    let mut counts = next_account(source);
    let last = reserve(&mut counts, "one more", 20).unwrap();
    assert_eq!(last.signals, [Signal::CredentialStuffing { accounts: 16 }]);
    let mut next = next_account(counts.source.clone());
    let until = at(20 + 30 * 60);
    for seconds in [21, 600, 1819] {
        assert_eq!(reserve(&mut next, "yet another", seconds), Err(Refused::Source { until }));
    }
    assert_eq!(next.account, Throttle::new(), "what the source may not do is not counted on the account");
    assert!(reserve(&mut next, "yet another", 1820).is_ok(), "attempts during the wait did not prolong it");
}

#[test]
fn the_same_accounts_over_and_over_or_spread_over_time_are_no_stuffing() {
    let mut source = Some(SourceCount::default());
    for n in 0..40_i64 {
        let mut counts = next_account(source);
        let name = if n % 2 == 0 { format!("account {}", n % 12) } else { format!("of minute {n}") };
        let reserved = reserve(&mut counts, &name, n * 60).unwrap();
        assert!(!reserved.signals.iter().any(|signal| matches!(signal, Signal::CredentialStuffing { .. })), "{n}");
        source = counts.source;
    }
}

#[test]
fn people_who_sign_in_rightly_from_one_address_are_not_kept_out() {
    let mut source = Some(SourceCount::default());
    for n in 0..500 {
        let mut counts = next_account(source);
        let reserved = reserve(&mut counts, &format!("account {n}"), 0).unwrap();
        assert_eq!(counts.succeed(&sources(), &reserved).failed_before, 0);
        source = counts.source;
    }
    assert_eq!(source.unwrap().accounts(), 0);
}

#[test]
fn a_source_that_fails_too_often_waits_and_signing_in_once_buys_nothing() {
    let mut source = Some(SourceCount::default());
    for n in 0..100 {
        let mut counts = next_account(source);
        let reserved = reserve(&mut counts, &format!("account {}", n % 10), 0).unwrap();
        assert_eq!(reserved.signals.contains(&Signal::SourceWaits), n == 99, "{n}");
        source = counts.source;
    }
    let mut own = next_account(source);
    assert_eq!(reserve(&mut own, "their own account", 0), Err(Refused::Source { until: at(9) }));
    let reserved = reserve(&mut own, "their own account", 9).unwrap();
    let _ = own.succeed(&sources(), &reserved);
    assert!(reserve(&mut next_account(own.source.clone()), "account 1", 9).is_ok());
    assert!(own.source.unwrap().waits_until(&sources(), at(9)).is_none());
}

#[test]
fn one_source_on_one_account_gets_ten_attempts_in_a_quarter_of_an_hour() {
    let mut rules: mentalspace_auth_policy::throttle::ThrottleRules = throttle().into();
    rules.wait_from = 100;
    let lenient = ThrottlePolicy::new(rules).unwrap();
    let mut counts = stranger();
    for _ in 0..10 {
        assert!(counts.reserve(&lenient, &sources(), key().tag("a"), at(0)).is_ok());
    }
    let refused = counts.reserve(&lenient, &sources(), key().tag("a"), at(0));
    assert_eq!(refused, Err(Refused::Source { until: at(90) }));
    assert_eq!(counts.account.failures(), 10);
    let mut elsewhere = Counts { account: counts.account.clone(), ..stranger() };
    assert!(elsewhere.reserve(&lenient, &sources(), key().tag("a"), at(0)).is_ok(), "another source is not meant");
    assert!(counts.reserve(&lenient, &sources(), key().tag("a"), at(90)).is_ok());
}

/// ASVS 6.1.1: nobody is locked out on purpose.
#[test]
fn a_known_device_is_let_through_while_strangers_wait() {
    let mut attacker = stranger();
    for _ in 0..5 {
        let _ = reserve(&mut attacker, "victim", 0).unwrap();
    }
    assert!(matches!(reserve(&mut attacker, "victim", 1), Err(Refused::Account(Throttled::Wait { .. }))));
    let mut home = Counts { device: Some(Throttle::new()), ..attacker.clone() };
    let reserved = reserve(&mut home, "victim", 1).unwrap();
    let outcome = home.succeed(&sources(), &reserved);
    assert_eq!((outcome.failed_before, outcome.after_many_failures), (5, true));
    assert_eq!(home.account.failures(), 0);
    assert_eq!(home.pair, attacker.pair, "the source is not counted");
}

#[test]
fn a_known_device_has_a_count_of_its_own_and_is_a_stranger_after_ten_failures() {
    let mut counts = Counts { device: Some(Throttle::new()), ..stranger() };
    let mut now = 0;
    for n in 1..=10 {
        assert!(reserve(&mut counts, "a", now).is_ok(), "{n}");
        now += 3600;
    }
    assert_eq!(counts.account.failures(), 10, "and they count on the account");
    assert_eq!(counts.device.as_ref().unwrap().failures(), 10);
    let source = counts.source.clone();
    let _ = reserve(&mut counts, "a", now + 40_000);
    assert_ne!(counts.source, source, "counted like a stranger's");
}

#[test]
fn a_known_device_waits_for_its_own_failures() {
    let mut counts = Counts { device: Some(Throttle::new()), ..stranger() };
    for _ in 0..5 {
        assert!(reserve(&mut counts, "a", 0).is_ok());
    }
    assert!(matches!(reserve(&mut counts, "a", 1), Err(Refused::Account(Throttled::Wait { .. }))));
}

/// TH-1.
#[test]
fn the_limit_disables_for_known_devices_as_well() {
    let mut rules: mentalspace_auth_policy::throttle::ThrottleRules = throttle().into();
    rules.hard_limit = 6;
    let policy = ThrottlePolicy::new(rules).unwrap();
    let mut counts = stranger();
    let mut now = 0;
    let mut signals = Vec::new();
    for _ in 0..6 {
        signals.extend(counts.reserve(&policy, &sources(), key().tag("a"), at(now)).unwrap().signals);
        now += 3600;
    }
    assert_eq!(signals, [Signal::AccountWaits, Signal::AuthenticatorDisabled]);
    let mut home = Counts { device: Some(Throttle::new()), ..counts };
    let refused = home.reserve(&policy, &sources(), key().tag("a"), at(now));
    assert!(matches!(refused, Err(Refused::Account(Throttled::Disabled { .. }))));
}

#[test]
fn a_device_is_known_for_the_accounts_it_signed_in_to_and_no_others() {
    let devices = KnownDevices::new(key());
    let mut cookie = devices.remember("ada@harbor.example", None, [1; 16]);
    assert!(devices.recognise("ada@harbor.example", cookie.expose_secret()).is_some());
    assert!(devices.recognise("bea@harbor.example", cookie.expose_secret()).is_none());
    assert!(KnownDevices::new(NameKey::new([6; 32])).recognise("ada@harbor.example", cookie.expose_secret()).is_none());
    assert!(!cookie.expose_secret().contains("ada"));
    for n in 2..9 {
        cookie = devices.remember(&format!("{n}@harbor.example"), Some(cookie.expose_secret()), [n; 16]);
    }
    assert!(devices.recognise("ada@harbor.example", cookie.expose_secret()).is_some(), "eight share it");
    cookie = devices.remember("8@harbor.example", Some(cookie.expose_secret()), [20; 16]);
    assert!(devices.recognise("ada@harbor.example", cookie.expose_secret()).is_some(), "an old entry was replaced");
    cookie = devices.remember("9@harbor.example", Some(cookie.expose_secret()), [9; 16]);
    assert!(devices.recognise("ada@harbor.example", cookie.expose_secret()).is_none(), "the oldest went");
    assert!(cookie.expose_secret().len() <= 8 * 44);
}

#[test]
fn a_changed_or_malformed_cookie_is_no_device() {
    let devices = KnownDevices::new(key());
    let cookie = devices.remember("a", None, [1; 16]);
    let text = cookie.expose_secret();
    for at in 0..text.len() {
        let mut changed = text.to_owned().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(devices.recognise("a", &changed).is_none(), "{at}");
    }
    for other in ["", ".", "....", &"A".repeat(43), &"é".repeat(30), &".".repeat(100_000)] {
        assert!(devices.recognise("a", other).is_none());
    }
}

#[test]
fn what_is_counted_of_a_source_names_nobody_and_serialises() {
    let mut counts = stranger();
    let _ = reserve(&mut counts, "ada@harbor.example", 0).unwrap();
    let source = counts.source.unwrap();
    assert_eq!(through_json(&source), source);
    assert!(!serde_json::to_string(&source).unwrap().contains("ada"));
    assert_eq!(source.over_at(&sources()), Some(at(900)));
    assert_eq!(through_json(&sources()), sources());
    assert!(through_json(&counts.pair.unwrap()).waits_until(sources().pair, at(0)).is_none());
}

#[test]
fn impossible_rules_of_sources_are_refused() {
    let refused = |change: fn(&mut SourceRules)| {
        let mut rules: SourceRules = sources().into();
        change(&mut rules);
        SourcePolicy::new(rules).is_err()
    };
    assert!(refused(|rules| rules.accounts = 1));
    assert!(refused(|rules| rules.accounts = 257));
    assert!(refused(|rules| rules.source.failures = 0));
    assert!(refused(|rules| rules.pair.per_secs = 59));
    assert!(refused(|rules| rules.device_limit = 51));
    assert!(refused(|rules| rules.version = 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, no source verifies more than its rate, no account more than the limit, and a refusal leaves
    /// the counts of sources as they were.
    #[test]
    fn limits_hold_for_any_sequence(steps in prop::collection::vec((0_i64..200, 0_usize..6, any::<bool>(), -300_i64..900), 1..300)) {
        let (throttle, sources) = (throttle(), sources());
        let mut accounts: Vec<Counts> = (0..6).map(|_| stranger()).collect();
        let mut source = Some(SourceCount::default());
        let mut verified: Vec<i64> = Vec::new();
        let mut now = 0_i64;
        for (wait, account, right, odd) in steps {
            now += wait;
            if odd < -250 {
                now += odd; // the clock was set back
                verified.clear();
                continue;
            }
            let mut counts = Counts { source: source.take(), ..accounts[account].clone() };
            let before = counts.clone();
            match counts.reserve(&throttle, &sources, key().tag(&account.to_string()), at(now)) {
                Ok(reserved) => {
                    if right {
                        let _ = counts.succeed(&sources, &reserved);
                        prop_assert_eq!(counts.account.failures(), 0);
                    } else {
                        verified.push(now);
                    }
                }
                Err(_) => {
                    prop_assert_eq!(&counts.source, &before.source);
                    prop_assert_eq!(&counts.pair, &before.pair);
                    prop_assert_eq!(counts.account.failures(), before.account.failures());
                }
            }
            let recent = verified.iter().filter(|then| **then > now - TimeDelta::minutes(15).num_seconds()).count();
            prop_assert!(recent <= 200, "{recent}");
            prop_assert!(counts.account.failures() <= 100);
            source = counts.source.take();
            accounts[account] = counts;
        }
    }
}
