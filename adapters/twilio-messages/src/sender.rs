//! Sending, and what Twilio's answers mean.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mentalspace_auth_policy::out_of_band::{Channel, CodeSender, Message, PhoneNumber, SendError};
use mentalspace_http::{Answer, Client, HttpError, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::config::{TwilioMessagesConfig, TwilioMessagesConfigError};

/// Answers are a few hundred bytes.
const LIMIT: usize = 64 * 1024;
/// How long Twilio tries, in seconds: as long as a code lives at most.
const VALIDITY: &str = "600";

/// What Twilio calls a number it cannot reach: invalid, not permitted from here, no route, opted out, no mobile, and
/// invalid for a call.
const UNREACHABLE: [u32; 9] = [21211, 21214, 21215, 21217, 21408, 21610, 21612, 21614, 13224];

/// Text messages and calls through one Twilio account.
#[derive(Debug)]
pub struct TwilioMessages {
    client: Client,
    config: TwilioMessagesConfig,
    authorization: SecretString,
}

impl TwilioMessages {
    /// Makes a sender. Nothing is sent.
    ///
    /// # Errors
    /// The setting that cannot be used.
    pub fn new(config: TwilioMessagesConfig) -> Result<Self, TwilioMessagesConfigError> {
        config.check()?;
        let unusable = TwilioMessagesConfigError { setting: "endpoint", rule: "cannot be called from this machine" };
        let client = Client::new(config.patience, LIMIT).map_err(|_| unusable)?;
        let basic = STANDARD.encode(format!("{}:{}", config.api_key_sid, config.api_key_secret.expose_secret()));
        Ok(Self { client, config, authorization: format!("Basic {basic}").into() })
    }

    async fn post(&self, what: &str, form: &[(&str, &str)]) -> Result<(), SendError> {
        let TwilioMessagesConfig { endpoint, account_sid, .. } = &self.config;
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::new(Method::POST, format!("{endpoint}/2010-04-01/Accounts/{account_sid}/{what}"))
            .header("authorization", self.authorization.expose_secret())
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        let answer = self.client.send(request).await.map_err(silence)?;
        if (200..300).contains(&answer.status) { Ok(()) } else { Err(refusal(&answer)) }
    }
}

#[async_trait]
impl CodeSender for TwilioMessages {
    fn channels(&self) -> &[Channel] {
        if self.config.voice { &[Channel::Sms, Channel::Voice] } else { &[Channel::Sms] }
    }

    async fn send(&self, channel: Channel, number: &PhoneNumber, message: &Message) -> Result<(), SendError> {
        let (to, from) = (("To", number.expose()), ("From", self.config.from.as_str()));
        match channel {
            Channel::Sms => {
                let text = written(message)?;
                let body = ("Body", text.expose_secret());
                self.post("Messages.json", &[to, from, body, ("ValidityPeriod", VALIDITY)]).await
            }
            Channel::Voice if self.config.voice => {
                let spoken = spoken(message)?;
                self.post("Calls.json", &[to, from, ("Twiml", spoken.expose_secret())]).await
            }
            _ => Err(SendError::Refused),
        }
    }
}

fn written(message: &Message) -> Result<SecretString, SendError> {
    match message {
        Message::Code(code) => Ok(format!(
            "{} is your MentalSpace sign-in code. Type it into the page that asked for it. Nobody will ever ask you for it.",
            code.expose().expose_secret()
        )
        .into()),
        Message::NumberWithdrawn => {
            Ok("This number no longer receives MentalSpace sign-in codes. If that was not you, tell your practice."
                .to_owned()
                .into())
        }
        _ => Err(SendError::Refused),
    }
}

/// Writes TwiML. The texts are ours and the digits are digits, so there is nothing to escape.
fn spoken(message: &Message) -> Result<SecretString, SendError> {
    let said = match message {
        Message::Code(code) => {
            let digits = code.expose();
            let mut slowly = String::new();
            for digit in digits.expose_secret().chars() {
                slowly.push(digit);
                slowly.push_str(". ");
            }
            format!(
                "<Say>Your Mental Space sign-in code is: {slowly}</Say><Pause length=\"1\"/><Say>Again: {slowly}</Say>"
            )
        }
        Message::NumberWithdrawn => "<Say>This number no longer receives Mental Space sign-in codes. If that was not \
            you, tell your practice.</Say>"
            .to_owned(),
        _ => return Err(SendError::Refused),
    };
    Ok(format!("<Response>{said}</Response>").into())
}

fn silence(error: HttpError) -> SendError {
    match error {
        HttpError::Request => SendError::Refused,
        _ => SendError::Unavailable { retry_after: None },
    }
}

#[derive(Deserialize, Default)]
struct Refusal {
    code: Option<u32>,
}

fn refusal(answer: &Answer) -> SendError {
    let body: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    match (answer.status, body.code) {
        (429 | 500..=599, _) => SendError::Unavailable { retry_after: answer.retry_after() },
        (_, Some(code)) if UNREACHABLE.contains(&code) => SendError::Unreachable,
        _ => SendError::Refused,
    }
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
