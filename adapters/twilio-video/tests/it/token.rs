//! Access tokens.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, JoinCredential, Media, ParticipantSpec, ProviderId, RoomDetails, RoomHandle,
    TelehealthProvider,
};
use mentalspace_twilio_video::{TwilioVideoConfig, TwilioVideoProvider};
use uuid::Uuid;

fn room() -> RoomHandle {
    RoomHandle {
        provider: ProviderId::parse("twilio-video").unwrap(),
        key: IdempotencyKey::parse("key").unwrap(),
        room: "RM0123456789abcdef0123456789abcdef".to_owned(),
        details: RoomDetails::default(),
    }
}

async fn minted(ttl: Duration, now: DateTime<Utc>) -> (String, String, DateTime<Utc>) {
    let config = TwilioVideoConfig::new(
        "AC0123456789abcdef0123456789abcdef",
        "SK0123456789abcdef0123456789abcdef",
        "secret".into(),
    );
    let provider = TwilioVideoProvider::new(config).unwrap();
    let grant = GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(1)), serial: 1 };
    let spec = ParticipantSpec { grant, media: Media::ALL, ttl };
    let minted = provider.join_grant(&room(), &spec, now).await.unwrap();
    let JoinCredential::Token { url, .. } = &minted.credential else { panic!("a token") };
    (minted.credential.expose().to_owned(), url.clone(), minted.expires_at)
}

/// Written by the vendor's library for the same account, key, person, room and time.
const PUBLISHED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImN0eSI6InR3aWxpby1mcGE7dj0xIn0.\
    eyJqdGkiOiJTSzAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmLTE3OTU0NDYwMDAiLCJncmFudHMiOnsiaWRlbnRpdHkiOiJwXzAwMDAw\
    MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAxXzEiLCJ2aWRlbyI6eyJyb29tIjoiUk0wMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiJ9\
    fSwiaWF0IjoxNzk1NDQ2MDAwLCJleHAiOjE3OTU0NDYzMDAsImlzcyI6IlNLMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYiLCJzdWIi\
    OiJBQzAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIn0.Xe4gSN4X0xI2S4FN2iw1CYsquB4X4ssbr_4Vg9aCC7k";

#[tokio::test]
async fn a_token_is_byte_for_byte_the_vendors() {
    let now = DateTime::from_timestamp(1_795_446_000, 0).unwrap();
    let (token, url, expires_at) = minted(Duration::from_secs(300), now).await;
    assert_eq!(token, PUBLISHED);
    assert_eq!(url.rsplit('/').next(), Some(room().room.as_str()), "the address ends with the room to connect to");
    assert_eq!(expires_at, now + TimeDelta::seconds(300));
}

#[tokio::test]
async fn no_token_outlives_five_minutes() {
    let now = DateTime::from_timestamp(1_795_446_000, 0).unwrap();
    for ttl in [Duration::from_secs(301), Duration::from_secs(86_400), Duration::MAX] {
        assert_eq!(minted(ttl, now).await.2, now + TimeDelta::minutes(5));
    }
}
