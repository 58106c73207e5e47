//! The store on SQLite does what every store must do: in a file, temporarily, and shared by two that have it open.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use mentalspace_core::{
    PracticeId,
    store::{Permit, Store, StoreError, Transaction},
    testing::conformance::Stage,
};
use mentalspace_sqlite::{SqliteConfig, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

fn stage(store: impl Store + 'static) -> Stage {
    Stage {
        store: Arc::new(store),
        practice: PracticeId::from_uuid(Uuid::from_u128(1)),
        other: PracticeId::from_uuid(Uuid::from_u128(2)),
    }
}

/// Stores on one file that take turns, as two processes would.
#[derive(Debug)]
struct Alternating {
    stores: Vec<SqliteStore>,
    turn: AtomicBool,
    _folder: TempDir,
}

impl Alternating {
    async fn open(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stores = Vec::new();
        for _ in 0..count {
            stores.push(SqliteStore::open(SqliteConfig::file(folder.path().join("practice.db"))).await.unwrap());
        }
        Self { stores, turn: AtomicBool::default(), _folder: folder }
    }
}

#[async_trait]
impl Store for Alternating {
    async fn begin(&self, permit: Permit) -> Result<Box<dyn Transaction>, StoreError> {
        let turn = usize::from(self.turn.fetch_not(Ordering::Relaxed));
        self.stores[turn % self.stores.len()].begin(permit).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.stores[0].ping().await
    }

    fn name(&self) -> &'static str {
        self.stores[0].name()
    }
}

mod file {
    use super::{Alternating, stage};
    mentalspace_core::store_conformance!(async { stage(Alternating::open(1).await) });
}

mod file_opened_twice {
    use super::{Alternating, stage};
    mentalspace_core::store_conformance!(async { stage(Alternating::open(2).await) });
}

mod temporary {
    use super::{SqliteConfig, SqliteStore, stage};
    mentalspace_core::store_conformance!(async { stage(SqliteStore::open(SqliteConfig::temporary()).await.unwrap()) });
}
