//! Claims: the worklist, one claim, trial and files.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_claims::claim::{Claim, PartyName};
use mentalspace_claims::lifecycle::ClaimStatus;
use mentalspace_core::{
    ClaimId, ClientId, PayerId, PersonName, Role,
    store::{Cursor, Document, PostedRow, Versioned},
};
use serde::{Deserialize, Deserializer, de};
use uuid::Uuid;

use super::{
    Frame, page,
    words::{self, Choice, Shown},
};
use crate::{
    api::claims::{PrintQuery, attachment},
    app::App,
    billing::{
        self,
        claims::{self, Act, ClaimFinding, Filter, Listed, SentFile},
    },
    params::{InPath, InQuery},
    problem::Problem,
    signed::{Signed, SignedForm},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/claims", get(list))
        .route("/claims/trial", post(trial).get(|| async { Redirect::to("/claims") }))
        .route("/claims/files", get(files).post(make_file))
        .route("/claims/files/{file}", get(file))
        .route("/claims/files/{file}/content", get(download))
        .route("/claims/{claim}", get(show).post(act))
        .route("/claims/{claim}/cms1500", get(print))
}

#[derive(Template)]
#[template(path = "claims.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    statuses: Vec<Choice>,
    payers: Vec<Choice>,
    groups: Vec<Group>,
    unclaimed: usize,
    next: Option<String>,
    may_send: bool,
}

struct Group {
    name: String,
    total: String,
    rows: Vec<Row>,
}

/// A claim in a list.
pub(super) struct Row {
    id: ClaimId,
    number: String,
    client: String,
    day: String,
    total: String,
    status: Shown,
    findings: Vec<ClaimFinding>,
    tickable: bool,
    sendable: bool,
}

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialPage {
    frame: Frame,
    csrf: String,
    sent: Vec<Row>,
    held: Vec<Row>,
    may_send: bool,
}

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimPage {
    frame: Frame,
    csrf: String,
    id: ClaimId,
    version: u64,
    number: String,
    status: Shown,
    client: String,
    client_id: Option<ClientId>,
    payer: String,
    rendering: String,
    payer_number: Option<String>,
    diagnoses: String,
    total: String,
    lines: Vec<Line>,
    findings: Vec<ClaimFinding>,
    postings: Vec<PostingRow>,
    history: Vec<(String, String)>,
    files: Vec<(Uuid, u32, String)>,
    acts: Vec<(&'static str, &'static str)>,
    may_print: bool,
}

struct Line {
    number: usize,
    day: String,
    service: String,
    place: String,
    units: String,
    pointers: String,
    charge: String,
}

/// A posting as pages show it.
pub(super) struct PostingRow {
    pub(super) day: String,
    pub(super) account: String,
    pub(super) line: String,
    pub(super) reason: String,
    pub(super) amount: String,
    pub(super) source: String,
}

#[derive(Template)]
#[template(path = "claim_files.html")]
struct FilesPage {
    frame: Frame,
    rows: Vec<FileRow>,
    next: Option<String>,
}

struct FileRow {
    id: Uuid,
    number: u32,
    made: String,
    claims: usize,
    total: String,
    production: bool,
}

#[derive(Template)]
#[template(path = "claim_file.html")]
struct FilePage {
    frame: Frame,
    file: FileRow,
    claims: Vec<(ClaimId, String)>,
    held: usize,
}

