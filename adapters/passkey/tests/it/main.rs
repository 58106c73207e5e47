//! Passkeys against a software authenticator that also misbehaves.
#![expect(clippy::unwrap_used, reason = "a failure here is the report of a broken test")]

use mentalspace_passkey::testing::Device;
use mentalspace_passkey::{Owner, Passkey, PasskeyError, RelyingParty};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

const ORIGIN: &str = "https://practice.example";
const OWNER: Uuid = Uuid::from_u128(7);

fn site() -> RelyingParty {
    RelyingParty::new(ORIGIN, "Harbor Lights").unwrap()
}

fn owner() -> Owner<'static> {
    Owner { id: OWNER, login: "jon@example.org", name: "Jon Smith" }
}

/// What a store makes of a value.
fn stored<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_value(serde_json::to_value(value).unwrap()).unwrap()
}

fn register(device: &mut Device) -> Passkey {
    let (options, state) = site().start_registration(&owner(), &[]).unwrap();
    stored(&site().finish_registration(&stored(&state), &device.create(ORIGIN, &options)).unwrap())
}

fn confirm(device: &mut Device, passkey: &mut Passkey) -> Result<(), PasskeyError> {
    let (options, state) = site().start_authentication(std::slice::from_ref(passkey)).unwrap();
    site().finish_authentication(&stored(&state), &device.get(ORIGIN, &options), passkey)
}

#[test]
fn a_passkey_is_added_and_confirms_its_owner() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    assert_eq!(passkey.sign_count(), 1);
    confirm(&mut device, &mut passkey).unwrap();
    assert_eq!(passkey.sign_count(), 2);
    assert!(!passkey.is_synced() && !passkey.is_backed_up());
    assert_eq!(format!("{passkey:?}"), "Passkey(..)");
}

#[test]
fn a_passkey_signs_in_without_a_name() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    let (options, state) = site().start_discovery().unwrap();
    assert!(options.get("mediation").is_none());
    assert_eq!(options["publicKey"]["allowCredentials"], Value::Array(Vec::new()));
    let answer = device.get(ORIGIN, &options);
    let found = site().whose(&answer).unwrap();
    assert_eq!((found.owner, found.credential), (OWNER, passkey.id()));
    site().finish_discovery(stored(&state), &answer, &mut passkey).unwrap();
}

/// NIST SP 800-63B-4 §2.2.2, §3.2.5.
#[test]
fn the_options_ask_for_verification_and_exclude_what_is_there() {
    let mut device = Device::new([1; 32]);
    let passkey = register(&mut device);
    let (options, _) = site().start_registration(&owner(), std::slice::from_ref(&passkey)).unwrap();
    let options = &options["publicKey"];
    assert_eq!(options["rp"]["id"], "practice.example");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["excludeCredentials"][0]["id"], passkey.id());
    assert_eq!(options["timeout"], 300_000);
    // 32 bytes, in base64url without padding.
    assert_eq!(options["challenge"].as_str().unwrap().len(), 43);
    let (options, _) = site().start_authentication(&[passkey]).unwrap();
    assert_eq!(options["publicKey"]["userVerification"], "required");
}

#[test]
fn an_answer_to_another_challenge_is_refused() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    let (first, _) = site().start_authentication(std::slice::from_ref(&passkey)).unwrap();
    let (second, state) = site().start_authentication(std::slice::from_ref(&passkey)).unwrap();
    assert_ne!(first["publicKey"]["challenge"], second["publicKey"]["challenge"]);
    let stale = device.get(ORIGIN, &first);
    assert_eq!(site().finish_authentication(&state, &stale, &mut passkey), Err(PasskeyError::Refused));

    let (options, _) = site().start_registration(&owner(), &[]).unwrap();
    let (_, other) = site().start_registration(&owner(), &[]).unwrap();
    let answer = device.create(ORIGIN, &options);
    assert_eq!(site().finish_registration(&other, &answer).unwrap_err(), PasskeyError::Refused);
}

#[test]
fn an_answer_from_another_site_is_refused() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    for origin in ["https://practice.example.evil.test", "http://practice.example", "https://practice.example:8443"] {
        let (options, state) = site().start_authentication(std::slice::from_ref(&passkey)).unwrap();
        let answer = device.get(origin, &options);
        let refused = site().finish_authentication(&state, &answer, &mut passkey);
        assert_eq!(refused, Err(PasskeyError::Refused), "{origin}");
        let (options, state) = site().start_registration(&owner(), &[]).unwrap();
        let answer = Device::new([2; 32]).create(origin, &options);
        assert_eq!(site().finish_registration(&state, &answer).unwrap_err(), PasskeyError::Refused, "{origin}");
    }
    let mut elsewhere = device.of_site("evil.test");
    assert_eq!(confirm(&mut elsewhere, &mut passkey), Err(PasskeyError::Refused));
}

