//! Coming to an account and back to it: invitations, forgotten passwords, recovery, addresses, notices, programs.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use mentalspace_auth_policy::notice::{Mail, MailError, Mailer};
use mentalspace_core::{PracticeId, Role};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    presence::{Browser, FIREFOX, nora},
    sessions::{code, first_sign_in},
    support::{Answer, PASSWORD, TestApp, csrf, form},
};

const OWN: &str = "walnut ferry obsidian seventy";

/// A mail service that keeps letters, or fails as it is told.
#[derive(Debug, Default)]
struct Kept {
    letters: Mutex<Vec<(String, String)>>,
    fails: Mutex<Option<MailError>>,
}

#[async_trait]
impl Mailer for Kept {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(error) = *self.fails.lock().unwrap() {
            return Err(error);
        }
        let letter = (mail.to.expose_secret().to_owned(), mail.text.expose_secret().to_owned());
        self.letters.lock().unwrap().push(letter);
        Ok(())
    }
}

impl Kept {
    fn connect(test: &TestApp) -> Arc<Self> {
        let kept = Arc::new(Self::default());
        test.app.connect_post(Some(kept.clone()), "https://practice.test/");
        kept
    }

    fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }
}

async fn work(test: &TestApp) {
    test.clock.advance(TimeDelta::seconds(1));
    for practice in [PracticeId::DIRECTORY, test.practice] {
        mentalspace_server::jobs::round(&test.app, practice).await.unwrap();
    }
}

/// The path of the link in a text.
fn link(text: &str) -> String {
    let at = text.find("http").expect("there is a link");
    let link = text[at..].split_whitespace().next().unwrap();
    let path = link.split_once("://").unwrap().1;
    path[path.find('/').unwrap()..].trim_end_matches(['"', '}', '<']).to_owned()
}

