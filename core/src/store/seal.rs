//! Sealing of bodies and hashing of terms with the keys of one practice.
//!
//! A sealed body is `1 ‖ nonce (12) ‖ AES-256-GCM-SIV(body)` (RFC 8452) with (practice, kind, id, version) as additional
//! data, so that a body moved to another row, kind or version does not open. Keys for sealing, terms and log signing
//! are derived from the data key by HKDF-SHA-256 (RFC 5869) under distinct labels.

use std::fmt::{self, Write as _};

use aes_gcm_siv::{Aes256GcmSiv, Key, KeyInit, Nonce, aead::Aead, aead::Payload};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{DataKey, StoreError, StoredTerm, Term, TermValue};
use crate::{Entropy, PracticeId, draw};

const FORMAT: u8 = 1;

pub(super) struct Sealer {
    practice: PracticeId,
    cipher: Aes256GcmSiv,
    term_key: Zeroizing<[u8; 32]>,
    root: Hkdf<Sha256>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({}, …)", self.practice)
    }
}

impl Sealer {
    pub(super) fn new(practice: PracticeId, key: &DataKey) -> Self {
        let root = Hkdf::<Sha256>::new(Some(practice.uuid().as_bytes()), key.expose());
        let cipher = Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(*derive(&root, "body v1")));
        Self { practice, cipher, term_key: derive(&root, "term v1"), root }
    }

    /// Derives a secret that is bound to the practice's data key and to `label`.
    pub(super) fn secret(&self, label: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.root, label)
    }

    pub(super) fn seal(
        &self,
        kind: &str,
        id: Uuid,
        version: u64,
        body: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; 12] = draw(entropy);
        let aad = self.associated(kind, id, version);
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), Payload { msg: body, aad: &aad });
        let sealed = sealed.map_err(|_| StoreError::Limit { what: "a body" })?;
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(&self, kind: &str, id: Uuid, version: u64, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&FORMAT, rest) = sealed.split_first()? else { return None };
        let (nonce, text) = rest.split_first_chunk::<12>()?;
        let aad = self.associated(kind, id, version);
        self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: &aad }).ok().map(Zeroizing::new)
    }

    fn associated(&self, kind: &str, id: Uuid, version: u64) -> Vec<u8> {
        [self.practice.uuid().as_bytes(), id.as_bytes(), version.to_be_bytes().as_slice(), kind.as_bytes()].concat()
    }

    /// Hashes blind values (HMAC-SHA-256 over kind, name and value, first 128 bits in hex).
    pub(super) fn term(&self, kind: &str, term: &Term) -> Result<StoredTerm, StoreError> {
        let value = match &term.value {
            TermValue::Plain(text) => text.clone(),
            TermValue::Blind(text) => {
                #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
                let mut mac = Hmac::<Sha256>::new_from_slice(self.term_key.as_ref()).expect("any key length");
                for part in [kind, term.name, text] {
                    mac.update(&(part.len() as u64).to_be_bytes());
                    mac.update(part.as_bytes());
                }
                mac.finalize().into_bytes().iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                })
            }
        };
        if term.name.len() > 32 || value.len() > 128 {
            return Err(StoreError::Limit { what: "a search term" });
        }
        Ok(StoredTerm { name: term.name.to_owned(), value, unique: term.unique })
    }
}

fn derive(root: &Hkdf<Sha256>, label: &str) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 yields up to 8,160 bytes")]
    root.expand_multi_info(&[b"mentalspace ", label.as_bytes()], out.as_mut())
        .expect("32 bytes are within the limit of HKDF");
    out
}
