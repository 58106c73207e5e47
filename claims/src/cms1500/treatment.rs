//! The case: items 14 to 23.

use chrono::NaiveDate;

use super::grid::{Cell, cell};
use super::ink::{Ink, date_cells};
use super::options::OriginalClaim;
use super::party::{numbers, spoken};
use crate::claim::{Claim, Frequency};

pub(super) fn fill(ink: &mut Ink<'_>, claim: &Claim) {
    onset(ink, claim);
    other_date(ink, claim);
    absences(ink, claim);
    referral(ink, claim);
    additional(ink, claim);
    ink.mark(cell!("20", "no"));
    ink.put(cell!("21", "indicator"), "0");
    for (diagnosis, cell) in claim.diagnoses.iter().zip(DIAGNOSES) {
        ink.put(cell, diagnosis.as_str());
    }
    resubmission(ink, claim);
    let authorization = claim.prior_authorization.as_ref();
    let number = authorization.or(claim.referral_number.as_ref());
    ink.put_some(cell!("23", "number"), number.map(|number| number.expose()));
    let both = authorization.is_some() && claim.referral_number.is_some();
    ink.unplaced_if(both, cell!("23", "number"), "referral_number");
}

/// Item 21 A to L. A claim has no more than these.
const DIAGNOSES: [Cell; 12] = [
    cell!("21", "A"),
    cell!("21", "B"),
    cell!("21", "C"),
    cell!("21", "D"),
    cell!("21", "E"),
    cell!("21", "F"),
    cell!("21", "G"),
    cell!("21", "H"),
    cell!("21", "I"),
    cell!("21", "J"),
    cell!("21", "K"),
    cell!("21", "L"),
];

fn onset(ink: &mut Ink<'_>, claim: &Claim) {
    let dates = [("431", claim.dates.onset), ("484", claim.dates.last_menstrual_period)];
    first_date(ink, cell!("14", "qualifier"), date_cells!("14", ""), dates);
}

/// The accident comes first: the marks of items 10b and 10c depend on it.
fn other_date(ink: &mut Ink<'_>, claim: &Claim) {
    let dates = &claim.dates;
    let dates = [
        ("439", dates.accident),
        ("454", dates.initial_treatment),
        ("304", dates.last_seen),
        ("453", dates.acute_manifestation),
        ("090", dates.care_assumed),
        ("091", dates.care_relinquished),
        ("444", dates.first_contact),
    ];
    first_date(ink, cell!("15", "qualifier"), date_cells!("15", ""), dates);
}

/// Writes the first date there is, the item having room for one.
fn first_date<const N: usize>(
    ink: &mut Ink<'_>,
    qualifier: Cell,
    cells: [Cell; 3],
    dates: [(&'static str, Option<NaiveDate>); N],
) {
    let known = dates.into_iter().filter_map(|(code, date)| Some((code, date?)));
    for (i, (code, date)) in known.enumerate() {
        if i == 0 {
            ink.put(qualifier, code);
            ink.date(cells, date);
        } else {
            ink.unplaced(qualifier, "further date of the case");
        }
    }
}

fn absences(ink: &mut Ink<'_>, claim: &Claim) {
    let dates = &claim.dates;
    for (cells, date) in [
        (date_cells!("16", "from "), dates.disability_from),
        (date_cells!("16", "to "), dates.disability_to),
        (date_cells!("18", "from "), dates.admission),
        (date_cells!("18", "to "), dates.discharge),
    ] {
        if let Some(date) = date {
            ink.date(cells, date);
        }
    }
    ink.unplaced_if(dates.last_worked.is_some(), cell!("16", "from day"), "dates.last_worked");
    ink.unplaced_if(dates.return_to_work.is_some(), cell!("16", "to day"), "dates.return_to_work");
}

/// One provider only: who referred goes before who supervised.
fn referral(ink: &mut Ink<'_>, claim: &Claim) {
    let providers = [("DN", &claim.referring), ("DQ", &claim.supervising)];
    let known = providers.into_iter().filter_map(|(code, provider)| Some((code, provider.as_ref()?)));
    for (i, (code, provider)) in known.enumerate() {
        if i > 0 {
            ink.unplaced(cell!("17", "name"), "supervising");
            continue;
        }
        ink.number([cell!("17a", "qualifier"), cell!("17a", "id")], numbers(&provider.secondary_ids, None));
        ink.put(cell!("17", "qualifier"), code);
        ink.put(cell!("17", "name"), &spoken(&provider.name));
        ink.put_some(cell!("17b", "npi"), provider.npi.as_ref().map(|npi| npi.as_str()));
    }
}

/// The upper line of item 19 is the shorter: it takes the beginning of what the lower one cannot hold alone.
fn additional(ink: &mut Ink<'_>, claim: &Claim) {
    let (upper, lower) = (cell!("19", "first line"), cell!("19", "second line"));
    ink.unplaced_if(claim.special_program.is_some(), lower, "special_program");
    ink.unplaced_if(claim.delay_reason.is_some(), lower, "delay_reason");
    let Some(note) = &claim.note else { return };
    let text = format!("{}{}", note.kind.code(), note.text.expose());
    let length = text.chars().count();
    if length <= usize::from(lower.width) {
        ink.put(lower, &text);
        return;
    }
    let start: String = text.chars().take(upper.width.into()).collect();
    let rest: String = text.chars().skip(upper.width.into()).collect();
    ink.put(upper, &start);
    ink.put(lower, &rest);
}

fn resubmission(ink: &mut Ink<'_>, claim: &Claim) {
    match (&claim.frequency, ink.options.original_claim) {
        (Frequency::Original, OriginalClaim::Blank) => {}
        (frequency, _) => ink.put(cell!("22", "code"), frequency.code()),
    }
    let number = claim.frequency.payer_claim_number().map(|number| number.expose());
    ink.put_some(cell!("22", "original reference"), number);
}
