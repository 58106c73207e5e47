//! The practice's record and its locations over the API, for administrators.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use mentalspace_core::{Location, LocationId, store::Versioned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Body, claims::Changed};
use crate::{
    app::App,
    params::InPath,
    practice::{
        locations::{self, LocationDetails},
        settings::{self, PracticeDetails},
    },
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/practice", get(read).put(change))
        .route("/locations", get(locations).post(add_location))
        .route("/locations/{location}", get(location).put(change_location))
}

/// The practice on record, or a change of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PracticeRecord {
    /// The version that was read: what the next change has to name.
    version: u64,
    practice: PracticeDetails,
}

/// A location on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationView {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    location: LocationDetails,
}

impl From<Versioned<Location>> for LocationView {
    fn from(found: Versioned<Location>) -> Self {
        Self { id: found.id.uuid(), version: found.version, location: found.value.into() }
    }
}

/// A change of a location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationChange {
    /// The version that was read.
    version: u64,
    location: LocationDetails,
}

/// Shows the practice's record.
#[utoipa::path(get, path = "/api/v1/practice", tag = "practice",
    responses((status = 200, body = PracticeRecord), (status = 403)))]
pub async fn read(State(app): State<App>, signed: Signed) -> Result<Json<PracticeRecord>, Problem> {
    let Versioned { version, value } = settings::read(&app, &signed).await?;
    Ok(Json(PracticeRecord { version, practice: value.into() }))
}

/// Changes the practice's record.
#[utoipa::path(put, path = "/api/v1/practice", tag = "practice", request_body = PracticeRecord,
    responses((status = 200, body = Changed), (status = 403), (status = 409), (status = 422)))]
pub async fn change(
    State(app): State<App>,
    signed: Signed,
    Body(change): Body<PracticeRecord>,
) -> Result<Json<Changed>, Problem> {
    let version = settings::change(&app, &signed, change.version, change.practice).await?;
    Ok(Json(Changed { version }))
}

/// Lists the locations by name.
#[utoipa::path(get, path = "/api/v1/locations", tag = "practice",
    responses((status = 200, body = Vec<LocationView>), (status = 403)))]
pub async fn locations(State(app): State<App>, signed: Signed) -> Result<Json<Vec<LocationView>>, Problem> {
    Ok(Json(locations::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Adds a location.
#[utoipa::path(post, path = "/api/v1/locations", tag = "practice", request_body = LocationDetails,
    responses((status = 201, body = LocationView), (status = 403), (status = 422)))]
pub async fn add_location(
    State(app): State<App>,
    signed: Signed,
    Body(details): Body<LocationDetails>,
) -> Result<(StatusCode, Json<LocationView>), Problem> {
    let added = locations::add(&app, &signed, details).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Shows a location.
#[utoipa::path(get, path = "/api/v1/locations/{location}", tag = "practice", params(("location" = Uuid, Path)),
    responses((status = 200, body = LocationView), (status = 403), (status = 404)))]
pub async fn location(
    State(app): State<App>,
    signed: Signed,
    InPath(location): InPath<LocationId>,
) -> Result<Json<LocationView>, Problem> {
    Ok(Json(locations::read(&app, &signed, location).await?.into()))
}

/// Changes a location.
#[utoipa::path(put, path = "/api/v1/locations/{location}", tag = "practice", params(("location" = Uuid, Path)),
    request_body = LocationChange,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change_location(
    State(app): State<App>,
    signed: Signed,
    InPath(location): InPath<LocationId>,
    Body(change): Body<LocationChange>,
) -> Result<Json<Changed>, Problem> {
    let version = locations::change(&app, &signed, location, change.version, change.location).await?;
    Ok(Json(Changed { version }))
}
