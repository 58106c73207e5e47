//! Whose account it is, and where notifications and recordings go.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// How to reach Twilio Video. Checked by [`TwilioVideoProvider::new`](crate::TwilioVideoProvider::new); `Debug` shows
/// no credential.
#[derive(Clone)]
pub struct TwilioVideoConfig {
    pub(crate) account_sid: String,
    pub(crate) api_key_sid: String,
    pub(crate) api_key_secret: SecretString,
    pub(crate) webhooks: Option<Webhooks>,
    pub(crate) media_region: Option<String>,
    pub(crate) endpoint: String,
    pub(crate) recordings: bool,
    pub(crate) patience: Duration,
}

#[derive(Clone)]
pub(crate) struct Webhooks {
    pub(crate) auth_token: SecretString,
    pub(crate) url: String,
}

impl TwilioVideoConfig {
    /// Takes the account (`AC…`) and an API key of it (`SK…`, made in the region US1) with its secret.
    #[must_use]
    pub fn new(account_sid: impl Into<String>, api_key_sid: impl Into<String>, api_key_secret: SecretString) -> Self {
        Self {
            account_sid: account_sid.into(),
            api_key_sid: api_key_sid.into(),
            api_key_secret,
            webhooks: None,
            media_region: None,
            endpoint: "https://video.twilio.com".to_owned(),
            recordings: false,
            patience: Duration::from_secs(8),
        }
    }

    /// Has Twilio report to this public address, and believes what is signed with the account's auth token. Without it
    /// rooms are polled.
    #[must_use]
    pub fn webhooks(self, url: impl Into<String>, auth_token: SecretString) -> Self {
        Self { webhooks: Some(Webhooks { auth_token, url: url.into() }), ..self }
    }

    /// Lets media flow through `region` where a visit names none; Twilio's choice unless set.
    #[must_use]
    pub fn media_region(self, region: impl Into<String>) -> Self {
        Self { media_region: Some(region.into()), ..self }
    }

    /// Allows recordings. They go where the account's recording and composition settings say: set an encrypted bucket
    /// of the practice there.
    #[must_use]
    pub fn recordings(self) -> Self {
        Self { recordings: true, ..self }
    }

    /// Calls another address than `https://video.twilio.com`; plain HTTP on the loopback only.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), ..self }
    }

    /// Waits at most this long for an answer; 8 seconds unless set.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), TwilioVideoConfigError> {
        rule("account_sid", is_sid("AC", &self.account_sid), "is not an account SID")?;
        rule("api_key_sid", is_sid("SK", &self.api_key_sid), "is not an API key SID")?;
        rule("api_key_secret", visible(&self.api_key_secret), "is empty or holds blanks")?;
        if let Some(Webhooks { auth_token, url }) = &self.webhooks {
            rule("webhooks", visible(auth_token), "need an auth token without blanks")?;
            rule("webhooks", is_address(url) && !url.contains(['#', '@']), "need an encrypted public address")?;
        }
        let region = |text: &str| (2..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        rule("media_region", self.media_region.as_deref().is_none_or(region), "is not the name of a region")?;
        let host = self.endpoint.split_once("://").map_or("", |(_, host)| host);
        let bare = !host.is_empty() && !host.contains(['/', '?', '#', '@']);
        rule("endpoint", bare && is_address(&self.endpoint), "is not the encrypted address of a service")?;
        rule("patience", !self.patience.is_zero(), "must be longer than nothing")
    }
}

impl fmt::Debug for TwilioVideoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioVideoConfig")
            .field("media_region", &self.media_region)
            .field("webhooks", &self.webhooks.is_some())
            .field("recordings", &self.recordings)
            .finish_non_exhaustive()
    }
}

/// A setting that cannot be used. Names it, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("twilio video setting {setting} {rule}")]
#[non_exhaustive]
pub struct TwilioVideoConfigError {
    /// The setting, as the method of [`TwilioVideoConfig`] or its argument is called.
    pub setting: &'static str,
    /// What is wrong with it.
    pub rule: &'static str,
}

fn rule(setting: &'static str, holds: bool, rule: &'static str) -> Result<(), TwilioVideoConfigError> {
    if holds { Ok(()) } else { Err(TwilioVideoConfigError { setting, rule }) }
}

/// Tells whether `text` is one of Twilio's ids: two letters and 32 hex digits.
pub(crate) fn is_sid(prefix: &str, text: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn visible(secret: &SecretString) -> bool {
    let text = secret.expose_secret();
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_address(url: &str) -> bool {
    let local = ["127.0.0.1", "[::1]", "localhost"];
    let host = |rest: &str| rest.split(['/', '?', ':']).next() != Some("");
    let local = |rest: &str| {
        local
            .iter()
            .any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
    };
    let plain = url.bytes().all(|b| b.is_ascii_graphic()) && url.len() <= 2048;
    plain && (url.strip_prefix("https://").is_some_and(host) || url.strip_prefix("http://").is_some_and(local))
}
