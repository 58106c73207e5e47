//! The backup code: a look-up secret for the day the phone is gone.
//!
//! Invariants: 128 random bits, so a plain keyed hash is enough and no password hash is needed; stored hashed only;
//! each works once; a new set replaces the old one.
//! Standard: NIST SP 800-63B-4 §3.1.2, §4.2.1, OWASP ASVS 5.0 6.5.1, 6.5.2.

use std::fmt;

use base32::Alphabet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::pepper::{KeyId, Pepper, Peppers};

/// The number of codes in a set.
pub const CODES: usize = 10;
/// With this many codes left, the person is told to make new ones.
pub const FEW_LEFT: usize = 3;

const CODE_BYTES: usize = 16;
const CODE_CHARS: usize = 26;
const MAX_TYPED_BYTES: usize = 64;
const GROUP_CHARS: usize = 5;
const DOMAIN: &[u8] = b"mentalspace/backup-code/v1";

/// Why a code was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupCodeError {
    /// Not 26 characters of the code alphabet.
    #[error("not a backup code")]
    Malformed,
    /// Not a code of this set.
    #[error("backup code does not match")]
    Mismatch,
    /// A code of this set that was used already: to be audited.
    #[error("backup code was used before")]
    AlreadyUsed,
    /// The set names a key that is not configured.
    #[error("pepper {0} is not configured")]
    UnknownPepper(KeyId),
}

/// One backup code in clear; shown once, erased on drop, silent in `Debug`.
#[derive(Clone)]
pub struct BackupCode(Zeroizing<[u8; CODE_BYTES]>);

impl BackupCode {
    /// Takes 16 bytes from an approved random generator.
    #[must_use]
    pub fn from_random(bytes: [u8; CODE_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads what someone typed: any case, hyphens and spaces anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`BackupCodeError::Malformed`].
    pub fn parse(typed: &str) -> Result<Self, BackupCodeError> {
        if typed.len() > MAX_TYPED_BYTES {
            return Err(BackupCodeError::Malformed);
        }
        let mut text = Zeroizing::new(String::with_capacity(MAX_TYPED_BYTES));
        text.extend(typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        }));
        if text.len() != CODE_CHARS {
            return Err(BackupCodeError::Malformed);
        }
        let decoded = base32::decode(Alphabet::Crockford, &text).map(Zeroizing::new);
        let bytes: [u8; CODE_BYTES] =
            decoded.and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or(BackupCodeError::Malformed)?;
        let code = Self::from_random(bytes);
        // 26 characters hold two bits more than the code: only one spelling of each code is valid.
        if *code.canonical() == *text { Ok(code) } else { Err(BackupCodeError::Malformed) }
    }

    /// Writes the code in groups, as it is shown and printed.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let plain = self.canonical();
        let mut text = String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS);
        for (index, c) in plain.chars().enumerate() {
            if index > 0 && index % GROUP_CHARS == 0 && index + 1 < CODE_CHARS {
                text.push('-');
            }
            text.push(c);
        }
        text.into()
    }

    /// Hashes the code for one account, so that a store can look it up by its hash.
    #[must_use]
    pub fn hash(&self, account: Uuid, pepper: &Pepper) -> BackupCodeHash {
        // HMAC takes keys of any length, so there is nothing to fail.
        let tag = Hmac::<Sha256>::new_from_slice(pepper.key()).map_or([0; 32], |mac| {
            mac.chain_update(DOMAIN)
                .chain_update(account.as_bytes())
                .chain_update(*self.0)
                .finalize()
                .into_bytes()
                .into()
        });
        BackupCodeHash(tag)
    }

    fn canonical(&self) -> Zeroizing<String> {
        Zeroizing::new(base32::encode(Alphabet::Crockford, &*self.0))
    }
}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCode(..)")
    }
}

/// The stored form of a backup code: HMAC-SHA-256 under a pepper, over the account and the code.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupCodeHash([u8; 32]);

