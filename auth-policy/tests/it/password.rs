use mentalspace_auth_policy::password::{
    Advice, Blocklist, Context, Factors, MAX_INPUT_BYTES, NormalizedPassword, PasswordPolicy, PasswordRules, Rejection,
    Rotation, UnusableInput, WordList,
};
use mentalspace_auth_policy::policy::PolicyError;
use proptest::prelude::*;

use crate::{json, through_json};

fn check(text: &str, factors: Factors) -> Result<NormalizedPassword, Vec<Rejection>> {
    PasswordPolicy::nist_63b_4().check(&text.into(), &Context::new(), &(), factors)
}

fn rejections(text: &str) -> Vec<Rejection> {
    check(text, Factors::PasswordOnly).unwrap_err()
}

/// PW-1.
#[test]
fn fourteen_code_points_are_too_few_alone_and_fifteen_suffice() {
    let min = 15;
    assert_eq!(rejections("kümmel ofen 7z"), [Rejection::TooShort { found: 14, min }]);
    assert!(check("kümmel ofen 7zq", Factors::PasswordOnly).is_ok());
}

/// PW-1.
#[test]
fn twelve_code_points_suffice_with_a_second_factor_and_eleven_do_not() {
    assert!(check("vexed gnu 4x", Factors::WithMfa).is_ok());
    let min = 12;
    assert_eq!(check("vexed gnu 4", Factors::WithMfa).unwrap_err(), [Rejection::TooShort { found: 11, min }]);
}

/// PW-4 and PW-10: length counts after normalisation.
#[test]
fn a_decomposed_letter_counts_once() {
    let password = check("cafe\u{301} on a roof7", Factors::PasswordOnly).unwrap();
    assert_eq!(password.expose(), "café on a roof7");
    assert_eq!(password.code_points(), 15);
    let min = 15;
    assert_eq!(rejections("cafe\u{301} on a roof"), [Rejection::TooShort { found: 14, min }]);
}

/// PW-4: code points, not graphemes.
#[test]
fn a_family_emoji_counts_seven() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
    let password = NormalizedPassword::attempt(&family.into()).unwrap();
    assert_eq!(password.code_points(), 7);
}

/// PW-10.
#[test]
fn both_spellings_of_an_accent_are_the_same_password() {
    let one = NormalizedPassword::attempt(&"a\u{30a}ngstro\u{308}m".into()).unwrap();
    let other = NormalizedPassword::attempt(&"ångström".into()).unwrap();
    assert_eq!(one.expose(), other.expose());
}

/// ASVS 6.2.8: NFC, unlike NFKC, keeps what merely looks alike apart.
#[test]
fn compatibility_forms_case_and_blanks_are_kept() {
    for text in [" padded phrase with ends ", "Upper And Lower", "ﬁne ① ａｂｃ"] {
        let password = NormalizedPassword::attempt(&text.into()).unwrap();
        assert_eq!(password.expose(), text);
    }
}

/// PW-2, PW-9.
#[test]
fn a_hundred_and_twenty_eight_code_points_are_accepted_and_one_more_is_not() {
    let phrase = "wren tub 5 oyster quill marsh 9 zinc ";
    let longest: String = phrase.chars().cycle().take(127).chain(['k']).collect();
    let password = check(&longest, Factors::PasswordOnly).unwrap();
    assert_eq!(password.expose(), longest);
    assert_eq!(rejections(&format!("{longest}x")), [Rejection::TooLong { max: 128 }]);
}

#[test]
fn more_than_512_bytes_are_too_long_even_as_few_code_points() {
    let clef = "\u{1d11e}".repeat(128);
    assert_eq!(clef.len(), 512);
    assert!(!rejections(&clef).contains(&Rejection::TooLong { max: 128 }));
    let expanding = "\u{1d160}".repeat(60);
    assert_eq!(rejections(&expanding), [Rejection::TooLong { max: 128 }]);
}

