//! Claims and remittances as they are kept: documents with their history and what they are found by.

use chrono::{DateTime, Utc};
use mentalspace_core::store::{Document, Term};
use mentalspace_core::{ChargeId, ClaimId, ClientId, EntryId, PayerId, Phi, RemittanceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claim::{Claim, ClaimControlNumber};
use crate::lifecycle::{ClaimEvent, ClaimStatus, TransitionError};
use crate::remittance::{IdempotencyKey, Posted, Recognition, Refused, WorkItem};
use crate::transaction::r835::Remittance;

/// A claim with its state and history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRecord {
    id: ClaimId,
    client: Option<ClientId>,
    payer: Option<PayerId>,
    charges: Vec<ChargeId>,
    claim: Claim,
    status: ClaimStatus,
    /// How many payers were billed, the present one included.
    payer_round: u8,
    payer_claim_number: Option<Phi<String>>,
    forwarded: bool,
    history: Vec<StatusChange>,
}

/// One step in a claim's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusChange {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: ClaimEvent,
    /// The state before.
    pub from: ClaimStatus,
    /// The state after.
    pub to: ClaimStatus,
}

/// Why a claim record refuses a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The event cannot happen in this state.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// Only a draft is edited, so that what was sent stays what was sent.
    #[error("a claim that is {0:?} cannot be edited")]
    NotEditable(ClaimStatus),
    /// The claim control number is the claim's name with the payer and stays.
    #[error("the claim control number cannot change")]
    ControlNumber,
    /// The payer sent the claim on itself: a second one would be a duplicate.
    #[error("the payer forwarded the claim to the next one")]
    Forwarded,
}

impl ClaimRecord {
    /// A new draft.
    #[must_use]
    pub const fn new(
        id: ClaimId,
        client: Option<ClientId>,
        payer: Option<PayerId>,
        charges: Vec<ChargeId>,
        claim: Claim,
    ) -> Self {
        Self {
            id,
            client,
            payer,
            charges,
            claim,
            status: ClaimStatus::Draft,
            payer_round: 1,
            payer_claim_number: None,
            forwarded: false,
            history: Vec::new(),
        }
    }

    /// Returns the claim's id.
    #[must_use]
    pub const fn claim_id(&self) -> ClaimId {
        self.id
    }

    /// Returns the claim.
    #[must_use]
    pub const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Returns the state.
    #[must_use]
    pub const fn status(&self) -> ClaimStatus {
        self.status
    }

    /// Returns the payer the claim is with, as the practice knows it.
    #[must_use]
    pub const fn payer(&self) -> Option<PayerId> {
        self.payer
    }

    /// Returns the charges the claim was made from.
    #[must_use]
    pub fn charges(&self) -> &[ChargeId] {
        &self.charges
    }

    /// Returns how many payers were billed, the present one included.
    #[must_use]
    pub const fn payer_round(&self) -> u8 {
        self.payer_round
    }

    /// Returns the present payer's number of the claim.
    #[must_use]
    pub const fn payer_claim_number(&self) -> Option<&Phi<String>> {
        self.payer_claim_number.as_ref()
    }

    /// Returns the steps so far, the first one first.
    #[must_use]
    pub fn history(&self) -> &[StatusChange] {
        &self.history
    }

    /// Lets `event` happen.
    ///
    /// # Errors
    /// It cannot happen in this state. For the next payer use [`ClaimRecord::bill_next`].
    pub fn apply(mut self, event: ClaimEvent, at: DateTime<Utc>) -> Result<Self, RecordError> {
        if event == ClaimEvent::BillNext {
            return Err(TransitionError { from: self.status, event }.into());
        }
        self.step(event, at)?;
        Ok(self)
    }

    /// Replaces the content of a draft.
    ///
    /// # Errors
    /// The claim is no draft, or the new content has another control number.
    pub fn edit(self, claim: Claim) -> Result<Self, RecordError> {
        if self.status != ClaimStatus::Draft {
            return Err(RecordError::NotEditable(self.status));
        }
        if claim.control_number != self.claim.control_number {
            return Err(RecordError::ControlNumber);
        }
        Ok(Self { claim, ..self })
    }

    /// Takes what a payer decided: the event, its number of the claim, and whether it sent the claim on.
    ///
    /// # Errors
    /// The event cannot happen in this state.
    pub fn decided(
        mut self,
        event: ClaimEvent,
        payer_claim_number: Option<Phi<String>>,
        forwarded: bool,
        at: DateTime<Utc>,
    ) -> Result<Self, RecordError> {
        self.step(event, at)?;
        self.payer_claim_number = payer_claim_number.or(self.payer_claim_number);
        self.forwarded = forwarded;
        Ok(self)
    }

    /// Turns to the next payer with `claim`, which carries the earlier payer's decision.
    ///
    /// # Errors
    /// The claim is not decided, the payer forwarded it, or `claim` has another control number.
    pub fn bill_next(mut self, claim: Claim, payer: Option<PayerId>, at: DateTime<Utc>) -> Result<Self, RecordError> {
        if self.forwarded {
            return Err(RecordError::Forwarded);
        }
        if claim.control_number != self.claim.control_number {
            return Err(RecordError::ControlNumber);
        }
        self.step(ClaimEvent::BillNext, at)?;
        self.payer_round = self.payer_round.saturating_add(1);
        Ok(Self { claim, payer, payer_claim_number: None, ..self })
    }

