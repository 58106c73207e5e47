use chrono::TimeDelta;
use mentalspace_core::Role;
use mentalspace_passkey::testing::Device;
use mentalspace_server::app::Policies;

use super::{Browser, NORA, SITE, later, nora, site, told};
use crate::support::{PASSWORD, TestApp};

async fn server() -> TestApp {
    TestApp::with_ways(Policies::default(), site()).await
}

/// Nora with a passkey as her only second factor, signed in.
async fn nora_with_passkey(test: &TestApp) -> (Device, Browser) {
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let (mut browser, mut device) = (Browser::default(), Device::new([1; 32]));
    browser.post(test, "/sign-in", &[("login", NORA), ("password", PASSWORD)]).await.expect(303);
    let page = browser.get(test, "/sign-in/enrol").await.expect(200).text;
    assert!(page.find("recommended").unwrap() < page.find("Authenticator app").unwrap(), "AL-3: encouraged");
    let step = browser.add_passkey(test, &mut device, "Nora's phone").await.expect(303);
    assert_eq!(step.location(), "/account/backup-codes");
    (device, browser)
}

/// AL-3, AL-1: one gesture, two factors.
#[tokio::test]
async fn a_passkey_enrols_and_signs_in_with_and_without_the_password() {
    let test = server().await;
    let (mut device, mut browser) = nora_with_passkey(&test).await;
    browser.get(&test, "/schedule").await.expect(200);
    assert!(told(&test).await.contains(&"A passkey was added to your account.".to_owned()));
    later(&test);

    let mut second = Browser::default();
    assert_eq!(second.password(&test).await.expect(303).location(), "/sign-in/code");
    second.get(&test, "/schedule").await.expect(303);
    let options = second.asked(&test, "confirm", "/sign-in/code").await;
    let answer = device.get(SITE, &options);
    let done = second.submit(&test, "/sign-in/code", "/sign-in/code/passkey", &[("answer", &answer)]).await.expect(303);
    assert_eq!(done.location(), "/");
    second.get(&test, "/schedule").await.expect(200);

    let mut alone = Browser::default();
    assert_eq!(alone.with_passkey(&test, &mut device).await.expect(303).location(), "/");
    alone.get(&test, "/schedule").await.expect(200);
    let page = alone.get(&test, "/account/authenticators").await.expect(200).text;
    assert!(page.contains("Nora&#39;s phone") && page.contains("on one device"), "{page}");
}

#[tokio::test]
async fn an_answer_serves_once_and_its_own_browser_and_five_minutes() {
    let test = server().await;
    let (mut device, _) = nora_with_passkey(&test).await;
    later(&test);
    let mut browser = Browser::default();
    let options = browser.asked(&test, "sign-in", "/sign-in").await;
    let answer = device.get(SITE, &options);
    let mut thief = Browser::default();
    thief.post(&test, "/sign-in/passkey", &[("answer", &answer)]).await.expect(401);
    browser.post(&test, "/sign-in/passkey", &[("answer", &answer)]).await.expect(303);
    browser.post(&test, "/sign-in/passkey", &[("answer", &answer)]).await.expect(401);

    let mut slow = Browser::default();
    let options = slow.asked(&test, "sign-in", "/sign-in").await;
    test.clock.advance(TimeDelta::seconds(300));
    slow.post(&test, "/sign-in/passkey", &[("answer", &device.get(SITE, &options))]).await.expect(401);
}

