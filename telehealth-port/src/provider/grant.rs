//! A participant's permission to join, and the credential that carries it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mentalspace_core::Invalid;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ParticipantId;

/// One permission to join: a participant and a running number. Every rejoin gets a new one, so that an old credential
/// can be told from the present one. Its text, `p_<32 hex digits>_<number>`, is a participant's only name outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GrantId {
    /// Whose permission.
    pub participant: ParticipantId,
    /// 1 for the first join.
    pub serial: u32,
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p_{}_{}", self.participant.uuid().simple(), self.serial)
    }
}

impl FromStr for GrantId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (id, serial) = text.strip_prefix("p_")?.split_once('_')?;
            let participant = ParticipantId::from_uuid(Uuid::try_parse(id).ok()?);
            Some(Self { participant, serial: serial.parse().ok()? })
        };
        read().filter(|id| id.to_string() == text).ok_or(Invalid::new("grant id", "is not one of ours"))
    }
}

impl TryFrom<String> for GrantId {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<GrantId> for String {
    fn from(id: GrantId) -> Self {
        id.to_string()
    }
}

/// What a participant may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Media {
    /// Microphone.
    pub audio: bool,
    /// Camera.
    pub video: bool,
    /// Shared screen.
    pub screen: bool,
}

impl Media {
    /// Everything.
    pub const ALL: Self = Self { audio: true, video: true, screen: true };
    /// Voice alone.
    pub const AUDIO: Self = Self { audio: true, video: false, screen: false };
    /// Watching and listening.
    pub const NONE: Self = Self { audio: false, video: false, screen: false };
}

/// Who may join, and how long the credential lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParticipantSpec {
    /// The permission.
    pub grant: GrantId,
    /// What may be sent.
    pub media: Media,
    /// Time left to join.
    pub ttl: Duration,
}

/// A minted credential. Handed over the authenticated session of its participant only, each time with a record.
#[derive(Debug)]
pub struct JoinGrant {
    /// What the browser needs.
    pub credential: JoinCredential,
    /// When it stops to work for joining.
    pub expires_at: DateTime<Utc>,
}

/// What the browser needs to join. Silent in `Debug`, not serialisable, wiped when dropped.
#[derive(Clone)]
#[non_exhaustive]
pub enum JoinCredential {
    /// A server address and a token.
    Token {
        /// Where to connect.
        url: String,
        /// The secret.
        token: SecretString,
    },
    /// Two documents that the vendor's browser library takes as they are.
    Documents {
        /// About the room.
        room: SecretString,
        /// About the participant.
        participant: SecretString,
    },
    /// A link to be opened.
    Link {
        /// The secret.
        url: SecretString,
    },
}

impl JoinCredential {
    /// Reads the part that alone lets somebody in.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Token { token: secret, .. }
            | Self::Documents { participant: secret, .. }
            | Self::Link { url: secret } => secret.expose_secret(),
        }
    }
}

impl fmt::Debug for JoinCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token(…)",
            Self::Documents { .. } => "Documents(…)",
            Self::Link { .. } => "Link(…)",
        })
    }
}

/// From when a credential that was taken back is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoked {
    /// Now.
    Now,
    /// When it expires.
    AtExpiry,
}