#[test]
fn input_beyond_every_policy_is_refused_before_it_is_normalised() {
    let huge = "e\u{301}".repeat(MAX_INPUT_BYTES);
    assert_eq!(NormalizedPassword::attempt(&huge.as_str().into()).unwrap_err(), UnusableInput);
    assert_eq!(rejections(&huge), [Rejection::TooLong { max: 128 }]);
}

/// PW-3.
#[test]
fn every_printing_ascii_character_and_space_is_accepted() {
    let all: String = (' '..='~').rev().step_by(7).chain((' '..='~').step_by(5)).collect();
    assert!(check(&all, Factors::PasswordOnly).is_ok());
    for c in ' '..='~' {
        let text = format!("gravel {c} hemlock Tau {c} rind");
        assert!(check(&text, Factors::PasswordOnly).is_ok(), "{c:?}");
    }
}

#[test]
fn nul_and_line_breaks_are_refused() {
    for c in ['\0', '\n', '\r', '\t', '\u{7f}', '\u{85}'] {
        let text = format!("gravel {c} hemlock tau rind");
        assert_eq!(rejections(&text), [Rejection::ControlCharacter], "{c:?}");
    }
}

/// PW-10: the normal form of an unassigned code point is not stable.
#[test]
fn unassigned_code_points_are_refused() {
    assert_eq!(rejections("gravel \u{378} hemlock tau rind"), [Rejection::UnassignedCharacter]);
}

/// PW-5.
#[test]
fn no_kind_of_character_is_demanded() {
    for text in
        ["lowercase ferns only here", "748201957362910473", "ЖИВОЙ ЛЁД НАД МОРЕМ", "雨上がりの坂道で猫が三匹ねむる"]
    {
        assert!(check(text, Factors::PasswordOnly).is_ok(), "{text}");
    }
}

/// PW-12, PW-14.
#[test]
fn a_refusal_gives_its_reasons_and_advice_without_the_password() {
    let text = "Zanzibar7";
    let reasons = rejections(text);
    assert!(reasons.len() > 1);
    for reason in reasons {
        let sentence = reason.to_string();
        assert!(sentence.ends_with('.'), "{sentence}");
        assert!(!sentence.to_lowercase().contains("zanzibar"), "{sentence}");
        assert!(!format!("{reason:?}{}", json(&reason)).contains("anzibar"));
    }
}

#[test]
fn reasons_read_as_sentences() {
    let reasons = [
        Rejection::TooShort { found: 9, min: 15 },
        Rejection::TooLong { max: 128 },
        Rejection::ControlCharacter,
        Rejection::UnassignedCharacter,
        Rejection::Common,
        Rejection::ContextWords,
        Rejection::TooWeak { score: 1, min: 3, advice: vec![Advice::Sequence, Advice::AddWords] },
        Rejection::Reused { remembered: 5 },
    ];
    insta::assert_snapshot!(reasons.each_ref().map(ToString::to_string).join("\n"));
    insta::assert_snapshot!("reasons_as_json", json(&reasons));
}

/// PW-11, case-folded.
#[test]
fn a_customers_list_is_matched_whole_and_without_case() {
    let list = WordList::from_lines("Örtliche Wetterlage 4711\r\n\r\nharbor mist at nine\n");
    assert_eq!(list.len(), 2);
    let policy = PasswordPolicy::nist_63b_4();
    let check = |text: &str| policy.check(&text.into(), &Context::new(), &list, Factors::PasswordOnly).map(drop);
    assert_eq!(check("ÖRTLICHE wetterlage 4711"), Err(vec![Rejection::Common]));
    assert_eq!(check("o\u{308}rtliche wetterlage 4711"), Err(vec![Rejection::Common]));
    assert_eq!(check("oh harbor mist at nine"), Ok(()));
}

#[test]
fn a_list_is_asked_for_the_exact_form_too() {
    struct Exact;
    impl Blocklist for Exact {
        fn contains(&self, form: &str) -> bool {
            form == "Gravel Hemlock Tau"
        }
    }
    let policy = PasswordPolicy::nist_63b_4();
    let refused = policy.check(&"Gravel Hemlock Tau".into(), &Context::new(), &((), &Exact), Factors::PasswordOnly);
    assert_eq!(refused.unwrap_err(), [Rejection::Common]);
}

