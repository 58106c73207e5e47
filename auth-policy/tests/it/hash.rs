use mentalspace_auth_policy::hash::{Bounds, HashError, HashParams, Hasher, PhcError, PhcString, Verified};
use mentalspace_auth_policy::password::NormalizedPassword;
use mentalspace_auth_policy::pepper::{KeyId, Peppers};
use proptest::prelude::*;

use crate::peppers::pepper;
use crate::through_json;

const CHEAP: (u32, u32, u32) = (64, 1, 1);

fn cheap() -> HashParams {
    HashParams::new(CHEAP.0, CHEAP.1, CHEAP.2).unwrap()
}

fn password(text: &str) -> NormalizedPassword {
    NormalizedPassword::attempt(&text.into()).unwrap()
}

fn matched(needs_rehash: bool) -> Result<Verified, HashError> {
    Ok(Verified::Match { needs_rehash })
}

#[test]
fn the_default_costs_are_written_into_the_hash() {
    let hasher = Hasher::new(HashParams::DEFAULT, Peppers::none());
    let right = password("four walnuts under a lamp");
    let stored = hasher.hash(&right, [1; 16]).unwrap();
    let text = stored.expose();
    assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$"), "{text}");
    assert_eq!(hasher.verify(&right, &stored), matched(false));
    assert_eq!(hasher.verify(&password("four walnuts under a lamq"), &stored), Ok(Verified::Mismatch));
}

/// PW-9: verified whole; bcrypt would stop at 72 bytes.
#[test]
fn the_last_of_many_characters_matters() {
    let hasher = Hasher::new(cheap(), Peppers::none());
    let long = "k".repeat(511);
    let stored = hasher.hash(&password(&format!("{long}a")), [1; 16]).unwrap();
    assert_eq!(hasher.verify(&password(&format!("{long}b")), &stored), Ok(Verified::Mismatch));
}

/// PW-21.
#[test]
fn the_same_password_with_another_salt_is_another_hash() {
    let hasher = Hasher::new(cheap(), Peppers::none());
    let same = password("four walnuts");
    assert_ne!(hasher.hash(&same, [1; 16]), hasher.hash(&same, [2; 16]));
}

/// PW-22.
#[test]
fn a_peppered_hash_names_its_pepper_and_needs_it() {
    let right = password("four walnuts");
    let hasher = Hasher::new(cheap(), Peppers::new(pepper(b"2026")));
    let stored = hasher.hash(&right, [1; 16]).unwrap();
    assert!(stored.expose().contains(",keyid=MjAyNg$"));
    assert_eq!(hasher.verify(&right, &stored), matched(false));

    let without = Hasher::new(cheap(), Peppers::none());
    let missing = KeyId::new(b"2026").unwrap();
    assert_eq!(without.verify(&right, &stored), Err(HashError::UnknownPepper(missing)));
    let stolen: PhcString = stored.expose().replace(",keyid=MjAyNg", "").parse().unwrap();
    assert_eq!(without.verify(&right, &stolen), Ok(Verified::Mismatch));
}

#[test]
fn a_hash_of_other_making_is_to_be_replaced() {
    let right = password("four walnuts");
    let old = Hasher::new(cheap(), Peppers::new(pepper(b"a"))).hash(&right, [1; 16]).unwrap();
    let plain = Hasher::new(cheap(), Peppers::none()).hash(&right, [1; 16]).unwrap();
    let costlier = HashParams::new(128, 1, 1).unwrap();
    let peppers = Peppers::new(pepper(b"b")).with_retired(pepper(b"a"));

    assert_eq!(Hasher::new(cheap(), peppers.clone()).verify(&right, &old), matched(true));
    assert_eq!(Hasher::new(cheap(), peppers).verify(&right, &plain), matched(true));
    assert_eq!(Hasher::new(costlier, Peppers::none()).verify(&right, &plain), matched(true));
    assert_eq!(Hasher::new(cheap(), Peppers::none()).verify(&right, &plain), matched(false));
}

/// Section 7.1: unknown users take the same work as known ones.
#[test]
fn the_hash_for_unknown_users_costs_the_same_and_never_matches() {
    let hasher = Hasher::new(cheap(), Peppers::new(pepper(b"2026")));
    let real = hasher.hash(&password("four walnuts"), [1; 16]).unwrap();
    let dummy = hasher.dummy();
    assert_eq!(dummy.params(), real.params());
    assert_eq!(dummy.key_id(), real.key_id());
    assert_eq!(dummy.expose().len(), real.expose().len());
    for text in ["", "four walnuts"] {
        assert_eq!(hasher.verify(&password(text), &dummy), Ok(Verified::Mismatch));
    }
}

