//! Where a person is signed in: devices, step-up, idle time, ending what should not be.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use mentalspace_core::Role;
use mentalspace_server::signed::{COOKIE, DEVICE_COOKIE};
use serde_json::{Value, json};

use crate::{
    sessions::{code, first_sign_in, page},
    support::{Answer, PASSWORD, TestApp, csrf, form},
};

pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// A browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    agent: &'static str,
    session: String,
    device: String,
}

impl Browser {
    pub(crate) fn new(agent: &'static str) -> Self {
        Self { agent, session: String::new(), device: String::new() }
    }

    fn dress(&self, mut request: Request<Body>) -> Request<Body> {
        let cookies = format!("{COOKIE}={}; {DEVICE_COOKIE}={}", self.session, self.device);
        request.headers_mut().insert(header::COOKIE, cookies.parse().unwrap());
        request.headers_mut().insert(header::USER_AGENT, self.agent.parse().unwrap());
        request
    }

    fn keep(&mut self, answer: &Answer) {
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            assert!(rest.contains("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{name}");
            match name {
                COOKIE => self.session = value,
                DEVICE_COOKIE => self.device = value,
                mentalspace_server::sender::DEVICE_COOKIE => {}
                other => panic!("{other}"),
            }
        }
    }

    pub(crate) async fn get(&mut self, test: &TestApp, path: &str) -> Answer {
        let answer = test.request(self.dress(Request::get(path).body(Body::empty()).unwrap())).await;
        self.keep(&answer);
        answer
    }

