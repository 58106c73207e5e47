//! Parts of the address of a request, refused as a problem.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{app::App, problem::Problem};

/// What stands in the path.
#[derive(Debug)]
pub struct InPath<T>(pub T);

/// What stands behind the question mark. Never anything that identifies a client.
#[derive(Debug)]
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for InPath<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found = Path::<T>::from_request_parts(parts, app).await;
        found.map(|Path(value)| Self(value)).map_err(|_| Problem::not_found("The address names no record."))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for InQuery<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found = Query::<T>::from_request_parts(parts, app).await;
        found.map(|Query(value)| Self(value)).map_err(|_| Problem::bad_request("The query is not what is described."))
    }
}
