//! Remittances, what is left to look at, and jobs that failed, over the API.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    routing::{get, post},
};
use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_claims::record::{RemittanceRecord, RemittanceState};
use mentalspace_core::{
    ClaimId, JobId, Money, RemittanceId,
    store::{Cursor, Job, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Body,
    claims::{PageQuery, PostingView},
};
use crate::{
    app::App,
    billing::{
        remittances::{self, Outcome},
        work::{self, WorkKind, WorkRecord},
    },
    jobs,
    params::{InPath, InQuery},
    problem::Problem,
    signed::Signed,
    upload,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/remittances", get(list).merge(post(upload_file).layer(upload::limit())))
        .route("/remittances/{remittance}", get(read))
        .route("/remittances/{remittance}/release", post(release))
        .route("/billing-work", get(list_work))
        .route("/billing-work/{item}/done", post(close_work))
        .route("/jobs/failed", get(failed_jobs))
        .route("/jobs/{job}/retry", post(retry_job))
}

/// What became of one remittance of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    remittance: Uuid,
    /// `posted`, `known` or `held`.
    outcome: &'static str,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        let word = match outcome {
            Outcome::Posted(_) => "posted",
            Outcome::Known(_) => "known",
            Outcome::Held(_) => "held",
        };
        Self { remittance: outcome.remittance().uuid(), outcome: word }
    }
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadAnswer {
    remittances: Vec<OutcomeView>,
}

/// A remittance in few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemittanceSummary {
    id: Uuid,
    version: u64,
    /// `posted`, `held` or `received`.
    state: &'static str,
    received_at: DateTime<Utc>,
    payer_name: String,
    /// TRN02.
    trace: Option<String>,
    /// BPR04.
    method: String,
    date: Option<NaiveDate>,
    #[schema(value_type = String)]
    amount: Money,
    claims: usize,
}

impl From<&Versioned<RemittanceRecord>> for RemittanceSummary {
    fn from(record: &Versioned<RemittanceRecord>) -> Self {
        let remittance = record.remittance();
        Self {
            id: record.remittance_id().uuid(),
            version: record.version,
            state: state(record.state()),
            received_at: record.received_at(),
            payer_name: remittance.payer.name.to_string(),
            trace: remittance.trace.as_ref().map(|trace| trace.number.to_string()),
            method: remittance.method.code().to_owned(),
            date: remittance.date,
            amount: remittance.amount,
            claims: remittance.claims.len(),
        }
    }
}

const fn state(state: &RemittanceState) -> &'static str {
    match state {
        RemittanceState::Posted { .. } => "posted",
        RemittanceState::Held { .. } => "held",
        _ => "received",
    }
}

/// Remittances, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemittanceList {
    remittances: Vec<RemittanceSummary>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A line on which nothing was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct UntouchedView {
    claim: Uuid,
    line: u16,
    why: String,
}

/// A remittance and what it did to the books.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemittanceView {
    #[serde(flatten)]
    summary: RemittanceSummary,
    /// Our claim for each of the remittance's.
    matched: Vec<Option<Uuid>>,
    postings: Vec<PostingView>,
    untouched: Vec<UntouchedView>,
    work: Vec<WorkView>,
    /// The payment less what was booked of it.
    #[schema(value_type = String, example = "0.00")]
    undistributed: Money,
}

/// Something to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkView {
    id: Uuid,
    version: u64,
    kind: WorkKind,
    remittance: Option<Uuid>,
    claim: Option<Uuid>,
    #[schema(value_type = String)]
    amount: Money,
    reasons: Vec<String>,
    next_step: &'static str,
    opened_at: DateTime<Utc>,
    done: bool,
}

impl From<&Versioned<WorkRecord>> for WorkView {
    fn from(item: &Versioned<WorkRecord>) -> Self {
        Self {
            id: item.id,
            version: item.version,
            kind: item.kind,
            remittance: item.remittance.map(RemittanceId::uuid),
            claim: item.claim.map(ClaimId::uuid),
            amount: item.amount,
            reasons: item.reasons.clone(),
            next_step: item.next_step(),
            opened_at: item.opened_at,
            done: item.done.is_some(),
        }
    }
}

/// What is open, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkList {
    items: Vec<WorkView>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The version somebody saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: u64,
}

/// A job that failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    id: Uuid,
    version: u64,
    queue: String,
    /// `waiting` or `dead`.
    state: &'static str,
    due: DateTime<Utc>,
    attempts: u32,
    error: Option<String>,
}

impl From<&Versioned<Job>> for JobView {
    fn from(job: &Versioned<Job>) -> Self {
        Self {
            id: job.id.uuid(),
            version: job.version,
            queue: job.queue.clone(),
            state: job.state.name(),
            due: job.due,
            attempts: job.attempts,
            error: job.last_error.clone(),
        }
    }
}

