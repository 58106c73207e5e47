//! The contract of [`TelehealthProvider`] as plain behaviours; [`provider_conformance!`](crate::provider_conformance)
//! turns them into tests. They need a service, or a faithful fake of one, that nobody else uses meanwhile.
//!
//! Each behaviour panics where the provider breaks the contract.

#![expect(clippy::missing_panics_doc, reason = "all of them panic, as the module says")]

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_core::VisitId;
use uuid::Uuid;

use crate::ParticipantId;
use crate::provider::{
    Credentials, GrantId, IdempotencyKey, Media, ParticipantSpec, ProviderError, ProviderErrorKind, Revocation,
    Revoked, RoomHandle, RoomSecret, RoomSpec, RoomStatus, Rooms, TelehealthProvider, WebhookRequest,
};

/// Opening a room twice with one key gives one room.
pub async fn one_key_opens_one_room(provider: &dyn TelehealthProvider) {
    let first = open(provider, 1).await;
    let second = open(provider, 1).await;
    assert_eq!(first.room, second.room, "the same key must name the same room");
    assert_eq!(first.key, second.key);
    tidy(provider, &first).await;
}

/// Two keys give two rooms.
pub async fn two_keys_open_two_rooms(provider: &dyn TelehealthProvider) {
    let (first, second) = (open(provider, 2).await, open(provider, 3).await);
    assert_ne!(first.room, second.room, "different keys must not share a room");
    tidy(provider, &first).await;
    tidy(provider, &second).await;
}

/// A handle names its provider and the key it was asked for.
pub async fn a_handle_tells_whose_room_it_is(provider: &dyn TelehealthProvider) {
    let room = open(provider, 4).await;
    assert_eq!(room.provider, provider.id());
    assert_eq!(room.key, key(4));
    tidy(provider, &room).await;
}

/// A room that was opened lives, as far as the service can tell, and holds nobody yet.
pub async fn an_opened_room_is_not_ended(provider: &dyn TelehealthProvider) {
    let room = open(provider, 5).await;
    let expected = match provider.capabilities().rooms {
        Rooms::Explicit => RoomStatus::Open { inside: Vec::new() },
        Rooms::Implicit => RoomStatus::Unknown,
    };
    assert_eq!(provider.room_status(&room).await, Ok(expected));
    tidy(provider, &room).await;
}

/// Closing a room twice succeeds twice.
pub async fn closing_twice_is_closing_once(provider: &dyn TelehealthProvider) {
    let room = open(provider, 6).await;
    assert_eq!(provider.close_room(&room).await, Ok(()));
    assert_eq!(provider.close_room(&room).await, Ok(()), "an ended room must close without error");
}

/// A closed room is ended, which is an answer and no error.
pub async fn a_closed_room_is_ended(provider: &dyn TelehealthProvider) {
    let room = open(provider, 7).await;
    tidy(provider, &room).await;
    let expected = match provider.capabilities().rooms {
        Rooms::Explicit => RoomStatus::Ended,
        Rooms::Implicit => RoomStatus::Unknown,
    };
    assert_eq!(provider.room_status(&room).await, Ok(expected));
}

/// A credential lives at most as long as was asked for.
pub async fn a_credential_expires_in_time(provider: &dyn TelehealthProvider) {
    let room = open(provider, 8).await;
    for ttl in [TTL, Duration::from_secs(30)] {
        let minted = provider.join_grant(&room, &ParticipantSpec { ttl, ..spec(1) }, now()).await;
        let minted = minted.unwrap_or_else(|error| panic!("a credential must be minted: {error}"));
        assert!(minted.expires_at > now(), "a credential must not be dead at birth");
        assert!(minted.expires_at <= now() + ttl, "a credential must not outlive what was asked for");
    }
    tidy(provider, &room).await;
}

/// A credential shows nothing of itself in `Debug`.
pub async fn a_credential_is_silent(provider: &dyn TelehealthProvider) {
    let room = open(provider, 9).await;
    let minted = provider.join_grant(&room, &spec(1), now()).await;
    let minted = minted.unwrap_or_else(|error| panic!("a credential must be minted: {error}"));
    assert!(!minted.credential.expose().is_empty(), "a credential must not be empty");
    assert!(!format!("{minted:?}").contains(minted.credential.expose()), "a credential must not be printed");
    tidy(provider, &room).await;
}

/// Two people get two credentials.
pub async fn two_people_get_two_credentials(provider: &dyn TelehealthProvider) {
    let room = open(provider, 10).await;
    let first = provider.join_grant(&room, &spec(1), now()).await;
    let second = provider.join_grant(&room, &spec(2), now()).await;
    let (Ok(first), Ok(second)) = (first, second) else { panic!("credentials must be minted") };
    let shared = provider.capabilities().credentials == Credentials::ExternalLink;
    assert!(shared || first.credential.expose() != second.credential.expose(), "nobody may share a credential");
    tidy(provider, &room).await;
}