fn account() -> Context {
    Context::new()
        .word("MentalSpace")
        .word("jon.smith")
        .email("jsmith77@harborlights.example")
        .word("Harbor Lights Counseling")
}

/// PW-11, ASVS 6.2.11: names and their derivatives.
#[test]
fn passwords_made_of_names_are_refused() {
    let policy = PasswordPolicy::nist_63b_4();
    for text in [
        "mentalspace2026!",
        "M3nt@lSp4c3-2026",
        "ecapslatnem 1234",
        "jonsmithjonsmith",
        "SmithHarborLights",
        "harbor-lights-counseling",
        "MentalSpace.JSmith",
        "jsmith77jsmith77",
        "HARBORLIGHTSCOUNSELING1",
    ] {
        let refused = policy.check(&text.into(), &account(), &(), Factors::PasswordOnly);
        assert!(refused.unwrap_err().contains(&Rejection::ContextWords), "{text}");
    }
}

/// PW-11: the entire password is compared, not substrings.
#[test]
fn a_name_inside_a_longer_phrase_is_accepted() {
    let policy = PasswordPolicy::nist_63b_4();
    for text in ["smith found nine grey herons", "Harbor of wet umbrellas 3"] {
        let accepted = policy.check(&text.into(), &account(), &(), Factors::PasswordOnly);
        assert_eq!(accepted.map(drop), Ok(()), "{text}");
    }
}

#[test]
fn the_words_around_an_account_are_bounded_and_silent() {
    let many = (0..100).fold(Context::new(), |context, n| context.word(&format!("name{n} {}", "x".repeat(10_000))));
    assert_eq!(many.len(), 20);
    assert_eq!(format!("{many:?}"), "Context(20 words)");
}

#[test]
fn a_policy_without_lists_or_estimate_checks_length_alone() {
    let mut rules: PasswordRules = PasswordPolicy::nist_63b_4().into();
    rules.blocklist = false;
    rules.context_words = false;
    rules.min_score = 0;
    let policy = PasswordPolicy::new(rules).unwrap();
    let accepted = policy.check(&"passwordpassword".into(), &account(), &(), Factors::PasswordOnly);
    assert!(accepted.is_ok());
}

#[test]
fn signing_in_with_a_listed_password_is_evidence_of_compromise() {
    let password = NormalizedPassword::attempt(&"harbor mist at nine".into()).unwrap();
    let grown = WordList::from_lines("harbor mist at nine");
    let none = Context::new();
    let nist = PasswordPolicy::nist_63b_4();
    assert_eq!(nist.recheck(&password, &none, &()), []);
    assert_eq!(nist.recheck(&password, &none, &grown), [Rejection::Common]);
    let legacy = PasswordPolicy::legacy_hipaa();
    assert_eq!(legacy.recheck(&password, &none, &grown), []);
}

#[test]
fn five_earlier_passwords_are_to_be_verified_under_the_legacy_profile() {
    let newest_first = [7, 6, 5, 4, 3, 2, 1];
    assert_eq!(PasswordPolicy::legacy_hipaa().history_to_verify(&newest_first), [7, 6, 5, 4, 3]);
    assert_eq!(PasswordPolicy::legacy_hipaa().history_to_verify(&[7]), [7]);
    assert!(PasswordPolicy::nist_63b_4().history_to_verify(&newest_first).is_empty());
}

#[test]
fn both_profiles_serialise_as_data() {
    for policy in [PasswordPolicy::nist_63b_4(), PasswordPolicy::legacy_hipaa()] {
        assert_eq!(through_json(&policy), policy);
    }
    insta::assert_snapshot!(json(&[PasswordPolicy::nist_63b_4(), PasswordPolicy::legacy_hipaa()]));
}

