//! Why a request was refused: `application/problem+json` (RFC 9457) for programs, a page for people.
//!
//! A problem names rules, fields and opaque ids. Content never gets in, so a problem may be logged.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use mentalspace_core::{Invalid, store::StoreError};
use serde::Serialize;

/// A refusal.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// What kind it is: a stable name below `/problems/`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// HTTP status.
    #[serde(serialize_with = "as_number")]
    pub status: StatusCode,
    /// What happened this time and what helps.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The page a person comes back to after a step-up.
    #[serde(skip)]
    pub back: Option<Box<str>>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    /// Path of the field, such as `lines[2].pointers`.
    pub field: String,
    /// The rule it breaks.
    pub detail: String,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $slug:literal, $title:literal;)+) => {
        impl Problem {$(
            $(#[$doc])*
            pub fn $name(detail: impl Into<String>) -> Self {
                Self::new(StatusCode::$status, concat!("/problems/", $slug), $title, detail.into())
            }
        )+}
    };
}

kinds! {
    /// The request cannot be understood.
    bad_request = BAD_REQUEST, "bad-request", "The request cannot be understood";
    /// Nobody is signed in, or not surely enough.
    unauthenticated = UNAUTHORIZED, "unauthenticated", "Please sign in";
    /// The person may not do this.
    forbidden = FORBIDDEN, "forbidden", "You may not do this";
    /// The factors have to be shown again for this.
    step_up = FORBIDDEN, "step-up-required", "Please confirm that it is you";
    /// There is no such thing.
    not_found = NOT_FOUND, "not-found", "There is no such record";
    /// Somebody else was faster, or the record is not in a state for this.
    conflict = CONFLICT, "conflict", "This does not fit what is on record";
    /// The content breaks a rule.
    invalid = UNPROCESSABLE_ENTITY, "invalid", "Something needs to be corrected";
    /// The body is too large.
    too_large = PAYLOAD_TOO_LARGE, "too-large", "The upload is too large";
    /// Too many attempts.
    throttled = TOO_MANY_REQUESTS, "throttled", "Too many attempts";
    /// The server is busy or a part of it is out of reach.
    unavailable = SERVICE_UNAVAILABLE, "unavailable", "The service is busy";
    /// The server failed.
    internal = INTERNAL_SERVER_ERROR, "internal", "The server made a mistake";
}

const STALE: &str = "Somebody else has changed this record meanwhile. Load it again and repeat your change.";

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: String) -> Self {
        Self { kind, title, status, detail, errors: Vec::new(), retry_after: None, back: None }
    }

    /// Adds what is wrong with a field.
    #[must_use]
    pub fn with_error(mut self, field: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), detail: detail.into() });
        self
    }

    /// Says when the next attempt makes sense.
    #[must_use]
    pub const fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Says where a person comes back to after a step-up; other problems lead nowhere.
    #[must_use]
    pub fn coming_back(mut self, page: &str) -> Self {
        if self.is_step_up() {
            self.back = Some(page.into());
        }
        self
    }

    /// Returns whether the factors have to be shown again.
    #[must_use]
    pub fn is_step_up(&self) -> bool {
        self.kind == "/problems/step-up-required"
    }

    /// Returns whether somebody else was faster: a conflict of versions, not of rules.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.status == StatusCode::CONFLICT && self.detail == STALE
    }

    /// Refuses one field.
    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid("Please correct what is marked.").with_error(field, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::conflict(STALE),
            StoreError::AlreadyExists { .. } | StoreError::Duplicate { .. } => Self::conflict(sentence(&error)),
            StoreError::NotFound { .. } => Self::not_found(sentence(&error)),
            StoreError::Limit { .. } => Self::invalid(sentence(&error)),
            StoreError::Unavailable(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "store unavailable");
                Self::unavailable("The records are out of reach for a moment. Please try again.").with_retry_after(2)
            }
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "store failed");
                Self::internal("The records cannot be used. The failure was logged.")
            }
        }
    }
}

impl From<Invalid> for Problem {
    fn from(error: Invalid) -> Self {
        Self::invalid("Please correct what is marked.").with_error(error.what, error.rule)
    }
}

/// Turns a lower-case error text into a sentence.
pub fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let mut response = (self.status, headers, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(self);
        response
    }
}
