//! Challenges for the script that asks the browser for a passkey. Its answers come back as ordinary forms.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::post,
};
use mentalspace_core::draw;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::App,
    authenticators,
    problem::Problem,
    sign_in,
    signed::{Pending, check_csrf, is_same_origin},
};

/// Name of the cookie that binds a challenge to the browser that asked for it.
const CEREMONY_COOKIE: &str = "__Host-ceremony";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/passkey/sign-in", post(to_sign_in))
        .route("/passkey/confirm", post(to_confirm))
        .route("/passkey/register", post(to_register))
}

async fn to_sign_in(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if !is_same_origin(&headers) {
        return Err(Problem::forbidden("The request came from another site."));
    }
    let binding = uuid::Builder::from_random_bytes(draw(app.entropy())).into_uuid();
    let mut response = Json(sign_in::passkey::options(&app, binding).await?).into_response();
    let cookie = format!("{CEREMONY_COOKIE}={binding}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=300");
    let cookie = HeaderValue::try_from(cookie);
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}

async fn to_confirm(State(app): State<App>, pending: Pending, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    sent_by_page(&pending, &headers)?;
    Ok(Json(sign_in::passkey_options(&app, &pending).await?))
}

async fn to_register(State(app): State<App>, pending: Pending, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    sent_by_page(&pending, &headers)?;
    Ok(Json(authenticators::passkey::start(&app, &pending).await?))
}

fn sent_by_page(pending: &Pending, headers: &HeaderMap) -> Result<(), Problem> {
    let sent = headers.get("x-csrf").and_then(|value| value.to_str().ok()).unwrap_or_default();
    check_csrf(&pending.csrf, sent)
}

/// Reads which challenge the browser was given.
pub(super) fn binding(headers: &HeaderMap) -> Option<Uuid> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == CEREMONY_COOKIE).and_then(|(_, value)| Uuid::try_parse(value).ok())
}
