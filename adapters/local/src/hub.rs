//! The place where browsers are introduced: rooms, who may sit in them, and what they say to each other.
//!
//! Signals pass only between people inside the same room. Nothing said is read beyond its address, kept or logged.

mod inbox;
mod room;
mod seat;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::provider::{
    Delivery, GrantId, Media, ParticipantSpec, ProviderErrorKind, ProviderEventKind, RoomSpec,
};

pub use inbox::Bye;
use inbox::Inbox;
use room::{Departure, Room};
pub use seat::{Heard, Seat};

use crate::{LocalConfig, queue::Queue, token::Token};

/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = 64 << 10;
/// Most people in a room: everybody sends to everybody.
pub const CAPACITY: u32 = 8;

/// Why a token does not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Not ours, expired, taken back, of a room that ended, or older than the one its holder is inside with.
    #[error("the token lets nobody in")]
    Token,
    /// All seats are taken.
    #[error("the room is full")]
    Full,
}

/// The meeting place of all rooms. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    config: LocalConfig,
    places: Mutex<Places>,
    queue: Queue,
}

#[derive(Default)]
struct Places {
    rooms: HashMap<String, Room>,
    connections: u64,
}

/// A permission that was minted.
pub(crate) struct Minted {
    pub(crate) token: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) room_ends_at: DateTime<Utc>,
}

impl Hub {
    pub(crate) fn new(config: LocalConfig) -> Self {
        let queue = Queue::new((config.clock)());
        Self { shared: Arc::new(Shared { config, places: Mutex::default(), queue }) }
    }

    pub(crate) fn config(&self) -> &LocalConfig {
        &self.shared.config
    }

    /// Lets the holder of a token in. Whoever sits there already under the same name is told and gives way.
    ///
    /// # Errors
    /// The token is not good (any more), or the room is full.
    pub fn join(&self, token: &str) -> Result<Seat, JoinError> {
        let token = Token::verify(&self.config().secret, token).ok_or(JoinError::Token)?;
        let now = self.now();
        let mut places = self.places();
        places.connections += 1;
        let connection = places.connections;
        let room = places.rooms.get_mut(&token.room).filter(|room| room.ends_at > now).ok_or(JoinError::Token)?;
        if token.expiry <= now.timestamp_millis() {
            return Err(JoinError::Token);
        }
        let inbox = Arc::new(Inbox::default());
        let news = room.enter(token.grant, token.mint, connection, Arc::clone(&inbox))?;
        for kind in news {
            self.shared.queue.push(&token.room, now, kind);
        }
        drop(places);
        Ok(Seat::new(self.clone(), token.room, token.grant, connection, inbox))
    }

    pub(crate) fn open(&self, key: &str, spec: &RoomSpec) {
        self.sweep();
        let ends_at = self.now() + spec.max_duration.min(Duration::from_secs(86_400));
        let fresh = || Room::new(spec.capacity.min(CAPACITY), ends_at);
        self.places().rooms.entry(key.to_owned()).or_insert_with(fresh);
    }

    /// Lists who is inside, or `None` if the room ended.
    pub(crate) fn inside(&self, key: &str) -> Option<Vec<GrantId>> {
        let now = self.now();
        self.places().rooms.get(key).filter(|room| room.ends_at > now).map(Room::inside)
    }

    pub(crate) fn close(&self, key: &str) {
        if let Some(mut room) = self.places().rooms.remove(key) {
            room.end();
        }
    }

    pub(crate) fn mint(
        &self,
        key: &str,
        spec: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<Minted, ProviderErrorKind> {
        let mut places = self.places();
        let found = places.rooms.get_mut(key).filter(|room| room.ends_at > now);
        let room = found.ok_or(ProviderErrorKind::NotFound)?;
        let expires_at = (now + spec.ttl).min(room.ends_at);
        let expiry = expires_at.timestamp_millis();
        let token = Token { room: key.to_owned(), grant: spec.grant, mint: room.admit(spec), expiry };
        let room_ends_at = room.ends_at;
        Ok(Minted { token: token.sign(&self.config().secret), expires_at, room_ends_at })
    }

    pub(crate) fn revoke(&self, key: &str, grant: &GrantId) {
        if let Some(room) = self.places().rooms.get_mut(key) {
            room.revoke(grant);
        }
    }

    pub(crate) fn set_media(&self, key: &str, grant: &GrantId, media: Media) -> Result<(), ProviderErrorKind> {
        let mut places = self.places();
        let told = places.rooms.get_mut(key).is_some_and(|room| room.set_media(grant, media));
        if told { Ok(()) } else { Err(ProviderErrorKind::NotFound) }
    }

    pub(crate) async fn receive(&self, wait: Duration) -> Vec<Delivery> {
        self.sweep();
        self.shared.queue.receive(wait).await
    }

    pub(crate) fn acknowledge(&self, receipts: &[String]) {
        self.shared.queue.acknowledge(receipts);
    }

    /// Ends the rooms whose time is over.
    fn sweep(&self) {
        let now = self.now();
        self.places().rooms.retain(|key, room| {
            let lives = room.ends_at > now;
            if !lives {
                room.end();
                self.shared.queue.push(key, now, ProviderEventKind::RoomEnded);
            }
            lives
        });
    }

    fn depart(&self, key: &str, grant: GrantId, connection: u64, how: Departure) {
        let now = self.now();
        let mut places = self.places();
        if places.rooms.get_mut(key).is_some_and(|room| room.depart(grant, connection)) {
            let kind = match how {
                Departure::Left => ProviderEventKind::Left(grant),
                Departure::Dropped => ProviderEventKind::Dropped(grant),
            };
            self.shared.queue.push(key, now, kind);
        }
    }

    fn relay(&self, key: &str, from: GrantId, connection: u64, to: &GrantId, text: &str) {
        if let Some(room) = self.places().rooms.get(key) {
            room.relay(from, connection, to, text);
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.shared.config.clock)()
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.shared.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places();
        write!(f, "Hub({} rooms)", places.rooms.len())
    }
}
