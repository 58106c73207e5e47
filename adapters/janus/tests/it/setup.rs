//! A Janus that is set up wrongly is told so.

use mentalspace_janus::{JanusConfig, JanusProvider, SetupError};

use crate::server::{provider, setting};

fn other(token: &str, admin: &str) -> JanusProvider {
    let secret = |text: &str| text.to_owned().into();
    let (url, public) = (setting("URL"), setting("PUBLIC_URL"));
    let config = JanusConfig::new(&url, &public, secret(token), secret(admin), secret(&setting("ROOM_KEY")));
    JanusProvider::new(config.expect("settings")).expect("a client")
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_janus_as_it_has_to_be_passes_the_check() {
    assert_eq!(provider().check().await, Ok(()));
    assert_eq!(provider().check().await, Ok(()), "the check leaves nothing behind");
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_secret_that_differs_is_named() {
    let wrong = "another-secret-than-janus-has";
    let admin = setting("ADMIN_KEY");
    assert_eq!(other(wrong, &admin).check().await, Err(SetupError::TokenSecret));
    assert_eq!(other(&setting("TOKEN_SECRET"), wrong).check().await, Err(SetupError::AdminKey));
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn a_missing_folder_of_recordings_is_named() {
    let config = crate::server::config().recordings("/recordings", "/nowhere/recordings").expect("settings");
    let provider = JanusProvider::new(config).expect("a client");
    assert_eq!(provider.check().await, Err(SetupError::Recordings));
}

#[tokio::test]
async fn a_janus_that_is_down_is_unavailable() {
    let secret = |text: &str| text.to_owned().into();
    let long = "a-secret-of-good-length-1";
    let config =
        JanusConfig::new("http://127.0.0.1:1/janus", "wss://video.example/", secret(long), secret(long), secret(long));
    let provider = JanusProvider::new(config.expect("settings")).expect("a client");
    let Err(SetupError::Provider(error)) = provider.check().await else { panic!("nobody is there") };
    assert!(matches!(error.retry(), mentalspace_telehealth_port::provider::Retry::Backoff(None)));
}
