//! The imported hash: bcrypt, PBKDF2 or scrypt, as other systems stored it.
//!
//! Invariants: read, never made; the text is kept as it came; costs are bounded before any work.
//! Formats: modular crypt for bcrypt; PHC for PBKDF2 and scrypt; passlib's and Django's spellings of PBKDF2; passlib's
//! of scrypt. Standard: RFC 8018 (PBKDF2), RFC 7914 (scrypt).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::{BCRYPT, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::EagerHash;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::phc::{base64_bytes, decimal, set};
use super::{Bounds, Cost, HashError, PhcError};

const MAX_TEXT_BYTES: usize = 512;
const BCRYPT_TEXT_BYTES: usize = 60;
/// All that bcrypt ever looks at.
const BCRYPT_KEY_BYTES: usize = 72;
/// Django salts with text, of 22 characters today and 12 before.
const SALT: std::ops::RangeInclusive<usize> = 4..=64;
const TAG: std::ops::RangeInclusive<usize> = 16..=64;

const PADDED: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const OF_BCRYPT: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A hash of another scheme, with everything needed to verify it.
///
/// Read are `$2a$`, `$2b$` and `$2y$` of bcrypt, `$pbkdf2-sha256$i=…$salt$tag` (and sha1, sha512, with `l=`),
/// `$pbkdf2-sha256$29000$salt$tag` of passlib, `pbkdf2_sha256$600000$salt$tag` of Django, `$scrypt$ln=16,r=8,p=1$salt$tag`
/// of PHC and passlib.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedHash {
    text: Box<str>,
    scheme: Scheme,
    salt: Box<[u8]>,
    tag: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Bcrypt { cost: u32 },
    Pbkdf2 { digest: Digest, rounds: u32 },
    Scrypt { log_n: u8, r: u32, p: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl ImportedHash {
    /// Returns the text as it came.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns what verifying it takes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let memory_kib = match self.scheme {
            Scheme::Bcrypt { .. } => 4,
            Scheme::Pbkdf2 { .. } => 1,
            // 128 · r · (N + p) bytes (RFC 7914 §2).
            Scheme::Scrypt { log_n, r, p } => {
                let blocks = (1_u64 << log_n.min(40)).saturating_add(p.into());
                u32::try_from(blocks.saturating_mul(r.into()).saturating_mul(128) / 1024 + 1).unwrap_or(u32::MAX)
            }
        };
        Cost { memory_kib }
    }

    pub(super) fn check(&self, bounds: &Bounds) -> Result<(), HashError> {
        let within = |name, found, max| {
            if found > max { Err(HashError::OverBounds { name, found, max }) } else { Ok(()) }
        };
        match self.scheme {
            Scheme::Bcrypt { cost } => within("bcrypt cost", cost, bounds.max_bcrypt_cost),
            Scheme::Pbkdf2 { rounds, .. } => within("pbkdf2 rounds", rounds, bounds.max_pbkdf2_rounds),
            Scheme::Scrypt { r, p, .. } => {
                within("scrypt KiB", self.cost().memory_kib, bounds.max_m_kib)?;
                within("scrypt r", r, 32)?;
                within("scrypt p", p, bounds.max_p)
            }
        }
    }

    /// Compares in constant time; [`check`](Self::check) comes before.
    pub(super) fn matches(&self, password: &[u8]) -> Result<bool, HashError> {
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        match self.scheme {
            Scheme::Bcrypt { cost } => {
                let salt: [u8; 16] = self.salt.as_ref().try_into().map_err(|_| HashError::ImpossibleImport)?;
                // Where the hash came from nothing beyond 72 bytes was looked at, so here neither.
                let password = &password[..password.len().min(BCRYPT_KEY_BYTES)];
                let made =
                    bcrypt::hash_with_salt_bytes(password, cost, salt).map_err(|_| HashError::ImpossibleImport)?;
                let made = made.get(29..).and_then(|tag| OF_BCRYPT.decode(tag).ok()).map(Zeroizing::new);
                tag.copy_from_slice(
                    made.filter(|made| made.len() == self.tag.len()).ok_or(HashError::ImpossibleImport)?.as_slice(),
                );
            }
            Scheme::Pbkdf2 { digest, rounds } => match digest {
                Digest::Sha1 => pbkdf2::<Sha1>(password, &self.salt, rounds, &mut tag),
                Digest::Sha256 => pbkdf2::<Sha256>(password, &self.salt, rounds, &mut tag),
                Digest::Sha512 => pbkdf2::<Sha512>(password, &self.salt, rounds, &mut tag),
            },
            Scheme::Scrypt { log_n, r, p } => {
                let params = scrypt::Params::new(log_n, r, p).map_err(|_| HashError::ImpossibleImport)?;
                scrypt::scrypt(password, &self.salt, &params, &mut tag).map_err(|_| HashError::ImpossibleImport)?;
            }
        }
        Ok(tag.ct_eq(&self.tag).into())
    }

    fn bcrypt(text: &str, cost: &str, rest: &str) -> Result<Self, PhcError> {
        let cost = cost.len().eq(&2).then(|| cost.parse().ok()).flatten().filter(|cost| (4..=31).contains(cost));
        let cost = cost.ok_or(PhcError::Parameter("cost"))?;
        if text.len() != BCRYPT_TEXT_BYTES || !rest.is_ascii() {
            return Err(PhcError::Shape);
        }
        let (salt, tag) = rest.split_at(22);
        let salt = OF_BCRYPT.decode(salt).map_err(|_| PhcError::Salt)?;
        let tag = OF_BCRYPT.decode(tag).map_err(|_| PhcError::Tag)?;
        Ok(Self { text: text.into(), scheme: Scheme::Bcrypt { cost }, salt: salt.into(), tag: tag.into() })
    }

    /// PHC names its parameters, passlib writes the rounds alone and spells `+` as `.`.
    fn pbkdf2(text: &str, digest: Digest, params: &str, salt: &str, tag: &str) -> Result<Self, PhcError> {
        let (mut rounds, mut length) = (None, None);
        if let Some(plain) = decimal(params) {
            rounds = Some(plain);
        } else {
            for pair in params.split(',') {
                match pair.split_once('=').ok_or(PhcError::Shape)? {
                    ("i", value) => set(&mut rounds, decimal(value), "i")?,
                    ("l", value) => set(&mut length, decimal(value), "l")?,
                    _ => return Err(PhcError::Parameter("of unknown name")),
                }
            }
        }
        let rounds = rounds.filter(|rounds| *rounds > 0).ok_or(PhcError::Parameter("i"))?;
        let salt = base64_bytes(&salt.replace('.', "+"), SALT).ok_or(PhcError::Salt)?;
        let tag = base64_bytes(&tag.replace('.', "+"), TAG).ok_or(PhcError::Tag)?;
        if length.is_some_and(|length| u64::from(length) != tag.len() as u64) {
            return Err(PhcError::Parameter("l"));
        }
        Ok(Self { text: text.into(), scheme: Scheme::Pbkdf2 { digest, rounds }, salt, tag })
    }

    fn django(text: &str, digest: Digest, rounds: &str, salt: &str, tag: &str) -> Result<Self, PhcError> {
        let rounds = decimal(rounds).filter(|rounds| *rounds > 0).ok_or(PhcError::Parameter("rounds"))?;
        // The salt is text and used as it stands.
        let salt: Box<[u8]> = salt.as_bytes().into();
        if !SALT.contains(&salt.len()) {
            return Err(PhcError::Salt);
        }
        let tag = PADDED.decode(tag).ok().filter(|tag| TAG.contains(&tag.len())).ok_or(PhcError::Tag)?;
        Ok(Self { text: text.into(), scheme: Scheme::Pbkdf2 { digest, rounds }, salt, tag: tag.into() })
    }

    fn scrypt(text: &str, params: &str, salt: &str, tag: &str) -> Result<Self, PhcError> {
        let (mut log_n, mut r, mut p) = (None, None, None);
        for pair in params.split(',') {
            match pair.split_once('=').ok_or(PhcError::Shape)? {
                ("ln", value) => set(&mut log_n, decimal(value), "ln")?,
                ("r", value) => set(&mut r, decimal(value), "r")?,
                ("p", value) => set(&mut p, decimal(value), "p")?,
                _ => return Err(PhcError::Parameter("of unknown name")),
            }
        }
        let log_n = log_n.and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=40).contains(n));
        let log_n = log_n.ok_or(PhcError::Parameter("ln"))?;
        let r = r.filter(|r| *r > 0).ok_or(PhcError::Parameter("r"))?;
        let p = p.filter(|p| *p > 0 && r.checked_mul(*p).is_some()).ok_or(PhcError::Parameter("p"))?;
        let salt = base64_bytes(salt, SALT).ok_or(PhcError::Salt)?;
        let tag = base64_bytes(tag, TAG).ok_or(PhcError::Tag)?;
        Ok(Self { text: text.into(), scheme: Scheme::Scrypt { log_n, r, p }, salt, tag })
    }
}

