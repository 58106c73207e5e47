//! Notes: what waits, the editor, and the signed text with everything added to it.

use std::collections::HashMap;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_core::{
    AmendmentKind, AmendmentText, Clinician, ClinicianId, Note, NoteId, NoteText, Signature, SignatureKind,
    SignatureMethod, store::Versioned,
};
use serde::Deserialize;

use super::{
    Frame, again, page,
    words::{self, Shown},
};
use crate::{
    app::App,
    form::Reader,
    params::InPath,
    practice::{
        notes::{self, AUTHOR, Act, Beginning, COSIGNER, Opened, Worklist},
        people,
    },
    problem::Problem,
    signed::{Signed, SignedForm},
    zone::Zone,
};

mod editor;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notes", get(worklist).post(begin))
        .route("/notes/{note}", get(show).post(save))
        .route("/notes/{note}/cosign", post(cosign))
        .route("/notes/{note}/return", post(send_back))
        .route("/notes/{note}/amend", post(amend))
}

#[derive(Template)]
#[template(path = "notes.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    drafts: Vec<Row>,
    cosign: Vec<Row>,
    unwritten: Vec<Unwritten>,
    damaged: usize,
}

struct Row {
    id: NoteId,
    day: String,
    client: String,
    kind: String,
    author: String,
    status: Shown,
    due: String,
    overdue: bool,
}

struct Unwritten {
    appointment: mentalspace_core::AppointmentId,
    day: String,
    client: String,
    service: &'static str,
    due: String,
    overdue: bool,
}

async fn worklist(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let list = notes::worklist(&app, &signed).await?;
    page(&ListPage {
        frame: Frame::signed("Notes", "/notes", &signed),
        csrf: signed.csrf.clone(),
        drafts: list.drafts.iter().map(|note| row(note, &list)).collect(),
        cosign: list.cosign.iter().map(|note| row(note, &list)).collect(),
        unwritten: list.unwritten.iter().map(|appointment| unwritten(appointment, &list)).collect(),
        damaged: list.damaged.len(),
    })
}

fn client_name(list: &Worklist, client: Option<mentalspace_core::ClientId>) -> String {
    let found = list.clients.iter().find(|found| Some(found.id) == client);
    found.map(mentalspace_core::Client::expose_called).unwrap_or_default()
}

fn row(note: &Note, list: &Worklist) -> Row {
    let (header, policy) = (note.header(), &list.office.practice.policies.notes);
    let signed = note.versions().last().map(|(_, seal)| list.office.zone.day(seal.signing.at));
    let due = match (note.status(), signed) {
        (mentalspace_core::NoteStatus::PendingCosign, Some(signed)) => policy.cosign_due_on(signed),
        _ => policy.due_on(header.service_date),
    };
    Row {
        id: header.id,
        day: words::day(header.service_date),
        client: client_name(list, header.client),
        kind: words::kind(header.kind),
        author: clinician_name(&list.clinicians, header.author),
        status: words::note(note.status()),
        due: words::day(due),
        overdue: list.office.today > due,
    }
}

fn unwritten(appointment: &mentalspace_core::Appointment, list: &Worklist) -> Unwritten {
    let plan = appointment.plan();
    let due = list.office.practice.policies.notes.due_on(plan.day);
    Unwritten {
        appointment: appointment.id(),
        day: words::day(plan.day),
        client: client_name(list, Some(plan.client)),
        service: words::service(plan.service),
        due: words::day(due),
        overdue: list.office.today > due,
    }
}

