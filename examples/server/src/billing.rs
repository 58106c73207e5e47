//! The billing side: from a signed note to money in the books.
//!
//! Use cases behind API and pages. Each runs in one unit of work and decides there whether the person may do it.

pub mod balances;
pub mod charges;
pub mod claims;
pub mod payers;
pub mod remittances;
pub mod settings;
pub mod work;

use mentalspace_core::{
    Purpose,
    access::{Permission, Relation},
    store::{Reading, StoreError, Subject},
};

use crate::{app::App, practice::Office, problem::Problem, signed::Signed, zone::Zone};

/// Lets the person do something to the practice's billing as a whole.
pub(crate) fn require(
    work: &mut Reading<'_>,
    signed: &Signed,
    wanted: Permission,
    kind: &'static str,
) -> Result<(), Problem> {
    signed.require(work, wanted, Relation::default(), Subject::new(kind))
}

/// Why a unit of work did not come about.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// Somebody else was faster: the same work decides anew.
    Raced,
    /// The answer is no.
    Refused(Problem),
}

impl From<Problem> for Attempt {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<StoreError> for Attempt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } | StoreError::Duplicate { .. } | StoreError::AlreadyExists { .. } => {
                Self::Raced
            }
            other => Self::Refused(other.into()),
        }
    }
}

impl From<mentalspace_core::Invalid> for Attempt {
    fn from(error: mentalspace_core::Invalid) -> Self {
        Self::Refused(error.into())
    }
}

/// How often work that others raced is begun again.
pub(crate) const ATTEMPTS: usize = 4;

/// The answer to who lost every race.
pub(crate) fn raced() -> Problem {
    Problem::unavailable("Others change the same records at this moment. Please try again.").with_retry_after(2)
}

/// Reads the practice's wall clock, for pages.
///
/// # Errors
/// As the store.
pub async fn wall_clock(app: &App, signed: &Signed) -> Result<Zone, Problem> {
    let access = signed.access("practice.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move { Office::open(work, access).await })
    });
    Ok(read.await?.zone)
}
