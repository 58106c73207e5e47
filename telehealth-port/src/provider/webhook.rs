//! Notifications from a video service: verified on the raw bytes, told in our words.

use chrono::{DateTime, Utc};

use super::GrantId;

/// A notification as it came over HTTP or from a queue.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// The public address exactly as the service was told.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The bytes as received.
    pub body: &'a [u8],
}

impl<'a> WebhookRequest<'a> {
    /// Returns the header of that name, whatever its case; `None` as well if it came twice, since then it proves
    /// nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }
}

impl std::fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebhookRequest({} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}

/// Something the service noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The service's id of the event; the same id again is the same event.
    pub id: String,
    /// When it happened, by the service's clock.
    pub at: DateTime<Utc>,
    /// The service's id of the room, as in [`RoomHandle::room`](super::RoomHandle::room).
    pub room: String,
    /// What happened.
    pub kind: ProviderEventKind,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderEventKind {
    /// The room ended.
    RoomEnded,
    /// Somebody connected.
    Joined(GrantId),
    /// Somebody left on purpose.
    Left(GrantId),
    /// A connection broke.
    Dropped(GrantId),
    /// A recording of the room changed: ask how it stands.
    RecordingChanged,
}

/// What came out of the service's queue in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What acknowledges it.
    pub receipt: String,
    /// What it says; empty if it is none of ours.
    pub events: Vec<ProviderEvent>,
}

/// Why a notification is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// No signature, or not that of the service.
    #[error("webhook signature is missing or wrong")]
    Signature,
    /// Signed too long ago or in the future.
    #[error("webhook time is more than five minutes off")]
    Stale,
    /// Signed, but not readable.
    #[error("webhook body is not understood")]
    Malformed,
    /// The service sends none.
    #[error("webhooks are not supported by this service")]
    Unsupported,
}
