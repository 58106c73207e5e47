//! A remittance as other software and people read it: JSON with decimal strings, and plain text.

use std::fmt::{self, Write as _};

use mentalspace_core::Money;
use serde::Serialize;

use super::{ClaimPayment, Imbalance, ReadProblem, ReasonedAmount, Remittance, ServicePayment, balance};
use crate::x12::EnvelopeFinding;

/// A file with its remittances.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct FileView {
    /// The file's name, as it was given.
    pub file: Option<String>,
    /// Whether every payment adds up and could be read in full.
    pub balanced: bool,
    /// What does not add up.
    pub imbalances: Vec<ImbalanceView>,
    /// What could not be read.
    pub problems: Vec<ProblemView>,
    /// What is wrong with the envelopes, such as a file that ends too early.
    pub findings: Vec<EnvelopeFinding>,
    /// The payments.
    pub payments: Vec<PaymentView>,
}

/// An imbalance, with the payment it belongs to.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ImbalanceView {
    /// The payment's place in the file, counted from 0.
    pub payment: usize,
    /// The imbalance.
    #[serde(flatten)]
    pub imbalance: Imbalance,
}

/// A problem, with the payment it belongs to.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ProblemView {
    /// The payment's place in the file, counted from 0.
    pub payment: usize,
    /// Number of the segment in the file.
    pub at_segment: u64,
    /// The problem.
    #[serde(flatten)]
    pub problem: ReadProblem,
}

/// A payment.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PaymentView {
    /// BPR02.
    pub amount: Money,
    /// BPR04.
    pub method: String,
    /// BPR16.
    pub date: Option<chrono::NaiveDate>,
    /// TRN02.
    pub trace: Option<String>,
    /// Payer.
    pub payer: PartyView,
    /// Payee.
    pub payee: PartyView,
    /// Claims.
    pub claims: Vec<ClaimView>,
    /// PLB.
    pub provider_adjustments: Vec<ProviderAdjustmentView>,
}

/// A payer or payee.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PartyView {
    /// Name.
    pub name: String,
    /// Identifier.
    pub id: String,
}

/// A claim.
#[derive(Serialize)]
#[non_exhaustive]
pub struct ClaimView {
    /// CLP01.
    pub patient_control_number: String,
    /// CLP07.
    pub payer_control_number: String,
    /// CLP02.
    pub status: String,
    /// CLP03.
    pub charge: Money,
    /// CLP04.
    pub paid: Money,
    /// CLP05.
    pub patient_responsibility: Option<Money>,
    /// CAS of the claim.
    pub adjustments: Vec<AdjustmentView>,
    /// Remark codes.
    pub remarks: Vec<String>,
    /// Lines.
    pub lines: Vec<LineView>,
}

/// A service line.
#[derive(Serialize)]
#[non_exhaustive]
pub struct LineView {
    /// SVC01-2.
    pub procedure: String,
    /// SVC01-3 to -6.
    pub modifiers: Vec<String>,
    /// Day of service.
    pub date: Option<chrono::NaiveDate>,
    /// REF*6R.
    pub line_control_number: Option<String>,
    /// SVC02.
    pub charge: Money,
    /// SVC03.
    pub paid: Money,
    /// SVC05, as a decimal string.
    pub units: Option<String>,
    /// CAS of the line.
    pub adjustments: Vec<AdjustmentView>,
    /// LQ.
    pub remarks: Vec<String>,
}

/// An adjustment.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct AdjustmentView {
    /// CAS01.
    pub group: String,
    /// Reason code.
    pub reason: String,
    /// Amount.
    pub amount: Money,
    /// Quantity, as a decimal string.
    pub quantity: Option<String>,
}

/// A provider adjustment.
#[derive(Serialize)]
#[non_exhaustive]
pub struct ProviderAdjustmentView {
    /// PLB01.
    pub provider: String,
    /// Reason code.
    pub reason: String,
    /// What it refers to.
    pub reference: String,
    /// Amount; positive lowers the payment.
    pub amount: Money,
}

crate::text::silent_debug!(ClaimView, LineView, ProviderAdjustmentView);

impl FileView {
    /// Shows the remittances of a file.
    #[must_use]
    pub fn new(file: Option<String>, remittances: &[Remittance]) -> Self {
        let of = |payment: usize, remittance: &Remittance| -> Vec<ImbalanceView> {
            balance(remittance).into_iter().map(|imbalance| ImbalanceView { payment, imbalance }).collect()
        };
        let imbalances: Vec<_> = remittances.iter().enumerate().flat_map(|(i, r)| of(i, r)).collect();
        let problems: Vec<_> = remittances
            .iter()
            .enumerate()
            .flat_map(|(payment, r)| r.problems.iter().map(move |problem| (payment, problem)))
            .map(|(payment, p)| ProblemView { payment, at_segment: p.position.segment, problem: p.clone() })
            .collect();
        Self {
            file,
            balanced: imbalances.is_empty() && problems.is_empty(),
            imbalances,
            problems,
            findings: remittances.iter().flat_map(|r| &r.envelope_findings).cloned().collect(),
            payments: remittances.iter().map(PaymentView::from).collect(),
        }
    }
}

