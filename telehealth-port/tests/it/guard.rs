use chrono::TimeDelta;
use mentalspace_core::UsState;
use mentalspace_telehealth_port::consent::Signer;
use mentalspace_telehealth_port::guard::{
    AdmissionFacts, AdmissionPolicy, EmergencyContact, Guard, Override, Refusal, Subject,
};
use mentalspace_telehealth_port::provider::ProviderId;

use crate::fixture::{Practice, client_id, consent_by, location, start};

fn check(practice: &Practice) -> Vec<Refusal> {
    let place = location(start());
    check_with(practice, |subject| Subject { location: Some(&place), ..subject })
}

fn check_with<'a>(practice: &Practice, change: impl FnOnce(Subject<'a>) -> Subject<'a>) -> Vec<Refusal> {
    let provider = ProviderId::parse("scripted").unwrap();
    let subject = change(Subject {
        client: Some(client_id(0xA1)),
        location: None,
        occupied: 1,
        capacity: 2,
        provider: Box::leak(Box::new(provider)),
    });
    practice.policy.check(&subject, &practice.facts(), start())
}

#[test]
fn a_complete_record_is_let_in() {
    assert_eq!(check(&Practice::new()), []);
}

#[test]
fn consent_must_hold_for_this_client_under_an_accepted_wording() {
    let mut practice = Practice::new();
    practice.consent = None;
    assert_eq!(check(&practice), [Refusal::ConsentMissing]);
    practice.consent = Some(consent_by(Signer::Client, 0xBAD));
    assert_eq!(check(&practice), [Refusal::ConsentMissing]);
    practice.consent = Some(consent_by(Signer::Client, 0xA1).revoke(start()));
    assert_eq!(check(&practice), [Refusal::ConsentRevoked]);
    practice.consent = Some(consent_by(Signer::Client, 0xA1));
    practice.policy.min_consent_version = 3;
    assert_eq!(check(&practice), [Refusal::ConsentOutdated]);
    let place = location(start() + TimeDelta::days(365));
    let subject = Subject {
        client: Some(client_id(0xA1)),
        location: Some(&place),
        occupied: 0,
        capacity: 1,
        provider: &ProviderId::parse("scripted").unwrap(),
    };
    let refused = AdmissionPolicy::default().check(&subject, &practice.facts(), place.at);
    assert_eq!(refused, [Refusal::ConsentExpired]);
}

#[test]
fn a_minor_needs_a_consent_signed_by_a_guardian() {
    let mut practice = Practice { minor: true, ..Practice::new() };
    assert_eq!(check(&practice), [Refusal::GuardianConsentMissing]);
    practice.guardian_consent = Some(consent_by(Signer::Client, 0xA1));
    assert_eq!(check(&practice), [Refusal::GuardianConsentMissing]);
    practice.guardian_consent = Some(consent_by(Signer::Guardian, 0xA1));
    assert_eq!(check(&practice), []);
}

#[test]
fn the_place_must_be_known_and_recent() {
    let practice = Practice::new();
    let refused = check_with(&practice, |subject| subject);
    assert_eq!(refused, [Refusal::LocationMissing, Refusal::LicenceUnknown]);
    for (offset, stale) in [(-12 * 60, false), (-12 * 60 - 1, true), (1, true)] {
        let place = location(start() + TimeDelta::minutes(offset));
        let refused = check_with(&practice, |subject| Subject { location: Some(&place), ..subject });
        assert_eq!(refused == [Refusal::LocationStale], stale, "{offset}: {refused:?}");
    }
}

#[test]
fn a_licence_must_cover_the_state_on_the_day() {
    let mut practice = Practice::new();
    let state = UsState::parse("NY").unwrap();
    practice.licences[0].until = Some(start().date_naive());
    assert_eq!(check(&practice), []);
    practice.licences[0].until = start().date_naive().pred_opt();
    assert_eq!(check(&practice), [Refusal::NotLicensed { state: state.clone() }]);
    practice.licences[0].until = None;
    practice.licences[0].state = UsState::parse("NJ").unwrap();
    assert_eq!(check(&practice), [Refusal::NotLicensed { state }]);
}

