//! The port to video services: rooms and join credentials, under opaque ids only.
//!
//! The waiting room, admission, timers and roster are ours ([`crate::visit`]); a provider only carries media.

mod breaker;
mod capabilities;
mod error;
mod grant;
mod key;
mod recording;
mod residency;
mod retry;
mod room;
mod webhook;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use breaker::{Breaker, BreakerPolicy, Passage};
pub use capabilities::{Capabilities, Credentials, Recordings, Revocation, Rooms, Webhooks};
pub use error::{ProviderError, ProviderErrorKind, Retry};
pub use grant::{GrantId, JoinCredential, JoinGrant, Media, ParticipantSpec, Revoked};
pub use key::{IdempotencyKey, RoomSecret};
pub use recording::{RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus};
pub use residency::{NoRegion, Residency};
pub use retry::{Attempts, RetryPolicy};
pub use room::{ProviderId, Region, RoomDetails, RoomHandle, RoomSpec, RoomStatus};
pub use webhook::{Delivery, ProviderEvent, ProviderEventKind, WebhookError, WebhookRequest};

/// A video service.
///
/// Contract, each point held by `testing::conformance`:
/// * Only what the argument types carry leaves the practice: keys, grant ids, region, limits. No name, no reason.
/// * Every call may be repeated after a lost answer and then has the effect of one.
/// * `open_room`, key of a living room: that room, whatever the second spec says. A key is never used after its room
///   ended; the next room of a visit has the next generation.
/// * `open_room`, more seats or time than the service has: as much as it has.
/// * `open_room`, services without explicit rooms: no call, a handle derived from the key.
/// * `room_status`, ended or unknown room: `Ended`, which is an answer and no error. What cannot be told is `Unknown`,
///   and services without explicit rooms always say so. `Unknown` never ends a visit. A service that keeps a list of
///   who may come but none of who is there says `Alive`, never a guess.
/// * `close_room`, ended or unknown room: `Ok`. Everybody inside is disconnected.
/// * `join_grant`, ended room: `NotFound`, except where credentials are made locally without asking the service.
/// * `join_grant`, same grant id again: a credential for the same seat, never for a second one.
/// * `join_grant`, life time: `expires_at` is at most `now + spec.ttl`; nothing is minted without an expiry or for
///   more than the one room. Where the service's credentials know no expiry they die with the room and by `revoke`,
///   which is then [`Revocation::Immediate`].
/// * `revoke`, somebody who never joined, has left or is unknown: `Ok`. Who is inside is disconnected. The answer says
///   from when the credential is dead, as [`Capabilities::revoke`] declares; [`Revocation::None`] gives `Unsupported`.
/// * `set_media` of somebody who is not inside: `NotFound`; without [`Capabilities::media_permissions`]: `Unsupported`.
/// * `parse_webhook` verifies the signature over the raw bytes before it reads them. Unknown kinds of event and
///   participants that are not ours give no event and no error. [`Webhooks::None`] gives `Unsupported`.
/// * `start_recording`, key of a recording that runs: that recording. A key is never used after its recording ended.
/// * `stop_recording`, recording that stopped or is unknown: `Ok`. What was recorded is kept. The answer is the handle
///   to go on with: finishing the file may be another job of the service than making it.
/// * `recording_status` never says `Failed` for what it merely does not know: that is `Unknown`.
/// * `delete_recording`, file that is gone: `Ok`.
/// * All four: `Unsupported` where [`Capabilities::recording`] is [`Recordings::None`], `delete_recording` also without
///   [`Capabilities::recording_deletion`].
/// * `receive` hands out what waits in the queue of the service, and again whatever is not acknowledged;
///   empty except with [`Webhooks::Queue`].
/// * Errors name kind, code and request id of the service, never its message text.
#[async_trait]
pub trait TelehealthProvider: fmt::Debug + Send + Sync {
    /// Returns the stable name under which handles are kept.
    fn id(&self) -> ProviderId;

    /// Returns what the service can do; constant over the life of the value.
    fn capabilities(&self) -> Capabilities;

    /// Opens the room named by `key`.
    async fn open_room(&self, spec: &RoomSpec, key: &IdempotencyKey) -> Result<RoomHandle, ProviderError>;

    /// Asks whether the room lives and who is inside.
    async fn room_status(&self, room: &RoomHandle) -> Result<RoomStatus, ProviderError>;

    /// Ends the room for everybody.
    async fn close_room(&self, room: &RoomHandle) -> Result<(), ProviderError>;

    /// Mints the credential of one admitted participant.
    async fn join_grant(
        &self,
        room: &RoomHandle,
        participant: &ParticipantSpec,
        now: DateTime<Utc>,
    ) -> Result<JoinGrant, ProviderError>;

    /// Takes a credential back and disconnects whoever uses it.
    async fn revoke(&self, room: &RoomHandle, grant: &GrantId) -> Result<Revoked, ProviderError>;

    /// Changes what a participant may send.
    async fn set_media(&self, room: &RoomHandle, grant: &GrantId, media: Media) -> Result<(), ProviderError>;

    /// Starts the one recording of a room. Consent is the caller's duty.
    async fn start_recording(
        &self,
        _room: &RoomHandle,
        _media: RecordingMedia,
        _key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        Err(ProviderErrorKind::Unsupported.into())
    }

    /// Stops a recording.
    async fn stop_recording(&self, _recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        Err(ProviderErrorKind::Unsupported.into())
    }

    /// Asks how a recording stands.
    async fn recording_status(&self, _recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        Err(ProviderErrorKind::Unsupported.into())
    }

    /// Destroys the file of a recording.
    async fn delete_recording(&self, _recording: &RecordingHandle) -> Result<(), ProviderError> {
        Err(ProviderErrorKind::Unsupported.into())
    }

    /// Takes notifications out of the service's queue, waiting at most `wait` for the first.
    async fn receive(&self, _wait: Duration) -> Result<Vec<Delivery>, ProviderError> {
        Ok(Vec::new())
    }

    /// Removes notifications from the queue once what they say is stored.
    async fn acknowledge(&self, _receipts: &[String]) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Verifies and reads a notification from the service.
    ///
    /// # Errors
    /// [`WebhookError`]; nothing of the body may be believed then.
    fn parse_webhook(
        &self,
        request: &WebhookRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ProviderEvent>, WebhookError>;
}
