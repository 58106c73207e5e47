//! The one way to the records of a practice: sealed, accounted for, one practice at a time.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;

use super::{
    Deed, KeyProvider, Mode, Permit, Reading, Record, Store, StoreError, WrappedKey, Writing, accounting::Account,
    group_commit::GroupCommit, key::DataKey, seal::Sealer,
};
use crate::{Access, Entropy, PracticeId, draw};

/// The records of all practices, behind keys and an audit trail.
///
/// [`Vault::read`] and [`Vault::write`] run a closure in a transaction. What the closure returns leaves the vault only
/// after the events that account for everything it read or wrote are durable; if it returns an error, what it wrote is
/// undone and what it saw is accounted for all the same.
#[derive(Debug, Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    keys: Arc<dyn KeyProvider>,
    entropy: Arc<dyn Entropy>,
    practices: RwLock<BTreeMap<PracticeId, Arc<Opened>>>,
}

/// What the vault keeps in memory of a practice in use.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) sealer: Sealer,
    reads: GroupCommit,
}

/// A closure's future: boxed, sendable, bound to the transaction.
pub type Working<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

const DATA_KEY: &str = "data_key";
/// The id of a practice's first data key; fixed, so that two servers cannot both create one.
const FIRST_KEY: Uuid = Uuid::from_u128(1);

impl Vault {
    /// Puts `store` behind keys of `keys`; `entropy` is an approved generator.
    pub fn new(store: Arc<dyn Store>, keys: Arc<dyn KeyProvider>, entropy: Arc<dyn Entropy>) -> Self {
        Self { shared: Arc::new(Shared { store, keys, entropy, practices: RwLock::default() }) }
    }

