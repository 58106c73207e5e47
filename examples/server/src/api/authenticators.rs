//! The own ways to sign in over the API: the list, and what may be done with them.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{assurance::Factor, backup_code::BackupCodes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Body;
use crate::{
    app::App,
    authenticators::{self, Act, Held, Listed, Which},
    params::InPath,
    problem::Problem,
    signed::{Pending, Signed},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/authenticators", get(list))
        .route("/authenticators/{which}", axum::routing::delete(remove))
        .route("/authenticators/{which}/name", put(rename))
        .route("/authenticators/{which}/suspension", post(suspend).delete(restore))
}

/// The ways to sign in beside the password.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authenticators {
    authenticators: Vec<AuthenticatorView>,
    /// How many backup codes are left.
    backup_codes: usize,
}

/// A way to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthenticatorView {
    /// `app`, `phone`, or the id of a passkey.
    which: String,
    /// `totp`, `passkey`, `sms` or `voice`.
    kind: &'static str,
    name: String,
    /// Whether it resists phishing.
    phishing_resistant: bool,
    /// Whether it is a fallback beside others only.
    restricted: bool,
    bound_at: DateTime<Utc>,
    /// The browser and network it was added from.
    bound_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_at: Option<DateTime<Utc>>,
}

impl From<Listed> for AuthenticatorView {
    fn from(listed: Listed) -> Self {
        let factor: Factor = listed.factor;
        Self {
            which: listed.which.to_string(),
            kind: factor.name(),
            name: listed.record.name,
            phishing_resistant: factor.resists_phishing(),
            restricted: factor.is_restricted(),
            bound_at: listed.record.bound_at,
            bound_from: listed.record.bound_from,
            last_used: listed.record.last_used,
            suspended_at: listed.record.suspended.map(|suspended| suspended.at),
        }
    }
}

/// A name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    name: String,
}

/// Lists the own ways to sign in.
#[utoipa::path(get, path = "/api/v1/authenticators", tag = "sessions",
    responses((status = 200, body = Authenticators), (status = 401)))]
pub async fn list(State(app): State<App>, _: Signed, pending: Pending) -> Result<Json<Authenticators>, Problem> {
    let held = Held::read(&app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let listed = authenticators::listed(&pending.user, &held);
    Ok(Json(Authenticators {
        authenticators: listed.into_iter().map(Into::into).collect(),
        backup_codes: pending.user.backup_codes.as_ref().map_or(0, BackupCodes::left),
    }))
}

async fn done(app: &App, pending: &Pending, which: &str, act: Act) -> Result<StatusCode, Problem> {
    let which: Which = which.parse()?;
    authenticators::act(app, pending, which, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Calls one otherwise.
#[utoipa::path(put, path = "/api/v1/authenticators/{which}/name", tag = "sessions", params(("which" = String, Path)),
    request_body = Name, responses((status = 204), (status = 403), (status = 404), (status = 422)))]
pub async fn rename(
    State(app): State<App>,
    _: Signed,
    pending: Pending,
    InPath(which): InPath<String>,
    Body(name): Body<Name>,
) -> Result<StatusCode, Problem> {
    done(&app, &pending, &which, Act::Rename(name.name)).await
}

/// Puts one out of use; the other sessions end.
#[utoipa::path(post, path = "/api/v1/authenticators/{which}/suspension", tag = "sessions",
    params(("which" = String, Path)), responses((status = 204), (status = 403), (status = 404), (status = 409)))]
pub async fn suspend(
    State(app): State<App>,
    _: Signed,
    pending: Pending,
    InPath(which): InPath<String>,
) -> Result<StatusCode, Problem> {
    done(&app, &pending, &which, Act::Suspend).await
}

/// Allows one again.
#[utoipa::path(delete, path = "/api/v1/authenticators/{which}/suspension", tag = "sessions",
    params(("which" = String, Path)), responses((status = 204), (status = 403), (status = 404)))]
pub async fn restore(
    State(app): State<App>,
    _: Signed,
    pending: Pending,
    InPath(which): InPath<String>,
) -> Result<StatusCode, Problem> {
    done(&app, &pending, &which, Act::Restore).await
}

/// Takes one from the account; the other sessions end.
#[utoipa::path(delete, path = "/api/v1/authenticators/{which}", tag = "sessions", params(("which" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409)))]
pub async fn remove(
    State(app): State<App>,
    _: Signed,
    pending: Pending,
    InPath(which): InPath<String>,
) -> Result<StatusCode, Problem> {
    done(&app, &pending, &which, Act::Remove).await
}
