//! The patient: items 2, 3, 5, 6, 10 and 12.

use mentalspace_core::{Address, PayerSex};

use super::grid::{Cell, cell};
use super::ink::{Ink, date_cells};
use super::insured::{SIGNATURE_ON_FILE, is_medicare_first};
use super::party::{filed, street};
use crate::claim::{Claim, Relationship, ReleaseOfInformation};

pub(super) fn fill(ink: &mut Ink<'_>, claim: &Claim) {
    let subscriber = &claim.subscriber;
    let patient = claim.patient.as_ref();
    ink.put(cell!("2", "name"), &filed(patient.map_or(&subscriber.name, |p| &p.name)));
    if let Some(birth_date) = patient.map(|p| &p.birth_date).or(subscriber.birth_date.as_ref()) {
        ink.long_date(date_cells!("3", "birth "), *birth_date.expose());
    }
    match patient.map(|p| p.sex).or(subscriber.sex) {
        Some(PayerSex::Male) => ink.mark(cell!("3", "male")),
        Some(PayerSex::Female) => ink.mark(cell!("3", "female")),
        Some(PayerSex::Unknown) | None => {}
    }
    if let Some(address) = patient.map(|p| &p.address).or(subscriber.address.as_ref()) {
        patient_address(ink, address);
    }
    let phone = patient.map_or(subscriber.phone.as_ref(), |p| p.phone.as_ref());
    ink.phone(cell!("5", "area code"), cell!("5", "phone"), phone);
    if !is_medicare_first(claim) {
        ink.mark(relationship(patient.map_or(&Relationship::SelfSame, |p| &p.relationship)));
    }
    causes(ink, claim);
    if claim.release == ReleaseOfInformation::Signed {
        ink.put(cell!("12", "signature"), SIGNATURE_ON_FILE);
        if let Some(day) = ink.options.signed_on {
            ink.joined_date(cell!("12", "date"), day);
        }
    }
}

fn patient_address(ink: &mut Ink<'_>, address: &Address) {
    ink.put(cell!("5", "street"), &street(address));
    ink.put(cell!("5", "city"), address.city.expose());
    ink.put(cell!("5", "state"), address.state.as_str());
    ink.put(cell!("5", "zip"), &address.zip.expose_hyphenated());
}

const fn relationship(relationship: &Relationship) -> Cell {
    match relationship {
        Relationship::SelfSame => cell!("6", "self"),
        Relationship::Spouse => cell!("6", "spouse"),
        Relationship::Child => cell!("6", "child"),
        _ => cell!("6", "other"),
    }
}

fn causes(ink: &mut Ink<'_>, claim: &Claim) {
    let causes = &claim.related_causes;
    ink.mark(if causes.employment { cell!("10a", "yes") } else { cell!("10a", "no") });
    ink.mark(if causes.auto_accident.is_some() { cell!("10b", "yes") } else { cell!("10b", "no") });
    ink.put_some(cell!("10b", "state"), causes.auto_accident.as_ref().map(|state| state.as_str()));
    ink.mark(if causes.other_accident { cell!("10c", "yes") } else { cell!("10c", "no") });
    let codes: Vec<&str> = claim.condition_codes.iter().map(|code| code.as_str()).collect();
    ink.put(cell!("10d", "claim codes"), &codes.join("   "));
}
