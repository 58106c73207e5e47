//! Hashes of other systems, made by OpenBSD's bcrypt, by Python's hashlib, and by the vectors of the RFCs.
use std::time::Duration;

use mentalspace_auth_policy::hash::{
    Bounds, Budget, Cost, HashError, HashParams, Hasher, ImportedHash, PhcError, StoredPassword, Target, Verified,
    calibrate,
};
use mentalspace_auth_policy::password::NormalizedPassword;
use mentalspace_auth_policy::pepper::Peppers;
use proptest::prelude::*;

use crate::through_json;

const WALNUTS: &str = "four walnuts under a lamp";

const MADE_ELSEWHERE: [(&str, &str); 12] = [
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ("U*U*U", "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    ("U*U*", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    (WALNUTS, "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$UhvIRu6PHnkHVzqfaRGwps2k8tkuv4aFNTwvntmaMCo"),
    (WALNUTS, "$pbkdf2-sha256$29000$................AQIDBA$pb0YB9icDLsBi67DT7wdINEvQXnz4L0J.qNr6ZqyHng"),
    (
        WALNUTS,
        "$pbkdf2-sha512$1000$................AQIDBA$94uDmkr3hYM.2.ptN7Dr.4sKhrvhI7YvPdoaTmHG9ICga.zWoJZmjxklna4FdpUOZx.csRPjHZxyv7l77GNNiA",
    ),
    (WALNUTS, "$pbkdf2$1000$................AQIDBA$7U79ADtwIGVn0rjEhuHrhzuValk"),
    (WALNUTS, "pbkdf2_sha256$1000$seasalt2seasalt2seasal$xiND8B1VlS/p1gYRFACykqvYM3ACG+XA1HzN7npCaH8="),
    // RFC 6070.
    ("password", "pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE="),
    (WALNUTS, "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$aOm9HM0ILrGTkwB5SW5qr0HOyayfjIcBTf/ZmXktXew"),
    // RFC 7914 §12.
    (
        "pleaseletmein",
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
    ),
];

fn password(text: &str) -> NormalizedPassword {
    NormalizedPassword::attempt(&text.into()).unwrap()
}

fn hasher() -> Hasher {
    Hasher::new(HashParams::new(64, 1, 1).unwrap(), Peppers::none())
}

#[test]
fn hashes_of_other_systems_are_verified_and_are_to_be_replaced() {
    for (text, hash) in MADE_ELSEWHERE {
        let stored: StoredPassword = hash.parse().unwrap();
        assert!(matches!(stored, StoredPassword::Imported(_)), "{hash}");
        let verified = hasher().verify_any(&password(text), &stored);
        assert_eq!(verified, Ok(Verified::Match { needs_rehash: true }), "{hash}");
        assert_eq!(hasher().verify_any(&password("another one"), &stored), Ok(Verified::Mismatch), "{hash}");
        assert_eq!(stored.expose(), *hash);
        assert_eq!(through_json(&stored), stored);
        let shown = format!("{stored:?}");
        assert!(!shown.contains(&hash[hash.len() - 8..]), "{shown}");
    }
}

#[test]
fn our_own_hashes_are_stored_passwords_as_well() {
    let made = hasher().hash(&password(WALNUTS), [1; 16]).unwrap();
    let stored: StoredPassword = made.expose().parse().unwrap();
    assert_eq!(stored, made.into());
    assert_eq!(hasher().verify_any(&password(WALNUTS), &stored), Ok(Verified::Match { needs_rehash: false }));
    assert_eq!(stored.cost(), Cost { memory_kib: 64 });
}

/// bcrypt looked at 72 bytes where it came from; a longer password still signs in, once, and is then hashed whole.
#[test]
fn a_long_password_behind_bcrypt_matches_as_it_did_there() {
    let stored: StoredPassword = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui".parse().unwrap();
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    assert_eq!(long.len(), 72);
    let ignored = format!("{long}chars after 72 are ignored");
    for text in [long, &ignored] {
        assert_eq!(hasher().verify_any(&password(text), &stored), Ok(Verified::Match { needs_rehash: true }));
    }
    assert_eq!(hasher().verify_any(&password(&long[..71]), &stored), Ok(Verified::Mismatch));
}

#[test]
fn costs_of_other_schemes_are_bounded_before_any_work() {
    let tag = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (name, text) in [
        ("bcrypt cost", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK".to_owned()),
        ("pbkdf2 rounds", format!("$pbkdf2-sha256$i=4294967295$AAECAwQFBgcICQoLDA0ODw${tag}")),
        ("pbkdf2 rounds", format!("pbkdf2_sha256$2000001$saltsalt${tag}=")),
        ("scrypt KiB", format!("$scrypt$ln=40,r=8,p=1$AAECAwQFBgcICQoLDA0ODw${tag}")),
        ("scrypt KiB", format!("$scrypt$ln=10,r=4294967295,p=1$AAECAwQFBgcICQoLDA0ODw${tag}")),
        ("scrypt p", format!("$scrypt$ln=4,r=1,p=9$AAECAwQFBgcICQoLDA0ODw${tag}")),
    ] {
        let stored: StoredPassword = text.parse().unwrap();
        match hasher().verify_any(&password("x"), &stored) {
            Err(HashError::OverBounds { name: found, .. }) => assert_eq!(found, name, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let tight = Bounds { max_bcrypt_cost: 4, ..Bounds::default() };
    let stored: StoredPassword = MADE_ELSEWHERE[0].1.parse().unwrap();
    assert!(hasher().with_bounds(tight).verify_any(&password("U*U"), &stored).is_err());
}

#[test]
fn malformed_hashes_of_other_systems_are_refused_by_part() {
    let parse = |text: &str| text.parse::<ImportedHash>().unwrap_err();
    let tag = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let salt = "AAECAwQFBgcICQoLDA0ODw";
    assert_eq!(parse(""), PhcError::Shape);
    assert_eq!(parse(&"$".repeat(600)), PhcError::Shape);
    assert_eq!(parse("$1$salt$tagtagtag"), PhcError::Scheme);
    assert_eq!(parse("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), PhcError::Scheme);
    assert_eq!(parse("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"), PhcError::Shape);
    assert_eq!(parse("$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), PhcError::Parameter("cost"));
    assert_eq!(parse("$2b$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW"), PhcError::Parameter("cost"));
    assert_eq!(parse("$2b$05$ééééééééééééééééééééééééééx"), PhcError::Shape);
    for (name, params) in
        [("i", "l=32"), ("i", "i=0"), ("i", "i=1,i=1"), ("l", "i=1,l=31"), ("of unknown name", "i=1,x=1")]
    {
        assert_eq!(parse(&format!("$pbkdf2-sha256${params}${salt}${tag}")), PhcError::Parameter(name), "{params}");
    }
    assert_eq!(parse(&format!("$pbkdf2-sha256$i=1$!!${tag}")), PhcError::Salt);
    assert_eq!(parse(&format!("$pbkdf2-sha256$i=1${salt}$AAAA")), PhcError::Tag);
    assert_eq!(parse(&format!("pbkdf2_sha256$x$saltsalt${tag}=")), PhcError::Parameter("rounds"));
    assert_eq!(parse(&format!("pbkdf2_sha256$1$s${tag}=")), PhcError::Salt);
    for (name, params) in
        [("ln", "r=8,p=1"), ("ln", "ln=41,r=8,p=1"), ("r", "ln=4,r=0,p=1"), ("p", "ln=4,r=65536,p=65536")]
    {
        assert_eq!(parse(&format!("$scrypt${params}${salt}${tag}")), PhcError::Parameter(name), "{params}");
    }
}

#[test]
fn what_runs_at_once_keeps_within_memory_and_cores() {
    let budget = Budget::new(128 << 20, 4).unwrap();
    assert_eq!(budget.at_once(HashParams::DEFAULT.into()), 4, "the cores");
    assert_eq!(budget.at_once(HashParams::RFC_9106_LOW_MEMORY.into()), 2, "the memory");
    assert_eq!(budget.at_once(Cost { memory_kib: 4 }), 4, "a cheap one still takes a core");
    assert_eq!(budget.at_once(Cost { memory_kib: u32::MAX }), 1, "a heavy one runs alone");
    for (bytes, cores) in [(0, 4), (1 << 20, 4), (1 << 30, 0), (1 << 30, 2000), (u64::MAX, 4)] {
        assert_eq!(Budget::new(bytes, cores), Err(HashError::Budget));
    }
}

/// A machine on which a pass over a MiB takes so many microseconds.
fn machine(micros: u64) -> impl FnMut(HashParams) -> Duration {
    move |params| Duration::from_micros(micros * u64::from(params.m_kib()) / 1024 * u64::from(params.t()))
}

#[test]
fn calibration_takes_memory_first_then_passes_and_keeps_within_the_time() {
    let target = Target { time: Duration::from_millis(250), max_m_kib: 65_536, max_t: 10 };
    let fast = calibrate(target, machine(500));
    assert_eq!((fast.params.m_kib(), fast.params.t()), (65_536, 7));
    let middling = calibrate(target, machine(3000));
    assert_eq!((middling.params.m_kib(), middling.params.t()), (29_184, 2));
    let slow = calibrate(target, machine(100_000));
    assert_eq!(slow.params, HashParams::DEFAULT, "never less, however slow");
    assert!(slow.time > target.time);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn calibration_never_goes_beyond_what_was_asked(micros in 1_u64..50_000, millis in 1_u64..2000, memory in 0_u32..1 << 20) {
        let target = Target { time: Duration::from_millis(millis), max_m_kib: memory, max_t: 12 };
        let mut asked = 0;
        let mut run = machine(micros);
        let found = calibrate(target, |params| { asked += 1; run(params) });
        prop_assert!(asked <= 40);
        prop_assert!(found.params == HashParams::DEFAULT || found.time <= target.time);
        prop_assert!(found.params.m_kib() <= memory.max(HashParams::DEFAULT.m_kib()));
        prop_assert!(found.params.t() >= 2);
    }

    #[test]
    fn weights_never_exceed_the_budget(mib in 8_u64..4096, cores in 1_usize..200, costs in prop::collection::vec(0_u32..1 << 22, 1..300)) {
        let budget = Budget::new(mib << 20, cores).unwrap();
        let (mut taken, mut running, mut memory) = (0_u64, 0, 0_u64);
        for memory_kib in costs {
            let weight = budget.weight(Cost { memory_kib });
            prop_assert!((1..=budget.places()).contains(&weight));
            if taken + u64::from(weight) <= budget.places().into() {
                taken += u64::from(weight);
                running += 1;
                memory += u64::from(memory_kib.min(budget.places()));
            }
        }
        // Rounding of a core's share lets at most one more run than there are cores.
        prop_assert!(running <= cores + 1);
        prop_assert!(memory <= budget.places().into());
    }

    #[test]
    fn any_text_is_parsed_without_panic(text in r"\$?(2[aby]|pbkdf2(-sha(1|256|512))?|pbkdf2_sha256|scrypt)(\$|(ln|r|p|i|l)=|,|[0-9]{1,12}|[./A-Za-z0-9]{0,60}|.){0,20}") {
        if let Ok(parsed) = text.parse::<StoredPassword>() {
            prop_assert_eq!(parsed.expose().parse(), Ok(parsed));
        }
    }
}
