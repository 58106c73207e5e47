//! What an adapter implements: documents, two journals, transactions. Small on purpose.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::{
    ClaimId, ClientId, EntryId, Money, PayerId, PracticeId,
    ledger::{Account, Entry, Posting, Source},
};

/// The right to begin one transaction for one practice. Only a [`Vault`](super::Vault) can make one, which is why
/// nobody gets past the seals and the audit trail:
///
/// ```compile_fail
/// use mentalspace_core::{PracticeId, store::{Mode, Permit}};
/// let permit = Permit::new(PracticeId::DIRECTORY, Mode::Read);
/// ```
#[derive(Debug)]
pub struct Permit {
    practice: PracticeId,
    mode: Mode,
}

impl Permit {
    pub(crate) const fn new(practice: PracticeId, mode: Mode) -> Self {
        Self { practice, mode }
    }

    /// Returns the practice whose records the transaction may see, and no other.
    #[must_use]
    pub const fn practice(&self) -> PracticeId {
        self.practice
    }

    /// Returns what the transaction may do.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Read one consistent state.
    Read,
    /// Read and write; begins with the right to write, so that it cannot fail for it later.
    Write,
}

/// A place where practices keep their records.
///
/// - A transaction sees and changes the records of its permit's practice only.
/// - What a committed transaction wrote is durable when `commit` returns, and visible to every later transaction.
/// - What an uncommitted transaction wrote is never visible to another one, and gone when it is dropped.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// Begins a transaction.
    async fn begin(&self, permit: Permit) -> Result<Box<dyn Transaction>, StoreError>;

    /// Answers whether the store can be reached and is in working order.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Names the kind of store, such as `sqlite`, for health pages.
    fn name(&self) -> &'static str;
}

/// One unit of work on one practice. Dropping it undoes it.
///
/// - `get` of an unknown id is `Ok(None)`.
/// - `insert` of a taken id is `AlreadyExists`; of a taken unique term `Duplicate` with the term's name.
/// - `update` and `delete` of an unknown id are `NotFound`; with a version other than the stored one, `Conflict`.
/// - `update` replaces sort key, terms and body, and raises the version to the record's, which is expected + 1.
/// - `query` answers in the order of (sort key, id) compared as bytes, at most `limit` records, those behind `after`.
/// - Several filters all hold; several values of one filter are alternatives; no filter means every document.
/// - `append_events` keeps an event once: an id that is there already is passed over.
/// - Events and postings are never changed nor removed; the store itself refuses it.
/// - In `Mode::Read` every writing method is `NotPermitted`.
/// - After an error other than `AlreadyExists`, `Duplicate`, `NotFound` and `Conflict` the transaction can only be
///   dropped; after these four it goes on, and nothing of the refused call remains.
#[async_trait]
pub trait Transaction: Send {
    /// Reads one document.
    async fn get(&mut self, kind: &str, id: Uuid) -> Result<Option<StoredRecord>, StoreError>;

    /// Adds a document.
    async fn insert(&mut self, kind: &str, record: &Record) -> Result<(), StoreError>;

    /// Replaces a document whose stored version is `expected`.
    async fn update(&mut self, kind: &str, record: &Record, expected: u64) -> Result<(), StoreError>;

    /// Removes a document whose stored version is `expected`.
    async fn delete(&mut self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError>;

    /// Finds documents.
    async fn query(&mut self, query: &Query) -> Result<Vec<StoredRecord>, StoreError>;

    /// Adds audit events, which wait to be given a position in the log.
    async fn append_events(&mut self, events: &[AuditRow]) -> Result<(), StoreError>;

    /// Reads up to `limit` events that have no position yet, oldest first, as (id, leaf hash).
    async fn unsequenced_events(&mut self, limit: u32) -> Result<Vec<(Uuid, [u8; 32])>, StoreError>;

    /// Gives `events` the positions `first`, `first + 1`, … of the log. A position that is taken is `Conflict`.
    async fn sequence_events(&mut self, first: u64, events: &[Uuid]) -> Result<(), StoreError>;

    /// Reads positioned events.
    async fn events(&mut self, query: &AuditQuery) -> Result<Vec<SequencedEvent>, StoreError>;

    /// Reads the leaf hashes of the positions from `first` up to but without `end`.
    async fn event_leaves(&mut self, first: u64, end: u64) -> Result<Vec<[u8; 32]>, StoreError>;

    /// Books an entry. An id that is taken is `AlreadyExists`.
    async fn post(&mut self, entry: &Entry) -> Result<(), StoreError>;

    /// Sums postings by account, accounts without postings left out, in the order of [`Account::ALL`].
    async fn balances(&mut self, query: &LedgerQuery) -> Result<Vec<Balance>, StoreError>;

    /// Reads postings in the order they were booked, at most `limit`, those behind `after`.
    async fn postings(
        &mut self,
        query: &LedgerQuery,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PostedRow>, StoreError>;

    /// Makes everything durable and visible.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A document as it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The id.
    pub id: Uuid,
    /// The version, 1 when inserted.
    pub version: u64,
    /// The key documents of the kind are ordered by.
    pub sort: String,
    /// What it can be found by.
    pub terms: Vec<StoredTerm>,
    /// The sealed body.
    pub body: Vec<u8>,
}

impl Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({} v{}, {} terms, {} bytes)", self.id, self.version, self.terms.len(), self.body.len())
    }
}