/// Posts an 835: the body as it is, or the part `file` of a form. At most 50 megabytes.
#[utoipa::path(post, path = "/api/v1/remittances", tag = "remittances",
    request_body(content = String, content_type = "application/edi-x12"),
    responses((status = 201, body = UploadAnswer), (status = 403), (status = 409), (status = 413), (status = 422)))]
pub async fn upload_file(
    State(app): State<App>,
    signed: Signed,
    request: Request,
) -> Result<(StatusCode, Json<UploadAnswer>), Problem> {
    let file = upload::raw(&app, request).await?;
    let outcomes = remittances::upload(&app, &signed, file).await?;
    Ok((StatusCode::CREATED, Json(UploadAnswer { remittances: outcomes.into_iter().map(Into::into).collect() })))
}

/// Lists remittances.
#[utoipa::path(get, path = "/api/v1/remittances", tag = "remittances", params(PageQuery),
    responses((status = 200, body = RemittanceList), (status = 403)))]
pub async fn list(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<RemittanceList>, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let page = remittances::list(&app, &signed, cursor).await?;
    let remittances = page.items.iter().map(Into::into).collect();
    Ok(Json(RemittanceList { remittances, next: page.next.map(|next| next.to_string()) }))
}

/// Shows a remittance and what it did to the books.
#[utoipa::path(get, path = "/api/v1/remittances/{remittance}", tag = "remittances",
    params(("remittance" = Uuid, Path)),
    responses((status = 200, body = RemittanceView), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(remittance): InPath<RemittanceId>,
) -> Result<Json<RemittanceView>, Problem> {
    let shown = remittances::show(&app, &signed, remittance).await?;
    let undistributed = shown.undistributed();
    let (matched, untouched) = shown.report.map(|report| (report.claims, report.untouched)).unwrap_or_default();
    let untouched =
        untouched.into_iter().map(|at| UntouchedView { claim: at.claim.uuid(), line: at.line, why: at.why });
    Ok(Json(RemittanceView {
        summary: (&shown.record).into(),
        matched: matched.into_iter().map(|claim| claim.map(ClaimId::uuid)).collect(),
        postings: shown.postings.into_iter().map(Into::into).collect(),
        untouched: untouched.collect(),
        work: shown.items.iter().map(Into::into).collect(),
        undistributed,
    }))
}

/// Posts a remittance that was held because one with the same trace number is in the books.
#[utoipa::path(post, path = "/api/v1/remittances/{remittance}/release", tag = "remittances",
    params(("remittance" = Uuid, Path)), request_body = Seen,
    responses((status = 204), (status = 403), (status = 404), (status = 409)))]
pub async fn release(
    State(app): State<App>,
    signed: Signed,
    InPath(remittance): InPath<RemittanceId>,
    Body(seen): Body<Seen>,
) -> Result<StatusCode, Problem> {
    remittances::release(&app, &signed, remittance, seen.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what somebody must look at.
#[utoipa::path(get, path = "/api/v1/billing-work", tag = "remittances", params(PageQuery),
    responses((status = 200, body = WorkList), (status = 403)))]
pub async fn list_work(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<WorkList>, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let page = work::open(&app, &signed, cursor).await?;
    let items = page.items.iter().map(Into::into).collect();
    Ok(Json(WorkList { items, next: page.next.map(|next| next.to_string()) }))
}

/// Says that an item is done.
#[utoipa::path(post, path = "/api/v1/billing-work/{item}/done", tag = "remittances", params(("item" = Uuid, Path)),
    request_body = Seen, responses((status = 204), (status = 403), (status = 404), (status = 409)))]
pub async fn close_work(
    State(app): State<App>,
    signed: Signed,
    InPath(item): InPath<Uuid>,
    Body(seen): Body<Seen>,
) -> Result<StatusCode, Problem> {
    work::close(&app, &signed, item, seen.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the jobs that failed.
#[utoipa::path(get, path = "/api/v1/jobs/failed", tag = "jobs",
    responses((status = 200, body = Vec<JobView>), (status = 403)))]
pub async fn failed_jobs(State(app): State<App>, signed: Signed) -> Result<Json<Vec<JobView>>, Problem> {
    Ok(Json(jobs::failed(&app, &signed).await?.iter().map(Into::into).collect()))
}

/// Lets a job that failed run again.
#[utoipa::path(post, path = "/api/v1/jobs/{job}/retry", tag = "jobs", params(("job" = Uuid, Path)),
    request_body = Seen, responses((status = 202), (status = 403), (status = 404), (status = 409)))]
pub async fn retry_job(
    State(app): State<App>,
    signed: Signed,
    InPath(job): InPath<JobId>,
    Body(seen): Body<Seen>,
) -> Result<StatusCode, Problem> {
    jobs::retry(&app, &signed, job, seen.version).await?;
    Ok(StatusCode::ACCEPTED)
}
