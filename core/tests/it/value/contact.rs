use mentalspace_core::{Address, Email, Phone, UsState, Zip};
use proptest::prelude::{prop_assert_eq, proptest};

#[test]
fn us_numbers_become_one_form() {
    for typed in
        ["303-555-0142", "(303) 555-0142", "303.555.0142", "1 303 555 0142", "+13035550142", "+1 (303) 555-0142"]
    {
        assert_eq!(Phone::parse(typed).unwrap().expose(), "+13035550142", "{typed}");
    }
    assert_eq!(Phone::parse("3035550142").unwrap().expose_us(), Some("3035550142"));
}

#[test]
fn international_numbers_keep_their_country() {
    let berlin = Phone::parse("+49 30 1234567").unwrap();
    assert_eq!(berlin.expose(), "+49301234567");
    assert_eq!(berlin.expose_us(), None);
}

#[test]
fn what_is_no_number_is_refused() {
    for typed in [
        "",
        "+",
        "555-0142",
        "103-555-0142",
        "1 003 555 0142",
        "+1555555012",
        "+0123456789",
        "303+5550142",
        "++13035550142",
        "303-555-0142 x5",
        "+1234567890123456",
        "３０３５５５０１４２",
    ] {
        assert!(Phone::parse(typed).is_err(), "{typed}");
    }
}

#[test]
fn only_the_host_of_an_address_loses_its_case() {
    assert_eq!(Email::parse(" Alex.Doe@Example.ORG ").unwrap().expose(), "Alex.Doe@example.org");
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("{}@example.org", "a".repeat(65));
    for typed in
        ["", "@", "a", "a@", "@b.org", "a@b", "a@b..org", "a@.org", "a@b@c.org", "a b@c.org", "<a@c.org>", &long]
    {
        let refused = Email::parse(typed).is_err();
        assert!(refused || typed == "{typed}");
    }
}

#[test]
fn zip_codes_of_five_and_nine_digits_are_kept_as_given() {
    let (five, nine) = (Zip::parse("80203").unwrap(), Zip::parse("80203-1234").unwrap());
    assert_eq!((five.expose(), five.is_plus_four(), five.expose_hyphenated()), ("80203", false, "80203".to_owned()));
    assert_eq!(
        (nine.expose(), nine.is_plus_four(), nine.expose_hyphenated()),
        ("802031234", true, "80203-1234".to_owned())
    );
    assert_eq!(Zip::parse("802031234"), Ok(nine));
    for wrong in [
        "",
        "8020",
        "8-0-2-0-3",
        "80203-",
        "802031-234",
        "80203-12345",
        "-80203",
        "80203--1234",
        "0000",
        "00000",
        "8020a",
        "８０２０３",
    ] {
        assert!(Zip::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn states_are_those_the_post_knows() {
    assert!(UsState::codes().is_sorted(), "they are searched by halves");
    for code in UsState::codes() {
        assert_eq!(UsState::parse(code.to_lowercase()).unwrap().as_str(), *code);
    }
    for wrong in ["", "XX", "C", "COL"] {
        assert!(UsState::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_address_refuses_fields_it_does_not_know() {
    let address = Address::new("100 Main St", "Denver", "co", "80203").unwrap();
    let mut json = serde_json::to_value(&address).unwrap();
    assert_eq!(serde_json::from_value::<Address>(json.clone()).unwrap(), address);
    json["planet"] = "Earth".into();
    assert!(serde_json::from_value::<Address>(json).is_err());
    assert!(Address::new("100\u{7}Main", "Denver", "CO", "80203").is_err());
    assert!(Address::new(&"x".repeat(56), "Denver", "CO", "80203").is_err());
}

proptest! {
    #[test]
    fn parsing_again_changes_nothing(text in "[-+0-9 ().@a-zA-Z]{0,20}") {
        if let Ok(phone) = Phone::parse(text.as_str()) {
            prop_assert_eq!(Phone::parse(phone.expose()), Ok(phone.clone()));
        }
        if let Ok(zip) = Zip::parse(text.as_str()) {
            prop_assert_eq!(Zip::parse(zip.expose_hyphenated()), Ok(zip.clone()));
        }
        if let Ok(email) = Email::parse(text.as_str()) {
            prop_assert_eq!(Email::parse(email.expose()), Ok(email.clone()));
        }
    }

    #[test]
    fn digits_in_any_us_dress_are_the_same_number(digits in "[2-9][0-9]{9}") {
        let dressed = format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        let phone = Phone::parse(dressed).unwrap();
        prop_assert_eq!(phone.expose_us(), Some(digits.as_str()));
    }
}
