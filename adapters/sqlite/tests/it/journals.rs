use mentalspace_core::{
    Money,
    store::{LedgerQuery, StoreError},
};
use mentalspace_sqlite::{SqliteConfig, SqliteStore};
use sqlx::Executor;
use uuid::Uuid;

use crate::practice::{Practice, raw};

/// "Events and postings are never changed nor removed; the store itself refuses it."
#[tokio::test]
async fn rows_of_the_journals_are_neither_changed_nor_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    let practice = Practice::open(&path).await;
    practice.keep(Uuid::from_u128(1)).await.unwrap();
    practice.vault.integrate(practice.access.practice).await.unwrap();
    let mut intruder = raw(&path).await;
    for table in ["audit_event", "audit_position", "audit_client", "ledger_entry", "ledger_posting"] {
        let rows = format!("SELECT 1 FROM {table}");
        assert!(!intruder.fetch_all(sqlx::AssertSqlSafe(rows)).await.unwrap().is_empty(), "{table} has rows");
        for deed in [format!("UPDATE {table} SET practice = practice"), format!("DELETE FROM {table}")] {
            let refused = intruder.execute(sqlx::AssertSqlSafe(deed.clone())).await.unwrap_err().to_string();
            assert!(refused.contains("are never"), "{deed}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_sum_that_does_not_fit_is_refused_rather_than_wrong() {
    let practice = Practice::on(SqliteStore::open(SqliteConfig::temporary()).await.unwrap());
    let balances = async || {
        let read = practice
            .vault
            .read(&practice.access, |read| Box::pin(async move { read.balances(&LedgerQuery::default()).await }));
        read.await
    };
    for n in 1..=2 {
        let entry = practice.entry(Uuid::from_u128(n), i64::MAX / 2 + 1).unwrap();
        practice
            .vault
            .write(&practice.access, |write| Box::pin(async move { write.post(&entry).await }))
            .await
            .unwrap();
        if n == 1 {
            assert_eq!(balances().await.unwrap()[0].amount, Money::from_cents(i64::MAX / 2 + 1));
        }
    }
    let refused = balances().await;
    assert!(matches!(refused, Err(StoreError::Limit { what: "a sum" })), "{refused:?}");
}
