//! Whose account it is, and which number speaks.

use std::fmt;
use std::time::Duration;

use mentalspace_auth_policy::out_of_band::PhoneNumber;
use secrecy::{ExposeSecret, SecretString};

/// How to reach Twilio. Checked by [`TwilioMessages::new`](crate::TwilioMessages::new); `Debug` shows no credential.
#[derive(Clone)]
pub struct TwilioMessagesConfig {
    pub(crate) account_sid: String,
    pub(crate) api_key_sid: String,
    pub(crate) api_key_secret: SecretString,
    pub(crate) from: String,
    pub(crate) voice: bool,
    pub(crate) endpoint: String,
    pub(crate) patience: Duration,
}

impl TwilioMessagesConfig {
    /// Takes the account (`AC…`), an API key of it (`SK…`) with its secret, and the number to send from.
    #[must_use]
    pub fn new(
        account_sid: impl Into<String>,
        api_key_sid: impl Into<String>,
        api_key_secret: SecretString,
        from: impl Into<String>,
    ) -> Self {
        Self {
            account_sid: account_sid.into(),
            api_key_sid: api_key_sid.into(),
            api_key_secret,
            from: from.into(),
            voice: false,
            endpoint: "https://api.twilio.com".to_owned(),
            patience: Duration::from_secs(8),
        }
    }

    /// Offers calls as well: the number can speak.
    #[must_use]
    pub fn voice(self) -> Self {
        Self { voice: true, ..self }
    }

    /// Calls another address than `https://api.twilio.com`; plain HTTP on the loopback only.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), ..self }
    }

    /// Waits at most this long for an answer; 8 seconds unless set.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), TwilioMessagesConfigError> {
        let secret = self.api_key_secret.expose_secret();
        rule("account_sid", is_sid("AC", &self.account_sid), "is not an account SID")?;
        rule("api_key_sid", is_sid("SK", &self.api_key_sid), "is not an API key SID")?;
        let visible = !secret.is_empty() && secret.bytes().all(|b| b.is_ascii_graphic());
        rule("api_key_secret", visible, "is empty or holds blanks")?;
        rule("from", PhoneNumber::parse(&self.from).is_ok(), "is not a number in international form")?;
        rule("endpoint", is_service(&self.endpoint), "is not the encrypted address of a service")?;
        rule("patience", !self.patience.is_zero(), "must be longer than nothing")
    }
}

impl fmt::Debug for TwilioMessagesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioMessagesConfig").field("voice", &self.voice).finish_non_exhaustive()
    }
}

/// A setting that cannot be used. Names it, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("twilio messages setting {setting} {rule}")]
#[non_exhaustive]
pub struct TwilioMessagesConfigError {
    /// The setting, as the method of [`TwilioMessagesConfig`] or its argument is called.
    pub setting: &'static str,
    /// What is wrong with it.
    pub rule: &'static str,
}

fn rule(setting: &'static str, holds: bool, rule: &'static str) -> Result<(), TwilioMessagesConfigError> {
    if holds { Ok(()) } else { Err(TwilioMessagesConfigError { setting, rule }) }
}

fn is_sid(prefix: &str, text: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_service(endpoint: &str) -> bool {
    let (scheme, host) = endpoint.split_once("://").unwrap_or_default();
    let bare = !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic()) && !host.contains(['/', '?', '#', '@']);
    let name = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
    let local = matches!(name, Some("127.0.0.1" | "[::1]" | "localhost"));
    bare && name != Some("") && (scheme == "https" || (scheme == "http" && local))
}
