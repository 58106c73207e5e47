//! A transaction in progress, with typed documents and the account of what it touched.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use mentalspace_audit::Action;
use uuid::Uuid;

use super::{
    Balance, Cursor, Deed, Document, Find, LedgerQuery, PostedRow, Record, StoreError, StoredRecord, Subject,
    Transaction, Versioned, accounting::Account, find::Page, vault::Opened,
};
use crate::{Access, Entropy, ledger::Entry};

/// A transaction that reads. Every document of protected health information it hands out is accounted for.
pub struct Reading<'a> {
    transaction: Box<dyn Transaction>,
    opened: Arc<Opened>,
    entropy: Arc<dyn Entropy>,
    account: Account,
    access: PhantomData<&'a Access>,
}

impl fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Reading<'_> {
    pub(super) fn new(transaction: Box<dyn Transaction>, opened: Arc<Opened>, entropy: Arc<dyn Entropy>) -> Self {
        Self { transaction, opened, entropy, account: Account::default(), access: PhantomData }
    }

    pub(super) fn into_account(self) -> Account {
        self.account
    }

    /// Reads a document. An unknown id is `Ok(None)`.
    ///
    /// # Errors
    /// As the store; `Damaged` when it cannot be opened.
    pub async fn get<T: Document>(&mut self, id: impl Into<Uuid> + Send) -> Result<Option<Versioned<T>>, StoreError> {
        let id = id.into();
        let Some(stored) = self.transaction.get(T::KIND, id).await? else { return Ok(None) };
        let found = self.open::<T>(&stored)?;
        if T::PHI {
            let subject = Subject { version: Some(found.version), ..subject_of(&found.value) };
            self.account.read(subject);
        }
        Ok(Some(found))
    }

    /// Reads a document that must be there.
    ///
    /// # Errors
    /// As [`Reading::get`]; `NotFound` when it is not there.
    pub async fn expect<T: Document>(&mut self, id: impl Into<Uuid> + Send) -> Result<Versioned<T>, StoreError> {
        let id = id.into();
        self.get(id).await?.ok_or(StoreError::NotFound { kind: T::KIND.to_owned(), id })
    }

    /// Finds documents, one page at a time.
    ///
    /// # Errors
    /// As the store.
    pub async fn find<T: Document>(&mut self, find: &Find<T>) -> Result<Page<T>, StoreError> {
        let mut stored = self.transaction.query(&find.query(&self.opened.sealer)?).await?;
        let size = usize::try_from(find.page_size()).unwrap_or(usize::MAX);
        let more = stored.len() > size;
        stored.truncate(size);
        let last = stored.last().filter(|_| more);
        let next = last.map(|last| Cursor { sort: last.sort.clone(), id: last.id });
        let mut page = Page::<T> { items: Vec::with_capacity(stored.len()), damaged: Vec::new(), next };
        for record in &stored {
            match self.open(record) {
                Ok(found) => page.items.push(found),
                Err(_) => page.damaged.push(record.id),
            }
        }
        if T::PHI {
            self.account.found(T::KIND, page.items.iter().filter_map(|item| item.client()));
        }
        Ok(page)
    }

    /// Finds everything, page after page; for sets that a rule keeps small.
    ///
    /// # Errors
    /// As the store; `Damaged` when one document cannot be opened; `Limit` beyond 10,000.
    pub async fn find_all<T: Document>(&mut self, find: Find<T>) -> Result<Vec<Versioned<T>>, StoreError> {
        let mut find = find.limit(Find::<T>::MAX);
        let mut all = Vec::new();
        loop {
            let page = self.find(&find).await?;
            if let Some(id) = page.damaged.first() {
                return Err(damaged::<T>(*id, "it cannot be opened"));
            }
            all.extend(page.items);
            match page.next {
                None => return Ok(all),
                Some(_) if all.len() >= 10_000 => return Err(StoreError::Limit { what: "a search without pages" }),
                next => find = find.after(next),
            }
        }
    }

    /// Sums postings by account.
    ///
    /// # Errors
    /// As the store.
    pub async fn balances(&mut self, query: &LedgerQuery) -> Result<Vec<Balance>, StoreError> {
        self.account.found("ledger", query.client);
        self.transaction.balances(query).await
    }

    /// Reads postings in the order they were booked.
    ///
    /// # Errors
    /// As the store.
    pub async fn postings(
        &mut self,
        query: &LedgerQuery,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PostedRow>, StoreError> {
        let rows = self.transaction.postings(query, after, limit).await?;
        self.account.found("ledger", rows.iter().filter_map(|row| row.posting.client));
        Ok(rows)
    }

    /// Accounts for something besides what is read and written, such as an export.
    pub fn record(&mut self, deed: Deed) {
        self.account.deed(deed);
    }

    fn open<T: Document>(&self, stored: &StoredRecord) -> Result<Versioned<T>, StoreError> {
        let body = self.opened.sealer.open(T::KIND, stored.id, stored.version, &stored.body);
        let body = body.ok_or_else(|| damaged::<T>(stored.id, "its seal does not hold"))?;
        let value = serde_json::from_slice(&body).map_err(|_| damaged::<T>(stored.id, "it cannot be read"))?;
        Ok(Versioned { version: stored.version, value })
    }

    fn sealed<T: Document>(&self, document: &T, version: u64) -> Result<Record, StoreError> {
        let body = serde_json::to_vec(document).map_err(|_| StoreError::Limit { what: "a body" })?;
        let body = zeroize::Zeroizing::new(body);
        let (id, sort) = (document.id(), document.sort());
        if body.len() > 16 << 20 || sort.len() > 128 {
            return Err(StoreError::Limit { what: "a document" });
        }
        let terms =
            document.terms().iter().map(|term| self.opened.sealer.term(T::KIND, term)).collect::<Result<_, _>>()?;
        let body = self.opened.sealer.seal(T::KIND, id, version, &body, self.entropy.as_ref())?;
        Ok(Record { id, version, sort, terms, body })
    }
}

