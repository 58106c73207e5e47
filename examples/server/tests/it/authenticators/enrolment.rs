use chrono::TimeDelta;
use mentalspace_auth_policy::mfa::Requirement;
use mentalspace_core::Role;
use mentalspace_passkey::testing::Device;
use mentalspace_server::app::Policies;
use serde_json::json;

use super::{Browser, digits, later, nora, requiring, site, told};
use crate::{
    sessions::shown_key,
    support::{TestApp, csrf},
};

async fn server() -> TestApp {
    TestApp::with_ways(Policies::default(), site()).await
}

#[tokio::test]
async fn an_app_is_shown_as_a_picture_and_as_text_and_confirmed_before_it_counts() {
    let test = server().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let mut browser = Browser::default();
    browser.password(&test).await.expect(303);
    let offered = browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/app", &[]).await.expect(200).text;
    assert!(offered.contains("<svg") && offered.contains("<title>QR code for an authenticator app</title>"));
    let (key, token) = (shown_key(&offered), csrf(&offered));
    let again = browser.post(&test, "/sign-in/enrol/app/confirm", &[("csrf", &token), ("code", "000000")]).await;
    let again = again.expect(422).text;
    assert!(!again.contains("<svg") && !again.contains("<code>"), "the key is shown once");
    browser.get(&test, "/schedule").await.expect(303);
    let sent = [("csrf", token.as_str()), ("code", &digits(&test, &key))];
    let done = browser.post(&test, "/sign-in/enrol/app/confirm", &sent).await.expect(303);
    assert_eq!(done.location(), "/account/backup-codes");
    browser.get(&test, "/schedule").await.expect(200);
}

/// OT-8: the new app is bound before the old one goes.
#[tokio::test]
async fn a_new_app_takes_the_place_of_the_old_one_once_it_is_confirmed() {
    let test = server().await;
    let (old, mut browser) = nora(&test).await;
    let offered = browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/app", &[]).await.expect(200).text;
    let new = shown_key(&offered);
    assert_ne!(old, new);
    later(&test);
    Browser::default().sign_in(&test, &digits(&test, &old)).await.expect(303);
    later(&test);
    let typed = digits(&test, &new);
    browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/app/confirm", &[("code", &typed)]).await.expect(303);
    later(&test);
    Browser::default().sign_in(&test, &digits(&test, &old)).await.expect(401);
    Browser::default().sign_in(&test, &digits(&test, &new)).await.expect(303);
    let sentences = told(&test).await;
    assert_eq!(sentences.iter().filter(|one| one.contains("app was set up")).count(), 2);
    assert_eq!(sentences.iter().filter(|one| one.contains("app was removed")).count(), 1);
}

/// OT-4.
#[tokio::test]
async fn a_code_that_comes_twice_is_told_in_the_live_sessions() {
    let test = server().await;
    let (key, mut browser) = nora(&test).await;
    later(&test);
    let typed = digits(&test, &key);
    Browser::default().sign_in(&test, &typed).await.expect(303);
    assert!(!browser.get(&test, "/account").await.text.contains("came a second time"));
    Browser::default().sign_in(&test, &typed).await.expect(401);
    let warned = browser.get(&test, "/account").await.expect(200).text;
    assert!(warned.contains("A one-time code of your account came a second time"));
    assert!(told(&test).await.iter().any(|one| one.contains("used a second time")));
    browser.submit(&test, "/account", "/session/seen", &[]).await.expect(303);
    assert!(!browser.get(&test, "/account").await.text.contains("came a second time"));
}

/// RFC 6238 §6: an app whose clock runs away step by step goes on signing in.
#[tokio::test]
async fn a_clock_that_drifts_is_followed() {
    let test = server().await;
    let (key, _) = nora(&test).await;
    for steps in 1..=3 {
        test.clock.advance(TimeDelta::minutes(10));
        let ahead = crate::sessions::code(&key, test.app.now() + TimeDelta::seconds(30 * steps));
        Browser::default().sign_in(&test, &ahead).await.expect(303);
    }
    test.clock.advance(TimeDelta::minutes(10));
    Browser::default().sign_in(&test, &digits(&test, &key)).await.expect(401);
}

