//! What the database itself refuses, whatever the statements of the store may say.

use mentalspace_core::{
    Money, PracticeId,
    ledger::{Account, Entry, Posting, Source},
    store::{Job, StoreError},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgDatabaseError};
use uuid::Uuid;

use crate::stage::{APP, OWNER, Thing, access, connect, now, practice, store, vault};

const TABLES: [&str; 9] = [
    "document",
    "term",
    "unique_term",
    "audit_event",
    "audit_waiting",
    "audit_position",
    "audit_client",
    "ledger_entry",
    "ledger_posting",
];
const JOURNALS: [&str; 5] = ["audit_event", "audit_position", "audit_client", "ledger_entry", "ledger_posting"];

/// A practice with at least one row in each table.
async fn filled() -> PracticeId {
    let (practice, vault) = (practice(), vault(store(APP).await));
    let access = access(practice);
    let fill = vault.write(&access, |write| {
        Box::pin(async move {
            write.insert(&Thing::numbered(1, &1)).await?;
            let about = |account, cents| Posting {
                client: Some(Uuid::from_u128(9).into()),
                ..Posting::new(account, Money::from_cents(cents))
            };
            let source = Source { kind: "charge".to_owned(), id: Uuid::from_u128(3) };
            let postings = vec![about(Account::Cash, 100), about(Account::Unapplied, -100)];
            write
                .post(&Entry::new(Uuid::from_u128(2).into(), now().date_naive(), now(), source, postings).unwrap())
                .await
        })
    });
    fill.await.unwrap();
    vault.integrate(practice).await.unwrap();
    vault
        .write(&access, |write| Box::pin(async move { write.update(&Thing::numbered(1, &1), 1).await }))
        .await
        .unwrap();
    practice
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM mentalspace.{table}");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(connection).await.unwrap()
}

async fn set_practice(connection: &mut PgConnection, practice: PracticeId) {
    let set = sqlx::query("SELECT set_config('mentalspace.practice', $1, true)");
    set.bind(practice.to_string()).execute(connection).await.unwrap();
}

fn refusal(answer: Result<sqlx::postgres::PgQueryResult, sqlx::Error>) -> String {
    let error = answer.expect_err("the database refuses");
    let error = error.as_database_error().expect("a refusal").downcast_ref::<PgDatabaseError>();
    assert_eq!(error.code(), "42501", "{error}");
    error.message().to_owned()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn neither_role_can_step_over_row_level_security() {
    for role in [APP, OWNER] {
        let powers: (bool, bool) =
            sqlx::query_as("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
                .fetch_one(&mut connect(role, None).await)
                .await
                .unwrap();
        assert_eq!(powers, (false, false), "{role}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_query_without_a_practice_shows_nothing_and_with_one_only_its_own() {
    let (practice, _) = (filled().await, filled().await);
    for role in [APP, OWNER] {
        let mut connection = connect(role, None).await;
        for table in TABLES {
            assert_eq!(count(&mut connection, table).await, 0, "{table} without a practice");
            let mut transaction = connection.begin().await.unwrap();
            set_practice(&mut transaction, practice).await;
            let all = count(&mut transaction, table).await;
            let own: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
                "SELECT count(*) FROM mentalspace.{table} WHERE practice = '{practice}'"
            )))
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
            assert!(all > 0 && all == own, "{table}: {own} of {all}");
            transaction.rollback().await.unwrap();
            assert_eq!(count(&mut connection, table).await, 0, "{table} after the transaction");
        }
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn rows_of_another_practice_cannot_be_written() {
    let (mine, other) = (filled().await, filled().await);
    for role in [APP, OWNER] {
        let mut connection = connect(role, None).await;
        let mut transaction = connection.begin().await.unwrap();
        set_practice(&mut transaction, mine).await;
        let insert = sqlx::query("INSERT INTO mentalspace.document VALUES ($1, 'thing', $2, 1, '', '')");
        let refused = refusal(insert.bind(other.uuid()).bind(Uuid::from_u128(7)).execute(&mut *transaction).await);
        assert!(refused.contains("row-level security"), "{refused}");
        transaction.rollback().await.unwrap();

        let mut transaction = connection.begin().await.unwrap();
        set_practice(&mut transaction, mine).await;
        let update = sqlx::query("UPDATE mentalspace.document SET practice = $1").bind(other.uuid());
        let refused = refusal(update.execute(&mut *transaction).await);
        assert!(refused.contains("row-level security"), "{refused}");
        transaction.rollback().await.unwrap();

        let mut transaction = connection.begin().await.unwrap();
        set_practice(&mut transaction, mine).await;
        let delete = sqlx::query("DELETE FROM mentalspace.document WHERE practice = $1").bind(other.uuid());
        assert_eq!(delete.execute(&mut *transaction).await.unwrap().rows_affected(), 0);
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn journals_are_never_changed_by_either_role() {
    let practice = filled().await;
    for role in [APP, OWNER] {
        let mut connection = connect(role, None).await;
        for table in JOURNALS {
            for change in [
                "UPDATE mentalspace.{} SET practice = practice",
                "DELETE FROM mentalspace.{}",
                "TRUNCATE mentalspace.{}",
            ] {
                let mut transaction = connection.begin().await.unwrap();
                set_practice(&mut transaction, practice).await;
                refusal(sqlx::query(AssertSqlSafe(change.replace("{}", table))).execute(&mut *transaction).await);
                transaction.rollback().await.unwrap();
            }
        }
        for table in TABLES {
            refusal(
                sqlx::query(AssertSqlSafe(format!("TRUNCATE mentalspace.{table} CASCADE")))
                    .execute(&mut connection)
                    .await,
            );
        }
    }
}

/// An owner may give itself the right back by mistake, in a restored dump for example.
#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn journals_refuse_an_owner_that_has_the_right_to_change_them() {
    let practice = filled().await;
    let mut connection = connect(OWNER, None).await;
    for table in JOURNALS {
        for change in
            ["UPDATE mentalspace.{} SET practice = practice", "DELETE FROM mentalspace.{}", "TRUNCATE mentalspace.{}"]
        {
            let mut transaction = connection.begin().await.unwrap();
            let grant = format!("GRANT ALL ON mentalspace.{table} TO CURRENT_USER");
            sqlx::query(AssertSqlSafe(grant)).execute(&mut *transaction).await.unwrap();
            set_practice(&mut transaction, practice).await;
            let refused =
                refusal(sqlx::query(AssertSqlSafe(change.replace("{}", table))).execute(&mut *transaction).await);
            assert_eq!(refused, "journals are never changed", "{table}");
            transaction.rollback().await.unwrap();
        }
    }
}

/// PostgreSQL answers the commit of a failed transaction as if nothing were wrong; the store must not.
#[tokio::test]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_transaction_that_failed_cannot_be_committed() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    let access = access(practice);
    // A job leaves no event, so that the commit is what follows the failure.
    let job = Job::new(Uuid::from_u128(1).into(), "claim.prepare", serde_json::Value::Null, now()).unwrap();
    let outcome = vault.write(&access, |write| {
        Box::pin(async move {
            write.insert(&job).await?;
            let impossible = write.insert(&Thing { sort: "\0".to_owned(), ..Thing::new(2) }).await;
            assert!(matches!(impossible, Err(StoreError::Limit { .. })), "{impossible:?}");
            Ok::<_, StoreError>(())
        })
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    let left = vault.read(&access, |read| Box::pin(async move { read.get::<Job>(Uuid::from_u128(1)).await })).await;
    assert!(left.unwrap().is_none());
}
