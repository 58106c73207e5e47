use mentalspace_core::{Chapter, Icd10Cm, Invalid, Modifier, Modifiers, PlaceOfService, ProcedureCode, Taxonomy};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::from_json;

/// P18: a validator that demands five digits refuses half of behavioural health.
#[test]
fn procedure_codes_with_letters_are_accepted() {
    for code in ["90837", "99214", "H0004", "H2011", "G0463", "G2212", "T1017", "0362T", "0373T", "0001U", "3351F"] {
        assert_eq!(ProcedureCode::parse(code).map(|code| code.to_string()), Ok(code.to_owned()));
    }
    assert_eq!(ProcedureCode::parse(" h0004 ").unwrap().as_str(), "H0004");
}

#[test]
fn what_is_no_procedure_code_is_refused() {
    for code in ["", "9083", "908370", "W0001", "Z0001", "HH004", "H000T", "9083X", "90-37", "９０８３７", "H0004 95"]
    {
        assert!(ProcedureCode::parse(code).is_err(), "{code}");
    }
}

#[test]
fn modifiers_keep_their_order_and_stand_once() {
    let list: Modifiers = from_json("[\"95\",\"ho\",\"95\",\"25\"]").unwrap();
    let order: Vec<_> = list.as_slice().iter().map(Modifier::as_str).collect();
    assert_eq!(order, ["95", "HO", "25"]);
}

/// F4: a line has room for four.
#[test]
fn a_fifth_modifier_is_refused() {
    let four: Modifiers = from_json("[\"95\",\"HO\",\"25\",\"59\"]").unwrap();
    assert_eq!(four.as_slice().len(), 4);
    assert!(four.clone().push(Modifier::parse("95").unwrap()).is_ok());
    assert!(four.clone().push(Modifier::parse("XE").unwrap()).is_err());
    assert!(from_json::<Modifiers>("[\"95\",\"HO\",\"25\",\"59\",\"XE\"]").is_err());
    assert!(Modifier::parse("9").is_err());
    assert!(Modifier::parse("95X").is_err());
}

#[test]
fn diagnoses_are_read_with_and_without_their_dot() {
    for (typed, code, dotted) in [
        ("f41.1", "F411", "F41.1"),
        ("F411", "F411", "F41.1"),
        ("F42", "F42", "F42"),
        ("C4A.0", "C4A0", "C4A.0"),
        ("t74.02xa", "T7402XA", "T74.02XA"),
    ] {
        let diagnosis = Icd10Cm::parse(typed).unwrap();
        assert_eq!((diagnosis.as_str(), diagnosis.dotted().as_str()), (code, dotted));
    }
    for wrong in ["", "F", "F4", "41.1", "FF1.1", "F4.11", "F41.", "F41.1.1", "F41.12345", "F41 1", "É41.1", "296.32"]
    {
        assert!(Icd10Cm::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_external_cause_is_told_apart() {
    assert_eq!(Icd10Cm::parse("W19.XXXA").unwrap().chapter(), Chapter::ExternalCause);
    assert_eq!(Icd10Cm::parse("F41.1").unwrap().chapter(), Chapter::MentalAndBehavioural);
    assert_eq!(Icd10Cm::parse("Z63.0").unwrap().chapter(), Chapter::Factors);
    assert_eq!(Icd10Cm::parse("G47.00").unwrap().chapter(), Chapter::Other);
}

/// P16: the places that a known open validator lacks.
#[test]
fn current_places_of_service_are_known() {
    for code in ["10", "27", "58", "66", "02", "11", "53", "99"] {
        assert!(PlaceOfService::parse(code).unwrap().is_assigned(), "{code}");
    }
    assert!(!PlaceOfService::parse("98").unwrap().is_assigned(), "unknown codes are kept");
    assert!(
        PlaceOfService::telehealth_home().is_telehealth() && PlaceOfService::telehealth_elsewhere().is_telehealth()
    );
    assert!(!PlaceOfService::office().is_telehealth());
    for wrong in ["", "1", "111", "CO", "1x"] {
        assert!(PlaceOfService::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_taxonomy_is_ten_characters_ending_in_x() {
    assert_eq!(Taxonomy::parse("1041c0700x").unwrap().as_str(), "1041C0700X");
    assert!(Taxonomy::parse("1041C0700Y").is_err());
    assert!(Taxonomy::parse("1041C0700").is_err());
}

proptest! {
    #[test]
    fn parsing_a_code_again_changes_nothing(text in "[ .0-9A-Za-zé]{0,9}") {
        fn stable<T: TryFrom<String, Error = Invalid> + Into<String>>(text: &str) -> bool {
            let Ok(value) = T::try_from(text.to_owned()) else { return true };
            let once: String = value.into();
            T::try_from(once.clone()).map(Into::into) == Ok(once)
        }
        prop_assert!(stable::<ProcedureCode>(&text));
        prop_assert!(stable::<Icd10Cm>(&text));
        prop_assert!(stable::<Modifier>(&text));
        prop_assert!(stable::<PlaceOfService>(&text));
        prop_assert!(stable::<Taxonomy>(&text));
    }

    #[test]
    fn a_dotted_diagnosis_reads_back(text in "[A-Z][0-9][0-9A-Z]{1,5}") {
        let code = Icd10Cm::parse(text.as_str()).unwrap();
        prop_assert_eq!(Icd10Cm::parse(code.dotted()), Ok(code));
    }
}
