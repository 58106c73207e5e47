use chrono::{Months, TimeDelta};
use mentalspace_core::store::Document;
use mentalspace_telehealth_port::ConsentId;
use mentalspace_telehealth_port::consent::{
    ConsentStatus, ConsentText, ConsentTextId, DEFAULT_VALIDITY, Setting, Sha256Hex, Signature, Signer, Signing,
    TelehealthConsent,
};
use uuid::Uuid;

use crate::fixture::{PERSONAL, client_id, consent_by, location, start};

#[test]
fn a_consent_holds_for_twelve_months_and_not_an_instant_longer() {
    let consent = consent_by(Signer::Client, 1);
    let signed = consent.signed_at();
    let end = signed.checked_add_months(DEFAULT_VALIDITY).unwrap();
    assert_eq!(consent.status(signed - TimeDelta::microseconds(1)), ConsentStatus::NotYet);
    assert_eq!(consent.status(signed), ConsentStatus::Valid);
    assert_eq!(consent.status(end - TimeDelta::microseconds(1)), ConsentStatus::Valid);
    assert_eq!(consent.status(end), ConsentStatus::Expired);
}

#[test]
fn a_consent_taken_back_held_until_then() {
    let consent = consent_by(Signer::Client, 1).revoke(start());
    assert_eq!(consent.status(start() - TimeDelta::seconds(1)), ConsentStatus::Valid);
    assert_eq!(consent.status(start()), ConsentStatus::Revoked);
}

#[test]
fn taking_back_twice_keeps_the_first_time() {
    let once = consent_by(Signer::Client, 1).revoke(start());
    assert_eq!(once.clone().revoke(start() + TimeDelta::days(1)), once);
}

#[test]
fn another_wording_is_another_text() {
    let id = ConsentTextId::parse("telehealth").unwrap();
    let text = ConsentText::of(id.clone(), 1, "I agree.");
    assert_ne!(text.sha256, ConsentText::of(id, 1, "I agree!").sha256);
    // FIPS 180-4, empty message.
    assert_eq!(Sha256Hex::of(b"").as_str(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert!(serde_json::from_str::<Sha256Hex>("\"E3B0\"").is_err());
}

#[test]
fn a_signature_needs_a_name_and_a_term() {
    let sign = |name: &str, months| {
        let text = ConsentText::of(ConsentTextId::parse("t").unwrap(), 1, "");
        let name = name.to_owned().into();
        let signature = Signature { signer: Signer::Client, name, signing: Signing::Paper, at: start() };
        TelehealthConsent::sign(ConsentId::from_uuid(Uuid::nil()), client_id(1), text, signature, Months::new(months))
    };
    assert!(sign("A", 1).is_ok());
    assert!(sign("  ", 1).is_err());
    assert!(sign(&"x".repeat(201), 1).is_err());
    assert!(sign("A", 0).is_err());
    assert!(sign("A", u32::MAX).is_err());
}

#[test]
fn consent_and_location_are_silent_and_survive_the_store() {
    let consent = consent_by(Signer::Guardian, 1);
    let place = location(start());
    let shown = format!("{consent:?} {place:?}");
    assert!(PERSONAL.iter().all(|text| !shown.contains(text)), "{shown}");
    assert_eq!(serde_json::from_str::<TelehealthConsent>(&serde_json::to_string(&consent).unwrap()).unwrap(), consent);
    assert_eq!(Document::client(&consent), Some(client_id(1)));
}

#[test]
fn home_is_10_and_anywhere_else_02() {
    assert_eq!(Setting::Home.place_of_service().as_str(), "10");
    assert_eq!(Setting::Elsewhere.place_of_service().as_str(), "02");
}
