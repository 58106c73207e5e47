//! Confirming that it is still the same person, and back to where that was asked for.

use askama::Template;
use axum::http::header;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Frame, again, page,
    session::{name_device, onward, remember_device},
};
use crate::{
    app::App,
    authenticators::Held,
    params::InQuery,
    problem::Problem,
    signed::{Caller, Pending, SignedForm},
    step_up::{self, Shown},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/confirm", get(ask).post(confirm))
        .route("/account/confirm/passkey", post(confirm_passkey))
}

/// Returns the address that asks for the factors and leads back to `page`.
pub(super) fn address(page: &str) -> String {
    let encoded = page.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    });
    format!("/account/confirm?back={encoded}")
}

/// Leads back to a page of this site and nowhere else.
fn own_page(back: &str) -> &str {
    let plain = back.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    let own = back.starts_with('/') && !back.starts_with("//") && plain && back.len() <= 512;
    if own && !back.starts_with("/account/confirm") { back } else { "/" }
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
struct Confirmation {
    password: SecretString,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    csrf: String,
    back: String,
    has_code: bool,
    has_passkey: bool,
    problem: Option<Problem>,
}

async fn form(app: &App, pending: &Pending, back: &str, problem: Option<Problem>) -> Result<ConfirmPage, Problem> {
    let held = Held::read(app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let has_passkey = app.ways().passkeys.is_some() && held.usable_passkeys().next().is_some();
    let has_code = pending.user.totp.is_some() || pending.user.backup_codes.is_some() || held.phone.is_some();
    Ok(ConfirmPage {
        frame: Frame::open("Confirm that it is you"),
        csrf: pending.csrf.clone(),
        back: own_page(back).to_owned(),
        has_code,
        has_passkey,
        problem,
    })
}

async fn ask(State(app): State<App>, pending: Pending, InQuery(query): InQuery<Back>) -> Result<Response, Problem> {
    pending.permit(&app, mentalspace_auth_policy::session::Scope::StepUp)?;
    page(&form(&app, &pending, &query.back, None).await?)
}

async fn confirm(
    State(app): State<App>,
    pending: Pending,
    mut caller: Caller,
    SignedForm(sent): SignedForm<Confirmation>,
) -> Result<Response, Problem> {
    let device = name_device(&app, &mut caller);
    let shown = Shown { password: &sent.password, code: &sent.code };
    match step_up::confirm(&app, &pending, &caller, shown).await {
        Ok(step) => Ok(go_back(remember_device(onward(&step), device.as_ref()), &sent.back)),
        Err(problem) => again(&problem, &form(&app, &pending, &sent.back, Some(problem.clone())).await?),
    }
}

#[derive(Deserialize)]
struct PasskeyConfirmation {
    answer: String,
    #[serde(default)]
    back: String,
}

async fn confirm_passkey(
    State(app): State<App>,
    pending: Pending,
    mut caller: Caller,
    SignedForm(sent): SignedForm<PasskeyConfirmation>,
) -> Result<Response, Problem> {
    let device = name_device(&app, &mut caller);
    match step_up::confirm_passkey(&app, &pending, &caller, &sent.answer).await {
        Ok(step) => Ok(go_back(remember_device(onward(&step), device.as_ref()), &sent.back)),
        Err(problem) => again(&problem, &form(&app, &pending, &sent.back, Some(problem.clone())).await?),
    }
}

fn go_back(mut response: Response, back: &str) -> Response {
    let back = Redirect::to(own_page(back)).into_response();
    if let Some(location) = back.headers().get(header::LOCATION) {
        response.headers_mut().insert(header::LOCATION, location.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn only_own_pages_are_returned_to() {
        for own in ["/", "/audit", "/claims/files/7?part=2", "/practice/people/0192"] {
            assert_eq!(own_page(own), own);
        }
        for foreign in [
            "",
            "https://elsewhere.example/",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x=y",
            "/account/confirm?back=/account/confirm",
            "audit",
        ] {
            assert_eq!(own_page(foreign), "/", "{foreign:?}");
        }
    }
}
