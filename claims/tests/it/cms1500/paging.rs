use mentalspace_claims::claim::{Claim, ClaimDraft};
use mentalspace_claims::cms1500::{Form, FormPage, Options, Printing, Totals, render_pdf};
use mentalspace_core::Money;

use super::example::{claim, diagnoses, full, line, plain};
use super::form;

/// A claim of `count` lines that cost 1.01, 2.01, 3.01 …
fn claim_of(count: u8) -> Claim {
    let mut draft = plain();
    draft.lines = (1..=count).map(|i| line("90837", i64::from(i) * 100 + 1, &[1])).collect();
    draft.patient_paid = Some(Money::from_cents(5_000));
    claim(draft)
}

fn total(sheet: &FormPage) -> Option<Money> {
    let (dollars, cents) = (sheet.value("28", "dollars")?, sheet.value("28", "cents")?);
    Some(Money::parse(&format!("{dollars}.{cents}")).unwrap())
}

fn rows(sheet: &FormPage) -> Vec<Money> {
    let amount = |row| {
        let dollars = sheet.line_value(row, "24F", "dollars")?;
        Some(Money::parse(&format!("{dollars}.{}", sheet.line_value(row, "24F", "cents")?)).unwrap())
    };
    (0..6).filter_map(amount).collect()
}

/// F5.
#[test]
fn f5_more_than_six_lines_take_further_sheets() {
    for (lines, sheets) in [(1, 1), (6, 1), (7, 2), (12, 2), (13, 3), (50, 9)] {
        assert_eq!(form(&claim_of(lines)).pages().len(), sheets, "{lines} lines");
    }
}

/// F5: each sheet stands alone.
#[test]
fn f5_every_sheet_repeats_all_but_lines_and_totals() {
    let form = form(&claim_of(13));
    let header = |sheet: &FormPage| -> Vec<_> {
        let repeated = |v: &&_| !is_line_or_total(v);
        sheet.values().iter().filter(repeated).map(|v| (v.cell, v.text.clone())).collect()
    };
    let first = header(&form.pages()[0]);
    assert!(first.len() > 30);
    assert!(form.pages().iter().all(|sheet| header(sheet) == first));
    let counts: Vec<_> = form.pages().iter().map(|sheet| rows(sheet).len()).collect();
    assert_eq!(counts, [6, 6, 1]);
    assert_eq!(form.pages()[2].line_value(0, "24F", "dollars"), Some("13"));
}

fn is_line_or_total(value: &mentalspace_claims::cms1500::Filled) -> bool {
    value.service_line.is_some() || matches!(value.cell.item, "28" | "29")
}

/// F5: the sum of 24F is 28 on every sheet, and of all sheets the claim's charge; what was paid is said once.
#[test]
fn f5_totals_are_those_of_the_sheet() {
    let claim = claim_of(13);
    let form = form(&claim);
    for sheet in form.pages() {
        assert_eq!(total(sheet), Some(rows(sheet).into_iter().sum()));
    }
    assert_eq!(form.pages().iter().filter_map(total).sum::<Money>(), claim.total());
    let paid: Vec<_> = form.pages().iter().map(|sheet| sheet.value("29", "dollars")).collect();
    assert_eq!(paid, [Some("50"), None, None]);
}

/// F5: the other policy.
#[test]
fn f5_the_last_sheet_can_carry_the_total_of_all() {
    let claim = claim_of(13);
    let mut options = Options::default();
    options.totals = Totals::LastPageOnly;
    let form = Form::from_claim(&claim, &options).unwrap();
    let totals: Vec<_> = form.pages().iter().map(total).collect();
    assert_eq!(totals, [None, None, Some(claim.total())]);
    let paid: Vec<_> = form.pages().iter().map(|sheet| sheet.value("29", "dollars")).collect();
    assert_eq!(paid, [None, None, Some("50")]);
}

/// F5: item 21 has twelve places and so has a claim; a thirteenth diagnosis cannot get this far.
#[test]
fn f5_a_claim_of_thirteen_diagnoses_does_not_exist() {
    let mut draft: ClaimDraft = full();
    assert_eq!(form(&claim(draft.clone())).pages()[0].values().iter().filter(|v| v.cell.item == "21").count(), 13);
    draft.diagnoses.extend(diagnoses(&["F40.10"]));
    assert!(Claim::try_from(draft).is_err());
}

/// F5: many claims in one file, or one file for each.
#[test]
fn f5_claims_share_a_file_or_have_their_own() {
    let forms: Vec<Form> = [1, 7, 2].map(|lines| form(&claim_of(lines))).into();
    let together = render_pdf(&forms, &Printing::default());
    assert_eq!(pages_in(&together), 4);
    let alone: Vec<_> =
        forms.iter().map(|form| pages_in(&render_pdf(std::slice::from_ref(form), &Printing::default()))).collect();
    assert_eq!(alone, [1, 2, 1]);
}

fn pages_in(file: &[u8]) -> usize {
    lopdf::Document::load_mem(file).unwrap().get_pages().len()
}

#[test]
fn findings_of_repeated_items_are_told_once_and_of_lines_by_their_number() {
    let mut draft = plain();
    draft.payer.name = super::example::organization("Prairie, Health");
    draft.lines = (1..=13).map(|i| line("90837", i * 100, &[1])).collect();
    draft.lines[12].note = mentalspace_claims::claim::FreeText::parse("café").ok();
    let form = form(&claim(draft));
    let places: Vec<_> = form.findings().iter().map(|f| (f.item, f.service_line)).collect();
    assert_eq!(places, [("carrier", None), ("24", Some(13))]);
}