/// A document as it is read.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The id.
    pub id: Uuid,
    /// The version.
    pub version: u64,
    /// The key documents of the kind are ordered by.
    pub sort: String,
    /// The sealed body.
    pub body: Vec<u8>,
}

impl Debug for StoredRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredRecord({} v{}, {} bytes)", self.id, self.version, self.body.len())
    }
}

/// A search term as it is kept: its value is plain or already hashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredTerm {
    /// Name, at most 32 bytes.
    pub name: String,
    /// Value, at most 128 bytes.
    pub value: String,
    /// Whether no other document of the kind may carry it.
    pub unique: bool,
}

/// A search for documents of one kind.
#[derive(Debug, Clone)]
pub struct Query {
    /// The kind.
    pub kind: String,
    /// Every filter holds: the document carries a term of the name with one of the values.
    pub filters: Vec<(String, Vec<String>)>,
    /// Sort keys from here on.
    pub from: Option<String>,
    /// Sort keys below this one.
    pub until: Option<String>,
    /// Direction.
    pub order: Order,
    /// Behind this (sort key, id) in the direction of `order`.
    pub after: Option<(String, Uuid)>,
    /// At most so many.
    pub limit: u32,
    /// Whether rows are claimed for the transaction.
    pub lock: Lock,
}

/// Direction of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Whether a search claims what it finds until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lock {
    /// It does not.
    #[default]
    None,
    /// It does, and passes over what another transaction has claimed. A store with one writer has nothing to do.
    SkipClaimed,
}

/// An audit event as it is written, with the columns it can be found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The event's id.
    pub id: Uuid,
    /// Exactly the bytes that are hashed.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub leaf: [u8; 32],
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The dotted verb.
    pub activity: String,
    /// Who acted.
    pub user: Option<Uuid>,
    /// Whose records were touched.
    pub clients: Vec<Uuid>,
}

/// A search in the audit log: every field that is given holds.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Events that touched this client.
    pub client: Option<ClientId>,
    /// Events of this person.
    pub user: Option<Uuid>,
    /// Events of this dotted verb.
    pub activity: Option<String>,
    /// Positions from here on.
    pub from: Option<u64>,
    /// Positions below this one.
    pub until: Option<u64>,
    /// Direction by position.
    pub order: Order,
    /// At most so many.
    pub limit: u32,
}

/// An event at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequencedEvent {
    /// Position, counted from 0.
    pub position: u64,
    /// Exactly the bytes that were hashed.
    pub bytes: Vec<u8>,
}

/// A selection of postings: every field that is given holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerQuery {
    /// Postings of this client.
    pub client: Option<ClientId>,
    /// Postings of this claim.
    pub claim: Option<ClaimId>,
    /// Postings of this payer.
    pub payer: Option<PayerId>,
    /// Postings of entries caused by the document with this id.
    pub source: Option<Uuid>,
    /// Postings effective on or before this day, so that any past day can be aged again.
    pub through: Option<NaiveDate>,
}

/// The sum of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// Debits less credits.
    pub amount: Money,
}

/// A posting at its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedRow {
    /// Place in the practice's journal; grows, but not by ones.
    pub sequence: u64,
    /// The entry it belongs to.
    pub entry: EntryId,
    /// The day it counts for.
    pub effective: NaiveDate,
    /// What caused the entry.
    pub source: Source,
    /// The entry this one takes back.
    pub reverses: Option<EntryId>,
    /// The posting.
    pub posting: Posting,
}
