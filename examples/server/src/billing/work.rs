//! What a person of billing must look at: denials, payments that match nothing, files that do not add up.
//!
//! An item stays open until somebody says that it is done; what was posted never depends on it.

use chrono::{DateTime, SecondsFormat, Utc};
use mentalspace_claims::remittance::WorkItemKind;
use mentalspace_core::{
    ClaimId, ClientId, Money, Purpose, RemittanceId, UserId,
    access::Permission,
    store::{Cursor, Document, Find, Page, StoreError, Term},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::require;
use crate::{app::App, problem::Problem, signed::Signed};

/// Why somebody must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// A payment for a claim that is not ours as far as its number tells.
    UnmatchedClaim,
    /// A line of a payer that fits none of ours.
    UnmatchedLine,
    /// A denial.
    Denial,
    /// A part was not paid.
    UnpaidPart,
    /// A reversal of something that is not in the books.
    ReversalWithoutPosting,
    /// The next payer is to be billed.
    BillNextPayer,
    /// The payer says that the claim is not its own.
    NotOurs,
    /// Announced, not decided.
    Predetermination,
    /// A remittance that does not add up and was not posted.
    Unbalanced,
    /// A remittance with the trace number of a posted one and other content; it was not posted.
    Corrected,
    /// A decision about a claim that is in no state for one; its money is posted.
    StateDiffers,
    /// Anything else.
    Other,
}

impl From<WorkItemKind> for WorkKind {
    fn from(kind: WorkItemKind) -> Self {
        match kind {
            WorkItemKind::UnmatchedClaim => Self::UnmatchedClaim,
            WorkItemKind::UnmatchedLine => Self::UnmatchedLine,
            WorkItemKind::Denial => Self::Denial,
            WorkItemKind::UnpaidPart => Self::UnpaidPart,
            WorkItemKind::ReversalWithoutPosting => Self::ReversalWithoutPosting,
            WorkItemKind::BillNextPayer => Self::BillNextPayer,
            WorkItemKind::NotOurs => Self::NotOurs,
            WorkItemKind::Predetermination => Self::Predetermination,
            _ => Self::Other,
        }
    }
}

impl WorkKind {
    /// Returns what the item is called on pages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::UnmatchedClaim => "Payment without a claim",
            Self::UnmatchedLine => "Line without a match",
            Self::Denial => "Denied",
            Self::UnpaidPart => "Partly unpaid",
            Self::ReversalWithoutPosting => "Reversal without a posting",
            Self::BillNextPayer => "Next payer to bill",
            Self::NotOurs => "Not this payer's claim",
            Self::Predetermination => "Predetermination",
            Self::Unbalanced => "Does not add up",
            Self::Corrected => "Changed remittance",
            Self::StateDiffers => "Unexpected decision",
            Self::Other => "To look at",
        }
    }

    const fn usual_step(self) -> &'static str {
        match self {
            Self::UnmatchedClaim => "Find out whose payment it is; the money is booked as unapplied.",
            Self::UnmatchedLine => "Compare with the claim's lines; the money is booked on the claim as a whole.",
            Self::Denial | Self::UnpaidPart => "Look the reason up, correct the claim or contest the decision.",
            Self::ReversalWithoutPosting => "Find the payment that is taken back; the money is booked as unapplied.",
            Self::BillNextPayer => "Bill the next payer with this payer's decision.",
            Self::NotOurs => "Check the coverage and bill the payer it belongs to.",
            Self::Predetermination => "Nothing was decided yet; tell the client what to expect.",
            Self::Unbalanced => "Ask the payer for a file that adds up. Nothing of it was posted.",
            Self::Corrected => "Compare with the remittance that was posted, then post this one or set it aside.",
            Self::StateDiffers => "Bring the claim's state in line with the decision.",
            Self::Other => "Look at the remittance.",
        }
    }
}

/// Something to look at.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRecord {
    /// Id.
    pub id: Uuid,
    /// Why.
    pub kind: WorkKind,
    /// The remittance it came from, when that is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remittance: Option<RemittanceId>,
    /// Our claim, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimId>,
    /// Whose it is, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The number the payer gives: of the claim, or of the payment.
    pub number: String,
    /// The amount in question.
    pub amount: Money,
    /// Reason and remark codes.
    pub reasons: Vec<String>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was done, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Done>,
}

