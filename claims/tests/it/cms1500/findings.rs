use mentalspace_claims::claim::{Claim, ClaimControlNumber, ClaimDraft, ClaimNote, FreeText, NoteKind, Quantity};
use mentalspace_claims::cms1500::{Finding, FindingKind, Form, FormError, Options, Overlong};
use mentalspace_core::{City, Money, NamePart, Phone};
use proptest::prelude::*;

use super::example::{claim, full, name, organization, plain, reference};
use super::{form, sheet};

fn truncating() -> Options {
    let mut options = Options::default();
    options.overlong = Overlong::Truncate;
    options
}

fn replaced(form: &Form) -> Vec<(&'static str, char, String)> {
    let change = |finding: &Finding| match &finding.kind {
        FindingKind::Replaced { from, to } => Some((finding.item, *from.expose(), to.expose().clone())),
        _ => None,
    };
    form.findings().iter().filter_map(change).collect()
}

fn unplaced(draft: ClaimDraft) -> Vec<(&'static str, &'static str)> {
    let fact = |finding: &Finding| match finding.kind {
        FindingKind::Unplaced { fact } => Some((finding.item, fact)),
        _ => None,
    };
    form(&claim(draft)).findings().iter().filter_map(fact).collect()
}

fn refused(claim: &Claim, options: &Options) -> Vec<Finding> {
    let FormError::Unprintable { findings } = Form::from_claim(claim, options).unwrap_err() else { unreachable!() };
    findings
}

#[test]
fn accents_are_taken_off_and_reported() {
    let mut draft = plain();
    draft.subscriber.name = name("José", "Øystein", "Muñoz");
    let form = form(&claim(draft));
    assert_eq!(form.pages()[0].value("2", "name"), Some("MUNOZ, JOSE, O"));
    let expected = [
        ("4", 'ñ', "N".to_owned()),
        ("4", 'é', "E".to_owned()),
        ("4", 'Ø', "O".to_owned()),
        ("2", 'ñ', "N".to_owned()),
        ("2", 'é', "E".to_owned()),
        ("2", 'Ø', "O".to_owned()),
    ];
    assert_eq!(replaced(&form), expected);
}

#[test]
fn letters_are_spelled_whether_composed_or_not() {
    for (written, spelled) in [
        ("Mun\u{303}oz", "MUNOZ"),
        ("Weiß", "WEISS"),
        ("Sørensen", "SORENSEN"),
        ("Łukasiewicz", "LUKASIEWICZ"),
        ("Nguyễn", "NGUYEN"),
        ("D’Angelo", "D'ANGELO"),
        ("Çelik", "CELIK"),
        ("Yıldız", "YILDIZ"),
        ("Œuvre", "OEUVRE"),
        ("Smith\u{a0}Jones", "SMITH JONES"),
        ("St. John", "ST JOHN"),
    ] {
        let mut draft = plain();
        draft.subscriber.name = name("A", "", written);
        let form = form(&claim(draft));
        assert_eq!(form.pages()[0].value("2", "name"), Some(format!("{spelled}, A").as_str()), "{written}");
        assert!(!form.findings().is_empty(), "{written}");
    }
}

#[test]
fn capitals_and_plain_ascii_are_nothing_to_report() {
    let form = form(&claim(plain()));
    assert_eq!(form.findings(), []);
}

#[test]
fn punctuation_leaves_addresses_and_numbers() {
    let mut draft = plain();
    draft.billing_provider.address = super::example::address("500 N. Lake Ave., #4");
    draft.prior_authorization = Some(reference("AB-12 34"));
    draft.control_number = ClaimControlNumber::parse("C-17").unwrap();
    let form = form(&claim(draft));
    let sheet = &form.pages()[0];
    assert_eq!(sheet.value("33", "street"), Some("500 N LAKE AVE 4"));
    assert_eq!(sheet.value("23", "number"), Some("AB1234"));
    assert_eq!(sheet.value("26", "account"), Some("C17"));
    assert_eq!(sheet.value("33", "city state zip"), Some("SPRINGFIELD IL 62704-1234"));
    let items: Vec<_> = replaced(&form).into_iter().map(|(item, from, _)| (item, from)).collect();
    assert_eq!(items, [("23", '-'), ("23", ' '), ("26", '-'), ("33", '.'), ("33", '.'), ("33", ','), ("33", '#')]);
}

