//! The store port and the one way through it.
//!
//! An adapter implements [`Store`] and [`Transaction`] and sees only sealed bodies, hashed terms and opaque ids.
//! Everybody else holds a [`Vault`]: it seals and opens documents, and commits a transaction that touched protected
//! health information only together with the audit events that account for it. A [`Permit`] to begin a transaction
//! can be made by the vault alone, so there is no other way in.

mod accounting;
mod audit_log;
mod document;
mod error;
mod find;
mod group_commit;
mod job;
mod key;
mod port;
mod seal;
mod vault;
mod work;

pub use accounting::{Deed, Subject};
pub use audit_log::AuditPage;
pub use document::{Document, Term, TermValue};
pub use error::StoreError;
pub use find::{Cursor, Find, Page, Versioned};
pub use job::{Job, JobState};
pub use key::{DataKey, KeyError, KeyProvider, LocalKey, WrappedKey};
pub use port::{
    AuditQuery, AuditRow, Balance, LedgerQuery, Lock, Mode, Order, Permit, PostedRow, Query, Record, SequencedEvent,
    Store, StoredRecord, StoredTerm, Transaction,
};
pub use vault::{Vault, Working};
pub use work::{Reading, Writing};
