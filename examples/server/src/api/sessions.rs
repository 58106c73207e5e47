//! Signing in over the API: password, then code, each answering with the token for the next request.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{assurance::Factor, session::Ending};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    params::InPath,
    password::{self, Estimate},
    problem::Problem,
    sessions::{self, Listed},
    sign_in::{self, Step},
    signed::{Caller, Pending, Signed},
    step_up::{self, Shown},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sessions", get(list).post(create))
        .route("/sessions/others", delete(end_others))
        .route("/sessions/all", delete(end_all))
        .route("/sessions/{session}", delete(end_one))
        .route("/sessions/current/step-up", post(step_up))
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

/// The password and the second factor once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The code of the second factor; may be left out where there is none.
    #[serde(default)]
    code: String,
}

/// A place where the person is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Names the session; opens nothing.
    id: Uuid,
    /// Browser and system, such as `Firefox on Windows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The network, such as `192.0.2.0/24`.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    since: DateTime<Utc>,
    last_activity: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// `password`, `totp`, `backup_code`, …
    #[schema(value_type = Vec<String>)]
    factors: Vec<Factor>,
    /// Whether the second factor is still to be shown.
    unfinished: bool,
    /// Whether the request came in it.
    current: bool,
}

impl From<Listed> for SessionView {
    fn from(listed: Listed) -> Self {
        let Listed { id, from, since, last_activity, expires_at, factors, unfinished, current } = listed;
        Self {
            id,
            agent: from.agent,
            network: from.network,
            since,
            last_activity,
            expires_at,
            factors,
            unfinished,
            current,
        }
    }
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
        // An invitation for who looks at pages.
        sign_in::NextStep::BackupCodes | sign_in::NextStep::Work => "work",
    };
    Json(Token { token: step.token.expose_secret().to_owned(), next: next.to_owned() })
}

/// Starts a session with a name and a password.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", security(()),
    responses((status = 201, body = Token), (status = 401), (status = 429), (status = 503)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    super::Body(credentials): super::Body<Credentials>,
) -> Result<(StatusCode, Json<Token>), Problem> {
    let (step, _) = sign_in::with_password(&app, &credentials.login, &credentials.password, &caller).await?;
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

/// Shows the password and the second factor once more, for what is sensitive.
#[utoipa::path(post, path = "/api/v1/sessions/current/step-up", tag = "sessions", request_body = Confirmation,
    responses((status = 200, body = Token), (status = 401), (status = 422), (status = 429)))]
pub async fn step_up(
    State(app): State<App>,
    pending: Pending,
    caller: Caller,
    super::Body(sent): super::Body<Confirmation>,
) -> Result<Json<Token>, Problem> {
    let shown = Shown { password: &sent.password, code: &sent.code };
    Ok(token(&step_up::confirm(&app, &pending, &caller, shown).await?))
}

/// Lists where the person is signed in.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions",
    responses((status = 200, body = Vec<SessionView>), (status = 401)))]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Vec<SessionView>>, Problem> {
    Ok(Json(sessions::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Ends one session of the person.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "sessions", params(("session" = Uuid, Path)),
    responses((status = 204), (status = 401), (status = 404)))]
pub async fn end_one(
    State(app): State<App>,
    signed: Signed,
    InPath(session): InPath<Uuid>,
) -> Result<StatusCode, Problem> {
    sessions::end(&app, &signed, Ending::One(session)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the person but this one.
#[utoipa::path(delete, path = "/api/v1/sessions/others", tag = "sessions", responses((status = 204), (status = 401)))]
pub async fn end_others(State(app): State<App>, signed: Signed) -> Result<StatusCode, Problem> {
    sessions::end(&app, &signed, Ending::Others(signed.session().id())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the person.
#[utoipa::path(delete, path = "/api/v1/sessions/all", tag = "sessions", responses((status = 204), (status = 401)))]
pub async fn end_all(State(app): State<App>, signed: Signed) -> Result<StatusCode, Problem> {
    sessions::end(&app, &signed, Ending::All).await?;
    Ok(StatusCode::NO_CONTENT)
}