#[derive(Deserialize)]
struct ListQuery {
    status: Option<String>,
    payer: Option<String>,
    client: Option<Uuid>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct MoreQuery {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct HeldQuery {
    #[serde(default)]
    held: usize,
}

#[derive(Deserialize)]
struct ActForm {
    act: String,
    version: String,
}

/// The claims that were ticked: a form repeats the field `claim`.
struct Ticked(Vec<ClaimId>);

impl<'de> Deserialize<'de> for Ticked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> de::Visitor<'de> for Fields {
            type Value = Ticked;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("claims")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Ticked, A::Error> {
                let mut ticked = Vec::new();
                while let Some((name, value)) = fields.next_entry::<String, String>()? {
                    if name == "claim" {
                        let id = Uuid::try_parse(&value).map_err(|_| de::Error::custom("a claim is not named"))?;
                        ticked.push(ClaimId::from_uuid(id));
                    }
                }
                Ok(Ticked(ticked))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

const STATUSES: [(&str, &str); 11] = [
    ("", "All"),
    ("draft", "Draft"),
    ("ready", "Ready"),
    ("submitted", "Submitted"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
    ("in_process", "In process"),
    ("paid", "Decided"),
    ("denied", "Denied"),
    ("appealed", "Appealed"),
    ("void", "Void"),
];

fn may_send(signed: &Signed) -> bool {
    signed.holds(&[Role::Billing])
}

async fn list(State(app): State<App>, signed: Signed, InQuery(query): InQuery<ListQuery>) -> Result<Response, Problem> {
    let status = query.status.unwrap_or_default();
    let payer = query.payer.filter(|text| !text.is_empty());
    let payer = payer.map(|text| Uuid::try_parse(&text).map_err(|_| Problem::not_found("There is no such payer.")));
    let payer = payer.transpose()?.map(PayerId::from_uuid);
    let filter = Filter {
        status: Some(status.as_str()).filter(|text| !text.is_empty()).map(claims::status).transpose()?,
        payer,
        client: query.client.map(ClientId::from_uuid),
        after: query.cursor.map(|text| text.parse::<Cursor>()).transpose()?,
    };
    let found = claims::list(&app, &signed, &filter).await?;
    let all = std::iter::once(Choice { value: String::new(), name: "All".to_owned(), chosen: payer.is_none() });
    let known = found.names.iter();
    let known =
        known.map(|(id, name)| Choice { value: id.to_string(), name: name.clone(), chosen: payer == Some(*id) });
    let groups = found.payers.into_iter().map(|group| Group {
        total: group.total().to_string(),
        name: group.name,
        rows: group.claims.iter().map(row).collect(),
    });
    let chosen_payer = payer.map(|payer| payer.to_string()).unwrap_or_default();
    page(&ListPage {
        frame: Frame::signed("Claims", "/claims", &signed),
        csrf: signed.csrf.clone(),
        statuses: words::choices(&STATUSES, &status),
        payers: all.chain(known).collect(),
        groups: groups.collect(),
        unclaimed: found.unclaimed.len(),
        next: found.next.map(|next| format!("/claims?status={status}&payer={chosen_payer}&cursor={next}")),
        may_send: may_send(&signed),
    })
}

fn row(listed: &Listed) -> Row {
    let claim = listed.record.claim();
    Row {
        id: listed.record.claim_id(),
        number: claim.control_number.as_str().to_owned(),
        client: patient(claim).expose_filed(),
        day: claim.first_day().map(words::day).unwrap_or_default(),
        total: claim.total().to_string(),
        status: words::claim(listed.record.status()),
        findings: listed.findings.clone(),
        tickable: matches!(listed.record.status(), ClaimStatus::Draft | ClaimStatus::Ready),
        sendable: listed.record.status() == ClaimStatus::Ready,
    }
}

fn patient(claim: &Claim) -> &PersonName {
    claim.patient.as_ref().map_or(&claim.subscriber.name, |patient| &patient.name)
}

async fn trial(
    State(app): State<App>,
    signed: Signed,
    SignedForm(Ticked(ticked)): SignedForm<Ticked>,
) -> Result<Response, Problem> {
    let composition = claims::trial(&app, &signed, &ticked).await?;
    page(&TrialPage {
        frame: Frame::signed("Check before sending", "/claims", &signed),
        csrf: signed.csrf.clone(),
        sent: composition.sent.iter().map(row).collect(),
        held: composition.held.iter().map(row).collect(),
        may_send: may_send(&signed),
    })
}

async fn make_file(
    State(app): State<App>,
    signed: Signed,
    SignedForm(Ticked(ticked)): SignedForm<Ticked>,
) -> Result<Response, Problem> {
    let (file, composition) = claims::file(&app, &signed, &ticked).await?;
    Ok(Redirect::to(&format!("/claims/files/{file}?held={}", composition.held.len())).into_response())
}

async fn files(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<MoreQuery>,
) -> Result<Response, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let found = claims::files(&app, &signed, cursor).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    page(&FilesPage {
        frame: Frame::signed("Files", "/claims", &signed),
        rows: found.items.iter().map(|file| file_row(file, &zone)).collect(),
        next: found.next.map(|next| format!("/claims/files?cursor={next}")),
    })
}

fn file_row(file: &SentFile, zone: &crate::zone::Zone) -> FileRow {
    FileRow {
        id: file.id,
        number: file.number,
        made: words::moment(zone, file.created_at),
        claims: file.claims.len(),
        total: file.total.to_string(),
        production: file.production,
    }
}

async fn file(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<Uuid>,
    InQuery(query): InQuery<HeldQuery>,
) -> Result<Response, Problem> {
    let sent = claims::sent_file(&app, &signed, id).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    page(&FilePage {
        frame: Frame::signed(format!("File {}", sent.number), "/claims", &signed),
        file: file_row(&sent, &zone),
        claims: sent.claims.iter().map(|sent| (sent.claim, sent.control_number.as_str().to_owned())).collect(),
        held: query.held,
    })
}

async fn download(State(app): State<App>, signed: Signed, InPath(id): InPath<Uuid>) -> Result<Response, Problem> {
    let sent = claims::download(&app, &signed, id).await?;
    let name = format!("claims-{:09}.837", sent.number);
    Ok(attachment("text/plain; charset=utf-8", &name, sent.content.expose().clone().into_bytes()))
}

async fn print(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ClaimId>,
    InQuery(query): InQuery<PrintQuery>,
) -> Result<Response, Problem> {
    Ok(attachment("application/pdf", "cms-1500.pdf", claims::print(&app, &signed, id, query.mode).await?))
}

async fn act(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ClaimId>,
    SignedForm(form): SignedForm<ActForm>,
) -> Result<Response, Problem> {
    let act = serde_json::from_value::<Act>(serde_json::Value::String(form.act));
    let act = act.map_err(|_| Problem::bad_request("There is no such act."))?;
    let version = form.version.parse().map_err(|_| Problem::bad_request("The version is no number."))?;
    claims::act(&app, &signed, id, act, version).await?;
    Ok(Redirect::to(&format!("/claims/{id}")).into_response())
}

async fn show(State(app): State<App>, signed: Signed, InPath(id): InPath<ClaimId>) -> Result<Response, Problem> {
    let shown = claims::show(&app, &signed, id).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    let Versioned { version, value: record } = shown.record;
    let claim = record.claim();
    let rendering = claim.rendering.as_ref().map(|provider| match &provider.name {
        PartyName::Person(name) => name.expose_full(),
        PartyName::Organization(name) => name.as_str().to_owned(),
    });
    let letters = claim.diagnoses.iter().zip('A'..).map(|(code, letter)| format!("{letter} {}", code.dotted()));
    page(&ClaimPage {
        frame: Frame::signed("Claim", "/claims", &signed),
        csrf: signed.csrf.clone(),
        id,
        version,
        number: claim.control_number.as_str().to_owned(),
        status: words::claim(record.status()),
        client: patient(claim).expose_full(),
        client_id: Document::client(&record),
        payer: shown.payer.map_or_else(|| "Unknown payer".to_owned(), |payer| payer.name.as_str().to_owned()),
        rendering: rendering.unwrap_or_default(),
        payer_number: record.payer_claim_number().map(|number| number.expose().clone()),
        diagnoses: letters.collect::<Vec<_>>().join(" · "),
        total: claim.total().to_string(),
        lines: lines(claim),
        findings: if is_waiting(record.status()) { shown.findings } else { Vec::new() },
        postings: shown.postings.iter().map(posting).collect(),
        history: record
            .history()
            .iter()
            .rev()
            .map(|change| (words::moment(&zone, change.at), words::claim(change.to).word.to_owned()))
            .collect(),
        files: shown.files.iter().map(|(id, number, at)| (*id, *number, words::moment(&zone, *at))).collect(),
        acts: if may_send(&signed) { acts(record.status()) } else { Vec::new() },
        may_print: may_send(&signed),
    })
}

const fn is_waiting(status: ClaimStatus) -> bool {
    matches!(status, ClaimStatus::Draft | ClaimStatus::Ready | ClaimStatus::Rejected)
}

fn acts(status: ClaimStatus) -> Vec<(&'static str, &'static str)> {
    const SENT: (&str, &str) = ("mark_sent", "Mark as sent on paper");
    const REFRESH: (&str, &str) = ("refresh", "Take the records as they are now");
    const AGAIN: (&str, &str) = ("bill_again", "Void it and bill the note anew");
    match status {
        ClaimStatus::Draft => vec![REFRESH, AGAIN],
        ClaimStatus::Ready => vec![SENT, REFRESH, AGAIN],
        ClaimStatus::Submitted => vec![("mark_accepted", "Mark as accepted"), ("mark_rejected", "Mark as rejected")],
        ClaimStatus::Accepted | ClaimStatus::InProcess => vec![("mark_rejected", "Mark as rejected")],
        ClaimStatus::Rejected => vec![("refresh", "Correct and send again")],
        ClaimStatus::Paid | ClaimStatus::Denied => vec![("refresh", "Replace it"), ("appeal", "Contest the decision")],
        ClaimStatus::Appealed => vec![("refresh", "Replace it")],
        _ => Vec::new(),
    }
}

fn lines(claim: &Claim) -> Vec<Line> {
    let line = |(index, line): (usize, &mentalspace_claims::claim::ServiceLine)| {
        let modifiers = line.modifiers.as_slice().iter().map(|modifier| format!(" {modifier}")).collect::<String>();
        Line {
            number: index + 1,
            day: words::day(line.dates.from()),
            service: format!("{}{modifiers}", line.procedure),
            place: claim.place_of_service_of(line).as_str().to_owned(),
            units: line.units.to_string(),
            pointers: line.pointer_letters(),
            charge: line.charge.to_string(),
        }
    };
    claim.lines.iter().enumerate().map(line).collect()
}

/// Shows a posting.
pub(super) fn posting(row: &PostedRow) -> PostingRow {
    PostingRow {
        day: words::day(row.effective),
        account: words::capital(row.posting.account.name()),
        line: row.posting.line.map(|line| line.to_string()).unwrap_or_default(),
        reason: row.posting.reason.clone().unwrap_or_default(),
        amount: row.posting.amount.to_string(),
        source: words::capital(&row.source.kind),
    }
}
