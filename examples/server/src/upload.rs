//! Files that people and programs hand in, bounded before they are read.

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::MultipartError},
    http::{StatusCode, header},
};

use crate::{app::App, billing::remittances::MAX_FILE, problem::Problem, signed::check_csrf};

/// What a form may hold around its file.
const AROUND: usize = 64 << 10;

/// Lets a route take files.
pub fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_FILE + AROUND)
}

/// Reads a file from a program: the body as it is, or the part `file` of a form.
///
/// # Errors
/// `too_large`; `bad_request` when there is no file.
pub async fn raw(app: &App, request: Request) -> Result<Vec<u8>, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")) {
        return form(app, request, None).await;
    }
    let body = Bytes::from_request(request, app).await.map_err(|rejection| refusal(rejection.status()))?;
    bounded(body)
}

/// Reads a file from a page's form, which names its session in the field `csrf` before the file.
///
/// # Errors
/// `forbidden` when the form is of another session; `too_large`; `bad_request` when there is no file.
pub async fn form(app: &App, request: Request, csrf: Option<&str>) -> Result<Vec<u8>, Problem> {
    let parts = Multipart::from_request(request, app).await;
    let mut parts = parts.map_err(|_| Problem::bad_request("Send the file as a form with a boundary."))?;
    let mut cleared = csrf.is_none();
    let failed = |error: MultipartError| refusal(error.status());
    while let Some(part) = parts.next_field().await.map_err(failed)? {
        match (part.name(), csrf) {
            (Some("csrf"), Some(expected)) => {
                check_csrf(expected, &part.text().await.map_err(failed)?)?;
                cleared = true;
            }
            (Some("file"), _) if cleared => return bounded(part.bytes().await.map_err(failed)?),
            (Some("file"), _) => return Err(Problem::forbidden("The form is out of date. Load the page again.")),
            _ => {}
        }
    }
    Err(Problem::bad_request("The form holds no file."))
}

fn bounded(body: Bytes) -> Result<Vec<u8>, Problem> {
    if body.len() > MAX_FILE { Err(refusal(StatusCode::PAYLOAD_TOO_LARGE)) } else { Ok(body.into()) }
}

fn refusal(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large(
            "A file may have at most 50 megabytes. Split it, or ask the payer for smaller ones.",
        );
    }
    Problem::bad_request("The file could not be read to its end. Please send it again.")
}