async fn get(test: &TestApp, path: &str) -> Answer {
    test.request(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn invited(test: &TestApp) -> (Value, String) {
    let post = json!({ "display_name": "Lee", "roles": ["front_desk"] });
    let body = json!({ "login": "lee@harbor.example", "post": post });
    let made = test.call("administrator", "POST", "/invitations", Some(body)).await.expect(201).json();
    let path = link(made["link"].as_str().unwrap());
    (made, path)
}

#[tokio::test]
async fn an_invitation_leads_to_an_own_password_and_a_second_factor() {
    let test = TestApp::new().await;
    let (_, path) = invited(&test).await;
    let shown = get(&test, &path).await.expect(200).text;
    assert!(shown.contains("lee@harbor.example") && shown.contains("new-password"));
    get(&test, &path).await.expect(200);
    test.request(form(&path, None, &[("password", "password1234")])).await.expect(422);
    let mut browser = Browser::new(FIREFOX);
    let step = browser.post(&test, &path, &[("password", OWN)]).await.expect(303);
    assert_eq!(step.location(), "/sign-in/enrol");
    let offered = browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/app", &[]).await.expect(200).text;
    let secret = crate::sessions::shown_key(&offered);
    let digits = code(&secret, test.app.now());
    let fields = [("code", digits.as_str()), ("csrf", &csrf(&offered))];
    let step = browser.post(&test, "/sign-in/enrol/app/confirm", &fields).await.expect(303);
    assert_eq!(step.location(), "/account/backup-codes");
    browser.get(&test, "/schedule").await.expect(200);
    test.request(form(&path, None, &[("password", OWN)])).await.expect(403);
    get(&test, &path).await.expect(403);
}

#[tokio::test]
async fn an_invitation_is_used_once_even_twice_at_the_same_moment() {
    let test = TestApp::new().await;
    let (_, path) = invited(&test).await;
    let take = || test.request(form(&path, None, &[("password", OWN)]));
    let (one, two) = tokio::join!(take(), take());
    let mut seen = [one.status.as_u16(), two.status.as_u16()];
    seen.sort_unstable();
    assert_eq!(seen, [303, 403]);
}

#[tokio::test]
async fn an_invitation_ends_after_three_days_with_a_newer_one_and_with_the_account() {
    let test = TestApp::new().await;
    let (made, first) = invited(&test).await;
    let user = made["user"].as_str().unwrap().to_owned();
    let again = format!("/users/{user}/invitation");
    test.call("front_desk", "POST", &again, None).await.expect(403);
    let second = test.call("administrator", "POST", &again, None).await.expect(200).json();
    let second = link(second["link"].as_str().unwrap());
    let refused = get(&test, &first).await.expect(403).text;
    get(&test, &second).await.expect(200);
    test.clock.advance(TimeDelta::days(3));
    let same = |answer: Answer| assert_eq!(answer.text, refused, "one answer for every reason");
    same(get(&test, &second).await.expect(403));
    same(get(&test, "/welcome/nonsense").await.expect(403));

    let administrator = test.token_after_idle("administrator").await;
    let third = test.call_with(&administrator, "POST", &again, None).await.expect(200).json();
    let third = link(third["link"].as_str().unwrap());
    let seen = test.call_with(&administrator, "GET", &format!("/users/{user}"), None).await.expect(200).json();
    let shut = json!({ "version": seen["version"], "enabled": false });
    test.call_with(&administrator, "POST", &format!("/users/{user}/enabled"), Some(shut)).await.expect(200);
    same(get(&test, &third).await.expect(403));
    test.call_with(&administrator, "POST", &again, None).await.expect(409);
    let open = json!({ "version": 2, "enabled": true });
    test.call_with(&administrator, "POST", &format!("/users/{user}/enabled"), Some(open)).await.expect(200);
    same(get(&test, &third).await.expect(403));
}

/// ASVS 6.3.8, 6.4.3; LC-4.
#[tokio::test]
async fn a_forgotten_password_is_replaced_by_link_and_second_factor_and_nobody_learns_who_exists() {
    let test = TestApp::new().await;
    let kept = Kept::connect(&test);
    let (secret, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    work(&test).await;
    kept.take();
    let mut answers = Vec::new();
    for login in ["nora@harbor.example", "nobody@harbor.example", "not an address"] {
        let answer = test.request(form("/sign-in/forgotten", None, &[("login", login)])).await;
        answers.push((answer.status, answer.text));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]) && answers[0].0 == 200);
    // One worker answers the request, the next hands the letter over.
    work(&test).await;
    work(&test).await;
    let letters = kept.take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].0, "nora@harbor.example");
    let path = link(&letters[0].1);
    test.clock.advance(TimeDelta::seconds(60));
    let digits = code(&secret, test.app.now());
    let wrong = test.request(form(&path, None, &[("password", OWN), ("code", "000000")])).await.expect(422);
    assert!(wrong.text.contains("is not right"));
    test.request(form(&path, None, &[("password", "password1234"), ("code", &digits)])).await.expect(422);
    test.request(form(&path, None, &[("password", OWN), ("code", &digits)])).await.expect(200);
    test.request(form(&path, None, &[("password", OWN), ("code", &digits)])).await.expect(403);
    assert_eq!(browser.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    let sent = [("login", "nora@harbor.example"), ("password", PASSWORD)];
    test.request(form("/sign-in", None, &sent)).await.expect(401);
    let sent = [("login", "nora@harbor.example"), ("password", OWN)];
    assert_eq!(test.request(form("/sign-in", None, &sent)).await.expect(303).location(), "/sign-in/code");
    work(&test).await;
    assert!(kept.take().iter().any(|(_, text)| text.contains("was reset")), "the person is told");
}