/// Who said that an item is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: UserId,
}

impl WorkRecord {
    /// Returns what usually helps: by the first reason that is known, or else by the kind.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        if !matches!(self.kind, WorkKind::Denial | WorkKind::UnpaidPart) {
            return self.kind.usual_step();
        }
        let codes = self.reasons.iter().filter_map(|reason| reason.split_once('-').map(|(_, code)| code));
        codes.into_iter().find_map(step).unwrap_or(self.kind.usual_step())
    }
}

/// What usually helps against a claim adjustment reason code, in our own words.
fn step(code: &str) -> Option<&'static str> {
    Some(match code {
        "4" => "Correctable: check the telehealth or credential modifier and replace the claim.",
        "5" | "58" => "Correctable: check the place of service and replace the claim.",
        "6" | "7" | "9" => "Correctable: compare age and sex with what is on file with the payer.",
        "11" => "Correctable: choose a more specific diagnosis, or contest with the treatment plan.",
        "15" => "Correctable: compare with the authorization on record.",
        "16" => "Correctable: the remark codes say what is missing.",
        "18" | "B13" => "Find the first claim; replace it rather than sending another one.",
        "22" => "Correctable: ask the client about other coverage and bill in the right order.",
        "24" => "Final: the plan pays a fixed sum; check the payer's set-up.",
        "26" | "27" | "31" => "Correctable: check eligibility and the member number.",
        "29" => "Contest with the proof that the claim was accepted in time.",
        "39" | "197" | "198" => "Correctable: look for an authorization, or ask for one after the fact.",
        "49" | "96" | "204" => "Check the plan's benefits; the client may have to pay.",
        "50" => "Contest with the treatment plan and measures.",
        "97" => "Check which service it was bundled with.",
        "109" => "Correctable: bill the payer it belongs to.",
        "119" | "151" => "Contest, or check how many visits the plan covers.",
        "140" | "208" => "Correctable: compare names and numbers with what the payer has on file.",
        "170" | "185" | "B7" => "Check the clinician's enrolment and taxonomy with the payer.",
        "226" | "227" | "252" => "Send the records the payer asks for.",
        "242" | "243" => "Check network and referral; contest where the plan allows it.",
        "288" => "Correctable: add the referral.",
        _ => return None,
    })
}

impl Document for WorkRecord {
    const KIND: &'static str = "billing_work";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// When it was opened.
    fn sort(&self) -> String {
        self.opened_at.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![Term::plain("state", if self.done.is_some() { "done" } else { "open" })];
        terms.extend(self.remittance.iter().map(|id| Term::plain("remittance", id)));
        terms.extend(self.claim.iter().map(|id| Term::plain("claim", id)));
        terms
    }
}

/// Lists what is open, newest first.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn open(app: &App, signed: &Signed, after: Option<Cursor>) -> Result<Page<WorkRecord>, Problem> {
    let access = signed.access("billing_work.list", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, WorkRecord::KIND)?;
            let find = Find::<WorkRecord>::new().with(Term::plain("state", "open")).descending().after(after);
            work.find(&find).await.map_err(Problem::from)
        })
    });
    read.await
}

/// Says that an item somebody saw as version `seen` is done.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it was changed meanwhile.
pub async fn close(app: &App, signed: &Signed, id: Uuid, seen: u64) -> Result<(), Problem> {
    let access = signed.access("billing_work.close", Purpose::Payment);
    let written = app.vault().write(&access, |work| {
        let at = access.at;
        Box::pin(async move {
            require(work, signed, Permission::EditBilling, WorkRecord::KIND)?;
            let item = work.expect::<WorkRecord>(id).await?;
            if item.done.is_some() {
                return Err(StoreError::Conflict { kind: WorkRecord::KIND.to_owned(), id }.into());
            }
            let done = WorkRecord { done: Some(Done { at, by: signed.user }), ..item.value };
            work.update(&done, seen).await.map(drop).map_err(Problem::from)
        })
    });
    written.await
}
