//! What can go wrong with a store, by what the caller can do about it.

use std::error::Error;

use uuid::Uuid;

use super::key::KeyError;

/// A store said no, or could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else changed the document first: read it again and decide anew.
    #[error("{kind} {id} was changed by somebody else in the meantime")]
    Conflict {
        /// Kind of document.
        kind: String,
        /// Its id.
        id: Uuid,
    },
    /// The id is taken.
    #[error("{kind} {id} exists already")]
    AlreadyExists {
        /// Kind of document.
        kind: String,
        /// Its id.
        id: Uuid,
    },
    /// Another document of the kind carries the same unique term.
    #[error("another {kind} has the same {term}")]
    Duplicate {
        /// Kind of document.
        kind: String,
        /// Name of the unique term.
        term: String,
    },
    /// There is no such document in the practice.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// Kind of document.
        kind: String,
        /// The id that was asked for.
        id: Uuid,
    },
    /// The database refuses this role or this practice.
    #[error("the store does not permit this")]
    NotPermitted(#[source] Box<dyn Error + Send + Sync>),
    /// The store cannot be reached or is overloaded: the same request may succeed later.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What is stored cannot be opened or understood.
    #[error("{kind} {id} is damaged: {what}")]
    Damaged {
        /// Kind of document.
        kind: String,
        /// Its id.
        id: Uuid,
        /// Which step failed.
        what: &'static str,
    },
    /// A document or a query breaks a limit of the port.
    #[error("{what} is beyond the limits of the store")]
    Limit {
        /// What is too large or malformed.
        what: &'static str,
    },
    /// The keys of the practice are not to be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit event cannot be written, so the access is refused.
    #[error("the access cannot be accounted for")]
    Unaccountable(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps a driver's error that may pass by itself.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }

    /// Returns whether doing the whole transaction again can succeed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Unavailable(_))
    }
}
