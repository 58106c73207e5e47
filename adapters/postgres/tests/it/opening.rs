//! What a store must find in order before it opens.

use mentalspace_core::store::{Store, StoreError};
use mentalspace_postgres::{OpenError, PostgresConfig, PostgresStore};
use sqlx::{AssertSqlSafe, Executor};

use crate::stage::{APP, OWNER, SUPERUSER, config, connect, migrated, store};

/// A database that only this test sees.
async fn fresh(name: &str) -> [PostgresConfig; 2] {
    let mut superuser = connect(SUPERUSER, None).await;
    superuser.execute(AssertSqlSafe(format!("CREATE DATABASE {name} OWNER mentalspace_owner"))).await.unwrap();
    [OWNER, APP].map(|role| {
        let url = std::env::var(role).unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        PostgresConfig::new(&format!("{server}/{name}")).unwrap()
    })
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_superuser_and_a_role_above_row_level_security_are_refused() {
    migrated().await;
    let refused = PostgresStore::open(config(SUPERUSER)).await;
    assert!(matches!(refused, Err(OpenError::UnsafeRole { rule: "is a superuser", .. })), "{refused:?}");

    let create = "CREATE ROLE above LOGIN BYPASSRLS";
    connect(SUPERUSER, None).await.execute(create).await.unwrap();
    let url = std::env::var(APP).unwrap().replace("mentalspace_app", "above");
    let refused = PostgresStore::open(PostgresConfig::new(&url).unwrap()).await;
    assert!(matches!(refused, Err(OpenError::UnsafeRole { rule: "bypasses row-level security", .. })), "{refused:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_table_without_forced_row_level_security_is_refused() {
    let [owner, app] = fresh("unforced").await;
    PostgresStore::migrate(&owner, Some("mentalspace_app")).await.unwrap();
    for weaker in ["NO FORCE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"] {
        PostgresStore::open(owner.clone()).await.unwrap().close().await;
        let alter = format!("ALTER TABLE mentalspace.term {weaker}");
        connect(OWNER, Some("unforced")).await.execute(AssertSqlSafe(alter)).await.unwrap();
        for config in [&owner, &app] {
            let refused = PostgresStore::open(config.clone()).await;
            assert!(matches!(&refused, Err(OpenError::Unprotected { table }) if table == "term"), "{refused:?}");
        }
        let restore = "ALTER TABLE mentalspace.term ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY";
        connect(OWNER, Some("unforced")).await.execute(restore).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_database_that_was_not_migrated_is_refused() {
    let [owner, app] = fresh("empty").await;
    let refused = PostgresStore::open(owner.clone()).await;
    assert!(matches!(refused, Err(OpenError::Outdated { migration: 1 })), "{refused:?}");
    PostgresStore::migrate(&owner, None).await.unwrap();
    let refused = PostgresStore::open(app.clone()).await;
    assert!(matches!(refused, Err(OpenError::Outdated { migration: 1 })), "not for this role: {refused:?}");
    PostgresStore::migrate(&owner, Some("mentalspace_app")).await.unwrap();
    PostgresStore::open(app).await.unwrap().ping().await.unwrap();

    let forge = "UPDATE mentalspace.migration SET checksum = '' WHERE version = 2";
    connect(OWNER, Some("empty")).await.execute(forge).await.unwrap();
    let refused = PostgresStore::open(owner.clone()).await;
    assert!(matches!(refused, Err(OpenError::OtherVersion { migration: 2 })), "{refused:?}");
    let refused = PostgresStore::migrate(&owner, None).await;
    assert!(matches!(refused, Err(OpenError::OtherVersion { migration: 2 })), "{refused:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_database_that_loses_commits_is_refused() {
    let [owner, _] = fresh("forgetful").await;
    PostgresStore::migrate(&owner, None).await.unwrap();
    let forget = "ALTER DATABASE forgetful SET synchronous_commit = off";
    connect(SUPERUSER, None).await.execute(forget).await.unwrap();
    let refused = PostgresStore::open(owner).await;
    assert!(matches!(refused, Err(OpenError::Database { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn servers_that_start_together_migrate_once() {
    let [owner, app] = fresh("together").await;
    let starts = (0..8).map(|_| {
        let (owner, app) = (owner.clone(), app.clone());
        tokio::spawn(async move {
            PostgresStore::migrate(&owner, Some("mentalspace_app")).await?;
            PostgresStore::open(app).await
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_store_that_is_closed_or_out_of_reach_is_unavailable() {
    let store = store(APP).await;
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let nowhere = PostgresConfig::new("postgres://127.0.0.1:1/none").unwrap();
    let refused = PostgresStore::open(nowhere.acquire_timeout(std::time::Duration::from_millis(200))).await;
    assert!(matches!(refused, Err(OpenError::Store(StoreError::Unavailable(_)))), "{refused:?}");
}
