//! The 835 of invented claims (005010X221A1): every line, claim and payment balances.

use super::claim::{Claim, Line, npi};
use super::{Amount, Text};

/// Writes a set with at least one of the claims, as many as fit into `bytes`.
pub(super) fn set(number: u32, bytes: u64, claims: impl Iterator<Item = Claim>) -> String {
    let mut body = Text::new();
    let mut paid = 0;
    for claim in claims {
        write_claim(&mut body, &claim);
        paid += claim.paid();
        if body.text.len() as u64 >= bytes {
            break;
        }
    }
    let payee = npi(188_888_888);
    // Every other payment takes something back, where it is large enough.
    let taken_back = if number.is_multiple_of(2) && paid > 2_500 { 2_500 } else { 0 };
    if taken_back > 0 {
        body.segment(format_args!("PLB*{payee}*20241231*WO:TB{number:06}*{}", Amount(taken_back)));
    }
    body.after(head(number, paid - taken_back, &payee)).end(number)
}

fn head(number: u32, amount: i64, payee: &str) -> Text {
    let mut out = Text::new();
    out.segment(format_args!("ST*835*{number:04}"));
    if amount > 0 {
        let amount = Amount(amount);
        out.segment(format_args!(
            "BPR*I*{amount}*C*ACH*CCP*01*999988880*DA*0012345*1512345678**01*888899996*DA*0098765*20240401"
        ));
    } else {
        out.segment(format_args!("BPR*H*0*C*NON************20240401"));
    }
    out.segment(format_args!("TRN*1*EFT{number:09}*1512345678"));
    out.segment(format_args!("DTM*405*20240331"));
    out.segment(format_args!("N1*PR*EXAMPLE HEALTH PLAN"));
    out.segment(format_args!("N3*1 PLAN WAY"));
    out.segment(format_args!("N4*AUSTIN*TX*787011234"));
    out.segment(format_args!("REF*2U*EHP01"));
    out.segment(format_args!("PER*CX*CLAIM SERVICE*TE*8005550100"));
    out.segment(format_args!("PER*BL*TECHNICAL DESK*TE*8005550101"));
    out.segment(format_args!("N1*PE*LAKESIDE BEHAVIORAL HEALTH*XX*{payee}"));
    out.segment(format_args!("REF*TJ*741234567"));
    out.segment(format_args!("LX*1"));
    out
}

fn write_claim(out: &mut Text, claim: &Claim) {
    let status = if claim.denied { 4 } else { 1 };
    let (charge, paid, share) = (Amount(claim.charge()), Amount(claim.paid()), claim.patient_share());
    let (number, filing, place) = (claim.number, claim.payer.filing, claim.place);
    let share = if share > 0 { Amount(share).to_string() } else { String::new() };
    out.segment(format_args!("CLP*C{number:09}*{status}*{charge}*{paid}*{share}*{filing}*P{number:012}*{place}*1"));
    let patient = claim.patient();
    out.segment(format_args!("NM1*QC*1*{}*{}****MI*W{:09}", patient.last, patient.first, claim.member));
    if claim.dependent.is_some() {
        let insured = &claim.subscriber;
        out.segment(format_args!("NM1*IL*1*{}*{}****MI*W{:09}", insured.last, insured.first, claim.member));
    }
    let clinician = &claim.clinician;
    out.segment(format_args!("NM1*82*1*{}*{}****XX*{}", clinician.last, clinician.first, clinician.npi));
    if let Some(authorization) = claim.authorization {
        out.segment(format_args!("REF*G1*A{authorization:07}"));
    }
    out.segment(format_args!("DTM*050*20240325"));
    let covered: i64 = claim.lines.iter().map(|line| line.charge - line.contractual).sum();
    if covered > 0 {
        out.segment(format_args!("AMT*AU*{}", Amount(covered)));
    }
    for (n, line) in (1..).zip(&claim.lines) {
        write_line(out, claim, n, line);
    }
}

fn write_line(out: &mut Text, claim: &Claim, n: u32, line: &Line) {
    let (colon, modifier) = line.modifier.map_or(("", ""), |modifier| (":", modifier));
    let (charge, paid) = (Amount(line.charge), Amount(line.paid()));
    out.segment(format_args!("SVC*HC:{}{colon}{modifier}*{charge}*{paid}**1", line.procedure));
    out.segment(format_args!("DTM*472*{}", line.day));
    let reason = if claim.denied { 197 } else { 45 };
    out.segment(format_args!("CAS*CO*{reason}*{}", Amount(line.contractual)));
    match (line.deductible, line.copay) {
        (0, 0) => {}
        (deductible, 0) => out.segment(format_args!("CAS*PR*1*{}", Amount(deductible))),
        (0, copay) => out.segment(format_args!("CAS*PR*3*{}", Amount(copay))),
        (deductible, copay) => out.segment(format_args!("CAS*PR*1*{}**3*{}", Amount(deductible), Amount(copay))),
    }
    out.segment(format_args!("REF*6R*C{:09}L{n}", claim.number));
    let allowed = line.charge - line.contractual;
    if allowed > 0 {
        out.segment(format_args!("AMT*B6*{}", Amount(allowed)));
    }
    if claim.denied {
        out.segment(format_args!("LQ*HE*N130"));
    }
}
