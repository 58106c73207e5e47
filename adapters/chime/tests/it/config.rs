//! Settings that cannot be used, and what may be seen of those that can.

use mentalspace_chime::{ChimeConfig, ChimeProvider};
use mentalspace_telehealth_port::provider::{Recordings, TelehealthProvider, Webhooks};
use secrecy::SecretString;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn config() -> ChimeConfig {
    ChimeConfig::new("us-east-1", "AKIAIOSFODNN7EXAMPLE", SECRET.into())
}

#[test]
fn a_wrong_setting_is_named() {
    let token = |text: &str| SecretString::from(text.to_owned());
    let other = |region: &str, id: &str, secret: &str| ChimeConfig::new(region, id, token(secret));
    for (config, setting) in [
        (other("", "AKIAIOSFODNN7EXAMPLE", SECRET), "control_region"),
        (other("evil.example/", "AKIAIOSFODNN7EXAMPLE", SECRET), "control_region"),
        (other("us-east-1", "AKIA", SECRET), "access_key_id"),
        (other("us-east-1", "AKIAIOSFODNN7EXAMPLE", "two words"), "secret_access_key"),
        (config().session_token(token("")), "session_token"),
        (config().media_region("US"), "media_region"),
        (config().endpoints("ftp://x", "https://x"), "endpoints"),
        (config().endpoints("https://x", "http://chime.example"), "endpoints"),
        (config().endpoints("https://x", "http://127.0.0.1.evil.example"), "endpoints"),
        (config().endpoints("https://user@x/path", "https://x"), "endpoints"),
        (config().recordings("practice-recordings"), "recordings"),
        (config().recordings("arn:aws:s3:::bucket/prefix"), "recordings"),
        (config().kms_key("alias/visits", "arn:aws:iam::111122223333:role/recorder"), "recordings"),
        (config().recordings("arn:aws:s3:::bucket").kms_key("alias/visits", "recorder"), "kms_key"),
        (config().queue_url("https://sqs.us-east-1.amazonaws.com/"), "queue_url"),
        (config().queue_url("visits"), "queue_url"),
        (config().notify_queue("arn:aws:sns:us-east-1:111122223333:visits"), "notify_queue"),
        (config().patience(std::time::Duration::ZERO), "patience"),
    ] {
        let error = ChimeProvider::new(config).unwrap_err();
        assert_eq!(error.setting, setting, "{error}");
        assert!(error.to_string().contains(setting));
    }
}

#[test]
fn what_is_configured_is_what_can_be_done() {
    let bare = ChimeProvider::new(config()).unwrap().capabilities();
    assert_eq!((bare.recording, bare.recording_seats), (Recordings::None, 0));
    assert_eq!(bare.webhooks, Webhooks::None);
    assert!(!bare.recording_deletion && !bare.self_hosted);
    assert_eq!((bare.max_participants, bare.regions.len()), (Some(250), 18));
    let full = config()
        .kms_key("alias/visits", "arn:aws:iam::111122223333:role/recorder")
        .recordings("arn:aws-us-gov:s3:::practice-recordings")
        .queue_url("https://sqs.us-east-1.amazonaws.com/111122223333/visits");
    let full = ChimeProvider::new(full).unwrap().capabilities();
    assert_eq!((full.recording, full.recording_seats), (Recordings::Service, 1));
    assert_eq!(full.webhooks, Webhooks::Queue);
}

#[test]
fn nothing_secret_is_printed() {
    let config = config().session_token("FwoGZXIvYXdzEXAMPLE".into());
    let printed = format!("{config:?}{:?}", ChimeProvider::new(config.clone()).unwrap());
    for secret in [SECRET, "FwoGZXIvYXdzEXAMPLE", "AKIAIOSFODNN7EXAMPLE"] {
        assert!(!printed.contains(secret));
    }
}
