//! Signatures, and the chain of digests that makes a changed signed text show.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    ClinicianId,
    value::{plain_text, text_value},
};

use super::content::NoteText;

text_value! {
    /// A SHA-256 digest as 64 hexadecimal digits in lower case.
    public ContentDigest, "digest", |text| {
        let shaped = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if shaped { Ok(text) } else { Err("must be 64 hexadecimal digits") }
    }
}

impl ContentDigest {
    /// Hashes `parts`, each behind its length, so that no two different lists hash alike.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        use std::fmt::Write as _;
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hex = hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(hex)
    }
}

text_value! {
    /// The name of the text a signer agrees to, such as `author-2026`: 1 to 40 characters.
    public AttestationId, "attestation id", |text| plain_text(&text, 40)
}

text_value! {
    /// What a browser says it is: 1 to 256 characters.
    public UserAgent, "user agent", |text| plain_text(&text, 256)
}

/// The text a signer agreed to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Its name.
    pub id: AttestationId,
    /// Its version.
    pub version: u32,
}

/// How the signer proved to be the signer at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureMethod {
    /// Password entered again.
    Password,
    /// A PIN for signing.
    Pin,
    /// A fingerprint or face, by a passkey.
    Biometric,
    /// More than one factor.
    Mfa,
}

/// The circumstances of a signature.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Who signs.
    pub by: ClinicianId,
    /// When.
    pub at: DateTime<Utc>,
    /// What the signer agreed to.
    pub attestation: Attestation,
    /// How the signer proved to be the signer.
    pub method: SignatureMethod,
    /// From which network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// With which program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<UserAgent>,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// The author stands by the text.
    Author,
    /// The supervisor approves it.
    Cosign,
    /// Somebody stands by an addition.
    Amendment,
}

/// A signature. It may be revoked, never removed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Signature {
    /// What for.
    pub kind: SignatureKind,
    /// Who, when and how.
    pub signing: Signing,
    /// What was signed.
    pub digest: ContentDigest,
    /// Why it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

/// The end of a signature.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Revocation {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: ClinicianId,
    /// Why.
    pub reason: NoteText,
}