impl From<&Remittance> for PaymentView {
    fn from(remittance: &Remittance) -> Self {
        let party = |p: &super::RemitParty| PartyView { name: p.name.to_string(), id: p.id.to_string() };
        Self {
            amount: remittance.amount,
            method: remittance.method.code().to_owned(),
            date: remittance.date,
            trace: remittance.trace.as_ref().map(|t| t.number.to_string()),
            payer: PartyView { id: remittance.payer_id().unwrap_or_default().to_owned(), ..party(&remittance.payer) },
            payee: party(&remittance.payee),
            claims: remittance.claims.iter().map(ClaimView::from).collect(),
            provider_adjustments: remittance
                .provider_adjustments
                .iter()
                .map(|plb| ProviderAdjustmentView {
                    provider: plb.provider.to_string(),
                    reason: plb.reason.to_string(),
                    reference: plb.reference.expose().to_string(),
                    amount: plb.amount,
                })
                .collect(),
        }
    }
}

impl From<&ClaimPayment> for ClaimView {
    fn from(claim: &ClaimPayment) -> Self {
        Self {
            patient_control_number: claim.control_number.to_string(),
            payer_control_number: claim.payer_control_number.expose().to_string(),
            status: claim.status.code().to_owned(),
            charge: claim.charge,
            paid: claim.paid,
            patient_responsibility: claim.patient_responsibility,
            adjustments: claim.adjustments.iter().map(AdjustmentView::from).collect(),
            remarks: claim.remarks().map(|code| code.to_string()).collect(),
            lines: claim.lines.iter().map(LineView::from).collect(),
        }
    }
}

impl From<&ServicePayment> for LineView {
    fn from(line: &ServicePayment) -> Self {
        Self {
            procedure: line.procedure.code.to_string(),
            modifiers: line.procedure.modifiers.iter().map(|modifier| modifier.to_string()).collect(),
            date: line.day(),
            line_control_number: line.control_number.as_ref().map(|number| number.to_string()),
            charge: line.charge,
            paid: line.paid,
            units: line.units.map(|u| u.to_string()),
            adjustments: line.adjustments.iter().map(AdjustmentView::from).collect(),
            remarks: line.remarks.iter().map(|remark| remark.code.to_string()).collect(),
        }
    }
}

impl From<&ReasonedAmount> for AdjustmentView {
    fn from(adjustment: &ReasonedAmount) -> Self {
        Self {
            group: adjustment.group.code().to_owned(),
            reason: adjustment.reason.to_string(),
            amount: adjustment.amount,
            quantity: adjustment.quantity.map(|q| q.to_string()),
        }
    }
}

impl FileView {
    /// Tells the file to a person: one line per payment, claim, service and adjustment.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_text(&mut out);
        out
    }

    fn write_text(&self, out: &mut String) -> fmt::Result {
        for payment in &self.payments {
            let date = payment.date.map_or_else(|| "no date".to_owned(), |d| d.to_string());
            let trace = payment.trace.as_deref().unwrap_or("none");
            writeln!(out, "Payment {} by {} on {date}, trace {trace}", payment.amount, payment.method)?;
            writeln!(
                out,
                "  from {} ({}) to {} ({})",
                payment.payer.name, payment.payer.id, payment.payee.name, payment.payee.id
            )?;
            for claim in &payment.claims {
                claim.write_text(out)?;
            }
            for plb in &payment.provider_adjustments {
                writeln!(out, "  Provider adjustment {} {:>12}  {}", plb.reason, -plb.amount, plb.reference)?;
            }
        }
        for ImbalanceView { imbalance, .. } in &self.imbalances {
            let claim = imbalance.claim_control_number.as_deref().unwrap_or("payment");
            let line = imbalance.line_index.map_or_else(String::new, |i| format!(" line {}", i + 1));
            let (expected, found, position) = (imbalance.expected, imbalance.found, imbalance.position);
            writeln!(out, "Out of balance: {claim}{line} adds up to {expected}, states {found}, at {position}")?;
        }
        for problem in &self.problems {
            let ReadProblem { segment, element, rule, .. } = &problem.problem;
            writeln!(out, "Not readable: {segment}{element:02} {rule}, segment {}", problem.at_segment)?;
        }
        for finding in &self.findings {
            writeln!(out, "Envelope: {finding}")?;
        }
        writeln!(out, "{}", if self.balanced { "Balanced." } else { "Not balanced: nothing will be posted." })
    }
}

impl ClaimView {
    fn write_text(&self, out: &mut String) -> fmt::Result {
        let Self { patient_control_number: number, status, charge, paid, .. } = self;
        writeln!(out, "  Claim {number} status {status}: charged {charge}, paid {paid}")?;
        for adjustment in &self.adjustments {
            writeln!(out, "    {adjustment}")?;
        }
        for line in &self.lines {
            let code = std::iter::once(&line.procedure).chain(&line.modifiers).map(String::as_str).collect::<Vec<_>>();
            let date = line.date.map_or_else(String::new, |d| format!(" on {d}"));
            writeln!(out, "    {}{date}: charged {}, paid {}", code.join("-"), line.charge, line.paid)?;
            for adjustment in &line.adjustments {
                writeln!(out, "      {adjustment}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for AdjustmentView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{} {}", self.group, self.reason, -self.amount)
    }
}
