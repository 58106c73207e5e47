//! Changes of a visit that several people make at once: whoever was slower tries again on what is there by then.

use mentalspace_core::store::StoreError;

use crate::problem::Problem;

/// How often a change is tried.
pub(super) const TRIES: usize = 5;

/// Why a unit of work was given up.
pub(super) enum Stop {
    /// Somebody else was faster, and the change may still be right.
    Again(Problem),
    /// It is refused.
    Refused(Problem),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } | StoreError::AlreadyExists { .. } | StoreError::Duplicate { .. } => {
                Self::Again(error.into())
            }
            other => Self::Refused(other.into()),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

/// Repeats a unit of work while somebody else was faster.
///
/// # Errors
/// The refusal, or the last conflict.
macro_rules! again {
    ($work:expr) => {{
        let mut tries = 1;
        loop {
            match $work.await {
                Err($crate::practice::visits::again::Stop::Again(_))
                    if tries < $crate::practice::visits::again::TRIES =>
                {
                    tries += 1;
                }
                Ok(done) => break Ok(done),
                Err(
                    $crate::practice::visits::again::Stop::Again(problem)
                    | $crate::practice::visits::again::Stop::Refused(problem),
                ) => break Err(problem),
            }
        }
    }};
}
pub(super) use again;
