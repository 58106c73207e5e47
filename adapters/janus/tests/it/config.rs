use mentalspace_janus::{ConfigError, JanusConfig};

const SECRET: &str = "a-secret-of-good-length-1";
const URL: &str = "http://127.0.0.1:8088/janus";
const PUBLIC: &str = "wss://video.practice.example/janus";

fn with(url: &str, public_url: &str, token: &str, admin: &str, room: &str) -> Result<JanusConfig, ConfigError> {
    let secret = |text: &str| text.to_owned().into();
    JanusConfig::new(url, public_url, secret(token), secret(admin), secret(room))
}

fn good() -> JanusConfig {
    with(URL, PUBLIC, SECRET, SECRET, SECRET).expect("good settings")
}

#[test]
fn an_unusable_setting_is_named_and_not_shown() {
    let cases = [
        (with("ftp://janus", PUBLIC, SECRET, SECRET, SECRET), "url"),
        (with("http://", PUBLIC, SECRET, SECRET, SECRET), "url"),
        (with("http://me:word@janus/janus", PUBLIC, SECRET, SECRET, SECRET), "url"),
        (with("http://janus/janus?token=1", PUBLIC, SECRET, SECRET, SECRET), "url"),
        (with(URL, "https://video.practice.example/janus", SECRET, SECRET, SECRET), "public_url"),
        (with(URL, "ws://video.practice.example/janus", SECRET, SECRET, SECRET), "public_url"),
        (with(URL, "ws://127.0.0.1.evil.example", SECRET, SECRET, SECRET), "public_url"),
        (with(URL, PUBLIC, "short", SECRET, SECRET), "token_secret"),
        (with(URL, PUBLIC, SECRET, "", SECRET), "admin_key"),
        (with(URL, PUBLIC, SECRET, SECRET, "with a blank and \"quotes\" inside"), "room_key"),
        (good().stun(["turn:host:3478".to_owned()]), "stun"),
        (good().turn([], SECRET.to_owned().into()), "turn"),
        (good().turn(["turn:host".to_owned()], "short".to_owned().into()), "turn_secret"),
        (good().recordings("relative", "/srv/recordings"), "recordings"),
        (good().recordings("/srv/recordings", "relative"), "recordings"),
        (good().events("a:b", SECRET.to_owned().into()), "events_user"),
        (good().events("janus", "short".to_owned().into()), "events_password"),
    ];
    for (refused, setting) in cases {
        let error = refused.expect_err(setting);
        assert_eq!(error.setting, setting);
        assert!(error.to_string().starts_with(&format!("the janus setting {setting} has to be ")));
    }
}

#[test]
fn good_settings_are_taken() {
    for public in [PUBLIC, "ws://127.0.0.1:8188", "ws://localhost:8188/janus", "ws://[::1]:8188"] {
        assert!(with(URL, public, SECRET, SECRET, SECRET).is_ok(), "{public}");
    }
    let urls = ["turns:turn.practice.example:443?transport=tcp".to_owned()];
    assert!(good().turn(urls, SECRET.to_owned().into()).is_ok());
}

#[test]
fn debug_shows_no_secret() {
    let config = good()
        .turn(["turn:host".to_owned()], SECRET.to_owned().into())
        .and_then(|config| config.events("janus", SECRET.to_owned().into()))
        .expect("good settings");
    assert!(!format!("{config:?}").contains(SECRET));
    let provider = mentalspace_janus::JanusProvider::new(config).expect("a client");
    assert!(!format!("{provider:?}").contains(SECRET));
}
