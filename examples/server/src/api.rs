//! The HTTP API below `/api/v1`, described by OpenAPI 3.1 at `/openapi.json`.
//!
//! Requests carry `Authorization: Bearer <token>`; refusals are `application/problem+json` (RFC 9457).

pub mod appointments;
pub mod clients;
pub mod notes;
pub mod sessions;
pub mod visits;

use axum::{Json, Router, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

pub(crate) use crate::body::Body;
use crate::{app::App, health};

/// The description of the API.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "MentalSpace", description = "Reference server for behavioural-health practices"),
    paths(
        health::live,
        health::ready,
        health::detailed,
        sessions::create,
        sessions::second_factor,
        sessions::end,
        sessions::current,
        clients::list,
        clients::search,
        clients::create,
        clients::read,
        clients::change,
        clients::list_coverages,
        clients::create_coverage,
        clients::change_coverage,
        appointments::list,
        appointments::book,
        appointments::read,
        appointments::replan,
        appointments::happen,
        visits::read,
        visits::act,
        visits::join,
        visits::agree,
        notes::begin,
        notes::read,
        notes::edit,
        notes::sign,
        notes::cosign,
        notes::send_back,
        notes::amend,
    ),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
pub struct Description;

#[derive(Debug)]
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        description.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// Routes of the API.
pub fn routes() -> Router<App> {
    Router::new().route("/openapi.json", get(|| async { Json(Description::openapi()) })).nest("/api/v1", version_1())
}

fn version_1() -> Router<App> {
    Router::new()
        .merge(sessions::routes())
        .merge(clients::routes())
        .merge(appointments::routes())
        .merge(visits::routes())
        .merge(notes::routes())
}