    pub(crate) async fn post(&mut self, test: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = test.request(self.dress(form(path, None, fields))).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form with the token that stands on a page.
    pub(crate) async fn submit(&mut self, test: &TestApp, on: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = csrf(&self.get(test, on).await.expect(200).text);
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post(test, path, &fields).await
    }

    /// Enters name and password, and the code where it is asked for.
    pub(crate) async fn sign_in(&mut self, test: &TestApp, login: &str, secret: &str) {
        let step = self.post(test, "/sign-in", &[("login", login), ("password", PASSWORD)]).await.expect(303);
        assert_eq!(step.location(), "/sign-in/code");
        let digits = code(secret, test.app.now());
        let step = self.submit(test, "/sign-in/code", "/sign-in/code", &[("code", &digits)]).await.expect(303);
        assert_eq!(step.location(), "/");
    }
}

/// Nora of the front desk (or in these roles) with an authenticator app, and a browser in which she is signed in.
pub(crate) async fn nora(test: &TestApp, roles: Vec<Role>) -> (String, Browser) {
    test.add_person_with_password("nora", roles).await;
    let (secret, _) = first_sign_in(test, "nora@harbor.example", PASSWORD).await;
    test.clock.advance(TimeDelta::seconds(60));
    let mut browser = Browser::new(FIREFOX);
    browser.sign_in(test, "nora@harbor.example", &secret).await;
    (secret, browser)
}

async fn confirm(test: &TestApp, browser: &mut Browser, secret: &str, back: &str) -> Answer {
    let digits = code(secret, test.app.now());
    let on = format!("/account/confirm?back={back}");
    let fields = [("password", PASSWORD), ("code", &digits), ("back", back)];
    browser.submit(test, &on, "/account/confirm", &fields).await
}

#[tokio::test]
async fn a_browser_gets_a_name_of_its_own_that_lasts_and_opens_nothing() {
    let test = TestApp::new().await;
    let (secret, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    let named = browser.device.clone();
    assert_eq!(named.len(), 43);
    test.clock.advance(TimeDelta::seconds(60));
    browser.session.clear();
    assert_eq!(browser.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    browser.sign_in(&test, "nora@harbor.example", &secret).await;
    assert_eq!(browser.device, named);
    let shown = browser.get(&test, "/account/sessions").await.expect(200).text;
    assert!(shown.contains("Firefox on Linux") && shown.contains("this one"));
}

#[tokio::test]
async fn a_session_without_its_device_has_to_confirm_and_is_then_at_home_there() {
    let test = TestApp::new().await;
    let (secret, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    browser.device.clear();
    let asked = browser.get(&test, "/clients?status=active").await.expect(303);
    assert_eq!(asked.location(), "/account/confirm?back=/clients%3Fstatus%3Dactive");
    let api = browser.get(&test, "/api/v1/appointments").await.expect(403).json();
    assert_eq!(api["type"], "/problems/step-up-required");
    test.clock.advance(TimeDelta::seconds(60));
    let before = browser.session.clone();
    let wrong = [("password", "not the password"), ("code", "000000"), ("back", "/clients")];
    let refused = browser.submit(&test, "/account/confirm", "/account/confirm", &wrong).await.expect(422);
    assert!(refused.text.contains("The password or the code is not right"));
    let done = confirm(&test, &mut browser, &secret, "/clients").await.expect(303);
    assert_eq!(done.location(), "/clients");
    assert!(browser.session != before && !browser.device.is_empty(), "a new token, on a device with a name");
    browser.get(&test, "/clients").await.expect(200);
    let mut old = Browser { session: before, ..browser.clone() };
    assert_eq!(old.get(&test, "/clients").await.expect(303).location(), "/sign-in");
}

#[tokio::test]
async fn a_session_carried_to_another_browser_is_over_for_both() {
    let test = TestApp::new().await;
    let (_, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    let mut thief = Browser { agent: CHROME, session: browser.session.clone(), device: String::new() };
    assert_eq!(thief.get(&test, "/clients").await.expect(303).location(), "/sign-in");
    assert_eq!(browser.get(&test, "/clients").await.expect(303).location(), "/sign-in");
    mentalspace_server::jobs::round(&test.app, test.practice).await.unwrap();
    let trail = test.call("administrator", "GET", "/audit/events?activity=session.end", None).await.expect(200).text;
    assert!(trail.contains("session_end"));
}

#[tokio::test]
async fn another_browser_with_the_same_device_confirms() {
    let test = TestApp::new().await;
    let (_, browser) = nora(&test, vec![Role::FrontDesk]).await;
    let mut other = Browser { agent: CHROME, ..browser };
    assert_eq!(other.get(&test, "/clients").await.expect(303).location(), "/account/confirm?back=/clients");
}

/// ASVS 7.5.1, 7.5.3.
#[tokio::test]
async fn what_is_sensitive_asks_again_after_five_minutes() {
    let test = TestApp::new().await;
    let (secret, mut browser) = nora(&test, vec![Role::Administrator]).await;
    browser.get(&test, "/audit/export").await.expect(200);
    test.clock.advance(TimeDelta::minutes(6));
    let asked = browser.get(&test, "/audit/export").await.expect(303);
    assert_eq!(asked.location(), "/account/confirm?back=/audit");
    let refused = browser.submit(&test, "/account", "/account/backup-codes", &[]).await.expect(303);
    assert_eq!(refused.location(), "/account/confirm?back=/account");
    let person = test.people["billing"].user.id;
    let shut = [("version", "1")];
    let path = format!("/practice/people/{person}");
    let refused = browser.submit(&test, &path, &format!("{path}/enabled"), &shut).await.expect(303);
    assert_eq!(refused.location(), format!("/account/confirm?back={path}"));
    assert_eq!(confirm(&test, &mut browser, &secret, "/audit").await.expect(303).location(), "/audit");
    browser.get(&test, "/audit/export").await.expect(200);
    browser.submit(&test, &path, &format!("{path}/enabled"), &shut).await.expect(303);
    let away = confirm(&test, &mut browser, &secret, "//elsewhere.example").await;
    assert_eq!(away.status, 422, "a code works once");
}

#[tokio::test]
async fn a_program_steps_up_over_the_api() {
    let test = TestApp::new().await;
    test.add_person_with_password("nora", vec![Role::Administrator]).await;
    let (secret, _) = first_sign_in(&test, "nora@harbor.example", PASSWORD).await;
    test.clock.advance(TimeDelta::seconds(60));
    let credentials = json!({ "login": "nora@harbor.example", "password": PASSWORD });
    let step = test.call_with("", "POST", "/sessions", Some(credentials)).await.expect(201).json();
    let sent = json!({ "code": code(&secret, test.app.now()) });
    let path = "/sessions/current/second-factor";
    let done = test.call_with(step["token"].as_str().unwrap(), "POST", path, Some(sent)).await.expect(200).json();
    let token = done["token"].as_str().unwrap();
    test.clock.advance(TimeDelta::minutes(6));
    let refused = test.call_with(token, "GET", "/audit/export", None).await.expect(403).json();
    assert_eq!(refused["type"], "/problems/step-up-required");
    let sent = json!({ "password": PASSWORD, "code": code(&secret, test.app.now()) });
    let fresh = test.call_with(token, "POST", "/sessions/current/step-up", Some(sent)).await.expect(200).json();
    test.call_with(fresh["token"].as_str().unwrap(), "GET", "/audit/export", None).await.expect(200);
    test.call_with(token, "GET", "/audit/export", None).await.expect(401);
}

fn sessions(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

/// ASVS 7.4.3, 7.5.2.
#[tokio::test]
async fn people_see_where_they_are_signed_in_and_end_it() {
    let test = TestApp::new().await;
    let billing = test.people["billing"].user.clone();
    let (one, two) = (test.session(&billing).await, test.session(&billing).await);
    let list = test.call("billing", "GET", "/sessions", None).await.expect(200).json();
    assert_eq!(sessions(&list), 3);
    assert_eq!(list[0]["current"], true);
    assert_eq!(list[0]["factors"], json!(["password", "totp"]));
    let other = list[1]["id"].as_str().unwrap();
    test.call("billing", "DELETE", &format!("/sessions/{other}"), None).await.expect(204);
    test.call("billing", "DELETE", &format!("/sessions/{other}"), None).await.expect(404);
    test.call("billing", "DELETE", &format!("/sessions/{}", billing.id), None).await.expect(404);
    let alive = async |token: &str| test.call_with(token, "GET", "/sessions/current", None).await.status == 200;
    assert!(alive(&one).await ^ alive(&two).await);
    test.call("billing", "DELETE", "/sessions/others", None).await.expect(204);
    assert!(!alive(&one).await && !alive(&two).await);
    assert_eq!(sessions(&test.call("billing", "GET", "/sessions", None).await.expect(200).json()), 1);
    test.call("billing", "DELETE", "/sessions/all", None).await.expect(204);
    test.call("billing", "GET", "/sessions", None).await.expect(401);
    test.call("front_desk", "GET", "/sessions", None).await.expect(200);
}

/// ASVS 7.4.5.
#[tokio::test]
async fn an_administrator_ends_the_sessions_of_a_person() {
    let test = TestApp::new().await;
    let path = format!("/users/{}/sessions", test.people["billing"].user.id);
    for refused in ["front_desk", "billing"] {
        test.call(refused, "GET", &path, None).await.expect(403);
        test.call(refused, "DELETE", &path, None).await.expect(403);
    }
    assert_eq!(sessions(&test.call("administrator", "GET", &path, None).await.expect(200).json()), 1);
    test.call("administrator", "DELETE", &path, None).await.expect(204);
    test.call("billing", "GET", "/sessions", None).await.expect(401);
}

#[tokio::test]
async fn sessions_end_with_a_change_of_roles_and_with_the_account() {
    let test = TestApp::new().await;
    let id = test.people["billing"].user.id;
    let user = test.call("administrator", "GET", &format!("/users/{id}"), None).await.expect(200).json();
    let post = |roles: Value| json!({ "display_name": "The billing", "roles": roles });
    let change = json!({ "version": user["version"], "post": post(json!(["billing"])) });
    test.call("administrator", "PUT", &format!("/users/{id}"), Some(change)).await.expect(200);
    test.call("billing", "GET", "/sessions", None).await.expect(200);
    let change = json!({ "version": 2, "post": post(json!(["billing", "front_desk"])) });
    test.call("administrator", "PUT", &format!("/users/{id}"), Some(change)).await.expect(200);
    test.call("billing", "GET", "/sessions", None).await.expect(401);

    let again = test.token_after_idle("billing").await;
    let shut = json!({ "version": 3, "enabled": false });
    test.call("administrator", "POST", &format!("/users/{id}/enabled"), Some(shut)).await.expect(200);
    test.call_with(&again, "GET", "/sessions", None).await.expect(401);
    let open = json!({ "version": 4, "enabled": true });
    test.call("administrator", "POST", &format!("/users/{id}/enabled"), Some(open)).await.expect(200);
    test.call_with(&again, "GET", "/sessions", None).await.expect(401);
}

#[tokio::test]
async fn of_too_many_sessions_the_oldest_ends() {
    let test = TestApp::new().await;
    let (secret, first) = nora(&test, vec![Role::FrontDesk]).await;
    let mut browsers = vec![first];
    for _ in 0..5 {
        test.clock.advance(TimeDelta::seconds(60));
        let mut next = Browser::new(FIREFOX);
        next.sign_in(&test, "nora@harbor.example", &secret).await;
        browsers.push(next);
    }
    let mut alive = Vec::new();
    for browser in &mut browsers {
        alive.push(browser.get(&test, "/schedule").await.status == 200);
    }
    assert_eq!(alive, [false, true, true, true, true, true]);
}

/// NIST SP 800-63B-4 §2.2.3: within the greatest age, the password alone and the session that the browser still holds.
#[tokio::test]
async fn after_idling_the_password_opens_the_session_again_until_its_greatest_age() {
    let test = TestApp::new().await;
    let (_, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    let credentials = [("login", "nora@harbor.example"), ("password", PASSWORD)];
    test.clock.advance(TimeDelta::minutes(20));
    assert_eq!(browser.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    let mut elsewhere = Browser { device: String::new(), ..browser.clone() };
    let step = elsewhere.post(&test, "/sign-in", &credentials).await.expect(303);
    assert_eq!(step.location(), "/sign-in/code", "another device begins anew");
    let step = browser.post(&test, "/sign-in", &credentials).await.expect(303);
    assert_eq!(step.location(), "/");
    browser.get(&test, "/schedule").await.expect(200);
    assert_eq!(
        browser.submit(&test, "/account", "/account/backup-codes", &[]).await.expect(303).location(),
        "/account/confirm?back=/account",
        "what is sensitive asks for both factors"
    );
    test.clock.advance(TimeDelta::hours(12));
    let step = browser.post(&test, "/sign-in", &credentials).await.expect(303);
    assert_eq!(step.location(), "/sign-in/code");
}

/// 45 CFR 164.312(a)(2)(iii), without any browser: the cookie is kept and opens nothing.
#[tokio::test]
async fn the_server_logs_off_by_itself() {
    let test = TestApp::new().await;
    let (_, mut browser) = nora(&test, vec![Role::FrontDesk]).await;
    let shown = browser.get(&test, "/schedule").await.expect(200).text;
    let told = |name: &str| -> i64 {
        let (_, rest) = shown.split_once(&format!("data-{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    assert_eq!(told("end") - told("warn"), 60, "the warning comes a minute before");
    assert_eq!(told("end"), test.app.now().timestamp() + 15 * 60);
    for _ in 0..15 {
        test.clock.advance(TimeDelta::minutes(1));
        let mut poll = Request::get("/api/v1/appointments").body(Body::empty()).unwrap();
        poll.headers_mut().insert("x-background", "1".parse().unwrap());
        test.request(browser.dress(poll)).await.expect(200);
    }
    test.clock.advance(TimeDelta::seconds(30));
    assert_eq!(browser.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    browser.get(&test, "/api/v1/appointments").await.expect(401);
    page(&test, &browser.session, "/account").await.expect(303);
}
