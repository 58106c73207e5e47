//! The name of a room: the same for the same visit and generation, telling nothing about either.

use hmac::{Hmac, KeyInit, Mac};
use mentalspace_core::VisitId;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::id::opaque_text;

opaque_text! {
    /// Names a room towards its service and makes opening it repeatable: 52 characters of lower-case base32, inside
    /// `[-_a-zA-Z0-9]{2,64}`, different even where case is ignored.
    IdempotencyKey, "idempotency key", 2..=64
}

impl IdempotencyKey {
    /// Derives the key of a visit's room: base32 of HMAC-SHA-256 over a label, the visit and the generation.
    #[must_use]
    pub fn derive(secret: &RoomSecret, visit: VisitId, generation: u32) -> Self {
        Self::mac(secret, b"mentalspace telehealth room v1", visit, generation)
    }

    /// Derives the key of a visit's recording in the same way; `number` counts the recordings of the visit from 1.
    #[must_use]
    pub fn recording(secret: &RoomSecret, visit: VisitId, number: u32) -> Self {
        Self::mac(secret, b"mentalspace telehealth recording v1", visit, number)
    }

    fn mac(secret: &RoomSecret, label: &[u8], visit: VisitId, number: u32) -> Self {
        let mut mac = Hmac::<Sha256>::new(secret.0.expose_secret().into());
        mac.update(label);
        mac.update(visit.uuid().as_bytes());
        mac.update(&number.to_be_bytes());
        let alphabet = base32::Alphabet::Rfc4648Lower { padding: false };
        Self(base32::encode(alphabet, &mac.finalize().into_bytes()))
    }
}

/// A practice's secret for room names, padded to one block of SHA-256 as HMAC does (RFC 2104 §2).
pub struct RoomSecret(SecretBox<[u8; 64]>);

impl RoomSecret {
    /// Wraps 32 bytes from an approved generator.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let mut block = Box::new([0; 64]);
        block[..32].copy_from_slice(&bytes);
        Self(SecretBox::new(block))
    }
}

impl std::fmt::Debug for RoomSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RoomSecret(…)")
    }
}
