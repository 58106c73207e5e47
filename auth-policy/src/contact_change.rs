//! The change of an address: proved by a code sent to the new one, told to the old one, undone from there.
//!
//! The code has 50 random bits, works once, for half an hour and five attempts; it is kept as a keyed hash.
//! Standard: NIST SP 800-63B-4 §4.2.1.2, §4.6, OWASP ASVS 5.0 7.5.1, 6.3.7.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::pepper::{KeyId, Pepper, Peppers};
use crate::time::after;

const CHARS: usize = 10;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DOMAIN: &[u8] = b"mentalspace/contact-code/v1";
/// How long a code works.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);
/// How many wrong codes are answered.
pub const ATTEMPTS: u8 = 5;

/// A code that is not right, was used, is too old or was asked for too often: one answer for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code is not right, or does not work any more")]
pub struct WrongCode;

/// A code in clear, to be sent once; erased on drop, silent in `Debug`.
#[derive(Clone)]
pub struct ContactCode(Zeroizing<[u8; CHARS]>);

impl ContactCode {
    /// Takes 10 bytes from an approved random generator.
    #[must_use]
    pub fn from_random(bytes: [u8; CHARS]) -> Self {
        Self(Zeroizing::new(bytes.map(|byte| byte & 31)))
    }

    /// Reads what someone typed: any case, hyphens and spaces anywhere, O for 0, I and L for 1.
    fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 32 {
            return None;
        }
        let mut bytes = Zeroizing::new([0; CHARS]);
        let mut filled = 0;
        for c in typed.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|letter| char::from(*letter) == c)?;
            *bytes.get_mut(filled)? = u8::try_from(value).ok()?;
            filled += 1;
        }
        (filled == CHARS).then_some(Self(bytes))
    }

    /// Writes the code as it is sent: two groups of five.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let mut text = String::with_capacity(CHARS + 1);
        for (index, value) in self.0.iter().enumerate() {
            if index == CHARS / 2 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(value & 31)]));
        }
        text.into()
    }

    fn hash(&self, change: Uuid, pepper: &Pepper) -> [u8; 32] {
        // HMAC takes keys of any length, so there is nothing to fail.
        Hmac::<Sha256>::new_from_slice(pepper.key()).map_or([0; 32], |mac| {
            mac.chain_update(DOMAIN)
                .chain_update(change.as_bytes())
                .chain_update(*self.0)
                .finalize()
                .into_bytes()
                .into()
        })
    }
}

impl fmt::Debug for ContactCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactCode(..)")
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct CodeHash([u8; 32]);

impl PartialEq for CodeHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeHash {}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(..)")
    }
}

/// A stored hash that is not base64 of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("contact code hash is not 32 bytes in unpadded base64")]
struct InvalidHash;

impl TryFrom<String> for CodeHash {
    type Error = InvalidHash;

    fn try_from(text: String) -> Result<Self, InvalidHash> {
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| InvalidHash)?;
        bytes.try_into().map(Self).map_err(|_| InvalidHash)
    }
}

impl From<CodeHash> for String {
    fn from(hash: CodeHash) -> Self {
        STANDARD_NO_PAD.encode(hash.0)
    }
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// The code has to be shown.
    Waiting,
    /// The new address holds, and may be undone from the old one.
    Confirmed,
    /// The old address holds again.
    Undone,
    /// The code was not shown in time, or too many wrong ones were.
    Failed,
}

/// A change of an address; the addresses themselves are the caller's.
///
/// Stored as one document and written with its expected version after each attempt, so that of N attempts at once each
/// counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    id: Uuid,
    key_id: KeyId,
    code: CodeHash,
    until: DateTime<Utc>,
    attempts_left: u8,
    confirmed_at: Option<DateTime<Utc>>,
    undone_at: Option<DateTime<Utc>>,
}

impl ContactChange {
    /// Asks for a change; the code is to be sent to the new address.
    #[must_use]
    pub fn request(id: Uuid, code: &ContactCode, pepper: &Pepper, now: DateTime<Utc>) -> Self {
        Self {
            id,
            key_id: pepper.id().clone(),
            code: CodeHash(code.hash(id, pepper)),
            until: after(now, LIFETIME),
            attempts_left: ATTEMPTS,
            confirmed_at: None,
            undone_at: None,
        }
    }

    /// Tells where the change stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> ChangeState {
        match (self.undone_at, self.confirmed_at) {
            (Some(_), _) => ChangeState::Undone,
            (None, Some(_)) => ChangeState::Confirmed,
            (None, None) if now >= self.until || self.attempts_left == 0 => ChangeState::Failed,
            (None, None) => ChangeState::Waiting,
        }
    }

    /// Confirms the new address. A wrong code costs an attempt: the change is stored either way.
    ///
    /// # Errors
    /// [`WrongCode`].
    pub fn confirm(&mut self, typed: &str, peppers: &Peppers, now: DateTime<Utc>) -> Result<(), WrongCode> {
        if self.state(now) != ChangeState::Waiting {
            return Err(WrongCode);
        }
        let pepper = peppers.find(&self.key_id).ok_or(WrongCode)?;
        self.attempts_left -= 1;
        let code = ContactCode::parse(typed).ok_or(WrongCode)?;
        if CodeHash(code.hash(self.id, pepper)) != self.code {
            return Err(WrongCode);
        }
        self.confirmed_at = Some(now);
        Ok(())
    }

    /// Undoes a confirmed change; when that is still permitted is for the [ticket](crate::ticket) to say.
    ///
    /// # Errors
    /// [`WrongCode`] unless the change was confirmed.
    pub fn undo(&mut self, now: DateTime<Utc>) -> Result<(), WrongCode> {
        if self.state(now) != ChangeState::Confirmed {
            return Err(WrongCode);
        }
        self.undone_at = Some(now);
        Ok(())
    }
}
