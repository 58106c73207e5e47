//! A code that was sent, waiting to be typed back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Channel, OutOfBandPolicy, PhoneNumber};
use crate::pepper::{KeyId, Pepper, Peppers};
use crate::time::after;

const DOMAIN: &[u8] = b"mentalspace/out-of-band/v1";

/// Why a code was not accepted. All but an unknown pepper are failed attempts for the throttle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutOfBandError {
    /// Not as many ASCII digits as were sent.
    #[error("code does not have the digits that were sent")]
    Malformed,
    /// Not the code, or not this attempt's, or not this number's.
    #[error("code does not match")]
    Mismatch,
    /// The code was right and was used before: to be audited.
    #[error("code was used before")]
    AlreadyUsed,
    /// The code came too late; a new one may be sent.
    #[error("code is over")]
    Over,
    /// The challenge names a key that is not configured.
    #[error("pepper {0} is not configured")]
    UnknownPepper(KeyId),
}

/// A code in clear, on its way to the person; erased on drop, silent in `Debug`.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Makes a code of `digits` digits, each equally likely, from the bytes of an approved random generator.
    ///
    /// Numbers beyond the last whole multiple are passed over, so there is no bias; in the rare case that all are (less
    /// than once in 10¹³), there is no code and other bytes are needed.
    #[must_use]
    pub fn from_random(random: &[u8; 32], digits: u8) -> Option<Self> {
        let codes = 10_u32.checked_pow(digits.into())?;
        let fair = u32::MAX - u32::MAX % codes;
        let numbers = random.chunks_exact(4).map(|four| four.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
        let number = numbers.into_iter().find(|number| *number < fair)? % codes;
        Some(Self(Zeroizing::new(format!("{number:0width$}", width = usize::from(digits)))))
    }

    /// Reads the digits, to send them.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        self.0.as_str().into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A code that was sent, as it is stored.
///
/// Storing an accepted code, which makes it work once even when it arrives several times at the same moment: the document
/// that holds the challenge is written with its expected version; a conflict is answered like a wrong code.
///
/// A new challenge replaces the one before, so that one code works at a time; it changes nothing in the throttle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    attempt: Uuid,
    channel: Channel,
    digits: u8,
    key_id: KeyId,
    hash: Hash,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hash([u8; 32]);

impl Challenge {
    /// Begins a challenge for one attempt (the session that asked) and one number.
    #[must_use]
    pub fn new(
        code: &Code,
        attempt: Uuid,
        number: &PhoneNumber,
        channel: Channel,
        pepper: &Pepper,
        policy: &OutOfBandPolicy,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            attempt,
            channel,
            digits: policy.digits,
            key_id: pepper.id().clone(),
            hash: hash(pepper, attempt, number, &code.0),
            sent_at: now,
            expires_at: after(now, policy.lifetime()),
            used: false,
        }
    }

    /// Accepts a code once, within its life, from the attempt it was made for.
    ///
    /// # Errors
    /// See [`OutOfBandError`].
    pub fn redeem(
        &mut self,
        typed: &str,
        attempt: Uuid,
        number: &PhoneNumber,
        peppers: &Peppers,
        now: DateTime<Utc>,
    ) -> Result<Channel, OutOfBandError> {
        let pepper = peppers.find(&self.key_id).ok_or_else(|| OutOfBandError::UnknownPepper(self.key_id.clone()))?;
        if typed.len() != usize::from(self.digits) || !typed.bytes().all(|b| b.is_ascii_digit()) {
            return Err(OutOfBandError::Malformed);
        }
        // A clock set back does not prolong a life.
        if now < self.sent_at || now >= self.expires_at {
            return Err(OutOfBandError::Over);
        }
        let same: bool = hash(pepper, attempt, number, typed).0.ct_eq(&self.hash.0).into();
        if !same {
            return Err(OutOfBandError::Mismatch);
        }
        if self.used {
            return Err(OutOfBandError::AlreadyUsed);
        }
        self.used = true;
        Ok(self.channel)
    }

    /// Returns when the code ends.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Returns how it was sent.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }
}

fn hash(pepper: &Pepper, attempt: Uuid, number: &PhoneNumber, digits: &str) -> Hash {
    // HMAC takes keys of any length, so there is nothing to fail. Only the number varies in length, and it comes last.
    Hash(Hmac::<Sha256>::new_from_slice(pepper.key()).map_or([0; 32], |mac| {
        mac.chain_update(DOMAIN)
            .chain_update(attempt.as_bytes())
            .chain_update([u8::try_from(digits.len()).unwrap_or(u8::MAX)])
            .chain_update(digits)
            .chain_update(number.expose())
            .finalize()
            .into_bytes()
            .into()
    }))
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(..)")
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = STANDARD_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("code hash is not 32 bytes in unpadded base64")
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        STANDARD_NO_PAD.encode(hash.0)
    }
}
