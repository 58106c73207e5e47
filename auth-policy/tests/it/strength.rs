use mentalspace_auth_policy::password::{Context, NormalizedPassword, Strength, strength};

use crate::vectors;

fn estimate(text: &str, context: &Context) -> Strength {
    strength(&NormalizedPassword::attempt(&text.into()).unwrap(), context)
}

#[test]
fn scores_are_those_of_known_passwords() {
    for (text, score) in [
        ("", 0),
        ("password", 0),
        ("Password1!", 1),
        ("123456789012345", 1),
        ("1qaz2wsx3edc4rfv", 1),
        ("correcthorsebatterystaple", 4),
        ("four walnuts under a lamp", 4),
    ] {
        let found = estimate(text, &Context::new());
        assert_eq!(found.score, score, "{text}");
        assert!((0.0..=19.3).contains(&found.guesses_log10));
    }
}

#[test]
fn scores_are_those_of_the_published_vector_file() {
    vectors::run("zxcvbn/scores.tsv", |table| {
        let mut compared = 0;
        for line in table.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [password, _, score, .., year_dependent] = columns[..] else {
                panic!("columns of {line}");
            };
            if year_dependent == "yes" {
                continue;
            }
            let found = estimate(password, &Context::new());
            assert_eq!(found.score.to_string(), score, "{password}");
            compared += 1;
        }
        compared
    });
}

#[test]
fn names_around_the_account_make_a_password_weaker() {
    let text = "jonsmith-MentalSpace";
    let known = Context::new().word("MentalSpace").word("Jon Smith");
    let (without, with) = (estimate(text, &Context::new()), estimate(text, &known));
    assert!(with.guesses_log10 + 3.0 < without.guesses_log10, "{with:?} {without:?}");
}

#[test]
fn advice_is_specific_and_in_plain_words() {
    let advice = |text| {
        let sentences: Vec<String> = estimate(text, &Context::new()).advice.iter().map(ToString::to_string).collect();
        sentences.join(" ")
    };
    insta::assert_snapshot!(
        ["password", "zxcvfr", "abcdefg", "aaaaaaaa", "13.2.1921", "drowssap", "p4ssword", "smith", "x"]
            .map(|text| format!("{text}: {}", advice(text)))
            .join("\n")
    );
    assert_eq!(advice("four walnuts under a lamp"), "");
}

#[test]
fn only_the_first_48_code_points_are_estimated() {
    let long = "gravel 3 hemlock tau rind ".repeat(40);
    let start: String = long.chars().take(48).collect();
    let none = Context::new();
    assert_eq!(estimate(&long, &none), estimate(&start, &none));
}
