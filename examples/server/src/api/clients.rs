//! Clients and their coverages over the API.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use chrono::NaiveDate;
use mentalspace_core::{
    Client, ClientId, Coverage, CoverageId, Phi,
    store::{Cursor, Page, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Body;
use crate::{
    app::App,
    params::{InPath, InQuery},
    practice::{
        clients::{self, ClientDetails, Sought},
        coverages::{self, CoverageDetails},
    },
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/clients", get(list).post(create))
        .route("/clients/search", post(search))
        .route("/clients/{client}", get(read).put(change))
        .route("/clients/{client}/coverages", get(list_coverages).post(create_coverage))
        .route("/clients/{client}/coverages/{coverage}", put(change_coverage))
}

/// A client on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientRecord {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    client: ClientDetails,
}

/// Clients on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientList {
    clients: Vec<ClientRecord>,
    /// Records that are there but cannot be opened.
    damaged: Vec<Uuid>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A change of a client's record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientChange {
    /// The version that was read.
    version: u64,
    client: ClientDetails,
}

/// A search for clients: a name, a birth date, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientSearch {
    /// Words of the name, or their first letters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Phi<String>,
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    birth_date: Option<Phi<NaiveDate>>,
}

/// Which clients are listed.
#[derive(Debug, Deserialize)]
pub struct ClientQuery {
    /// `active`, `inactive`, `discharged` or `deceased`.
    status: Option<String>,
    /// The `next` of an earlier answer.
    cursor: Option<String>,
}

/// A coverage on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageRecord {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    coverage: CoverageDetails,
}

/// A change of a coverage.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageChange {
    /// The version that was read.
    version: u64,
    coverage: CoverageDetails,
}

impl From<Versioned<Client>> for ClientRecord {
    fn from(found: Versioned<Client>) -> Self {
        Self { id: found.id.uuid(), version: found.version, client: found.value.into() }
    }
}

impl From<Page<Client>> for ClientList {
    fn from(page: Page<Client>) -> Self {
        let next = page.next.map(|next| next.to_string());
        Self { clients: page.items.into_iter().map(Into::into).collect(), damaged: page.damaged, next }
    }
}

impl From<Versioned<Coverage>> for CoverageRecord {
    fn from(found: Versioned<Coverage>) -> Self {
        Self { id: found.id.uuid(), version: found.version, coverage: found.value.into() }
    }
}

/// Lists the clients the person works with.
#[utoipa::path(get, path = "/api/v1/clients", tag = "clients",
    params(("status" = Option<String>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ClientList), (status = 401), (status = 403)))]
pub async fn list(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<ClientQuery>,
) -> Result<Json<ClientList>, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let page = clients::list(&app, &signed, query.status.as_deref(), cursor).await?;
    Ok(Json(page.into()))
}

/// Finds clients. The words travel in the body, so that no log and no history keeps them.
#[utoipa::path(post, path = "/api/v1/clients/search", tag = "clients", request_body = ClientSearch,
    responses((status = 200, body = ClientList), (status = 401), (status = 403), (status = 422)))]
pub async fn search(
    State(app): State<App>,
    signed: Signed,
    Body(search): Body<ClientSearch>,
) -> Result<Json<ClientList>, Problem> {
    let sought = Sought { name: search.name, birth_date: search.birth_date };
    Ok(Json(clients::search(&app, &signed, &sought).await?.into()))
}

/// Puts a client on record.
#[utoipa::path(post, path = "/api/v1/clients", tag = "clients", request_body = ClientDetails,
    responses((status = 201, body = ClientRecord), (status = 401), (status = 403), (status = 422)))]
pub async fn create(
    State(app): State<App>,
    signed: Signed,
    Body(details): Body<ClientDetails>,
) -> Result<(StatusCode, Json<ClientRecord>), Problem> {
    let value = clients::create(&app, &signed, details).await?;
    Ok((StatusCode::CREATED, Json(Versioned { version: 1, value }.into())))
}

/// Reads a client.
#[utoipa::path(get, path = "/api/v1/clients/{client}", tag = "clients", params(("client" = Uuid, Path)),
    responses((status = 200, body = ClientRecord), (status = 401), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
) -> Result<Json<ClientRecord>, Problem> {
    Ok(Json(clients::read(&app, &signed, client).await?.into()))
}

/// Replaces what is on record about a client.
#[utoipa::path(put, path = "/api/v1/clients/{client}", tag = "clients", params(("client" = Uuid, Path)),
    request_body = ClientChange,
    responses((status = 200, body = ClientRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
    Body(change): Body<ClientChange>,
) -> Result<Json<ClientRecord>, Problem> {
    Ok(Json(clients::change(&app, &signed, client, change.version, change.client).await?.into()))
}

/// Lists a client's coverages in the order they are billed.
#[utoipa::path(get, path = "/api/v1/clients/{client}/coverages", tag = "clients", params(("client" = Uuid, Path)),
    responses((status = 200, body = [CoverageRecord]), (status = 401), (status = 403), (status = 404)))]
pub async fn list_coverages(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
) -> Result<Json<Vec<CoverageRecord>>, Problem> {
    let all = coverages::list(&app, &signed, client).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Adds a coverage.
#[utoipa::path(post, path = "/api/v1/clients/{client}/coverages", tag = "clients", params(("client" = Uuid, Path)),
    request_body = CoverageDetails,
    responses((status = 201, body = CoverageRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn create_coverage(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
    Body(details): Body<CoverageDetails>,
) -> Result<(StatusCode, Json<CoverageRecord>), Problem> {
    let coverage = coverages::create(&app, &signed, client, details).await?;
    Ok((StatusCode::CREATED, Json(coverage.into())))
}

/// Replaces what is on record about a coverage.
#[utoipa::path(put, path = "/api/v1/clients/{client}/coverages/{coverage}", tag = "clients",
    params(("client" = Uuid, Path), ("coverage" = Uuid, Path)), request_body = CoverageChange,
    responses((status = 200, body = CoverageRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change_coverage(
    State(app): State<App>,
    signed: Signed,
    InPath((client, coverage)): InPath<(ClientId, CoverageId)>,
    Body(change): Body<CoverageChange>,
) -> Result<Json<CoverageRecord>, Problem> {
    let known = (coverage, change.version);
    Ok(Json(coverages::change(&app, &signed, client, known, change.coverage).await?.into()))
}
