//! Capture, then concatenation.

use mentalspace_chime::ChimeProvider;
use mentalspace_telehealth_port::provider::{ProviderErrorKind, RecordingMedia, RecordingStatus, TelehealthProvider};
use serde_json::Value;

use crate::fake::{BUCKET, Fake, config, key};

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_recording_becomes_one_file_in_the_practices_bucket() {
    let fake = Fake::connect().await;
    for (number, media, folder) in [(1, RecordingMedia::Video, "composited-video"), (2, RecordingMedia::Audio, "audio")]
    {
        let room = fake.open(number).await;
        let running = fake.provider.start_recording(&room, media, &key(100 + number)).await.unwrap();
        assert_eq!(fake.provider.recording_status(&running).await, Ok(RecordingStatus::Running));
        let stopped = fake.provider.stop_recording(&running).await.unwrap();
        assert_eq!(stopped.room, room.room);
        assert_eq!(
            fake.provider.stop_recording(&running).await.unwrap().recording,
            stopped.recording,
            "stopping twice must make one file",
        );
        for _ in 0..3 {
            assert_eq!(fake.provider.recording_status(&stopped).await, Ok(RecordingStatus::Processing));
        }
        let Ok(RecordingStatus::Ready(file)) = fake.provider.recording_status(&stopped).await else { panic!("ready") };
        let id = &stopped.recording;
        assert_eq!(file.location, format!("s3://practice-recordings/{id}/{folder}/{id}.mp4"));
        let unknown = fake.provider.recording_status(&running).await;
        assert_eq!(unknown, Ok(RecordingStatus::Unknown), "what is gone is not known to have failed");
    }
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_lost_answer_makes_no_second_file() {
    let fake = Fake::connect().await;
    let room = fake.open(3).await;
    fake.fault("lose").await;
    let lost = fake.provider.start_recording(&room, RecordingMedia::Audio, &key(103)).await;
    assert_eq!(lost.unwrap_err().kind, ProviderErrorKind::Timeout);
    let running = fake.provider.start_recording(&room, RecordingMedia::Audio, &key(103)).await.unwrap();
    fake.fault("lose").await;
    assert!(fake.provider.stop_recording(&running).await.is_err());
    let stopped = fake.provider.stop_recording(&running).await.unwrap();
    assert_ne!(stopped.recording, running.recording);
    let requests = fake.state().await["requests"].to_string();
    assert_eq!(requests.matches("POST /sdk-media-concatenation-pipelines").count(), 1);
    assert_eq!(requests.matches("DELETE /sdk-media-capture-pipelines").count(), 2);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_meeting_has_one_recording() {
    let fake = Fake::connect().await;
    let room = fake.open(4).await;
    fake.provider.start_recording(&room, RecordingMedia::Audio, &key(104)).await.unwrap();
    let second = fake.provider.start_recording(&room, RecordingMedia::Audio, &key(105)).await.unwrap_err();
    assert_eq!(second.kind, ProviderErrorKind::LimitExceeded);
    assert_eq!(fake.state().await["attendees"], 1, "the recorder sits among the attendees");
    assert_eq!(fake.provider.capabilities().recording_seats, 1);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn a_recording_is_encrypted_with_the_practices_key() {
    let fake = Fake::connect().await;
    let config = config(&fake.access_key_id, &fake.secret_access_key)
        .recordings(BUCKET)
        .kms_key("alias/visits", "arn:aws:iam::111122223333:role/recorder");
    let provider = ChimeProvider::new(config).unwrap();
    let room = fake.open(5).await;
    provider.start_recording(&room, RecordingMedia::Video, &key(106)).await.unwrap();
    let state = fake.state().await;
    let last = state["requests"].as_array().and_then(|all| all.last()).and_then(Value::as_str).unwrap();
    assert!(last.contains(r#""SseAwsKeyManagementParams":{"AwsKmsKeyId":"alias/visits"}"#), "{last}");
    assert!(last.contains(r#""SinkIamRoleArn":"arn:aws:iam::111122223333:role/recorder""#), "{last}");
}
