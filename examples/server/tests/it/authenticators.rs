//! The second factors of a person: setting them up, showing them, and losing them.

mod browser;
mod enrolment;
mod passkeys;
mod telephone;

use std::sync::Arc;

use chrono::TimeDelta;
use mentalspace_auth_policy::{
    mfa::{MfaPolicy, MfaRules, Requirement},
    out_of_band::OutOfBandPolicy,
};
use mentalspace_core::{Access, Role, store::Find};
use mentalspace_passkey::RelyingParty;
use mentalspace_server::{
    app::{Policies, Ways},
    authenticators::phone::Telephone,
    events::Notice,
};

use browser::Browser;
use telephone::Exchange;

use crate::{
    sessions::code,
    support::{PASSWORD, TestApp},
};

const SITE: &str = "https://practice.test";
const NORA: &str = "nora@harbor.example";

fn site() -> Ways {
    Ways { passkeys: Some(RelyingParty::new(SITE, "MentalSpace").unwrap()), telephone: None }
}

/// A server with passkeys, and telephones that can be listened to.
async fn with_telephones() -> (TestApp, Arc<Exchange>) {
    let exchange = Arc::new(Exchange::default());
    let policies = Policies { out_of_band: OutOfBandPolicy::fallback(), ..Policies::default() };
    let ways = Ways { telephone: Some(Telephone { sender: exchange.clone(), risk: None }), ..site() };
    (TestApp::with_ways(policies, ways).await, exchange)
}

fn requiring(default: Requirement, roles: &[(&str, Requirement)]) -> Policies {
    let mut rules: MfaRules = MfaPolicy::everyone().into();
    rules.default = default;
    rules.roles = roles.iter().map(|(role, requirement)| ((*role).to_owned(), *requirement)).collect();
    Policies { mfa: MfaPolicy::new(rules).unwrap(), ..Policies::default() }
}

/// Nora of the front desk with an authenticator app, signed in on a browser. Returns the app's key.
async fn nora(test: &TestApp) -> (String, Browser) {
    test.add_person_with_password("nora", vec![Role::FrontDesk]).await;
    let mut browser = Browser::default();
    let step = browser.post(test, "/sign-in", &[("login", NORA), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(step.location(), "/sign-in/enrol");
    let key = browser.set_up_app(test).await;
    (key, browser)
}

/// The sentences Nora was told, in their order.
async fn told(test: &TestApp) -> Vec<String> {
    let access = Access::system(test.practice, "test.notices", test.app.now());
    let find = Find::<Notice>::new();
    let found =
        test.app.vault().read(&access, |work| Box::pin(async move { work.find_all(find).await })).await.unwrap();
    found.iter().map(|notice| notice.event.notice().unwrap().to_owned()).collect()
}

/// Lets the current code go by, so that the next one is a new one.
fn later(test: &TestApp) {
    test.clock.advance(TimeDelta::seconds(90));
}

fn digits(test: &TestApp, key: &str) -> String {
    code(key, test.app.now())
}