#[test]
fn a_letter_without_a_form_refuses_the_claim_or_is_left_out_but_never_a_question_mark() {
    let mut draft = plain();
    draft.subscriber.name = name("明 Ming", "", "Li");
    let claim = claim(draft);
    let findings = refused(&claim, &Options::default());
    assert_eq!(findings.iter().map(|f| f.item).collect::<Vec<_>>(), ["4", "2"]);
    assert!(matches!(&findings[0].kind, FindingKind::Unmappable { from: Some(c) } if *c.expose() == '明'));

    let form = Form::from_claim(&claim, &truncating()).unwrap();
    assert_eq!(form.pages()[0].value("2", "name"), Some("LI, MING"));
    assert_eq!(form.findings(), findings);
}

#[test]
fn a_value_too_long_refuses_the_claim_and_all_of_them_are_named() {
    let mut draft = plain();
    draft.subscriber.name.last = NamePart::parse("Featherstonehaugh-Cholmondeley").unwrap();
    draft.billing_provider.name =
        mentalspace_claims::claim::PartyName::Organization(organization("The Center for Couples and Families"));
    let claim = claim(draft);
    let findings = refused(&claim, &Options::default());
    assert_eq!(findings.iter().map(|f| f.item).collect::<Vec<_>>(), ["4", "2", "33"]);
    let FindingKind::Overflow { max, value } = &findings[1].kind else { panic!("{findings:?}") };
    assert_eq!((*max, value.expose().as_str()), (28, "FEATHERSTONEHAUGH-CHOLMONDELEY, ANA, M"));
    assert!(!format!("{findings:?}").contains("FEATHER"));
}

#[test]
fn a_value_too_long_is_cut_where_that_is_asked_for_and_told() {
    let mut draft = plain();
    draft.subscriber.name.last = NamePart::parse("Featherstonehaugh-Cholmondeley").unwrap();
    let form = Form::from_claim(&claim(draft), &truncating()).unwrap();
    assert_eq!(form.pages()[0].value("2", "name"), Some("FEATHERSTONEHAUGH-CHOLMONDEL"));
    assert!(matches!(form.findings()[1].kind, FindingKind::Overflow { max: 28, .. }));
}

#[test]
fn a_number_is_never_cut() {
    let mut draft = plain();
    draft.lines[0].charge = Money::from_cents(100_000_000);
    draft.lines[0].units = Quantity::new("12.25".parse().unwrap()).unwrap();
    let findings = refused(&claim(draft), &truncating());
    let places: Vec<_> = findings.iter().map(|f| (f.item, f.field, f.service_line)).collect();
    assert_eq!(places, [("24F", "dollars", Some(1)), ("24G", "units", Some(1)), ("28", "dollars", None)]);
}

#[test]
fn an_amount_fills_its_cell_to_the_last_column() {
    let mut draft = plain();
    draft.lines[0].charge = Money::from_cents(99_999_999);
    let page = sheet(&claim(draft));
    assert_eq!(page.line_value(0, "24F", "dollars"), Some("999999"));
    assert_eq!(page.value("28", "dollars"), Some("999999"));
}

#[test]
fn a_negative_amount_is_refused() {
    let mut draft = full();
    let adjudication = draft.other_payers[0].adjudication.as_mut().unwrap();
    adjudication.adjustments[0].amount += Money::from_cents(200_000);
    adjudication.paid -= Money::from_cents(200_000);
    let findings = refused(&claim(draft), &truncating());
    assert_eq!(
        findings.iter().map(|f| (f.item, f.kind.clone())).collect::<Vec<_>>(),
        [("29", FindingKind::Unmappable { from: None })]
    );
}

