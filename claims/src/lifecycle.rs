//! The life of a claim: which state follows which, and what the answers of receivers and payers do to it.
//!
//! [`Response`] reads TA1, 999, 997, 277CA and 277 as what they say about claims; [`Response::answer_to`] tells whether
//! one of ours is meant and what happens to it.

mod response;

use serde::{Deserialize, Serialize};

pub use response::{About, Answer, Reason, Response, Sent, Work};

/// The state of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClaimStatus {
    /// Being written.
    Draft,
    /// Complete, waiting to be sent.
    Ready,
    /// Sent, no answer yet.
    Submitted,
    /// Taken into adjudication (277CA A2).
    Accepted,
    /// Refused before adjudication (999, 277CA A3, A6 to A8): correct it and send it new.
    Rejected,
    /// Being decided by the payer.
    InProcess,
    /// Decided, with or without a payment.
    Paid,
    /// Denied.
    Denied,
    /// Denied or underpaid, and contested.
    Appealed,
    /// Taken back; final.
    Void,
}

/// What can happen to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClaimEvent {
    /// Its last problem was solved.
    Finish,
    /// It is opened again to be corrected.
    Reopen,
    /// It is sent.
    Submit,
    /// The receiver accepts it.
    Accept,
    /// The receiver refuses it.
    Reject,
    /// The payer says it is working on it.
    Process,
    /// The payer decided and it is posted, be it with nothing paid.
    Pay,
    /// The payer denied it.
    Deny,
    /// The payer took its decision back.
    Reverse,
    /// The decision is contested.
    Appeal,
    /// The next payer is billed.
    BillNext,
    /// It is taken back.
    Void,
}

/// Something that cannot happen to a claim in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a claim that is {from:?} cannot {event:?}")]
pub struct TransitionError {
    /// The state.
    pub from: ClaimStatus,
    /// What was to happen.
    pub event: ClaimEvent,
}

impl ClaimStatus {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Ready,
        Self::Submitted,
        Self::Accepted,
        Self::Rejected,
        Self::InProcess,
        Self::Paid,
        Self::Denied,
        Self::Appealed,
        Self::Void,
    ];

    /// Returns the name used in stores and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Submitted => "submitted",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InProcess => "in_process",
            Self::Paid => "paid",
            Self::Denied => "denied",
            Self::Appealed => "appealed",
            Self::Void => "void",
        }
    }

    /// Returns the state after `event`.
    ///
    /// # Errors
    /// The event cannot happen in this state.
    pub const fn after(self, event: ClaimEvent) -> Result<Self, TransitionError> {
        let next = match self {
            Self::Draft => of_draft(event),
            Self::Ready => of_ready(event),
            Self::Submitted | Self::Accepted | Self::InProcess => of_pending(self, event),
            Self::Rejected => of_rejected(event),
            Self::Paid | Self::Denied | Self::Appealed => of_decided(event),
            Self::Void => None,
        };
        match next {
            Some(next) => Ok(next),
            None => Err(TransitionError { from: self, event }),
        }
    }
}

const fn of_draft(event: ClaimEvent) -> Option<ClaimStatus> {
    use ClaimEvent as E;
    match event {
        E::Finish => Some(ClaimStatus::Ready),
        E::Void => Some(ClaimStatus::Void),
        E::Reopen | E::Submit | E::Accept | E::Reject | E::Process | E::Pay | E::Deny => None,
        E::Reverse | E::Appeal | E::BillNext => None,
    }
}

const fn of_ready(event: ClaimEvent) -> Option<ClaimStatus> {
    use ClaimEvent as E;
    match event {
        E::Reopen => Some(ClaimStatus::Draft),
        E::Submit => Some(ClaimStatus::Submitted),
        E::Void => Some(ClaimStatus::Void),
        E::Finish | E::Accept | E::Reject | E::Process | E::Pay | E::Deny => None,
        E::Reverse | E::Appeal | E::BillNext => None,
    }
}

/// Payers answer in any order, and some leave answers out; a late acceptance takes nothing back.
const fn of_pending(from: ClaimStatus, event: ClaimEvent) -> Option<ClaimStatus> {
    use ClaimEvent as E;
    match event {
        E::Accept => Some(if matches!(from, ClaimStatus::InProcess) { from } else { ClaimStatus::Accepted }),
        E::Reject => Some(ClaimStatus::Rejected),
        E::Process => Some(ClaimStatus::InProcess),
        E::Pay => Some(ClaimStatus::Paid),
        E::Deny => Some(ClaimStatus::Denied),
        E::Void => Some(ClaimStatus::Void),
        E::Finish | E::Reopen | E::Submit | E::Reverse | E::Appeal | E::BillNext => None,
    }
}

const fn of_rejected(event: ClaimEvent) -> Option<ClaimStatus> {
    use ClaimEvent as E;
    match event {
        E::Reopen => Some(ClaimStatus::Draft),
        E::Void => Some(ClaimStatus::Void),
        E::Finish | E::Submit | E::Accept | E::Reject | E::Process | E::Pay | E::Deny => None,
        E::Reverse | E::Appeal | E::BillNext => None,
    }
}

const fn of_decided(event: ClaimEvent) -> Option<ClaimStatus> {
    use ClaimEvent as E;
    match event {
        E::Pay => Some(ClaimStatus::Paid),
        E::Deny => Some(ClaimStatus::Denied),
        E::Reverse | E::Process => Some(ClaimStatus::InProcess),
        E::Appeal => Some(ClaimStatus::Appealed),
        E::BillNext => Some(ClaimStatus::Ready),
        E::Reopen => Some(ClaimStatus::Draft),
        E::Void => Some(ClaimStatus::Void),
        E::Finish | E::Submit | E::Accept | E::Reject => None,
    }
}

impl ClaimEvent {
    /// Every event.
    pub const ALL: [Self; 12] = [
        Self::Finish,
        Self::Reopen,
        Self::Submit,
        Self::Accept,
        Self::Reject,
        Self::Process,
        Self::Pay,
        Self::Deny,
        Self::Reverse,
        Self::Appeal,
        Self::BillNext,
        Self::Void,
    ];
}