/// Section 7.1: costs from storage are bounded before any work.
#[test]
fn costs_above_the_bounds_are_refused_before_hashing() {
    let hasher = Hasher::new(cheap(), Peppers::none());
    for (name, params) in [("m", "m=4294967295,t=1,p=1"), ("t", "m=64,t=4294967295,p=1"), ("p", "m=4096,t=1,p=255")] {
        let text = format!("$argon2id$v=19${params}$AQEBAQEBAQEBAQEBAQEBAQ$AAAAAAAAAAAAAAAAAAAAAA");
        let stored: PhcString = text.parse().unwrap();
        match hasher.verify(&password("x"), &stored) {
            Err(HashError::OverBounds { name: found, .. }) => assert_eq!(found, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    let tight = Bounds { max_m_kib: 63, ..Bounds::default() };
    let stored = hasher.dummy();
    assert!(hasher.with_bounds(tight).verify(&password("x"), &stored).is_err());
}

#[test]
fn impossible_costs_are_refused() {
    for (m_kib, t, p) in [(7, 1, 1), (64, 0, 1), (64, 1, 0), (63, 1, 8), (u32::MAX, 1, 256)] {
        let refused = HashParams::new(m_kib, t, p);
        assert_eq!(refused, Err(HashError::ImpossibleParams { m_kib, t, p }));
    }
    assert!(serde_json::from_str::<HashParams>(r#"{"m_kib":7,"t":1,"p":1}"#).is_err());
    assert_eq!(through_json(&HashParams::DEFAULT), HashParams::DEFAULT);
}

#[test]
fn malformed_hashes_are_refused_by_part() {
    let parse = |text: &str| text.parse::<PhcString>().unwrap_err();
    let tag = "AAAAAAAAAAAAAAAAAAAAAA";
    for text in ["", "$", "argon2id", "x$argon2id$v=19$m=8,t=1,p=1$a$b"] {
        assert_eq!(parse(text), PhcError::Shape, "{text}");
    }
    assert_eq!(parse(&"$".repeat(513)), PhcError::Shape);
    let without_tag = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ";
    assert_eq!(parse(without_tag), PhcError::Parameter("of unknown name"));
    assert_eq!(parse(&format!("$scrypt$v=19$m=64,t=1,p=1$c29tZXNhbHQ${tag}")), PhcError::Scheme);
    assert_eq!(parse(&format!("$argon2id$v=42$m=64,t=1,p=1$c29tZXNhbHQ${tag}")), PhcError::Version);
    for (name, params) in [
        ("m", "t=1,p=1"),
        ("t", "m=64,p=1"),
        ("p", "m=64,t=1"),
        ("m", "m=64,m=64,t=1,p=1"),
        ("m", "m=+64,t=1,p=1"),
        ("m", "m=064,t=1,p=1"),
        ("m", "m=4294967296,t=1,p=1"),
        ("t", "m=64,t=0,p=1"),
        ("p", "m=64000,t=1,p=256"),
        ("keyid", "m=64,t=1,p=1,keyid="),
        ("keyid", "m=64,t=1,p=1,keyid=dummy"),
        ("data", "m=64,t=1,p=1,data=dummy"),
        ("of unknown name", "m=64,t=1,p=1,x=1"),
    ] {
        let text = format!("$argon2id$v=19${params}$c29tZXNhbHQ${tag}");
        assert_eq!(parse(&text), PhcError::Parameter(name), "{params}");
    }
    assert_eq!(parse(&format!("$argon2id$v=19$m=64,t=1,p=1$c2hvcnQ${tag}")), PhcError::Salt);
    assert_eq!(parse("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$c2hvcnQ"), PhcError::Tag);
}

#[test]
fn a_hash_shows_its_costs_only() {
    let shown = format!("{:?}", Hasher::new(cheap(), Peppers::none()).dummy());
    assert!(!shown.contains("AAAA"), "{shown}");
    assert!(shown.contains("64"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(
        m in 2040_u32.., t in 1_u32.., p in 1_u32..=255, id in proptest::option::of("[A-Za-z0-9+/]{4}"),
        salt in "([A-Za-z0-9+/]{4}){3,21}", tag in "([A-Za-z0-9+/]{4}){6,21}",
    ) {
        let id = id.map(|id| format!(",keyid={id}")).unwrap_or_default();
        let text = format!("$argon2id$v=19$m={m},t={t},p={p}{id}${salt}${tag}");
        let parsed: PhcString = text.parse().unwrap();
        prop_assert_eq!(parsed.expose(), text);
        prop_assert_eq!(through_json(&parsed), parsed);
    }

    #[test]
    fn any_text_is_parsed_without_panic(text in r"\$?(argon2(id|i|d))?(\$|[mtpv]=|,|[0-9]{1,12}|.){0,40}") {
        if let Ok(parsed) = text.parse::<PhcString>() {
            prop_assert_eq!(parsed.expose().parse(), Ok(parsed));
        }
    }
}
