//! A claim and its lines: 2300 to 2430.

use chrono::NaiveDate;
use mentalspace_core::{DateOfService, Modifiers, Money};

use super::{adjudication, party};
use crate::claim::{Claim, ClaimDates, Drug, RelatedCauses, ServiceLine};
use crate::x12::{WriteError, Writer};

type Done = Result<(), WriteError>;

/// 2300 with everything below.
pub(super) fn claim(out: &mut Writer, claim: &Claim) -> Done {
    head(out, claim)?;
    dates(out, &claim.dates)?;
    amount(out, "F5", claim.patient_paid)?;
    let references = [
        ("9F", &claim.referral_number),
        ("G1", &claim.prior_authorization),
        ("F8", &claim.frequency.payer_claim_number().cloned()),
        ("EA", &claim.medical_record_number),
    ];
    for (qualifier, number) in references {
        if let Some(number) = number {
            party::reference(out, qualifier, number.expose())?;
        }
    }
    if let Some(note) = &claim.note {
        out.segment("NTE").element(note.kind.code()).element(note.text.expose()).end()?;
    }
    codes(out, claim)?;
    for (entity, provider) in [("DN", &claim.referring), ("82", &claim.rendering)] {
        if let Some(provider) = provider {
            party::provider(out, entity, provider)?;
        }
    }
    if let Some(facility) = &claim.facility {
        party::facility(out, facility)?;
    }
    if let Some(supervising) = &claim.supervising {
        party::provider(out, "DQ", supervising)?;
    }
    for other in &claim.other_payers {
        adjudication::other_payer(out, claim, other)?;
    }
    for (i, line) in claim.lines.iter().enumerate() {
        service_line(out, claim, i + 1, line)?;
    }
    Ok(())
}

/// CLM.
fn head(out: &mut Writer, claim: &Claim) -> Done {
    let yes_no = |yes| if yes { "Y" } else { "N" };
    let place = [claim.place_of_service.as_str(), "B", claim.frequency.code()];
    out.segment("CLM")
        .element(claim.control_number.as_str())
        .element(&claim.total().x12())
        .skip(2)
        .composite(&place)
        .element(yes_no(claim.provider_signature_on_file))
        .element(claim.assignment.code())
        .element(claim.benefits_assignment.code())
        .element(claim.release.code())
        .element(if claim.signature_generated_by_provider { "P" } else { "" })
        .composite(&causes(&claim.related_causes))
        .optional(claim.special_program.as_deref())
        .skip(7)
        .optional(claim.delay_reason.as_deref())
        .end()
}

/// CLM11: up to two causes, then the state of a vehicle accident.
fn causes(related: &RelatedCauses) -> [&str; 4] {
    let mut components = [""; 4];
    let named = [(related.auto_accident.is_some(), "AA"), (related.employment, "EM"), (related.other_accident, "OA")];
    for (slot, (_, code)) in components.iter_mut().zip(named.into_iter().filter(|(is_cause, _)| *is_cause)) {
        *slot = code;
    }
    components[3] = related.auto_accident.as_ref().map_or("", |state| state.as_str());
    components
}

fn dates(out: &mut Writer, dates: &ClaimDates) -> Done {
    let before = [
        ("431", dates.onset),
        ("454", dates.initial_treatment),
        ("304", dates.last_seen),
        ("453", dates.acute_manifestation),
        ("439", dates.accident),
        ("484", dates.last_menstrual_period),
    ];
    let after = [
        ("297", dates.last_worked),
        ("296", dates.return_to_work),
        ("435", dates.admission),
        ("096", dates.discharge),
        ("090", dates.care_assumed),
        ("091", dates.care_relinquished),
        ("444", dates.first_contact),
    ];
    for (qualifier, day) in before {
        self::day(out, qualifier, day)?;
    }
    match (dates.disability_from, dates.disability_to) {
        (Some(from), Some(to)) => {
            let span = format!("{}-{}", from.format("%Y%m%d"), to.format("%Y%m%d"));
            out.segment("DTP").element("314").element("RD8").element(&span).end()?;
        }
        (from, to) => {
            day(out, "360", from)?;
            day(out, "361", to)?;
        }
    }
    after.into_iter().try_for_each(|(qualifier, day)| self::day(out, qualifier, day))
}

