//! Many connections to one database; each transaction is bound to its practice before anything is read.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use mentalspace_core::store::{Mode, Permit, Store, StoreError, Transaction};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgPoolOptions,
};

use crate::{OpenError, PostgresConfig, error::store_error, transaction::PostgresTransaction};

/// A connection that was idle for longer is asked whether it still lives before it is used.
const STALE: Duration = Duration::from_secs(5);

/// A store in a PostgreSQL database, shared by its clones and by any number of servers.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    config: PostgresConfig,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("config", &self.config).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Brings the tables up to date, as the role that owns them, and lets `app_role` use them. Give no `app_role` when
    /// the server runs as the owner. Servers that start together wait for each other.
    ///
    /// # Errors
    /// The database cannot be reached, the role may not make tables, or a migration differs from what was applied.
    pub async fn migrate(owner: &PostgresConfig, app_role: Option<&str>) -> Result<(), OpenError> {
        let one = PgPoolOptions::new().max_connections(1).acquire_timeout(owner.acquire_timeout);
        let connection = one.connect_with(owner.connect.clone()).await?;
        let mut migrator = migrator();
        migrator.create_schema("mentalspace");
        migrator.dangerous_set_table_name("mentalspace.migration");
        // A server of the version before may start once more while a fleet is being replaced.
        migrator.set_ignore_missing(true);
        migrator.run(&connection).await?;
        if let Some(role) = app_role {
            grant(&connection, role).await?;
        }
        connection.close().await;
        Ok(())
    }

    /// Opens a database that has been migrated.
    ///
    /// # Errors
    /// The database cannot be reached, lacks a migration, or would let this role see more than one practice at a time
    /// or lose what was committed.
    pub async fn open(config: PostgresConfig) -> Result<Self, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(config.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > STALE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(config.connect.clone())
            .await?;
        let mut connection = pool.acquire().await?;
        check_role(&mut connection).await?;
        check_migrations(&mut connection).await?;
        check_tables(&mut connection).await?;
        drop(connection);
        Ok(Self { pool, config })
    }

    /// Waits for the transactions in progress and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self, permit: Permit) -> Result<Box<dyn Transaction>, StoreError> {
        let mode = match permit.mode() {
            Mode::Read => "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Mode::Write => "ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        // One message instead of two: there is nothing to escape in a UUID and a number.
        let begin = format!(
            "BEGIN {mode}; SELECT set_config('mentalspace.practice', '{practice}', true), \
             set_config('statement_timeout', '{timeout}', true), \
             set_config('idle_in_transaction_session_timeout', '{timeout}', true)",
            practice = permit.practice().uuid(),
            timeout = self.config.statement_timeout.as_millis().clamp(1, i32::MAX as u128),
        );
        let transaction = self.pool.begin_with(AssertSqlSafe(begin)).await.map_err(store_error)?;
        Ok(Box::new(PostgresTransaction::new(transaction, &permit)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let read = sqlx::query("SELECT 1 FROM mentalspace.document LIMIT 1").fetch_optional(&self.pool).await;
        read.map(drop).map_err(store_error)
    }

    fn name(&self) -> &'static str {
        "postgres"
    }
}

fn migrator() -> Migrator {
    let migrations = [
        (1, "documents", include_str!("../migrations/0001_documents.sql").into_sql_str()),
        (2, "audit", include_str!("../migrations/0002_audit.sql").into_sql_str()),
        (3, "ledger", include_str!("../migrations/0003_ledger.sql").into_sql_str()),
        (4, "protection", include_str!("../migrations/0004_protection.sql").into_sql_str()),
    ];
    let migrations =
        migrations.map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql, false));
    Migrator::with_migrations(migrations.into())
}

/// Lets `role` read and write documents and the queue, and add to the journals. Two servers that grant at the same
/// time would disturb each other, hence the lock.
async fn grant(connection: &PgPool, role: &str) -> Result<(), OpenError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('mentalspace.grant', 0))")
        .execute(&mut *transaction)
        .await?;
    let quoted: String = sqlx::query_scalar("SELECT quote_ident($1)").bind(role).fetch_one(&mut *transaction).await?;
    let grants = format!(
        "GRANT USAGE ON SCHEMA mentalspace TO {quoted}; \
         GRANT SELECT ON ALL TABLES IN SCHEMA mentalspace TO {quoted}; \
         GRANT INSERT, UPDATE, DELETE ON mentalspace.document, mentalspace.term, mentalspace.unique_term, \
             mentalspace.audit_waiting TO {quoted}; \
         GRANT INSERT ON mentalspace.audit_event, mentalspace.audit_position, mentalspace.audit_client, \
             mentalspace.ledger_entry, mentalspace.ledger_posting TO {quoted}"
    );
    sqlx::raw_sql(AssertSqlSafe(grants)).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

async fn check_role(connection: &mut PgConnection) -> Result<(), OpenError> {
    let (role, superuser, bypass, encoding, synchronous): (String, bool, bool, String, String) = sqlx::query_as(
        "SELECT rolname::text, rolsuper, rolbypassrls, current_setting('server_encoding'), \
         current_setting('synchronous_commit') FROM pg_catalog.pg_roles WHERE rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    if superuser {
        return Err(OpenError::UnsafeRole { role, rule: "is a superuser" });
    }
    if bypass {
        return Err(OpenError::UnsafeRole { role, rule: "bypasses row-level security" });
    }
    if encoding != "UTF8" {
        return Err(OpenError::Database { rule: "is not encoded in UTF-8" });
    }
    if synchronous == "off" {
        return Err(OpenError::Database { rule: "commits without waiting for the disk (synchronous_commit is off)" });
    }
    Ok(())
}

async fn check_migrations(connection: &mut PgConnection) -> Result<(), OpenError> {
    let applied =
        sqlx::query_as("SELECT version, checksum FROM mentalspace.migration WHERE success").fetch_all(connection).await;
    let applied: Vec<(i64, Vec<u8>)> = match applied {
        // There is no such schema or table, or it is not for this role: nobody has migrated for it.
        Err(sqlx::Error::Database(refusal))
            if matches!(refusal.code().as_deref(), Some("3F000" | "42P01" | "42501")) =>
        {
            Vec::new()
        }
        applied => applied?,
    };
    for known in migrator().iter() {
        match applied.iter().find(|(version, _)| *version == known.version) {
            None => return Err(OpenError::Outdated { migration: known.version }),
            Some((_, checksum)) if *checksum != *known.checksum => {
                return Err(OpenError::OtherVersion { migration: known.version });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Every table is under row-level security, and forced, so that it holds for the owner, too.
async fn check_tables(connection: &mut PgConnection) -> Result<(), OpenError> {
    let open: Option<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'mentalspace' AND c.relkind IN ('r', 'p') AND c.relname <> 'migration' \
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity) LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    open.map_or(Ok(()), |table| Err(OpenError::Unprotected { table }))
}
