//! Settings that cannot be used, and what may be seen of those that can.

use mentalspace_telehealth_port::provider::{Recordings, TelehealthProvider, Webhooks};
use mentalspace_twilio_video::{TwilioVideoConfig, TwilioVideoProvider};
use secrecy::SecretString;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const KEY: &str = "SK0123456789abcdef0123456789abcdef";

fn config() -> TwilioVideoConfig {
    TwilioVideoConfig::new(ACCOUNT, KEY, "the-key's-secret".into())
}

#[test]
fn a_wrong_setting_is_named() {
    let text = |text: &str| SecretString::from(text.to_owned());
    for (config, setting) in [
        (TwilioVideoConfig::new(KEY, KEY, text("s")), "account_sid"),
        (TwilioVideoConfig::new(ACCOUNT, ACCOUNT, text("s")), "api_key_sid"),
        (TwilioVideoConfig::new(ACCOUNT, &KEY[..33], text("s")), "api_key_sid"),
        (TwilioVideoConfig::new(ACCOUNT, KEY, text("two words")), "api_key_secret"),
        (config().webhooks("https://practice.example/hook", text("")), "webhooks"),
        (config().webhooks("http://practice.example/hook", text("t")), "webhooks"),
        (config().webhooks("https://practice.example/hook#x", text("t")), "webhooks"),
        (config().media_region("us-1"), "media_region"),
        (config().endpoint("http://video.twilio.com"), "endpoint"),
        (config().endpoint("http://127.0.0.1.evil.example"), "endpoint"),
        (config().endpoint("https://video.twilio.com/v2"), "endpoint"),
        (config().endpoint(""), "endpoint"),
        (config().patience(std::time::Duration::ZERO), "patience"),
    ] {
        let error = TwilioVideoProvider::new(config).unwrap_err();
        assert_eq!(error.setting, setting, "{error}");
        assert!(error.to_string().contains(setting));
    }
}

#[test]
fn what_is_configured_is_what_can_be_done() {
    let bare = TwilioVideoProvider::new(config()).unwrap().capabilities();
    assert_eq!((bare.recording, bare.recording_deletion), (Recordings::None, false));
    assert_eq!(bare.webhooks, Webhooks::None);
    assert!(!bare.media_permissions && !bare.self_hosted);
    assert_eq!((bare.max_participants, bare.regions.len()), (Some(50), 9));
    let full = config().webhooks("https://practice.example/hook", "token".into()).recordings();
    let full = TwilioVideoProvider::new(full).unwrap().capabilities();
    assert_eq!((full.recording, full.recording_deletion, full.recording_seats), (Recordings::Service, true, 0));
    assert_eq!(full.webhooks, Webhooks::Hmac);
}

#[test]
fn nothing_secret_is_printed() {
    let config = config().webhooks("https://practice.example/hook", "the-auth-token".into());
    let printed = format!("{config:?}{:?}", TwilioVideoProvider::new(config.clone()).unwrap());
    for secret in ["the-key's-secret", "the-auth-token", KEY, "Basic"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}
