//! Passwords over their life: chosen, judged, imported, replaced, expired, found in a breach.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use mentalspace_auth_policy::{
    hash::{HashParams, Hasher, StoredPassword},
    mfa::MfaPolicy,
    password::{
        BreachRange, FilterBuilder, NormalizedPassword, OnUnavailable, PasswordPolicy, RangeAnswer, RangePrefix,
        RangeUnavailable,
    },
    pepper::Peppers,
};
use mentalspace_core::{Access, Role, UserId, store::Find};
use mentalspace_server::{
    account::User,
    app::{GuardSettings, Policies},
    breaches::Breaches,
    events::Notice,
    hashing::HashSettings,
    password::PastPassword,
};
use serde_json::json;

use crate::{
    sessions::{cookie, first_sign_in, page},
    support::{Answer, PASSWORD, TestApp, csrf, form},
};

const NORA: &str = "nora@harbor.example";

async fn stored(test: &TestApp, user: UserId) -> String {
    let access = Access::system(test.practice, "test", test.app.now());
    let user = test.app.vault().read(&access, |read| Box::pin(async move { read.expect::<User>(user).await }));
    user.await.unwrap().password.expose().expose()
}

async fn sign_in(test: &TestApp, password: &str) -> Answer {
    let credentials = json!({ "login": NORA, "password": password });
    test.call_with("", "POST", "/sessions", Some(credentials)).await
}

/// Changes the password in a session and returns what the server says.
async fn change(test: &TestApp, session: &str, current: &str, fresh: &str) -> Answer {
    let token = csrf(&page(test, session, "/account/password").await.expect(200).text);
    let fields = [("csrf", token.as_str()), ("current", current), ("password", fresh)];
    test.request(form("/account/password", Some(session), &fields)).await
}

#[tokio::test]
async fn a_hash_of_another_system_is_replaced_at_the_first_sign_in() {
    let test = TestApp::new().await;
    // PBKDF2 as Django writes it, of `four walnuts under a lamp`.
    let imported = "pbkdf2_sha256$1000$seasalt2seasalt2seasal$xiND8B1VlS/p1gYRFACykqvYM3ACG+XA1HzN7npCaH8=";
    let user = test.add_user("nora", vec![Role::FrontDesk], None, imported.parse().unwrap()).await;
    sign_in(&test, "four walnuts under a lamq").await.expect(401);
    assert_eq!(stored(&test, user.id).await, imported, "a wrong password replaces nothing");
    sign_in(&test, "four walnuts under a lamp").await.expect(201);
    let renewed = stored(&test, user.id).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{renewed}");
    sign_in(&test, "four walnuts under a lamp").await.expect(201);
    assert_eq!(stored(&test, user.id).await, renewed, "once");
}

