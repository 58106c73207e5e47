//! Janus' HTTP API: a session for each operation of the port, so that nothing has to be kept alive, and its refusals in
//! the port's words.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use mentalspace_http::{Client, HttpError, Method, Request};
use mentalspace_telehealth_port::provider::{ProviderError, ProviderErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::JanusConfig;
use crate::token::{PLUGIN, Signer};

/// Longest answer that is read; a room with a thousand people fits.
const LIMIT: usize = 1 << 20;
/// How long our own sessions may be used, in seconds: longer than any operation takes, clocks a little apart included.
const SESSION: i64 = 120;

/// Codes of the videoroom plugin, Janus 1.1.
pub(crate) const NO_SUCH_ROOM: u32 = 426;
pub(crate) const ROOM_EXISTS: u32 = 427;
pub(crate) const NOBODY: u32 = 428;
pub(crate) const INVALID: u32 = 430;
pub(crate) const UNAUTHORIZED: u32 = 433;

#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
    url: String,
    signer: Signer,
    transactions: AtomicU64,
}

/// A refused or failed request.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The plugin said no.
    Plugin(u32),
    /// There is no answer, or not from the plugin.
    Other(ProviderError),
}

impl Failure {
    pub(crate) const fn is(&self, code: u32) -> bool {
        matches!(self, Self::Plugin(known) if *known == code)
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Plugin(code) => Self::new(plugin_kind(code)).with_code(&code.to_string()),
            Failure::Other(error) => error,
        }
    }
}

impl From<ProviderErrorKind> for Failure {
    fn from(kind: ProviderErrorKind) -> Self {
        Self::Other(kind.into())
    }
}

/// A handle of the plugin in a session of its own. What is dropped unfinished Janus reaps after a minute.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    api: &'a Api,
    session: String,
    handle: String,
}

#[derive(Deserialize)]
struct Message {
    janus: String,
    data: Option<Id>,
    plugindata: Option<PluginData>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Id {
    id: u64,
}

#[derive(Deserialize)]
struct PluginData {
    data: Value,
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
}

impl Api {
    pub(crate) fn new(config: &JanusConfig) -> Result<Self, HttpError> {
        Ok(Self {
            client: Client::new(config.patience, LIMIT)?,
            url: config.url.clone(),
            signer: Signer::new(config.token_secret.clone()),
            transactions: AtomicU64::new(0),
        })
    }

    /// Opens a session and attaches to the plugin.
    pub(crate) async fn desk(&self) -> Result<Desk<'_>, ProviderError> {
        let session = format!("/{}", self.open("", &json!({ "janus": "create" })).await?);
        let handle = self.open(&session, &json!({ "janus": "attach", "plugin": PLUGIN })).await?;
        Ok(Desk { api: self, handle: format!("{session}/{handle}"), session })
    }

    async fn open(&self, path: &str, message: &Value) -> Result<u64, ProviderError> {
        let answer = self.post(path, message).await?;
        answer.data.map(|data| data.id).ok_or_else(|| ProviderErrorKind::Protocol.into())
    }

    async fn post(&self, path: &str, message: &Value) -> Result<Message, ProviderError> {
        self.post_with(path, message, &self.signer.api(seconds() + SESSION)).await
    }

    async fn post_with(&self, path: &str, message: &Value, token: &str) -> Result<Message, ProviderError> {
        let mut message = message.clone();
        message["transaction"] = self.transactions.fetch_add(1, Ordering::Relaxed).to_string().into();
        message["token"] = token.into();
        let request = Request::new(Method::POST, format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(message.to_string());
        let answer = self.client.send(request).await.map_err(|error| ProviderError::new(http_kind(error)))?;
        if !(200..300).contains(&answer.status) {
            return Err(ProviderErrorKind::of_status(answer.status, answer.retry_after()).into());
        }
        let message: Message = serde_json::from_slice(&answer.body).map_err(|_| ProviderErrorKind::Protocol)?;
        match message {
            Message { error: Some(Refusal { code }), .. } => {
                Err(ProviderError::new(core_kind(code)).with_code(&code.to_string()))
            }
            Message { ref janus, .. } if janus == "success" => Ok(message),
            Message { .. } => Err(ProviderErrorKind::Protocol.into()),
        }
    }

    /// Answers whether a session is refused to whoever has no token, or one signed by somebody else.
    pub(crate) async fn is_guarded(&self) -> Result<bool, ProviderError> {
        let stranger = Signer::new("a secret nobody has ever shared".to_owned().into());
        match self.post_with("", &json!({ "janus": "create" }), &stranger.api(seconds() + SESSION)).await {
            Err(error) if error.kind == ProviderErrorKind::Unauthorized => Ok(true),
            Err(error) => Err(error),
            Ok(_) => Ok(false),
        }
    }
}

impl Desk<'_> {
    /// Sends the plugin a request that it answers at once, and returns its answer.
    pub(crate) async fn ask(&self, body: Value) -> Result<Value, Failure> {
        let answer = self.api.post(&self.handle, &json!({ "janus": "message", "body": body })).await;
        let data = answer.map_err(Failure::Other)?.plugindata.ok_or(ProviderErrorKind::Protocol)?.data;
        match data.get("error_code").map(|code| code.as_u64().and_then(|code| u32::try_from(code).ok())) {
            None => Ok(data),
            Some(Some(code)) => Err(Failure::Plugin(code)),
            Some(None) => Err(ProviderErrorKind::Protocol.into()),
        }
    }

    /// Ends the session. If that fails, Janus does it by itself a minute later.
    pub(crate) async fn leave(self) {
        let _ = self.api.post(&self.session, &json!({ "janus": "destroy" })).await;
    }
}

/// Returns the present second. Tokens are compared with Janus' clock, so that this is the machine's and not a visit's.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX - SESSION)
}

const fn http_kind(error: HttpError) -> ProviderErrorKind {
    match error {
        HttpError::Request => ProviderErrorKind::InvalidRequest,
        HttpError::Broken | HttpError::Timeout => ProviderErrorKind::Timeout,
        HttpError::TooLong => ProviderErrorKind::Protocol,
        _ => ProviderErrorKind::Unavailable { retry_after: None },
    }
}

/// Codes of the core (`apierror.h`).
const fn core_kind(code: u32) -> ProviderErrorKind {
    match code {
        403 => ProviderErrorKind::Unauthorized,
        405 => ProviderErrorKind::Forbidden,
        // Session or handle gone: Janus started anew, or reaped us.
        458 | 459 => ProviderErrorKind::Timeout,
        // No plugin, not accepting sessions.
        460 | 472 | 490 => ProviderErrorKind::Unavailable { retry_after: None },
        450..=457 | 461 | 465..=469 => ProviderErrorKind::InvalidRequest,
        _ => ProviderErrorKind::Protocol,
    }
}

const fn plugin_kind(code: u32) -> ProviderErrorKind {
    match code {
        NO_SUCH_ROOM | NOBODY => ProviderErrorKind::NotFound,
        ROOM_EXISTS | 436 => ProviderErrorKind::Conflict,
        421..=424 | 429 | INVALID | 431 => ProviderErrorKind::InvalidRequest,
        432 => ProviderErrorKind::LimitExceeded,
        UNAUTHORIZED => ProviderErrorKind::Unauthorized,
        499 => ProviderErrorKind::Unavailable { retry_after: None },
        _ => ProviderErrorKind::Protocol,
    }
}
