//! The contract of [`TelehealthProvider`] as plain behaviours; [`provider_conformance!`](crate::provider_conformance)
//! turns them into tests. They need a service, or a faithful fake of one, that nobody else uses meanwhile.
//!
//! Each behaviour panics where the provider breaks the contract.

#![expect(clippy::missing_panics_doc, reason = "all of them panic, as the module says")]

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_core::VisitId;
use uuid::Uuid;

use crate::ParticipantId;
use crate::provider::{
    Credentials, GrantId, IdempotencyKey, JoinCredential, Media, ParticipantSpec, ProviderError, ProviderErrorKind,
    ProviderEventKind, RecordingMedia, RecordingStatus, Recordings, Retry, Revocation, Revoked, RoomHandle, RoomSecret,
    RoomSpec, RoomStatus, Rooms, TelehealthProvider, WebhookError, WebhookRequest, Webhooks,
};

/// A provider with the service it speaks to. What a set-up cannot arrange it declines, and the behaviour is not shown.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Returns the provider.
    fn provider(&self) -> &dyn TelehealthProvider;

    /// Returns the present instant by the service's clock.
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_600)
    }

    /// Lets the service refuse the next call for lack of room; false if that cannot be arranged.
    async fn throttle_next(&self) -> bool {
        false
    }

    /// Lets the next call have its effect but loses its answer; false if that cannot be arranged.
    async fn lose_next_answer(&self) -> bool {
        false
    }

    /// Lets a good part of all further calls go wrong: refused, or done and the answer lost; false if that cannot be
    /// arranged.
    async fn fail_often(&self) -> bool {
        false
    }

    /// Returns everything that reached the service so far, word for word, if that is kept.
    async fn sent(&self) -> Option<String> {
        None
    }

    /// Counts the living rooms of the service, if it can be asked.
    async fn living_rooms(&self) -> Option<usize> {
        None
    }

    /// Plays a browser that joins with a credential; tells whether it got in, and `None` if it cannot be played.
    async fn join(&self, _room: &RoomHandle, _credential: &JoinCredential) -> Option<bool> {
        None
    }

    /// Makes the notification that the room ended, as the service would send it at `at`.
    async fn room_ended(&self, _room: &RoomHandle, _at: DateTime<Utc>) -> Option<Notification> {
        None
    }
}

#[async_trait]
impl<P: TelehealthProvider> Subject for P {
    fn provider(&self) -> &dyn TelehealthProvider {
        self
    }
}

/// A notification as the service would send it.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Where to.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Notification {
    fn read(&self, subject: &dyn Subject, now: DateTime<Utc>) -> Result<Vec<ProviderEventKind>, WebhookError> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = WebhookRequest { url: &self.url, headers: &headers, body: &self.body };
        let events = subject.provider().parse_webhook(&request, now)?;
        Ok(events.into_iter().map(|event| event.kind).collect())
    }
}

/// Opening a room twice with one key gives one room.
pub async fn one_key_opens_one_room(subject: &dyn Subject) {
    let provider = subject.provider();
    let first = open(provider, 1).await;
    let second = open(provider, 1).await;
    assert_eq!(first.room, second.room, "the same key must name the same room");
    assert_eq!(first.key, second.key);
    tidy(provider, &first).await;
}

/// Two keys give two rooms.
pub async fn two_keys_open_two_rooms(subject: &dyn Subject) {
    let provider = subject.provider();
    let (first, second) = (open(provider, 2).await, open(provider, 3).await);
    assert_ne!(first.room, second.room, "different keys must not share a room");
    tidy(provider, &first).await;
    tidy(provider, &second).await;
}

/// A handle names its provider and the key it was asked for.
pub async fn a_handle_tells_whose_room_it_is(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 4).await;
    assert_eq!(room.provider, provider.id());
    assert_eq!(room.key, key(4));
    tidy(provider, &room).await;
}

/// A room that was opened lives, as far as the service can tell, and holds nobody yet.
pub async fn an_opened_room_is_not_ended(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 5).await;
    let status = provider.room_status(&room).await;
    let expected: &[_] = match provider.capabilities().rooms {
        Rooms::Explicit => &[RoomStatus::Open { inside: Vec::new() }, RoomStatus::Alive],
        Rooms::Implicit => &[RoomStatus::Unknown],
    };
    assert!(matches!(&status, Ok(known) if expected.contains(known)), "an opened room must live, not {status:?}");
    tidy(provider, &room).await;
}

