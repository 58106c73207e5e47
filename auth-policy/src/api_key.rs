//! The API key: how a program of the practice proves that it may ask.
//!
//! Invariants: 256 random bits, stored hashed; a few permissions, never account administration or emergency access; an
//! end at most a year away; after a rotation the earlier secret works for the overlap and no longer; a revoked key never
//! works again. What does not work is told in one way only.
//! Standard: NIST SP 800-63B-4 §3.2.12, OWASP ASVS 5.0 7.2.3, 10.4 by analogy.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};
use crate::time::after;
use crate::token::{Token, TokenHash};

const PREFIX: &str = "msk_";
const MAX_ID: usize = 64;

/// The rules of API keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApiKeyRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The most days a key lives, 1 to 366.
    pub longest_days: u32,
    /// The hours for which the earlier secret works after a rotation, 0 to 168.
    pub overlap_hours: u32,
    /// The least seconds between two writes of the last use, 0 to 3600.
    pub write_every_secs: u32,
    /// What no key may do, by the names of the caller's permissions.
    pub forbidden: BTreeSet<String>,
}

impl ApiKeyRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("longest_days", self.longest_days, 1..=366)?;
        check_range("overlap_hours", self.overlap_hours, 0..=168)?;
        check_range("write_every_secs", self.write_every_secs, 0..=3600)
    }
}

checked_policy! {
    /// What API keys may be.
    ApiKeyPolicy, ApiKeyRules, "ApiKeyRules"
}

impl ApiKeyPolicy {
    /// A year, a day of overlap; `forbidden` names the permissions no key holds.
    #[must_use]
    pub fn standard(forbidden: impl IntoIterator<Item = String>) -> Self {
        Self(ApiKeyRules {
            version: SCHEMA_VERSION,
            longest_days: 365,
            overlap_hours: 24,
            write_every_secs: 60,
            forbidden: forbidden.into_iter().collect(),
        })
    }
}

/// A text that is not `msk_<id>_<secret>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an api key")]
pub struct InvalidApiKey;

/// A key that opens nothing: unknown, expired or revoked. Which of them is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the api key is not valid")]
pub struct NotValid;

/// Why a key cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// It would live too long, or not at all.
    #[error("an api key lives at least an hour and at most {days} days")]
    Lifetime {
        /// The most days.
        days: u32,
    },
    /// It could do nothing.
    #[error("an api key names what it may do")]
    NoScope,
    /// It would do what no key may.
    #[error("no api key may do this: {0}")]
    Forbidden(String),
    /// It is over.
    #[error("the api key is revoked or has expired")]
    Over,
}

/// A key as a program presents it: `msk_<id>_<secret>`. The id is public, the secret silent in `Debug`.
#[derive(Clone)]
pub struct PresentedKey {
    id: String,
    secret: Token,
}

impl PresentedKey {
    /// Joins an id of 1 to 64 lower-case letters and digits with a fresh secret.
    ///
    /// # Errors
    /// [`InvalidApiKey`].
    pub fn new(id: impl Into<String>, secret: Token) -> Result<Self, InvalidApiKey> {
        let id = id.into();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(allowed);
        if valid { Ok(Self { id, secret }) } else { Err(InvalidApiKey) }
    }

    /// Tells whether a bearer token means to be an API key.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`InvalidApiKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidApiKey> {
        let (id, secret) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(InvalidApiKey)?;
        Self::new(id, Token::parse(secret).map_err(|_| InvalidApiKey)?)
    }

    /// Writes the key, to be shown once.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        format!("{PREFIX}{}_{}", self.id, self.secret.expose().expose_secret()).into()
    }

    /// Returns the id by which the stored key is found.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the hash of the secret.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        self.secret.hash()
    }
}

impl fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Earlier {
    secret: TokenHash,
    until: DateTime<Utc>,
}

/// Whether the use of a key has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Used {
    /// The last use moved: write the key.
    Write,
    /// The stored one is recent enough.
    Unchanged,
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    owner: Uuid,
    secret: TokenHash,
    earlier: Option<Earlier>,
    scopes: BTreeSet<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Makes a key for a service account.
    ///
    /// # Errors
    /// See [`ApiKeyError`].
    pub fn issue(
        owner: Uuid,
        secret: TokenHash,
        scopes: BTreeSet<String>,
        expires_at: DateTime<Utc>,
        policy: &ApiKeyPolicy,
        now: DateTime<Utc>,
    ) -> Result<Self, ApiKeyError> {
        if scopes.is_empty() {
            return Err(ApiKeyError::NoScope);
        }
        if let Some(forbidden) = scopes.intersection(&policy.forbidden).next() {
            return Err(ApiKeyError::Forbidden(forbidden.clone()));
        }
        let days = policy.longest_days;
        let longest = after(now, TimeDelta::days(days.into()));
        if !(after(now, TimeDelta::hours(1))..=longest).contains(&expires_at) {
            return Err(ApiKeyError::Lifetime { days });
        }
        Ok(Self {
            owner,
            secret,
            earlier: None,
            scopes,
            created_at: now,
            expires_at,
            last_used: None,
            revoked_at: None,
        })
    }

    /// Checks a presented secret; every comparison is made whatever the others say.
    ///
    /// # Errors
    /// [`NotValid`].
    pub fn verify(&self, secret: TokenHash, now: DateTime<Utc>) -> Result<(), NotValid> {
        let current = secret == self.secret;
        let (earlier, overlaps) =
            self.earlier.as_ref().map_or((false, false), |earlier| (secret == earlier.secret, now < earlier.until));
        let alive = self.revoked_at.is_none() && now < self.expires_at;
        if (current | (earlier & overlaps)) & alive { Ok(()) } else { Err(NotValid) }
    }

    /// Notes a use.
    pub fn touch(&mut self, policy: &ApiKeyPolicy, now: DateTime<Utc>) -> Used {
        let every = TimeDelta::seconds(policy.write_every_secs.into());
        if self.last_used.is_some_and(|last| (now - last).abs() < every) {
            return Used::Unchanged;
        }
        self.last_used = Some(now);
        Used::Write
    }

    /// Gives the key a new secret; the earlier one works on for the overlap. The end stays where it is.
    ///
    /// # Errors
    /// [`ApiKeyError::Over`].
    pub fn rotate(&mut self, secret: TokenHash, policy: &ApiKeyPolicy, now: DateTime<Utc>) -> Result<(), ApiKeyError> {
        if !self.lives(now) {
            return Err(ApiKeyError::Over);
        }
        let until = after(now, TimeDelta::hours(policy.overlap_hours.into()));
        let earlier = std::mem::replace(&mut self.secret, secret);
        self.earlier = Some(Earlier { secret: earlier, until });
        Ok(())
    }

    /// Revokes the key; the first moment stands.
    pub fn revoke(&mut self, now: DateTime<Utc>) {
        self.revoked_at.get_or_insert(now);
    }

    /// Tells whether the key opens anything.
    #[must_use]
    pub fn lives(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Returns the service account.
    #[must_use]
    pub fn owner(&self) -> Uuid {
        self.owner
    }

    /// Returns what the key may do.
    #[must_use]
    pub fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// Returns when the key was made.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// Returns when the key expires.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Returns when the key was last used, as written.
    #[must_use]
    pub fn last_used(&self) -> Option<DateTime<Utc>> {
        self.last_used
    }

    /// Returns when the key was revoked.
    #[must_use]
    pub fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.revoked_at
    }
}
