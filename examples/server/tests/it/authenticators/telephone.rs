use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use mentalspace_auth_policy::out_of_band::{Channel, CodeSender, Message, PhoneNumber, SendError};
use secrecy::ExposeSecret;

use super::{Browser, digits, later, nora, told, with_telephones};
use crate::support::TestApp;

/// A telephone exchange that keeps what it would send.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    said: Mutex<Vec<(String, String)>>,
    down: Mutex<bool>,
}

impl Exchange {
    fn said(&self) -> Vec<(String, String)> {
        self.said.lock().unwrap().clone()
    }

    fn last(&self) -> String {
        self.said().pop().unwrap().1
    }
}

#[async_trait]
impl CodeSender for Exchange {
    fn channels(&self) -> &[Channel] {
        &[Channel::Sms, Channel::Voice]
    }

    async fn send(&self, _: Channel, number: &PhoneNumber, message: &Message) -> Result<(), SendError> {
        if *self.down.lock().unwrap() {
            return Err(SendError::Unavailable { retry_after: None });
        }
        let said = match message {
            Message::Code(code) => code.expose().expose_secret().to_owned(),
            _ => "withdrawn".to_owned(),
        };
        self.said.lock().unwrap().push((number.expose().to_owned(), said));
        Ok(())
    }
}

const NUMBER: &str = "+12025550143";

async fn bind(test: &TestApp, browser: &mut Browser, exchange: &Exchange, number: &str) {
    browser.submit(test, "/sign-in/enrol", "/sign-in/enrol/phone", &[("number", number)]).await.expect(200);
    let typed = exchange.last();
    browser.submit(test, "/sign-in/enrol", "/sign-in/enrol/phone/confirm", &[("code", &typed)]).await.expect(303);
}

/// OB-1, OB-5, OB-8.
#[tokio::test]
async fn a_telephone_is_a_fallback_that_has_to_answer_first() {
    let (test, exchange) = with_telephones().await;
    let (key, mut browser) = nora(&test).await;
    let page = browser.get(&test, "/sign-in/enrol").await.expect(200).text;
    assert!(page.contains("fallback only") && page.contains("weakest second factor"), "the risk is told");
    for wrong in ["2025550143", "+1 202 555 0143", "+0202"] {
        browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/phone", &[("number", wrong)]).await.expect(422);
    }
    assert!(exchange.said().is_empty());
    bind(&test, &mut browser, &exchange, NUMBER).await;
    assert_eq!(browser.ways(&test).await, ["app", "phone"]);
    assert!(told(&test).await.iter().any(|sentence| sentence.contains("telephone number was set up")));
    let page = browser.get(&test, "/account/authenticators").await.text;
    assert!(page.contains("•••43") && !page.contains("2025550143"));

    // Signing in by it.
    later(&test);
    let mut other = Browser::default();
    other.password(&test).await.expect(303);
    let sent = other.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(200).text;
    assert!(sent.contains("on its way"));
    let typed = exchange.last();
    let done = other.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", &typed)]).await.expect(303);
    assert_eq!(done.location(), "/");
    // Once.
    let mut third = Browser::default();
    third.sign_in(&test, &typed).await.expect(401);
    later(&test);
    third.sign_in(&test, &digits(&test, &key)).await.expect(303);
}

#[tokio::test]
async fn a_telephone_never_stands_alone() {
    let (test, exchange) = with_telephones().await;
    test.add_person_with_password("nora", vec![mentalspace_core::Role::FrontDesk]).await;
    let mut browser = Browser::default();
    browser.password(&test).await.expect(303);
    let page = browser.get(&test, "/sign-in/enrol").await.expect(200).text;
    assert!(!page.contains("/sign-in/enrol/phone"), "it is not offered first");
    browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/phone", &[("number", NUMBER)]).await.expect(409);
    assert!(exchange.said().is_empty());
}

/// ASVS 6.6.2: a code serves the session that asked for it.
#[tokio::test]
async fn a_code_serves_the_session_that_asked_for_it_and_ten_minutes() {
    let (test, exchange) = with_telephones().await;
    let (_, mut browser) = nora(&test).await;
    bind(&test, &mut browser, &exchange, NUMBER).await;
    later(&test);
    let mut asking = Browser::default();
    asking.password(&test).await.expect(303);
    asking.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(200);
    let typed = exchange.last();
    let mut elsewhere = Browser::default();
    elsewhere.sign_in(&test, &typed).await.expect(401);
    test.clock.advance(TimeDelta::seconds(600));
    asking.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", &typed)]).await.expect(401);
}

