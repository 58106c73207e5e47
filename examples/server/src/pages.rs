//! The web pages.
//!
//! Server-rendered, semantic HTML; one stylesheet, one small script for the idle warning. Every page works by keyboard
//! and without the script.

mod account;
mod appointment;
mod audit;
mod authenticators;
mod billing;
mod claims;
mod clients;
mod confirm;
mod life;
mod note;
mod passkey;
mod payers;
mod practice;
mod programs;
mod remittances;
mod schedule;
mod session;
mod sessions;
mod visit;
mod visit_assets;
mod words;

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{app::App, problem::Problem, signed::Signed};

/// Routes of the pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(start))
        .route("/static/style.css", get(style))
        .route("/static/session.js", get(script))
        .route("/static/passkey.js", get(passkey_script))
        .route("/static/password.js", get(password_script))
        .merge(session::routes())
        .merge(account::routes())
        .merge(authenticators::routes())
        .merge(passkey::routes())
        .merge(confirm::routes())
        .merge(life::routes())
        .merge(programs::routes())
        .merge(sessions::routes())
        .merge(clients::routes())
        .merge(schedule::routes())
        .merge(appointment::routes())
        .merge(visit::routes())
        .merge(note::routes())
        .merge(claims::routes())
        .merge(remittances::routes())
        .merge(billing::routes())
        .merge(payers::routes())
        .merge(practice::routes())
        .merge(audit::routes())
        .merge(visit_assets::routes())
        .fallback(|| async { Problem::not_found("There is no such page.") })
}

/// Begins the day: with what happened to the account, if something did, then with the schedule.
async fn start(
    axum::extract::State(app): axum::extract::State<App>,
    signed: Option<Signed>,
) -> Result<Redirect, Problem> {
    let told = match &signed {
        Some(signed) => crate::events::unread(&app, signed).await?.is_empty(),
        None => true,
    };
    Ok(Redirect::to(if told { "/schedule" } else { "/account/notices" }))
}

/// What the frame around every page shows.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Title of the page.
    pub title: String,
    /// The person, when signed in.
    pub signed: Option<Signed>,
    /// The entry of the navigation that is current.
    pub current: &'static str,
}

impl Frame {
    /// The frame for a signed-in person.
    pub fn signed(title: impl Into<String>, current: &'static str, signed: &Signed) -> Self {
        Self { title: title.into(), signed: Some(signed.clone()), current }
    }

    /// The frame for nobody known.
    pub fn open(title: impl Into<String>) -> Self {
        Self { title: title.into(), signed: None, current: "" }
    }

    fn is_current(&self, address: &str) -> bool {
        self.current == address
    }

    /// The entries of the navigation this person may use: address and name.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, &'static str)> {
        use mentalspace_core::Role as R;
        let Some(signed) = &self.signed else { return Vec::new() };
        let mut entries = vec![("/schedule", "Schedule"), ("/clients", "Clients")];
        if signed.holds(&[R::Clinician, R::Associate, R::Supervisor]) {
            entries.push(("/notes", "Notes"));
        }
        if signed.holds(&[R::Billing, R::Administrator]) {
            entries.extend([("/claims", "Claims"), ("/remittances", "Remittances")]);
        }
        if signed.holds(&[R::Administrator]) {
            entries.extend([("/practice/people", "Practice"), ("/audit", "Audit log")]);
        }
        entries
    }
}

/// Writes a telephone number as people read it.
pub(crate) fn phone(phone: &mentalspace_core::Phone) -> String {
    words::phone(phone)
}

/// Renders a template.
///
/// # Errors
/// The template fails, which only a defect can cause.
pub fn page(template: &impl Template) -> Result<Response, Problem> {
    let text = template.render().map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    Ok(Html(text).into_response())
}

/// Renders a form again with what is wrong, unless the person has to confirm first.
///
/// # Errors
/// The template fails, which only a defect can cause.
pub fn again(problem: &Problem, template: &impl Template) -> Result<Response, Problem> {
    if problem.is_step_up() {
        return Ok(self::problem(problem, ""));
    }
    let mut response = page(template)?;
    *response.status_mut() = problem.status;
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    problem: &'a Problem,
    sign_in: bool,
}

/// Shows a refusal to a person; who is not signed in is sent to sign in.
#[must_use]
pub fn problem(problem: &Problem, path: &str) -> Response {
    if problem.is_step_up() {
        return Redirect::to(&confirm::address(problem.back.as_deref().unwrap_or("/"))).into_response();
    }
    let sign_in = problem.status == axum::http::StatusCode::UNAUTHORIZED;
    if sign_in && !path.starts_with("/sign-in") {
        return Redirect::to("/sign-in").into_response();
    }
    let template = ProblemPage { frame: Frame::open(problem.title), problem, sign_in };
    let mut response = match page(&template) {
        Ok(response) => response,
        Err(failed) => failed.into_response(),
    };
    *response.status_mut() = problem.status;
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("../static/style.css"))
}

async fn password_script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("../static/password.js"))
}

async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("../static/session.js"))
}

async fn passkey_script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("../static/passkey.js"))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text)
}