/// Closing a room twice succeeds twice.
pub async fn closing_twice_is_closing_once(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 6).await;
    assert_eq!(provider.close_room(&room).await, Ok(()));
    assert_eq!(provider.close_room(&room).await, Ok(()), "an ended room must close without error");
}

/// A closed room is ended, which is an answer and no error.
pub async fn a_closed_room_is_ended(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 7).await;
    tidy(provider, &room).await;
    let expected = match provider.capabilities().rooms {
        Rooms::Explicit => RoomStatus::Ended,
        Rooms::Implicit => RoomStatus::Unknown,
    };
    assert_eq!(provider.room_status(&room).await, Ok(expected));
}

/// A credential lives at most as long as was asked for.
pub async fn a_credential_expires_in_time(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 8).await;
    for ttl in [TTL, Duration::from_secs(30)] {
        let minted = provider.join_grant(&room, &ParticipantSpec { ttl, ..spec(1) }, subject.now()).await;
        let minted = minted.unwrap_or_else(|error| panic!("a credential must be minted: {error}"));
        assert!(minted.expires_at > subject.now(), "a credential must not be dead at birth");
        assert!(minted.expires_at <= subject.now() + ttl, "a credential must not outlive what was asked for");
    }
    tidy(provider, &room).await;
}

/// A credential shows nothing of itself in `Debug`.
pub async fn a_credential_is_silent(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 9).await;
    let minted = provider.join_grant(&room, &spec(1), subject.now()).await;
    let minted = minted.unwrap_or_else(|error| panic!("a credential must be minted: {error}"));
    assert!(!minted.credential.expose().is_empty(), "a credential must not be empty");
    assert!(!format!("{minted:?}").contains(minted.credential.expose()), "a credential must not be printed");
    tidy(provider, &room).await;
}

/// Two people get two credentials.
pub async fn two_people_get_two_credentials(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 10).await;
    let first = provider.join_grant(&room, &spec(1), subject.now()).await;
    let second = provider.join_grant(&room, &spec(2), subject.now()).await;
    let (Ok(first), Ok(second)) = (first, second) else { panic!("credentials must be minted") };
    let shared = provider.capabilities().credentials == Credentials::ExternalLink;
    assert!(shared || first.credential.expose() != second.credential.expose(), "nobody may share a credential");
    tidy(provider, &room).await;
}

/// A room that ended gives no credential, unless credentials are made without asking the service.
pub async fn an_ended_room_gives_no_credential(subject: &dyn Subject) {
    let provider = subject.provider();
    if provider.capabilities().credentials != Credentials::ServerCall {
        return;
    }
    let room = open(provider, 11).await;
    tidy(provider, &room).await;
    let refused = provider.join_grant(&room, &spec(1), subject.now()).await.map(|_| ());
    assert_eq!(kind(refused), Some(ProviderErrorKind::NotFound));
}

/// Taking back what nobody uses succeeds, again and again, and says what the capabilities promise.
pub async fn revoking_somebody_absent_succeeds(subject: &dyn Subject) {
    let provider = subject.provider();
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
pub async fn media_of_somebody_absent_cannot_be_set(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 13).await;
    let answer = provider.set_media(&room, &spec(1).grant, Media::AUDIO).await;
    let able = provider.capabilities().media_permissions;
    let expected = if able { ProviderErrorKind::NotFound } else { ProviderErrorKind::Unsupported };
    assert_eq!(kind(answer), Some(expected));
    tidy(provider, &room).await;
}

/// A webhook without a signature is not believed.
pub async fn an_unsigned_webhook_is_refused(subject: &dyn Subject) {
    let provider = subject.provider();
    for body in [b"".as_slice(), b"{}", b"[]", b"\xff\x00", b"event=room-ended"] {
        let request = WebhookRequest { url: "https://practice.invalid/hooks", headers: &[], body };
        assert!(provider.parse_webhook(&request, subject.now()).is_err(), "an unsigned webhook must be refused");
    }
}

