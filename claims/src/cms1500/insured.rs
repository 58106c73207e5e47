//! Who is insured and with whom: the carrier block and items 1, 1a, 4, 7, 9, 11 and 13.

use mentalspace_core::{Address, PayerSex};

use super::grid::{Cell, cell};
use super::ink::{Ink, date_cells};
use super::options::Program;
use super::party::{city_state_zip, filed, street};
use crate::claim::{BenefitsAssignment, Claim, FilingIndicator, OtherPayer, PayerSequence};

pub(super) const SIGNATURE_ON_FILE: &str = "SIGNATURE ON FILE";

pub(super) fn fill(ink: &mut Ink<'_>, claim: &Claim) {
    carrier(ink, claim);
    ink.mark(program_cell(ink.options.program.unwrap_or_else(|| program(claim))));
    ink.put(cell!("1a", "id"), claim.subscriber.member_id.expose());
    if is_medicare_first(claim) {
        ink.put(cell!("11", "policy group"), "NONE");
    } else {
        insured(ink, claim);
    }
    if claim.benefits_assignment == BenefitsAssignment::Yes {
        ink.put(cell!("13", "signature"), SIGNATURE_ON_FILE);
    }
}

/// Medicare wants items 4, 6, 7 and 11a to 11d blank when nobody pays before it (Pub. 100-04 chapter 26 §10.2).
pub(super) fn is_medicare_first(claim: &Claim) -> bool {
    claim.payer.filing_indicator.is_medicare() && claim.payer_sequence == PayerSequence::Primary
}

fn carrier(ink: &mut Ink<'_>, claim: &Claim) {
    ink.put(cell!("carrier", "name"), claim.payer.name.as_str());
    if let Some(address) = &claim.payer.address {
        ink.put(cell!("carrier", "street"), address.line1.expose());
        ink.put_some(cell!("carrier", "street 2"), address.line2.as_ref().map(|line| line.expose()));
        ink.put(cell!("carrier", "city state zip"), &city_state_zip(address));
    }
}

/// Tells the coverage by the kind of insurance; a plan is a group's if the claim names the group.
fn program(claim: &Claim) -> Program {
    let in_group = claim.subscriber.group_number.is_some() || claim.subscriber.group_name.is_some();
    match &claim.payer.filing_indicator {
        FilingIndicator::MedicareA | FilingIndicator::MedicareB => Program::Medicare,
        FilingIndicator::Medicaid => Program::Medicaid,
        FilingIndicator::Tricare => Program::Tricare,
        FilingIndicator::VeteransAffairs => Program::Champva,
        FilingIndicator::Ppo
        | FilingIndicator::PointOfService
        | FilingIndicator::Epo
        | FilingIndicator::Indemnity
        | FilingIndicator::BlueCross
        | FilingIndicator::Commercial
        | FilingIndicator::Hmo
            if in_group =>
        {
            Program::GroupHealthPlan
        }
        FilingIndicator::FederalEmployees => Program::GroupHealthPlan,
        _ => Program::Other,
    }
}

const fn program_cell(program: Program) -> Cell {
    match program {
        Program::Medicare => cell!("1", "medicare"),
        Program::Medicaid => cell!("1", "medicaid"),
        Program::Tricare => cell!("1", "tricare"),
        Program::Champva => cell!("1", "champva"),
        Program::GroupHealthPlan => cell!("1", "group health plan"),
        Program::Feca => cell!("1", "feca"),
        Program::Other => cell!("1", "other"),
    }
}

fn insured(ink: &mut Ink<'_>, claim: &Claim) {
    let subscriber = &claim.subscriber;
    ink.put(cell!("4", "name"), &filed(&subscriber.name));
    if let Some(address) = &subscriber.address {
        insured_address(ink, address);
    }
    ink.phone(cell!("7", "area code"), cell!("7", "phone"), subscriber.phone.as_ref());
    if let Some(other) = claim.other_payers.first() {
        other_insured(ink, other);
    }
    ink.unplaced_if(claim.other_payers.len() > 1, cell!("9", "name"), "other payers after the first");

    ink.put_some(cell!("11", "policy group"), subscriber.group_number.as_ref().map(|number| number.expose()));
    if let Some(birth_date) = &subscriber.birth_date {
        ink.long_date(date_cells!("11a", "birth "), *birth_date.expose());
    }
    match subscriber.sex {
        Some(PayerSex::Male) => ink.mark(cell!("11a", "male")),
        Some(PayerSex::Female) => ink.mark(cell!("11a", "female")),
        Some(PayerSex::Unknown) | None => {}
    }
    if let Some(number) = &subscriber.casualty_claim_number {
        ink.put(cell!("11b", "qualifier"), "Y4");
        ink.put(cell!("11b", "id"), number.expose());
    }
    ink.put_some(cell!("11c", "plan"), subscriber.group_name.as_ref().map(|name| name.as_str()));
    let another = if claim.other_payers.is_empty() { cell!("11d", "no") } else { cell!("11d", "yes") };
    ink.mark(another);
}

fn insured_address(ink: &mut Ink<'_>, address: &Address) {
    ink.put(cell!("7", "street"), &street(address));
    ink.put(cell!("7", "city"), address.city.expose());
    ink.put(cell!("7", "state"), address.state.as_str());
    ink.put(cell!("7", "zip"), &address.zip.expose_hyphenated());
}

/// Items 9, 9a and 9d must all be filled once 11d is YES: the member number and the payer's name stand in for a group.
fn other_insured(ink: &mut Ink<'_>, other: &OtherPayer) {
    let subscriber = &other.subscriber;
    let number = subscriber.group_number.as_ref().map_or(subscriber.member_id.expose(), |group| group.expose());
    let plan = subscriber.group_name.as_ref().unwrap_or(&other.payer.name);
    ink.put(cell!("9", "name"), &filed(&subscriber.name));
    ink.put(cell!("9a", "policy group"), number);
    ink.put(cell!("9d", "plan"), plan.as_str());
}
