//! The pepper: a key kept apart from the database that a stolen table of hashes is useless without.
//!
//! Invariant: 32 bytes, erased on drop, named by a short public id so that it can be replaced.
//! Standard: NIST SP 800-63B-4 §3.1.1.2 (additional keyed hashing), §3.2.12.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The most bytes in a key id, as in the PHC string format for argon2.
pub const MAX_KEY_ID_BYTES: usize = 8;

/// The public name of a pepper: 1 to 8 bytes, written in base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(Box<[u8]>);

/// A key id that is empty, too long or not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key id is not 1 to {MAX_KEY_ID_BYTES} bytes in unpadded base64")]
pub struct InvalidKeyId;

impl KeyId {
    /// Takes the bytes of a key id.
    ///
    /// # Errors
    /// [`InvalidKeyId`] unless there are 1 to 8 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidKeyId> {
        if (1..=MAX_KEY_ID_BYTES).contains(&bytes.len()) { Ok(Self(bytes.into())) } else { Err(InvalidKeyId) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| InvalidKeyId)?;
        Self::new(&bytes)
    }
}

impl TryFrom<String> for KeyId {
    type Error = InvalidKeyId;

    fn try_from(text: String) -> Result<Self, InvalidKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

/// A key and its id.
#[derive(Clone)]
pub struct Pepper {
    id: KeyId,
    key: Zeroizing<[u8; 32]>,
}

impl Pepper {
    /// Takes 32 bytes from an approved random generator or a key store.
    #[must_use]
    pub fn new(id: KeyId, key: [u8; 32]) -> Self {
        Self { id, key: Zeroizing::new(key) }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub(crate) fn key(&self) -> &[u8] {
        &*self.key
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({}, ..)", self.id)
    }
}

/// The pepper in use and those that older hashes still name.
#[derive(Clone, Debug, Default)]
pub struct Peppers {
    current: Option<Pepper>,
    retired: Vec<Pepper>,
}

impl Peppers {
    /// Uses no pepper.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Uses this pepper from now on.
    #[must_use]
    pub fn new(current: Pepper) -> Self {
        Self { current: Some(current), retired: Vec::new() }
    }

    /// Keeps a pepper for hashes made with it.
    #[must_use]
    pub fn with_retired(mut self, pepper: Pepper) -> Self {
        self.retired.push(pepper);
        self
    }

    /// Returns the pepper in use.
    #[must_use]
    pub fn current(&self) -> Option<&Pepper> {
        self.current.as_ref()
    }

    /// Returns the pepper with this id.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<&Pepper> {
        self.current.iter().chain(&self.retired).find(|pepper| pepper.id == *id)
    }
}