fn clinician_name(all: &[Clinician], id: ClinicianId) -> String {
    let found = all.iter().find(|clinician| clinician.id == id);
    found.map_or_else(|| "somebody no longer on record".to_owned(), people::expose_clinician)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BeginForm {
    kind: String,
    appointment: String,
    client: String,
}

async fn begin(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<BeginForm>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let kind = reader.choice("kind", &form.kind);
    let appointment = reader.optional("appointment", &form.appointment);
    let client = reader.optional("client", &form.client);
    reader.done()?;
    let kind = kind.ok_or_else(|| reader.refusal())?;
    let note = notes::begin(&app, &signed, &Beginning { kind, appointment, client, day: None }).await?;
    Ok(Redirect::to(&format!("/notes/{}", note.header().id)).into_response())
}

async fn show(State(app): State<App>, signed: Signed, InPath(id): InPath<NoteId>) -> Result<Response, Problem> {
    let opened = notes::open(&app, &signed, id).await?;
    shown(&signed, &opened, None, None)
}

fn shown(
    signed: &Signed,
    opened: &Opened,
    typed: Option<&HashMap<String, String>>,
    problem: Option<&Problem>,
) -> Result<Response, Problem> {
    let mut response = match opened.may.edit {
        true => page(&editor::editor(signed, opened, typed, problem.cloned()))?,
        false => page(&read_page(signed, opened, typed, problem.cloned()))?,
    };
    if let Some(problem) = problem {
        *response.status_mut() = problem.status;
    }
    Ok(response)
}

async fn save(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    SignedForm(form): SignedForm<HashMap<String, String>>,
) -> Result<Response, Problem> {
    match editor::save(&app, &signed, id, &form).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(problem) => {
            let opened = notes::open(&app, &signed, id).await?;
            shown(&signed, &opened, Some(&form), Some(&problem))
        }
    }
}

#[derive(Template)]
#[template(path = "note.html")]
struct ReadPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    id: NoteId,
    version: u64,
    title: String,
    client: Option<(mentalspace_core::ClientId, String)>,
    appointment: Option<mentalspace_core::AppointmentId>,
    author: String,
    day: String,
    status: Shown,
    times: Option<String>,
    session: Option<String>,
    minutes: Option<u32>,
    diagnoses: Vec<String>,
    sections: Vec<(String, String)>,
    amendments: Vec<AmendmentRow>,
    signatures: Vec<SignatureRow>,
    versions: usize,
    cosigns: bool,
    amends: bool,
    attestation: &'static str,
    author_attestation: &'static str,
    comment: String,
    reason: String,
    text: String,
}

struct AmendmentRow {
    number: u32,
    kind: &'static str,
    by: String,
    at: String,
    reason: String,
    text: String,
}

struct SignatureRow {
    what: &'static str,
    by: String,
    at: String,
    method: &'static str,
    revoked: Option<String>,
}

fn read_page(
    signed: &Signed,
    opened: &Opened,
    typed: Option<&HashMap<String, String>>,
    problem: Option<Problem>,
) -> ReadPage {
    let (note, zone) = (&opened.note, &opened.office.zone);
    let (header, reading) = (note.header(), note.reading());
    let kept = |field: &str| typed.and_then(|typed| typed.get(field)).cloned().unwrap_or_default();
    let amendment = |amendment: &mentalspace_core::Amendment| AmendmentRow {
        number: amendment.number,
        kind: match amendment.added.kind {
            AmendmentKind::Correction => "Correction",
            AmendmentKind::Addendum => "Addendum",
        },
        by: clinician_name(&opened.clinicians, amendment.by()),
        at: words::moment(zone, amendment.signing.at),
        reason: amendment.added.reason.expose().to_owned(),
        text: amendment.added.text.expose().to_owned(),
    };
    let sections = editor::section_order(header.kind, reading.content);
    let text = |section| Some((words::section(section), reading.content.sections.get(&section)?.expose().to_owned()));
    ReadPage {
        frame: Frame::signed(format!("{} note", words::kind(header.kind)), "/notes", signed),
        csrf: signed.csrf.clone(),
        problem,
        id: header.id,
        version: note.version,
        title: format!("{} note", words::kind(header.kind)),
        client: opened.client.as_ref().map(|client| (client.id, client.expose_called())),
        appointment: header.appointment,
        author: clinician_name(&opened.clinicians, header.author),
        day: words::day(header.service_date),
        status: words::note(note.status()),
        session: reading.content.session.as_ref().map(|held| held.expose().to_owned()),
        times: reading
            .content
            .times
            .map(|t| format!("{} to {}", words::time(zone, t.start()), words::time(zone, t.stop()))),
        minutes: reading.content.times.map(mentalspace_core::SessionTimes::minutes),
        diagnoses: reading.content.diagnoses.expose().iter().map(mentalspace_core::Icd10Cm::dotted).collect(),
        sections: sections.into_iter().filter_map(text).collect(),
        amendments: reading.amendments.iter().map(amendment).collect(),
        signatures: reading.signatures.iter().map(|s| signature(s, &opened.clinicians, zone)).collect(),
        versions: note.versions().count(),
        cosigns: opened.may.cosign,
        amends: opened.may.amend,
        attestation: COSIGNER.2,
        author_attestation: AUTHOR.2,
        comment: kept("comment"),
        reason: kept("reason"),
        text: kept("text"),
    }
}

