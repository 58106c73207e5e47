//! Code lists: what ships, and a customer's own.

use chrono::NaiveDate;
use mentalspace_claims::code_list::{CodeListError, CodeLists, ListId, Load, Standing};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn standing(id: ListId, code: &str, on: &str) -> Standing {
    CodeLists::standard().standing(id, code.as_bytes(), Some(day(on)))
}

fn diagnosis(code: &str, on: &str) -> Standing {
    standing(ListId::Icd10Cm, code, on)
}

#[test]
fn every_list_that_ships_is_whole() {
    let lists = CodeLists::standard();
    let size = |id| lists.get(id).map(|list| list.len());
    assert_eq!(size(ListId::Icd10Cm), Some(75_713));
    assert_eq!(size(ListId::PlaceOfService), Some(52));
    assert_eq!(size(ListId::State), Some(77));
    assert_eq!(size(ListId::Country), Some(253));
    assert_eq!(size(ListId::Currency), Some(210));
    assert_eq!(size(ListId::ClaimStatusCategory), Some(48));
    assert_eq!(size(ListId::ClaimStatus), Some(759));
    assert_eq!(size(ListId::RemittanceRemark), Some(1140));
    assert_eq!(size(ListId::AdjustmentReason), Some(391));
}

#[test]
fn a_billable_diagnosis_is_known() {
    for code in ["F411", "F331", "A000", "Z9989", "S52001A", "F32A", "T50902A"] {
        assert_eq!(diagnosis(code, "2026-05-01"), Standing::Known, "{code}");
    }
}

#[test]
fn a_category_that_is_divided_is_a_heading() {
    for code in ["F43", "F4", "S52001", "F3", "G35"] {
        assert_ne!(diagnosis(code, "2026-05-01"), Standing::Known, "{code}");
    }
    assert_eq!(diagnosis("F43", "2026-05-01"), Standing::Heading);
    assert_eq!(diagnosis("S52001", "2026-05-01"), Standing::Heading);
    assert_eq!(diagnosis("I10", "2026-05-01"), Standing::Known);
}

#[test]
fn a_diagnosis_is_in_force_from_its_day_to_its_day() {
    assert_eq!(diagnosis("F32A", "2021-09-30"), Standing::NotYet);
    assert_eq!(diagnosis("F32A", "2021-10-01"), Standing::Known);
    assert_eq!(diagnosis("F5001", "2024-09-30"), Standing::Known);
    assert_eq!(diagnosis("F5001", "2024-10-01"), Standing::Expired);
    assert_eq!(diagnosis("F438", "2021-01-01"), Standing::Known);
    assert_eq!(diagnosis("F438", "2024-01-01"), Standing::Expired);
}

#[test]
fn what_cannot_be_a_code_is_unknown() {
    for code in ["", "F41.1", "f411", "F411ZZZ", "AAAAAAAAAAAAAAAAAAAAAAAA", "F41 1", "ZZZ", "\u{e9}"] {
        assert_eq!(diagnosis(code, "2026-05-01"), Standing::Unknown, "{code}");
    }
}

#[test]
fn telehealth_at_home_began_in_2022() {
    assert_eq!(standing(ListId::PlaceOfService, "10", "2021-12-31"), Standing::NotYet);
    assert_eq!(standing(ListId::PlaceOfService, "10", "2022-01-01"), Standing::Known);
    assert_eq!(standing(ListId::PlaceOfService, "11", "2001-01-01"), Standing::Known);
    assert_eq!(standing(ListId::PlaceOfService, "98", "2024-01-01"), Standing::Unknown);
}

#[test]
fn a_list_that_neither_ships_nor_was_loaded_refuses_nothing() {
    assert!(CodeLists::standard().get(ListId::Procedure).is_none());
    assert_eq!(standing(ListId::Procedure, "99999", "2024-01-01"), Standing::Known);
}

#[test]
fn a_loaded_list_replaces_or_extends() {
    let mut lists = CodeLists::standard();
    let own = "code,from,to,description\r\n98,2024-01-01,,\"A place, \"\"ours\"\"\"\r\n11,,20231231\n";
    lists.load_csv(ListId::PlaceOfService, own.as_bytes(), Load::Extend).unwrap();
    let at = |lists: &CodeLists, code: &str, on| lists.standing(ListId::PlaceOfService, code.as_bytes(), Some(day(on)));
    assert_eq!(at(&lists, "98", "2024-01-01"), Standing::Known);
    assert_eq!(at(&lists, "98", "2023-12-31"), Standing::NotYet);
    assert_eq!(at(&lists, "11", "2024-01-01"), Standing::Expired);
    assert_eq!(at(&lists, "12", "2024-01-01"), Standing::Known);
    let list = lists.get(ListId::PlaceOfService).unwrap();
    assert_eq!(list.description(b"98"), Some("A place, \"ours\""));
    assert_eq!(list.description(b"12"), None);
    lists.load_csv(ListId::PlaceOfService, "98\n".as_bytes(), Load::Replace).unwrap();
    assert_eq!(at(&lists, "12", "2024-01-01"), Standing::Unknown);
    assert_eq!(lists.get(ListId::PlaceOfService).unwrap().len(), 1);
}

#[test]
fn a_list_that_is_not_of_the_form_is_refused_with_its_line_and_changes_nothing() {
    let cases = [
        ("11\n12,2024-13-01", 2, "first day"),
        ("11,2024-02-01,2024-01-01", 1, "ends before"),
        ("code\n\n1 1", 3, "no code"),
        ("11,,,x,y", 1, "four fields"),
        ("11,,,\"x", 1, "four fields"),
        ("\u{e9}", 1, "no code"),
    ];
    for (text, line, words) in cases {
        let mut lists = CodeLists::standard();
        let error = lists.load_csv(ListId::PlaceOfService, text.as_bytes(), Load::Replace).unwrap_err();
        assert!(
            matches!(error, CodeListError::Line { line: at, problem } if at == line && problem.contains(words)),
            "{error}"
        );
        assert_eq!(lists.get(ListId::PlaceOfService).unwrap().len(), 52);
    }
    let endless = vec![b'1'; 100_000];
    assert!(CodeLists::standard().load_csv(ListId::Modifier, endless.as_slice(), Load::Replace).is_err());
}

proptest! {
    #[test]
    fn a_loaded_code_is_found_and_no_other(codes in proptest::collection::btree_set("[A-Z0-9]{1,12}", 1..50), other in "[A-Z0-9]{1,12}") {
        let text: String = codes.iter().map(|code| format!("{code}\n")).collect();
        let mut lists = CodeLists::standard();
        lists.load_csv(ListId::Procedure, text.as_bytes(), Load::Replace).unwrap();
        let list = lists.get(ListId::Procedure).unwrap();
        prop_assert!(codes.iter().all(|code| list.contains(code.as_bytes())));
        prop_assert_eq!(list.contains(other.as_bytes()), codes.contains(&other));
    }
}
