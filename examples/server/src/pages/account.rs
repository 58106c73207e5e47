//! The own account: staying signed in, the password, backup codes.

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use mentalspace_auth_policy::{
    password::PasswordAge,
    session::{Live, SessionState},
};
use secrecy::{ExposeSecret, SecretString};
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
        .route("/account", get(account))
        .route("/account/password", get(password_page).post(change_password))
        .route("/account/password/strength", post(strength))
        .route("/account/backup-codes", post(backup_codes))
}

/// Notes that the person is there and tells how long the session goes on.
async fn stay(signed: Signed, headers: HeaderMap) -> Result<Json<Live>, Problem> {
    let sent = headers.get("x-csrf").and_then(|value| value.to_str().ok()).unwrap_or_default();
    check_csrf(&signed.csrf, sent)?;
    Ok(Json(signed.live))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    csrf: String,
    login: String,
    roles: Vec<String>,
    left: usize,
    codes: Vec<String>,
    /// In how many days the password expires, when that is soon.
    expires_in: Option<u16>,
}

async fn account(State(app): State<App>, signed: Signed, pending: Pending) -> Result<Response, Problem> {
    page(&account_page(&app, &signed, &pending, Vec::new()))
}

fn account_page(app: &App, signed: &Signed, pending: &Pending, codes: Vec<String>) -> AccountPage {
    let left = pending.user.backup_codes.as_ref().map_or(0, mentalspace_auth_policy::backup_code::BackupCodes::left);
    AccountPage {
        frame: Frame::signed("Your account", "/account", signed),
        csrf: signed.csrf.clone(),
        login: pending.user.login.expose().to_owned(),
        roles: signed.roles.iter().map(|role| super::words::capital(role.name())).collect(),
        left,
        codes,
        expires_in: match password::age(app, &pending.user) {
            PasswordAge::ExpiresIn(days) => Some(days),
            PasswordAge::Fresh | PasswordAge::Expired => None,
        },
    }
}

#[derive(Deserialize)]
struct Empty {}

async fn backup_codes(
    State(app): State<App>,
    signed: Signed,
    pending: Pending,
    SignedForm(_): SignedForm<Empty>,
) -> Result<Response, Problem> {
    let codes = password::new_backup_codes(&app, &pending).await?;
    let codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
    page(&account_page(&app, &signed, &pending, codes))
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