    fn step(&mut self, event: ClaimEvent, at: DateTime<Utc>) -> Result<(), TransitionError> {
        let to = self.status.after(event)?;
        self.history.push(StatusChange { at, event, from: self.status, to });
        self.status = to;
        Ok(())
    }
}

/// The search term under which a claim control number is unique.
pub const CONTROL_NUMBER_TERM: &str = "control_number";

/// Returns the value under which `number` is found, whatever case a payer gives it back in.
#[must_use]
pub fn control_number_term(number: &ClaimControlNumber) -> String {
    number.as_str().to_ascii_uppercase()
}

impl Document for ClaimRecord {
    const KIND: &'static str = "claim";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// The first day of service.
    fn sort(&self) -> String {
        self.claim.first_day().map(|day| day.to_string()).unwrap_or_default()
    }

    fn terms(&self) -> Vec<Term> {
        let number = control_number_term(&self.claim.control_number);
        let mut terms =
            vec![Term::plain("status", self.status.name()), Term::plain(CONTROL_NUMBER_TERM, &number).unique()];
        terms.extend(self.client.iter().map(|client| Term::plain("client", client)));
        terms.extend(self.payer.iter().map(|payer| Term::plain("payer", payer)));
        terms
    }
}

/// A remittance with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemittanceRecord {
    id: RemittanceId,
    payer: Option<PayerId>,
    key: IdempotencyKey,
    remittance: Remittance,
    received_at: DateTime<Utc>,
    state: RemittanceState,
}

/// What became of a remittance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum RemittanceState {
    /// Waiting to be posted.
    Received,
    /// In the books.
    Posted {
        /// When.
        at: DateTime<Utc>,
        /// Its entries.
        entries: Vec<EntryId>,
        /// What is left for a person.
        work_items: Vec<WorkItem>,
    },
    /// Not in the books; a person must look at it.
    Held {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        reason: HoldReason,
    },
}

/// Why a remittance is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldReason {
    /// It does not add up.
    Unbalanced,
    /// It could not be read in full, is cut off, or cannot be booked.
    Unusable,
    /// The same payer and trace number are in the books with other content.
    Corrected,
}

impl RemittanceRecord {
    /// A remittance that arrived.
    #[must_use]
    pub fn new(id: RemittanceId, payer: Option<PayerId>, remittance: Remittance, received_at: DateTime<Utc>) -> Self {
        let key = IdempotencyKey::of(&remittance);
        Self { id, payer, key, remittance, received_at, state: RemittanceState::Received }
    }

    /// Returns the remittance's id.
    #[must_use]
    pub const fn remittance_id(&self) -> RemittanceId {
        self.id
    }

    /// Returns the remittance.
    #[must_use]
    pub const fn remittance(&self) -> &Remittance {
        &self.remittance
    }

    /// Returns what tells it from all others.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Returns when it arrived.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// Returns what became of it.
    #[must_use]
    pub const fn state(&self) -> &RemittanceState {
        &self.state
    }

    /// Records the outcome of posting; one that is in the books stays there.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Result<&Posted, &Refused>, at: DateTime<Utc>) -> Self {
        if matches!(self.state, RemittanceState::Posted { .. }) {
            return self;
        }
        self.state = match outcome {
            Ok(posted) => RemittanceState::Posted {
                at,
                entries: posted.entries.iter().map(|entry| entry.id()).collect(),
                work_items: posted.work_items.clone(),
            },
            Err(Refused::Unbalanced { .. }) => RemittanceState::Held { at, reason: HoldReason::Unbalanced },
            Err(_) => RemittanceState::Held { at, reason: HoldReason::Unusable },
        };
        self
    }

    /// Holds a remittance that corrects one in the books, so that a person decides.
    #[must_use]
    pub fn recognised(mut self, recognition: Recognition, at: DateTime<Utc>) -> Self {
        if recognition == Recognition::Corrected && self.state == RemittanceState::Received {
            self.state = RemittanceState::Held { at, reason: HoldReason::Corrected };
        }
        self
    }
}

/// The search term under which a remittance is unique: its idempotency key.
pub const REMITTANCE_KEY_TERM: &str = "key";

impl Document for RemittanceRecord {
    const KIND: &'static str = "remittance";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    /// When it arrived.
    fn sort(&self) -> String {
        self.received_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    }

    fn terms(&self) -> Vec<Term> {
        let state = match &self.state {
            RemittanceState::Received => "received",
            RemittanceState::Posted { .. } => "posted",
            RemittanceState::Held { .. } => "held",
        };
        let mut terms = vec![
            Term::plain(REMITTANCE_KEY_TERM, &self.key.digest()).unique(),
            Term::plain("status", state),
            Term::plain("trace", &self.key.trace),
        ];
        terms.extend(self.payer.iter().map(|payer| Term::plain("payer", payer)));
        terms
    }
}
