//! Attendees: who has a seat, what they may send, what the browser gets.

use mentalspace_telehealth_port::provider::{
    JoinCredential, Media, ParticipantSpec, ProviderErrorKind, Revoked, RoomSpec, RoomStatus, TelehealthProvider,
};
use mentalspace_telehealth_port::testing::conformance::Subject;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::fake::{Fake, key, participant, spec};

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn the_same_permission_is_the_same_seat_with_the_media_asked_last() {
    let fake = Fake::connect().await;
    let room = fake.open(1).await;
    let first = fake.attendee(&room, &participant(1)).await;
    let again = fake.attendee(&room, &ParticipantSpec { media: Media::AUDIO, ..participant(1) }).await;
    assert_eq!(first["AttendeeId"], again["AttendeeId"]);
    assert_eq!(first["JoinToken"], again["JoinToken"]);
    assert_eq!(fake.state().await["attendees"], 1);
    let third = fake.attendee(&room, &ParticipantSpec { media: Media::AUDIO, ..participant(1) }).await;
    assert_eq!(third["Capabilities"], json!({ "Audio": "SendReceive", "Video": "Receive", "Content": "Receive" }));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn media_of_one_among_many_is_set_and_taken_with_the_seat() {
    let fake = Fake::connect().await;
    let room = fake.open(2).await;
    for number in 1..=25 {
        fake.attendee(&room, &participant(number)).await;
    }
    let last = participant(25);
    fake.provider.set_media(&room, &last.grant, Media::NONE).await.unwrap();
    let seen = fake.attendee(&room, &ParticipantSpec { media: Media::NONE, ..last }).await;
    assert_eq!(seen["Capabilities"]["Audio"], "Receive");
    assert_eq!(fake.provider.revoke(&room, &last.grant).await, Ok(Revoked::Now));
    assert_eq!(fake.state().await["attendees"], 24);
    let error = fake.provider.set_media(&room, &last.grant, Media::ALL).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::NotFound);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn the_browser_gets_both_documents_whole() {
    let fake = Fake::connect().await;
    let room = fake.open(3).await;
    let minted = fake.provider.join_grant(&room, &participant(1), fake.now()).await.unwrap();
    let JoinCredential::Documents { room: meeting, participant } = minted.credential else { panic!("two documents") };
    let meeting: Value = serde_json::from_str(meeting.expose_secret()).unwrap();
    let attendee: Value = serde_json::from_str(participant.expose_secret()).unwrap();
    for path in ["/MeetingId", "/MediaRegion", "/MediaPlacement/SignalingUrl", "/MediaPlacement/EventIngestionUrl"] {
        assert!(meeting.pointer(path).is_some_and(Value::is_string), "{path}");
    }
    for name in ["AttendeeId", "ExternalUserId", "JoinToken"] {
        assert!(attendee[name].is_string(), "{name}");
    }
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_list_of_seats_is_no_list_of_people() {
    let fake = Fake::connect().await;
    let room = fake.open(4).await;
    fake.attendee(&room, &participant(1)).await;
    assert_eq!(fake.provider.room_status(&room).await, Ok(RoomStatus::Alive));
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn more_seats_than_there_are_give_all_there_are() {
    let fake = Fake::connect().await;
    for (asked, given) in [(0, 1), (16, 16), (u32::MAX, 250)] {
        let wish = RoomSpec { capacity: asked, ..spec() };
        let room = fake.provider.open_room(&wish, &key(asked)).await.unwrap();
        let meeting: Value = serde_json::from_str(room.details.expose()).unwrap();
        assert_eq!(meeting.pointer("/MeetingFeatures/Attendee/MaxCount"), Some(&json!(given)));
    }
}