#[test]
fn contact_seat_and_agreement_are_demanded() {
    let practice = Practice { emergency_contact: EmergencyContact::Missing, ..Practice::new() };
    assert_eq!(check(&practice), [Refusal::EmergencyContactMissing]);
    let place = location(start());
    let full = check_with(&Practice::new(), |s| Subject { location: Some(&place), occupied: 2, ..s });
    assert_eq!(full, [Refusal::Full { capacity: 2 }]);
    let mut practice = Practice { agreement: None, ..Practice::new() };
    assert_eq!(check(&practice), [Refusal::NoAgreement]);
    practice.agreement = Practice::new().agreement;
    practice.agreement.as_mut().unwrap().provider = ProviderId::parse("other").unwrap();
    assert_eq!(check(&practice), [Refusal::NoAgreement]);
}

#[test]
fn somebody_who_is_no_client_needs_a_seat_and_an_agreement_only() {
    let practice = Practice { consent: None, licences: vec![], ..Practice::new() };
    assert_eq!(check_with(&practice, |subject| Subject { client: None, ..subject }), []);
}

#[test]
fn every_reason_is_told_at_once_and_in_words() {
    let practice = Practice {
        agreement: None,
        consent: None,
        minor: true,
        emergency_contact: EmergencyContact::Missing,
        ..Practice::new()
    };
    let told: Vec<_> =
        check_with(&practice, |s| Subject { occupied: 2, ..s }).iter().map(ToString::to_string).collect();
    insta::assert_json_snapshot!(told, @r#"
    [
      "telehealth consent is missing",
      "a guardian has not consented for the minor",
      "the client has not confirmed where they are",
      "no licence can be checked without knowing where the client is",
      "no emergency contact is on file",
      "all 2 seats are taken",
      "no business associate agreement covers the video service today"
    ]
    "#);
}

#[test]
fn an_override_lifts_what_the_policy_allows_and_what_it_names() {
    let policy = AdmissionPolicy::default();
    let all = [
        Guard::Consent,
        Guard::GuardianConsent,
        Guard::Location,
        Guard::Licence,
        Guard::EmergencyContact,
        Guard::Capacity,
        Guard::Agreement,
    ];
    let greedy = Override::new(all, "crisis call").unwrap();
    let refusals = vec![
        Refusal::FactsMissing,
        Refusal::ConsentMissing,
        Refusal::LocationMissing,
        Refusal::LicenceUnknown,
        Refusal::EmergencyContactMissing,
        Refusal::Full { capacity: 1 },
        Refusal::NoAgreement,
    ];
    let standing =
        [Refusal::FactsMissing, Refusal::ConsentMissing, Refusal::Full { capacity: 1 }, Refusal::NoAgreement];
    assert_eq!(policy.standing(refusals.clone(), Some(&greedy)), standing);
    assert_eq!(policy.standing(refusals.clone(), None), refusals);
    let narrow = Override::new([Guard::Location], "crisis call").unwrap();
    assert!(policy.standing(refusals.clone(), Some(&narrow)).contains(&Refusal::LicenceUnknown));

    let loose = AdmissionPolicy { overridable: all.into(), ..policy };
    let standing = [Refusal::FactsMissing, Refusal::Full { capacity: 1 }, Refusal::NoAgreement];
    assert_eq!(loose.standing(refusals, Some(&greedy)), standing, "some guards are never overridden");
}

#[test]
fn an_override_needs_a_reason_which_stays_silent() {
    assert!(Override::new([Guard::Licence], " ").is_err());
    assert!(Override::new([], "why").is_err());
    assert!(Override::new([Guard::Licence], "x".repeat(501)).is_err());
    let given = Override::new([Guard::Licence], "she is seeing her sister").unwrap();
    assert!(!format!("{given:?}").contains("sister"));
}

#[test]
fn facts_of_a_client_cannot_be_left_out() {
    let place = location(start());
    let provider = ProviderId::parse("scripted").unwrap();
    let subject = Subject {
        client: Some(client_id(0xA1)),
        location: Some(&place),
        occupied: 0,
        capacity: 1,
        provider: &provider,
    };
    let practice = Practice::new();
    let facts = AdmissionFacts { client: None, ..practice.facts() };
    assert_eq!(practice.policy.check(&subject, &facts, start()), [Refusal::FactsMissing]);
}
