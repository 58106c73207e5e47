//! What a remittance does to the books.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_core::ledger::{Account, Entry, LedgerError, Posting, Source};
use mentalspace_core::{ClaimId, EntryId, Money, PayerId, Phi, RemittanceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::matching::{Candidate, ClaimMatch, EarlierPosting, Matches};
use crate::lifecycle::ClaimEvent;
use crate::transaction::r835::{
    ClaimPayment, ClaimPaymentStatus, Imbalance, ReadProblem, ReasonedAmount, Remittance, ServicePayment, balance,
};
use crate::x12::FindingCode;

/// When and as what a remittance is booked; ids and times are passed in.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The remittance's own id.
    pub remittance: RemittanceId,
    /// Who pays, as the practice knows the payer.
    pub payer: Option<PayerId>,
    /// The day that counts where the remittance names none.
    pub received_on: NaiveDate,
    /// Now.
    pub recorded_at: DateTime<Utc>,
}

/// What a remittance does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Posted {
    /// The entries, in the order of the remittance; the adjustments outside of claims last.
    pub entries: Vec<Entry>,
    /// What happens to our claims.
    pub updates: Vec<ClaimUpdate>,
    /// What a person must look at.
    pub work_items: Vec<WorkItem>,
    /// Our lines on which nothing was booked, each with the reason.
    pub untouched: Vec<UntouchedLine>,
}

impl Posted {
    /// Returns the sum of what was booked as cash; equal to the payment.
    #[must_use]
    pub fn cash(&self) -> Money {
        self.entries.iter().map(cash).sum()
    }

    /// Returns the payment less what was booked of it: nothing.
    #[must_use]
    pub fn undistributed(&self, remittance: &Remittance) -> Money {
        remittance.amount - self.cash()
    }
}

/// Why a remittance was not posted; nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It does not add up.
    #[error("the remittance is out of balance in {} places", imbalances.len())]
    Unbalanced {
        /// Where, and by how much.
        imbalances: Vec<Imbalance>,
    },
    /// Parts of it could not be read.
    #[error("the remittance has {} unreadable places", problems.len())]
    Unreadable {
        /// Where.
        problems: Vec<ReadProblem>,
    },
    /// Its end is missing.
    #[error("the remittance is cut off")]
    Incomplete,
    /// The matches are not those of this remittance and these candidates.
    #[error("the matches belong to another remittance")]
    Mismatched,
    /// An amount is beyond all books.
    #[error("the remittance cannot be booked")]
    Ledger(#[from] LedgerError),
}

/// What happens to one of our claims.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimUpdate {
    /// The claim.
    pub claim: ClaimId,
    /// The claim's place in the remittance, counted from 0.
    pub claim_index: usize,
    /// What happened: paid, denied or reversed.
    pub event: ClaimEvent,
    /// The payer's number of the claim.
    pub payer_claim_number: Option<Phi<String>>,
    /// Whether the payer sent it on, so that the next payer is not billed by us.
    pub forwarded: bool,
    /// Reasons of a denial, such as `CO-197`, then remark codes; empty otherwise.
    pub denial: Vec<String>,
    /// The entry, when anything was booked.
    pub entry: Option<EntryId>,
}

/// Something a person must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkItem {
    /// What.
    pub kind: WorkItemKind,
    /// The claim's place in the remittance, counted from 0.
    pub claim_index: usize,
    /// The line's place in that claim, counted from 0.
    pub line_index: Option<usize>,
    /// Our claim, when it is known.
    pub claim: Option<ClaimId>,
    /// The amount in question.
    pub amount: Money,
    /// Reason and remark codes.
    pub reasons: Vec<String>,
}

/// What a person must look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WorkItemKind {
    /// A payment for a claim that we do not have; its money is unapplied.
    UnmatchedClaim,
    /// A line that none of ours fits; booked on the claim as a whole.
    UnmatchedLine,
    /// A denial; the balance stays with the payer.
    Denial,
    /// A part was not paid for a reason that is neither contract nor the patient's share.
    UnpaidPart,
    /// A reversal of something that is not in the books; its money is unapplied.
    ReversalWithoutPosting,
    /// The next payer is to be billed.
    BillNextPayer,
    /// The payer says that the claim is not its own.
    NotOurs,
    /// Announced, not decided.
    Predetermination,
}

