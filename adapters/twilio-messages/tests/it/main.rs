//! Against the fake beside `adapters/twilio-video`, which checks by Twilio's OpenAPI description:
//! `scripts/twilio-fake run -- cargo test -p mentalspace-twilio-messages -- --include-ignored`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

use std::time::Duration;

use mentalspace_auth_policy::out_of_band::{Channel, Code, CodeSender, Message, PhoneNumber, SendError};
use mentalspace_http::{Client, Method, Request};
use mentalspace_twilio_messages::{TwilioMessages, TwilioMessagesConfig};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const KEY: &str = "SK0123456789abcdef0123456789abcdef";
/// The fake's account owns this number.
const SENDER: &str = "+15185550100";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use scripts/twilio-fake"))
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn message() -> (Message, String) {
    let code = Code::from_random(&[7; 32], 6).unwrap();
    let digits = code.expose().expose_secret().to_owned();
    (Message::Code(code), digits)
}

async fn control(what: &str, asked: Value) -> Value {
    let client = Client::new(Duration::from_secs(30), 1 << 20).unwrap();
    let url = format!("{}/{what}", variable("MENTALSPACE_TWILIO_CONTROL"));
    let answer = client.send(Request::new(Method::POST, url).body(asked.to_string())).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// An account of its own.
struct Fake {
    made: Value,
}

impl Fake {
    async fn connect() -> Self {
        Self { made: control("account", json!({})).await }
    }

    fn text(&self, name: &str) -> &str {
        self.made[name].as_str().unwrap()
    }

    fn config(&self, secret: &str, from: &str) -> TwilioMessagesConfig {
        TwilioMessagesConfig::new(
            self.text("account_sid"),
            self.text("api_key_sid"),
            secret.to_owned().into(),
            from.to_owned(),
        )
        .endpoint(variable("MENTALSPACE_TWILIO_ENDPOINT"))
    }

    fn sender(&self) -> TwilioMessages {
        TwilioMessages::new(self.config(self.text("api_key_secret"), SENDER).voice()).unwrap()
    }

    async fn fault(&self, kind: &str) {
        control("fault", json!({ "key": self.text("api_key_sid"), "next": [kind] })).await;
    }

    async fn reached(&self) -> Vec<Value> {
        let state = control("state", json!({ "key": self.text("api_key_sid") })).await;
        state["reached"].as_array().unwrap().clone()
    }
}

#[tokio::test]
#[ignore = "needs scripts/twilio-fake"]
async fn a_code_is_written_once() {
    let (fake, (message, digits)) = (Fake::connect().await, message());
    fake.sender().send(Channel::Sms, &number("+12025550143"), &message).await.unwrap();
    let reached = fake.reached().await;
    assert_eq!(reached.len(), 1);
    assert_eq!(reached[0]["kind"], "sms");
    assert_eq!(reached[0]["to"], "+12025550143");
    let said = reached[0]["said"].as_str().unwrap();
    assert!(said.starts_with(&digits) && said.len() <= 160, "one segment: {said}");
}

#[tokio::test]
#[ignore = "needs scripts/twilio-fake"]
async fn a_code_is_spoken_digit_by_digit_and_twice() {
    let (fake, (message, digits)) = (Fake::connect().await, message());
    fake.sender().send(Channel::Voice, &number("+12025550143"), &message).await.unwrap();
    let reached = fake.reached().await;
    assert_eq!(reached[0]["kind"], "voice");
    let slowly: String = digits.chars().map(|digit| format!("{digit}. ")).collect();
    assert_eq!(reached[0]["said"].as_str().unwrap().matches(slowly.trim_end()).count(), 2);
}

#[tokio::test]
#[ignore = "needs scripts/twilio-fake"]
async fn a_number_is_told_that_it_was_withdrawn() {
    let fake = Fake::connect().await;
    for channel in [Channel::Sms, Channel::Voice] {
        fake.sender().send(channel, &number("+12025550143"), &Message::NumberWithdrawn).await.unwrap();
    }
    assert!(fake.reached().await.iter().all(|one| one["said"].as_str().unwrap().contains("no longer receives")));
}

#[tokio::test]
#[ignore = "needs scripts/twilio-fake"]
async fn what_cannot_be_reached_is_told_apart_from_what_is_set_up_wrongly() {
    let (fake, (message, _)) = (Fake::connect().await, message());
    for (channel, to) in [(Channel::Sms, "+15550000"), (Channel::Sms, "+12025550199"), (Channel::Voice, "+12025550199")]
    {
        assert_eq!(fake.sender().send(channel, &number(to), &message).await, Err(SendError::Unreachable), "{to}");
    }
    let wrong_key = TwilioMessages::new(fake.config("wrong", SENDER)).unwrap();
    let wrong_sender = TwilioMessages::new(fake.config(fake.text("api_key_secret"), "+15185550101")).unwrap();
    for sender in [wrong_key, wrong_sender] {
        let refused = sender.send(Channel::Sms, &number("+12025550143"), &message).await;
        assert_eq!(refused, Err(SendError::Refused));
        let refused = sender.send(Channel::Voice, &number("+12025550143"), &message).await;
        assert_eq!(refused, Err(SendError::Refused), "a channel it does not have");
    }
    assert!(fake.reached().await.is_empty());
}

#[tokio::test]
#[ignore = "needs scripts/twilio-fake"]
async fn an_outage_is_said_and_nothing_is_repeated() {
    let (fake, (message, _)) = (Fake::connect().await, message());
    for (fault, reached) in [("throttle", 0), ("unavailable", 0), ("drop", 0), ("lose", 1)] {
        fake.fault(fault).await;
        let refused = fake.sender().send(Channel::Sms, &number("+12025550143"), &message).await;
        assert!(matches!(refused, Err(SendError::Unavailable { .. })), "{fault}: {refused:?}");
        assert_eq!(fake.reached().await.len(), reached, "{fault}");
    }
    let nowhere = fake.config(fake.text("api_key_secret"), SENDER).endpoint("http://127.0.0.1:9");
    let refused = TwilioMessages::new(nowhere).unwrap().send(Channel::Sms, &number("+12025550143"), &message).await;
    assert_eq!(refused, Err(SendError::Unavailable { retry_after: None }));
}

#[test]
fn a_wrong_setting_is_named_and_not_shown() {
    let good = || TwilioMessagesConfig::new(ACCOUNT, KEY, "secret".to_owned().into(), SENDER);
    assert!(TwilioMessages::new(good()).is_ok());
    for (setting, config) in [
        ("account_sid", TwilioMessagesConfig::new("AC1", KEY, "secret".to_owned().into(), SENDER)),
        ("api_key_sid", TwilioMessagesConfig::new(ACCOUNT, ACCOUNT, "secret".to_owned().into(), SENDER)),
        ("api_key_secret", TwilioMessagesConfig::new(ACCOUNT, KEY, "a secret".to_owned().into(), SENDER)),
        ("from", TwilioMessagesConfig::new(ACCOUNT, KEY, "secret".to_owned().into(), "5185550100")),
        ("endpoint", good().endpoint("http://api.twilio.com")),
        ("endpoint", good().endpoint("https://api.twilio.com/v1")),
        ("endpoint", good().endpoint("http://localhost.evil.test")),
        ("patience", good().patience(Duration::ZERO)),
    ] {
        assert_eq!(TwilioMessages::new(config).unwrap_err().setting, setting);
    }
    assert_eq!(format!("{:?}", good()), "TwilioMessagesConfig { voice: false, .. }");
}