#[tokio::test]
async fn who_asks_for_links_too_often_waits_and_takes_the_way_back_from_nobody() {
    let test = TestApp::new().await;
    let ask =
        async |login: &str| test.request(form("/sign-in/forgotten", None, &[("login", login)])).await.status.as_u16();
    for login in ["nora@harbor.example", "nobody@harbor.example"] {
        for _ in 0..5 {
            assert_eq!(ask(login).await, 200);
        }
        assert_eq!(ask(login).await, 429, "{login}");
    }
    for _ in 0..200 {
        ask("nora@harbor.example").await;
    }
    test.clock.advance(TimeDelta::hours(1));
    assert_eq!(ask("nora@harbor.example").await, 200);
}

#[tokio::test]
async fn a_link_to_a_new_password_lasts_half_an_hour_and_is_handed_over_where_nothing_is_mailed() {
    let test = TestApp::new().await;
    nora(&test, vec![Role::FrontDesk]).await;
    test.request(form("/sign-in/forgotten", None, &[("login", "NORA@harbor.example")])).await.expect(200);
    work(&test).await;
    test.page("front_desk", "/practice/letters").await.expect(403);
    let shown = test.page("administrator", "/practice/letters").await.expect(200).text;
    let path = link(shown.split_once("class=\"letter\"").unwrap().1);
    get(&test, &path).await.expect(200);
    test.clock.advance(TimeDelta::minutes(30));
    get(&test, &path).await.expect(403);
}

