//! A browser with its cookies, and a device that answers for its passkeys.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, header},
};
use mentalspace_passkey::testing::Device;
use serde_json::Value;

use super::{NORA, SITE, digits};
use crate::{
    sessions::shown_key,
    support::{Answer, PASSWORD, TestApp, csrf, form},
};

#[derive(Clone, Default)]
pub(super) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn dress(&self, mut request: Request<Body>) -> Request<Body> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        request.headers_mut().insert(header::USER_AGENT, agent.parse().unwrap());
        request
    }

    async fn send(&mut self, test: &TestApp, request: Request<Body>) -> Answer {
        let answer = test.request(self.dress(request)).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            assert!(rest.contains("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{name}");
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        answer
    }

    pub(super) async fn get(&mut self, test: &TestApp, path: &str) -> Answer {
        self.send(test, Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&mut self, test: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(test, form(path, None, fields)).await
    }

    /// Sends a form with the token that stands on a page.
    pub(super) async fn submit(&mut self, test: &TestApp, on: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = csrf(&self.get(test, on).await.expect(200).text);
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post(test, path, &fields).await
    }

    /// Asks for the options of a passkey as the script does.
    pub(super) async fn options(&mut self, test: &TestApp, purpose: &str, on: &str) -> Answer {
        let page = self.get(test, on).await.text;
        let token = if page.contains("name=\"csrf\"") { csrf(&page) } else { String::new() };
        let request = Request::post(format!("/passkey/{purpose}"))
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf", token)
            .body(Body::empty());
        self.send(test, request.unwrap()).await
    }

    pub(super) async fn asked(&mut self, test: &TestApp, purpose: &str, on: &str) -> Value {
        self.options(test, purpose, on).await.expect(200).json()
    }

    /// Sets up an authenticator app and returns its key.
    pub(super) async fn set_up_app(&mut self, test: &TestApp) -> String {
        let offered = self.submit(test, "/sign-in/enrol", "/sign-in/enrol/app", &[]).await.expect(200).text;
        let (key, token) = (shown_key(&offered), csrf(&offered));
        let sent = [("csrf", token.as_str()), ("code", &digits(test, &key))];
        self.post(test, "/sign-in/enrol/app/confirm", &sent).await.expect(303);
        key
    }

    /// Adds a passkey on a device.
    pub(super) async fn add_passkey(&mut self, test: &TestApp, device: &mut Device, name: &str) -> Answer {
        let options = self.asked(test, "register", "/sign-in/enrol").await;
        let answer = device.create(SITE, &options);
        let fields = [("name", name), ("answer", answer.as_str())];
        self.submit(test, "/sign-in/enrol", "/sign-in/enrol/passkey", &fields).await
    }

    /// Enters name and password.
    pub(super) async fn password(&mut self, test: &TestApp) -> Answer {
        self.post(test, "/sign-in", &[("login", NORA), ("password", PASSWORD)]).await
    }

    /// Enters name, password and a code.
    pub(super) async fn sign_in(&mut self, test: &TestApp, typed: &str) -> Answer {
        assert_eq!(self.password(test).await.expect(303).location(), "/sign-in/code");
        self.submit(test, "/sign-in/code", "/sign-in/code", &[("code", typed)]).await
    }

    /// Signs in with a passkey and nothing else.
    pub(super) async fn with_passkey(&mut self, test: &TestApp, device: &mut Device) -> Answer {
        let options = self.asked(test, "sign-in", "/sign-in").await;
        self.post(test, "/sign-in/passkey", &[("answer", &device.get(SITE, &options))]).await
    }

    /// The ways listed on the person's page: what stands in `which`.
    pub(super) async fn ways(&mut self, test: &TestApp) -> Vec<String> {
        let page = self.get(test, "/account/authenticators").await.expect(200).text;
        let mut found: Vec<String> = page
            .split("action=\"/account/authenticators/")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        found.dedup();
        found
    }

    pub(super) async fn act(&mut self, test: &TestApp, which: &str, act: &str, name: &str) -> Answer {
        let path = format!("/account/authenticators/{which}");
        self.submit(test, "/account/authenticators", &path, &[("act", act), ("name", name)]).await
    }
}