#[test]
fn impossible_policies_are_refused() {
    type Change = fn(&mut PasswordRules);
    let changes: [(&str, Change); 9] = [
        ("min_password_only", |rules| rules.min_password_only = 0),
        ("min_with_mfa", |rules| rules.min_with_mfa = 65),
        ("max_code_points", |rules| rules.max_code_points = 63),
        ("max_bytes", |rules| rules.max_bytes = 255),
        ("max_bytes", |rules| rules.max_bytes = 4097),
        ("min_score", |rules| rules.min_score = 5),
        ("history", |rules| rules.history = 25),
        ("max_age_days", |rules| {
            rules.rotation = Some(Rotation { max_age_days: 0, warn_from_day: 0 });
        }),
        ("warn_from_day", |rules| {
            rules.rotation = Some(Rotation { max_age_days: 90, warn_from_day: 91 });
        }),
    ];
    for (name, change) in changes {
        let mut rules: PasswordRules = PasswordPolicy::nist_63b_4().into();
        change(&mut rules);
        let stored = json(&rules);
        match PasswordPolicy::new(rules) {
            Err(PolicyError::OutOfRange { field, .. }) => assert_eq!(field, name),
            other => panic!("{name}: {other:?}"),
        }
        assert!(serde_json::from_str::<PasswordPolicy>(&stored).is_err());
    }
}

#[test]
fn a_policy_of_an_unknown_version_or_with_an_unknown_field_is_refused() {
    let stored = json(&PasswordPolicy::nist_63b_4());
    let newer = stored.replace("\"version\": 1", "\"version\": 2");
    assert!(serde_json::from_str::<PasswordPolicy>(&newer).is_err());
    let typo = stored.replace("\"history\"", "\"histroy\"");
    assert!(serde_json::from_str::<PasswordPolicy>(&typo).is_err());
}

prop_compose! {
    fn policies()(
        alone in 1_u16..=64, mfa in 1_u16..=64, points in 64_u16..=1024, bytes in 256_u16..=4096, score in 0_u8..=4,
        flags in any::<[bool; 4]>(), rotation in proptest::option::of((1_u16..=3650, 0_u16..=3650)), history in 0_u8..=24,
    ) -> PasswordPolicy {
        let mut rules: PasswordRules = PasswordPolicy::nist_63b_4().into();
        rules.min_password_only = alone;
        rules.min_with_mfa = mfa;
        rules.max_code_points = points;
        rules.max_bytes = bytes;
        rules.min_score = score;
        [rules.blocklist, rules.context_words, rules.recheck_at_login, rules.change_on_compromise] = flags;
        rules.rotation = rotation.map(|(max_age_days, warn)| Rotation {
            max_age_days,
            warn_from_day: warn.min(max_age_days),
        });
        rules.history = history;
        PasswordPolicy::new(rules).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn combining_policies_commutes_and_associates(a in policies(), b in policies(), c in policies()) {
        prop_assert_eq!(a.strictest(&b), b.strictest(&a));
        prop_assert_eq!(a.strictest(&b).strictest(&c), a.strictest(&b.strictest(&c)));
        let both = a.strictest(&b);
        prop_assert!(PasswordPolicy::new(both.clone().into()).is_ok());
        prop_assert!(both.min_password_only >= 15);
        prop_assert_eq!(both.strictest(&both), both);
    }

    #[test]
    fn hostile_text_is_checked_without_panic_and_what_passes_is_in_bounds(text in ".{0,300}", word in ".{0,80}") {
        let context = Context::new().word(&word).email(&text);
        let policy = PasswordPolicy::nist_63b_4();
        if let Ok(password) = policy.check(&text.as_str().into(), &context, &(), Factors::WithMfa) {
            prop_assert!((12..=128).contains(&password.code_points()));
            prop_assert!(password.expose().len() <= 512);
            let again = NormalizedPassword::attempt(&password.expose().into()).unwrap();
            prop_assert_eq!(again.expose(), password.expose());
        }
    }
}
