//! A room at a video service.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{GrantId, IdempotencyKey};
use crate::id::opaque_text;

opaque_text! {
    /// The stable name of a video service, such as `livekit`.
    ProviderId, "provider id", 2..=32
}

opaque_text! {
    /// A media region in the words of the service, such as `us-east-1`.
    Region, "region", 2..=64
}

/// What a room must offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSpec {
    /// Where media should flow; the service's default if none.
    pub region: Option<Region>,
    /// Most people inside, bots included.
    pub capacity: u32,
    /// How long the room may live.
    pub max_duration: Duration,
}

/// A room that was opened: what the adapter needs to find it again. Stored with the visit, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomHandle {
    /// Whose room it is.
    pub provider: ProviderId,
    /// The key it was opened with.
    pub key: IdempotencyKey,
    /// The service's own id of the room, as notifications name it.
    pub room: String,
    /// Whatever else the adapter or the browser needs, in the adapter's own format.
    pub details: RoomDetails,
}

/// Adapter data of a room, such as its secret or the vendor's meeting document. Silent in `Debug`; serialised only so
/// that it can be sealed into the store.
#[derive(Clone, Default)]
pub struct RoomDetails(SecretString);

impl RoomDetails {
    /// Keeps `text` for the adapter.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Reads the text back.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for RoomDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomDetails(…)")
    }
}

impl PartialEq for RoomDetails {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for RoomDetails {}

impl Serialize for RoomDetails {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for RoomDetails {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// What the service says about a room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomStatus {
    /// It lives.
    Open {
        /// Who is connected, as far as they are ours.
        inside: Vec<GrantId>,
    },
    /// It lives; who is connected the service does not tell.
    Alive,
    /// It ended or never was.
    Ended,
    /// The service cannot tell.
    Unknown,
}
