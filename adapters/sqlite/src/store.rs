//! One file, one writer at a time, readers beside it (sqlite.org, "Write-Ahead Logging").

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use mentalspace_core::store::{Mode, Permit, Store, StoreError, Transaction};
use sqlx::{
    Connection, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;

use crate::{
    OpenError, SqliteConfig,
    error::{is_busy, store_error},
    private_file::make_file,
    transaction::SqliteTransaction,
};

/// A store in an SQLite file, shared by its clones. Several processes may open the same file.
#[derive(Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    config: SqliteConfig,
    _temporary: Option<Arc<TempDir>>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("config", &self.config).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the database, makes it if it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// The file cannot be made, is damaged, is locked for longer than the busy timeout, or its tables are newer.
    pub async fn open(config: SqliteConfig) -> Result<Self, OpenError> {
        let (file, temporary) = match &config.file {
            Some(file) => (file.clone(), None),
            None => {
                let folder = TempDir::new().map_err(OpenError::File)?;
                (folder.path().join("store.db"), Some(Arc::new(folder)))
            }
        };
        let file = prepare(&file).map_err(OpenError::File)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(config.busy_timeout)
            .synchronous(if temporary.is_some() { SqliteSynchronous::Off } else { SqliteSynchronous::Full })
            .foreign_keys(true)
            .pragma("journal_size_limit", "67108864");
        let options = sqlx::ConnectOptions::disable_statement_logging(options);
        let writer = connect(&config, options.clone()).await?;
        migrate(&writer).await?;
        let readers = pool(&config).max_connections(config.readers);
        let readers = readers.connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers, config, _temporary: temporary })
    }

    /// Waits for the transactions in progress, moves what is in the write-ahead log into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self, permit: Permit) -> Result<Box<dyn Transaction>, StoreError> {
        let begun = match permit.mode() {
            Mode::Read => self.readers.begin().await,
            Mode::Write => self.writer.begin_with("BEGIN IMMEDIATE").await,
        };
        Ok(Box::new(SqliteTransaction::new(begun.map_err(store_error)?, permit.practice(), permit.mode())))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let read = sqlx::query("SELECT 1 FROM document LIMIT 1").fetch_optional(&self.readers).await;
        read.map(drop).map_err(store_error)
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }
}

/// Makes the file and returns its absolute path, which SQLite cannot take for a URI or a special name.
fn prepare(file: &Path) -> io::Result<PathBuf> {
    let file = std::path::absolute(file)?;
    make_file(&file)?;
    Ok(file)
}

/// A connection that is still in a transaction, although it was given back, could not roll back, because SQLite had
/// done so by itself (a full disk, a failed read). It is closed; the next one is sound.
fn pool(config: &SqliteConfig) -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_timeout(config.busy_timeout).idle_timeout(None).max_lifetime(None).after_release(
        |connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        },
    )
}

/// Connects the writer. The first change to write-ahead logging needs the file for itself and does not wait for it by
/// itself.
async fn connect(config: &SqliteConfig, options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let options = options.journal_mode(SqliteJournalMode::Wal);
    let started = Instant::now();
    loop {
        match pool(config).max_connections(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && started.elapsed() < config.busy_timeout => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            connected => return connected.map_err(store_error),
        }
    }
}

/// Brings the tables up to date in one transaction, so that of two processes one does it and the other finds it done.
/// It is `run_direct`, because the future of `run` is bound to one lifetime and cannot be spawned.
async fn migrate(writer: &SqlitePool) -> Result<(), OpenError> {
    let migrations = [
        (1, "documents", include_str!("../migrations/0001_documents.sql").into_sql_str()),
        (2, "audit", include_str!("../migrations/0002_audit.sql").into_sql_str()),
        (3, "ledger", include_str!("../migrations/0003_ledger.sql").into_sql_str()),
    ];
    let migrations =
        migrations.map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql, false));
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    Migrator::with_migrations(migrations.into()).run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await.map_err(store_error)?)
}

#[cfg(test)]
mod tests {
    use mentalspace_core::{PracticeId, store::Record};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn every_connection_waits_for_the_disk_and_only_the_writer_writes() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(SqliteConfig::file(folder.path().join("practice.db"))).await.unwrap();
        for (pool, query_only) in [(&store.writer, 0), (&store.readers, 1)] {
            let pragmas = sqlx::query_as::<_, (String, i64, i64, i64)>(
                "SELECT * FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, pragma_query_only",
            );
            assert_eq!(pragmas.fetch_one(pool).await.unwrap(), ("wal".to_owned(), 2, 1, query_only));
        }
        let refused = sqlx::query("DELETE FROM document").execute(&store.readers).await.map_err(store_error);
        assert!(matches!(refused, Err(StoreError::NotPermitted(_))), "{refused:?}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_temporary_store_is_its_owners_alone_and_leaves_nothing_behind() {
        let store = SqliteStore::open(SqliteConfig::temporary()).await.unwrap();
        let folder = store._temporary.as_ref().unwrap().path().to_owned();
        let file = folder.join("store.db").metadata().unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
        let other = store.clone();
        drop(store);
        other.ping().await.unwrap();
        drop(other);
        assert!(!folder.exists());
    }

    /// SQLite then ends the transaction by itself. Nothing of it may stay, nothing more may be written in its name, and
    /// the next one must find a sound connection.
    #[tokio::test]
    async fn a_full_disk_fails_the_unit_and_not_the_store() {
        let store = SqliteStore::open(SqliteConfig::temporary()).await.unwrap();
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
        let begin = async || {
            let open = store.writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
            Box::new(SqliteTransaction::new(open, PracticeId::DIRECTORY, Mode::Write))
        };
        let record = |n: u128, size| Record {
            id: Uuid::from_u128(n),
            version: 1,
            sort: String::new(),
            terms: Vec::new(),
            body: vec![0; size],
        };
        let mut write = begin().await;
        write.insert("thing", &record(1, 10)).await.unwrap();
        let full = write.insert("thing", &record(2, 1 << 20)).await;
        assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
        let refused = write.insert("thing", &record(3, 10)).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        let refused = write.commit().await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        let mut write = begin().await;
        for n in 1..=3 {
            assert_eq!(write.get("thing", Uuid::from_u128(n)).await.unwrap(), None);
        }
        write.insert("thing", &record(2, 1 << 20)).await.unwrap();
        write.commit().await.unwrap();
    }
}
