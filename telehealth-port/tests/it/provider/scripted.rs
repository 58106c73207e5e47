use mentalspace_telehealth_port::provider::{
    Capabilities, Credentials, IdempotencyKey, Media, ProviderErrorKind, Revocation, RoomSpec, Rooms,
    TelehealthProvider,
};
use mentalspace_telehealth_port::testing::{Operation, Outcome, ScriptedProvider};

mod explicit {
    use mentalspace_telehealth_port::testing::ScriptedProvider;

    mentalspace_telehealth_port::provider_conformance!(ScriptedProvider::new("scripted").unwrap());
}

mod implicit {
    mentalspace_telehealth_port::provider_conformance!(super::implicit_provider());
}

mod link {
    mentalspace_telehealth_port::provider_conformance!(super::link_provider());
}

fn implicit_provider() -> ScriptedProvider {
    let mut capabilities = Capabilities::new(Rooms::Implicit, Credentials::Local);
    capabilities.revoke = Revocation::UntilExpiry;
    ScriptedProvider::new("implicit").unwrap().with_capabilities(capabilities)
}

fn link_provider() -> ScriptedProvider {
    let capabilities = Capabilities::new(Rooms::Explicit, Credentials::ExternalLink);
    ScriptedProvider::new("link").unwrap().with_capabilities(capabilities)
}

fn spec() -> RoomSpec {
    RoomSpec { region: None, capacity: 2, max_duration: std::time::Duration::from_secs(60) }
}

#[test]
fn every_behaviour_is_in_the_suite() {
    let source = include_str!("../../../src/testing/conformance.rs");
    let (behaviours, suite) = source.split_once("macro_rules! provider_conformance").unwrap();
    let names: Vec<_> = behaviours
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn "))
        .filter_map(|line| line.split_once('('))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() >= 14);
    for name in names {
        assert_eq!(suite.split_whitespace().filter(|word| *word == name).count(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_script_fails_the_named_call_once_without_effect() {
    let provider = ScriptedProvider::new("scripted").unwrap();
    let key = IdempotencyKey::parse("room-key").unwrap();
    provider.script(Operation::OpenRoom, Outcome::Fail(ProviderErrorKind::LimitExceeded));
    assert_eq!(provider.open_room(&spec(), &key).await.unwrap_err().kind, ProviderErrorKind::LimitExceeded);
    assert_eq!(provider.rooms_opened(), 0);
    assert!(provider.open_room(&spec(), &key).await.is_ok());
    assert_eq!(provider.calls().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_has_its_effect_and_is_repeated_without_a_second_room() {
    let provider = ScriptedProvider::new("scripted").unwrap();
    let key = IdempotencyKey::parse("room-key").unwrap();
    provider.script(Operation::OpenRoom, Outcome::LoseAnswer);
    assert_eq!(provider.open_room(&spec(), &key).await.unwrap_err().kind, ProviderErrorKind::Timeout);
    assert_eq!(provider.rooms_opened(), 1);
    assert!(provider.open_room(&spec(), &key).await.is_ok());
    assert_eq!(provider.rooms_opened(), 1);
}

#[tokio::test]
#[should_panic(expected = "not opaque")]
async fn a_personal_text_is_caught() {
    let provider = ScriptedProvider::new("scripted").unwrap();
    let mut room = provider.open_room(&spec(), &IdempotencyKey::parse("room-key").unwrap()).await.unwrap();
    room.room = "Session of Wilhelmina".to_owned();
    let _ = provider.room_status(&room).await;
}

#[tokio::test]
async fn media_of_somebody_inside_can_be_set() {
    let provider = ScriptedProvider::new("scripted").unwrap();
    let room = provider.open_room(&spec(), &IdempotencyKey::parse("room-key").unwrap()).await.unwrap();
    let grant = "p_000000000000000000000000000000a1_1".parse().unwrap();
    assert!(provider.connect(&room, grant));
    assert_eq!(provider.set_media(&room, &grant, Media::AUDIO).await, Ok(()));
    assert!(provider.revoke(&room, &grant).await.is_ok());
    assert!(!provider.connect(&room, grant), "a credential taken back is refused");
}
