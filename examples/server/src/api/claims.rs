//! Claims and their files over the API.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_claims::cms1500::Mode;
use mentalspace_core::{
    ClaimId, ClientId, Money, OrganizationName, PayerId, Phone,
    store::{Cursor, PostedRow, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Body;
use crate::{
    app::App,
    billing::{
        claims::{self, Act, ClaimFinding, Composition, Filter, Listed},
        settings::{self, BillingSettings},
    },
    params::{InPath, InQuery},
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/claims", get(list))
        .route("/claims/trial", post(trial))
        .route("/claims/files", get(files).post(file))
        .route("/claims/files/{file}", get(download))
        .route("/claims/{claim}", get(read))
        .route("/claims/{claim}/acts", post(act))
        .route("/claims/{claim}/cms1500", get(print))
        .route("/billing-settings", get(read_settings).put(change_settings))
}

/// A claim in few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimSummary {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    control_number: String,
    status: &'static str,
    payer: Option<Uuid>,
    client: Option<Uuid>,
    first_day: Option<NaiveDate>,
    #[schema(value_type = String, example = "150.00")]
    total: Money,
    findings: Vec<ClaimFinding>,
}

impl From<Listed> for ClaimSummary {
    fn from(Listed { record, findings }: Listed) -> Self {
        use mentalspace_core::store::Document;
        Self {
            id: record.claim_id().uuid(),
            version: record.version,
            control_number: record.claim().control_number.as_str().to_owned(),
            status: record.status().name(),
            payer: record.payer().map(PayerId::uuid),
            client: record.value.client().map(ClientId::uuid),
            first_day: record.claim().first_day(),
            total: record.claim().total(),
            findings,
        }
    }
}

/// Claims, payers in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimList {
    claims: Vec<ClaimSummary>,
    /// Charges for payers that are on no claim yet.
    unclaimed: Vec<Uuid>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which claims are listed.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ClaimQuery {
    /// Such as `ready`.
    status: Option<String>,
    payer: Option<Uuid>,
    client: Option<Uuid>,
    /// The `next` of an earlier answer.
    cursor: Option<String>,
}

/// A posting in the books.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostingView {
    effective: NaiveDate,
    account: &'static str,
    /// Debit when positive, credit when negative.
    #[schema(value_type = String)]
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What caused it: `charge` or `remittance`.
    source: String,
    source_id: Uuid,
}

impl From<PostedRow> for PostingView {
    fn from(row: PostedRow) -> Self {
        Self {
            effective: row.effective,
            account: row.posting.account.name(),
            amount: row.posting.amount,
            claim: row.posting.claim.map(ClaimId::uuid),
            line: row.posting.line,
            reason: row.posting.reason,
            source: row.source.kind,
            source_id: row.source.id,
        }
    }
}

/// A claim with everything billing knows of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    #[serde(flatten)]
    summary: ClaimSummary,
    /// The claim, see the crate `mentalspace-claims`.
    #[schema(value_type = Object)]
    claim: mentalspace_claims::claim::Claim,
    postings: Vec<PostingView>,
    /// The files it went out with.
    files: Vec<Uuid>,
}

/// Claims to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// At most 500.
    claims: Vec<Uuid>,
}

impl Selection {
    fn ids(&self) -> Vec<ClaimId> {
        self.claims.iter().copied().map(ClaimId::from_uuid).collect()
    }
}

/// What would be, or was, sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompositionView {
    /// The file, once it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Uuid>,
    sent: Vec<ClaimSummary>,
    /// Claims that stay, and what stands in their way.
    held: Vec<ClaimSummary>,
}

impl CompositionView {
    fn new(file: Option<Uuid>, composition: Composition) -> Self {
        let views = |listed: Vec<Listed>| listed.into_iter().map(Into::into).collect();
        Self { file, sent: views(composition.sent), held: views(composition.held) }
    }
}

/// Something done with a claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimAct {
    act: Act,
    /// The version that was read.
    version: u64,
}

/// The version after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    pub(super) version: u64,
}

/// A file for a clearinghouse.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileView {
    id: Uuid,
    /// ISA13.
    number: u32,
    created_at: DateTime<Utc>,
    production: bool,
    #[schema(value_type = String)]
    total: Money,
    claims: Vec<Uuid>,
}

