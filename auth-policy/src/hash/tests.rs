use serde_json::Value;

use super::{Bounds, HashError, HashParams, Hasher, PhcString, Verified, tag};
use crate::password::NormalizedPassword;
use crate::pepper::Peppers;
use crate::vectors;

/// RFC 9106 §5.3, argon2id.
#[test]
fn argon2id_with_secret_and_data_is_that_of_rfc_9106() {
    let hash: PhcString = "$argon2id$v=19$m=32,t=3,p=4,data=BAQEBAQEBAQEBAQE$AgICAgICAgICAgICAgICAg\
        $DWQN9Y14dmwIwDejSotTydAe8EUtdbZetSUg6WsB5lk"
        .parse()
        .unwrap();
    assert_eq!(*tag(&[1; 32], &hash, Some(&[3; 8])).unwrap(), *hash.tag());
    assert_ne!(*tag(&[1; 32], &hash, Some(&[4; 8])).unwrap(), *hash.tag());
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().as_bytes();
    text.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

fn generous() -> Hasher {
    let bounds = Bounds { max_m_kib: 262_144, ..Bounds::default() };
    Hasher::new(HashParams::DEFAULT, Peppers::none()).with_bounds(bounds)
}

fn matches(phc: &str, password: &str) -> bool {
    let password = NormalizedPassword::attempt(&password.into()).unwrap();
    let stored: PhcString = phc.parse().unwrap();
    generous().verify(&password, &stored).unwrap() != Verified::Mismatch
}

/// Above this the machine of a developer would notice; the algorithm is the same.
fn is_huge(phc: &str) -> bool {
    phc.parse::<PhcString>().unwrap().params().m_kib() >= 262_144
}

#[test]
fn hashes_are_those_of_the_published_vector_file() {
    vectors::run("argon2/argon2.json", |text| {
        let all: Value = serde_json::from_str(text).unwrap();
        known_answers(&all) + reference(&all) + stored(&all) + refused(&all)
    });
}

fn known_answers(all: &Value) -> usize {
    let cases = all["known_answers"].as_array().unwrap();
    for case in cases {
        let base64 = |name| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(hex(&case[name]))
        };
        let hash: PhcString = format!(
            "${}$v={}$m={},t={},p={},data={}${}${}",
            case["variant"].as_str().unwrap(),
            case["version"],
            case["m_kib"],
            case["t"],
            case["p"],
            base64("ad_hex"),
            base64("salt_hex"),
            base64("tag_hex")
        )
        .parse()
        .unwrap();
        let found = tag(&hex(&case["password_hex"]), &hash, Some(&hex(&case["secret_hex"])));
        assert_eq!(*found.unwrap(), *hash.tag(), "{}", case["name"]);
    }
    cases.len()
}

fn reference(all: &Value) -> usize {
    let mut compared = 0;
    for case in all["reference"].as_array().unwrap() {
        let phc = case["phc"].as_str().unwrap();
        if is_huge(phc) {
            continue;
        }
        let password = case["password"].as_str().unwrap();
        assert!(matches(phc, password), "{}", case["name"]);
        assert_eq!(phc.parse::<PhcString>().unwrap().expose(), phc);
        if let Some(phc) = case["phc_without_version"].as_str() {
            assert!(matches(phc, password), "{} without version", case["name"]);
        }
        compared += 1;
    }
    compared
}

fn stored(all: &Value) -> usize {
    let mut compared = 0;
    for phc in texts(&all["phc_for_password"]["phc"]).filter(|phc| !is_huge(phc)) {
        if let Some(id) = phc.parse::<PhcString>().unwrap().key_id() {
            // The reference ignores the key id; here it names a pepper, which is not configured.
            let password = NormalizedPassword::attempt(&"password".into()).unwrap();
            let refused = generous().verify(&password, &phc.parse().unwrap());
            assert_eq!(refused, Err(HashError::UnknownPepper(id.clone())));
        } else {
            assert!(matches(phc, "password"), "{phc}");
            assert!(!matches(phc, "sassword"), "{phc}");
        }
        compared += 1;
    }
    for case in all["phc_must_not_verify"].as_array().unwrap() {
        let phc = case["phc"].as_str().unwrap();
        assert!(!matches(phc, case["password"].as_str().unwrap()), "{phc}");
        compared += 1;
    }
    compared
}

fn refused(all: &Value) -> usize {
    let cases = all["phc_must_be_refused"].as_array().unwrap();
    for case in cases {
        let parsed = case["phc"].as_str().unwrap().parse::<PhcString>();
        assert!(parsed.is_err(), "{}", case["name"]);
    }
    cases.len()
}
