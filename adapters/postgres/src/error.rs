//! The driver's errors in the port's words. No SQL and no value gets into them.

use std::io;

use mentalspace_core::store::StoreError;
use sqlx::migrate::MigrateError;
use uuid::Uuid;

/// Why a store cannot be opened or migrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL will not do.
    #[error("the url of the database {rule}")]
    Url {
        /// What is wrong with it.
        rule: &'static str,
    },
    /// The role could see every practice.
    #[error("the role {role} {rule}")]
    UnsafeRole {
        /// Name of the role.
        role: String,
        /// The power that it must not have.
        rule: &'static str,
    },
    /// A table could show every practice.
    #[error("the table {table} is not under forced row-level security")]
    Unprotected {
        /// Name of the table.
        table: String,
    },
    /// The settings of the database will not do.
    #[error("the database {rule}")]
    Database {
        /// What is wrong with them.
        rule: &'static str,
    },
    /// The tables are older than this software, or not this role's to use: migrate first.
    #[error("the database lacks migration {migration}")]
    Outdated {
        /// The first migration that is missing.
        migration: i64,
    },
    /// The tables are those of another version of this software.
    #[error("the database belongs to another version of this software: migration {migration} is not known")]
    OtherVersion {
        /// The first migration that differs.
        migration: i64,
    },
    /// The database does not answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store_error(error))
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(migration)
            | MigrateError::VersionMismatch(migration)
            | MigrateError::Dirty(migration) => Self::OtherVersion { migration },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            _ => Self::Store(StoreError::unavailable(Failure::Driver)),
        }
    }
}

/// What is told of a driver's error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("postgres answered with sqlstate {0}")]
    Code(String),
    #[error("the connection failed: {0}")]
    Connection(io::ErrorKind),
    #[error("the encrypted connection failed")]
    Encryption,
    #[error("no connection became free in time")]
    Queue,
    #[error("the driver failed")]
    Driver,
}

/// Translates a driver's error, by SQLSTATE (PostgreSQL documentation, appendix A). What PostgreSQL undoes because of
/// other transactions (40001, 40P01, 55P03), for its time (57014, 25P03) or for want of room (53) may succeed later,
/// and so may whatever is not named here.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let refusal = match error {
        sqlx::Error::Database(refusal) => refusal,
        sqlx::Error::Io(error) => return StoreError::unavailable(Failure::Connection(error.kind())),
        sqlx::Error::Tls(_) => return StoreError::unavailable(Failure::Encryption),
        sqlx::Error::PoolTimedOut => return StoreError::unavailable(Failure::Queue),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return damaged("a column cannot be read"),
        _ => return StoreError::unavailable(Failure::Driver),
    };
    let code = refusal.code().unwrap_or_default().into_owned();
    match code.as_str() {
        INSUFFICIENT_PRIVILEGE | READ_ONLY_TRANSACTION => StoreError::NotPermitted(Failure::Code(code).into()),
        NUMBER_OUT_OF_RANGE | BAD_CHARACTER | BROKEN_CHECK => StoreError::Limit { what: "a value" },
        code if code.starts_with(AUTHORIZATION) => StoreError::NotPermitted(Failure::Code(code.to_owned()).into()),
        code if code.starts_with(PROGRAM_LIMIT) => StoreError::Limit { what: "a value" },
        DATA_CORRUPTED | INDEX_CORRUPTED => damaged("the database is corrupt"),
        _ => StoreError::unavailable(Failure::Code(code)),
    }
}

pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::Damaged { kind: "database".to_owned(), id: Uuid::nil(), what }
}

const AUTHORIZATION: &str = "28";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const READ_ONLY_TRANSACTION: &str = "25006";
const NUMBER_OUT_OF_RANGE: &str = "22003";
const BAD_CHARACTER: &str = "22021";
const BROKEN_CHECK: &str = "23514";
const PROGRAM_LIMIT: &str = "54";
const DATA_CORRUPTED: &str = "XX001";
const INDEX_CORRUPTED: &str = "XX002";
