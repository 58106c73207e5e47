//! Keys: one data key for each practice, wrapped by a key that lives elsewhere.

use std::fmt;

use aes_gcm_siv::{Aes256GcmSiv, Key, KeyInit, Nonce, aead::Aead, aead::Payload};
use async_trait::async_trait;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::PracticeId;

/// The key that seals a practice's documents. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// Takes 32 bytes from an approved generator as a key.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// A data key as it is stored: only the provider named in it can open it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedKey {
    /// The wrapping key.
    pub provider_key: String,
    /// What the provider made of the data key.
    pub wrapped: Vec<u8>,
}

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The data key was wrapped by another key than the one at hand.
    #[error("the data key is wrapped by {wanted}, but the key at hand is {at_hand}")]
    OtherKey {
        /// The key that is needed.
        wanted: String,
        /// The key that was given.
        at_hand: String,
    },
    /// The wrapped key was changed, or belongs to another practice.
    #[error("the wrapped data key does not open")]
    DoesNotOpen,
    /// The provider cannot be reached.
    #[error("the key provider is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Wraps and unwraps data keys: a key file on one machine, a key service for a fleet.
///
/// - What `wrap` made for one practice does not open for another: `DoesNotOpen`.
/// - A key wrapped by another provider key is `OtherKey`.
#[async_trait]
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// Wraps `key` for `practice`; `random` is fresh for each call.
    async fn wrap(&self, practice: PracticeId, key: &DataKey, random: [u8; 12]) -> Result<WrappedKey, KeyError>;

    /// Opens what [`KeyProvider::wrap`] made.
    async fn unwrap(&self, practice: PracticeId, key: &WrappedKey) -> Result<DataKey, KeyError>;
}

/// A wrapping key held by this process, from a file or the environment.
#[derive(Clone)]
pub struct LocalKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl LocalKey {
    /// Takes 32 secret bytes as wrapping key; `id` names it in every key it wraps and is no secret.
    #[must_use]
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self { id: id.into(), key: Zeroizing::new(key) }
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(*self.key))
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalKey({}, …)", self.id)
    }
}

#[async_trait]
impl KeyProvider for LocalKey {
    async fn wrap(&self, practice: PracticeId, key: &DataKey, random: [u8; 12]) -> Result<WrappedKey, KeyError> {
        let payload = Payload { msg: key.expose(), aad: &practice.uuid().into_bytes() };
        let sealed = self.cipher().encrypt(&Nonce::from(random), payload).map_err(|_| KeyError::DoesNotOpen)?;
        Ok(WrappedKey { provider_key: self.id.clone(), wrapped: [random.as_slice(), &sealed].concat() })
    }

    async fn unwrap(&self, practice: PracticeId, key: &WrappedKey) -> Result<DataKey, KeyError> {
        if key.provider_key != self.id {
            return Err(KeyError::OtherKey { wanted: key.provider_key.clone(), at_hand: self.id.clone() });
        }
        let (nonce, sealed) = key.wrapped.split_first_chunk::<12>().ok_or(KeyError::DoesNotOpen)?;
        let payload = Payload { msg: sealed, aad: &practice.uuid().into_bytes() };
        let opened = self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| KeyError::DoesNotOpen)?;
        let opened = Zeroizing::new(opened);
        <[u8; 32]>::try_from(opened.as_slice()).map(DataKey).map_err(|_| KeyError::DoesNotOpen)
    }
}
