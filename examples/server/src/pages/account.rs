//! The own account: staying signed in, the password, backup codes.

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_auth_policy::{
    backup_code::{BackupCodes, FEW_LEFT},
    password::PasswordAge,
    session::{Live, SessionState},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Frame, again, page, session::onward};
use crate::{
    app::App,
    password::{self, Estimate},
    problem::Problem,
    signed::{Pending, Signed, SignedForm, check_csrf},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/session/stay", post(stay))
        .route("/session/seen", post(seen))
        .route("/account", get(account))
        .route("/account/password", get(password_page).post(change_password))
        .route("/account/password/strength", post(strength))
}

/// Notes that the person is there and tells how long the session goes on.
async fn stay(signed: Signed, headers: HeaderMap) -> Result<Json<Live>, Problem> {
    let sent = headers.get("x-csrf").and_then(|value| value.to_str().ok()).unwrap_or_default();
    check_csrf(&signed.csrf, sent)?;
    Ok(Json(signed.live))
}

#[derive(Deserialize)]
struct Empty {}

/// Takes the warning about a code that came a second time from this session: the person has read it.
async fn seen(State(app): State<App>, pending: Pending, SignedForm(_): SignedForm<Empty>) -> Result<Response, Problem> {
    let (mut stored, version) = (pending.stored.value.clone(), pending.stored.version);
    stored.replayed_at = None;
    let access = pending.access("session.warning_seen", app.now());
    app.vault().write(&access, |work| Box::pin(async move { work.update(&stored, version).await })).await?;
    Ok(Redirect::to("/").into_response())
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    login: String,
    roles: Vec<String>,
    left: usize,
    few: bool,
    /// In how many days the password expires, when that is soon.
    expires_in: Option<u16>,
}

async fn account(State(app): State<App>, signed: Signed, pending: Pending) -> Result<Response, Problem> {
    page(&account_page(&app, &signed, &pending))
}

fn account_page(app: &App, signed: &Signed, pending: &Pending) -> AccountPage {
    let left = pending.user.backup_codes.as_ref().map_or(0, BackupCodes::left);
    AccountPage {
        frame: Frame::signed("Your account", "/account", signed),
        login: pending.user.login.expose().to_owned(),
        roles: signed.roles.iter().map(|role| super::words::capital(role.name())).collect(),
        left,
        few: left <= FEW_LEFT,
        expires_in: match password::age(app, &pending.user) {
            PasswordAge::ExpiresIn(days) => Some(days),
            PasswordAge::Fresh | PasswordAge::Expired => None,
        },
    }
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    /// Whether nothing else is allowed before.
    must: bool,
    /// Whether it was made for the first sign-in.
    one_time: bool,
    csrf: String,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct PasswordForm {
    current: SecretString,
    password: SecretString,
}

fn password_form(pending: &Pending, problem: Option<Problem>) -> PasswordPage {
    let must = pending.stored.session.state() == SessionState::PasswordExpired;
    let one_time = pending.user.must_change_password;
    PasswordPage { frame: Frame::open("Change your password"), must, one_time, csrf: pending.csrf.clone(), problem }
}

async fn password_page(pending: Pending) -> Result<Response, Problem> {
    page(&password_form(&pending, None))
}

async fn change_password(
    State(app): State<App>,
    pending: Pending,
    SignedForm(form): SignedForm<PasswordForm>,
) -> Result<Response, Problem> {
    match password::change(&app, &pending, &form.current, &form.password).await {
        Ok(step) => Ok(onward(&step)),
        Err(problem) => again(&problem, &password_form(&pending, Some(problem.clone()))),
    }
}

/// Judges a password while it is typed; without the script the form tells the same once it is sent.
async fn strength(
    State(app): State<App>,
    pending: Pending,
    SignedForm(form): SignedForm<Candidate>,
) -> Result<Json<Estimate>, Problem> {
    Ok(Json(password::estimate(&app, &pending, &form.password).await?))
}

#[derive(Deserialize)]
struct Candidate {
    password: SecretString,
}