/// A genuine notification is believed, and once more when it comes again: the same id tells that it did.
pub async fn a_genuine_webhook_is_believed(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 15).await;
    if let Some(told) = subject.room_ended(&room, subject.now()).await {
        assert_eq!(told.read(subject, subject.now()), Ok(vec![ProviderEventKind::RoomEnded]));
        assert_eq!(told.read(subject, subject.now()), Ok(vec![ProviderEventKind::RoomEnded]));
    }
    tidy(provider, &room).await;
}

/// A notification that was changed on the way, or carries another's signature, is not believed.
pub async fn a_forged_webhook_is_refused(subject: &dyn Subject) {
    let provider = subject.provider();
    let (room, other) = (open(provider, 16).await, open(provider, 17).await);
    if let Some(told) = subject.room_ended(&room, subject.now()).await {
        // A password tells who speaks and not what was said.
        let signed = provider.capabilities().webhooks != Webhooks::Password;
        let ends = [0, told.body.len() / 2, told.body.len().saturating_sub(1)];
        for at in ends.into_iter().filter(|_| signed) {
            let mut forged = told.clone();
            forged.body[at] ^= 1;
            assert!(forged.read(subject, subject.now()).is_err(), "a changed body must be refused");
        }
        let mut bare = told.clone();
        bare.headers.clear();
        assert!(bare.read(subject, subject.now()).is_err(), "a notification without signature must be refused");
    }
    tidy(provider, &room).await;
    tidy(provider, &other).await;
}

/// A notification from long ago, or from the future, is not believed where its time is signed.
pub async fn an_old_webhook_is_refused(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 18).await;
    for off in [TimeDelta::minutes(-10), TimeDelta::minutes(10)] {
        if let Some(told) = subject.room_ended(&room, subject.now() + off).await {
            assert_eq!(told.read(subject, subject.now()), Err(WebhookError::Stale));
        }
    }
    tidy(provider, &room).await;
}

/// A call refused for lack of room says so, and succeeds when it is repeated.
pub async fn a_throttled_call_may_be_repeated(subject: &dyn Subject) {
    let provider = subject.provider();
    if !subject.throttle_next().await {
        return;
    }
    let spec = RoomSpec { region: None, capacity: 4, max_duration: Duration::from_secs(7200) };
    let refused = provider.open_room(&spec, &key(19)).await;
    let advice = refused.as_ref().err().map(ProviderError::retry);
    assert!(matches!(advice, Some(Retry::Backoff(_))), "a throttled call must advise a repetition, not {advice:?}");
    let room = open(provider, 19).await;
    tidy(provider, &room).await;
}

/// A call whose answer was lost is repeated without a second room.
pub async fn a_lost_answer_costs_no_second_room(subject: &dyn Subject) {
    let provider = subject.provider();
    if !subject.lose_next_answer().await {
        return;
    }
    let before = subject.living_rooms().await;
    let spec = RoomSpec { region: None, capacity: 4, max_duration: Duration::from_secs(7200) };
    let lost = provider.open_room(&spec, &key(20)).await;
    let advice = lost.as_ref().err().map(ProviderError::retry);
    assert!(matches!(advice, Some(Retry::Backoff(_))), "a lost answer must advise a repetition, not {advice:?}");
    let room = open(provider, 20).await;
    if let (Some(before), Some(after)) = (before, subject.living_rooms().await) {
        assert_eq!(after, before + 1, "a lost answer must not leave a second room");
    }
    tidy(provider, &room).await;
}

/// Whoever is let in gets in; once the credential is taken back, and once the room is closed, nobody does.
pub async fn a_credential_lets_in_until_it_is_taken_back(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 21).await;
    let minted = provider.join_grant(&room, &spec(1), subject.now()).await;
    let minted = minted.unwrap_or_else(|error| panic!("a credential must be minted: {error}"));
    if let Some(got_in) = subject.join(&room, &minted.credential).await {
        assert!(got_in, "a fresh credential must let in");
        if provider.capabilities().revoke == Revocation::Immediate {
            assert_eq!(provider.revoke(&room, &spec(1).grant).await, Ok(Revoked::Now));
            let again = subject.join(&room, &minted.credential).await;
            assert_eq!(again, Some(false), "a credential that was taken back must not let in");
        }
        let second = provider.join_grant(&room, &spec(2), subject.now()).await;
        tidy(provider, &room).await;
        if let Ok(second) = second {
            let late = subject.join(&room, &second.credential).await;
            assert_eq!(late, Some(false), "a closed room must let nobody in");
        }
        return;
    }
    tidy(provider, &room).await;
}

