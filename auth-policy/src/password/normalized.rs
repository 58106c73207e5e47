//! The normalised password: the only form that is ever hashed.
//!
//! Invariant: UTF-8 in NFC, at most [`MAX_INPUT_BYTES`], erased on drop.
//! Standard: NIST SP 800-63B-4 §3.1.1.2 (NFC before hashing), UAX 15.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The most bytes looked at, before and after normalisation; longer input can be nobody's password.
pub const MAX_INPUT_BYTES: usize = 4096;

/// Input that no policy permits as a password, so that no stored hash can match it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password input exceeds {MAX_INPUT_BYTES} bytes")]
pub struct UnusableInput;

/// A password in NFC, ready to be hashed or verified.
///
/// Nothing else is changed: no trimming, no case folding, no truncation (OWASP ASVS 6.2.8, with NFC as the exception
/// that NIST asks for).
#[derive(Clone)]
pub struct NormalizedPassword(Zeroizing<String>);

impl NormalizedPassword {
    /// Normalises what someone typed in order to sign in.
    ///
    /// No policy is applied: a password set under an older policy must keep working until it is changed.
    ///
    /// # Errors
    /// [`UnusableInput`] for more than [`MAX_INPUT_BYTES`]; answer as for a wrong password.
    pub fn attempt(typed: &SecretString) -> Result<Self, UnusableInput> {
        let typed = typed.expose_secret();
        if typed.len() > MAX_INPUT_BYTES {
            return Err(UnusableInput);
        }
        // NFC at most triples the bytes (UAX 15, table of maximum expansion factors): no reallocation leaves a copy.
        let mut nfc = Zeroizing::new(String::with_capacity(typed.len() * 3));
        nfc.extend(typed.nfc());
        if nfc.len() > MAX_INPUT_BYTES {
            return Err(UnusableInput);
        }
        Ok(Self(nfc))
    }

    /// Reads the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Counts the code points.
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.0.chars().count()
    }
}

impl fmt::Debug for NormalizedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NormalizedPassword(..)")
    }
}
