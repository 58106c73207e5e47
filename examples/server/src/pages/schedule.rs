//! The calendar of a day or a week, on the practice's wall clock.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::{Datelike, Days, NaiveDate};
use mentalspace_core::{Appointment, AppointmentId, ClinicianId, store::Versioned};
use serde::Deserialize;

use super::{
    Frame, page,
    words::{self, Choice, Shown},
};
use crate::{
    app::App,
    params::InQuery,
    practice::{
        people,
        schedule::{self, Calendar},
    },
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/schedule", get(show))
}

#[derive(Template)]
#[template(path = "schedule.html")]
struct SchedulePage {
    frame: Frame,
    title: String,
    week: bool,
    day: NaiveDate,
    previous: String,
    next: String,
    today: String,
    by_day: String,
    by_week: String,
    clinicians: Vec<Choice>,
    days: Vec<DayRow>,
    damaged: Vec<uuid::Uuid>,
    more: bool,
    zone: String,
}

struct DayRow {
    name: String,
    address: String,
    today: bool,
    entries: Vec<Entry>,
}

struct Entry {
    id: AppointmentId,
    from: String,
    to: String,
    client: Option<String>,
    clinician: String,
    service: &'static str,
    modality: &'static str,
    status: Shown,
    off: bool,
}

#[derive(Deserialize)]
struct Query {
    day: Option<NaiveDate>,
    view: Option<String>,
    clinician: Option<String>,
}

async fn show(State(app): State<App>, signed: Signed, InQuery(query): InQuery<Query>) -> Result<Response, Problem> {
    let week = query.view.as_deref() == Some("week");
    // A clinician sees the own calendar first; "all" asks for everybody's.
    let clinician = match query.clinician.as_deref() {
        None => signed.clinician,
        Some("all" | "") => None,
        Some(id) => Some(id.parse::<ClinicianId>()?),
    };
    let first = move |today: NaiveDate| {
        let day = query.day.unwrap_or(today);
        let back = if week { u64::from(day.weekday().num_days_from_monday()) } else { 0 };
        day.checked_sub_days(Days::new(back)).unwrap_or(day)
    };
    let calendar = schedule::calendar(&app, &signed, first, if week { 7 } else { 1 }, clinician).await?;
    page(&schedule_page(&signed, &calendar, week, query.day, clinician))
}

fn schedule_page(
    signed: &Signed,
    calendar: &Calendar,
    week: bool,
    day: Option<NaiveDate>,
    clinician: Option<ClinicianId>,
) -> SchedulePage {
    let (first, today) = (calendar.first, calendar.office.today);
    let of = clinician.map_or_else(|| "all".to_owned(), |id| id.to_string());
    let address = |day: NaiveDate, view: &str| format!("/schedule?day={day}&view={view}&clinician={of}");
    let span = if week { 7 } else { 1 };
    let view = if week { "week" } else { "day" };
    let chosen = day.unwrap_or(today);
    let choice = |c: &mentalspace_core::Clinician| Choice {
        value: c.id.to_string(),
        name: people::expose_clinician(c),
        chosen: Some(c.id) == clinician,
    };
    let title = match week {
        true => format!("Week of {}", first.format("%B %-d, %Y")),
        false => first.format("%A, %B %-d, %Y").to_string(),
    };
    let days = first.iter_days().take(span).map(|day| DayRow {
        name: day.format("%a %-d").to_string(),
        address: address(day, "day"),
        today: day == today,
        entries: entries(calendar, day),
    });
    SchedulePage {
        frame: Frame::signed("Schedule", "/schedule", signed),
        title,
        week,
        day: chosen,
        previous: address(first.checked_sub_days(Days::new(span as u64)).unwrap_or(first), view),
        next: address(first.checked_add_days(Days::new(span as u64)).unwrap_or(first), view),
        today: address(today, view),
        by_day: address(chosen, "day"),
        by_week: address(chosen, "week"),
        clinicians: calendar.clinicians.iter().map(choice).collect(),
        days: days.collect(),
        damaged: calendar.appointments.damaged.clone(),
        more: calendar.appointments.next.is_some(),
        zone: calendar.office.practice.time_zone.to_string(),
    }
}

fn entries(calendar: &Calendar, day: NaiveDate) -> Vec<Entry> {
    let zone = &calendar.office.zone;
    let on_day = calendar.appointments.items.iter().filter(|a| zone.day(a.plan().slot.start()) == day);
    let entry = |appointment: &Versioned<Appointment>| {
        let plan = appointment.plan();
        let clinician = calendar.clinicians.iter().find(|c| c.id == plan.clinician);
        Entry {
            id: appointment.id(),
            from: words::time(zone, plan.slot.start()),
            to: words::time(zone, plan.slot.end()),
            client: calendar.clients.get(&plan.client).map(mentalspace_core::Client::expose_called),
            clinician: clinician.map(people::expose_clinician).unwrap_or_default(),
            service: words::service(plan.service),
            modality: words::modality(plan.modality),
            status: words::appointment(appointment.status()),
            off: !appointment.status().takes_time(),
        }
    };
    on_day.map(entry).collect()
}
