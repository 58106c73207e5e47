//! A payer's remittance for claims of the demo (X12 005010X221A1): it adds up, and denies what it is told to deny.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use mentalspace_claims::claim::{Claim, PartyName};
use mentalspace_core::{Money, PersonName};

/// What a payer has decided about a claim.
pub(super) struct Decided {
    pub(super) claim: Claim,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Paid,
    Denied,
}

/// The money that comes with the decisions.
pub(super) struct Payment {
    pub(super) trace: String,
    pub(super) paid_on: NaiveDate,
}

/// What a fifth of a charge is: the part the contract does not allow.
const DISALLOWED: i64 = 5;
/// What clients pay of each line.
const COPAY: Money = Money::from_cents(2_500);

struct Line {
    segments: String,
    paid: Money,
    patient: Money,
}

/// Writes the remittance of one payer, the payer of the first claim.
pub(super) fn write(payment: &Payment, decided: &[Decided]) -> Result<String> {
    let first = &decided.first().context("nothing was decided")?.claim;
    let (payer, billing) = (&first.payer, &first.billing_provider);
    let (code, npi) = (payer.id.as_str(), billing.npi.as_str());
    let (day, short) = (payment.paid_on.format("%Y%m%d"), payment.paid_on.format("%y%m%d"));
    let mut claims = String::new();
    let mut total = Money::ZERO;
    for (index, one) in decided.iter().enumerate() {
        total += claim(&mut claims, one, index)?;
    }
    let (PartyName::Organization(practice), tax) = (&billing.name, billing.tax_id.expose()) else {
        anyhow::bail!("the demo's practice is no organisation");
    };
    let money = total.x12();
    let head = format!(
        "ST*835*0001~\
         BPR*I*{money}*C*ACH*CCP*01*999999992*DA*10020030*1512345678**01*999988880*DA*40050060*{day}~\
         TRN*1*{trace}*1512345678~\
         DTM*405*{day}~\
         N1*PR*{name}~N3*PO Box 4100~N4*Denver*CO*80201~REF*2U*{code}~PER*BL*Provider services*TE*8005550100~\
         N1*PE*{practice}*XX*{npi}~REF*TJ*{tax}~\
         LX*1~",
        trace = payment.trace,
        name = payer.name.as_str(),
        practice = practice.as_str(),
    );
    let set = head + &claims;
    let segments = set.matches('~').count() + 1;
    Ok(format!(
        "ISA*00*          *00*          *ZZ*{code:15}*ZZ*{npi:15}*{short}*0900*^*00501*000000001*0*T*:~\
         GS*HP*{code}*{npi}*{day}*0900*1*X*005010X221A1~\
         {set}SE*{segments}*0001~GE*1*1~IEA*1*000000001~"
    )
    .replace('~', "~\n"))
}

/// Writes one claim and returns what is paid for it.
fn claim(out: &mut String, decided: &Decided, index: usize) -> Result<Money> {
    let claim = &decided.claim;
    let lines = claim.lines.iter().map(|line| self::line(line, decided.verdict)).collect::<Result<Vec<_>>>()?;
    let paid: Money = lines.iter().map(|line| line.paid).sum();
    let patient: Money = lines.iter().map(|line| line.patient).sum();
    let status = if decided.verdict == Verdict::Denied { 4 } else { 1 };
    let (charge, number) = (claim.total().x12(), &claim.control_number);
    let (paid_text, patient, filing) = (paid.x12(), patient.x12(), claim.payer.filing_indicator.code());
    let member = claim.subscriber.member_id.expose();
    write!(out, "CLP*{number}*{status}*{charge}*{paid_text}*{patient}*{filing}*PC{member}{index}*11~")?;
    match &claim.patient {
        None => write!(out, "NM1*QC*1*{}****MI*{member}~", name(&claim.subscriber.name))?,
        Some(patient) => {
            write!(out, "NM1*QC*1*{}~", name(&patient.name))?;
            write!(out, "NM1*IL*1*{}****MI*{member}~", name(&claim.subscriber.name))?;
        }
    }
    out.extend(lines.iter().map(|line| line.segments.as_str()));
    Ok(paid)
}

fn name(name: &PersonName) -> String {
    let first = name.first.as_ref().map_or("", |first| first.expose());
    format!("{}*{first}", name.last.expose())
}

fn line(line: &mentalspace_claims::claim::ServiceLine, verdict: Verdict) -> Result<Line> {
    let charge = line.charge;
    let (disallowed, patient) = match verdict {
        Verdict::Denied => (Money::ZERO, Money::ZERO),
        Verdict::Paid => (Money::from_cents(charge.cents() / DISALLOWED), COPAY),
    };
    let paid = match verdict {
        Verdict::Denied => Money::ZERO,
        Verdict::Paid => charge - disallowed - patient,
    };
    let code = line
        .modifiers
        .as_slice()
        .iter()
        .fold(format!("HC:{}", line.procedure), |code, modifier| format!("{code}:{modifier}"));
    let mut segments =
        format!("SVC*{code}*{}*{}**1~DTM*472*{}~", charge.x12(), paid.x12(), line.dates.from().format("%Y%m%d"));
    match verdict {
        Verdict::Denied => write!(segments, "CAS*CO*197*{}~", charge.x12())?,
        Verdict::Paid => write!(segments, "CAS*CO*45*{}~CAS*PR*3*{}~", disallowed.x12(), patient.x12())?,
    }
    if let Some(number) = &line.control_number {
        write!(segments, "REF*6R*{number}~")?;
    }
    if verdict == Verdict::Paid {
        write!(segments, "AMT*B6*{}~", (charge - disallowed).x12())?;
    }
    Ok(Line { segments, paid, patient })
}
