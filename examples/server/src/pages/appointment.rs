//! Booking an appointment, and its page: what happens to it, its waiting room, its note.

use std::num::{NonZeroU8, NonZeroU16};

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_core::{
    Appointment, AppointmentEvent, AppointmentId, AppointmentStatus, ClientId, Modality, ServiceKind, store::Versioned,
};
use serde::Deserialize;

use super::{
    Frame, again, page,
    words::{self, Choice, Shown},
};
use crate::{
    app::App,
    form::Reader,
    params::{InPath, InQuery},
    practice::{
        people,
        schedule::{self, Choices, OnConflict, Terms, Weekly, Wish},
        visits::{self, Encounter},
    },
    problem::Problem,
    signed::{Signed, SignedForm},
};

mod visit;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/appointments/new", get(new).post(book))
        .route("/appointments/{appointment}", get(show))
        .route("/appointments/{appointment}/move", get(moving).post(replan))
        .route("/appointments/{appointment}/events", post(happen))
        .route("/appointments/{appointment}/visit", post(visit::act))
}

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    client: ClientId,
    name: String,
    moved: Option<AppointmentId>,
    form: BookForm,
    clinicians: Vec<Choice>,
    locations: Vec<Choice>,
    modalities: Vec<Choice>,
    services: Vec<Choice>,
    repeats: Vec<Choice>,
    zone: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct BookForm {
    version: String,
    client: String,
    clinician: String,
    location: String,
    day: String,
    at: String,
    minutes: String,
    modality: String,
    service: String,
    weeks: String,
    until: String,
    skip: String,
}

#[derive(Deserialize)]
struct NewQuery {
    client: ClientId,
    day: Option<String>,
}

const REPEATS: [(&str, &str); 7] = [
    ("", "Does not repeat"),
    ("1", "Every week"),
    ("2", "Every 2 weeks"),
    ("3", "Every 3 weeks"),
    ("4", "Every 4 weeks"),
    ("6", "Every 6 weeks"),
    ("8", "Every 8 weeks"),
];

async fn new(State(app): State<App>, signed: Signed, InQuery(query): InQuery<NewQuery>) -> Result<Response, Problem> {
    let choices = schedule::choices(&app, &signed, query.client).await?;
    let clinician = signed.clinician.or(choices.client.primary_clinician);
    let form = BookForm {
        day: query.day.unwrap_or_else(|| choices.office.today.to_string()),
        at: "09:00".to_owned(),
        minutes: "50".to_owned(),
        clinician: clinician.map(|id| id.to_string()).unwrap_or_default(),
        ..BookForm::default()
    };
    page(&book_page(&signed, &choices, form, None, None))
}

fn book_page(
    signed: &Signed,
    choices: &Choices,
    form: BookForm,
    moved: Option<AppointmentId>,
    problem: Option<Problem>,
) -> BookPage {
    let clinician = |c: &mentalspace_core::Clinician| Choice {
        value: c.id.to_string(),
        name: people::expose_clinician(c),
        chosen: c.id.to_string() == form.clinician,
    };
    let location = |l: &mentalspace_core::Location| Choice {
        value: l.id.to_string(),
        name: l.name.to_string(),
        chosen: l.id.to_string() == form.location,
    };
    BookPage {
        frame: Frame::signed(if moved.is_some() { "Move appointment" } else { "Book" }, "/schedule", signed),
        csrf: signed.csrf.clone(),
        problem,
        client: choices.client.id,
        name: choices.client.expose_called(),
        moved,
        clinicians: choices.clinicians.iter().map(clinician).collect(),
        locations: choices.locations.iter().map(location).collect(),
        modalities: words::choices(&words::MODALITIES, &form.modality),
        services: words::choices(&words::SERVICES, &form.service),
        repeats: words::choices(&REPEATS, &form.weeks),
        zone: choices.office.practice.time_zone.to_string(),
        form,
    }
}

impl BookForm {
    fn terms(&self, reader: &mut Reader) -> Option<Terms> {
        let clinician = reader.required("clinician", &self.clinician);
        let location = reader.required("location", &self.location);
        let (day, at) = (reader.day("day", &self.day), reader.time("time", &self.at));
        let minutes = reader.number::<NonZeroU16>("minutes", &self.minutes);
        let modality = reader.choice::<Modality>("how", &self.modality);
        let service = reader.choice::<ServiceKind>("service", &self.service);
        Some(Terms {
            clinician: clinician?,
            location: location?,
            day: day?,
            at: at?,
            minutes: minutes?,
            modality: modality?,
            service: service?,
        })
    }

