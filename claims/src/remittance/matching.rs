//! Which of our claims and lines a payer means.

use std::collections::HashMap;

use mentalspace_core::{ClaimId, ClientId, Money, PayerId, ledger::Entry};

use crate::claim::{Claim, ServiceLine};
use crate::transaction::part::Text;
use crate::transaction::r835::{Remittance, ServicePayment};

/// One of our claims that a remittance may be about.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Its id.
    pub id: ClaimId,
    /// The claim as it was sent.
    pub claim: &'a Claim,
    /// Whose it is.
    pub client: Option<ClientId>,
    /// Whom it was sent to.
    pub payer: Option<PayerId>,
    /// Whether another payer is to be billed after this one: then nothing moves to the patient yet.
    pub next_payer: bool,
    /// What was posted for it before.
    pub earlier: Vec<EarlierPosting>,
}

/// An earlier decision about a claim that is in the books.
#[derive(Debug, Clone)]
pub struct EarlierPosting {
    /// Its entry.
    pub entry: Entry,
    /// CLP03 of the decision.
    pub charge: Money,
    /// CLP04 of the decision.
    pub paid: Money,
    /// Whether it was reversed since.
    pub reversed: bool,
}

/// What each claim of a remittance was matched to, in the order of the remittance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Matches {
    /// One for each claim of the remittance.
    pub claims: Vec<ClaimMatch>,
}

/// What a claim of a remittance was matched to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimMatch {
    /// The candidate's place in the list, counted from 0; `None` when there is none, or more than one.
    pub candidate: Option<usize>,
    /// One for each line of the remittance's claim.
    pub lines: Vec<Option<LineMatch>>,
}

impl ClaimMatch {
    /// Takes the match back: the claim stays unmatched until somebody matches it.
    pub fn clear(&mut self) {
        self.candidate = None;
        self.lines.fill(None);
    }
}

/// What a line of a remittance was matched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineMatch {
    /// Our line, counted from 1.
    pub line: u16,
    /// By what.
    pub rule: LineRule,
}

/// By what a line was matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LineRule {
    /// Our line control number came back (REF*6R).
    ControlNumber,
    /// Procedure with modifiers, day and charge.
    Exact,
    /// Procedure, day and charge; modifiers were left out or changed.
    WithoutModifiers,
    /// Procedure and day; the charge was split or changed.
    ProcedureAndDay,
}

/// Finds the claim and the lines that each claim of `remittance` is about.
///
/// CLP01 is our control number, whatever its case. Lines are found by REF*6R, then by procedure, day and charge, then
/// with less; several lines of the payer may be about one of ours.
#[must_use]
pub fn match_claims(remittance: &Remittance, candidates: &[Candidate<'_>]) -> Matches {
    let mut by_number: HashMap<String, Option<usize>> = HashMap::with_capacity(candidates.len());
    for (i, candidate) in candidates.iter().enumerate() {
        let number = candidate.claim.control_number.as_str().to_ascii_uppercase();
        // Two claims with one number: neither can be told.
        by_number.entry(number).and_modify(|found| *found = None).or_insert(Some(i));
    }
    let claims = remittance.claims.iter().map(|payment| {
        let candidate = by_number.get(&payment.control_number.to_ascii_uppercase()).copied().flatten();
        let lines = match candidate {
            Some(i) => match_lines(&payment.lines, candidates[i].claim),
            None => vec![None; payment.lines.len()],
        };
        ClaimMatch { candidate, lines }
    });
    Matches { claims: claims.collect() }
}

fn match_lines(payments: &[ServicePayment], claim: &Claim) -> Vec<Option<LineMatch>> {
    let mut found: Vec<Option<LineMatch>> = vec![None; payments.len()];
    let mut used = vec![false; claim.lines.len()];
    for rule in [LineRule::ControlNumber, LineRule::Exact, LineRule::WithoutModifiers, LineRule::ProcedureAndDay] {
        // A line is matched once before any is matched twice.
        for again in [false, true] {
            if again && !matches!(rule, LineRule::ControlNumber | LineRule::ProcedureAndDay) {
                continue;
            }
            for (payment, slot) in payments.iter().zip(&mut found).filter(|(_, slot)| slot.is_none()) {
                let ours = claim
                    .lines
                    .iter()
                    .zip(&used)
                    .position(|(line, used)| (again || !used) && fits(rule, payment, line));
                if let Some(at) = ours {
                    used[at] = true;
                    *slot = Some(LineMatch { line: u16::try_from(at + 1).unwrap_or(u16::MAX), rule });
                }
            }
        }
    }
    found
}

fn fits(rule: LineRule, payment: &ServicePayment, line: &ServiceLine) -> bool {
    let billed = payment.billed();
    let procedure = billed.code.eq_ignore_ascii_case(line.procedure.as_str())
        || payment.procedure.code.eq_ignore_ascii_case(line.procedure.as_str());
    let day = payment.day().is_none_or(|day| line.dates.contains(day));
    let charge = payment.charge.abs() == line.charge;
    match rule {
        LineRule::ControlNumber => match (&payment.control_number, &line.control_number) {
            (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(ours.as_str()),
            _ => false,
        },
        LineRule::Exact => {
            let modifiers = line.modifiers.as_slice().iter().map(|m| m.as_str());
            procedure
                && day
                && charge
                && modifiers.eq(billed.modifiers.iter().map(Text::as_str).filter(|m| !m.is_empty()))
        }
        LineRule::WithoutModifiers => procedure && day && charge,
        LineRule::ProcedureAndDay => procedure && day,
    }
}