fn damaged<T: Document>(id: Uuid, what: &'static str) -> StoreError {
    StoreError::Damaged { kind: T::KIND.to_owned(), id, what }
}

fn subject_of<T: Document>(document: &T) -> Subject {
    Subject::new(T::KIND).id(document.id()).client(document.client())
}

/// A transaction that reads and writes.
#[derive(Debug)]
pub struct Writing<'a> {
    reading: Reading<'a>,
}

impl<'a> Deref for Writing<'a> {
    type Target = Reading<'a>;
    fn deref(&self) -> &Reading<'a> {
        &self.reading
    }
}

impl<'a> DerefMut for Writing<'a> {
    fn deref_mut(&mut self) -> &mut Reading<'a> {
        &mut self.reading
    }
}

impl<'a> Writing<'a> {
    pub(super) const fn new(reading: Reading<'a>) -> Self {
        Self { reading }
    }

    pub(super) fn into_account(self) -> Account {
        self.reading.account
    }

    /// Adds a document with version 1.
    ///
    /// # Errors
    /// As the store: `AlreadyExists`, `Duplicate`.
    pub async fn insert<T: Document>(&mut self, document: &T) -> Result<(), StoreError> {
        let record = self.sealed(document, 1)?;
        self.reading.transaction.insert(T::KIND, &record).await?;
        self.wrote(Action::Create, document, 1);
        Ok(())
    }

    /// Replaces a document whose version is `expected` and returns the new version.
    ///
    /// # Errors
    /// As the store: `Conflict`, `NotFound`, `Duplicate`.
    pub async fn update<T: Document>(&mut self, document: &T, expected: u64) -> Result<u64, StoreError> {
        let version = expected + 1;
        let record = self.sealed(document, version)?;
        self.reading.transaction.update(T::KIND, &record, expected).await?;
        self.wrote(Action::Update, document, version);
        Ok(version)
    }

    /// Removes a document whose version is `expected`.
    ///
    /// # Errors
    /// As the store: `Conflict`, `NotFound`.
    pub async fn delete<T: Document>(&mut self, document: &T, expected: u64) -> Result<(), StoreError> {
        self.reading.transaction.delete(T::KIND, document.id(), expected).await?;
        self.wrote(Action::Delete, document, expected);
        Ok(())
    }

    /// Books an entry.
    ///
    /// # Errors
    /// As the store: `AlreadyExists`.
    pub async fn post(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.reading.transaction.post(entry).await?;
        let mut clients: Vec<_> = entry.postings().iter().filter_map(|posting| posting.client).collect();
        clients.sort_unstable();
        clients.dedup();
        let subject = Subject::new("ledger_entry").id(entry.id().uuid());
        if clients.is_empty() {
            self.reading.account.wrote(Action::Create, subject.clone());
        }
        for client in clients {
            self.reading.account.wrote(Action::Create, subject.clone().client(Some(client)));
        }
        Ok(())
    }

    pub(super) async fn commit(mut self, access: &Access) -> Result<(), StoreError> {
        let account = std::mem::take(&mut self.reading.account);
        let rows = account.rows(access, self.reading.entropy.as_ref())?;
        if !rows.is_empty() {
            self.reading.transaction.append_events(&rows).await?;
        }
        self.reading.transaction.commit().await
    }

    fn wrote<T: Document>(&mut self, action: Action, document: &T, version: u64) {
        if T::PHI {
            let subject = Subject { version: Some(version), ..subject_of(document) };
            self.reading.account.wrote(action, subject);
        }
    }
}
