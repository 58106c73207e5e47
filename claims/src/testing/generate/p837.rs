//! The 837P of invented claims (005010X222A1).

use super::claim::{Claim, Clinician, Person, npi};
use super::{Amount, Text};

/// Writes a set with at least one of the claims, as many as fit into `bytes`.
pub(super) fn set(number: u32, bytes: u64, claims: impl Iterator<Item = Claim>) -> String {
    let mut out = Text::new();
    let billing = npi(188_888_888);
    out.segment(format_args!("ST*837*{number:04}*005010X222A1"));
    out.segment(format_args!("BHT*0019*00*BATCH{number:06}*20240401*0600*CH"));
    out.segment(format_args!("NM1*41*2*LAKESIDE BEHAVIORAL HEALTH*****46*LAKE01"));
    out.segment(format_args!("PER*IC*BILLING OFFICE*TE*5125550100"));
    out.segment(format_args!("NM1*40*2*EXAMPLE EXCHANGE*****46*EXCH01"));
    out.segment(format_args!("HL*1**20*1"));
    out.segment(format_args!("PRV*BI*PXC*251S00000X"));
    out.segment(format_args!("NM1*85*2*LAKESIDE BEHAVIORAL HEALTH*****XX*{billing}"));
    out.segment(format_args!("N3*100 LAKE STREET*SUITE 200"));
    out.segment(format_args!("N4*AUSTIN*TX*787011234"));
    out.segment(format_args!("REF*EI*741234567"));
    let mut level = 1;
    for claim in claims {
        level = write_claim(&mut out, &claim, level);
        if out.text.len() as u64 >= bytes {
            break;
        }
    }
    out.end(number)
}

/// Writes a claim with its levels, the last of which it returns.
fn write_claim(out: &mut Text, claim: &Claim, mut level: u32) -> u32 {
    level += 1;
    let (relationship, children) = if claim.dependent.is_some() { ("", 1) } else { ("18", 0) };
    out.segment(format_args!("HL*{level}*1*22*{children}"));
    out.segment(format_args!("SBR*P*{relationship}*{}******{}", claim.group, claim.payer.filing));
    let Person { last, first, .. } = claim.subscriber;
    out.segment(format_args!("NM1*IL*1*{last}*{first}****MI*W{:09}", claim.member));
    if claim.dependent.is_none() {
        demographics(out, &claim.subscriber);
    }
    out.segment(format_args!("NM1*PR*2*{}*****PI*{}", claim.payer.name, claim.payer.id));
    if let Some(dependent) = &claim.dependent {
        level += 1;
        out.segment(format_args!("HL*{level}*{}*23*0", level - 1));
        out.segment(format_args!("PAT*19"));
        out.segment(format_args!("NM1*QC*1*{}*{}", dependent.last, dependent.first));
        demographics(out, dependent);
    }
    let number = claim.number;
    out.segment(format_args!("CLM*C{number:09}*{}***{}:B:1*Y*A*Y*Y", Amount(claim.charge()), claim.place));
    if let Some(authorization) = claim.authorization {
        out.segment(format_args!("REF*G1*A{authorization:07}"));
    }
    match claim.diagnoses[..] {
        [one] => out.segment(format_args!("HI*ABK:{one}")),
        [one, two] => out.segment(format_args!("HI*ABK:{one}*ABF:{two}")),
        [one, two, three, ..] => out.segment(format_args!("HI*ABK:{one}*ABF:{two}*ABF:{three}")),
        [] => {}
    }
    if let Some(referrer) = &claim.referrer {
        clinician(out, "DN", referrer);
    }
    clinician(out, "82", &claim.clinician);
    out.segment(format_args!("PRV*PE*PXC*{}", claim.clinician.taxonomy));
    for (n, line) in (1..).zip(&claim.lines) {
        out.segment(format_args!("LX*{n}"));
        let (colon, modifier) = line.modifier.map_or(("", ""), |modifier| (":", modifier));
        let pointers = &"1:2:3"[..line.pointers * 2 - 1];
        let charge = Amount(line.charge);
        out.segment(format_args!("SV1*HC:{}{colon}{modifier}*{charge}*UN*1***{pointers}", line.procedure));
        out.segment(format_args!("DTP*472*D8*{}", line.day));
        out.segment(format_args!("REF*6R*C{number:09}L{n}"));
    }
    level
}

fn demographics(out: &mut Text, person: &Person) {
    out.segment(format_args!("N3*{} CEDAR COURT", person.house));
    out.segment(format_args!("N4*{}*{}*{}", person.town.name, person.town.state, person.town.zip));
    out.segment(format_args!("DMG*D8*{}*{}", person.born, person.sex));
}

fn clinician(out: &mut Text, role: &str, clinician: &Clinician) {
    out.segment(format_args!("NM1*{role}*1*{}*{}****XX*{}", clinician.last, clinician.first, clinician.npi));
}
