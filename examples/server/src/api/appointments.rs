//! Appointments over the API. Days and times are those of the practice's wall clock; instants are UTC.

use std::num::{NonZeroU8, NonZeroU16};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use mentalspace_core::{
    Appointment, AppointmentEvent, AppointmentId, ClientId, ClinicianId, LocationId, Modality, ServiceKind,
    StatusChange, store::Versioned,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Body;
use crate::{
    app::App,
    params::{InPath, InQuery},
    practice::{
        schedule::{self, Asked, OnConflict, Terms, Weekly, Wish},
        visits,
    },
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/appointments", get(list).post(book))
        .route("/appointments/{appointment}", get(read).put(replan))
        .route("/appointments/{appointment}/events", post(happen))
}

/// An appointment on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentRecord {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    /// `requested`, `scheduled`, `confirmed`, `checked_in`, `in_session`, `completed`, `no_show`, `cancelled` or
    /// `rescheduled`.
    status: &'static str,
    client: Uuid,
    clinician: Uuid,
    location: Uuid,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// The day of the start on the practice's calendar.
    day: NaiveDate,
    time_zone: String,
    #[schema(value_type = String)]
    modality: Modality,
    #[schema(value_type = String)]
    service: ServiceKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Uuid>,
    /// Every change of status, oldest first.
    #[schema(value_type = Vec<Object>)]
    history: Vec<StatusChange>,
}

/// Appointments in order of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentList {
    appointments: Vec<AppointmentRecord>,
    /// Records that are there but cannot be opened. They hide none of the others.
    damaged: Vec<Uuid>,
    /// Names the next part; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which appointments are listed.
#[derive(Debug, Deserialize)]
pub struct AppointmentQuery {
    /// Starting at this instant or later.
    from: Option<DateTime<Utc>>,
    /// Starting before this instant.
    until: Option<DateTime<Utc>>,
    /// Of one clinician.
    clinician: Option<Uuid>,
    /// The `next` of an earlier answer.
    cursor: Option<String>,
    /// At most so many, 100 without it.
    limit: Option<u32>,
}

/// When, where, how and by whom.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentTerms {
    #[schema(value_type = Uuid)]
    clinician: ClinicianId,
    #[schema(value_type = Uuid)]
    location: LocationId,
    day: NaiveDate,
    /// A time that occurs twice when clocks go back is the first; one that is skipped falls later by the gap.
    #[schema(value_type = String, example = "14:30:00")]
    at: NaiveTime,
    #[schema(value_type = u16, minimum = 1)]
    minutes: NonZeroU16,
    /// `in_person`, `video` or `audio`.
    #[schema(value_type = String)]
    modality: Modality,
    #[schema(value_type = String)]
    service: ServiceKind,
}

/// How an appointment repeats.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Repetition {
    #[schema(value_type = u8, minimum = 1)]
    every_weeks: NonZeroU8,
    /// The last day on which one may fall; without it half a year is booked.
    until: Option<NaiveDate>,
    /// `refuse`: nothing is booked when one time is taken. `skip`: that one is left out.
    #[serde(default)]
    on_conflict: Conflicting,
}

/// What becomes of occurrences whose time is taken.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conflicting {
    /// Nothing is booked.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
}

/// An appointment to be booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppointment {
    #[schema(value_type = Uuid)]
    client: ClientId,
    terms: AppointmentTerms,
    weekly: Option<Repetition>,
}

/// What was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booked {
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Uuid>,
    appointments: Vec<Uuid>,
    /// Days left out because the time is taken.
    skipped: Vec<NaiveDate>,
}

/// A change of an appointment that has not begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentChange {
    /// The version that was read.
    version: u64,
    terms: AppointmentTerms,
}

/// Something that happens to an appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// The version that was read.
    version: u64,
    /// `event`: `accept`, `confirm`, `check_in`, `undo_check_in`, `begin`, `complete`, `no_show` with `reason`, `cancel`
    /// with `by` and `reason`, or `reschedule` with `to`.
    #[schema(value_type = Object, example = json!({"event": "cancel", "by": "client", "reason": "illness"}))]
    event: AppointmentEvent,
}

impl From<AppointmentTerms> for Terms {
    fn from(terms: AppointmentTerms) -> Self {
        let AppointmentTerms { clinician, location, day, at, minutes, modality, service } = terms;
        Self { clinician, location, day, at, minutes, modality, service }
    }
}