#[test]
fn a_device_that_does_not_verify_its_user_is_refused() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    device.verifies_user = false;
    assert_eq!(confirm(&mut device, &mut passkey), Err(PasskeyError::Refused));
    let (options, state) = site().start_registration(&owner(), &[]).unwrap();
    let answer = device.create(ORIGIN, &options);
    assert_eq!(site().finish_registration(&state, &answer).unwrap_err(), PasskeyError::Refused);
}

#[test]
fn a_copy_betrays_itself_by_its_counter() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    let mut copy = device.clone();
    confirm(&mut device, &mut passkey).unwrap();
    assert_eq!(confirm(&mut copy, &mut passkey), Err(PasskeyError::Copied));
    confirm(&mut device, &mut passkey).unwrap();
}

#[test]
fn a_device_without_a_counter_is_accepted() {
    let mut device = Device::new([1; 32]);
    (device.counter, device.synced) = (None, true);
    let mut passkey = register(&mut device);
    for _ in 0..3 {
        confirm(&mut device, &mut passkey).unwrap();
    }
    assert_eq!(passkey.sign_count(), 0);
    assert!(passkey.is_synced() && passkey.is_backed_up());
}

#[test]
fn a_strangers_passkey_and_a_forged_signature_are_refused() {
    let mut device = Device::new([1; 32]);
    let mut passkey = register(&mut device);
    let (options, state) = site().start_authentication(std::slice::from_ref(&passkey)).unwrap();
    let mut stranger = Device::new([2; 32]);
    register(&mut stranger);
    let answer = stranger.get(ORIGIN, &options);
    assert_eq!(site().finish_authentication(&state, &answer, &mut passkey), Err(PasskeyError::Refused));

    let mut forged: Value = serde_json::from_str(&stranger.get(ORIGIN, &options)).unwrap();
    forged["id"] = passkey.id().into();
    forged["rawId"] = passkey.id().into();
    let refused = site().finish_authentication(&state, &forged.to_string(), &mut passkey);
    assert_eq!(refused, Err(PasskeyError::Refused));
}

#[test]
fn only_encrypted_names_and_localhost_carry_passkeys() {
    for origin in ["https://practice.example", "https://practice.example:8443", "http://localhost:8080"] {
        assert_eq!(RelyingParty::new(origin, "x").unwrap().origin(), origin);
    }
    for origin in [
        "",
        "practice.example",
        "http://practice.example",
        "https://127.0.0.1",
        "http://127.0.0.1:8080",
        "https://practice.example/path",
        "https://user@practice.example",
        "ftp://practice.example",
    ] {
        assert_eq!(RelyingParty::new(origin, "x").unwrap_err(), PasskeyError::Origin, "{origin}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_browser_sends_is_refused_in_order(place in 0_usize..800, byte in any::<u8>(), cut in any::<bool>()) {
        let mut device = Device::new([1; 32]);
        let (options, state) = site().start_registration(&owner(), &[]).unwrap();
        let mut answer = device.create(ORIGIN, &options).into_bytes();
        let place = place % answer.len();
        if cut { answer.truncate(place) } else { answer[place] = byte }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        // Without attestation the key itself is the device's word: some changes make another key, none may panic.
        let _ = site().finish_registration(&state, &answer);
        let _ = site().whose(&answer);
    }

    #[test]
    fn no_changed_signature_is_accepted(place in 0_usize..400, flip in 1_u8..=255) {
        let mut device = Device::new([1; 32]);
        let mut passkey = register(&mut device);
        let (options, state) = site().start_authentication(std::slice::from_ref(&passkey)).unwrap();
        let mut answer: Value = serde_json::from_str(&device.get(ORIGIN, &options)).unwrap();
        for part in ["authenticatorData", "clientDataJSON", "signature"] {
            use base64::Engine as _;
            let base = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let before = answer["response"][part].clone();
            let mut bytes = base.decode(before.as_str().unwrap()).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= flip;
            answer["response"][part] = base.encode(bytes).into();
            prop_assert!(site().finish_authentication(&state, &answer.to_string(), &mut passkey).is_err());
            answer["response"][part] = before;
        }
        prop_assert!(site().finish_authentication(&state, &answer.to_string(), &mut passkey).is_ok());
    }
}

#[test]
fn long_answers_are_not_read() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(65 * 1024));
    assert_eq!(site().whose(&long), Err(PasskeyError::Malformed));
}
