//! Recordings of real media, made playable by the real converter.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mentalspace_janus::JanusProvider;
use mentalspace_telehealth_port::consent::Sha256Hex;
use mentalspace_telehealth_port::provider::{
    ProviderErrorKind, RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus, TelehealthProvider,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::peer::{Peer, turn};
use crate::server::{admit, grant, key, open, provider, setting};

fn folder(recording: &str) -> PathBuf {
    Path::new(&setting("RECORDINGS")).join(recording)
}

fn files(recording: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder(recording)) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("ASCII")).collect();
    names.sort();
    names
}

async fn finished(provider: &JanusProvider, recording: &RecordingHandle) -> RecordingStatus {
    for _ in 0..150 {
        match provider.recording_status(recording).await.expect("a status") {
            RecordingStatus::Processing => sleep(Duration::from_millis(100)).await,
            status => return status,
        }
    }
    panic!("the recording is not finished in time");
}

async fn ready(provider: &JanusProvider, recording: &RecordingHandle) -> (RecordingFile, Value) {
    let RecordingStatus::Ready(file) = finished(provider, recording).await else { panic!("a file") };
    let manifest = fs::read(Path::new(&setting("RECORDINGS")).join(&file.location)).expect("the manifest");
    assert_eq!(file.sha256, Some(Sha256Hex::of(&manifest)));
    (file, serde_json::from_slice(&manifest).expect("JSON"))
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn what_is_said_between_start_and_stop_is_kept_and_nothing_else() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let mut one = Peer::connected(&admit(&provider, &room, grant(1)).await).await;
    let taken = Path::new(&setting("RECORDINGS")).join("taken");
    one.say(json!({ "do": "configure", "with": { "record": true, "filename": &taken } })).await;
    one.await_event("configured").await;
    sleep(Duration::from_secs(1)).await;
    let recorded = key();
    assert_eq!(files(recorded.as_str()), [""; 0], "nothing is recorded before the start");

    let running = provider.start_recording(&room, RecordingMedia::Video, &recorded).await.expect("it starts");
    let same = provider.start_recording(&room, RecordingMedia::Video, &recorded).await.expect("it runs");
    assert_eq!(running, same);
    let mode = fs::metadata(folder(recorded.as_str())).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o7777, 0o2770, "Janus and we share the folder, and nobody else");
    sleep(Duration::from_millis(1500)).await;
    let mut two = Peer::connected(&admit(&provider, &room, grant(2)).await).await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(provider.recording_status(&running).await, Ok(RecordingStatus::Running));
    let stopped = provider.stop_recording(&running).await.expect("it stops");
    let raw = files(recorded.as_str());
    let lengths: Vec<_> =
        raw.iter().map(|name| fs::metadata(folder(recorded.as_str()).join(name)).expect("a file").len()).collect();
    sleep(Duration::from_secs(1)).await;
    let later: Vec<_> =
        raw.iter().map(|name| fs::metadata(folder(recorded.as_str()).join(name)).expect("a file").len()).collect();
    assert_eq!(lengths, later, "nothing is recorded after the stop");
    two.hears_and_sees(&grant(1).to_string()).await;
    one.hears_and_sees(&grant(2).to_string()).await;

    let (file, manifest) = ready(&provider, &stopped).await;
    let streams = manifest["streams"].as_array().expect("streams");
    let mut told: Vec<_> = streams.iter().map(|s| (s["participant"].as_str(), s["stream"].as_str())).collect();
    told.sort();
    let (first, second) = (grant(1).to_string(), grant(2).to_string());
    let expected = [
        (Some(first.as_str()), Some("audio")),
        (Some(first.as_str()), Some("camera")),
        (Some(second.as_str()), Some("audio")),
        (Some(second.as_str()), Some("camera")),
    ];
    assert_eq!(told, expected, "one file for each stream that carried something");
    let mut bytes = 0;
    for stream in streams {
        let name = stream["file"].as_str().expect("a name");
        let content = fs::read(folder(recorded.as_str()).join(name)).expect("a file");
        assert_eq!(stream["sha256"], Sha256Hex::of(&content).as_str());
        let (magic, least): (&[u8], _) =
            if name.ends_with(".opus") { (b"OggS", 8_000) } else { (&[0x1a, 0x45, 0xdf, 0xa3], 400) };
        assert!(content.starts_with(magic) && content.len() > least, "{name} has {} bytes", content.len());
        bytes += content.len() as u64;
    }
    assert_eq!(file.bytes, Some(bytes));
    assert!(file.duration.is_some_and(|length| (2..10).contains(&length.as_secs())), "{:?}", file.duration);
    assert!(files(recorded.as_str()).iter().all(|name| !name.ends_with(".mjr")), "raw files are gone");
    assert!(!taken.with_file_name("taken-audio-0.mjr").exists(), "nobody records by themself");

    provider.delete_recording(&stopped).await.expect("deleted");
    assert!(!folder(recorded.as_str()).exists());
    provider.delete_recording(&stopped).await.expect("deleting twice is deleting once");
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_recording_of_sound_keeps_no_picture_and_outlives_its_room() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let _one = Peer::connected(&admit(&provider, &room, grant(1)).await).await;
    let recorded = key();
    let running = provider.start_recording(&room, RecordingMedia::Audio, &recorded).await.expect("it starts");
    sleep(Duration::from_millis(1500)).await;
    provider.close_room(&room).await.expect("it closes");
    // The room is gone before anybody said stop.
    let (_, manifest) = ready(&provider, &running).await;
    let kinds: Vec<_> = manifest["streams"].as_array().expect("streams").iter().map(|s| s["stream"].as_str()).collect();
    assert_eq!(kinds, [Some("audio")]);
    assert!(files(recorded.as_str()).iter().all(|name| !name.contains("video")));
    provider.stop_recording(&running).await.expect("it has stopped");
    provider.delete_recording(&running).await.expect("deleted");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_recording_without_anybody_has_no_file() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let running = provider.start_recording(&room, RecordingMedia::Video, &key()).await.expect("it starts");
    let stopped = provider.stop_recording(&running).await.expect("it stops");
    assert_eq!(finished(&provider, &stopped).await, RecordingStatus::Failed);
    provider.close_room(&room).await.expect("it closes");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_name_that_is_not_ours_reaches_no_file() {
    let provider = provider();
    let room = open(&provider, 4).await;
    let running = provider.start_recording(&room, RecordingMedia::Video, &key()).await.expect("it starts");
    let stopped = provider.stop_recording(&running).await.expect("it stops");
    let outside = Path::new(&setting("RECORDINGS")).join("../outside");
    fs::create_dir_all(&outside).expect("a folder");
    for name in ["../outside", "..", ".", "", "/etc", "a/../../outside"] {
        let sly = RecordingHandle { recording: name.to_owned(), ..stopped.clone() };
        let refused = provider.delete_recording(&sly).await.map_err(|error| error.kind);
        assert_eq!(refused, Err(ProviderErrorKind::InvalidRequest));
        assert!(provider.recording_status(&sly).await.is_err());
    }
    assert!(outside.exists());
    provider.close_room(&room).await.expect("it closes");
}