impl From<Repetition> for Weekly {
    fn from(weekly: Repetition) -> Self {
        let on_conflict = match weekly.on_conflict {
            Conflicting::Refuse => OnConflict::Refuse,
            Conflicting::Skip => OnConflict::Skip,
        };
        Self { every_weeks: weekly.every_weeks, until: weekly.until, on_conflict }
    }
}

impl From<Versioned<Appointment>> for AppointmentRecord {
    fn from(found: Versioned<Appointment>) -> Self {
        let plan = found.plan();
        Self {
            id: found.id().uuid(),
            version: found.version,
            status: found.status().name(),
            client: plan.client.uuid(),
            clinician: plan.clinician.uuid(),
            location: plan.location.uuid(),
            start: plan.slot.start(),
            end: plan.slot.end(),
            day: plan.day,
            time_zone: plan.zone.to_string(),
            modality: plan.modality,
            service: plan.service,
            series: plan.series.map(|series| series.uuid()),
            history: found.history().to_vec(),
        }
    }
}

/// Lists appointments in order of time.
#[utoipa::path(get, path = "/api/v1/appointments", tag = "appointments",
    params(("from" = Option<DateTime<Utc>>, Query), ("until" = Option<DateTime<Utc>>, Query),
        ("clinician" = Option<Uuid>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = AppointmentList), (status = 401), (status = 403)))]
pub async fn list(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<AppointmentQuery>,
) -> Result<Json<AppointmentList>, Problem> {
    let asked = Asked {
        from: query.from,
        until: query.until,
        clinician: query.clinician.map(ClinicianId::from),
        after: query.cursor.map(|text| text.parse()).transpose()?,
        limit: query.limit,
    };
    let page = schedule::list(&app, &signed, &asked).await?;
    let next = page.next.map(|next| next.to_string());
    let appointments = page.items.into_iter().map(Into::into).collect();
    Ok(Json(AppointmentList { appointments, damaged: page.damaged, next }))
}

/// Books an appointment, or a weekly series of them.
#[utoipa::path(post, path = "/api/v1/appointments", tag = "appointments", request_body = NewAppointment,
    responses((status = 201, body = Booked), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn book(
    State(app): State<App>,
    signed: Signed,
    Body(new): Body<NewAppointment>,
) -> Result<(StatusCode, Json<Booked>), Problem> {
    let wish = Wish { client: new.client, terms: new.terms.into(), weekly: new.weekly.map(Into::into) };
    let booked = schedule::book(&app, &signed, &wish).await?;
    let appointments = booked.appointments.into_iter().map(AppointmentId::uuid).collect();
    let series = booked.series.map(|series| series.uuid());
    Ok((StatusCode::CREATED, Json(Booked { series, appointments, skipped: booked.skipped })))
}

/// Reads an appointment.
#[utoipa::path(get, path = "/api/v1/appointments/{appointment}", tag = "appointments",
    params(("appointment" = Uuid, Path)),
    responses((status = 200, body = AppointmentRecord), (status = 401), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
) -> Result<Json<AppointmentRecord>, Problem> {
    Ok(Json(visits::encounter(&app, &signed, id).await?.appointment.into()))
}

/// Moves an appointment, or changes where, how, by whom and what for.
#[utoipa::path(put, path = "/api/v1/appointments/{appointment}", tag = "appointments",
    params(("appointment" = Uuid, Path)), request_body = AppointmentChange,
    responses((status = 200, body = AppointmentRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn replan(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    Body(change): Body<AppointmentChange>,
) -> Result<Json<AppointmentRecord>, Problem> {
    let terms = change.terms.into();
    Ok(Json(schedule::replan(&app, &signed, (id, change.version), &terms).await?.into()))
}

/// Lets something happen to an appointment.
#[utoipa::path(post, path = "/api/v1/appointments/{appointment}/events", tag = "appointments",
    params(("appointment" = Uuid, Path)), request_body = Happening,
    responses((status = 200, body = AppointmentRecord), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub async fn happen(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    Body(happening): Body<Happening>,
) -> Result<Json<AppointmentRecord>, Problem> {
    let version = happening.version;
    Ok(Json(schedule::happen(&app, &signed, (id, version), happening.event).await?.into()))
}