#[tokio::test]
async fn a_hash_with_aged_costs_is_replaced_at_the_next_sign_in() {
    let test = TestApp::new().await;
    let old = Hasher::new(HashParams::new(64, 1, 1).unwrap(), Peppers::none());
    let aged = old.hash(&NormalizedPassword::attempt(&PASSWORD.into()).unwrap(), [3; 16]).unwrap();
    let user = test.add_user("nora", vec![Role::FrontDesk], None, StoredPassword::from(aged)).await;
    sign_in(&test, PASSWORD).await.expect(201);
    assert!(stored(&test, user.id).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="));
}

#[test]
fn costs_are_read_as_calibration_prints_them() {
    assert_eq!(HashSettings::read_params("m=19456,t=2,p=1"), Ok(HashParams::DEFAULT));
    for bad in ["", "m=19456", "m=1,t=1,p=1", "m=x,t=2,p=1", "19456,2,1"] {
        assert!(HashSettings::read_params(bad).is_err(), "{bad}");
    }
}

async fn legacy(history: bool) -> TestApp {
    let password = if history { PasswordPolicy::legacy_hipaa() } else { PasswordPolicy::nist_63b_4() };
    let policies = Policies { password, mfa: MfaPolicy::legacy_hipaa(), ..Policies::default() };
    TestApp::guarded(policies, GuardSettings::default()).await
}

/// The legacy profile: warned from day 76, forced after day 90.
#[tokio::test]
async fn a_password_that_gets_old_is_warned_about_and_then_has_to_be_changed() {
    let test = legacy(true).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let enter = async || {
        let sent = [("login", NORA), ("password", PASSWORD)];
        test.request(form("/sign-in", None, &sent)).await.expect(303)
    };
    test.clock.advance(TimeDelta::days(75));
    let fresh = enter().await;
    assert_eq!(fresh.location(), "/");
    assert!(!page(&test, &cookie(&fresh), "/account").await.expect(200).text.contains("expires in"));
    test.clock.advance(TimeDelta::days(2));
    let warned = enter().await;
    assert!(page(&test, &cookie(&warned), "/account").await.expect(200).text.contains("expires in 13 days"));
    test.clock.advance(TimeDelta::days(14));
    let expired = enter().await;
    assert_eq!(expired.location(), "/account/password");
    let session = cookie(&expired);
    page(&test, &session, "/schedule").await.expect(303);
    test.call_with(&session, "GET", "/appointments", None).await.expect(401);
    assert!(page(&test, &session, "/account/password").await.expect(200).text.contains("has to be changed now"));
    let changed = change(&test, &session, PASSWORD, "walnut harbor sixteen violins").await.expect(303);
    page(&test, &cookie(&changed), "/schedule").await.expect(200);
}

#[tokio::test]
async fn the_last_five_passwords_cannot_be_chosen_again_and_no_more_are_kept() {
    let test = legacy(true).await;
    let user = test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let sent = [("login", NORA), ("password", PASSWORD)];
    let mut session = cookie(&test.request(form("/sign-in", None, &sent)).await.expect(303));
    let mut current = PASSWORD.to_owned();
    for n in 0..6 {
        test.clock.advance(TimeDelta::seconds(30));
        let fresh = format!("walnut harbor violins {}", ["ochre", "teal", "mauve", "beige", "umber", "puce"][n]);
        session = cookie(&change(&test, &session, &current, &fresh).await.expect(303));
        current = fresh;
    }
    test.clock.advance(TimeDelta::seconds(30));
    let reused = change(&test, &session, &current, "walnut harbor violins ochre").await.expect(422);
    assert!(reused.text.contains("differs from your last 5"), "{}", reused.text);
    let access = Access::system(test.practice, "test", test.app.now());
    let past = test
        .app
        .vault()
        .read(&access, |read| Box::pin(async move { read.find_all(Find::<PastPassword>::new()).await }));
    let past = past.await.unwrap();
    assert_eq!(past.len(), 5);
    assert!(past.iter().all(|password| password.user == user.id));
    // The first one is six back and free again.
    change(&test, &session, &current, PASSWORD).await.expect(303);
}

/// PW-6: evidence of compromise forces a change, here a list that has grown since the password was chosen.
#[tokio::test]
async fn a_password_found_on_a_grown_list_has_to_be_changed() {
    let mut list = FilterBuilder::new(8);
    list.add(PASSWORD).unwrap();
    let breaches = Breaches::new(vec![list.build().unwrap()], None, OnUnavailable::default());
    let guard = GuardSettings { breaches, ..GuardSettings::default() };
    let policies = Policies { mfa: MfaPolicy::legacy_hipaa(), ..Policies::default() };
    let test = TestApp::guarded(policies, guard).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let step = sign_in(&test, PASSWORD).await.expect(201).json();
    assert_eq!(step["next"], "new_password");
    let session = step["token"].as_str().unwrap();
    test.call_with(session, "GET", "/appointments", None).await.expect(401);
    let access = Access::system(test.practice, "test", test.app.now());
    let notices =
        test.app.vault().read(&access, |read| Box::pin(async move { read.find_all(Find::<Notice>::new()).await }));
    assert!(notices.await.unwrap().iter().any(|notice| notice.event.name() == "password_found_compromised"));
    let again = change(&test, session, PASSWORD, PASSWORD).await.expect(422);
    assert!(again.text.contains("is the one you have already"));
    change(&test, session, PASSWORD, "walnut harbor sixteen violins").await.expect(303);
    assert_eq!(sign_in(&test, "walnut harbor sixteen violins").await.expect(201).json()["next"], "work");
}

/// A service that answers as it is told: how often everything was seen, or not at all.
#[derive(Debug, Default)]
struct FakeRange {
    seen: AtomicU64,
    silent: bool,
}

#[async_trait]
impl BreachRange for FakeRange {
    async fn range(&self, prefix: RangePrefix) -> Result<RangeAnswer, RangeUnavailable> {
        if self.silent {
            return Err(RangeUnavailable);
        }
        // `walnut harbor sixteen violins`, by another implementation of SHA-1.
        use sha1::{Digest, Sha1};
        let hash: String =
            Sha1::digest("walnut harbor sixteen violins").iter().map(|byte| format!("{byte:02X}")).collect();
        let row = if hash.starts_with(&prefix.to_string()) { hash[5..].to_owned() } else { "0".repeat(35) };
        Ok(RangeAnswer::parse(format!("{row}:{}\r\n", self.seen.load(Ordering::SeqCst)).as_bytes()).unwrap())
    }
}

async fn with_range(range: FakeRange, on_unavailable: OnUnavailable) -> TestApp {
    let breaches = Breaches::new(Vec::new(), Some(Arc::new(range)), on_unavailable);
    let policies = Policies { mfa: MfaPolicy::legacy_hipaa(), ..Policies::default() };
    let test = TestApp::guarded(policies, GuardSettings { breaches, ..GuardSettings::default() }).await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    test
}

async fn choose(test: &TestApp) -> Answer {
    let sent = [("login", NORA), ("password", PASSWORD)];
    let session = cookie(&test.request(form("/sign-in", None, &sent)).await.expect(303));
    change(test, &session, PASSWORD, "walnut harbor sixteen violins").await
}

/// ASVS 6.2.12.
#[tokio::test]
async fn a_password_that_a_service_knows_is_refused_with_the_reason() {
    let breached = with_range(FakeRange { seen: 3.into(), silent: false }, OnUnavailable::Deny).await;
    let refused = choose(&breached).await.expect(422);
    assert!(refused.text.contains("became known in a breach"), "{}", refused.text);
    let clean = with_range(FakeRange::default(), OnUnavailable::Deny).await;
    choose(&clean).await.expect(303);
}

#[tokio::test]
async fn while_a_service_is_silent_passwords_are_refused_or_noted_as_the_setting_says() {
    let silent = || FakeRange { silent: true, ..FakeRange::default() };
    let refused = choose(&with_range(silent(), OnUnavailable::Deny).await).await.expect(503);
    assert_eq!(refused.headers["retry-after"], "60");
    choose(&with_range(silent(), OnUnavailable::AllowAndFlag).await).await.expect(303);
}

/// PW-14: guidance before and after; ASVS 6.2.11: with the names around the person.
#[tokio::test]
async fn a_password_is_judged_while_it_is_typed_by_page_and_api() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let (_, step) = first_sign_in(&test, NORA, PASSWORD).await;
    let session = cookie(&step);
    let shown = page(&test, &session, "/account/password").await.expect(200);
    assert!(shown.text.contains("/static/password.js") && !shown.text.contains("<script>"));
    assert!(page(&test, &session, "/static/password.js").await.expect(200).text.contains("x-background"));
    let token = csrf(&shown.text);
    let ask = async |password: &str| {
        let fields = [("csrf", token.as_str()), ("password", password)];
        test.request(form("/account/password/strength", Some(&session), &fields)).await.expect(200).json()
    };
    let weak = ask("Harbor Counseling 2026").await;
    assert_eq!(weak["acceptable"], false);
    assert!(weak["words"][0].as_str().unwrap().contains("made of names"), "{weak}");
    let good = ask("walnut harbor sixteen violins").await;
    assert_eq!((good["acceptable"].as_bool(), good["score"].as_u64()), (Some(true), Some(4)), "{good}");
    let empty = ask("").await;
    assert_eq!(empty["acceptable"], false);
    let long = ask(&"é".repeat(20_000)).await;
    assert!(long["words"][0].as_str().unwrap().contains("too long"), "{long}");
    let asked = json!({ "password": "password1234" });
    let path = "/sessions/current/password-strength";
    let api = test.call_with(&session, "POST", path, Some(asked.clone())).await.expect(200);
    assert!(!api.text.contains("password1234"));
    assert_eq!(api.json()["acceptable"], false);
    test.call_with("", "POST", path, Some(asked.clone())).await.expect(401);
    let mut refused = None;
    for _ in 0..70 {
        let answer = test.call_with(&session, "POST", path, Some(asked.clone())).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.expect(200);
    }
    assert_eq!(refused.expect("a limit").headers["retry-after"], "2");
}

/// PW-16, ASVS 6.2.6 and 6.2.7.
#[tokio::test]
async fn password_fields_are_masked_and_filled_by_managers() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let (_, step) = first_sign_in(&test, NORA, PASSWORD).await;
    let sign_in = page(&test, "", "/sign-in").await.expect(200).text;
    let change = page(&test, &cookie(&step), "/account/password").await.expect(200).text;
    for (text, fields, managed) in [(&sign_in, 1, "current-password"), (&change, 2, "new-password")] {
        assert_eq!(text.matches("type=\"password\"").count(), fields);
        assert!(text.contains(&format!("autocomplete=\"{managed}\"")));
        assert!(!text.contains("onpaste") && !text.contains("autocomplete=\"off\""));
    }
}