fn signature(signature: &Signature, clinicians: &[Clinician], zone: &Zone) -> SignatureRow {
    SignatureRow {
        what: match signature.kind {
            SignatureKind::Author => "Signed",
            SignatureKind::Cosign => "Co-signed",
            SignatureKind::Amendment => "Amendment signed",
        },
        by: clinician_name(clinicians, signature.signing.by),
        at: words::moment(zone, signature.signing.at),
        method: match signature.signing.method {
            SignatureMethod::Mfa => "signed in with two factors",
            SignatureMethod::Password => "signed in with a password",
            _ => "",
        },
        revoked: signature.revoked.as_ref().map(|revoked| {
            let by = clinician_name(clinicians, revoked.by);
            format!("Returned by {by} on {}: {}", words::moment(zone, revoked.at), revoked.reason.expose())
        }),
    }
}

/// Does something to a note and shows it again, with what was typed when it is refused.
async fn acted(
    app: &App,
    signed: &Signed,
    id: NoteId,
    form: &HashMap<String, String>,
    deed: Result<Act, Problem>,
) -> Result<Response, Problem> {
    let version = form.get("version").and_then(|version| version.parse().ok()).unwrap_or(0);
    let done: Result<Versioned<Note>, Problem> = match deed {
        Ok(deed) => notes::act(app, signed, (id, version), &deed).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/notes/{id}")).into_response()),
        Err(problem) => {
            let opened = notes::open(app, signed, id).await?;
            again(&problem, &read_page(signed, &opened, Some(form), Some(problem.clone())))
        }
    }
}

fn typed<'a>(form: &'a HashMap<String, String>, field: &str) -> &'a str {
    form.get(field).map_or("", String::as_str)
}

async fn cosign(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    SignedForm(form): SignedForm<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let deed = Act::Cosign(typed(&form, "attestation").to_owned());
    acted(&app, &signed, id, &form, Ok(deed)).await
}

async fn send_back(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    SignedForm(form): SignedForm<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let comment = NoteText::parse(typed(&form, "comment"));
    let deed = comment.map(Act::Return).map_err(|invalid| Problem::field("comment", invalid.rule));
    acted(&app, &signed, id, &form, deed).await
}

async fn amend(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<NoteId>,
    SignedForm(form): SignedForm<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let kind = reader.choice("kind", typed(&form, "kind"));
    let (reason, text) =
        (reader.required("reason", typed(&form, "reason")), reader.required("text", typed(&form, "text")));
    let added = kind
        .zip(reason)
        .zip(text)
        .map(|((kind, reason), text)| Act::Amend(Box::new(AmendmentText { kind, reason, text, sections: Vec::new() })));
    acted(&app, &signed, id, &form, added.ok_or_else(|| reader.refusal())).await
}
