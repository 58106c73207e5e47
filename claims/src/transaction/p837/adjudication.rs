//! What other payers decided: 2320 to 2330B for the claim, 2430 for a line.

use super::detail::{amount, day, procedure};
use super::party;
use crate::claim::{Adjustment, Claim, LineAdjudication, OrganizationName, OtherPayer, ServiceLine};
use crate::x12::{WriteError, Writer};

type Done = Result<(), WriteError>;

/// 2320, 2330A and 2330B.
pub(super) fn other_payer(out: &mut Writer, claim: &Claim, other: &OtherPayer) -> Done {
    let subscriber = &other.subscriber;
    let group_name = if subscriber.group_number.is_none() { subscriber.group_name.as_ref() } else { None };
    out.segment("SBR")
        .element(other.sequence.code())
        .element(subscriber.relationship.code())
        .optional(subscriber.group_number.as_ref().map(|n| n.expose()))
        .optional(group_name.map(OrganizationName::as_str))
        .optional(other.payer.insurance_type.as_deref())
        .skip(3)
        .element(other.payer.filing_indicator.code())
        .end()?;
    if let Some(decision) = &other.adjudication {
        adjustments(out, &decision.adjustments)?;
        amount(out, "D", Some(decision.paid))?;
        amount(out, "A8", decision.non_covered)?;
        amount(out, "EAF", decision.remaining_patient_liability)?;
    }
    out.segment("OI")
        .skip(2)
        .element(other.benefits_assignment.code())
        .element(if claim.signature_generated_by_provider { "P" } else { "" })
        .skip(1)
        .element(other.release.code())
        .end()?;
    let remarks = other.adjudication.as_ref().map_or(&[][..], |decision| &decision.remarks);
    if !remarks.is_empty() {
        remarks.iter().fold(out.segment("MOA").skip(2), |segment, code| segment.element(code)).end()?;
    }
    party::person(out, "IL", &subscriber.name, Some(("MI", subscriber.member_id.expose())))?;
    if let Some(home) = &subscriber.address {
        party::address(out, home)?;
    }
    party::payer(out, &other.payer)?;
    // The date stands at the claim or at its lines, never at both.
    let at_lines = claim.lines.iter().flat_map(|line| &line.adjudications).any(|a| a.payer == other.payer.id);
    day(out, "573", other.adjudication.as_ref().filter(|_| !at_lines).map(|decision| decision.paid_on))?;
    let numbers = [("G1", &other.prior_authorization), ("9F", &other.referral_number), ("F8", &other.claim_number)];
    for (qualifier, number) in numbers {
        if let Some(number) = number {
            party::reference(out, qualifier, number.expose())?;
        }
    }
    Ok(())
}

/// 2430.
pub(super) fn of_line(out: &mut Writer, line: &ServiceLine, decision: &LineAdjudication) -> Done {
    let (code, modifiers) = match &decision.procedure {
        Some(code) => (code, &decision.modifiers),
        None => (&line.procedure, &line.modifiers),
    };
    out.segment("SVD")
        .element(decision.payer.as_str())
        .element(&decision.paid.x12())
        .composite(&procedure(code.as_str(), modifiers, ""))
        .skip(1)
        .element(&decision.units.unwrap_or(line.units).to_string())
        .optional(decision.bundled_into.map(|n| n.to_string()).as_deref())
        .end()?;
    adjustments(out, &decision.adjustments)?;
    day(out, "573", Some(decision.paid_on))?;
    amount(out, "EAF", decision.remaining_patient_liability)
}

/// CAS: one segment per group code and six adjustments, in the order in which the groups come.
fn adjustments(out: &mut Writer, list: &[Adjustment]) -> Done {
    let mut groups: Vec<(&str, Vec<&Adjustment>)> = Vec::new();
    for adjustment in list {
        match groups.iter_mut().find(|(code, _)| *code == adjustment.group.code()) {
            Some((_, members)) => members.push(adjustment),
            None => groups.push((adjustment.group.code(), vec![adjustment])),
        }
    }
    for (code, members) in groups {
        for six in members.chunks(6) {
            let mut segment = out.segment("CAS").element(code);
            for adjustment in six {
                segment = segment
                    .element(&adjustment.reason)
                    .element(&adjustment.amount.x12())
                    .optional(adjustment.quantity.map(|q| q.to_string()).as_deref());
            }
            segment.end()?;
        }
    }
    Ok(())
}
