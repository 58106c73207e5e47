//! Join tokens: `room.grant.mint.expiry.mac`, readable by nobody's name, forgeable by nobody without the secret.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_telehealth_port::provider::GrantId;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

/// Longer than any token of ours.
const LONGEST: usize = 256;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) room: String,
    pub(crate) grant: GrantId,
    /// Tells this permission from an earlier one under the same grant that was taken back.
    pub(crate) mint: u64,
    /// Milliseconds since 1970.
    pub(crate) expiry: i64,
}

impl Token {
    pub(crate) fn sign(&self, secret: &SecretBox<[u8; 32]>) -> String {
        let said = format!("{}.{}.{}.{}", self.room, self.grant, self.mint, self.expiry);
        let mac = URL_SAFE_NO_PAD.encode(mac(secret, &said).finalize().into_bytes());
        format!("{said}.{mac}")
    }

    /// Reads a token that `secret` signed.
    pub(crate) fn verify(secret: &SecretBox<[u8; 32]>, text: &str) -> Option<Self> {
        let (said, shown) = text.rsplit_once('.').filter(|_| text.len() <= LONGEST)?;
        mac(secret, said).verify_slice(&URL_SAFE_NO_PAD.decode(shown).ok()?).ok()?;
        let mut parts = said.split('.');
        let token = Self {
            room: parts.next()?.to_owned(),
            grant: parts.next()?.parse().ok()?,
            mint: parts.next()?.parse().ok()?,
            expiry: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(token)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn mac(secret: &SecretBox<[u8; 32]>, said: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret()).expect("HMAC takes any key");
    mac.update(b"mentalspace local video token v1\0");
    mac.update(said.as_bytes());
    mac
}