    fn wish(&self, client: ClientId) -> Result<Wish, Problem> {
        let mut reader = Reader::default();
        let terms = self.terms(&mut reader);
        let weekly = match self.weeks.as_str() {
            "" => None,
            weeks => {
                let until = reader.optional_day("last day", &self.until);
                let on_conflict = if self.skip == "yes" { OnConflict::Skip } else { OnConflict::Refuse };
                let every_weeks = reader.number::<NonZeroU8>("repeats", weeks);
                every_weeks.map(|every_weeks| Weekly { every_weeks, until, on_conflict })
            }
        };
        reader.done()?;
        terms.map(|terms| Wish { client, terms, weekly }).ok_or_else(|| reader.refusal())
    }
}

async fn book(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<BookForm>,
) -> Result<Response, Problem> {
    let client: ClientId = form.client.parse()?;
    let booked = match form.wish(client) {
        Ok(wish) => schedule::book(&app, &signed, &wish).await,
        Err(problem) => Err(problem),
    };
    match booked {
        Ok(booked) => {
            let to = match booked.appointments.as_slice() {
                [one] => format!("/appointments/{one}"),
                _ => format!("/clients/{client}"),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(problem) => {
            let choices = schedule::choices(&app, &signed, client).await?;
            again(&problem, &book_page(&signed, &choices, form, None, Some(problem.clone())))
        }
    }
}

async fn moving(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
) -> Result<Response, Problem> {
    let encounter = visits::encounter(&app, &signed, id).await?;
    let plan = encounter.appointment.plan();
    let choices = schedule::choices(&app, &signed, plan.client).await?;
    let start = encounter.office.zone.wall(plan.slot.start());
    let name = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let form = BookForm {
        version: encounter.appointment.version.to_string(),
        client: plan.client.to_string(),
        clinician: plan.clinician.to_string(),
        location: plan.location.to_string(),
        day: start.date().to_string(),
        at: start.format("%H:%M").to_string(),
        minutes: (plan.slot.end() - plan.slot.start()).num_minutes().to_string(),
        modality: name(serde_json::to_value(plan.modality)),
        service: name(serde_json::to_value(plan.service)),
        ..BookForm::default()
    };
    page(&book_page(&signed, &choices, form, Some(id), None))
}

async fn replan(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    SignedForm(form): SignedForm<BookForm>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let terms = form.terms(&mut reader);
    let moved = match (reader.done(), terms) {
        (Ok(()), Some(terms)) => schedule::replan(&app, &signed, (id, form.version.parse().unwrap_or(0)), &terms).await,
        _ => Err(reader.refusal()),
    };
    match moved {
        Ok(_) => Ok(Redirect::to(&format!("/appointments/{id}")).into_response()),
        Err(problem) => {
            let choices = schedule::choices(&app, &signed, form.client.parse()?).await?;
            again(&problem, &book_page(&signed, &choices, form, Some(id), Some(problem.clone())))
        }
    }
}

#[derive(Template)]
#[template(path = "appointment.html")]
struct AppointmentPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    id: AppointmentId,
    version: u64,
    client: Option<(ClientId, String)>,
    day: String,
    from: String,
    to: String,
    zone: String,
    clinician: String,
    location: String,
    service: &'static str,
    modality: &'static str,
    status: Shown,
    steps: Vec<(&'static str, &'static str)>,
    cancels: bool,
    misses: bool,
    moves: bool,
    history: Vec<(String, String)>,
    visit: Option<visit::Panel>,
    notes: Vec<(mentalspace_core::NoteId, String, Shown)>,
    writes: bool,
    kinds: Vec<(&'static str, String)>,
}

async fn show(State(app): State<App>, signed: Signed, InPath(id): InPath<AppointmentId>) -> Result<Response, Problem> {
    let encounter = visits::encounter(&app, &signed, id).await?;
    page(&appointment_page(&app, &signed, &encounter, None, visit::VisitForm::default()))
}

/// Shows the page again with why something was refused.
async fn shown_again(
    app: &App,
    signed: &Signed,
    id: AppointmentId,
    problem: Problem,
    form: visit::VisitForm,
) -> Result<Response, Problem> {
    let encounter = visits::encounter(app, signed, id).await?;
    again(&problem, &appointment_page(app, signed, &encounter, Some(problem.clone()), form))
}

fn appointment_page(
    app: &App,
    signed: &Signed,
    encounter: &Encounter,
    problem: Option<Problem>,
    form: visit::VisitForm,
) -> AppointmentPage {
    let (appointment, zone) = (&encounter.appointment, &encounter.office.zone);
    let (plan, status) = (appointment.plan(), appointment.status());
    let client = encounter.client.as_ref().map(|client| (client.id, client.expose_called()));
    let due = encounter.office.now >= plan.slot.start();
    let note = |note: &Versioned<mentalspace_core::Note>| {
        (note.header().id, words::kind(note.header().kind), words::note(note.status()))
    };
    let own = signed.clinician == Some(plan.clinician);
    AppointmentPage {
        frame: Frame::signed("Appointment", "/schedule", signed),
        csrf: signed.csrf.clone(),
        problem,
        id: appointment.id(),
        version: appointment.version,
        day: words::day(plan.day),
        from: words::time(zone, plan.slot.start()),
        to: words::time(zone, plan.slot.end()),
        zone: plan.zone.to_string(),
        clinician: encounter.clinician.as_ref().map(people::expose_clinician).unwrap_or_default(),
        location: encounter.location.as_ref().map(|location| location.name.to_string()).unwrap_or_default(),
        service: words::service(plan.service),
        modality: words::modality(plan.modality),
        status: words::appointment(status),
        steps: if encounter.editable { steps(encounter) } else { Vec::new() },
        cancels: encounter.editable && (status.is_upcoming() || status == AppointmentStatus::CheckedIn),
        misses: encounter.editable
            && due
            && matches!(status, AppointmentStatus::Scheduled | AppointmentStatus::Confirmed),
        moves: encounter.editable && status.is_upcoming() && encounter.visit.is_none(),
        history: history(appointment, encounter),
        visit: match plan.modality {
            Modality::InPerson => None,
            Modality::Video | Modality::Audio if client.is_some() => Some(visit::panel(app, signed, encounter, form)),
            Modality::Video | Modality::Audio => None,
        },
        notes: encounter.notes.iter().map(note).collect(),
        writes: own && encounter.editable,
        kinds: kinds(status),
        client,
    }
}

fn kinds(status: AppointmentStatus) -> Vec<(&'static str, String)> {
    let kinds: &[&'static str] = match status {
        AppointmentStatus::Cancelled | AppointmentStatus::NoShow | AppointmentStatus::Rescheduled => &["cancellation"],
        _ => &["progress", "intake", "treatment_plan", "crisis", "group", "psychiatric_evaluation"],
    };
    kinds.iter().map(|kind| (*kind, words::capital(kind))).collect()
}

/// What may happen next, by one press of a button.
fn steps(encounter: &Encounter) -> Vec<(&'static str, &'static str)> {
    let all = [
        (AppointmentEvent::Accept, "Accept"),
        (AppointmentEvent::Confirm, "Confirm"),
        (AppointmentEvent::CheckIn, "Check in"),
        (AppointmentEvent::Begin, "Begin session"),
        (AppointmentEvent::Complete, "Complete"),
        (AppointmentEvent::UndoCheckIn, "Undo check-in"),
    ];
    let (appointment, visit) = (&encounter.appointment, encounter.visit.as_deref());
    let possible = all.into_iter().filter(|(event, _)| {
        appointment.status().after(event).is_some() && visits::leaves_to_door(appointment, visit, event).is_none()
    });
    possible.map(|(event, name)| (event.name(), name)).collect()
}

fn history(appointment: &Appointment, encounter: &Encounter) -> Vec<(String, String)> {
    let change = |change: &mentalspace_core::StatusChange| {
        let mut what = words::appointment(change.status).word.to_owned();
        if let AppointmentEvent::Cancel { by, .. } = &change.event {
            let by = if *by == mentalspace_core::CancelledBy::Client { "client" } else { "practice" };
            what = format!("{what} by the {by}");
        }
        match change.notice {
            Some(mentalspace_core::Notice::Late) => what.push_str(", late"),
            Some(mentalspace_core::Notice::Timely) => what.push_str(", in time"),
            None => {}
        }
        (words::moment(&encounter.office.zone, change.at), what)
    };
    appointment.history().iter().map(change).collect()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EventForm {
    version: String,
    event: String,
    by: String,
    reason: String,
}

async fn happen(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    SignedForm(form): SignedForm<EventForm>,
) -> Result<Response, Problem> {
    let mut event = serde_json::json!({ "event": form.event });
    match form.event.as_str() {
        "cancel" => (event["by"], event["reason"]) = (form.by.into(), form.reason.into()),
        "no_show" => event["reason"] = form.reason.into(),
        _ => {}
    }
    let event: AppointmentEvent =
        serde_json::from_value(event).map_err(|_| Problem::bad_request("The form names no such event."))?;
    match schedule::happen(&app, &signed, (id, form.version.parse().unwrap_or(0)), event).await {
        Ok(_) => Ok(Redirect::to(&format!("/appointments/{id}")).into_response()),
        Err(problem) => shown_again(&app, &signed, id, problem, visit::VisitForm::default()).await,
    }
}