/// A room that ended gives no credential, unless credentials are made without asking the service.
pub async fn an_ended_room_gives_no_credential(provider: &dyn TelehealthProvider) {
    if provider.capabilities().credentials != Credentials::ServerCall {
        return;
    }
    let room = open(provider, 11).await;
    tidy(provider, &room).await;
    let refused = provider.join_grant(&room, &spec(1), now()).await.map(|_| ());
    assert_eq!(kind(refused), Some(ProviderErrorKind::NotFound));
}

/// Taking back what nobody uses succeeds, again and again, and says what the capabilities promise.
pub async fn revoking_somebody_absent_succeeds(provider: &dyn TelehealthProvider) {
    let room = open(provider, 12).await;
    for _ in 0..2 {
        let answer = provider.revoke(&room, &spec(1).grant).await;
        match provider.capabilities().revoke {
            Revocation::Immediate => assert_eq!(answer, Ok(Revoked::Now)),
            Revocation::UntilExpiry => assert_eq!(answer, Ok(Revoked::AtExpiry)),
            Revocation::None => assert_eq!(kind(answer), Some(ProviderErrorKind::Unsupported)),
        }
    }
    tidy(provider, &room).await;
}

/// Media of somebody absent cannot be set; without the ability nobody's can.
pub async fn media_of_somebody_absent_cannot_be_set(provider: &dyn TelehealthProvider) {
    let room = open(provider, 13).await;
    let answer = provider.set_media(&room, &spec(1).grant, Media::AUDIO).await;
    let able = provider.capabilities().media_permissions;
    let expected = if able { ProviderErrorKind::NotFound } else { ProviderErrorKind::Unsupported };
    assert_eq!(kind(answer), Some(expected));
    tidy(provider, &room).await;
}

/// A webhook without a signature is not believed.
pub async fn an_unsigned_webhook_is_refused(provider: &dyn TelehealthProvider) {
    for body in [b"".as_slice(), b"{}", b"[]", b"\xff\x00", b"event=room-ended"] {
        let request = WebhookRequest { url: "https://practice.invalid/hooks", headers: &[], body };
        assert!(provider.parse_webhook(&request, now()).is_err(), "an unsigned webhook must be refused");
    }
}

/// Capabilities do not change.
pub async fn capabilities_are_constant(provider: &dyn TelehealthProvider) {
    let before = (provider.id(), provider.capabilities());
    let room = open(provider, 14).await;
    tidy(provider, &room).await;
    assert_eq!(before, (provider.id(), provider.capabilities()));
}

const TTL: Duration = Duration::from_secs(300);

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_600)
}

fn key(number: u32) -> IdempotencyKey {
    IdempotencyKey::derive(&RoomSecret::new([7; 32]), VisitId::from_uuid(Uuid::from_u128(0xC0F0)), number)
}

fn spec(number: u128) -> ParticipantSpec {
    let participant = ParticipantId::from_uuid(Uuid::from_u128(number));
    ParticipantSpec { grant: GrantId { participant, serial: 1 }, media: Media::ALL, ttl: TTL }
}

async fn open(provider: &dyn TelehealthProvider, number: u32) -> RoomHandle {
    let spec = RoomSpec { region: None, capacity: 4, max_duration: Duration::from_secs(7200) };
    let opened = provider.open_room(&spec, &key(number)).await;
    opened.unwrap_or_else(|error| panic!("a room must open: {error}"))
}

async fn tidy(provider: &dyn TelehealthProvider, room: &RoomHandle) {
    assert_eq!(provider.close_room(room).await, Ok(()), "a room must close");
}

fn kind<T>(result: Result<T, ProviderError>) -> Option<ProviderErrorKind> {
    result.err().map(|error| error.kind)
}

/// Makes a `#[tokio::test]` of every behaviour in [`testing::conformance`](crate::testing::conformance). The argument is
/// evaluated once per test and may use `.await`; put the call into a module of its own.
#[macro_export]
macro_rules! provider_conformance {
    ($provider:expr) => {
        $crate::provider_conformance! { @tests $provider;
            one_key_opens_one_room two_keys_open_two_rooms a_handle_tells_whose_room_it_is an_opened_room_is_not_ended
            closing_twice_is_closing_once a_closed_room_is_ended a_credential_expires_in_time a_credential_is_silent
            two_people_get_two_credentials an_ended_room_gives_no_credential revoking_somebody_absent_succeeds
            media_of_somebody_absent_cannot_be_set an_unsigned_webhook_is_refused capabilities_are_constant
        }
    };
    (@tests $provider:expr; $($behaviour:ident)+) => {$(
        #[::tokio::test]
        async fn $behaviour() {
            let provider = $provider;
            $crate::testing::conformance::$behaviour(&provider).await;
        }
    )+};
}
