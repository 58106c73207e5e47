//! Remittances of the synthetic payer.

use std::fmt::Write as _;

/// Group, reason and cents.
type Cas<'a> = (&'a str, &'a str, i64);

/// A claim of a remittance: our number, CLP02, lines of procedure, charge in cents and adjustments.
pub(super) struct Decided<'a> {
    pub(super) number: &'a str,
    pub(super) status: &'a str,
    pub(super) lines: Vec<(&'a str, i64, Vec<Cas<'a>>)>,
}

impl<'a> Decided<'a> {
    /// One session of 120.00: 20.00 under contract, 25.00 copay, the rest paid.
    pub(super) fn paid(number: &'a str) -> Self {
        Self { number, status: "1", lines: vec![("90834", 12_000, vec![("CO", "45", 2_000), ("PR", "3", 2_500)])] }
    }

    pub(super) fn denied(number: &'a str) -> Self {
        Self { number, status: "4", lines: vec![("90834", 12_000, vec![("CO", "29", 12_000)])] }
    }

    /// Takes [`Decided::paid`] back.
    pub(super) fn reversed(number: &'a str) -> Self {
        Self { number, status: "22", lines: vec![("90834", -12_000, vec![("CO", "45", -2_000), ("PR", "3", -2_500)])] }
    }
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// Writes an 835 that adds up.
pub(super) fn file(trace: &str, claims: &[Decided<'_>]) -> String {
    let mut body = String::new();
    let mut total = 0;
    for claim in claims {
        let charge: i64 = claim.lines.iter().map(|line| line.1).sum();
        let lowered: i64 = claim.lines.iter().flat_map(|line| &line.2).map(|cas| cas.2).sum();
        let paid = charge - lowered;
        total += paid;
        let (number, status) = (claim.number, claim.status);
        let _ = write!(body, "CLP*{number}*{status}*{}*{}**CI*ICN{number}*11*1~", money(charge), money(paid));
        body.push_str("NM1*QC*1*O'DOE-SMITH*ALEXANDRA****MI*W123456789~");
        for (procedure, charge, adjustments) in &claim.lines {
            let paid = charge - adjustments.iter().map(|cas| cas.2).sum::<i64>();
            let _ = write!(body, "SVC*HC:{procedure}*{}*{}**1~DTM*472*20260302~", money(*charge), money(paid));
            for (group, reason, amount) in adjustments {
                let _ = write!(body, "CAS*{group}*{reason}*{}~", money(*amount));
            }
        }
    }
    let set = format!(
        "ST*835*0001~BPR*I*{}*C*ACH*CCP*01*999988880*DA*12345*1512345678**01*999988881*DA*98765*20260304~\
         TRN*1*{trace}*1512345678~DTM*405*20260304~N1*PR*SUMMIT HEALTH PLAN~N3*1 PLAN WAY~N4*DENVER*CO*80202~\
         REF*2U*SHP01~PER*BL*HELP DESK*TE*3035550199~N1*PE*FRONT RANGE COUNSELING*XX*1234567893~LX*1~{body}",
        money(total)
    );
    let count = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*SHP01          *ZZ*1234567893     *260304*1200*^*00501*000000001*0*T*:~\
         GS*HP*SHP01*1234567893*20260304*1200*1*X*005010X221A1~{set}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    )
}
