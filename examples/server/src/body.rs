//! JSON bodies, refused as a problem.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
};
use serde::de::DeserializeOwned;

use crate::{app::App, problem::Problem};

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match Json::from_request(request, app).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refusal(&rejection)),
        }
    }
}

/// Says where a body breaks, never what it holds: the parser's own words can repeat a value.
fn refusal(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::bad_request("Send the body as application/json."),
        JsonRejection::JsonSyntaxError(_) => Problem::bad_request("The body is not JSON."),
        JsonRejection::JsonDataError(error) => {
            let path = error.body_text();
            let at = path.rsplit_once(" at line ").map_or_else(String::new, |(_, at)| format!(" at line {at}"));
            Problem::invalid(format!("The body is not what is described in /openapi.json{at}."))
        }
        other if other.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::too_large("The body is larger than a request may be.")
        }
        _ => Problem::bad_request("The body cannot be read."),
    }
}