/// One key makes one recording; stopping twice is stopping once; what stopped does not run.
pub async fn a_recording_starts_and_stops_once(subject: &dyn Subject) {
    let provider = subject.provider();
    let room = open(provider, 22).await;
    let first = provider.start_recording(&room, RecordingMedia::Audio, &key(1022)).await;
    if provider.capabilities().recording == Recordings::None {
        assert_eq!(kind(first), Some(ProviderErrorKind::Unsupported));
        tidy(provider, &room).await;
        return;
    }
    let second = provider.start_recording(&room, RecordingMedia::Audio, &key(1022)).await;
    let (Ok(first), Ok(second)) = (first, second) else { panic!("a recording must start, and start again") };
    assert_eq!(first.recording, second.recording, "the same key must name the same recording");
    assert_eq!(first.provider, provider.id());
    let stopped = provider.stop_recording(&first).await;
    let stopped = stopped.unwrap_or_else(|error| panic!("a recording must stop: {error}"));
    let again = provider.stop_recording(&stopped).await;
    assert!(again.is_ok(), "a stopped recording must stop without error");
    let status = provider.recording_status(&stopped).await;
    assert!(matches!(status, Ok(ref known) if *known != RecordingStatus::Running), "a stopped recording must not run");
    tidy(provider, &room).await;
}

/// Capabilities do not change.
pub async fn capabilities_are_constant(subject: &dyn Subject) {
    let provider = subject.provider();
    let before = (provider.id(), provider.capabilities());
    let room = open(provider, 14).await;
    tidy(provider, &room).await;
    assert_eq!(before, (provider.id(), provider.capabilities()));
}

const TTL: Duration = Duration::from_secs(300);

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

/// Makes a `#[tokio::test]` of every behaviour in [`testing::conformance`](crate::testing::conformance). The argument, a
/// provider or another [`Subject`](crate::testing::conformance::Subject), is evaluated once per test and may use
/// `.await`; put the call into a module of its own. An attribute before it is put on every test:
/// `provider_conformance!(#[ignore = "needs a server"] connect().await)`.
#[macro_export]
macro_rules! provider_conformance {
    (#[$attribute:meta] $provider:expr) => {
        $crate::provider_conformance! { @all [#[$attribute]] $provider }
    };
    ($provider:expr) => {
        $crate::provider_conformance! { @all [] $provider }
    };
    (@all $attributes:tt $provider:expr) => {
        $crate::provider_conformance! { @tests $attributes $provider;
            one_key_opens_one_room two_keys_open_two_rooms a_handle_tells_whose_room_it_is an_opened_room_is_not_ended
            closing_twice_is_closing_once a_closed_room_is_ended a_credential_expires_in_time a_credential_is_silent
            two_people_get_two_credentials an_ended_room_gives_no_credential revoking_somebody_absent_succeeds
            media_of_somebody_absent_cannot_be_set an_unsigned_webhook_is_refused a_genuine_webhook_is_believed
            a_forged_webhook_is_refused an_old_webhook_is_refused a_throttled_call_may_be_repeated
            a_lost_answer_costs_no_second_room a_credential_lets_in_until_it_is_taken_back
            a_recording_starts_and_stops_once capabilities_are_constant
        }
    };
    (@tests $attributes:tt $provider:expr; $($behaviour:ident)+) => {$(
        $crate::provider_conformance! { @test $attributes $provider; $behaviour }
    )+};
    (@test [$($attributes:tt)*] $provider:expr; $behaviour:ident) => {
        #[::tokio::test]
        $($attributes)*
        async fn $behaviour() {
            let subject = $provider;
            $crate::testing::conformance::$behaviour(&subject).await;
        }
    };
}
