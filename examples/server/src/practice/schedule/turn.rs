//! Who books takes a turn in the calendars of clinician and client, so that two who find the same time free at the same
//! moment cannot both take it, whatever isolation the store offers.

use mentalspace_core::{
    AppointmentError, ClientId, Invalid,
    store::{Document, StoreError, Term, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::Problem;

/// How often a booking that met another one is tried again.
pub(super) const TRIES: usize = 5;

/// Why a booking came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody else booked at the same moment: look again.
    Busy,
    /// It is refused.
    Refused(Problem),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } | StoreError::AlreadyExists { .. } => Self::Busy,
            other => Self::Refused(other.into()),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<AppointmentError> for Failure {
    fn from(error: AppointmentError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Invalid> for Failure {
    fn from(error: Invalid) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy => Self::unavailable("Others are booking at the same moment. Please try again."),
            Failure::Refused(problem) => problem,
        }
    }
}

/// The calendar of one clinician or client, as far as taking turns needs it: an id and nothing else.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    of: Uuid,
}

impl Document for Turn {
    const KIND: &'static str = "calendar_turn";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.of
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// Takes the turns, before the calendar is read. In one order, so that two bookings never wait for each other.
pub(super) async fn take(work: &mut Writing<'_>, mut of: [Uuid; 2]) -> Result<(), StoreError> {
    of.sort_unstable();
    for of in of {
        let turn = Turn { of };
        match work.get::<Turn>(of).await? {
            None => work.insert(&turn).await?,
            Some(last) => work.update(&turn, last.version).await.map(drop)?,
        }
    }
    Ok(())
}
