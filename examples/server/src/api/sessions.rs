//! Signing in over the API: password, then code, each answering with the token for the next request.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    password::{self, Estimate},
    problem::Problem,
    sender::Sender,
    sign_in::{self, Step},
    signed::{From, Pending, Signed},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sessions", post(create))
        .route("/sessions/current", get(current).delete(end))
        .route("/sessions/current/second-factor", post(second_factor))
        .route("/sessions/current/password-strength", post(password_strength))
}

/// A name and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    login: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A code of the second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// The token for the next request and what that request is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    token: String,
    /// `code`, `enrol`, `new_password` or `work`.
    next: String,
}

/// Who is signed in, and until when.
#[derive(Debug, Serialize, ToSchema)]
pub struct Current {
    user: uuid::Uuid,
    practice: uuid::Uuid,
    display_name: String,
    roles: Vec<&'static str>,
    warn_at: DateTime<Utc>,
    idle_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

fn token(step: &Step) -> Json<Token> {
    let next = match step.next {
        sign_in::NextStep::Code => "code",
        sign_in::NextStep::Enrol => "enrol",
        sign_in::NextStep::NewPassword => "new_password",
        sign_in::NextStep::Work => "work",
    };
    Json(Token { token: step.token.expose_secret().to_owned(), next: next.to_owned() })
}

/// Starts a session with a name and a password.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", security(()),
    responses((status = 201, body = Token), (status = 401), (status = 429), (status = 503)))]
pub async fn create(
    State(app): State<App>,
    From(origin): From,
    sender: Sender,
    super::Body(credentials): super::Body<Credentials>,
) -> Result<(StatusCode, Json<Token>), Problem> {
    let (step, _) = sign_in::with_password(&app, &credentials.login, &credentials.password, &origin, &sender).await?;
    Ok((StatusCode::CREATED, token(&step)))
}

/// Shows the second factor.
#[utoipa::path(post, path = "/api/v1/sessions/current/second-factor", tag = "sessions",
    responses((status = 200, body = Token), (status = 401), (status = 429)))]
pub async fn second_factor(
    State(app): State<App>,
    pending: Pending,
    super::Body(code): super::Body<Code>,
) -> Result<Json<Token>, Problem> {
    Ok(token(&sign_in::with_code(&app, &pending, &code.code).await?))
}

/// A password somebody thinks of choosing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Judges a password before it is chosen, with the names around the person in this session.
#[utoipa::path(post, path = "/api/v1/sessions/current/password-strength", tag = "sessions",
    request_body = Candidate,
    responses((status = 200, body = Estimate), (status = 401), (status = 429), (status = 503)))]
pub async fn password_strength(
    State(app): State<App>,
    pending: Pending,
    super::Body(candidate): super::Body<Candidate>,
) -> Result<Json<Estimate>, Problem> {
    Ok(Json(password::estimate(&app, &pending, &candidate.password).await?))
}

/// Tells who is signed in.
#[utoipa::path(get, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 200, body = Current), (status = 401)))]
pub async fn current(signed: Signed) -> Json<Current> {
    Json(Current {
        user: signed.user.uuid(),
        practice: signed.practice.uuid(),
        display_name: signed.display_name.clone(),
        roles: signed.roles.iter().map(|role| role.name()).collect(),
        warn_at: signed.live.warn_at,
        idle_at: signed.live.idle_at,
        expires_at: signed.live.expires_at,
    })
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 204), (status = 401)))]
pub async fn end(State(app): State<App>, pending: Pending) -> Result<StatusCode, Problem> {
    sign_in::out(&app, &pending).await?;
    Ok(StatusCode::NO_CONTENT)
}
