//! Clinical notes over the API. A signed text never leaves without what was added to it.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::NaiveDate;
use mentalspace_core::{
    Amendment, AmendmentText, AppointmentId, ClientId, Note, NoteContent, NoteId, NoteKind, NoteText, Signature,
    store::Versioned,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Body;
use crate::{
    app::App,
    params::InPath,
    practice::notes::{self, Act, Beginning},
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notes", post(begin))
        .route("/notes/{note}", get(read).put(edit))
        .route("/notes/{note}/sign", post(sign))
        .route("/notes/{note}/cosign", post(cosign))
        .route("/notes/{note}/return", post(send_back))
        .route("/notes/{note}/amend", post(amend))
}

/// A note to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// `progress`, `intake`, `treatment_plan` and so on.
    #[schema(value_type = String)]
    kind: NoteKind,
    /// The appointment it is about; it then gives client and day.
    #[schema(value_type = Option<Uuid>)]
    appointment: Option<AppointmentId>,
    #[schema(value_type = Option<Uuid>)]
    client: Option<ClientId>,
    day: Option<NaiveDate>,
}

/// A note on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteRecord {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    /// `draft`, `signed`, `pending_cosign`, `cosigned`, `returned_for_revision` or `locked`.
    status: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment: Option<Uuid>,
    author: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    cosigner: Option<Uuid>,
    service_date: NaiveDate,
    #[schema(value_type = Object)]
    content: NoteContent,
    /// What keeps it from being signed.
    missing: Vec<String>,
    /// What was added after it was signed, oldest first. Part of the note.
    #[schema(value_type = Vec<Object>)]
    amendments: Vec<Amendment>,
    /// Every signature, revoked ones included.
    #[schema(value_type = Vec<Object>)]
    signatures: Vec<Signature>,
}

/// New text for a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteEdit {
    /// The version that was read.
    version: u64,
    /// `format`, `sections`, `diagnoses`, `times`, `complexity`, `review_on`.
    #[schema(value_type = Object)]
    content: NoteContent,
}

/// A signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSignature {
    /// The version that was read.
    version: u64,
    /// The name of the text the signer agrees to: `author` or `cosigner`.
    attestation: String,
}

/// Why a note goes back to its author.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteReturn {
    /// The version that was read.
    version: u64,
    #[schema(value_type = String)]
    comment: NoteText,
}

/// Something added to a signed note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteAmendment {
    /// The version that was read.
    version: u64,
    /// `kind` (`correction` or `addendum`), `reason`, `text`, `sections`.
    #[schema(value_type = Object)]
    amendment: AmendmentText,
}

impl From<Versioned<Note>> for NoteRecord {
    fn from(found: Versioned<Note>) -> Self {
        let (header, reading) = (found.header(), found.reading());
        let missing = match found.is_signed_off() || !reading.signatures.iter().all(|s| s.revoked.is_some()) {
            true => Vec::new(),
            false => reading.content.missing(header.kind).iter().map(ToString::to_string).collect(),
        };
        Self {
            id: header.id.uuid(),
            version: found.version,
            status: found.status().name(),
            kind: header.kind.name(),
            client: header.client.map(|client| client.uuid()),
            appointment: header.appointment.map(|appointment| appointment.uuid()),
            author: header.author.uuid(),
            cosigner: found.cosigner().map(|cosigner| cosigner.uuid()),
            service_date: header.service_date,
            content: reading.content.clone(),
            missing,
            amendments: reading.amendments.to_vec(),
            signatures: reading.signatures.to_vec(),
        }
    }
}

/// Begins a note. Times come from the record of the visit, where there is one.
#[utoipa::path(post, path = "/api/v1/notes", tag = "notes", request_body = NewNote,
    responses((status = 201, body = NoteRecord), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn begin(
    State(app): State<App>,
    signed: Signed,
    Body(new): Body<NewNote>,
) -> Result<(StatusCode, Json<NoteRecord>), Problem> {
    let beginning = Beginning { kind: new.kind, appointment: new.appointment, client: new.client, day: new.day };
    let note = notes::begin(&app, &signed, &beginning).await?;
    Ok((StatusCode::CREATED, Json(note.into())))
}

/// Reads a note.
#[utoipa::path(get, path = "/api/v1/notes/{note}", tag = "notes", params(("note" = Uuid, Path)),
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
) -> Result<Json<NoteRecord>, Problem> {
    Ok(Json(notes::open(&app, &signed, id).await?.note.into()))
}

/// Replaces the text of a note that is not signed.
#[utoipa::path(put, path = "/api/v1/notes/{note}", tag = "notes", params(("note" = Uuid, Path)), request_body = NoteEdit,
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn edit(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    Body(edit): Body<NoteEdit>,
) -> Result<Json<NoteRecord>, Problem> {
    let deed = Act::Edit(Box::new(edit.content));
    Ok(Json(notes::act(&app, &signed, (id, edit.version), &deed).await?.into()))
}

/// Signs a note as its author.
#[utoipa::path(post, path = "/api/v1/notes/{note}/sign", tag = "notes", params(("note" = Uuid, Path)),
    request_body = NoteSignature,
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn sign(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    Body(signature): Body<NoteSignature>,
) -> Result<Json<NoteRecord>, Problem> {
    let deed = Act::Sign(signature.attestation);
    Ok(Json(notes::act(&app, &signed, (id, signature.version), &deed).await?.into()))
}

/// Co-signs a note as the supervisor named for it.
#[utoipa::path(post, path = "/api/v1/notes/{note}/cosign", tag = "notes", params(("note" = Uuid, Path)),
    request_body = NoteSignature,
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn cosign(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    Body(signature): Body<NoteSignature>,
) -> Result<Json<NoteRecord>, Problem> {
    let deed = Act::Cosign(signature.attestation);
    Ok(Json(notes::act(&app, &signed, (id, signature.version), &deed).await?.into()))
}

/// Sends a note back to its author.
#[utoipa::path(post, path = "/api/v1/notes/{note}/return", tag = "notes", params(("note" = Uuid, Path)),
    request_body = NoteReturn,
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn send_back(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    Body(returned): Body<NoteReturn>,
) -> Result<Json<NoteRecord>, Problem> {
    let deed = Act::Return(returned.comment);
    Ok(Json(notes::act(&app, &signed, (id, returned.version), &deed).await?.into()))
}

/// Adds to a signed note.
#[utoipa::path(post, path = "/api/v1/notes/{note}/amend", tag = "notes", params(("note" = Uuid, Path)),
    request_body = NoteAmendment,
    responses((status = 200, body = NoteRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn amend(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    Body(added): Body<NoteAmendment>,
) -> Result<Json<NoteRecord>, Problem> {
    let deed = Act::Amend(Box::new(added.amendment));
    Ok(Json(notes::act(&app, &signed, (id, added.version), &deed).await?.into()))
}