/// One of our lines on which nothing was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UntouchedLine {
    /// The claim.
    pub claim: ClaimId,
    /// The line, counted from 1.
    pub line: u16,
    /// Why.
    pub why: Untouched,
}

/// Why nothing was booked on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Untouched {
    /// Nothing was paid, for these reasons.
    NotPaid {
        /// Such as `CO-197`.
        reasons: Vec<String>,
    },
    /// The payer decided about the claim as a whole.
    DecidedAtClaim,
    /// The payer said nothing about the line.
    NotReported,
    /// The decision was not booked; a work item says why.
    NotBooked,
}

/// What tells one remittance from all others: who paid, by which trace number, in which bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdempotencyKey {
    /// The payer's number.
    pub payer: String,
    /// TRN02.
    pub trace: String,
    /// Of the set's segments.
    pub sha256: String,
}

impl IdempotencyKey {
    /// Returns the key of `remittance`.
    #[must_use]
    pub fn of(remittance: &Remittance) -> Self {
        Self {
            payer: remittance.payer_id().unwrap_or_default().to_owned(),
            trace: remittance.trace.as_ref().map(|t| t.number.to_string()).unwrap_or_default(),
            sha256: remittance.sha256.clone(),
        }
    }

    /// Returns the key as one short word, for a unique search term.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.payer, &self.trace, &self.sha256] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether a remittance was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recognition {
    /// Not seen.
    New,
    /// Seen, to the byte: it is not posted again.
    Duplicate,
    /// The same payer and trace number with other content: a correction, for a person to decide.
    Corrected,
}

/// Compares a remittance with those that are in the books.
#[must_use]
pub fn recognise<'k>(key: &IdempotencyKey, earlier: impl IntoIterator<Item = &'k IdempotencyKey>) -> Recognition {
    let mut recognition = Recognition::New;
    for known in earlier {
        if known == key {
            return Recognition::Duplicate;
        }
        if known.payer == key.payer && known.trace == key.trace && !key.trace.is_empty() {
            recognition = Recognition::Corrected;
        }
    }
    recognition
}

/// Posts `remittance`: all of it, or nothing.
///
/// `new_id` gives the ids of the entries.
///
/// # Errors
/// The remittance does not add up, is cut off, or could not be read in full.
pub fn post(
    remittance: &Remittance,
    matches: &Matches,
    candidates: &[Candidate<'_>],
    booking: &Booking,
    new_id: &mut dyn FnMut() -> EntryId,
) -> Result<Posted, Refused> {
    if !remittance.problems.is_empty() {
        return Err(Refused::Unreadable { problems: remittance.problems.clone() });
    }
    if remittance.envelope_findings.iter().any(|f| f.code == FindingCode::SetTrailerMissing) {
        return Err(Refused::Incomplete);
    }
    let imbalances = balance(remittance);
    if !imbalances.is_empty() {
        return Err(Refused::Unbalanced { imbalances });
    }
    let fits = |(found, payment): (&ClaimMatch, &ClaimPayment)| {
        found.lines.len() == payment.lines.len() && found.candidate.is_none_or(|c| c < candidates.len())
    };
    if matches.claims.len() != remittance.claims.len() || !matches.claims.iter().zip(&remittance.claims).all(fits) {
        return Err(Refused::Mismatched);
    }
    let mut poster = Poster {
        remittance,
        candidates,
        booking,
        new_id,
        earlier: HashMap::new(),
        posted: Posted { entries: Vec::new(), updates: Vec::new(), work_items: Vec::new(), untouched: Vec::new() },
    };
    for (index, (payment, found)) in remittance.claims.iter().zip(&matches.claims).enumerate() {
        poster.claim(index, payment, found)?;
    }
    poster.provider_adjustments()?;
    Ok(poster.posted)
}

struct Poster<'a> {
    remittance: &'a Remittance,
    candidates: &'a [Candidate<'a>],
    booking: &'a Booking,
    new_id: &'a mut dyn FnMut() -> EntryId,
    /// Decisions that can still be reversed, those of this remittance included, by candidate.
    earlier: HashMap<usize, Vec<EarlierPosting>>,
    posted: Posted,
}

