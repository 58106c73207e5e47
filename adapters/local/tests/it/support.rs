//! A provider on a clock that is set by hand, and browsers that sit in its rooms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_local::{Heard, IceServer, LocalConfig, LocalProvider, Seat};
use mentalspace_telehealth_port::{
    ParticipantId,
    provider::{
        GrantId, IdempotencyKey, JoinCredential, JoinGrant, Media, ParticipantSpec, RoomHandle, RoomSpec,
        TelehealthProvider,
    },
};
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

pub(crate) struct Stage {
    pub(crate) provider: LocalProvider,
    millis: Arc<AtomicI64>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Vec::new())
    }

    pub(crate) fn with(ice: Vec<IceServer>) -> Self {
        let begin = DateTime::UNIX_EPOCH + TimeDelta::days(20_600);
        let millis = Arc::new(AtomicI64::new(begin.timestamp_millis()));
        let hand = Arc::clone(&millis);
        let clock = move || DateTime::from_timestamp_millis(hand.load(Ordering::Relaxed)).unwrap();
        let mut config = LocalConfig::new([7; 32], Arc::new(clock));
        config.ice = ice;
        Self { provider: LocalProvider::new(config), millis }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.millis.load(Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) async fn open(&self, key: &str, capacity: u32) -> RoomHandle {
        let spec = RoomSpec { region: None, capacity, max_duration: Duration::from_secs(7200) };
        self.provider.open_room(&spec, &IdempotencyKey::parse(key).unwrap()).await.unwrap()
    }

    pub(crate) async fn mint(&self, room: &RoomHandle, grant: GrantId) -> JoinGrant {
        let spec = ParticipantSpec { grant, media: Media::ALL, ttl: Duration::from_secs(300) };
        self.provider.join_grant(room, &spec, self.now()).await.unwrap()
    }

    pub(crate) async fn token(&self, room: &RoomHandle, grant: GrantId) -> String {
        token(&self.mint(room, grant).await.credential)
    }

    pub(crate) async fn sit(&self, room: &RoomHandle, grant: GrantId) -> Seat {
        self.provider.hub().join(&self.token(room, grant).await).unwrap()
    }
}

pub(crate) fn grant(who: u128, serial: u32) -> GrantId {
    GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(who)), serial }
}

pub(crate) fn documents(credential: &JoinCredential) -> (Value, Value) {
    let JoinCredential::Documents { room, participant } = credential else { panic!("documents are due") };
    let read = |text: &secrecy::SecretString| serde_json::from_str(text.expose_secret()).unwrap();
    (read(room), read(participant))
}

pub(crate) fn token(credential: &JoinCredential) -> String {
    documents(credential).1["token"].as_str().unwrap().to_owned()
}

/// What a browser hears next; nothing may be on its way where nothing is due.
pub(crate) async fn hear(seat: &mut Seat) -> Value {
    match tokio::time::timeout(Duration::from_secs(1), seat.next()).await {
        Ok(Heard::Text(text)) => serde_json::from_str(&text).unwrap(),
        Ok(Heard::Bye(bye)) => Value::String(bye.reason().to_owned()),
        Err(_) => Value::Null,
    }
}