#[tokio::test]
async fn nothing_tells_which_passkeys_there_are() {
    let test = server().await;
    let (mut device, _) = nora_with_passkey(&test).await;
    later(&test);
    // A stranger's device that was registered elsewhere with an account nobody has here.
    let mut stranger = Device::new([9; 32]);
    let elsewhere = serde_json::json!({ "publicKey": {
        "rp": { "id": "practice.test" }, "user": { "id": "AAAAAAAAAAAAAAAAAAAAAA" }, "challenge": "AAAA",
    } });
    let _ = stranger.create(SITE, &elsewhere);
    let mut seen = Vec::new();
    for (one, origin) in [(&mut stranger, SITE), (&mut device, "https://practice.test.evil.example")] {
        let mut browser = Browser::default();
        let options = browser.asked(&test, "sign-in", "/sign-in").await;
        assert_eq!(options["publicKey"]["allowCredentials"], serde_json::json!([]));
        let refused =
            browser.post(&test, "/sign-in/passkey", &[("answer", &one.get(origin, &options))]).await.expect(401);
        seen.push(refused.text);
    }
    let mut browser = Browser::default();
    browser.asked(&test, "sign-in", "/sign-in").await;
    seen.push(browser.post(&test, "/sign-in/passkey", &[("answer", "no answer at all")]).await.expect(401).text);
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

#[tokio::test]
async fn a_copied_passkey_is_suspended_and_its_owner_told() {
    let test = server().await;
    let (mut device, _) = nora_with_passkey(&test).await;
    let mut copy = device.clone();
    later(&test);
    Browser::default().with_passkey(&test, &mut device).await.expect(303);
    Browser::default().with_passkey(&test, &mut copy).await.expect(401);
    assert!(told(&test).await.iter().any(|sentence| sentence.contains("may have a copy")));
    // Neither works until its owner decides, and the password alone binds no other.
    Browser::default().with_passkey(&test, &mut device).await.expect(401);
    let mut browser = Browser::default();
    assert_eq!(browser.password(&test).await.expect(303).location(), "/sign-in/code");
    browser.get(&test, "/sign-in/enrol").await.expect(401);
}

#[tokio::test]
async fn a_passkey_confirms_what_is_sensitive() {
    let test = server().await;
    let (mut device, mut browser) = nora_with_passkey(&test).await;
    test.clock.advance(TimeDelta::minutes(10));
    browser.get(&test, "/schedule").await.expect(200);
    let asked = browser.act(&test, "app", "remove", "").await.expect(303);
    assert_eq!(asked.location(), "/account/confirm?back=/account/authenticators");
    let on = asked.location().to_owned();
    let options = browser.asked(&test, "confirm", &on).await;
    let answer = device.get(SITE, &options);
    let fields = [("answer", answer.as_str()), ("back", "/account/authenticators")];
    let done = browser.submit(&test, &on, "/account/confirm/passkey", &fields).await.expect(303);
    assert_eq!(done.location(), "/account/authenticators");
    browser.act(&test, "app", "remove", "").await.expect(404);
}

/// LC-2, 63B §6.3: what the password alone reached must not bind another authenticator.
#[tokio::test]
async fn the_password_alone_adds_nothing_where_a_second_factor_is() {
    let test = server().await;
    let (_, _) = nora_with_passkey(&test).await;
    later(&test);
    let mut half = Browser::default();
    half.password(&test).await.expect(303);
    half.options(&test, "register", "/sign-in/code").await.expect(401);
    half.submit(&test, "/sign-in/code", "/sign-in/enrol/app", &[]).await.expect(401);
    half.submit(&test, "/sign-in/code", "/account/backup-codes", &[]).await.expect(303);
}

#[tokio::test]
async fn a_device_that_has_a_passkey_here_is_not_asked_for_another() {
    let test = server().await;
    let (_, mut browser) = nora_with_passkey(&test).await;
    let options = browser.asked(&test, "register", "/sign-in/enrol").await;
    assert_eq!(options["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    browser.add_passkey(&test, &mut Device::new([2; 32]), "Key in the drawer").await.expect(303);
    assert_eq!(browser.ways(&test).await.len(), 2);
}

#[tokio::test]
async fn a_person_with_an_app_adds_a_passkey_and_other_sessions_end() {
    let test = server().await;
    let (key, mut browser) = nora(&test).await;
    later(&test);
    let mut other = Browser::default();
    other.sign_in(&test, &super::digits(&test, &key)).await.expect(303);
    other.get(&test, "/schedule").await.expect(200);
    browser.add_passkey(&test, &mut Device::new([1; 32]), "Laptop").await.expect(303);
    browser.get(&test, "/schedule").await.expect(200);
    other.get(&test, "/schedule").await.expect(303);
}

#[tokio::test]
async fn a_server_without_an_address_offers_no_passkeys() {
    let test = TestApp::new().await;
    let mut browser = Browser::default();
    assert!(!browser.get(&test, "/sign-in").await.expect(200).text.contains("passkey"));
    browser.options(&test, "sign-in", "/sign-in").await.expect(409);
}

#[tokio::test]
async fn of_many_requests_with_one_answer_one_succeeds() {
    let test = server().await;
    let (mut device, _) = nora_with_passkey(&test).await;
    later(&test);
    let mut browser = Browser::default();
    let options = browser.asked(&test, "sign-in", "/sign-in").await;
    let answer = device.get(SITE, &options);
    let sent = (0..16).map(|_| {
        let (mut one, test, answer) = (browser.clone(), &test, answer.as_str());
        async move { one.post(test, "/sign-in/passkey", &[("answer", answer)]).await.status.as_u16() }
    });
    let seen = futures_util::future::join_all(sent).await;
    assert_eq!(seen.iter().filter(|status| **status == 303).count(), 1, "{seen:?}");
}
