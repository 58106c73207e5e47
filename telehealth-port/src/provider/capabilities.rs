//! What a video service can do; services are unequal and say so.

use std::time::Duration;

use super::Region;

/// What a service can do. Starts from the least; an adapter raises what its vendor offers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// How rooms come to be.
    pub rooms: Rooms,
    /// How join credentials come to be.
    pub credentials: Credentials,
    /// What taking a credential back achieves.
    pub revoke: Revocation,
    /// Whether `set_media` works.
    pub media_permissions: bool,
    /// Who records.
    pub recording: Recordings,
    /// Seats of a room that a running recording takes.
    pub recording_seats: u32,
    /// Whether `delete_recording` works; without it the practice's own storage forgets by its own rules.
    pub recording_deletion: bool,
    /// How notifications are authenticated.
    pub webhooks: Webhooks,
    /// Whether media flows through machines of the practice alone, so that no business associate is involved
    /// (45 CFR 160.103) and no region has to be chosen.
    pub self_hosted: bool,
    /// People per room, bots included.
    pub max_participants: Option<u32>,
    /// Longest life of a room.
    pub max_duration: Option<Duration>,
    /// After how long an empty room is ended by the service.
    pub idle_close: Option<Duration>,
    /// Media regions that may be asked for; empty where the service offers no choice.
    pub regions: Vec<Region>,
}

impl Capabilities {
    /// Declares a service without revocation, media control, webhooks, recording or limits.
    #[must_use]
    pub const fn new(rooms: Rooms, credentials: Credentials) -> Self {
        Self {
            rooms,
            credentials,
            revoke: Revocation::None,
            media_permissions: false,
            recording: Recordings::None,
            recording_seats: 0,
            recording_deletion: false,
            webhooks: Webhooks::None,
            self_hosted: false,
            max_participants: None,
            max_duration: None,
            idle_close: None,
            regions: Vec::new(),
        }
    }
}

/// How rooms come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rooms {
    /// By a call; the service knows the room before anybody joins.
    Explicit,
    /// By the first join; the service cannot be asked about them.
    Implicit,
}

/// How join credentials come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A call to the service; an ended room is noticed.
    ServerCall,
    /// Signed here without a call; an ended room is not noticed.
    Local,
    /// A link for everybody who has it.
    ExternalLink,
}

/// What taking a credential back achieves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// Disconnected, and the credential is dead at once.
    Immediate,
    /// Disconnected, but the credential stays good until it expires: keep it short.
    UntilExpiry,
    /// Nothing.
    None,
}

/// Who records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recordings {
    /// Nobody.
    None,
    /// The service, into storage of the practice.
    Service,
}

/// How notifications are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Webhooks {
    /// A keyed hash over the request.
    Hmac,
    /// A signed token that carries the hash of the body.
    SignedToken,
    /// A password over a connection that nobody else can read; what is said is not signed.
    Password,
    /// A queue that only the service can write to.
    Queue,
    /// There are none; the room's status is polled.
    None,
}