impl Poster<'_> {
    fn claim(&mut self, index: usize, payment: &ClaimPayment, found: &ClaimMatch) -> Result<(), Refused> {
        let Some(at) = found.candidate else {
            return self.unapplied(index, payment, None, WorkItemKind::UnmatchedClaim);
        };
        match payment.status {
            ClaimPaymentStatus::Reversal => self.reversal(index, payment, at),
            ClaimPaymentStatus::Predetermination => {
                self.unapplied(index, payment, Some(at), WorkItemKind::Predetermination)
            }
            ClaimPaymentStatus::NotOursForwarded if payment.paid.is_zero() => {
                self.unapplied(index, payment, Some(at), WorkItemKind::NotOurs)
            }
            _ => self.decision(index, payment, at, found),
        }
    }

    /// Books the money only, where nobody's receivable may be touched.
    fn unapplied(
        &mut self,
        index: usize,
        payment: &ClaimPayment,
        at: Option<usize>,
        kind: WorkItemKind,
    ) -> Result<(), Refused> {
        let postings = vec![
            self.posting(Account::Cash, payment.paid, at, None, None),
            self.posting(Account::Unapplied, -payment.paid, at, None, None),
        ];
        self.enter(postings)?;
        let claim = at.map(|at| self.candidates[at].id);
        let reasons = reasons(payment.all_adjustments());
        let item = WorkItem { kind, claim_index: index, line_index: None, claim, amount: payment.paid, reasons };
        self.posted.work_items.push(item);
        if let Some(at) = at {
            self.untouched_lines(at, |_| Untouched::NotBooked);
        }
        Ok(())
    }

    /// Takes an earlier decision back, exactly as it was booked.
    fn reversal(&mut self, index: usize, payment: &ClaimPayment, at: usize) -> Result<(), Refused> {
        let (id, candidate) = ((self.new_id)(), &self.candidates[at]);
        let earlier = self.earlier.entry(at).or_insert_with(|| candidate.earlier.clone());
        let fits = |e: &&mut EarlierPosting| {
            !e.reversed && e.charge == -payment.charge && e.paid == -payment.paid && cash(&e.entry) == e.paid
        };
        let Some(reversed) = earlier.iter_mut().rev().find(fits) else {
            return self.unapplied(index, payment, Some(at), WorkItemKind::ReversalWithoutPosting);
        };
        reversed.reversed = true;
        let reversed = reversed.entry.clone();
        let entry = reversed.reversal(id, self.effective(), self.booking.recorded_at, self.source());
        self.posted.entries.push(entry);
        self.update(index, payment, at, ClaimEvent::Reverse, Vec::new(), Some(id));
        Ok(())
    }

    /// Books what a payer decided.
    fn decision(&mut self, index: usize, payment: &ClaimPayment, at: usize, found: &ClaimMatch) -> Result<(), Refused> {
        let candidate = &self.candidates[at];
        let denied = payment.is_denial();
        let mut postings = vec![self.posting(Account::Cash, payment.paid, Some(at), None, None)];
        let mut touched: HashSet<u16> = HashSet::new();
        let mut of_lines = Money::ZERO;
        for (i, (line, matched)) in payment.lines.iter().zip(&found.lines).enumerate() {
            let ours = matched.map(|m| m.line);
            if ours.is_none() {
                self.item(WorkItemKind::UnmatchedLine, index, Some(i), at, line.charge, line_reasons(line));
            }
            let before = postings.len();
            of_lines += line.paid;
            postings.push(self.posting(Account::InsuranceReceivable, -line.paid, Some(at), ours, None));
            self.adjustments(&line.adjustments, at, ours, denied, &mut postings);
            if !denied && line.adjustments.iter().any(ReasonedAmount::is_denial) {
                let amount = unpaid(&line.adjustments);
                self.item(WorkItemKind::UnpaidPart, index, Some(i), at, amount, line_reasons(line));
            }
            let booked = postings[before..].iter().any(|p| !p.amount.is_zero());
            touched.extend(ours.filter(|_| booked));
        }
        // Adjustments of the claim as a whole lower what its lines were paid; they stay at the claim.
        let of_claim = payment.paid - of_lines;
        postings.push(self.posting(Account::InsuranceReceivable, -of_claim, Some(at), None, None));
        self.adjustments(&payment.adjustments, at, None, denied, &mut postings);
        let entry = self.enter(postings)?;
        if let Some(entry) = entry.clone() {
            let earlier = self.earlier.entry(at).or_insert_with(|| candidate.earlier.clone());
            earlier.push(EarlierPosting { entry, charge: payment.charge, paid: payment.paid, reversed: false });
        }
        let at_claim = payment.lines.is_empty();
        self.untouched_lines(at, |number| {
            let theirs: Vec<&ServicePayment> = payment
                .lines
                .iter()
                .zip(&found.lines)
                .filter(|(_, m)| m.is_some_and(|m| m.line == number))
                .map(|(line, _)| line)
                .collect();
            match theirs.as_slice() {
                [] if at_claim => Untouched::DecidedAtClaim,
                [] => Untouched::NotReported,
                lines => Untouched::NotPaid { reasons: lines.iter().flat_map(|l| line_reasons(l)).collect() },
            }
        });
        self.posted.untouched.retain(|u| u.claim != candidate.id || !touched.contains(&u.line));
        self.follow_up(index, payment, at, denied);
        let denial = if denied { denial_codes(payment) } else { Vec::new() };
        let event = if denied { ClaimEvent::Deny } else { ClaimEvent::Pay };
        self.update(index, payment, at, event, denial, entry.map(|e| e.id()));
        Ok(())
    }

    /// Leaves work for a person: a denial, an unpaid part of the claim, the next payer.
    fn follow_up(&mut self, index: usize, payment: &ClaimPayment, at: usize, denied: bool) {
        if denied {
            let amount = payment.charge - payment.paid;
            self.item(WorkItemKind::Denial, index, None, at, amount, denial_codes(payment));
        } else if payment.adjustments.iter().any(ReasonedAmount::is_denial) {
            let amount = unpaid(&payment.adjustments);
            self.item(WorkItemKind::UnpaidPart, index, None, at, amount, reasons(&payment.adjustments));
        }
        if self.candidates[at].next_payer && !payment.status.is_forwarded() && !denied {
            let share = payment.all_adjustments().filter(|a| a.is_patient_share()).map(|a| a.amount).sum();
            self.item(WorkItemKind::BillNextPayer, index, None, at, share, Vec::new());
        }
    }

    /// Writes off what the contract says, moves the patient's share, and leaves the rest where it is.
    ///
    /// A denied claim is contested or corrected as a whole, so nothing of it is written off.
    fn adjustments(
        &self,
        list: &[ReasonedAmount],
        at: usize,
        line: Option<u16>,
        denied: bool,
        postings: &mut Vec<Posting>,
    ) {
        for adjustment in list {
            let account = if adjustment.is_contractual() {
                if denied {
                    continue;
                }
                Account::ContractualAdjustment
            } else if adjustment.is_patient_share() && !self.candidates[at].next_payer {
                Account::PatientReceivable
            } else {
                continue;
            };
            let reason = Some(adjustment.label());
            postings.push(self.posting(account, adjustment.amount, Some(at), line, reason.clone()));
            postings.push(self.posting(Account::InsuranceReceivable, -adjustment.amount, Some(at), line, reason));
        }
    }

    fn provider_adjustments(&mut self) -> Result<(), Refused> {
        for plb in &self.remittance.provider_adjustments {
            let reason = Some(format!("PLB-{}", plb.reason.as_str()));
            let postings = vec![
                self.posting(Account::ProviderAdjustment, plb.amount, None, None, reason.clone()),
                self.posting(Account::Cash, -plb.amount, None, None, reason),
            ];
            self.enter(postings)?;
        }
        Ok(())
    }

    /// Adds an entry; `None` when there is nothing to book.
    fn enter(&mut self, postings: Vec<Posting>) -> Result<Option<Entry>, Refused> {
        let id = (self.new_id)();
        match Entry::new(id, self.effective(), self.booking.recorded_at, self.source(), postings) {
            Ok(entry) => {
                self.posted.entries.push(entry.clone());
                Ok(Some(entry))
            }
            Err(LedgerError::Empty) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn posting(
        &self,
        account: Account,
        amount: Money,
        at: Option<usize>,
        line: Option<u16>,
        reason: Option<String>,
    ) -> Posting {
        let candidate = at.map(|at| &self.candidates[at]);
        Posting {
            client: candidate.and_then(|c| c.client),
            claim: candidate.map(|c| c.id),
            line,
            payer: self.booking.payer.or_else(|| candidate.and_then(|c| c.payer)),
            reason: reason.map(|r| r.chars().take(16).collect()),
            ..Posting::new(account, amount)
        }
    }

    fn item(
        &mut self,
        kind: WorkItemKind,
        index: usize,
        line: Option<usize>,
        at: usize,
        amount: Money,
        reasons: Vec<String>,
    ) {
        let claim = Some(self.candidates[at].id);
        self.posted.work_items.push(WorkItem { kind, claim_index: index, line_index: line, claim, amount, reasons });
    }

    fn update(
        &mut self,
        index: usize,
        payment: &ClaimPayment,
        at: usize,
        event: ClaimEvent,
        denial: Vec<String>,
        entry: Option<EntryId>,
    ) {
        let number = &payment.payer_control_number;
        self.posted.updates.push(ClaimUpdate {
            claim: self.candidates[at].id,
            claim_index: index,
            event,
            payer_claim_number: (!number.expose().is_empty()).then(|| Phi::new(number.expose().to_string())),
            forwarded: payment.status.is_forwarded(),
            denial,
            entry,
        });
    }

    /// Gives every line of a claim a reason; those that were booked lose it again.
    fn untouched_lines(&mut self, at: usize, why: impl Fn(u16) -> Untouched) {
        let candidate = &self.candidates[at];
        self.posted.untouched.retain(|u| u.claim != candidate.id);
        let lines = (1..=candidate.claim.lines.len()).filter_map(|n| u16::try_from(n).ok());
        self.posted.untouched.extend(lines.map(|line| UntouchedLine { claim: candidate.id, line, why: why(line) }));
    }

    fn effective(&self) -> NaiveDate {
        self.remittance.date.unwrap_or(self.booking.received_on)
    }

    fn source(&self) -> Source {
        Source { kind: "remittance".to_owned(), id: self.booking.remittance.uuid() }
    }
}

fn cash(entry: &Entry) -> Money {
    entry.postings().iter().filter(|p| p.account == Account::Cash).map(|p| p.amount).sum()
}

fn unpaid(list: &[ReasonedAmount]) -> Money {
    list.iter().filter(|a| a.is_denial()).map(|a| a.amount).sum()
}

fn reasons<'a>(list: impl IntoIterator<Item = &'a ReasonedAmount>) -> Vec<String> {
    list.into_iter().map(ReasonedAmount::label).collect()
}

fn line_reasons(line: &ServicePayment) -> Vec<String> {
    let remarks = line.remarks.iter().map(|remark| remark.code.to_string());
    reasons(&line.adjustments).into_iter().chain(remarks).collect()
}

/// Reasons and remarks of a denial, each once: both route it.
fn denial_codes(payment: &ClaimPayment) -> Vec<String> {
    let remarks = payment.lines.iter().flat_map(|l| &l.remarks).map(|remark| remark.code.to_string());
    let all = reasons(payment.all_adjustments())
        .into_iter()
        .chain(payment.remarks().map(|code| code.to_string()))
        .chain(remarks);
    let mut seen = HashSet::new();
    all.filter(|code| seen.insert(code.clone())).collect()
}
