//! A practice with charts and charges, as the tests know it.

use std::{path::Path, sync::Arc};

use mentalspace_core::{
    Access, ClientId, Money, PracticeId,
    ledger::{Account, Entry, LedgerError, Posting, Source},
    store::{Document, Find, LocalKey, StoreError, Term, Vault},
    testing::SequenceEntropy,
};
use mentalspace_sqlite::{SqliteConfig, SqliteStore};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Chart {
    id: Uuid,
}

impl Document for Chart {
    const KIND: &'static str = "chart";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        Some(ClientId::from_uuid(self.id))
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("state", "open"), Term::plain("number", &self.id).unique()]
    }
}

pub(crate) struct Practice {
    pub(crate) store: SqliteStore,
    pub(crate) vault: Vault,
    pub(crate) access: Access,
}

impl Practice {
    pub(crate) async fn open(path: &Path) -> Self {
        Self::on(SqliteStore::open(SqliteConfig::file(path)).await.unwrap())
    }

    pub(crate) fn on(store: SqliteStore) -> Self {
        let key = Arc::new(LocalKey::new("test", [7; 32]));
        let vault = Vault::new(Arc::new(store.clone()), key, Arc::new(SequenceEntropy::default()));
        // Two processes draw the same bytes: it is the time that makes the ids of their events differ.
        let now = chrono::DateTime::from_timestamp(1_795_000_000 + i64::from(std::process::id()), 0).unwrap();
        let access = Access::system(PracticeId::from_uuid(Uuid::from_u128(1)), "test.run", now);
        Self { store, vault, access }
    }

    /// Keeps a chart and books a charge for it, as one unit.
    pub(crate) async fn keep(&self, id: Uuid) -> Result<(), StoreError> {
        let entry = self.entry(id, 15_000).unwrap();
        let work = self.vault.write(&self.access, |write| {
            Box::pin(async move {
                write.insert(&Chart { id }).await?;
                write.post(&entry).await
            })
        });
        work.await
    }

    pub(crate) fn entry(&self, id: Uuid, cents: i64) -> Result<Entry, LedgerError> {
        let postings = vec![
            Posting { client: Some(id.into()), ..Posting::new(Account::PatientReceivable, Money::from_cents(cents)) },
            Posting::new(Account::ServiceRevenue, Money::from_cents(-cents)),
        ];
        let source = Source { kind: "chart".to_owned(), id };
        Entry::new(id.into(), self.access.at.date_naive(), self.access.at, source, postings)
    }

    pub(crate) async fn charts(&self) -> Vec<Uuid> {
        let find =
            self.vault.read(&self.access, |read| Box::pin(async move { read.find_all(Find::<Chart>::new()).await }));
        find.await.unwrap().into_iter().map(|chart| chart.id).collect()
    }
}

/// A connection past the store, as an administrator or an intruder would have.
pub(crate) async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap()
}
