//! Health: whether the process lives, whether it can serve, and what each part says.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde::Serialize;

use crate::{app::App, problem::Problem, signed::Signed};
use mentalspace_core::Role;

/// Health of the server.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok` or `unavailable`.
    status: &'static str,
}

/// Health of the server and its parts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DetailedHealth {
    /// `ok` or `unavailable`.
    status: &'static str,
    /// Version of the server.
    version: &'static str,
    /// The store in use.
    store: &'static str,
    /// Practices served.
    practices: usize,
}

/// Routes below `/health`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/health/detailed", get(detailed))
}

/// Answers as long as the process runs.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Answers 200 when requests can be served and 503 when not.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses((status = 200, body = Health), (status = 503, body = Health)))]
pub async fn ready(State(app): State<App>) -> impl IntoResponse {
    match app.vault().ping().await {
        Ok(_) => (StatusCode::OK, Json(Health { status: "ok" })),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "unavailable" })),
    }
}

/// Tells an administrator what each part says.
///
/// # Errors
/// Who asks is no administrator, or the store does not answer.
#[utoipa::path(get, path = "/health/detailed", tag = "health", responses((status = 200, body = DetailedHealth), (status = 401), (status = 403)))]
pub async fn detailed(State(app): State<App>, signed: Signed) -> Result<Json<DetailedHealth>, Problem> {
    if !signed.holds(&[Role::Administrator]) {
        return Err(Problem::forbidden("Only an administrator sees the parts of the server."));
    }
    let store = app.vault().ping().await?;
    let practices = app.practices().await?.len();
    Ok(Json(DetailedHealth { status: "ok", version: env!("CARGO_PKG_VERSION"), store, practices }))
}