/// Files, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileList {
    files: Vec<FileView>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PageQuery {
    /// The `next` of an earlier answer.
    pub(super) cursor: Option<String>,
}

/// Lists claims by payer, also before anything is billed.
#[utoipa::path(get, path = "/api/v1/claims", tag = "claims", params(ClaimQuery),
    responses((status = 200, body = ClaimList), (status = 401), (status = 403)))]
pub async fn list(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<ClaimQuery>,
) -> Result<Json<ClaimList>, Problem> {
    let filter = Filter {
        status: query.status.as_deref().map(claims::status).transpose()?,
        payer: query.payer.map(PayerId::from_uuid),
        client: query.client.map(ClientId::from_uuid),
        after: query.cursor.map(|text| text.parse::<Cursor>()).transpose()?,
    };
    let found = claims::list(&app, &signed, &filter).await?;
    let claims = found.payers.into_iter().flat_map(|payer| payer.claims).map(Into::into).collect();
    let unclaimed = found.unclaimed.iter().map(|charge| charge.id.uuid()).collect();
    Ok(Json(ClaimList { claims, unclaimed, next: found.next.map(|next| next.to_string()) }))
}

/// Shows a claim, its findings and its postings.
#[utoipa::path(get, path = "/api/v1/claims/{claim}", tag = "claims", params(("claim" = Uuid, Path)),
    responses((status = 200, body = ClaimView), (status = 401), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(claim): InPath<ClaimId>,
) -> Result<Json<ClaimView>, Problem> {
    let shown = claims::show(&app, &signed, claim).await?;
    Ok(Json(ClaimView {
        claim: shown.record.claim().clone(),
        postings: shown.postings.into_iter().map(Into::into).collect(),
        files: shown.files.iter().map(|(id, ..)| *id).collect(),
        summary: Listed { record: shown.record, findings: shown.findings }.into(),
    }))
}

/// Does something with a claim.
#[utoipa::path(post, path = "/api/v1/claims/{claim}/acts", tag = "claims", params(("claim" = Uuid, Path)),
    request_body = ClaimAct,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn act(
    State(app): State<App>,
    signed: Signed,
    InPath(claim): InPath<ClaimId>,
    Body(act): Body<ClaimAct>,
) -> Result<Json<Changed>, Problem> {
    let version = claims::act(&app, &signed, claim, act.act, act.version).await?;
    Ok(Json(Changed { version }))
}

/// Shows what sending claims would do, and changes nothing.
#[utoipa::path(post, path = "/api/v1/claims/trial", tag = "claims", request_body = Selection,
    responses((status = 200, body = CompositionView), (status = 403), (status = 404), (status = 422)))]
pub async fn trial(
    State(app): State<App>,
    signed: Signed,
    Body(selection): Body<Selection>,
) -> Result<Json<CompositionView>, Problem> {
    let composition = claims::trial(&app, &signed, &selection.ids()).await?;
    Ok(Json(CompositionView::new(None, composition)))
}

/// Makes the 837P of ready claims and marks them as sent.
#[utoipa::path(post, path = "/api/v1/claims/files", tag = "claims", request_body = Selection,
    responses((status = 201, body = CompositionView), (status = 403), (status = 404), (status = 422)))]
pub async fn file(
    State(app): State<App>,
    signed: Signed,
    Body(selection): Body<Selection>,
) -> Result<(StatusCode, Json<CompositionView>), Problem> {
    let (id, composition) = claims::file(&app, &signed, &selection.ids()).await?;
    Ok((StatusCode::CREATED, Json(CompositionView::new(Some(id), composition))))
}

/// Lists the files that were made.
#[utoipa::path(get, path = "/api/v1/claims/files", tag = "claims", params(PageQuery),
    responses((status = 200, body = FileList), (status = 403)))]
pub async fn files(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<FileList>, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let page = claims::files(&app, &signed, cursor).await?;
    let view = |file: Versioned<claims::SentFile>| FileView {
        id: file.id,
        number: file.number,
        created_at: file.created_at,
        production: file.production,
        total: file.total,
        claims: file.claims.iter().map(|sent| sent.claim.uuid()).collect(),
    };
    let next = page.next.map(|next| next.to_string());
    Ok(Json(FileList { files: page.items.into_iter().map(view).collect(), next }))
}

