//! What one practice on one server can do, through the vault: sealed, accounted for, durable.
#![expect(clippy::expect_used, reason = "a measurement that fails measures nothing")]

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use divan::{Bencher, counter::ItemsCount};
use mentalspace_core::{
    Access, ClientId, PracticeId,
    store::{Document, Find, LocalKey, StoreError, Term, Vault},
    testing::SequenceEntropy,
};
use mentalspace_postgres::{PostgresConfig, PostgresStore};
use sqlx::{Connection, Executor, PgConnection};
use tokio::runtime::Runtime;
use uuid::Uuid;

#[expect(clippy::print_stderr, reason = "says why nothing is measured")]
fn main() {
    if std::env::var_os(APP).is_some() && std::env::var_os(OWNER).is_some() {
        divan::main();
    } else {
        eprintln!(
            "nothing measured, for want of PostgreSQL: scripts/postgres run --durable -- cargo bench -p mentalspace-postgres"
        );
    }
}

const APP: &str = "MENTALSPACE_TEST_POSTGRES";
const OWNER: &str = "MENTALSPACE_TEST_POSTGRES_OWNER";

fn config(role: &str) -> PostgresConfig {
    PostgresConfig::new(&std::env::var(role).expect("a url")).expect("a url of a database")
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Chart {
    id: Uuid,
    client: ClientId,
    text: String,
}

impl Document for Chart {
    const KIND: &'static str = "chart";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn sort(&self) -> String {
        format!("{:08}", self.id.as_u128() * 7_919 % 100_000_000)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("client", &self.client), Term::plain("state", "open"), Term::blind("name", "Ann")]
    }
}

fn chart(n: u64) -> Chart {
    let client = ClientId::from_uuid(Uuid::from_u128(u128::from(n % 100)));
    Chart { id: Uuid::from_u128(n.into()), client, text: "x".repeat(2_000) }
}

/// What the database does by itself within a minute.
async fn analyze() -> Result<(), sqlx::Error> {
    let mut owner = PgConnection::connect(&std::env::var(OWNER).expect("a url")).await?;
    owner.execute("ANALYZE mentalspace.document, mentalspace.term").await?;
    owner.close().await
}

/// A vault with 10,000 charts of 2 kB in a practice of its own; 100 clients have 100 each.
struct Practice {
    runtime: Runtime,
    vault: Vault,
    access: Access,
    next: AtomicU64,
}

const CHARTS: u64 = 10_000;

impl Practice {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let store = runtime.block_on(async {
            PostgresStore::migrate(&config(OWNER), Some("mentalspace_app")).await?;
            PostgresStore::open(config(APP)).await
        });
        let key = LocalKey::new("bench", [7; 32]);
        let vault = Vault::new(Arc::new(store.expect("a store")), Arc::new(key), Arc::new(SequenceEntropy::default()));
        let practice = PracticeId::from_uuid(Uuid::from_u64_pair(7, RandomState::new().build_hasher().finish()));
        let access = Access::system(practice, "bench.run", Default::default());
        let practice = Self { runtime, vault, access, next: AtomicU64::new(0) };
        (0..CHARTS / 1_000).for_each(|_| practice.insert(1_000));
        practice.runtime.block_on(analyze()).expect("statistics");
        practice
    }

    fn insert(&self, count: u64) {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        let written = self.vault.write(&self.access, |write| {
            Box::pin(async move {
                for n in first..first + count {
                    write.insert(&chart(n)).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        self.runtime.block_on(written).expect("charts are written");
    }

    async fn get(vault: &Vault, access: &Access, n: u64) {
        let id = chart(n).id;
        let read = vault.read(access, |read| Box::pin(async move { read.expect::<Chart>(id).await }));
        divan::black_box(read.await.expect("a chart"));
    }

    fn page(&self, find: &Find<Chart>) {
        let read = self.vault.read(&self.access, |read| {
            let find = find.clone();
            Box::pin(async move { read.find(&find).await })
        });
        let page = self.runtime.block_on(read).expect("a page");
        assert_eq!(page.items.len(), 50);
    }
}

#[divan::bench]
fn insert(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    bencher.bench(|| practice.insert(1));
}

#[divan::bench]
fn insert_a_hundred(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    bencher.counter(ItemsCount::new(100_u32)).bench(|| practice.insert(100));
}

#[divan::bench]
fn get(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    let next = AtomicU64::new(0);
    bencher.bench(|| {
        let n = next.fetch_add(7_919, Ordering::Relaxed) % CHARTS;
        practice.runtime.block_on(Practice::get(&practice.vault, &practice.access, n));
    });
}

#[divan::bench]
fn get_by_64_readers_at_once(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    bencher.counter(ItemsCount::new(64_u32)).bench(|| {
        let readers: Vec<_> = (0..64)
            .map(|n| {
                let (vault, access) = (practice.vault.clone(), practice.access.clone());
                practice.runtime.spawn(async move { Practice::get(&vault, &access, n * 97).await })
            })
            .collect();
        for reader in readers {
            practice.runtime.block_on(reader).expect("a reader");
        }
    });
}

#[divan::bench]
fn page_of_50_of_all(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    let find = Find::new().from("05").limit(50);
    bencher.bench(|| practice.page(&find));
}

#[divan::bench]
fn page_of_50_of_a_client(bencher: Bencher<'_, '_>) {
    let practice = Practice::open();
    let client = Term::plain("client", &chart(3).client);
    let find = Find::new().with(client).with(Term::plain("state", "open")).descending().limit(50);
    bencher.bench(|| practice.page(&find));
}
