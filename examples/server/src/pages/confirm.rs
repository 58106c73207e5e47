//! Confirming that it is still the same person, and back to where that was asked for.

use askama::Template;
use axum::http::header;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Frame, again, page,
    session::{name_device, onward, remember_device},
};
use crate::{
    app::App,
    params::InQuery,
    problem::Problem,
    signed::{Caller, Pending, SignedForm},
    step_up::{self, Shown},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/account/confirm", get(ask).post(confirm))
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
    problem: Option<Problem>,
}

fn form(pending: &Pending, back: &str, problem: Option<Problem>) -> ConfirmPage {
    ConfirmPage {
        frame: Frame::open("Confirm that it is you"),
        csrf: pending.csrf.clone(),
        back: own_page(back).to_owned(),
        has_code: pending.user.totp.is_some() || pending.user.backup_codes.is_some(),
        problem,
    }
}

async fn ask(State(app): State<App>, pending: Pending, InQuery(query): InQuery<Back>) -> Result<Response, Problem> {
    pending.permit(&app, mentalspace_auth_policy::session::Scope::StepUp)?;
    page(&form(&pending, &query.back, None))
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
        Ok(step) => {
            let mut response = remember_device(onward(&step), device.as_ref());
            let back = Redirect::to(own_page(&sent.back)).into_response();
            if let Some(location) = back.headers().get(header::LOCATION) {
                response.headers_mut().insert(header::LOCATION, location.clone());
            }
            Ok(response)
        }
        Err(problem) => again(&problem, &form(&pending, &sent.back, Some(problem.clone()))),
    }
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
