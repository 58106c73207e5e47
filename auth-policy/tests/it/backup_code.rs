use mentalspace_auth_policy::backup_code::{BackupCode, BackupCodeError, BackupCodes, CODES, FEW_LEFT};
use mentalspace_auth_policy::pepper::{KeyId, Peppers};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::peppers::pepper;
use crate::{at, json, through_json};

const ACCOUNT: Uuid = Uuid::from_u128(7);

fn random() -> [[u8; 16]; CODES] {
    std::array::from_fn(|n| std::array::from_fn(|i| u8::try_from(31 * n + 7 * i).unwrap_or(9)))
}

fn generate() -> (BackupCodes, Vec<String>) {
    let (set, codes) = BackupCodes::generate(ACCOUNT, &random(), &pepper(b"k1"), at(0));
    let codes = codes.iter().map(|code| code.expose().expose_secret().to_owned()).collect();
    (set, codes)
}

fn peppers() -> Peppers {
    Peppers::new(pepper(b"k1"))
}

/// LU-2.
#[test]
fn each_code_works_once() {
    let (mut set, codes) = generate();
    for (used, code) in (1..).zip(&codes) {
        let redeemed = set.redeem(code, &peppers(), at(1)).unwrap();
        assert_eq!(redeemed.left, CODES - used);
        assert_eq!(redeemed.few_left(), redeemed.left <= 3);
        assert_eq!(set.redeem(code, &peppers(), at(2)), Err(BackupCodeError::AlreadyUsed));
    }
    assert_eq!(set.left(), 0);
    assert_eq!(FEW_LEFT, 3);
}

/// LU-1: at least 112 bits, shown in groups.
#[test]
fn a_code_is_26_characters_in_groups() {
    let (_, codes) = generate();
    assert_eq!(codes.len(), 10);
    assert_eq!(codes[0], "003GW-58W4C-N32E1-Z8S6N-8PV2D4");
    for code in codes {
        assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 26);
    }
}

/// Section 7.3: normalisation.
#[test]
fn typing_is_forgiven_where_it_is_unambiguous() {
    let (set, codes) = generate();
    for spelling in [
        codes[0].to_lowercase(),
        codes[0].replace('-', ""),
        codes[0].replace('-', " "),
        codes[0].replace('0', "O").replace('1', "l"),
        codes[0].replace('0', "o").replace('1', "I"),
        format!(" {} ", codes[0]),
    ] {
        assert!(set.clone().redeem(&spelling, &peppers(), at(1)).is_ok(), "{spelling}");
    }
}

#[test]
fn what_is_not_a_code_is_malformed() {
    let (mut set, codes) = generate();
    let long = "0".repeat(1_000_000);
    let other_spelling = format!("{}K", &codes[0][..codes[0].len() - 1]);
    for typed in ["", "0", &codes[0][1..], &long, "UUUUUUUUUUUUUUUUUUUUUUUUUU", "éééééééééééééé", &other_spelling]
    {
        assert_eq!(set.redeem(typed, &peppers(), at(1)), Err(BackupCodeError::Malformed), "{typed:.40}");
    }
    assert_eq!(set.left(), CODES);
}

#[test]
fn a_foreign_code_does_not_match() {
    let (mut set, _) = generate();
    let foreign = BackupCode::from_random([0xee; 16]).expose();
    assert_eq!(set.redeem(foreign.expose_secret(), &peppers(), at(1)), Err(BackupCodeError::Mismatch));
}

/// LU-3: stored hashed, and bound to account and key.
#[test]
fn the_hash_depends_on_account_key_and_code() {
    let code = BackupCode::from_random([1; 16]);
    let hash = code.hash(ACCOUNT, &pepper(b"k1"));
    assert_eq!(hash, BackupCode::from_random([1; 16]).hash(ACCOUNT, &pepper(b"k1")));
    assert_ne!(hash, code.hash(Uuid::from_u128(8), &pepper(b"k1")));
    assert_ne!(hash, code.hash(ACCOUNT, &pepper(b"k2")));
    assert_ne!(hash, BackupCode::from_random([2; 16]).hash(ACCOUNT, &pepper(b"k1")));
}

#[test]
fn a_set_needs_the_key_it_was_made_with() {
    let (mut set, codes) = generate();
    let other = Peppers::new(pepper(b"k2"));
    let missing = BackupCodeError::UnknownPepper(KeyId::new(b"k1").unwrap());
    assert_eq!(set.redeem(&codes[0], &other, at(1)), Err(missing));
    let rotated = other.with_retired(pepper(b"k1"));
    assert!(set.redeem(&codes[0], &rotated, at(1)).is_ok());
}

#[test]
fn new_codes_replace_the_old_ones() {
    let (_, old) = generate();
    let random = random().map(|bytes| bytes.map(|byte| byte ^ 0x80));
    let (mut set, _) = BackupCodes::generate(ACCOUNT, &random, &pepper(b"k1"), at(9));
    assert_eq!(set.left(), CODES);
    assert_eq!(set.created_at(), at(9));
    for code in old {
        assert_eq!(set.redeem(&code, &peppers(), at(10)), Err(BackupCodeError::Mismatch));
    }
}

/// Section 7.4: what the storage contract makes of many requests with one code.
#[test]
fn of_many_requests_with_one_code_exactly_one_wins() {
    let (stored, codes) = generate();
    let mut stored = (0, stored);
    let loaded: Vec<_> = (0..64).map(|_| stored.clone()).collect();
    let mut wins = 0;
    for (version, mut set) in loaded {
        let _ = set.redeem(&codes[4], &peppers(), at(1)).unwrap();
        if version == stored.0 {
            stored = (version + 1, set);
            wins += 1;
        } else {
            let again = stored.1.redeem(&codes[4], &peppers(), at(1));
            assert_eq!(again, Err(BackupCodeError::AlreadyUsed));
        }
    }
    assert_eq!(wins, 1);
}

#[test]
fn the_stored_set_holds_hashes_only() {
    let (mut set, codes) = generate();
    let _ = set.redeem(&codes[1], &peppers(), at(5)).unwrap();
    assert_eq!(through_json(&set), set);
    insta::assert_snapshot!(json(&set));
    assert_eq!(set.codes()[1].used_at, Some(at(5)));
    let shown = format!("{set:?} {:?}", BackupCode::from_random([1; 16]));
    assert!(!shown.contains("AQEB") && !shown.contains("041G"), "{shown}");
    let broken = json(&set).replace("\"hash\": \"", "\"hash\": \"AA");
    assert!(serde_json::from_str::<BackupCodes>(&broken).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_shown_is_read_back(bytes in any::<[u8; 16]>()) {
        let code = BackupCode::from_random(bytes);
        let read = BackupCode::parse(code.expose().expose_secret()).unwrap();
        prop_assert_eq!(read.hash(ACCOUNT, &pepper(b"k")), code.hash(ACCOUNT, &pepper(b"k")));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[0-9A-Za-z -]{20,40}|.{0,70}") {
        if let Ok(code) = BackupCode::parse(&text) {
            let again = BackupCode::parse(code.expose().expose_secret()).unwrap();
            prop_assert_eq!(again.hash(ACCOUNT, &pepper(b"k")), code.hash(ACCOUNT, &pepper(b"k")));
        }
    }
}
