//! The stored password: a hash of this crate's making, or one that came from another system.
//!
//! Invariant: what is written is read back as the same value; `Debug` shows the scheme and its costs only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Cost, ImportedHash, PhcError, PhcString};

/// A stored password hash of any scheme that can be verified.
///
/// An imported one is replaced at the first sign-in: [`Hasher::verify`](super::Hasher::verify) always answers that it
/// needs to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StoredPassword {
    /// Argon2.
    Argon2(PhcString),
    /// Of another scheme.
    Imported(ImportedHash),
}

impl StoredPassword {
    /// Writes the text to be stored.
    #[must_use]
    pub fn expose(&self) -> String {
        match self {
            Self::Argon2(hash) => hash.expose(),
            Self::Imported(hash) => hash.expose().to_owned(),
        }
    }

    /// Returns what verifying it takes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        match self {
            Self::Argon2(hash) => Cost { memory_kib: hash.params().m_kib() },
            Self::Imported(hash) => hash.cost(),
        }
    }
}

impl From<PhcString> for StoredPassword {
    fn from(hash: PhcString) -> Self {
        Self::Argon2(hash)
    }
}

impl From<ImportedHash> for StoredPassword {
    fn from(hash: ImportedHash) -> Self {
        Self::Imported(hash)
    }
}

impl FromStr for StoredPassword {
    type Err = PhcError;

    /// Reads a PHC string of argon2, or a hash as [`ImportedHash`] describes them.
    fn from_str(text: &str) -> Result<Self, PhcError> {
        match text.parse() {
            Ok(hash) => Ok(Self::Argon2(hash)),
            Err(PhcError::Scheme | PhcError::Shape) => text.parse().map(Self::Imported),
            Err(other) => Err(other),
        }
    }
}

impl TryFrom<String> for StoredPassword {
    type Error = PhcError;

    fn try_from(text: String) -> Result<Self, PhcError> {
        text.parse()
    }
}

impl From<StoredPassword> for String {
    fn from(stored: StoredPassword) -> Self {
        stored.expose()
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2(hash) => hash.fmt(f),
            Self::Imported(hash) => hash.fmt(f),
        }
    }
}
