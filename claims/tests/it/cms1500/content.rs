use mentalspace_claims::claim::{
    Assignment, BenefitsAssignment, Claim, FilingIndicator, FreeText, Frequency, Quantity, ReleaseOfInformation,
    UnitKind,
};
use mentalspace_claims::cms1500::{DateStyle, Form, FormPage, Offset, Options, OriginalClaim, Printing, Program};
use mentalspace_claims::page::Points;
use mentalspace_core::{PayerSex, TaxId};

use super::example::{claim, day, full, plain, reference};
use super::{form, sheet};

/// Types a sheet as a line printer would, one row a print line.
fn typed(sheet: &FormPage) -> String {
    let mut rows = vec![vec![' '; 79]; 62];
    for value in sheet.values() {
        let start = usize::try_from((value.x().as_thousandths() - 21_600) / 7_200).unwrap();
        for (i, c) in value.text.as_str().chars().enumerate() {
            rows[usize::from(value.cell.line)][start + i] = c;
        }
    }
    let row = |(number, row): (usize, &Vec<char>)| {
        format!("{number:>2}|{}", row.iter().collect::<String>()).trim_end().to_owned()
    };
    rows.iter().enumerate().skip(2).map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_plain_claim_on_paper() {
    insta::assert_snapshot!(typed(&sheet(&claim(plain()))));
}

#[test]
fn a_full_claim_on_paper() {
    insta::assert_snapshot!(typed(&sheet(&claim(full()))));
}

fn with(options: impl FnOnce(&mut Options), claim: &Claim) -> FormPage {
    let mut chosen = Options::default();
    options(&mut chosen);
    Form::from_claim(claim, &chosen).unwrap().pages()[0].clone()
}

#[test]
fn names_are_filed_by_last_name_and_spoken_in_items_17_and_33() {
    let sheet = sheet(&claim(full()));
    assert_eq!(sheet.value("2", "name"), Some("LOPEZ-REED, TOM, B"));
    assert_eq!(sheet.value("4", "name"), Some("LOPEZ JR, ANA, M"));
    assert_eq!(sheet.value("9", "name"), Some("REED, RUTH"));
    assert_eq!(sheet.value("17", "name"), Some("GRACE A ITO"));
}

#[test]
fn diagnoses_have_no_dot_and_no_gap() {
    let sheet = sheet(&claim(full()));
    assert_eq!(sheet.value("21", "A"), Some("F411"));
    assert_eq!(sheet.value("21", "L"), Some("F99"));
    assert_eq!(sheet.value("21", "indicator"), Some("0"));
}

#[test]
fn amounts_are_split_at_the_rule_and_set_against_it() {
    let sheet = sheet(&claim(full()));
    let dollars = sheet.values().iter().find(|v| v.cell.item == "24F" && v.cell.field == "dollars").unwrap();
    assert_eq!((dollars.text.as_str(), sheet.line_value(0, "24F", "cents")), ("1234", Some("56")));
    assert_eq!(dollars.x(), dollars.cell.x(2));
    assert_eq!((sheet.line_value(1, "24F", "dollars"), sheet.line_value(1, "24F", "cents")), (Some("9"), Some("95")));
}

#[test]
fn a_charge_of_nothing_is_written_and_a_payment_of_nothing_is_not() {
    let mut draft = plain();
    draft.lines[0].charge = mentalspace_core::Money::ZERO;
    draft.patient_paid = Some(mentalspace_core::Money::ZERO);
    let sheet = sheet(&claim(draft));
    assert_eq!((sheet.line_value(0, "24F", "dollars"), sheet.line_value(0, "24F", "cents")), (Some("0"), Some("00")));
    assert_eq!((sheet.value("28", "dollars"), sheet.value("28", "cents")), (Some("0"), Some("00")));
    assert_eq!((sheet.value("29", "dollars"), sheet.value("29", "cents")), (None, None));
}

/// F1.
#[test]
fn f1_item_24e_is_never_blank() {
    let sheet = sheet(&claim(full()));
    assert_eq!(sheet.line_value(0, "24E", "pointers"), Some("CALB"));
    assert_eq!(sheet.line_value(1, "24E", "pointers"), Some("B"));
    let mut draft = plain();
    draft.lines[0].pointers.clear();
    assert!(Claim::try_from(draft).is_err());
}

/// F2.
#[test]
fn f2_item_25_is_the_billing_providers_and_24b_a_place_of_service() {
    let mut draft = full();
    let page = sheet(&claim(draft.clone()));
    assert_eq!(page.value("25", "number"), Some("123456789"));
    assert_eq!((page.value("25", "ein"), page.value("25", "ssn")), (Some("X"), None));
    assert_eq!(page.line_value(0, "24B", "place"), Some("10"));
    assert_eq!(page.line_value(1, "24B", "place"), Some("11"));

    draft.billing_provider.tax_id = TaxId::ssn("123-45-6788").unwrap();
    let page = sheet(&claim(draft));
    assert_eq!(page.value("25", "number"), Some("123456788"));
    assert_eq!((page.value("25", "ein"), page.value("25", "ssn")), (None, Some("X")));
}

/// F3.
#[test]
fn f3_pointers_follow_their_diagnoses_when_these_are_reordered() {
    let pointed = |sheet: &FormPage, row| -> Vec<String> {
        let letters = sheet.line_value(row, "24E", "pointers").unwrap().chars();
        letters.map(|letter| sheet.value("21", &letter.to_string()).unwrap().to_owned()).collect()
    };
    let mut draft = full();
    let before = sheet(&claim(draft.clone()));
    draft.move_diagnosis(3, 11);
    draft.move_diagnosis(12, 1);
    let after = sheet(&claim(draft));
    assert_eq!(pointed(&before, 0), ["F4310", "F411", "F99", "F331"]);
    for row in 0..2 {
        assert_eq!(pointed(&before, row), pointed(&after, row));
    }
    assert_ne!(before.line_value(0, "24E", "pointers"), after.line_value(0, "24E", "pointers"));
}

/// F4.
#[test]
fn f4_all_four_modifiers_are_printed_in_order() {
    let sheet = sheet(&claim(full()));
    let printed = [1, 2, 3, 4].map(|n| sheet.line_value(0, "24D", &format!("modifier {n}")).unwrap().to_owned());
    assert_eq!(printed, ["95", "HO", "U1", "59"]);
    assert_eq!(sheet.line_value(1, "24D", "modifier 1"), None);
}

/// P6: items 12, 13, 27 and 31 derive from the claim, none is fixed.
#[test]
fn p6_signatures_and_assignment_are_the_claims() {
    let page = sheet(&claim(plain()));
    for item in ["12", "13", "31"] {
        assert_eq!(page.value(item, "signature"), Some("SIGNATURE ON FILE"), "item {item}");
    }
    assert_eq!((page.value("27", "yes"), page.value("27", "no")), (Some("X"), None));

    let mut draft = plain();
    draft.release = ReleaseOfInformation::Informed;
    draft.benefits_assignment = BenefitsAssignment::Refused;
    draft.provider_signature_on_file = false;
    draft.assignment = Assignment::NotAccepted;
    let page = with(|options| options.signed_on = Some(day(2026, 4, 2)), &claim(draft));
    for item in ["12", "13", "31"] {
        assert_eq!(page.value(item, "signature"), None, "item {item}");
        assert_eq!(page.value(item, "date"), None, "item {item}");
    }
    assert_eq!((page.value("27", "yes"), page.value("27", "no")), (None, Some("X")));
}

/// P10, P11: item 22 is blank for originals unless asked for.
#[test]
fn p10_item_22_names_the_claim_it_replaces() {
    let original = claim(plain());
    assert_eq!(sheet(&original).value("22", "code"), None);
    assert_eq!(with(|o| o.original_claim = OriginalClaim::One, &original).value("22", "code"), Some("1"));
    let mut draft = plain();
    draft.frequency = Frequency::Void { payer_claim_number: reference("2026-77A") };
    let void = sheet(&claim(draft));
    assert_eq!((void.value("22", "code"), void.value("22", "original reference")), (Some("8"), Some("2026-77A")));
}

/// P14.
#[test]
fn p14_the_shaded_line_holds_drug_description_and_note() {
    let mut draft = full();
    draft.lines[0].description = FreeText::parse("group work").ok();
    let sheet = sheet(&claim(draft));
    let shaded = "N412345678901   ML1.5   ZZGROUP WORK   ZZEXTENDED";
    assert_eq!(sheet.line_value(0, "24", "supplemental"), Some(shaded));
    assert_eq!(sheet.line_value(0, "24I", "qualifier"), Some("ZZ"));
    assert_eq!(sheet.line_value(0, "24J", "other id"), Some("103TC0700X"));
}

#[test]
fn exactly_one_mark_is_set_in_each_group() {
    for draft in [plain(), full()] {
        let sheet = sheet(&claim(draft));
        for (item, fields) in [
            ("1", &["medicare", "medicaid", "tricare", "champva", "group health plan", "feca", "other"][..]),
            ("3", &["male", "female"]),
            ("6", &["self", "spouse", "child", "other"]),
            ("10a", &["yes", "no"]),
            ("10b", &["yes", "no"]),
            ("10c", &["yes", "no"]),
            ("11d", &["yes", "no"]),
            ("20", &["yes", "no"]),
            ("25", &["ssn", "ein"]),
            ("27", &["yes", "no"]),
        ] {
            let marks = fields.iter().filter(|field| sheet.value(item, field) == Some("X")).count();
            assert_eq!(marks, 1, "item {item}");
        }
    }
}

#[test]
fn an_unknown_sex_leaves_item_3_blank() {
    let mut draft = plain();
    draft.subscriber.sex = Some(PayerSex::Unknown);
    let sheet = sheet(&claim(draft));
    assert_eq!((sheet.value("3", "male"), sheet.value("3", "female")), (None, None));
}

#[test]
fn item_1_follows_from_the_kind_of_insurance() {
    let marked = |indicator: FilingIndicator, group: bool| {
        let mut draft = plain();
        draft.payer.filing_indicator = indicator;
        draft.subscriber.group_number = group.then(|| reference("G1"));
        let sheet = sheet(&claim(draft));
        let mark = sheet.values().iter().find(|v| v.cell.item == "1").unwrap();
        mark.cell.field
    };
    assert_eq!(marked(FilingIndicator::MedicareB, false), "medicare");
    assert_eq!(marked(FilingIndicator::Medicaid, false), "medicaid");
    assert_eq!(marked(FilingIndicator::Tricare, true), "tricare");
    assert_eq!(marked(FilingIndicator::VeteransAffairs, false), "champva");
    assert_eq!(marked(FilingIndicator::BlueCross, true), "group health plan");
    assert_eq!(marked(FilingIndicator::BlueCross, false), "other");
    assert_eq!(marked(FilingIndicator::WorkersCompensation, true), "other");
    assert_eq!(marked(FilingIndicator::Other("17".to_owned()), true), "other");
    let feca = with(|options| options.program = Some(Program::Feca), &claim(plain()));
    assert_eq!((feca.value("1", "feca"), feca.value("1", "other")), (Some("X"), None));
}

#[test]
fn medicare_as_first_payer_has_no_insured_and_no_group() {
    let mut draft = plain();
    draft.payer.filing_indicator = FilingIndicator::MedicareB;
    draft.subscriber.group_number = Some(reference("IGNORED"));
    let sheet = sheet(&claim(draft));
    assert_eq!(sheet.value("11", "policy group"), Some("NONE"));
    for item in ["4", "6", "7", "11a", "11b", "11c", "11d"] {
        assert!(sheet.values().iter().all(|value| value.cell.item != item), "item {item}");
    }
    assert_eq!(sheet.value("2", "name"), Some("LOPEZ, ANA, M"));
}

#[test]
fn medicare_counts_only_what_the_patient_paid() {
    let mut draft = full();
    assert_eq!(sheet(&claim(draft.clone())).value("29", "dollars"), Some("825"));
    draft.payer.filing_indicator = FilingIndicator::MedicareB;
    draft.payer.insurance_type = Some("12".to_owned());
    assert_eq!(sheet(&claim(draft)).value("29", "dollars"), Some("25"));
}

#[test]
fn dates_have_one_style_but_births_always_four_digits_of_year() {
    let claim = claim(full());
    let short = sheet(&claim);
    assert_eq!((short.value("14", "year"), short.value("14", "qualifier")), (Some("26"), Some("431")));
    assert_eq!((short.value("15", "year"), short.value("15", "qualifier")), (Some("26"), Some("439")));
    let long = with(|options| options.dates = DateStyle::EightDigits, &claim);
    for (item, field) in [("14", "year"), ("15", "year"), ("16", "from year"), ("18", "to year")] {
        assert_eq!(long.value(item, field), Some("2026"), "item {item}");
    }
    for page in [short, long] {
        assert_eq!(page.value("3", "birth year"), Some("2014"));
        assert_eq!(page.value("11a", "birth year"), Some("1988"));
        assert_eq!(page.line_value(0, "24A", "to year"), Some("26"));
    }
}

#[test]
fn item_19_begins_above_what_its_second_line_cannot_hold() {
    let page = sheet(&claim(full()));
    assert_eq!(page.value("19", "first line"), Some("ADDFAMILY SESSION HELD"));
    assert_eq!(page.value("19", "second line"), Some("WITH BOTH PARENTS, INTERPRETER PRESENT"));
    let mut draft = full();
    draft.note.as_mut().unwrap().text = FreeText::parse("short").unwrap();
    let page = sheet(&claim(draft));
    assert_eq!((page.value("19", "first line"), page.value("19", "second line")), (None, Some("ADDSHORT")));
}

#[test]
fn an_absent_fact_leaves_its_item_blank() {
    let sheet = sheet(&claim(plain()));
    for item in [
        "9", "9a", "9d", "10d", "11", "11b", "11c", "14", "15", "16", "17", "17a", "17b", "18", "19", "22", "23",
        "24C", "24H", "24I", "24J", "29", "32", "32a", "32b", "33b",
    ] {
        assert!(sheet.values().iter().all(|value| value.cell.item != item), "item {item}");
    }
}

#[test]
fn minutes_are_counted_like_units() {
    let mut draft = plain();
    draft.lines[0].unit_kind = UnitKind::Minutes;
    draft.lines[0].units = Quantity::new(90.into()).unwrap();
    assert_eq!(sheet(&claim(draft)).line_value(0, "24G", "units"), Some("90"));
}

#[test]
fn debug_shows_no_value() {
    let form = form(&claim(full()));
    let shown =
        format!("{form:?} {:?} {:?}", form.pages()[0].values(), form.pages()[0].lay_out(Default::default()).texts);
    for secret in ["LOPEZ", "XYZ123456789", "F411", "2014", "1234"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn options_and_printers_are_kept_as_text() {
    let mut options = Options::default();
    options.program = Some(Program::Feca);
    options.signed_on = Some(day(2026, 4, 2));
    insta::assert_snapshot!(serde_json::to_string(&options).unwrap());
    assert_eq!(serde_json::from_str::<Options>("{}").unwrap(), Options::default());
    let printing =
        Printing { offset: Offset { right: Points::thousandths(-720), down: Points::ZERO }, ..Printing::default() };
    insta::assert_snapshot!(serde_json::to_string(&printing).unwrap(), @r#"{"mode":"data_only","offset":{"right":-720,"down":0}}"#);
    assert!(serde_json::from_str::<Options>(r#"{"offset":1}"#).is_err());
}
