#![doc = include_str!("../README.md")]

use std::fmt;
use std::time::Duration;

pub use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};

/// A pooled HTTP/1.1 client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    limit: usize,
}

/// A request. Silent in `Debug` but for its method: addresses, headers and bodies may hold secrets.
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer, whatever its status.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values; those that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, at most as long as the client's limit.
    pub body: Vec<u8>,
}

/// Why there is no answer. Says nothing of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The request cannot be sent: its address or a header is none.
    #[error("request cannot be sent: address or header is malformed")]
    Request,
    /// No connection could be made; the service knows nothing of the request.
    #[error("no connection to the service")]
    Unreachable,
    /// The connection broke; the request may have taken effect.
    #[error("connection to the service broke")]
    Broken,
    /// No answer in time; the request may have taken effect.
    #[error("no answer from the service in time")]
    Timeout,
    /// The answer is longer than the limit; the request may have taken effect.
    #[error("answer of the service is too long")]
    TooLong,
    /// The machine has no usable TLS set-up.
    #[error("encrypted connections cannot be set up")]
    Tls,
}

impl Client {
    /// Makes a client whose exchanges take at most `patience` each, and whose answers have at most `limit` bytes.
    ///
    /// # Errors
    /// [`HttpError::Tls`] if the machine's root certificates cannot be used.
    pub fn new(patience: Duration, limit: usize) -> Result<Self, HttpError> {
        // A process has one provider; whoever was first decided, and any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = reqwest::Client::builder()
            .timeout(patience)
            .connect_timeout(patience.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| HttpError::Tls)?;
        Ok(Self { inner, limit })
    }

    /// Sends a request and reads the answer whole.
    ///
    /// # Errors
    /// [`HttpError`]; any status is an answer and no error.
    pub async fn send(&self, request: Request) -> Result<Answer, HttpError> {
        let mut building = self.inner.request(request.method, &request.url).body(request.body);
        for (name, value) in request.headers {
            let name = HeaderName::try_from(name).map_err(|_| HttpError::Request)?;
            let mut value = HeaderValue::try_from(value).map_err(|_| HttpError::Request)?;
            value.set_sensitive(true);
            building = building.header(name, value);
        }
        let request = building.build().map_err(|_| HttpError::Request)?;
        let mut answer = self.inner.execute(request).await.map_err(|error| kind(&error))?;
        let headers = answer.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| kind(&error))? {
            if body.len() + chunk.len() > self.limit {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

fn kind(error: &reqwest::Error) -> HttpError {
    if error.is_timeout() {
        HttpError::Timeout
    } else if error.is_connect() {
        HttpError::Unreachable
    } else if error.is_builder() {
        HttpError::Request
    } else {
        HttpError::Broken
    }
}

impl Request {
    /// Begins a request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl Answer {
    /// Returns the first header of that name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads how long the service asks to wait, where it says so in seconds (RFC 9110 §10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} …)", self.method)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}
