//! What the practice does with its records: the use cases behind API and pages.
//!
//! Each runs in one unit of work and decides there whether the person may do it: on what was read, never before. What a
//! form or a request saw travels with it as a version, so that nobody overwrites what somebody else has just written.

pub mod clients;
pub mod clinicians;
pub mod coverages;
pub mod locations;
pub mod notes;
pub mod people;
pub mod schedule;
pub mod settings;
pub mod staff;
pub mod visits;

use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_core::{
    Access, Practice,
    access::{Permission, Relation},
    store::{Document, Reading, StoreError, Subject, Versioned},
};
use uuid::Uuid;

use crate::{problem::Problem, signed::Signed, zone::Zone};

/// The practice as a unit of work finds it: its rules, its wall clock and the moment.
#[derive(Debug, Clone)]
pub struct Office {
    /// The practice.
    pub practice: Practice,
    /// Its wall clock.
    pub zone: Zone,
    /// Now.
    pub now: DateTime<Utc>,
    /// Today, on the practice's calendar.
    pub today: NaiveDate,
}

impl Office {
    /// Reads the practice.
    ///
    /// # Errors
    /// As the store.
    pub async fn open(work: &mut Reading<'_>, access: &Access) -> Result<Self, StoreError> {
        let practice = work.expect::<Practice>(access.practice).await?.value;
        let zone = Zone::of(&practice.time_zone);
        Ok(Self { practice, zone, now: access.at, today: zone.day(access.at) })
    }
}

/// Reads a document that must still be in the version somebody decided on.
///
/// # Errors
/// `not_found`; `conflict` when it was changed meanwhile.
pub async fn current<T: Document>(
    work: &mut Reading<'_>,
    id: impl Into<Uuid> + Send,
    version: u64,
) -> Result<Versioned<T>, Problem> {
    let found = work.expect::<T>(id).await?;
    if found.version != version {
        return Err(StoreError::Conflict { kind: T::KIND.to_owned(), id: found.id() }.into());
    }
    Ok(found)
}

/// Reads a document that a field of a request names.
///
/// # Errors
/// `invalid`, naming the field, when there is none.
pub async fn named<T: Document>(
    work: &mut Reading<'_>,
    id: impl Into<Uuid> + Send,
    field: &'static str,
) -> Result<Versioned<T>, Problem> {
    work.get::<T>(id).await?.ok_or_else(|| Problem::field(field, "is not on record"))
}

/// Lets the person run the practice in one respect, which depends on the role alone.
fn manages(work: &mut Reading<'_>, signed: &Signed, wanted: Permission, kind: &'static str) -> Result<(), Problem> {
    signed.require(work, wanted, Relation::default(), Subject::new(kind))
}
