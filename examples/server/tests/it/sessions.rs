use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_core::{Access, Role, store::Find};
use mentalspace_server::{account::StoredSession, signed::COOKIE};
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::support::{Answer, PASSWORD, TestApp, csrf, form};

pub(crate) fn code(secret: &str, at: DateTime<Utc>) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_skew(0).with_secret(secret).build().unwrap();
    totp.generate(at.timestamp().try_into().unwrap()).to_string()
}

pub(crate) fn cookie(answer: &Answer) -> String {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with(COOKIE)).unwrap();
    assert!(cookie.contains("; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().strip_prefix(&format!("{COOKIE}=")).unwrap().to_owned()
}

pub(crate) async fn page(test: &TestApp, token: &str, path: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, format!("{COOKIE}={token}"));
    test.request(request.body(Body::empty()).unwrap()).await
}

/// Signs in for the first time: password, then a new authenticator app. Returns its key and the session.
async fn enrolled(test: &TestApp) -> (String, String) {
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let (secret, step) = first_sign_in(test, "nora@harbor.example", PASSWORD).await;
    assert_eq!(step.location(), "/account/backup-codes");
    (secret, cookie(&step))
}

/// Reads the key of an authenticator app from the page that shows it.
pub(crate) fn shown_key(page: &str) -> String {
    page.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0.replace(' ', "")
}

/// Enters name and password and sets up an authenticator app. Returns its key and where that leads.
pub(crate) async fn first_sign_in(test: &TestApp, login: &str, password: &str) -> (String, Answer) {
    let sent = [("login", login), ("password", password)];
    let step = test.request(form("/sign-in", None, &sent)).await.expect(303);
    assert_eq!(step.location(), "/sign-in/enrol");
    let token = cookie(&step);
    let guard = csrf(&page(test, &token, "/sign-in/enrol").await.expect(200).text);
    let offered = test.request(form("/sign-in/enrol/app", Some(&token), &[("csrf", &guard)])).await.expect(200);
    let secret = shown_key(&offered.text);
    let sent = [("csrf", guard), ("code", code(&secret, test.app.now()))];
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let step = test.request(form("/sign-in/enrol/app/confirm", Some(&token), &sent)).await.expect(303);
    assert_ne!(cookie(&step), token, "the token is renewed with the assurance");
    (secret, step)
}

#[tokio::test]
async fn two_factors_are_shown_and_a_code_works_once() {
    let test = TestApp::new().await;
    let (secret, session) = enrolled(&test).await;
    page(&test, &session, "/schedule").await.expect(200);
    test.clock.advance(TimeDelta::seconds(60));
    let credentials = json!({ "login": "Nora@Harbor.example", "password": PASSWORD });
    let step = test.call_with("", "POST", "/sessions", Some(credentials)).await.expect(201).json();
    assert_eq!(step["next"], "code");
    let token = step["token"].as_str().unwrap();
    test.call_with(token, "GET", "/appointments", None).await.expect(401);
    let sent = json!({ "code": code(&secret, test.app.now()) });
    let path = "/sessions/current/second-factor";
    let done = test.call_with(token, "POST", path, Some(sent.clone())).await.expect(200).json();
    assert_eq!(done["next"], "work");
    test.call_with(done["token"].as_str().unwrap(), "GET", "/appointments", None).await.expect(200);
    test.call_with(token, "GET", "/appointments", None).await.expect(401);

    // The same code again, with the same password, within the same half minute.
    let credentials = json!({ "login": "nora@harbor.example", "password": PASSWORD });
    let step = test.call_with("", "POST", "/sessions", Some(credentials)).await.expect(201).json();
    let replayed = test.call_with(step["token"].as_str().unwrap(), "POST", path, Some(sent)).await.expect(401);
    assert!(replayed.text.contains("was used before"), "{}", replayed.text);
}

#[tokio::test]
async fn the_server_ends_a_session_in_which_nothing_happens_for_a_quarter_of_an_hour() {
    let test = TestApp::new().await;
    test.call("front_desk", "GET", "/appointments", None).await.expect(200);
    test.clock.advance(TimeDelta::minutes(14));
    test.call("front_desk", "GET", "/appointments", None).await.expect(200);
    test.clock.advance(TimeDelta::minutes(14));
    test.call("front_desk", "GET", "/appointments", None).await.expect(200);
    test.clock.advance(TimeDelta::seconds(15 * 60 + 30));
    test.call("front_desk", "GET", "/appointments", None).await.expect(401);
}

