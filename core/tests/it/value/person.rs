use mentalspace_core::{Address, Email, Gender, NamePart, PayerSex, PersonName, Phi, Phone, TaxId};

use super::from_json;

fn secrets() -> [&'static str; 10] {
    ["Alexandra", "Quill", "Main", "Denver", "80203", "3035550142", "alex@", "nonbinary", "123456789", "secret"]
}

#[test]
fn protected_values_show_nothing() {
    let shown = format!(
        "{:?} {:#?} {:?} {:?} {:?} {:?} {:?}",
        PersonName::new("Alexandra", "Quill").unwrap(),
        Address::new("100 Main St", "Denver", "CO", "80203-1234").unwrap(),
        Phone::parse("303-555-0142").unwrap(),
        Email::parse("alex@example.org").unwrap(),
        Gender::parse("nonbinary").unwrap(),
        TaxId::ssn("123-45-6789").unwrap(),
        Phi::new("secret".to_owned()),
    );
    for secret in secrets() {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn refusals_name_the_rule_and_not_the_content() {
    let refusals = [
        from_json::<NamePart>("\"Alexandra\\u0007Quill\"").unwrap_err(),
        from_json::<Phone>("\"3035550142 Quill\"").unwrap_err(),
        from_json::<Email>("\"alex@\"").unwrap_err(),
        from_json::<TaxId>(r#"{"kind":"ssn","digits":"123456789000"}"#).unwrap_err(),
    ];
    for refusal in refusals {
        assert!(secrets().into_iter().all(|secret| !refusal.contains(secret)), "{refusal}");
    }
}

#[test]
fn a_name_reads_in_speaking_and_in_filing_order() {
    let part = |text: &str| NamePart::parse(text).unwrap();
    let name = PersonName {
        last: part("O'Doe-Smith"),
        first: Some(part(" Alexandra ")),
        middle: Some(part("Q")),
        suffix: Some(part("Jr")),
    };
    assert_eq!(name.expose_full(), "Alexandra Q O'Doe-Smith Jr");
    assert_eq!(name.expose_filed(), "O'Doe-Smith, Alexandra");
    let organisation = PersonName { last: part("Summit"), first: None, middle: None, suffix: None };
    assert_eq!((organisation.expose_full(), organisation.expose_filed()), ("Summit".to_owned(), "Summit".to_owned()));
}

#[test]
fn a_name_part_is_never_empty_endless_or_unprintable() {
    for wrong in ["", "   ", "a\nb", &"x".repeat(61)] {
        assert!(NamePart::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(NamePart::parse("é".repeat(60)).is_ok(), "counted in characters, not bytes");
}

#[test]
fn payers_know_three_sexes() {
    assert_eq!([PayerSex::Female, PayerSex::Male, PayerSex::Unknown].map(PayerSex::code), ["F", "M", "U"]);
    assert_eq!(PayerSex::default(), PayerSex::Unknown);
}
