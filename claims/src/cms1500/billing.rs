//! Who bills, where and how much: items 25 to 33.

use mentalspace_core::{Money, TaxIdKind};

use super::grid::cell;
use super::ink::{Ink, money_cells};
use super::insured::SIGNATURE_ON_FILE;
use super::party::{city_state_zip, numbers, spoken, street};
use crate::claim::{Assignment, Claim};

pub(super) fn fill(ink: &mut Ink<'_>, claim: &Claim) {
    let billing = &claim.billing_provider;
    ink.put(cell!("25", "number"), billing.tax_id.expose());
    ink.mark(match billing.tax_id.kind() {
        TaxIdKind::Ssn => cell!("25", "ssn"),
        TaxIdKind::Ein => cell!("25", "ein"),
    });
    ink.put(cell!("26", "account"), claim.control_number.as_str());
    match claim.assignment {
        Assignment::Accepted => ink.mark(cell!("27", "yes")),
        Assignment::NotAccepted => ink.mark(cell!("27", "no")),
        Assignment::LaboratoryOnly | Assignment::Other(_) => ink.unplaced(cell!("27", "no"), "assignment"),
    }
    if claim.provider_signature_on_file {
        ink.put(cell!("31", "signature"), SIGNATURE_ON_FILE);
        if let Some(day) = ink.options.signed_on {
            ink.joined_date(cell!("31", "date"), day);
        }
    }
    if let Some(facility) = &claim.facility {
        ink.put(cell!("32", "name"), facility.name.as_str());
        ink.put(cell!("32", "street"), &street(&facility.address));
        ink.put(cell!("32", "city state zip"), &city_state_zip(&facility.address));
        ink.put_some(cell!("32a", "npi"), facility.npi.as_ref().map(|npi| npi.as_str()));
        ink.joined_number(cell!("32b", "other id"), numbers(&facility.secondary_ids, None));
    }
    billing_provider(ink, claim);
}

/// The payer's own number for the provider goes before the provider's taxonomy.
fn billing_provider(ink: &mut Ink<'_>, claim: &Claim) {
    let billing = &claim.billing_provider;
    let phone = billing.contact.as_ref().and_then(|contact| contact.phone.as_ref());
    ink.phone(cell!("33", "area code"), cell!("33", "phone"), phone);
    ink.put(cell!("33", "name"), &spoken(&billing.name));
    ink.put(cell!("33", "street"), &street(&billing.address));
    ink.put(cell!("33", "city state zip"), &city_state_zip(&billing.address));
    ink.put(cell!("33a", "npi"), billing.npi.as_str());
    let own = numbers(&billing.secondary_ids, billing.taxonomy.as_ref());
    ink.joined_number(cell!("33b", "other id"), numbers(&claim.payer.billing_provider_ids, None).chain(own));
    ink.unplaced_if(billing.pay_to.is_some(), cell!("33", "street"), "billing_provider.pay_to");
}

/// Writes the total of item 28.
pub(super) fn total(ink: &mut Ink<'_>, total: Money) {
    ink.money(money_cells!("28"), total);
}

/// Writes what was paid before, item 29: by the patient, and by other payers unless Medicare is asked, which counts
/// the patient's money only (Pub. 100-04 chapter 26 §10.4). Nothing paid leaves the item blank.
pub(super) fn paid(ink: &mut Ink<'_>, claim: &Claim) {
    let decided = claim.other_payers.iter().filter_map(|other| other.adjudication.as_ref());
    let by_payers: Money = decided.clone().map(|decision| decision.paid).sum();
    let by_patient = claim.patient_paid.unwrap_or_default();
    let paid = if claim.payer.filing_indicator.is_medicare() { by_patient } else { by_patient + by_payers };
    if !paid.is_zero() {
        ink.money(money_cells!("29"), paid);
    }
    ink.unplaced_if(decided.count() > 0, cell!("29", "dollars"), "adjudication: enclose the remittance advice");
}
