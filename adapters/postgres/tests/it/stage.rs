//! One migrated database for all tests; each test has practices of its own.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use mentalspace_core::{
    Access, ClientId, Entropy, PracticeId, draw,
    store::{Document, LocalKey, Store, Term, Vault},
    testing::conformance::Stage,
};
use mentalspace_postgres::{PostgresConfig, PostgresStore};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub(crate) const APP: &str = "MENTALSPACE_TEST_POSTGRES";
pub(crate) const OWNER: &str = "MENTALSPACE_TEST_POSTGRES_OWNER";
pub(crate) const SUPERUSER: &str = "MENTALSPACE_TEST_POSTGRES_SUPERUSER";

pub(crate) fn config(role: &str) -> PostgresConfig {
    PostgresConfig::new(&url(role)).unwrap()
}

fn url(role: &str) -> String {
    std::env::var(role).unwrap_or_else(|_| panic!("{role} is not set: scripts/postgres run -- cargo test …"))
}

/// Connects as `role`, to its database or another.
pub(crate) async fn connect(role: &str, database: Option<&str>) -> PgConnection {
    migrated().await;
    let options: PgConnectOptions = url(role).parse().unwrap();
    let options = match database {
        Some(database) => options.database(database),
        None => options,
    };
    options.connect().await.unwrap()
}

pub(crate) async fn migrated() {
    static MIGRATED: OnceCell<()> = OnceCell::const_new();
    let app: PgConnectOptions = url(APP).parse().unwrap();
    let migrate = || async { PostgresStore::migrate(&config(OWNER), Some(app.get_username())).await.unwrap() };
    MIGRATED.get_or_init(migrate).await;
}

pub(crate) async fn store(role: &str) -> PostgresStore {
    migrated().await;
    PostgresStore::open(config(role).max_connections(24)).await.unwrap()
}

pub(crate) async fn stage(role: &str) -> Stage {
    Stage { store: Arc::new(store(role).await), practice: practice(), other: practice() }
}

pub(crate) fn practice() -> PracticeId {
    Uuid::from_bytes(draw(&Random)).into()
}

/// Different in each vault and each run, so that what meets in the database is not taken for the same.
#[derive(Debug)]
struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let random = RandomState::new().build_hasher().finish().to_ne_bytes();
            part.copy_from_slice(&random[..part.len()]);
        }
    }
}

pub(crate) fn vault(store: impl Store + 'static) -> Vault {
    Vault::new(Arc::new(store), Arc::new(LocalKey::new("file", [7; 32])), Arc::new(Random))
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

pub(crate) fn access(practice: PracticeId) -> Access {
    Access::system(practice, "thing.change", now())
}

/// A document with everything a store can trip over.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Thing {
    pub(crate) id: Uuid,
    pub(crate) count: u64,
    pub(crate) sort: String,
    pub(crate) number: Option<String>,
}

impl Thing {
    pub(crate) fn new(n: u128) -> Self {
        Self { id: Uuid::from_u128(n), count: 0, sort: String::new(), number: None }
    }

    pub(crate) fn numbered(n: u128, number: &(impl ToString + ?Sized)) -> Self {
        Self { number: Some(number.to_string()), ..Self::new(n) }
    }
}

impl Document for Thing {
    const KIND: &'static str = "thing";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        self.sort.clone()
    }

    fn terms(&self) -> Vec<Term> {
        self.number.iter().map(|number| Term::plain("number", number).unique()).collect()
    }
}