#[test]
fn facts_without_a_place_are_told() {
    let mut draft = plain();
    let mut more = full();
    draft.referring = more.referring.take();
    draft.supervising = draft.referring.clone();
    draft.dates.accident = draft.lines[0].dates.from().into();
    draft.dates.last_seen = draft.dates.accident;
    draft.prior_authorization = Some(reference("A1"));
    draft.referral_number = Some(reference("R1"));
    draft.delay_reason = Some("1".to_owned());
    draft.billing_provider.pay_to = Some(super::example::address("PO Box 1"));
    draft.subscriber.phone = Phone::parse("+442079460000").ok();
    let expected = [
        ("7", "phone outside the US"),
        ("5", "phone outside the US"),
        ("15", "further date of the case"),
        ("17", "supervising"),
        ("19", "delay_reason"),
        ("23", "referral_number"),
        ("33", "billing_provider.pay_to"),
    ];
    assert_eq!(unplaced(draft), expected);
}

#[test]
fn errors_name_the_item_and_not_the_value() {
    let mut draft = plain();
    draft.subscriber.address.as_mut().unwrap().city = City::parse("Winchester-on-the-Severn Hills").unwrap();
    let error = Form::from_claim(&claim(draft), &Options::default()).unwrap_err();
    assert_eq!(error.to_string(), "the claim has values that the form cannot carry, first in item 7");
}

/// Text of Latin with and without accents, punctuation, other scripts and marks without width.
fn text(max: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => proptest::char::range(' ', '~'),
        2 => proptest::char::range('\u{a0}', '\u{24f}'),
        1 => proptest::char::range('\u{2000}', '\u{206f}'),
        1 => any::<char>(),
    ];
    proptest::collection::vec(character, 1..max).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever a claim says, each printed value fits its cell and is made of what the cell takes, and what differs is told.
    #[test]
    fn every_value_fits_its_cell(
        last in text(40), street in text(50), city in text(28), payer in text(55), note in text(75),
        account in "[ -~]{1,20}", cents in 0_i64..9_999_999_999, milli_units in 1_i64..99_999_999,
        cut in any::<bool>(),
    ) {
        let mut draft = full();
        if let Ok(last) = NamePart::parse(last) { draft.patient.as_mut().unwrap().name.last = last; }
        if let Ok(line1) = mentalspace_core::AddressLine::parse(street) { draft.billing_provider.address.line1 = line1; }
        if let Ok(city) = City::parse(city) { draft.billing_provider.address.city = city; }
        if let Ok(payer) = mentalspace_claims::claim::OrganizationName::parse(payer) { draft.payer.name = payer; }
        if let Ok(text) = FreeText::parse(note) { draft.note = Some(ClaimNote { kind: NoteKind::Additional, text }); }
        if let Ok(account) = ClaimControlNumber::parse(account) { draft.control_number = account; }
        draft.other_payers.clear();
        draft.lines[0].charge = Money::from_cents(cents);
        draft.lines[0].units = Quantity::new(rust_decimal::Decimal::new(milli_units, 3)).unwrap();
        let Ok(claim) = Claim::try_from(draft) else { return Ok(()) };
        let options = if cut { truncating() } else { Options::default() };
        match Form::from_claim(&claim, &options) {
            Ok(form) => {
                for value in form.pages()[0].values() {
                    let text = value.text.as_str();
                    prop_assert!(!text.is_empty() && text.len() <= usize::from(value.cell.width), "item {}", value.cell.item);
                    prop_assert!(text.chars().all(|c| value.cell.rule.takes(c)), "item {}", value.cell.item);
                }
                let name = form.pages()[0].value("2", "name").unwrap_or_default();
                let original = claim.patient.as_ref().unwrap().name.last.expose().to_ascii_uppercase();
                let told = form.findings().iter().any(|f| f.item == "2");
                prop_assert!(told || name.replace(' ', "").starts_with(&original.replace(' ', "")));
            }
            Err(FormError::Unprintable { findings }) => {
                prop_assert!(!findings.is_empty());
                let number = |f: &Finding| matches!(f.item, "24F" | "24G" | "28");
                prop_assert!(!cut || findings.iter().all(number));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