    /// Returns the store's name and whether it answers.
    ///
    /// # Errors
    /// The store's answer.
    pub async fn ping(&self) -> Result<&'static str, StoreError> {
        self.shared.store.ping().await.map(|()| self.shared.store.name())
    }

    /// Returns the source of random bytes, for ids and tokens.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.shared.entropy.as_ref()
    }

    /// Reads in one consistent state. The answer waits until its events are durable, together with those of other
    /// readers.
    ///
    /// # Errors
    /// What `work` returns, or why the store, the keys or the audit trail refuse.
    pub async fn read<'a, T, E, F>(&self, access: &'a Access, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Reading<'a>) -> Working<'t, T, E> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        let opened = self.opened(access.practice).await?;
        let mut reading = self.begin(access, Mode::Read, &opened).await?;
        let answer = work(&mut reading).await;
        let rows = reading.into_account().rows(access, self.entropy())?;
        opened.reads.append(self.shared.store.as_ref(), access.practice, rows).await?;
        answer
    }

    /// Reads and writes as one unit; its events are part of the same transaction.
    ///
    /// # Errors
    /// What `work` returns, or why the store, the keys or the audit trail refuse.
    pub async fn write<'a, T, E, F>(&self, access: &'a Access, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Writing<'a>) -> Working<'t, T, E> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        let opened = self.opened(access.practice).await?;
        let mut writing = Writing::new(self.begin(access, Mode::Write, &opened).await?);
        match work(&mut writing).await {
            Ok(answer) => {
                writing.commit(access).await?;
                Ok(answer)
            }
            Err(error) => {
                let rows = writing.into_account().undone().rows(access, self.entropy())?;
                opened.reads.append(self.shared.store.as_ref(), access.practice, rows).await?;
                Err(error)
            }
        }
    }

    /// Accounts for something that touches no record, such as a refusal or a failed sign-in.
    ///
    /// # Errors
    /// Why the store, the keys or the audit trail refuse.
    pub async fn record(&self, access: &Access, deed: Deed) -> Result<(), StoreError> {
        let opened = self.opened(access.practice).await?;
        let mut account = Account::default();
        account.deed(deed);
        let rows = account.rows(access, self.entropy())?;
        opened.reads.append(self.shared.store.as_ref(), access.practice, rows).await
    }

    /// Wraps the practice's data key anew, after the provider's key has changed from `old`.
    ///
    /// # Errors
    /// Why the store or one of the providers refuses.
    pub async fn rewrap(&self, practice: PracticeId, old: &dyn KeyProvider) -> Result<(), StoreError> {
        let mut transaction = self.shared.store.begin(Permit::new(practice, Mode::Write)).await?;
        let Some(stored) = transaction.get(DATA_KEY, FIRST_KEY).await? else { return Ok(()) };
        let key = old.unwrap(practice, &decode(&stored.body)?).await?;
        let wrapped = self.shared.keys.wrap(practice, &key, draw(self.entropy())).await?;
        let version = stored.version + 1;
        transaction.update(DATA_KEY, &key_record(version, &wrapped)?, stored.version).await?;
        transaction.commit().await
    }

    /// Derives a secret from the practice's data key for a purpose of its own, such as a password pepper.
    ///
    /// # Errors
    /// As the store and the key provider.
    pub async fn derived_secret(&self, practice: PracticeId, purpose: &str) -> Result<[u8; 32], StoreError> {
        Ok(*self.opened(practice).await?.sealer.secret(&format!("purpose {purpose}")))
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.shared.store.as_ref()
    }

    async fn begin<'a>(&self, access: &'a Access, mode: Mode, opened: &Arc<Opened>) -> Result<Reading<'a>, StoreError> {
        let transaction = self.shared.store.begin(Permit::new(access.practice, mode)).await?;
        Ok(Reading::new(transaction, Arc::clone(opened), Arc::clone(&self.shared.entropy)))
    }

    pub(super) async fn opened(&self, practice: PracticeId) -> Result<Arc<Opened>, StoreError> {
        let known = |shared: &Shared| {
            shared.practices.read().unwrap_or_else(PoisonError::into_inner).get(&practice).map(Arc::clone)
        };
        if let Some(opened) = known(&self.shared) {
            return Ok(opened);
        }
        let key = self.data_key(practice).await?;
        let opened = Arc::new(Opened { sealer: Sealer::new(practice, &key), reads: GroupCommit::default() });
        let mut practices = self.shared.practices.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(practices.entry(practice).or_insert(opened)))
    }

    async fn data_key(&self, practice: PracticeId) -> Result<DataKey, StoreError> {
        let mut transaction = self.shared.store.begin(Permit::new(practice, Mode::Read)).await?;
        let stored = transaction.get(DATA_KEY, FIRST_KEY).await?;
        drop(transaction);
        if let Some(stored) = stored {
            return Ok(self.shared.keys.unwrap(practice, &decode(&stored.body)?).await?);
        }
        let key = DataKey::new(draw(self.entropy()));
        let wrapped = self.shared.keys.wrap(practice, &key, draw(self.entropy())).await?;
        let mut transaction = self.shared.store.begin(Permit::new(practice, Mode::Write)).await?;
        match transaction.insert(DATA_KEY, &key_record(1, &wrapped)?).await {
            Ok(()) => transaction.commit().await.map(|()| key),
            Err(StoreError::AlreadyExists { .. }) => {
                let stored = transaction.get(DATA_KEY, FIRST_KEY).await?;
                let stored = stored.ok_or(StoreError::NotFound { kind: DATA_KEY.to_owned(), id: FIRST_KEY })?;
                Ok(self.shared.keys.unwrap(practice, &decode(&stored.body)?).await?)
            }
            Err(other) => Err(other),
        }
    }
}

fn decode(body: &[u8]) -> Result<WrappedKey, StoreError> {
    let damaged = |_| StoreError::Damaged { kind: DATA_KEY.to_owned(), id: FIRST_KEY, what: "it cannot be read" };
    serde_json::from_slice(body).map_err(damaged)
}

fn key_record(version: u64, wrapped: &WrappedKey) -> Result<Record, StoreError> {
    let body = serde_json::to_vec(wrapped).map_err(|_| StoreError::Limit { what: "a wrapped key" })?;
    Ok(Record { id: FIRST_KEY, version, sort: String::new(), terms: Vec::new(), body })
}
