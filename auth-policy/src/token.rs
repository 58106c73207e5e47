//! The token: 256 random bits that a browser, a link or a program presents, of which the server keeps a hash.
//!
//! Standard: NIST SP 800-63B-4 §5.1, OWASP ASVS 5.0 7.2.3.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A text that is not 32 bytes in unpadded URL-safe base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("token is not 32 bytes in unpadded url-safe base64")]
pub struct InvalidToken;

/// A secret that is presented; erased on drop, silent in `Debug`.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// Takes 32 bytes from an approved random generator.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the text of a cookie, a link or a header.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        decode(text).map(Self::from_random)
    }

    /// Writes the text: 43 characters.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(*self.0).into()
    }

    /// Computes the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(*self.0).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The SHA-256 of a token; compared in constant time.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash([u8; 32]);

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

impl TokenHash {
    /// Writes the hash as a key in a store: 43 characters.
    #[must_use]
    pub fn to_key(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl TryFrom<String> for TokenHash {
    type Error = InvalidToken;

    fn try_from(text: String) -> Result<Self, InvalidToken> {
        decode(&text).map(Self)
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.to_key()
    }
}

fn decode(text: &str) -> Result<[u8; 32], InvalidToken> {
    let mut bytes = [0; 32];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(32) => Ok(bytes),
        Ok(_) | Err(_) => Err(InvalidToken),
    }
}
