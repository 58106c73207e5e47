//! The known device: a browser that has signed in to this account before, told by a cookie of its own.
//!
//! Somebody who keeps failing on an account makes it wait for everybody who is a stranger; a known device has a count of
//! its own and is let through, so that nobody can lock others out of their account by failing on purpose.
//!
//! Invariants: the cookie names nobody, works for one account, and cannot be made without the key; it opens nothing.
//! Standard: OWASP ASVS 5.0 6.1.1 (malicious lockout); device cookies as OWASP describes them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::NameKey;

const DOMAIN: &[u8] = b"mentalspace/known-device/v1";
const NONCE_BYTES: usize = 16;
const MAC_BYTES: usize = 16;
/// The entries of a full cookie: the people who share a computer at the front desk.
const MAX_ENTRIES: usize = 8;
const ENTRY_CHARS: usize = 43;

/// A device that has signed in to the account before, by its public id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownDevice([u8; NONCE_BYTES]);

impl fmt::Display for KnownDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// Makes and recognises the cookies of known devices.
#[derive(Clone, Debug)]
pub struct KnownDevices {
    key: NameKey,
}

impl KnownDevices {
    /// Uses this key.
    #[must_use]
    pub fn new(key: NameKey) -> Self {
        Self { key }
    }

    /// Finds the device that the cookie names for this account.
    #[must_use]
    pub fn recognise(&self, account: &str, cookie: &str) -> Option<KnownDevice> {
        entries(cookie).find_map(|(nonce, mac)| {
            let expected = self.mac(account, &nonce);
            bool::from(expected.ct_eq(&mac)).then_some(KnownDevice(nonce))
        })
    }

    /// Returns the cookie after a sign-in: with an entry for the account made of 16 fresh random bytes, and what the
    /// cookie held of other accounts, the eight latest.
    #[must_use]
    pub fn remember(&self, account: &str, cookie: Option<&str>, random: [u8; NONCE_BYTES]) -> SecretString {
        let mac = self.mac(account, &random);
        let mine = std::iter::once((random, mac));
        let others = entries(cookie.unwrap_or_default())
            .filter(|(nonce, mac)| !bool::from(self.mac(account, nonce).ct_eq(mac)))
            .take(MAX_ENTRIES - 1);
        let text: Vec<String> =
            mine.chain(others).map(|(nonce, mac)| URL_SAFE_NO_PAD.encode([nonce, mac].concat())).collect();
        text.join(".").into()
    }

    fn mac(&self, account: &str, nonce: &[u8; NONCE_BYTES]) -> [u8; MAC_BYTES] {
        let mut short = [0; MAC_BYTES];
        short.copy_from_slice(&self.key.mac(DOMAIN, &[account.as_bytes(), nonce])[..MAC_BYTES]);
        short
    }
}

/// Reads the entries of a cookie; what is malformed is passed over.
fn entries(cookie: &str) -> impl Iterator<Item = ([u8; NONCE_BYTES], [u8; MAC_BYTES])> + '_ {
    cookie.split('.').take(MAX_ENTRIES).filter(|entry| entry.len() == ENTRY_CHARS).filter_map(|entry| {
        let bytes: [u8; NONCE_BYTES + MAC_BYTES] = URL_SAFE_NO_PAD.decode(entry).ok()?.try_into().ok()?;
        let (mut nonce, mut mac) = ([0; NONCE_BYTES], [0; MAC_BYTES]);
        nonce.copy_from_slice(&bytes[..NONCE_BYTES]);
        mac.copy_from_slice(&bytes[NONCE_BYTES..]);
        Some((nonce, mac))
    })
}