/// DTP with one day, where there is one.
pub(super) fn day(out: &mut Writer, qualifier: &str, day: Option<NaiveDate>) -> Done {
    let Some(day) = day else { return Ok(()) };
    out.segment("DTP").element(qualifier).element("D8").element(&day.format("%Y%m%d").to_string()).end()
}

/// AMT, where there is an amount.
pub(super) fn amount(out: &mut Writer, qualifier: &str, amount: Option<Money>) -> Done {
    let Some(amount) = amount else { return Ok(()) };
    out.segment("AMT").element(qualifier).element(&amount.x12()).end()
}

/// HI: all diagnoses in one segment, the first as principal; then the condition codes.
fn codes(out: &mut Writer, claim: &Claim) -> Done {
    let mut segment = out.segment("HI");
    for (i, diagnosis) in claim.diagnoses.iter().enumerate() {
        segment = segment.composite(&[if i == 0 { "ABK" } else { "ABF" }, diagnosis.as_str()]);
    }
    segment.end()?;
    if claim.condition_codes.is_empty() {
        return Ok(());
    }
    let segment = out.segment("HI");
    claim.condition_codes.iter().fold(segment, |segment, code| segment.composite(&["BG", code.as_str()])).end()
}

/// 2400 with everything below.
fn service_line(out: &mut Writer, claim: &Claim, number: usize, line: &ServiceLine) -> Done {
    out.segment("LX").element(&number.to_string()).end()?;
    let yes = |flag| if flag { "Y" } else { "" };
    let pointers: Vec<String> = line.pointers.iter().map(ToString::to_string).collect();
    let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
    let place = line.place_of_service.as_ref().filter(|place| **place != claim.place_of_service);
    out.segment("SV1")
        .composite(&procedure(
            line.procedure.as_str(),
            &line.modifiers,
            line.description.as_ref().map_or("", |d| d.expose()),
        ))
        .element(&line.charge.x12())
        .element(line.unit_kind.code())
        .element(&line.units.to_string())
        .optional(place.map(|p| p.as_str()))
        .skip(1)
        .composite(&pointers)
        .skip(1)
        .element(yes(line.emergency))
        .skip(1)
        .element(yes(line.epsdt))
        .element(yes(line.family_planning))
        .end()?;
    service_date(out, line.dates)?;
    if let Some(number) = &line.prior_authorization {
        party::reference(out, "G1", number.expose())?;
    }
    if let Some(number) = &line.control_number {
        party::reference(out, "6R", number.as_str())?;
    }
    if let Some(note) = &line.note {
        out.segment("NTE").element("ADD").element(note.expose()).end()?;
    }
    if let Some(drug) = &line.drug {
        self::drug(out, drug)?;
    }
    if let Some(rendering) = &line.rendering {
        party::provider(out, "82", rendering)?;
    }
    line.adjudications.iter().try_for_each(|decision| adjudication::of_line(out, line, decision))
}

/// The components of a procedure (SV101, SVD03).
pub(super) fn procedure<'a>(code: &'a str, modifiers: &'a Modifiers, description: &'a str) -> [&'a str; 7] {
    let mut components = ["HC", code, "", "", "", "", description];
    for (slot, modifier) in components[2..6].iter_mut().zip(modifiers.as_slice()) {
        *slot = modifier.as_str();
    }
    components
}

fn service_date(out: &mut Writer, dates: DateOfService) -> Done {
    if dates.is_one_day() {
        return day(out, "472", Some(dates.from()));
    }
    let span = format!("{}-{}", dates.from().format("%Y%m%d"), dates.to().format("%Y%m%d"));
    out.segment("DTP").element("472").element("RD8").element(&span).end()
}

/// 2410.
fn drug(out: &mut Writer, drug: &Drug) -> Done {
    out.segment("LIN").skip(1).element("N4").element(drug.ndc.as_str()).end()?;
    out.segment("CTP").skip(3).element(&drug.quantity.to_string()).element(drug.unit.code()).end()?;
    drug.prescription.as_ref().map_or(Ok(()), |number| party::reference(out, "XZ", number.expose()))
}