#[tokio::test]
async fn sessions_long_over_are_forgotten_and_others_are_not() {
    let test = TestApp::new().await;
    let count = async || {
        let access = Access::system(test.practice, "session.count", test.app.now());
        let find = Find::<StoredSession>::new();
        let all = test.app.vault().read(&access, |read| Box::pin(async move { read.find_all(find).await }));
        all.await.unwrap().len()
    };
    let begun = count().await;
    assert!(begun > 0);
    test.clock.advance(TimeDelta::hours(35));
    mentalspace_server::jobs::round(&test.app, test.practice).await.unwrap();
    assert_eq!(count().await, begun, "over, but not for a day");
    test.clock.advance(TimeDelta::hours(2));
    test.token_after_idle("front_desk").await;
    mentalspace_server::jobs::round(&test.app, test.practice).await.unwrap();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn a_page_that_asks_by_itself_does_not_keep_the_session_alive() {
    let test = TestApp::new().await;
    let poll = || {
        let request = Request::get("/api/v1/appointments").header("x-background", "1");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", test.token("front_desk")));
        test.request(request.body(Body::empty()).unwrap())
    };
    for _ in 0..15 {
        poll().await.expect(200);
        test.clock.advance(TimeDelta::minutes(1));
    }
    test.clock.advance(TimeDelta::seconds(30));
    poll().await.expect(401);
    test.call("front_desk", "GET", "/appointments", None).await.expect(401);
}

fn stay(test: &TestApp, csrf: &str) -> Request<Body> {
    let request =
        Request::post("/session/stay").header(header::COOKIE, format!("{COOKIE}={}", test.token("clinician")));
    request.header("sec-fetch-site", "same-origin").header("x-csrf", csrf).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn staying_signed_in_moves_the_limit_and_needs_the_form_token() {
    let test = TestApp::new().await;
    let loaded = test.page("clinician", "/schedule").await.expect(200);
    let token = loaded.text.split_once("data-csrf=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(token, csrf(&loaded.text));
    test.clock.advance(TimeDelta::minutes(14));
    test.request(stay(&test, "wrong")).await.expect(403);
    let live = test.request(stay(&test, token)).await.expect(200).json();
    assert_eq!(live["idle_at"], "2026-03-02T14:29:00Z");
    test.clock.advance(TimeDelta::minutes(14));
    test.page("clinician", "/schedule").await.expect(200);
}

#[tokio::test]
async fn a_form_from_another_site_or_without_its_token_changes_nothing() {
    let test = TestApp::new().await;
    let fields = [("csrf", "forged"), ("name", "Quill")];
    test.request(form("/clients/search", Some(test.token("front_desk")), &fields)).await.expect(403);
    let token = csrf(&test.page("front_desk", "/account").await.text);
    let mut request = form("/clients/search", Some(test.token("front_desk")), &[("csrf", &token), ("name", "Quill")]);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    test.request(request).await.expect(403);
}

#[tokio::test]
async fn a_new_password_renews_the_session_and_ends_the_others() {
    let test = TestApp::new().await;
    let (_, session) = enrolled(&test).await;
    test.clock.advance(TimeDelta::seconds(60));
    let credentials = json!({ "login": "nora@harbor.example", "password": PASSWORD });
    let other = test.call_with("", "POST", "/sessions", Some(credentials)).await.expect(201).json();
    let token = csrf(&page(&test, &session, "/account/password").await.expect(200).text);
    let send = |current: &'static str, fresh: &'static str| {
        form("/account/password", Some(&session), &[("csrf", &token), ("current", current), ("password", fresh)])
    };
    let wrong = test.request(send("not the password", "walnut harbor sixteen violins")).await.expect(422);
    assert!(wrong.text.contains("is not your password"));
    let weak = test.request(send(PASSWORD, "password1234")).await.expect(422);
    assert!(!weak.text.contains("password1234"));
    let changed = test.request(send(PASSWORD, "walnut harbor sixteen violins")).await.expect(303);
    page(&test, &session, "/account").await.expect(303);
    page(&test, &cookie(&changed), "/account").await.expect(200);
    let pending = other["token"].as_str().unwrap();
    test.call_with(pending, "POST", "/sessions/current/second-factor", Some(json!({ "code": "000000" })))
        .await
        .expect(401);
}

#[tokio::test]
async fn ten_backup_codes_are_shown_once_and_each_signs_in_once() {
    let test = TestApp::new().await;
    let (_, session) = enrolled(&test).await;
    let token = csrf(&page(&test, &session, "/account").await.text);
    let shown = test.request(form("/account/backup-codes", Some(&session), &[("csrf", &token)])).await.expect(200);
    let codes: Vec<&str> = shown.text.split("<li><code>").skip(1).map(|rest| rest.split_once('<').unwrap().0).collect();
    assert_eq!(codes.len(), 10);
    assert!(!page(&test, &session, "/account").await.text.contains(codes[0]));
    for expected in [200, 401] {
        let credentials = json!({ "login": "nora@harbor.example", "password": PASSWORD });
        let step = test.call_with("", "POST", "/sessions", Some(credentials)).await.expect(201).json();
        let token = step["token"].as_str().unwrap();
        let sent = json!({ "code": codes[3] });
        test.call_with(token, "POST", "/sessions/current/second-factor", Some(sent)).await.expect(expected);
    }
}
