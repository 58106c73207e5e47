//! One room: who may come, who sits there, and who is told what.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::{
    ParticipantId,
    provider::{GrantId, Media, ParticipantSpec, ProviderEventKind},
};
use serde_json::{Value, json};

use super::{Bye, Inbox, JoinError};

pub(super) struct Room {
    capacity: u32,
    pub(super) ends_at: DateTime<Utc>,
    mints: u64,
    admitted: HashMap<GrantId, Permission>,
    seats: BTreeMap<ParticipantId, Taken>,
}

struct Permission {
    mint: u64,
    media: Media,
}

struct Taken {
    grant: GrantId,
    connection: u64,
    inbox: Arc<Inbox>,
}

/// How somebody went.
#[derive(Clone, Copy)]
pub(super) enum Departure {
    Left,
    Dropped,
}

impl Room {
    pub(super) fn new(capacity: u32, ends_at: DateTime<Utc>) -> Self {
        Self { capacity, ends_at, mints: 0, admitted: HashMap::new(), seats: BTreeMap::new() }
    }

    pub(super) fn inside(&self) -> Vec<GrantId> {
        self.seats.values().map(|seat| seat.grant).collect()
    }

    /// Permits a grant and numbers the permission; the same grant again keeps its number until it is taken back.
    pub(super) fn admit(&mut self, spec: &ParticipantSpec) -> u64 {
        let next = self.mints + 1;
        let permission = self.admitted.entry(spec.grant).or_insert(Permission { mint: next, media: spec.media });
        self.mints = self.mints.max(permission.mint);
        permission.mint
    }

    pub(super) fn enter(
        &mut self,
        grant: GrantId,
        mint: u64,
        connection: u64,
        inbox: Arc<Inbox>,
    ) -> Result<Vec<ProviderEventKind>, JoinError> {
        let permission = self.admitted.get(&grant).filter(|permission| permission.mint == mint);
        let media = permission.ok_or(JoinError::Token)?.media;
        let before = self.seats.get(&grant.participant).map(|seat| seat.grant);
        let news = match before {
            None if self.seats.len() >= self.capacity as usize => return Err(JoinError::Full),
            None => vec![ProviderEventKind::Joined(grant)],
            Some(before) if before.serial > grant.serial => return Err(JoinError::Token),
            Some(before) if before == grant => Vec::new(),
            Some(before) => vec![ProviderEventKind::Left(before), ProviderEventKind::Joined(grant)],
        };
        self.put_out(grant.participant, Bye::Replaced);
        let peers: Vec<_> = self.seats.values().map(|seat| self.peer(seat.grant)).collect();
        inbox.push(&json!({ "type": "welcome", "you": grant, "media": document(media), "peers": peers }).to_string());
        self.tell(&json!({ "type": "joined", "peer": self.peer(grant) }));
        self.seats.insert(grant.participant, Taken { grant, connection, inbox });
        Ok(news)
    }

    /// Frees the seat of a connection that ended; false if it was lost before.
    pub(super) fn depart(&mut self, grant: GrantId, connection: u64) -> bool {
        let sits = self.seats.get(&grant.participant).is_some_and(|seat| seat.connection == connection);
        if sits {
            self.put_out(grant.participant, Bye::Ended);
        }
        sits
    }

    pub(super) fn revoke(&mut self, grant: &GrantId) {
        self.admitted.remove(grant);
        if self.seats.get(&grant.participant).is_some_and(|seat| seat.grant == *grant) {
            self.put_out(grant.participant, Bye::Removed);
        }
    }

    /// Changes what somebody may send and tells everybody; false if they are not inside.
    pub(super) fn set_media(&mut self, grant: &GrantId, media: Media) -> bool {
        let sits = self.seats.get(&grant.participant).is_some_and(|seat| seat.grant == *grant);
        if let Some(permission) = self.admitted.get_mut(grant).filter(|_| sits) {
            permission.media = media;
            self.tell(&json!({ "type": "media", "peer": grant, "media": document(media) }));
        }
        sits
    }

    pub(super) fn relay(&self, from: GrantId, connection: u64, to: &GrantId, text: &str) {
        let sits = self.seats.get(&from.participant).is_some_and(|seat| seat.connection == connection);
        let reader = self.seats.get(&to.participant).filter(|seat| sits && seat.grant == *to);
        if let Some(reader) = reader.filter(|reader| reader.grant != from) {
            reader.inbox.push(text);
        }
    }

    pub(super) fn end(&mut self) {
        for seat in std::mem::take(&mut self.seats).into_values() {
            seat.inbox.end(Bye::Ended);
        }
        self.admitted.clear();
    }

    fn put_out(&mut self, who: ParticipantId, bye: Bye) {
        if let Some(seat) = self.seats.remove(&who) {
            seat.inbox.end(bye);
            self.tell(&json!({ "type": "left", "peer": seat.grant }));
        }
    }

    fn peer(&self, grant: GrantId) -> Value {
        let media = self.admitted.get(&grant).map_or(Media::NONE, |permission| permission.media);
        json!({ "id": grant, "media": document(media) })
    }

    fn tell(&self, message: &Value) {
        let text = message.to_string();
        for seat in self.seats.values() {
            seat.inbox.push(&text);
        }
    }
}

fn document(media: Media) -> Value {
    json!({ "audio": media.audio, "video": media.video, "screen": media.screen })
}
