use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use mentalspace_core::store::{Store, StoreError};
use mentalspace_sqlite::{OpenError, SqliteConfig, SqliteStore};
use sqlx::Executor;
use uuid::Uuid;

use crate::practice::{Practice, raw};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn missing_folders_and_files_are_made_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/practice.db");
    let practice = Practice::open(&path).await;
    practice.keep(Uuid::from_u128(1)).await.unwrap();
    for name in ["practice.db", "practice.db-wal", "practice.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    assert_eq!((mode(&folder.path().join("a")), mode(&folder.path().join("a/b"))), (0o700, 0o700));
}

#[tokio::test]
async fn closing_leaves_one_file_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    let practice = Practice::open(&path).await;
    practice.keep(Uuid::from_u128(1)).await.unwrap();
    practice.store.close().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let refused = practice.keep(Uuid::from_u128(2)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(Practice::open(&path).await.charts().await, [Uuid::from_u128(1)]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    fs::write(&path, "these are the minutes of the meeting\n".repeat(500)).unwrap();
    let refused = SqliteStore::open(SqliteConfig::file(&path)).await.unwrap_err();
    let OpenError::Store(StoreError::Damaged { what, .. }) = &refused else { panic!("{refused:?}") };
    assert_eq!(*what, "the file is no database");
    assert!(fs::read_to_string(&path).unwrap().starts_with("these are the minutes"));
}

#[tokio::test]
async fn a_corrupt_page_is_damage_and_not_an_empty_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    let practice = Practice::open(&path).await;
    practice.keep(Uuid::from_u128(1)).await.unwrap();
    practice.store.close().await;
    let mut bytes = fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4_096).skip(1) {
        page[..100].fill(0xEE);
    }
    fs::write(&path, bytes).unwrap();
    let opened = SqliteStore::open(SqliteConfig::file(&path)).await;
    let error = match opened {
        Ok(store) => store.ping().await.unwrap_err(),
        Err(OpenError::Store(error)) => error,
        Err(other) => panic!("{other}"),
    };
    assert!(matches!(error, StoreError::Damaged { what: "the file is corrupt", .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = SqliteStore::open(SqliteConfig::file(folder.path())).await;
    assert!(matches!(refused, Err(OpenError::File(_))), "{refused:?}");
    let below_a_file = folder.path().join("file/practice.db");
    fs::write(folder.path().join("file"), "").unwrap();
    let refused = SqliteStore::open(SqliteConfig::file(below_a_file)).await;
    assert!(matches!(refused, Err(OpenError::File(_))), "{refused:?}");
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    SqliteStore::open(SqliteConfig::file(&path)).await.unwrap().close().await;
    let newer = "UPDATE _sqlx_migrations SET version = 999 WHERE version = 3";
    raw(&path).await.execute(newer).await.unwrap();
    let refused = SqliteStore::open(SqliteConfig::file(&path)).await;
    assert!(matches!(refused, Err(OpenError::OtherVersion { migration: 999 })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_may_be_opened_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let open = |_| tokio::spawn(SqliteStore::open(SqliteConfig::file(folder.path().join("practice.db"))));
    for opening in (0..8).map(open).collect::<Vec<_>>() {
        opening.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.db");
    let store = SqliteStore::open(SqliteConfig::file(&path).busy_timeout(Duration::from_millis(50))).await.unwrap();
    let practice = Practice::on(store);
    practice.keep(Uuid::from_u128(1)).await.unwrap();
    let mut intruder = raw(&path).await;
    intruder.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = practice.keep(Uuid::from_u128(2)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)) && refused.is_retryable(), "{refused:?}");
    practice.store.ping().await.unwrap();
    intruder.execute("ROLLBACK").await.unwrap();
    practice.keep(Uuid::from_u128(2)).await.unwrap();
}

#[test]
fn the_store_shows_no_more_than_its_configuration() {
    let config = format!("{:?}", SqliteConfig::file("/srv/practice.db"));
    assert!(config.contains("/srv/practice.db") && config.contains("5s"), "{config}");
}