fn pbkdf2<D: EagerHash>(password: &[u8], salt: &[u8], rounds: u32, tag: &mut [u8]) {
    ::pbkdf2::pbkdf2_hmac::<D>(password, salt, rounds, tag);
}

impl FromStr for ImportedHash {
    type Err = PhcError;

    fn from_str(text: &str) -> Result<Self, PhcError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(PhcError::Shape);
        }
        let parts: Vec<&str> = text.split('$').collect();
        match parts[..] {
            ["", "2a" | "2b" | "2y", cost, rest] => Self::bcrypt(text, cost, rest),
            ["", "pbkdf2" | "pbkdf2-sha1", params, salt, tag] => Self::pbkdf2(text, Digest::Sha1, params, salt, tag),
            ["", "pbkdf2-sha256", params, salt, tag] => Self::pbkdf2(text, Digest::Sha256, params, salt, tag),
            ["", "pbkdf2-sha512", params, salt, tag] => Self::pbkdf2(text, Digest::Sha512, params, salt, tag),
            ["", "scrypt", params, salt, tag] => Self::scrypt(text, params, salt, tag),
            ["pbkdf2_sha1", rounds, salt, tag] => Self::django(text, Digest::Sha1, rounds, salt, tag),
            ["pbkdf2_sha256", rounds, salt, tag] => Self::django(text, Digest::Sha256, rounds, salt, tag),
            ["", _, _, _, _] | ["", _, _, _] | [_, _, _, _] => Err(PhcError::Scheme),
            _ => Err(PhcError::Shape),
        }
    }
}

impl fmt::Debug for ImportedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ImportedHash").field(&self.scheme).finish_non_exhaustive()
    }
}
