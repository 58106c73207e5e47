//! Rules, tracks, composition, deletion.

use mentalspace_telehealth_port::provider::{ProviderErrorKind, RecordingMedia, RecordingStatus, TelehealthProvider};
use mentalspace_twilio_video::TwilioVideoProvider;
use serde_json::json;

use crate::fake::{Fake, config, key, participant};

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_recording_becomes_one_file_once_the_room_has_ended_and_is_destroyed_with_its_tracks() {
    let fake = Fake::connect().await;
    for (number, media, tracks) in [(1, RecordingMedia::Video, 4), (2, RecordingMedia::Audio, 2)] {
        let room = fake.open(number).await;
        fake.enter(&room, &participant(1)).await;
        let running = fake.provider.start_recording(&room, media, &key(100 + number)).await.unwrap();
        fake.enter(&room, &participant(2)).await;
        assert_eq!(fake.provider.recording_status(&running).await, Ok(RecordingStatus::Running));
        let stopped = fake.provider.stop_recording(&running).await.unwrap();
        fake.enter(&room, &participant(3)).await;
        assert_eq!(fake.provider.recording_status(&stopped).await, Ok(RecordingStatus::Processing));
        fake.provider.close_room(&room).await.unwrap();
        assert_eq!(fake.state().await["kept"], tracks, "only whoever was there while it ran is recorded");
        let mut seen = 0;
        let file = loop {
            match fake.provider.recording_status(&stopped).await.unwrap() {
                RecordingStatus::Ready(file) => break file,
                RecordingStatus::Processing if seen < 6 => seen += 1,
                other => panic!("{other:?}"),
            }
        };
        assert!(file.location.starts_with("twilio:CJ"), "{}", file.location);
        assert_eq!((file.bytes, file.duration.map(|time| time.as_secs())), (Some(8192), Some(9)));
        let state = fake.state().await;
        let made = state["compositions"].as_array().and_then(|all| all.last()).unwrap();
        assert_eq!((&made["format"], &made["audio_sources"]), (&json!("mp4"), &json!(["*"])));
        assert_eq!(made["video_layout"].is_object(), media == RecordingMedia::Video);
        fake.provider.delete_recording(&stopped).await.unwrap();
        fake.provider.delete_recording(&stopped).await.unwrap();
        assert_eq!(fake.state().await["kept"], 0);
        assert_eq!(fake.provider.recording_status(&stopped).await, Ok(RecordingStatus::Unknown));
    }
    assert_eq!(fake.state().await["compositions"].as_array().map(Vec::len), Some(2), "one file for each room");
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn a_recording_of_nobody_has_failed_and_one_of_an_ended_room_has_stopped() {
    let fake = Fake::connect().await;
    let room = fake.open(3).await;
    let running = fake.provider.start_recording(&room, RecordingMedia::Video, &key(103)).await.unwrap();
    fake.provider.close_room(&room).await.unwrap();
    let stopped = fake.provider.stop_recording(&running).await.unwrap();
    assert_eq!(fake.provider.recording_status(&stopped).await, Ok(RecordingStatus::Failed));
    assert!(fake.provider.start_recording(&room, RecordingMedia::Video, &key(104)).await.is_err());
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn nothing_is_recorded_unless_it_was_allowed() {
    let fake = Fake::connect().await;
    let config = config(&fake.account_sid, &fake.api_key_sid, &fake.api_key_secret);
    let provider = TwilioVideoProvider::new(config).unwrap();
    let room = fake.open(4).await;
    let refused = provider.start_recording(&room, RecordingMedia::Audio, &key(105)).await.unwrap_err();
    assert_eq!(refused.kind, ProviderErrorKind::Unsupported);
    let requests = fake.state().await["requests"].to_string();
    assert!(!requests.contains("RecordingRules") && requests.contains("RecordParticipantsOnConnect=false"));
}
