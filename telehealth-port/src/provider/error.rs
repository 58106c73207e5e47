//! Why a call to a video service failed, and whether trying again makes sense.

use std::fmt;
use std::time::Duration;

/// A failed call. Carries the service's code and request id for its support, never its message text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct ProviderError {
    /// What went wrong.
    pub kind: ProviderErrorKind,
    /// The service's own code.
    pub provider_code: Option<String>,
    /// The service's id of the request.
    pub request_id: Option<String>,
}

/// What went wrong, by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderErrorKind {
    /// The room is gone.
    NotFound,
    /// Another change is under way.
    Conflict,
    /// The service refused the shape of the request: a fault in the adapter.
    InvalidRequest,
    /// The practice's credentials were refused.
    Unauthorized,
    /// The practice's account may not do this.
    Forbidden,
    /// A quota or the capacity is used up.
    LimitExceeded,
    /// Too many calls.
    Throttled {
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service is down.
    Unavailable {
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer; the call may have taken effect.
    Timeout,
    /// The service cannot do this at all.
    Unsupported,
    /// The answer was not understood.
    Protocol,
}

/// Whether and when to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// Once, after this long.
    OnceAfter(Duration),
    /// With growing, jittered pauses; not before the given time, if any.
    Backoff(Option<Duration>),
}

/// Pause before the single repetition of a conflicting call.
const CONFLICT_PAUSE: Duration = Duration::from_millis(250);

impl ProviderErrorKind {
    /// Reads an HTTP status that is no success; the service's own code may say more and goes first where it does.
    #[must_use]
    pub const fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            400 | 405 | 406 | 411 | 413..=415 | 422 => Self::InvalidRequest,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            408 => Self::Timeout,
            409 => Self::Conflict,
            429 => Self::Throttled { retry_after },
            500..=599 => Self::Unavailable { retry_after },
            _ => Self::Protocol,
        }
    }

    /// Tells whether the service may have done what it was asked although it did not say so.
    #[must_use]
    pub const fn may_have_taken_effect(self) -> bool {
        matches!(self, Self::Timeout | Self::Unavailable { .. } | Self::Protocol)
    }

    /// Advises whether to repeat the call. All calls of the port are idempotent, so repeating is safe.
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self {
            Self::Throttled { retry_after } | Self::Unavailable { retry_after } => Retry::Backoff(retry_after),
            Self::Timeout => Retry::Backoff(None),
            Self::Conflict => Retry::OnceAfter(CONFLICT_PAUSE),
            Self::NotFound
            | Self::InvalidRequest
            | Self::Unauthorized
            | Self::Forbidden
            | Self::LimitExceeded
            | Self::Unsupported
            | Self::Protocol => Retry::Never,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::NotFound => "room not found",
            Self::Conflict => "conflicting change",
            Self::InvalidRequest => "request refused as invalid",
            Self::Unauthorized => "credentials refused",
            Self::Forbidden => "not permitted for this account",
            Self::LimitExceeded => "limit reached",
            Self::Throttled { .. } => "too many calls",
            Self::Unavailable { .. } => "service unavailable",
            Self::Timeout => "no answer in time",
            Self::Unsupported => "not supported by this service",
            Self::Protocol => "answer not understood",
        }
    }
}

impl ProviderError {
    /// Makes an error without the service's code.
    #[must_use]
    pub const fn new(kind: ProviderErrorKind) -> Self {
        Self { kind, provider_code: None, request_id: None }
    }

    /// Adds the service's code. A text that is no code (over 64 bytes, or with a blank) is dropped.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        self.provider_code = token(code);
        self
    }

    /// Adds the service's request id. A text that is no id (over 64 bytes, or with a blank) is dropped.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = token(id);
        self
    }

    /// Advises whether to repeat the call.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        self.kind.retry()
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        if let Some(code) = &self.provider_code {
            write!(f, " (code {code})")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl From<ProviderErrorKind> for ProviderError {
    fn from(kind: ProviderErrorKind) -> Self {
        Self::new(kind)
    }
}

fn token(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len());
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/'));
    (fits && plain).then(|| text.to_owned())
}
