//! Service accounts and their API keys over the API, for administrators.

use std::collections::BTreeSet;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use mentalspace_core::{OrganizationName, Phi, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Body;
use crate::{
    api_keys::{self, ServiceAccount, StoredKey},
    app::App,
    params::InPath,
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/programs", get(list).post(add))
        .route("/programs/{program}", axum::routing::delete(shut))
        .route("/programs/{program}/keys", post(issue))
        .route("/keys/{key}", axum::routing::delete(revoke))
        .route("/keys/{key}/rotation", post(rotate))
}

/// A program of the practice.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramView {
    id: Uuid,
    name: String,
    /// Whether its keys work.
    enabled: bool,
    keys: Vec<KeyView>,
}

/// A key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    id: Uuid,
    scopes: BTreeSet<String>,
    expires_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl From<StoredKey> for KeyView {
    fn from(stored: StoredKey) -> Self {
        let key = stored.key;
        Self {
            id: stored.id,
            scopes: key.scopes().clone(),
            expires_at: key.expires_at(),
            last_used: key.last_used(),
            revoked_at: key.revoked_at(),
        }
    }
}

impl From<(ServiceAccount, Vec<StoredKey>)> for ProgramView {
    fn from((account, keys): (ServiceAccount, Vec<StoredKey>)) -> Self {
        let keys = keys.into_iter().map(Into::into).collect();
        Self { id: account.id.uuid(), name: account.name, enabled: account.enabled, keys }
    }
}

/// A program to be known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProgram {
    #[schema(value_type = String)]
    name: OrganizationName,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it may do, such as `read_client`, `read_schedule`, `read_billing`.
    scopes: BTreeSet<String>,
    /// At most a year away.
    expires_at: DateTime<Utc>,
}

/// A key, shown once: `msk_<id>_<secret>`.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshKey {
    id: Uuid,
    #[schema(value_type = String)]
    key: Phi<String>,
}

fn fresh(id: Uuid, key: &SecretString) -> FreshKey {
    FreshKey { id, key: Phi::new(key.expose_secret().to_owned()) }
}

/// Lists programs and their keys.
#[utoipa::path(get, path = "/api/v1/programs", tag = "programs",
    responses((status = 200, body = Vec<ProgramView>), (status = 403)))]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Vec<ProgramView>>, Problem> {
    Ok(Json(api_keys::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Adds a program.
#[utoipa::path(post, path = "/api/v1/programs", tag = "programs", request_body = NewProgram,
    responses((status = 201, body = Uuid), (status = 403)))]
pub async fn add(
    State(app): State<App>,
    signed: Signed,
    Body(program): Body<NewProgram>,
) -> Result<(StatusCode, Json<Uuid>), Problem> {
    let id = api_keys::add_account(&app, &signed, &program.name).await?;
    Ok((StatusCode::CREATED, Json(id.uuid())))
}

/// Shuts a program for good and revokes its keys.
#[utoipa::path(delete, path = "/api/v1/programs/{program}", tag = "programs", params(("program" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
pub async fn shut(
    State(app): State<App>,
    signed: Signed,
    InPath(program): InPath<UserId>,
) -> Result<StatusCode, Problem> {
    api_keys::shut_account(&app, &signed, program).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a key.
#[utoipa::path(post, path = "/api/v1/programs/{program}/keys", tag = "programs", params(("program" = Uuid, Path)),
    request_body = NewKey,
    responses((status = 201, body = FreshKey), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn issue(
    State(app): State<App>,
    signed: Signed,
    InPath(program): InPath<UserId>,
    Body(key): Body<NewKey>,
) -> Result<(StatusCode, Json<FreshKey>), Problem> {
    let (id, key) = api_keys::issue(&app, &signed, program, key.scopes, key.expires_at).await?;
    Ok((StatusCode::CREATED, Json(fresh(id, &key))))
}

/// Gives a key a new secret; the earlier one works on for a day.
#[utoipa::path(post, path = "/api/v1/keys/{key}/rotation", tag = "programs", params(("key" = Uuid, Path)),
    responses((status = 200, body = FreshKey), (status = 403), (status = 404), (status = 409)))]
pub async fn rotate(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<Uuid>,
) -> Result<Json<FreshKey>, Problem> {
    Ok(Json(fresh(id, &api_keys::rotate(&app, &signed, id).await?)))
}

/// Revokes a key.
#[utoipa::path(delete, path = "/api/v1/keys/{key}", tag = "programs", params(("key" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
pub async fn revoke(State(app): State<App>, signed: Signed, InPath(id): InPath<Uuid>) -> Result<StatusCode, Problem> {
    api_keys::revoke(&app, &signed, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
