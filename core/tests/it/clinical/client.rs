use mentalspace_core::{
    Client, ClientStatus, Contact, NamePart, Phone,
    store::{Document, Term},
    testing::clinical::{client, clinician, day},
};
use proptest::prelude::{prop_assert, proptest};

fn finds(client: &Client, typed: &str) -> bool {
    let terms = client.terms();
    let query = Client::name_query(typed);
    !query.is_empty() && query.iter().all(|word| terms.contains(word))
}

#[test]
fn a_client_is_found_by_the_beginning_of_any_name() {
    for typed in ["alexandra", "ALE", "odoe", "O'Doe", "smith", "smi alex", "Smith, Alexandra", "O\u{2019}Doe-Smith"] {
        assert!(finds(&client(), typed), "{typed}");
    }
    for typed in ["", "al", "lex", "mith", "alexandro", "smith jones"] {
        assert!(!finds(&client(), typed), "{typed}");
    }
}

#[test]
fn a_short_name_is_found_whole() {
    let mut client = client();
    client.legal_name.last = NamePart::parse("Ng").unwrap();
    assert!(finds(&client, "ng") && !finds(&client, "n"));
}

#[test]
fn a_client_is_found_by_birth_date_and_telephone() {
    let terms = client().terms();
    assert!(terms.contains(&Client::birth_date_query(day("1990-02-28"))));
    assert!(terms.contains(&Client::phone_query(&Phone::parse("+1 303 555 0142").unwrap())));
    assert!(terms.contains(&Term::plain("clinician", &clinician().id)));
    assert!(terms.contains(&Term::plain("status", "active")));
}

#[test]
fn what_identifies_a_client_is_never_a_plain_term() {
    let shown = format!("{:?}", client().terms()).to_lowercase();
    for secret in ["alex", "doe", "smi", "1990", "303", "example", "quill"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert_eq!(client().sort(), "");
}

#[test]
fn a_client_is_called_by_the_preferred_name() {
    assert_eq!(client().expose_called(), "Alex O'Doe-Smith");
    assert_eq!(Client { preferred_name: None, ..client() }.expose_called(), "Alexandra O'Doe-Smith");
}

#[test]
fn guardians_act_while_their_power_holds() {
    let on = |text| {
        client().guardians_on(day(text)).map(|c: &Contact| c.relationship.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(on("2008-02-27"), ["aunt"]);
    assert!(on("2008-02-28").is_empty());
    assert_eq!(client().emergency_contacts().count(), 1);
}

#[test]
fn age_counts_completed_years() {
    assert_eq!(client().age_on(day("2008-02-27")), Some(17));
    assert_eq!(client().age_on(day("2008-02-28")), Some(18));
    assert_eq!(client().age_on(day("1990-02-27")), None);
}

#[test]
fn only_those_in_care_are_booked() {
    let since = day("2026-01-01");
    assert!(ClientStatus::Active { since }.may_book() && ClientStatus::Inactive { since }.may_book());
    assert!(!ClientStatus::Discharged { on: since }.may_book() && !ClientStatus::Deceased { on: since }.may_book());
}

proptest! {
    #[test]
    fn any_printable_name_is_found_by_itself_and_no_term_stands_twice(name in "\\PC{1,60}") {
        if let Ok(last) = NamePart::parse(name.as_str()) {
            let mut client = client();
            client.legal_name.last = last;
            let terms = client.terms();
            let mut once = terms.clone();
            once.dedup();
            prop_assert!(once.len() == terms.len());
            prop_assert!(Client::name_query(&name).iter().all(|word| terms.contains(word)));
        }
    }
}
