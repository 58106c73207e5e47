//! The secret shared with an authenticator app: 160 bits, shown to nobody but its owner.

use std::fmt;

use base32::Alphabet;
use secrecy::SecretString;
use totp_rs::Builder;
use zeroize::Zeroizing;

use super::TotpError;

/// A TOTP secret of 20 bytes; erased on drop, silent in `Debug`, without a serialised form.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl TotpSecret {
    /// Takes 20 bytes from an approved random generator, or from decrypted storage.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the bytes, to be encrypted and stored.
    #[must_use]
    pub fn expose(&self) -> &[u8; 20] {
        &self.0
    }

    /// Writes the secret in base32 for people who type it into their app.
    #[must_use]
    pub fn expose_base32(&self) -> SecretString {
        base32::encode(Alphabet::Rfc4648 { padding: false }, &*self.0).into()
    }

    /// Writes the `otpauth://` address that apps read from a QR code.
    ///
    /// # Errors
    /// [`TotpError::InvalidLabel`] when issuer or account name is empty or contains a colon.
    pub fn expose_uri(&self, issuer: &str, account: &str) -> Result<SecretString, TotpError> {
        if issuer.is_empty() {
            return Err(TotpError::InvalidLabel);
        }
        Builder::new()
            .with_secret(*self.0)
            .with_issuer(Some(issuer))
            .with_account_name(account)
            .build()
            .and_then(|totp| totp.to_url())
            .map(SecretString::from)
            .map_err(|_| TotpError::InvalidLabel)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}
