use mentalspace_auth_policy::device::{
    Drift, DriftRules, Response, Sighting, TrustPolicy, TrustRules, agent_family, device_id, network_prefix,
};
use mentalspace_auth_policy::mfa::Requirement;
use mentalspace_auth_policy::token::Token;
use proptest::prelude::*;
use uuid::Uuid;

use crate::session::here;
use crate::{at, json, through_json};

const DAY: i64 = 86_400;

#[test]
fn a_browser_is_named_without_its_version() {
    let named = |agent: &str| agent_family(agent).unwrap_or_default();
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    assert_eq!(named(firefox), "Firefox on Linux");
    assert_eq!(named(&firefox.replace("140", "141")), named(firefox));
    let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    assert_eq!(named(chrome), "Chrome on Windows");
    assert_eq!(named(&format!("{chrome} Edg/131.0.0.0")), "Edge on Windows");
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
    assert_eq!(named(iphone), "Safari on iPhone");
    assert_eq!(named("curl/8.5.0"), "curl");
    assert_eq!(agent_family(""), None);
    assert_eq!(agent_family("<script>"), None);
    assert!(named(&"x".repeat(1_000_000)).len() <= 40);
}

#[test]
fn a_network_is_coarse() {
    let named = |address: &str| network_prefix(address.parse().unwrap());
    assert_eq!(named("203.0.113.77"), "203.0.113.0/24");
    assert_eq!(named("::ffff:203.0.113.77"), "203.0.113.0/24");
    assert_eq!(named("2001:db8:12:3456::1"), "2001:db8:12::/48");
}

#[test]
fn a_device_is_another_one_for_another_person() {
    let token = |n| Token::from_random([n; 32]).hash();
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(device_id(token(1), one), device_id(token(1), one));
    assert_ne!(device_id(token(1), one), device_id(token(1), two));
    assert_ne!(device_id(token(1), one), device_id(token(2), one));
}

#[test]
fn what_was_not_known_cannot_differ() {
    assert_eq!(Sighting::default().drift(&here()), Drift::default());
    let hidden = Sighting { network: None, ..here() };
    assert_eq!(here().drift(&hidden), Drift::default());
    let gone = Sighting { device: None, agent: None, ..here() };
    assert_eq!(here().drift(&gone), Drift { device: true, agent: true, network: false });
}

/// Every combination of signals under the standard rules.
#[test]
fn another_network_is_tolerated_another_device_confirms_and_both_signs_of_theft_end() {
    let rules = DriftRules::standard();
    let judged = |device, agent, network| rules.judge(Drift { device, agent, network });
    for network in [false, true] {
        assert_eq!(judged(false, false, network), Response::Tolerate);
        assert_eq!(judged(true, false, network), Response::StepUp);
        assert_eq!(judged(false, true, network), Response::StepUp);
        assert_eq!(judged(true, true, network), Response::End);
    }
}

/// SE-4: a documented departure, off by default.
#[test]
fn trusting_devices_is_reported_as_a_departure() {
    assert!(TrustPolicy::never().conformance().is_empty());
    let report = TrustPolicy::thirty_days().conformance();
    assert_eq!(report.iter().map(|breach| (breach.id, breach.section)).collect::<Vec<_>>(), [("SE-4", "5.1")]);
    let mut rules: TrustRules = TrustPolicy::thirty_days().into();
    rules.days = 31;
    assert!(TrustPolicy::new(rules).is_err());
    assert_eq!(through_json(&TrustPolicy::thirty_days()), TrustPolicy::thirty_days());
    assert!(json(&TrustPolicy::never()).contains("\"days\": 0"));
}

#[test]
fn a_trusted_device_stands_in_for_thirty_days_until_a_credential_changes() {
    let policy = TrustPolicy::thirty_days();
    let trusted = policy.trust(at(0));
    let skips =
        |requirement, changed, now| policy.skips(Some(&trusted), ["clinician"], requirement, at(changed), at(now));
    assert!(skips(Requirement::Optional, -1, 0));
    assert!(skips(Requirement::Optional, -1, 30 * DAY - 1));
    assert!(!skips(Requirement::Optional, -1, 30 * DAY));
    assert!(!skips(Requirement::Optional, 1, 2), "the password was changed since");
    assert!(skips(Requirement::GraceUntil(at(DAY)), -1, 0));
    assert!(!skips(Requirement::Required, -1, 0), "what is required is never left out");
    assert!(!policy.skips(None, ["clinician"], Requirement::Optional, at(-1), at(0)));
    assert!(!TrustPolicy::never().skips(Some(&trusted), ["clinician"], Requirement::Optional, at(-1), at(0)));
}

#[test]
fn administrators_trust_no_device_unless_allowed() {
    let policy = TrustPolicy::thirty_days();
    assert!(!policy.offers(["clinician", "administrator"], Requirement::Optional));
    let mut rules: TrustRules = policy.into();
    rules.administrators = true;
    assert!(TrustPolicy::new(rules).unwrap().offers(["administrator"], Requirement::Optional));
}

/// A policy that was tightened shortens the trust already given.
#[test]
fn fewer_days_hold_at_once() {
    let trusted = TrustPolicy::thirty_days().trust(at(0));
    let mut rules: TrustRules = TrustPolicy::thirty_days().into();
    rules.days = 1;
    let tight = TrustPolicy::new(rules).unwrap();
    assert!(!tight.skips(Some(&trusted), ["billing"], Requirement::Optional, at(-1), at(DAY)));
}

proptest! {
    #[test]
    fn any_user_agent_is_named_in_few_plain_letters(agent in "\\PC{0,200}") {
        if let Some(name) = agent_family(&agent) {
            prop_assert!(name.len() <= 60);
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || " .-_".contains(c)), "{}", name);
        }
    }
}
