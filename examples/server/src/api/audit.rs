//! The audit trail over the API.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mentalspace_core::ClientId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::claims::attachment;
use crate::{
    app::App,
    audit_trail::{self, Filter},
    params::InQuery,
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/audit/events", get(events))
        .route("/audit/export", get(export))
        .route("/audit/checkpoint", get(checkpoint))
        .route("/audit/verifier-key", get(verifier_key))
        .route("/audit/verification", post(verification))
}

/// Which events are listed.
#[derive(Debug, Deserialize, IntoParams)]
pub struct EventQuery {
    /// Events that touched this client.
    client: Option<Uuid>,
    /// Events of this person.
    user: Option<Uuid>,
    /// Events of this dotted verb, such as `note.sign`.
    activity: Option<String>,
    /// Events before this position.
    before: Option<u64>,
    /// At most so many, 100 when missing.
    limit: Option<u32>,
}

/// An event at its place in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    position: u64,
    /// See the crate `mentalspace-audit`.
    #[schema(value_type = Object)]
    event: mentalspace_audit::Event,
}

/// Events, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventList {
    events: Vec<EventView>,
    /// The `before` of the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Whose events are exported.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ExportQuery {
    /// Only what touched this client, with proofs.
    client: Option<Uuid>,
}

/// What a verification found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verification {
    /// Whether every event is what was written, and none is missing.
    verified: bool,
    /// What the verification proves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    report: Option<mentalspace_audit::Report>,
    /// The first thing that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<String>,
}

/// Lists events, newest first.
#[utoipa::path(get, path = "/api/v1/audit/events", tag = "audit", params(EventQuery),
    responses((status = 200, body = EventList), (status = 403)))]
pub async fn events(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<EventQuery>,
) -> Result<Json<EventList>, Problem> {
    let filter = Filter {
        client: query.client.map(ClientId::from_uuid),
        user: query.user,
        activity: query.activity,
        before: query.before,
        limit: query.limit.unwrap_or(100),
    };
    let trail = audit_trail::trail(&app, &signed, &filter).await?;
    let events = trail.events.into_iter().map(|(position, event)| EventView { position, event }).collect();
    Ok(Json(EventList { events, next: trail.next }))
}

/// Exports the log as lines that anyone can verify offline.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(ExportQuery),
    responses((status = 200, content_type = "application/x-ndjson"), (status = 403), (status = 422)))]
pub async fn export(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let lines = audit_trail::export(&app, &signed, query.client.map(ClientId::from_uuid)).await?;
    Ok(attachment("application/x-ndjson", "audit-log.ndjson", lines))
}

/// Shows the last signed checkpoint.
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", tag = "audit",
    responses((status = 200, content_type = "text/plain"), (status = 403), (status = 404)))]
pub async fn checkpoint(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    Ok(audit_trail::checkpoint(&app, &signed).await?.into_response())
}

/// Shows the public key that verifies exports.
#[utoipa::path(get, path = "/api/v1/audit/verifier-key", tag = "audit",
    responses((status = 200, content_type = "text/plain"), (status = 403)))]
pub async fn verifier_key(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    Ok(audit_trail::verifier_key(&app, &signed).await?.to_string().into_response())
}

/// Verifies the whole log as an outsider would.
#[utoipa::path(post, path = "/api/v1/audit/verification", tag = "audit",
    responses((status = 200, body = Verification), (status = 403)))]
pub async fn verification(State(app): State<App>, signed: Signed) -> Result<Json<Verification>, Problem> {
    Ok(Json(match audit_trail::verify(&app, &signed).await? {
        Ok(report) => Verification { verified: true, report: Some(report), finding: None },
        Err(finding) => Verification { verified: false, report: None, finding: Some(finding.to_string()) },
    }))
}
