//! The PHC string: the text form in which a password hash is stored.
//!
//! Invariants: m, t and p are given once each and possible; a string without `v=` means version 16, as the format
//! says; what is written is read back as the same value.
//! Standard: PHC string format for argon2.

use std::fmt;
use std::str::FromStr;

use argon2::Version;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use super::HashParams;
use crate::pepper::KeyId;

const MAX_TEXT_BYTES: usize = 512;
const MAX_DATA_BYTES: usize = 32;

/// Which argon2 made a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variant {
    /// Data-dependent addressing; read, never written.
    Argon2d,
    /// Data-independent addressing; read, never written.
    Argon2i,
    /// The mixture this crate writes.
    Argon2id,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Argon2d => "argon2d",
            Self::Argon2i => "argon2i",
            Self::Argon2id => "argon2id",
        }
    }
}

/// Why a text is not a PHC string for argon2; names the part, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhcError {
    /// Not the shape `$scheme[$v=…]$parameters$salt$tag`, or longer than 512 bytes.
    #[error("not a password hash with salt and tag")]
    Shape,
    /// A scheme other than those understood.
    #[error("password hashing scheme is not one of those understood")]
    Scheme,
    /// A version of argon2 other than 16 and 19.
    #[error("argon2 version is neither 16 nor 19")]
    Version,
    /// A parameter that is missing, repeated, unknown or impossible.
    #[error("hash parameter {0} is missing, repeated or invalid")]
    Parameter(&'static str),
    /// A salt that is not base64 of 8 to 64 bytes.
    #[error("salt is not base64 of 8 to 64 bytes")]
    Salt,
    /// A tag that is not base64 of 16 to 64 bytes.
    #[error("tag is not base64 of 16 to 64 bytes")]
    Tag,
}

/// A stored password hash with everything needed to verify it.
///
/// Serialises as its text; `Debug` shows the costs only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhcString {
    variant: Variant,
    version: Version,
    params: HashParams,
    key_id: Option<KeyId>,
    data: Box<[u8]>,
    salt: Box<[u8]>,
    tag: Box<[u8]>,
}

impl PhcString {
    pub(super) fn new(params: HashParams, key_id: Option<KeyId>, salt: &[u8], tag: &[u8]) -> Self {
        Self {
            variant: Variant::Argon2id,
            version: Version::V0x13,
            params,
            key_id,
            data: Box::default(),
            salt: salt.into(),
            tag: tag.into(),
        }
    }

    pub(super) fn set_tag(&mut self, tag: &[u8]) {
        self.tag = tag.into();
    }

    /// Returns the variant of argon2.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// Returns the costs.
    #[must_use]
    pub fn params(&self) -> HashParams {
        self.params
    }

    /// Returns the id of the pepper, if one was used.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// Writes the text to be stored.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut text = format!(
            "${}$v={}$m={},t={},p={}",
            self.variant.name(),
            u32::from(self.version),
            self.params.m_kib(),
            self.params.t(),
            self.params.p()
        );
        if let Some(id) = &self.key_id {
            text.push_str(",keyid=");
            text.push_str(&id.to_string());
        }
        if !self.data.is_empty() {
            text.push_str(",data=");
            STANDARD_NO_PAD.encode_string(&self.data, &mut text);
        }
        for part in [&self.salt, &self.tag] {
            text.push('$');
            STANDARD_NO_PAD.encode_string(part, &mut text);
        }
        text
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(super) fn tag(&self) -> &[u8] {
        &self.tag
    }
}

impl FromStr for PhcString {
    type Err = PhcError;

    fn from_str(text: &str) -> Result<Self, PhcError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(PhcError::Shape);
        }
        let parts: Vec<&str> = text.split('$').collect();
        let (scheme, version, params, salt, tag) = match parts[..] {
            ["", scheme, version, params, salt, tag] => (scheme, Some(version), params, salt, tag),
            ["", scheme, params, salt, tag] => (scheme, None, params, salt, tag),
            _ => return Err(PhcError::Shape),
        };
        let variant = [Variant::Argon2d, Variant::Argon2i, Variant::Argon2id]
            .into_iter()
            .find(|variant| variant.name() == scheme)
            .ok_or(PhcError::Scheme)?;
        let version = match version {
            None | Some("v=16") => Version::V0x10,
            Some("v=19") => Version::V0x13,
            Some(_) => return Err(PhcError::Version),
        };
        let mut parameters = Parameters::default();
        for pair in params.split(',') {
            parameters.read(pair)?;
        }
        Ok(Self {
            variant,
            version,
            params: parameters.costs()?,
            key_id: parameters.key_id,
            data: parameters.data.unwrap_or_default(),
            salt: base64_bytes(salt, 8..=64).ok_or(PhcError::Salt)?,
            tag: base64_bytes(tag, 16..=64).ok_or(PhcError::Tag)?,
        })
    }
}

#[derive(Default)]
struct Parameters {
    m: Option<u32>,
    t: Option<u32>,
    p: Option<u32>,
    key_id: Option<KeyId>,
    data: Option<Box<[u8]>>,
}

impl Parameters {
    fn read(&mut self, pair: &str) -> Result<(), PhcError> {
        let (name, value) = pair.split_once('=').ok_or(PhcError::Shape)?;
        match name {
            "m" => set(&mut self.m, decimal(value), "m"),
            "t" => set(&mut self.t, decimal(value), "t"),
            "p" => set(&mut self.p, decimal(value), "p"),
            "keyid" => set(&mut self.key_id, value.parse().ok(), "keyid"),
            "data" => set(&mut self.data, base64_bytes(value, 1..=MAX_DATA_BYTES), "data"),
            _ => Err(PhcError::Parameter("of unknown name")),
        }
    }

    fn costs(&self) -> Result<HashParams, PhcError> {
        let m_kib = self.m.ok_or(PhcError::Parameter("m"))?;
        let t = self.t.ok_or(PhcError::Parameter("t"))?;
        let p = self.p.ok_or(PhcError::Parameter("p"))?;
        HashParams::new(m_kib, t, p).map_err(|_| {
            PhcError::Parameter(if t == 0 {
                "t"
            } else if p == 0 || p > 255 {
                "p"
            } else {
                "m"
            })
        })
    }
}

pub(super) fn set<T>(slot: &mut Option<T>, value: Option<T>, name: &'static str) -> Result<(), PhcError> {
    if slot.is_some() || value.is_none() {
        return Err(PhcError::Parameter(name));
    }
    *slot = value;
    Ok(())
}

/// Reads a decimal as the format writes it: digits only, no leading zero.
pub(super) fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

pub(super) fn base64_bytes(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<Box<[u8]>> {
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    length.contains(&bytes.len()).then(|| bytes.into())
}

impl TryFrom<String> for PhcString {
    type Error = PhcError;

    fn try_from(text: String) -> Result<Self, PhcError> {
        text.parse()
    }
}

impl From<PhcString> for String {
    fn from(hash: PhcString) -> Self {
        hash.expose()
    }
}

impl fmt::Debug for PhcString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhcString")
            .field("variant", &self.variant)
            .field("params", &self.params)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
