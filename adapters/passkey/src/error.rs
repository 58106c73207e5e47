//! Why a passkey was not added or not accepted.

use webauthn_rs::prelude::WebauthnError;

/// Why a step failed. Says nothing of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyError {
    /// The site's address cannot carry passkeys.
    #[error("origin is not an encrypted address with a name, or localhost")]
    Origin,
    /// The owner has no name to be shown.
    #[error("owner has no sign-in name or no name")]
    Owner,
    /// There is no passkey to ask for.
    #[error("there is no passkey to ask for")]
    NoPasskey,
    /// The answer cannot be read.
    #[error("answer of the browser cannot be read")]
    Malformed,
    /// The answer does not prove what was asked: another challenge, site or passkey, no user verification, or a wrong
    /// signature.
    #[error("answer of the browser does not prove what was asked")]
    Refused,
    /// The signature is right, and the counter stands still: there may be a copy of the passkey, to be suspended.
    #[error("signature counter of the passkey went back")]
    Copied,
}

/// The verifier names forty ways to fail; to the person and to an attacker they are one.
pub(crate) fn refused(error: &WebauthnError) -> PasskeyError {
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyError::Copied,
        _ => PasskeyError::Refused,
    }
}