/// Hands out a file, byte for byte as it was made.
#[utoipa::path(get, path = "/api/v1/claims/files/{file}", tag = "claims", params(("file" = Uuid, Path)),
    responses((status = 200, content_type = "text/plain"), (status = 403), (status = 404)))]
pub async fn download(State(app): State<App>, signed: Signed, InPath(file): InPath<Uuid>) -> Result<Response, Problem> {
    let sent = claims::download(&app, &signed, file).await?;
    let name = format!("claims-{:09}.837", sent.number);
    Ok(attachment("text/plain; charset=utf-8", &name, sent.content.expose().clone().into_bytes()))
}

/// What is printed besides the values.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PrintQuery {
    /// `data_only` for the red form, or `copy` for a copy to be read.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) mode: Mode,
}

/// Prints a claim on the CMS-1500.
#[utoipa::path(get, path = "/api/v1/claims/{claim}/cms1500", tag = "claims",
    params(("claim" = Uuid, Path), PrintQuery),
    responses((status = 200, content_type = "application/pdf"), (status = 403), (status = 404), (status = 422)))]
pub async fn print(
    State(app): State<App>,
    signed: Signed,
    InPath(claim): InPath<ClaimId>,
    InQuery(query): InQuery<PrintQuery>,
) -> Result<Response, Problem> {
    let form = claims::print(&app, &signed, claim, query.mode).await?;
    Ok(attachment("application/pdf", "cms-1500.pdf", form))
}

/// Answers with a file to be kept; its name says nothing about anybody.
pub(crate) fn attachment(kind: &'static str, name: &str, content: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content).into_response()
}

/// Who exchanges claims with whom.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsView {
    /// The version that was read; 0 while nobody has decided.
    version: u64,
    sender_qualifier: String,
    sender_id: String,
    receiver_qualifier: String,
    receiver_id: String,
    #[schema(value_type = String)]
    receiver_name: OrganizationName,
    submitter_id: String,
    #[schema(value_type = String)]
    contact_name: OrganizationName,
    #[schema(value_type = String)]
    contact_phone: Phone,
    production: bool,
}

/// Shows who exchanges claims with whom.
#[utoipa::path(get, path = "/api/v1/billing-settings", tag = "claims",
    responses((status = 200, body = SettingsView), (status = 403)))]
pub async fn read_settings(State(app): State<App>, signed: Signed) -> Result<Json<SettingsView>, Problem> {
    let Versioned { version, value } = settings::show(&app, &signed).await?;
    Ok(Json(SettingsView {
        version,
        sender_qualifier: value.sender_qualifier,
        sender_id: value.sender_id,
        receiver_qualifier: value.receiver_qualifier,
        receiver_id: value.receiver_id,
        receiver_name: value.receiver_name,
        submitter_id: value.submitter_id,
        contact_name: value.contact_name,
        contact_phone: value.contact_phone,
        production: value.production,
    }))
}

/// Changes who exchanges claims with whom.
#[utoipa::path(put, path = "/api/v1/billing-settings", tag = "claims", request_body = SettingsView,
    responses((status = 200, body = Changed), (status = 403), (status = 409), (status = 422)))]
pub async fn change_settings(
    State(app): State<App>,
    signed: Signed,
    Body(wanted): Body<SettingsView>,
) -> Result<Json<Changed>, Problem> {
    let self_pay = settings::show(&app, &signed).await?.value.self_pay;
    let changed = BillingSettings {
        sender_qualifier: wanted.sender_qualifier,
        sender_id: wanted.sender_id,
        receiver_qualifier: wanted.receiver_qualifier,
        receiver_id: wanted.receiver_id,
        receiver_name: wanted.receiver_name,
        submitter_id: wanted.submitter_id,
        contact_name: wanted.contact_name,
        contact_phone: wanted.contact_phone,
        production: wanted.production,
        self_pay,
    };
    let version = settings::change(&app, &signed, changed, wanted.version).await?;
    Ok(Json(Changed { version }))
}