#[tokio::test]
async fn backup_codes_are_offered_run_low_and_are_replaced() {
    let test = server().await;
    let (_, mut browser) = nora(&test).await;
    let made = browser.submit(&test, "/account/backup-codes", "/account/backup-codes", &[]).await.expect(200).text;
    let codes: Vec<String> =
        made.split("<li><code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect();
    assert_eq!(codes.len(), 10);
    assert!(made.contains("<textarea readonly"), "they can be copied without a script");
    assert!(browser.get(&test, "/account/backup-codes").await.text.contains("10 of ten"));
    for (used, code) in (1..).zip(&codes[..8]) {
        browser = Browser::default();
        let leads = browser.sign_in(&test, code).await.expect(303);
        assert_eq!(leads.location(), if used >= 7 { "/account/backup-codes" } else { "/" }, "{used} are used");
    }
    let page = browser.get(&test, "/account").await.expect(200).text;
    assert!(page.contains("2 backup codes are left"));
    assert_eq!(told(&test).await.iter().filter(|one| one.contains("backup code was used")).count(), 8);
    let fresh = browser.submit(&test, "/account/backup-codes", "/account/backup-codes", &[]).await.expect(200).text;
    assert!(!fresh.contains(&codes[9]));
    Browser::default().sign_in(&test, &codes[9]).await.expect(401);
    assert!(told(&test).await.iter().any(|one| one.contains("New backup codes were made")));
}

/// §6.3.3: a grace period is told on every page, and ends.
#[tokio::test]
async fn within_the_grace_period_work_goes_on_and_enrolment_is_asked_for() {
    let end = "2026-03-09T05:00:00Z".parse().unwrap();
    let test = TestApp::with_ways(requiring(Requirement::GraceUntil(end), &[]), site()).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let mut browser = Browser::default();
    assert_eq!(browser.password(&test).await.expect(303).location(), "/");
    let page = browser.get(&test, "/schedule").await.expect(200).text;
    assert!(page.contains("Set up a second factor by") && page.contains("March 9, 2026"));
    test.clock.set("2026-03-09T04:59:00Z");
    let mut last = Browser::default();
    last.password(&test).await.expect(303);
    last.get(&test, "/schedule").await.expect(200);
    test.clock.set("2026-03-09T05:00:00Z");
    last.get(&test, "/schedule").await.expect(303);
    let mut late = Browser::default();
    assert_eq!(late.password(&test).await.expect(303).location(), "/sign-in/enrol");
}

#[tokio::test]
async fn who_enrols_within_the_grace_period_has_shown_two_factors_from_then_on() {
    let end = "2026-03-09T05:00:00Z".parse().unwrap();
    let test = TestApp::with_ways(requiring(Requirement::GraceUntil(end), &[]), site()).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let mut early = Browser::default();
    early.password(&test).await.expect(303);
    early.set_up_app(&test).await;
    assert!(!early.get(&test, "/schedule").await.expect(200).text.contains("Set up a second factor by"));
}

#[tokio::test]
async fn administrators_and_supervisors_must_where_others_may() {
    let policies = requiring(
        Requirement::Optional,
        &[("administrator", Requirement::Required), ("supervisor", Requirement::Required)],
    );
    let test = TestApp::with_ways(policies, site()).await;
    for (role, leads) in
        [(Role::Administrator, "/sign-in/enrol"), (Role::Supervisor, "/sign-in/enrol"), (Role::FrontDesk, "/")]
    {
        let name = format!("person-{}", role.name().replace('_', "-"));
        test.add_person_with_password(&name, vec![role]).await;
        let login = format!("{name}@harbor.example");
        let mut browser = Browser::default();
        let fields = [("login", login.as_str()), ("password", crate::support::PASSWORD)];
        assert_eq!(browser.post(&test, "/sign-in", &fields).await.expect(303).location(), leads, "{role:?}");
    }
}

/// LC-1, LC-5, LC-7.
#[tokio::test]
async fn ways_to_sign_in_are_listed_renamed_suspended_and_removed() {
    let test = server().await;
    let (key, mut browser) = nora(&test).await;
    let mut device = Device::new([1; 32]);
    browser.add_passkey(&test, &mut device, "Laptop").await.expect(303);
    let ways = browser.ways(&test).await;
    let passkey = ways[0].clone();
    assert_eq!(ways[1], "app");
    let page = browser.get(&test, "/account/authenticators").await.expect(200).text;
    assert!(page.contains("Firefox on Linux"), "where it was added from");

    browser.act(&test, &passkey, "rename", "Old laptop").await.expect(303);
    browser.act(&test, &passkey, "rename", " ").await.expect(422);
    assert!(browser.get(&test, "/account/authenticators").await.text.contains("Old laptop"));
    browser.act(&test, &passkey, "suspend", "").await.expect(303);
    later(&test);
    Browser::default().with_passkey(&test, &mut device).await.expect(401);
    // The last one that works stays.
    browser.act(&test, "app", "suspend", "").await.expect(409);
    browser.act(&test, "app", "remove", "").await.expect(409);
    browser.act(&test, &passkey, "restore", "").await.expect(303);
    Browser::default().with_passkey(&test, &mut device).await.expect(303);
    browser.act(&test, "app", "remove", "").await.expect(303);
    let mut half = Browser::default();
    half.sign_in(&test, &digits(&test, &key)).await.expect(401);
    browser.act(&test, &passkey, "remove", "").await.expect(409);
    let sentences = told(&test).await;
    for word in ["suspended", "allowed again", "app was removed"] {
        assert!(sentences.iter().any(|one| one.contains(word)), "{word}");
    }
}

#[tokio::test]
async fn where_a_second_factor_is_optional_the_last_one_may_go() {
    let test = TestApp::with_ways(requiring(Requirement::Optional, &[]), site()).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let mut browser = Browser::default();
    assert_eq!(browser.password(&test).await.expect(303).location(), "/");
    browser.set_up_app(&test).await;
    browser.act(&test, "app", "remove", "").await.expect(303);
    assert_eq!(Browser::default().password(&test).await.expect(303).location(), "/");
}

#[tokio::test]
async fn changes_need_factors_shown_a_short_while_ago() {
    let test = server().await;
    let (_, mut browser) = nora(&test).await;
    test.clock.advance(TimeDelta::minutes(6));
    for act in ["suspend", "remove", "rename"] {
        let asked = browser.act(&test, "app", act, "Other").await.expect(303);
        assert_eq!(asked.location(), "/account/confirm?back=/account/authenticators", "{act}");
    }
    let asked = browser.get(&test, "/sign-in/enrol").await.expect(303);
    assert!(asked.location().starts_with("/account/confirm"));
    assert_eq!(browser.ways(&test).await, ["app"]);
}

#[tokio::test]
async fn an_administrators_reset_takes_no_second_factor() {
    let test = server().await;
    let (_, mut browser) = nora(&test).await;
    browser.add_passkey(&test, &mut Device::new([1; 32]), "Laptop").await.expect(303);
    let users = test.call("administrator", "GET", "/users", None).await.expect(200).json();
    let nora = users.as_array().unwrap().iter().find(|user| user["login"] == super::NORA).unwrap().clone();
    assert_eq!(nora["second_factor"], true);
    let path = format!("/users/{}/reset", nora["id"].as_str().unwrap());
    let both = json!({ "version": nora["version"], "second_factor": true });
    test.call("administrator", "POST", &path, Some(both)).await.expect(422);
    let body = json!({ "version": nora["version"] });
    test.call("administrator", "POST", &path, Some(body)).await.expect(200);
    let users = test.call("administrator", "GET", "/users", None).await.expect(200).json();
    let nora = users.as_array().unwrap().iter().find(|user| user["login"] == super::NORA).unwrap().clone();
    assert_eq!(nora["second_factor"], true);
}

#[tokio::test]
async fn programs_see_and_change_ways_to_sign_in_too() {
    let test = server().await;
    let (_, mut browser) = nora(&test).await;
    browser.add_passkey(&test, &mut Device::new([1; 32]), "Laptop").await.expect(303);
    let listed = browser.get(&test, "/api/v1/authenticators").await.expect(200).json();
    let kinds: Vec<_> = listed["authenticators"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["passkey", "totp"]);
    assert_eq!(listed["authenticators"][0]["phishing_resistant"], true);
    assert_eq!(listed["backup_codes"], 0);
    test.call("front_desk", "GET", "/authenticators", None).await.expect(200);
    test.call("front_desk", "DELETE", "/authenticators/app", None).await.expect(404);
    test.call("front_desk", "DELETE", "/authenticators/nonsense", None).await.expect(404);
}