/// The password was shown, the second factor is lost.
async fn stuck(test: &TestApp, login: &str) -> Browser {
    let mut browser = Browser::new(FIREFOX);
    let step = browser.post(test, "/sign-in", &[("login", login), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(step.location(), "/sign-in/code");
    browser
}

#[tokio::test]
async fn a_recovery_waits_is_approved_by_another_person_and_leads_to_one_new_factor() {
    let test = TestApp::new().await;
    let kept = Kept::connect(&test);
    test.add_person_with_password("nora", vec![Role::Administrator]).await;
    let (_, _) = first_sign_in(&test, "nora@harbor.example", PASSWORD).await;
    let mut browser = stuck(&test, "nora@harbor.example").await;
    for _ in 0..2 {
        browser.submit(&test, "/sign-in/lost", "/sign-in/lost", &[]).await.expect(200);
    }
    browser.submit(&test, "/sign-in/lost", "/sign-in/lost/use", &[]).await.expect(409);
    assert_eq!(browser.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    work(&test).await;
    let told = kept.take();
    assert!(told.iter().any(|(to, text)| to == "nora@harbor.example" && text.contains("/recovery/stop/")));

    let list = test.page("administrator", "/practice/recoveries").await.expect(200).text;
    assert!(list.contains("waiting") && !list.contains("Approve"));
    test.clock.advance(TimeDelta::hours(24));
    let own = test.people["administrator"].user.clone();
    let (one, two) = (test.session(&own).await, test.session(&own).await);
    let list = crate::sessions::page(&test, &one, "/practice/recoveries").await.expect(200).text;
    let path = list.split("action=\"").find(|part| part.contains("/approve")).unwrap().split_once('"').unwrap().0;
    let path = path.to_owned();
    let approve = async |token: &str, reason: &str| {
        let csrf = csrf(&crate::sessions::page(&test, token, "/account").await.text);
        test.request(form(&path, Some(token), &[("csrf", &csrf), ("reason", reason)])).await
    };
    approve(&one, "because").await.expect(422);
    let reason = "Seen in person, with her passport.";
    let (first, second) = tokio::join!(approve(&one, reason), approve(&two, reason));
    let mut seen = [first.status.as_u16(), second.status.as_u16()];
    seen.sort_unstable();
    assert_eq!(seen, [303, 409]);

    let mut browser = stuck(&test, "nora@harbor.example").await;
    browser.submit(&test, "/sign-in/lost", "/sign-in/lost/use", &[]).await.expect(200);
    let (_, step) = first_sign_in(&test, "nora@harbor.example", PASSWORD).await;
    assert_eq!(step.location(), "/account/backup-codes");
    let mut browser = stuck(&test, "nora@harbor.example").await;
    browser.submit(&test, "/sign-in/lost", "/sign-in/lost/use", &[]).await.expect(409);
}

#[tokio::test]
async fn nobody_approves_the_own_recovery() {
    let test = TestApp::new().await;
    let (_, mut nora) = nora(&test, vec![Role::Administrator]).await;
    let mut browser = stuck(&test, "nora@harbor.example").await;
    browser.submit(&test, "/sign-in/lost", "/sign-in/lost", &[]).await.expect(200);
    test.clock.advance(TimeDelta::minutes(4));
    let list = nora.get(&test, "/practice/recoveries").await.expect(200).text;
    let id = list.split_once("/practice/recoveries/").unwrap().1.split_once('/').unwrap().0.to_owned();
    test.clock.advance(TimeDelta::hours(24));
    let user = test.app.vault();
    let access = mentalspace_core::Access::system(test.practice, "test", test.app.now());
    let find = mentalspace_core::store::Find::<mentalspace_server::account::User>::new();
    let all = user.read(&access, |work| Box::pin(async move { work.find_all(find).await })).await.unwrap();
    let me = all.into_iter().find(|user| user.login.expose() == "nora@harbor.example").unwrap().value;
    let token = test.session(&me).await;
    let csrf = csrf(&crate::sessions::page(&test, &token, "/account").await.text);
    let fields = [("csrf", csrf.as_str()), ("reason", "It is really me, I promise.")];
    let refused = test.request(form(&format!("/practice/recoveries/{id}/approve"), Some(&token), &fields)).await;
    assert!(refused.expect(403).text.contains("Nobody approves the own recovery"));
}

#[tokio::test]
async fn a_recovery_is_stopped_by_the_link_or_by_signing_in() {
    let test = TestApp::new().await;
    let kept = Kept::connect(&test);
    let (secret, _) = nora(&test, vec![Role::FrontDesk]).await;
    for by_link in [true, false] {
        test.clock.advance(TimeDelta::seconds(60));
        let mut browser = stuck(&test, "nora@harbor.example").await;
        browser.submit(&test, "/sign-in/lost", "/sign-in/lost", &[]).await.expect(200);
        work(&test).await;
        let letters = kept.take();
        let path = link(&letters.iter().find(|(_, text)| text.contains("/recovery/stop/")).unwrap().1);
        if by_link {
            get(&test, &path).await.expect(200);
            test.request(form(&path, None, &[])).await.expect(200);
        } else {
            let digits = code(&secret, test.app.now());
            browser.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", &digits)]).await.expect(303);
        }
        test.request(form(&path, None, &[])).await.expect(403);
        let list = test.page("administrator", "/practice/recoveries").await.expect(200).text;
        assert!(!list.contains("waiting"), "{list}");
    }
}

#[tokio::test]
async fn an_address_is_proved_by_a_code_told_to_the_old_one_and_undone_from_there() {
    let test = TestApp::new().await;
    let kept = Kept::connect(&test);
    let (_, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    work(&test).await;
    kept.take();
    let on = "/account/addresses";
    let code_in = |letters: &[(String, String)], to: &str| {
        let text = &letters.iter().find(|(at, text)| at == to && text.contains("code that confirms")).unwrap().1;
        text.split_once(" is ").unwrap().1.split_once('.').unwrap().0.to_owned()
    };
    for (email, purpose) in [("nora@home.example", "told"), ("nora.new@harbor.example", "sign_in")] {
        let asked = browser.submit(&test, on, on, &[("email", email), ("purpose", purpose)]).await.expect(200).text;
        work(&test).await;
        let letters = kept.take();
        let code = code_in(&letters, email);
        let path = asked.split("action=\"").find(|part| part.contains("/confirm\"")).unwrap();
        let path = path.split_once('"').unwrap().0.to_owned();
        browser.submit(&test, on, &path, &[("code", "00000-00000")]).await.expect(422);
        browser.submit(&test, on, &path, &[("code", &code)]).await.expect(303);
        browser.submit(&test, on, &path, &[("code", &code)]).await.expect(422);
    }
    work(&test).await;
    let letters = kept.take();
    for to in ["nora@harbor.example", "nora@home.example"] {
        assert!(letters.iter().any(|(at, text)| at == to && text.contains("/undo/")), "{to} is told");
    }
    let sign_in = async |login: &str| {
        test.request(form("/sign-in", None, &[("login", login), ("password", PASSWORD)])).await.status.as_u16()
    };
    assert_eq!((sign_in("nora@harbor.example").await, sign_in("nora.new@harbor.example").await), (401, 303));
    let wanted = [("current", PASSWORD), ("password", OWN)];
    browser.submit(&test, "/account/password", "/account/password", &wanted).await.expect(303);
    work(&test).await;
    let told = kept.take();
    assert!(told.iter().any(|(at, text)| at == "nora@harbor.example" && text.contains("password")), "the old one too");
    let path =
        link(&letters.iter().rfind(|(at, text)| at == "nora@home.example" && text.contains("/undo/")).unwrap().1);
    test.request(form(&path, None, &[])).await.expect(200);
    test.request(form(&path, None, &[])).await.expect(403);
    let sign_in = async |login: &str| {
        test.request(form("/sign-in", None, &[("login", login), ("password", OWN)])).await.status.as_u16()
    };
    assert_eq!((sign_in("nora@harbor.example").await, sign_in("nora.new@harbor.example").await), (303, 401));
    assert_eq!(browser.get(&test, on).await.expect(303).location(), "/sign-in");
}

/// LC-8: every address, instructions, whom to call, and no secret.
#[tokio::test]
async fn notices_go_out_again_after_a_failure_and_are_read_after_the_next_sign_in() {
    let test = TestApp::new().await;
    let kept = Kept::connect(&test);
    let (_, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    work(&test).await;
    kept.take();
    *kept.fails.lock().unwrap() = Some(MailError::Unavailable);
    let fields = [("current", PASSWORD), ("password", OWN)];
    browser.submit(&test, "/account/password", "/account/password", &fields).await.expect(303);
    work(&test).await;
    assert!(kept.take().is_empty());
    *kept.fails.lock().unwrap() = None;
    work(&test).await;
    assert!(kept.take().is_empty(), "it waits before it tries again");
    test.clock.advance(TimeDelta::minutes(1));
    work(&test).await;
    let letters = kept.take();
    let (to, text) = &letters[0];
    assert_eq!((letters.len(), to.as_str()), (1, "nora@harbor.example"));
    assert!(text.contains("The password of your account was changed.") && text.contains("If it was not you"));
    assert!(text.contains("https://practice.test") && !text.contains(OWN));
    work(&test).await;
    assert!(kept.take().is_empty(), "once");

    assert_eq!(browser.get(&test, "/").await.expect(303).location(), "/account/notices");
    let shown = browser.get(&test, "/account/notices").await.expect(200).text;
    assert!(shown.contains("The password of your account was changed."));
    browser.submit(&test, "/account/notices", "/account/notices", &[]).await.expect(303);
    assert_eq!(browser.get(&test, "/").await.expect(303).location(), "/schedule");

    *kept.fails.lock().unwrap() = Some(MailError::Refused);
    let fields = [("current", OWN), ("password", "violin seventeen copper lanterns")];
    browser.submit(&test, "/account/password", "/account/password", &fields).await.expect(303);
    work(&test).await;
    let dead = test.page("administrator", "/billing/jobs").await.text;
    assert!(dead.contains("Mail service does not take this letter"), "{dead}");
}

async fn with_key(test: &TestApp, key: &str, path: &str) -> Answer {
    let request = Request::get(format!("/api/v1{path}")).header(header::AUTHORIZATION, format!("Bearer {key}"));
    test.request(request.body(Body::empty()).unwrap()).await
}

async fn program(test: &TestApp, scopes: Value) -> (String, Value) {
    let named = json!({ "name": "Scheduler" });
    let program = test.call("administrator", "POST", "/programs", Some(named)).await.expect(201).json();
    let program = program.as_str().unwrap().to_owned();
    let key = json!({ "scopes": scopes, "expires_at": "2026-06-01T00:00:00Z" });
    let made = test.call("administrator", "POST", &format!("/programs/{program}/keys"), Some(key)).await.expect(201);
    (program, made.json())
}

#[tokio::test]
async fn a_program_does_what_its_key_names_and_nothing_else() {
    let test = TestApp::new().await;
    let (program, made) = program(&test, json!(["read_client"])).await;
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("msk_"));
    let client = format!("/clients/{}", test.jordan);
    with_key(&test, key, &client).await.expect(200);
    for path in
        ["/users", "/audit/events", "/claims", "/practice", "/programs", "/notes/0", &format!("{client}/coverages")]
    {
        let refused = with_key(&test, key, path).await.status.as_u16();
        assert!(matches!(refused, 403 | 404), "{path}: {refused}");
    }
    for (scopes, end) in [
        (json!(["manage_users"]), "2026-06-01T00:00:00Z"),
        (json!(["break_glass"]), "2026-06-01T00:00:00Z"),
        (json!([]), "2026-06-01T00:00:00Z"),
        (json!(["read_client"]), "2027-06-01T00:00:00Z"),
    ] {
        let body = json!({ "scopes": scopes, "expires_at": end });
        test.call("administrator", "POST", &format!("/programs/{program}/keys"), Some(body)).await.expect(422);
    }
    test.call("front_desk", "GET", "/programs", None).await.expect(403);
    test.app.vault().integrate(test.practice).await.unwrap();
    let trail =
        test.call("administrator", "GET", &format!("/audit/events?user={program}"), None).await.expect(200).text;
    assert!(trail.contains("api_key") && trail.contains("aal1"), "{trail}");
    let listed = test.call("administrator", "GET", "/programs", None).await.expect(200).json();
    assert!(listed[0]["keys"][0]["last_used"].is_string());
    assert!(!listed.to_string().contains("msk_"));
}

#[tokio::test]
async fn a_key_that_does_not_work_is_refused_in_one_way_only() {
    let test = TestApp::new().await;
    let (program, made) = program(&test, json!(["read_client"])).await;
    let key = made["key"].as_str().unwrap().to_owned();
    let client = format!("/clients/{}", test.jordan);
    let path = format!("/keys/{}", made["id"].as_str().unwrap());
    let rotated = test.call("administrator", "POST", &format!("{path}/rotation"), None).await.expect(200).json();
    let fresh = rotated["key"].as_str().unwrap();
    with_key(&test, &key, &client).await.expect(200);
    with_key(&test, fresh, &client).await.expect(200);
    test.clock.advance(TimeDelta::days(1));
    let old = with_key(&test, &key, &client).await.expect(401).text;
    with_key(&test, fresh, &client).await.expect(200);
    let administrator = test.token_after_idle("administrator").await;
    test.call_with(&administrator, "DELETE", &path, None).await.expect(204);
    let unknown = format!("{}{}", &fresh[..40], "A".repeat(fresh.len() - 40));
    for wrong in [fresh, &unknown, "msk_", "msk_nonsense_x"] {
        assert_eq!(with_key(&test, wrong, &client).await.expect(401).text, old);
    }
    let body = json!({ "scopes": ["read_client"], "expires_at": "2026-06-01T00:00:00Z" });
    let keys = format!("/programs/{program}/keys");
    let second = test.call_with(&administrator, "POST", &keys, Some(body.clone())).await.expect(201).json();
    test.call_with(&administrator, "DELETE", &format!("/programs/{program}"), None).await.expect(204);
    assert_eq!(with_key(&test, second["key"].as_str().unwrap(), &client).await.expect(401).text, old);
    test.call_with(&administrator, "POST", &keys, Some(body)).await.expect(409);
}
