//! The driver's errors in the port's words. No SQL and no value gets into them.

use std::io;

use mentalspace_core::store::StoreError;
use sqlx::migrate::MigrateError;
use uuid::Uuid;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder or the file cannot be made or reached.
    #[error("the database file cannot be made or reached")]
    File(#[source] io::Error),
    /// The tables are those of another version of this software.
    #[error("the database belongs to another version of this software: migration {migration} is not known")]
    OtherVersion {
        /// The first migration that differs.
        migration: i64,
    },
    /// The database does not answer, is damaged, or is no database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(migration) | MigrateError::VersionMismatch(migration) => {
                Self::OtherVersion { migration }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Store(store_error(error)),
            _ => Self::Store(StoreError::unavailable(Failure::Driver)),
        }
    }
}

/// What is told of a driver's error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("sqlite answered with result code {0}")]
    Code(i32),
    #[error("no connection became free in time")]
    Queue,
    #[error("the driver failed")]
    Driver,
}

/// Translates a driver's error, by result code (sqlite.org, "Result and Error Codes").
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let error = match error {
        sqlx::Error::Database(error) => error,
        sqlx::Error::Io(error) => return StoreError::unavailable(error),
        sqlx::Error::PoolTimedOut => return StoreError::unavailable(Failure::Queue),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return damaged("a column cannot be read"),
        _ => return StoreError::unavailable(Failure::Driver),
    };
    let code = code(error.as_ref());
    match code & 0xff {
        ERROR if error.message() == "integer overflow" => StoreError::Limit { what: "a sum" },
        CORRUPT => damaged("the file is corrupt"),
        NOTADB => damaged("the file is no database"),
        TOOBIG => StoreError::Limit { what: "a value" },
        PERM | READONLY | AUTH | CONSTRAINT => StoreError::NotPermitted(Failure::Code(code).into()),
        _ => StoreError::unavailable(Failure::Code(code)),
    }
}

/// Answers whether somebody else has the lock, so that the same may succeed a moment later.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| code(error) & 0xff == BUSY)
}

pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::Damaged { kind: "database".to_owned(), id: Uuid::nil(), what }
}

fn code(error: &dyn sqlx::error::DatabaseError) -> i32 {
    error.code().and_then(|code| code.parse().ok()).unwrap_or(0)
}

const ERROR: i32 = 1;
const PERM: i32 = 3;
const BUSY: i32 = 5;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;