impl ConstantTimeEq for BackupCodeHash {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for BackupCodeHash {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for BackupCodeHash {}

impl fmt::Debug for BackupCodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCodeHash(..)")
    }
}

/// A stored hash that is not base64 of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("backup code hash is not 32 bytes in unpadded base64")]
pub struct InvalidHash;

impl TryFrom<String> for BackupCodeHash {
    type Error = InvalidHash;

    fn try_from(text: String) -> Result<Self, InvalidHash> {
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| InvalidHash)?;
        bytes.try_into().map(Self).map_err(|_| InvalidHash)
    }
}

impl From<BackupCodeHash> for String {
    fn from(hash: BackupCodeHash) -> Self {
        STANDARD_NO_PAD.encode(hash.0)
    }
}

/// One stored code: a row of its own where the store has rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StoredBackupCode {
    /// The hash.
    pub hash: BackupCodeHash,
    /// When the code was used, if it was.
    pub used_at: Option<DateTime<Utc>>,
}

/// The codes of one account.
///
/// Storing a redemption, which makes a code work once even when it arrives several times at the same moment:
/// - rows: `UPDATE … SET used_at = $now WHERE account = $account AND hash = $hash AND used_at IS NULL`, one row changed
///   is success, none is [`BackupCodeError::AlreadyUsed`];
/// - a document: written with its expected version, a conflict is read again and redeemed again.
///
/// New codes need a session of two factors with a recent step-up, are notified, and replace the old set in the same
/// transaction; a password alone must not yield them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupCodes {
    account: Uuid,
    key_id: KeyId,
    created_at: DateTime<Utc>,
    codes: Vec<StoredBackupCode>,
}

/// An accepted code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Redeemed {
    /// How many codes are left.
    pub left: usize,
}

impl Redeemed {
    /// Tells whether the person should make new codes.
    #[must_use]
    pub fn few_left(self) -> bool {
        self.left <= FEW_LEFT
    }
}

impl BackupCodes {
    /// Makes a new set from random bytes and returns the codes to be shown once.
    #[must_use]
    pub fn generate(
        account: Uuid,
        random: &[[u8; CODE_BYTES]; CODES],
        pepper: &Pepper,
        now: DateTime<Utc>,
    ) -> (Self, [BackupCode; CODES]) {
        let clear = random.map(BackupCode::from_random);
        let codes =
            clear.iter().map(|code| StoredBackupCode { hash: code.hash(account, pepper), used_at: None }).collect();
        let set = Self { account, key_id: pepper.id().clone(), created_at: now, codes };
        (set, clear)
    }

    /// Accepts a code and marks it used.
    ///
    /// # Errors
    /// See [`BackupCodeError`]; all but an unknown pepper are failed attempts for the throttle.
    pub fn redeem(&mut self, typed: &str, peppers: &Peppers, now: DateTime<Utc>) -> Result<Redeemed, BackupCodeError> {
        let pepper = peppers.find(&self.key_id).ok_or_else(|| BackupCodeError::UnknownPepper(self.key_id.clone()))?;
        let hash = BackupCode::parse(typed)?.hash(self.account, pepper);
        let none = u64::MAX;
        let mut found = none;
        for (index, code) in (0..).zip(&self.codes) {
            found.conditional_assign(&index, code.hash.ct_eq(&hash));
        }
        let code =
            usize::try_from(found).ok().and_then(|index| self.codes.get_mut(index)).ok_or(BackupCodeError::Mismatch)?;
        if code.used_at.is_some() {
            return Err(BackupCodeError::AlreadyUsed);
        }
        code.used_at = Some(now);
        Ok(Redeemed { left: self.left() })
    }

    /// Counts the codes that still work.
    #[must_use]
    pub fn left(&self) -> usize {
        self.codes.iter().filter(|code| code.used_at.is_none()).count()
    }

    /// Lists the stored codes, for a store with a row per code.
    #[must_use]
    pub fn codes(&self) -> &[StoredBackupCode] {
        &self.codes
    }

    /// Returns when the set was made.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }
}