/// OB-2: one a minute, five an hour, and no failure is forgotten for it.
#[tokio::test]
async fn codes_are_sent_seldom_and_forgive_nothing() {
    let (test, exchange) = with_telephones().await;
    let (_, mut browser) = nora(&test).await;
    bind(&test, &mut browser, &exchange, NUMBER).await;
    test.clock.advance(TimeDelta::minutes(61));
    let mut asking = Browser::default();
    asking.password(&test).await.expect(303);
    let mut sent = 0;
    for _ in 0..7 {
        let answer = asking.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await;
        sent += usize::from(answer.status == 200);
        asking.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(429);
        let guess = asking.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", "000000")]).await;
        assert!(guess.status == 401 || guess.status == 429);
        test.clock.advance(TimeDelta::seconds(61));
    }
    assert!(sent <= 5, "{sent}");
    // After so many failures there is a wait, and no message goes to somebody who has to wait.
    let before = exchange.said().len();
    let mut locked = Browser::default();
    locked.password(&test).await.expect(303);
    for _ in 0..3 {
        locked.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", "000000")]).await;
    }
    test.clock.advance(TimeDelta::seconds(1));
    locked.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(200);
    assert_eq!(exchange.said().len(), before);
}

/// OB-6: another number is a new enrolment, and the old one is told.
#[tokio::test]
async fn another_number_is_bound_anew_and_the_old_one_is_told() {
    let (test, exchange) = with_telephones().await;
    let (_, mut browser) = nora(&test).await;
    bind(&test, &mut browser, &exchange, NUMBER).await;
    test.clock.advance(TimeDelta::seconds(61));
    let fields = [("number", "+12025550144"), ("voice", "yes")];
    browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/phone", &fields).await.expect(200);
    assert!(
        browser.get(&test, "/account/authenticators").await.text.contains("•••43"),
        "not before its code came back"
    );
    let typed = exchange.last();
    browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/phone/confirm", &[("code", &typed)]).await.expect(303);
    assert_eq!(exchange.said().last(), Some(&(NUMBER.to_owned(), "withdrawn".to_owned())));
    let page = browser.get(&test, "/account/authenticators").await.text;
    assert!(page.contains("•••44") && !page.contains("•••43"));
    assert!(told(&test).await.iter().any(|sentence| sentence.contains("no longer receives")));
}

#[tokio::test]
async fn an_outage_opens_nothing_and_leaves_the_other_ways() {
    let (test, exchange) = with_telephones().await;
    let (key, mut browser) = nora(&test).await;
    bind(&test, &mut browser, &exchange, NUMBER).await;
    later(&test);
    *exchange.down.lock().unwrap() = true;
    let mut asking = Browser::default();
    asking.password(&test).await.expect(303);
    let refused = asking.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(503);
    assert!(refused.text.contains("Use another way"));
    assert_eq!(asking.get(&test, "/schedule").await.expect(303).location(), "/sign-in");
    let typed = digits(&test, &key);
    asking.submit(&test, "/sign-in/code", "/sign-in/code", &[("code", &typed)]).await.expect(303);
}

#[tokio::test]
async fn without_permission_no_telephone_is_offered() {
    let test = TestApp::with_ways(mentalspace_server::app::Policies::default(), super::site()).await;
    let (_, mut browser) = nora(&test).await;
    assert!(!browser.get(&test, "/sign-in/enrol").await.expect(200).text.contains("Telephone"));
    browser.submit(&test, "/sign-in/enrol", "/sign-in/enrol/phone", &[("number", NUMBER)]).await.expect(403);
}

#[tokio::test]
async fn of_many_requests_with_one_code_one_succeeds() {
    let (test, exchange) = with_telephones().await;
    let (_, mut browser) = nora(&test).await;
    bind(&test, &mut browser, &exchange, NUMBER).await;
    later(&test);
    let mut asking = Browser::default();
    asking.password(&test).await.expect(303);
    asking.submit(&test, "/sign-in/code", "/sign-in/code/send", &[]).await.expect(200);
    let typed = exchange.last();
    let token = crate::support::csrf(&asking.get(&test, "/sign-in/code").await.expect(200).text);
    let fields = [("csrf", token.as_str()), ("code", typed.as_str())];
    let sent = (0..16).map(|_| {
        let (mut one, test) = (asking.clone(), &test);
        async move { one.post(test, "/sign-in/code", &fields).await.status.as_u16() }
    });
    let seen = futures_util::future::join_all(sent).await;
    assert_eq!(seen.iter().filter(|status| **status == 303).count(), 1, "{seen:?}");
}
