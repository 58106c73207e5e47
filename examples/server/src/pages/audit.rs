//! The audit log: what happened, and the proof that nothing of it was changed.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use mentalspace_audit::{ActorKind, Event, OutcomeKind};
use mentalspace_core::ClientId;
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, page, words};
use crate::{
    api::claims::attachment,
    app::App,
    audit_trail::{self, Filter, Trail},
    billing,
    params::InQuery,
    problem::Problem,
    signed::{Signed, SignedForm},
    zone::Zone,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/audit", get(show))
        .route("/audit/verification", get(ask).post(verify))
        .route("/audit/export", get(export))
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    query: Query,
    people: Vec<words::Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    size: Option<u64>,
}

struct Row {
    position: u64,
    at: String,
    who: String,
    role: String,
    activity: String,
    object: String,
    object_id: Option<Uuid>,
    clients: Vec<Uuid>,
    more_clients: usize,
    outcome: &'static str,
    class: &'static str,
    reason: String,
}

#[derive(Template)]
#[template(path = "audit_verification.html")]
struct VerificationPage {
    frame: Frame,
    csrf: String,
    key: String,
    checkpoint: Option<String>,
    found: Option<Found>,
}

struct Found {
    verified: bool,
    finding: String,
    events: u64,
    size: u64,
    root: String,
    first: String,
    last: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    client: String,
    user: String,
    activity: String,
    before: Option<u64>,
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
struct ExportQuery {
    client: Option<String>,
}

fn id(text: &str, what: &'static str) -> Result<Option<Uuid>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    Uuid::try_parse(text).map(Some).map_err(|_| Problem::field(what, "is not an id"))
}

async fn show(State(app): State<App>, signed: Signed, InQuery(query): InQuery<Query>) -> Result<Response, Problem> {
    let activity = query.activity.trim();
    let filter = Filter {
        client: id(&query.client, "client")?.map(ClientId::from_uuid),
        user: id(&query.user, "person")?,
        activity: Some(activity.to_owned()).filter(|activity| !activity.is_empty()),
        before: query.before,
        limit: 100,
    };
    let trail = audit_trail::trail(&app, &signed, &filter).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    let mut people: Vec<words::Choice> = trail
        .names
        .iter()
        .map(|(id, name)| words::Choice { value: id.to_string(), name: name.clone(), chosen: filter.user == Some(*id) })
        .collect();
    people.sort_by_key(|person| person.name.to_lowercase());
    let link = |before| {
        let filter = [("client", query.client.trim()), ("user", query.user.trim()), ("activity", activity)];
        let filter = filter.into_iter().filter(|(_, value)| plain(value));
        filter.map(|(name, value)| format!("{name}={value}&")).collect::<String>() + &format!("before={before}")
    };
    let size = trail.checkpoint.as_deref().and_then(|signed| signed.lines().nth(1)?.parse().ok());
    page(&AuditPage {
        frame: Frame::signed("Audit log", "/audit", &signed),
        rows: trail.events.iter().map(|(position, event)| row(*position, event, &trail, &zone)).collect(),
        next: trail.next.map(|before| format!("/audit?{}", link(before))),
        people,
        size,
        query,
    })
}

/// What can stand in an address as it is: ids and dotted verbs.
fn plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn row(position: u64, event: &Event, trail: &Trail, zone: &Zone) -> Row {
    let who = match (&event.actor.user, &event.actor.kind) {
        (Some(user), _) => trail.names.get(user).cloned().unwrap_or_else(|| user.to_string()),
        (None, ActorKind::System) => "the system".to_owned(),
        (None, _) => "nobody known".to_owned(),
    };
    let (outcome, class) = match event.outcome.kind {
        OutcomeKind::Success => ("done", ""),
        OutcomeKind::Denied => ("denied", "bad"),
        _ => ("failed", "warn"),
    };
    Row {
        position,
        at: zone.wall(event.recorded_at).format("%b %-d, %Y, %-I:%M:%S %p").to_string(),
        who,
        role: event.actor.role.clone().unwrap_or_default().replace('_', " ").replace('+', ", "),
        activity: event.activity.clone(),
        object: format!("{} {}", event.action.as_str().replace('_', " "), event.object.kind.replace('_', " ")),
        object_id: event.object.id,
        clients: event.clients.iter().take(3).copied().collect(),
        more_clients: event.clients.len().saturating_sub(3),
        outcome,
        class,
        reason: event.outcome.reason.clone().unwrap_or_default(),
    }
}

async fn ask(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    page(&verification_page(&app, &signed, None).await?)
}

async fn verification_page(app: &App, signed: &Signed, found: Option<Found>) -> Result<VerificationPage, Problem> {
    let filter = Filter { limit: 1, ..Filter::default() };
    let checkpoint = audit_trail::trail(app, signed, &filter).await?.checkpoint;
    Ok(VerificationPage {
        frame: Frame::signed("Verify the audit log", "/audit", signed),
        csrf: signed.csrf.clone(),
        key: audit_trail::verifier_key(app, signed).await?.to_string(),
        checkpoint,
        found,
    })
}

async fn verify(
    State(app): State<App>,
    signed: Signed,
    SignedForm(Nothing {}): SignedForm<Nothing>,
) -> Result<Response, Problem> {
    let zone = billing::wall_clock(&app, &signed).await?;
    let moment = |at: Option<_>| at.map(|at| words::moment(&zone, at)).unwrap_or_default();
    let found = match audit_trail::verify(&app, &signed).await? {
        Ok(report) => Found {
            verified: report.complete,
            finding: String::new(),
            events: report.events_verified,
            size: report.size,
            root: report.root.to_string(),
            first: moment(report.first_recorded_at),
            last: moment(report.last_recorded_at),
        },
        Err(error) => Found {
            verified: false,
            finding: crate::problem::sentence(&error),
            events: 0,
            size: 0,
            root: String::new(),
            first: String::new(),
            last: String::new(),
        },
    };
    page(&verification_page(&app, &signed, Some(found)).await?)
}

async fn export(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let client = id(query.client.as_deref().unwrap_or_default(), "client")?.map(ClientId::from_uuid);
    let lines = audit_trail::export(&app, &signed, client).await?;
    Ok(attachment("application/x-ndjson", "audit-log.ndjson", lines))
}
