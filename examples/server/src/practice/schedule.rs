//! The calendar: what is booked, booking without collisions, and what happens to an appointment.

mod turn;

use std::{
    collections::{BTreeMap, BTreeSet},
    num::{NonZeroU8, NonZeroU16},
};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use mentalspace_core::{
    Appointment, AppointmentError, AppointmentEvent, AppointmentId, AppointmentPlan, CancelledBy, Client, ClientId,
    Clinician, ClinicianId, Location, LocationId, Modality, Purpose, Series, SeriesId, ServiceKind, TimeSlot,
    WeeklyRule,
    access::{Permission, Relation},
    schedule::{Booked, Conflict, conflicts},
    store::{Cursor, Find, Page, Reading, StoreError, Subject, Term, Versioned},
};
use uuid::Uuid;

use turn::Failure;

use super::{Office, clients, current, named, people, visits};
use crate::{
    app::App,
    problem::{Problem, sentence},
    signed::Signed,
};

/// How far ahead a series without an end is booked.
pub const HORIZON: Days = Days::new(26 * 7);

/// What somebody wants to book, on the practice's wall clock.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who is treated.
    pub client: ClientId,
    /// When, where, how and by whom.
    pub terms: Terms,
    /// Whether it repeats.
    pub weekly: Option<Weekly>,
}

/// What may change about an appointment, on the practice's wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Who treats.
    pub clinician: ClinicianId,
    /// From where.
    pub location: LocationId,
    /// The day.
    pub day: NaiveDate,
    /// The time. A time that occurs twice is the first, one that clocks skip falls later by the gap.
    pub at: NaiveTime,
    /// How long, in minutes.
    pub minutes: NonZeroU16,
    /// How they meet.
    pub modality: Modality,
    /// What for.
    pub service: ServiceKind,
}

/// How an appointment repeats.
#[derive(Debug, Clone, Copy)]
pub struct Weekly {
    /// Every so many weeks.
    pub every_weeks: NonZeroU8,
    /// The last day on which one may fall; open without it.
    pub until: Option<NaiveDate>,
    /// What becomes of occurrences whose time is taken.
    pub on_conflict: OnConflict,
}

/// What becomes of occurrences whose time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing is booked.
    Refuse,
    /// They are left out.
    Skip,
}

/// What was booked.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The series, when it repeats.
    pub series: Option<SeriesId>,
    /// The appointments, in order of time.
    pub appointments: Vec<AppointmentId>,
    /// Days that were left out because the time is taken.
    pub skipped: Vec<NaiveDate>,
}

impl Terms {
    fn series(&self, id: SeriesId, client: ClientId, weekly: Option<Weekly>, office: &Office) -> Series {
        let weekly = weekly.map_or((NonZeroU8::MIN, Some(self.day)), |weekly| (weekly.every_weeks, weekly.until));
        Series {
            id,
            client,
            clinician: self.clinician,
            location: self.location,
            zone: office.practice.time_zone.clone(),
            modality: self.modality,
            service: self.service,
            rule: WeeklyRule {
                first: self.day,
                at: self.at,
                minutes: self.minutes,
                every_weeks: weekly.0,
                until: weekly.1,
                except: BTreeSet::new(),
            },
        }
    }
}

/// Books an appointment, or a series of them: each occurrence is an appointment of its own.
///
/// # Errors
/// `conflict` when a time is taken, naming each, or the client is not in care; `invalid`; `forbidden`; `not_found`.
pub async fn book(app: &App, signed: &Signed, wish: &Wish) -> Result<Booking, Problem> {
    for _ in 1..turn::TRIES {
        match try_to_book(app, signed, wish).await {
            Err(Failure::Busy) => {}
            done => return Ok(done?),
        }
    }
    Ok(try_to_book(app, signed, wish).await?)
}

async fn try_to_book(app: &App, signed: &Signed, wish: &Wish) -> Result<Booking, Failure> {
    let access = signed.access("appointment.book", Purpose::Treatment);
    let access = &access;
    let booked = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let client = named::<Client>(work, wish.client, "client").await?;
            let relation = people::to_client(work, signed, &client, office.today).await?;
            let subject = Subject::new("appointment").client(Some(client.id));
            signed.require(work, Permission::EditSchedule, relation, subject)?;
            if !client.status.may_book() {
                let status = client.status.name();
                return Err(Problem::conflict(format!("The client is {status}, so nothing is booked.")).into());
            }
            turn::take(work, [wish.terms.clinician.uuid(), wish.client.uuid()]).await?;
            check_terms(work, &wish.terms).await?;
            let series = wish.terms.series(app.new_id(), wish.client, wish.weekly, &office);
            let (plans, skipped) = free_plans(work, &series, wish, &office).await?;
            if wish.weekly.is_some() {
                work.insert(&series).await?;
            }
            let mut appointments = Vec::with_capacity(plans.len());
            for plan in plans {
                let appointment = Appointment::book(app.new_id(), plan)?;
                work.insert(&appointment).await?;
                appointments.push(appointment.id());
            }
            Ok(Booking { series: wish.weekly.map(|_| series.id), appointments, skipped })
        })
    });
    booked.await
}

async fn check_terms(work: &mut Reading<'_>, terms: &Terms) -> Result<(), Problem> {
    named::<Clinician>(work, terms.clinician, "clinician").await?;
    named::<Location>(work, terms.location, "location").await?;
    Ok(())
}

/// Lists the occurrences that can be booked and the days that cannot.
async fn free_plans(
    work: &mut Reading<'_>,
    series: &Series,
    wish: &Wish,
    office: &Office,
) -> Result<(Vec<AppointmentPlan>, Vec<NaiveDate>), Problem> {
    let last = series.rule.first.checked_add_days(HORIZON).unwrap_or(NaiveDate::MAX);
    let (mut free, mut skipped, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for plan in series.plans(series.rule.first..last, |wall| office.zone.instants(wall)) {
        let mut plan = plan?;
        plan.series = wish.weekly.map(|_| series.id);
        let found = collisions(work, AppointmentId::from(Uuid::nil()), &plan).await?;
        match (found.first(), wish.weekly.map(|weekly| weekly.on_conflict)) {
            (None, _) => free.push(plan),
            (Some(_), Some(OnConflict::Skip)) => skipped.push(plan.day),
            (Some(collision), None | Some(OnConflict::Refuse)) => taken.push((plan.day, *collision)),
        }
    }
    if !taken.is_empty() {
        return Err(taken_problem(&taken, office));
    }
    if free.is_empty() {
        return Err(Problem::conflict("No occurrence of the series can be booked."));
    }
    Ok((free, skipped))
}

fn taken_problem(taken: &[(NaiveDate, (Conflict, TimeSlot))], office: &Office) -> Problem {
    taken.iter().fold(Problem::conflict("The time is taken, so nothing was booked."), |problem, (day, (with, slot))| {
        let who = match with.who {
            Booked::Clinician => "the clinician has",
            Booked::Client => "the client has",
            Booked::Both => "both have",
        };
        let (from, to) = (office.zone.wall(slot.start()), office.zone.wall(slot.end()));
        let what = format!("{who} an appointment from {} to {}", from.format("%-I:%M %p"), to.format("%-I:%M %p"));
        problem.with_error(day.format("%a, %b %-d, %Y").to_string(), what)
    })
}

/// Finds what `plan` would collide with, and when that is.
async fn collisions(
    work: &mut Reading<'_>,
    id: AppointmentId,
    plan: &AppointmentPlan,
) -> Result<Vec<(Conflict, TimeSlot)>, StoreError> {
    let near = Find::<Appointment>::new().from(key(plan.slot.start() - TimeSlot::LONGEST)).until(key(plan.slot.end()));
    let mut booked = BTreeMap::new();
    for term in [Term::plain("clinician", &plan.clinician), Term::plain("client", &plan.client)] {
        let found = work.find_all(near.clone().with(term)).await?;
        booked.extend(found.into_iter().map(|appointment| (appointment.id(), appointment.value)));
    }
    let found = conflicts(id, plan, booked.values());
    Ok(found.into_iter().filter_map(|c| Some((c, booked.get(&c.with)?.plan().slot))).collect())
}

/// The sort key of appointments.
fn key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Moves an appointment, or changes where, how, by whom and what for.
///
/// # Errors
/// `conflict` when the time is taken, the client has arrived, the waiting room was opened or the record was changed
/// meanwhile; `forbidden`; `not_found`.
pub async fn replan(
    app: &App,
    signed: &Signed,
    known: (AppointmentId, u64),
    terms: &Terms,
) -> Result<Versioned<Appointment>, Problem> {
    for _ in 1..turn::TRIES {
        match try_to_replan(app, signed, known, terms).await {
            Err(Failure::Busy) => {}
            done => return Ok(done?),
        }
    }
    Ok(try_to_replan(app, signed, known, terms).await?)
}

async fn try_to_replan(
    app: &App,
    signed: &Signed,
    (id, version): (AppointmentId, u64),
    terms: &Terms,
) -> Result<Versioned<Appointment>, Failure> {
    let access = signed.access("appointment.move", Purpose::Treatment);
    let access = &access;
    let moved = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            permitted(work, signed, id, Permission::EditSchedule, office.today).await?;
            let old = current::<Appointment>(work, id, version).await?;
            turn::take(work, [terms.clinician.uuid(), old.plan().client.uuid()]).await?;
            check_terms(work, terms).await?;
            if visits::of_appointment(work, id).await?.is_some() {
                return Err(Failure::Refused(Problem::conflict(
                    "The waiting room of this appointment is open, so it stays as it is.",
                )));
            }
            let slot = terms.series(SeriesId::from(Uuid::nil()), old.plan().client, None, &office);
            let slot = slot.rule.slot_on(terms.day, |wall| office.zone.instants(wall))?;
            let plan = AppointmentPlan {
                clinician: terms.clinician,
                location: terms.location,
                slot,
                zone: office.practice.time_zone.clone(),
                day: terms.day,
                modality: terms.modality,
                service: terms.service,
                ..old.plan().clone()
            };
            if let Some(collision) = collisions(work, id, &plan).await?.first() {
                return Err(Failure::Refused(taken_problem(&[(plan.day, *collision)], &office)));
            }
            let value = old.value.replan(plan)?;
            let version = work.update(&value, version).await?;
            Ok(Versioned { version, value })
        })
    });
    moved.await
}

/// Reads an appointment within a unit of work and lets the person do `wanted` to it, or not.
///
/// # Errors
/// `not_found`; `forbidden`.
pub async fn permitted(
    work: &mut Reading<'_>,
    signed: &Signed,
    id: AppointmentId,
    wanted: Permission,
    today: NaiveDate,
) -> Result<(Versioned<Appointment>, Relation), Problem> {
    let appointment = work.expect::<Appointment>(id).await?;
    let plan = appointment.plan();
    let relation = people::to_appointment(work, signed, plan, today).await?;
    let subject = Subject::new("appointment").id(id.uuid()).client(Some(plan.client));
    signed.require(work, wanted, relation, subject)?;
    Ok((appointment, relation))
}

/// Lets something happen to an appointment. What is called off takes its waiting room with it.
///
/// # Errors
/// `conflict` when the status does not admit it or the record was changed meanwhile; `forbidden`; `not_found`.
pub async fn happen(
    app: &App,
    signed: &Signed,
    (id, version): (AppointmentId, u64),
    event: AppointmentEvent,
) -> Result<Versioned<Appointment>, Problem> {
    let access = signed.access(activity(&event), Purpose::Treatment);
    let access = &access;
    let happened = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            permitted(work, signed, id, Permission::EditSchedule, office.today).await?;
            let old = current::<Appointment>(work, id, version).await?;
            if let AppointmentEvent::Reschedule { to } = event {
                let other = named::<Appointment>(work, to, "to").await?;
                if other.plan().client != old.plan().client {
                    return Err(Problem::field("to", "is another client's appointment"));
                }
            }
            let visit = visits::of_appointment(work, id).await?;
            if let Some(reason) = visits::leaves_to_door(&old, visit.as_deref(), &event) {
                return Err(Problem::conflict(reason));
            }
            let value = old.value.apply(event, office.now, &office.practice.policies.appointments)?;
            let version = work.update(&value, version).await?;
            match event {
                AppointmentEvent::Cancel { by: CancelledBy::Client, .. } => {
                    visits::call_off(work, id, visits::CallOff::ByClient, office.now).await?;
                }
                AppointmentEvent::Cancel { by: CancelledBy::Practice, .. }
                | AppointmentEvent::NoShow { .. }
                | AppointmentEvent::Reschedule { .. } => {
                    visits::call_off(work, id, visits::CallOff::ByPractice, office.now).await?;
                }
                _ => {}
            }
            Ok(Versioned { version, value })
        })
    });
    happened.await
}

const fn activity(event: &AppointmentEvent) -> &'static str {
    match event {
        AppointmentEvent::Accept => "appointment.accept",
        AppointmentEvent::Confirm => "appointment.confirm",
        AppointmentEvent::CheckIn => "appointment.check_in",
        AppointmentEvent::UndoCheckIn => "appointment.undo_check_in",
        AppointmentEvent::Begin => "appointment.begin",
        AppointmentEvent::Complete => "appointment.complete",
        AppointmentEvent::NoShow { .. } => "appointment.no_show",
        AppointmentEvent::Cancel { .. } => "appointment.cancel",
        AppointmentEvent::Reschedule { .. } => "appointment.reschedule",
    }
}

/// Which appointments somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Starting from here.
    pub from: Option<DateTime<Utc>>,
    /// Starting before.
    pub until: Option<DateTime<Utc>>,
    /// Of one clinician.
    pub clinician: Option<ClinicianId>,
    /// Where the next page begins.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl Asked {
    fn find(&self) -> Find<Appointment> {
        let mut find = Find::new().after(self.after.clone()).limit(self.limit.unwrap_or(100));
        if let Some(from) = self.from {
            find = find.from(key(from));
        }
        if let Some(until) = self.until {
            find = find.until(key(until));
        }
        if let Some(clinician) = self.clinician {
            find = find.with(Term::plain("clinician", &clinician));
        }
        find
    }
}

/// Lists appointments in order of time: all for those who work with all, own and supervised ones for clinicians.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed, asked: &Asked) -> Result<Page<Appointment>, Problem> {
    let access = signed.access("schedule.list", Purpose::Treatment);
    let access = &access;
    let listed = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let scope = scope(work, signed, office.today).await?;
            Ok::<_, Problem>(work.find(&within(asked.find(), scope.as_deref())).await?)
        })
    });
    listed.await
}

/// Returns whose calendars the person may see: everybody's (`None`), or those of certain clinicians.
async fn scope(work: &mut Reading<'_>, signed: &Signed, day: NaiveDate) -> Result<Option<Vec<ClinicianId>>, Problem> {
    // What is found is limited to own and supervised clients, so that relation holds for each.
    let own = Relation { own_client: true, supervises: true, ..Relation::default() };
    signed.require(work, Permission::ReadSchedule, own, Subject::new("appointment"))?;
    Ok(people::scope(work, signed, Permission::ReadSchedule, day).await?)
}

fn within(find: Find<Appointment>, scope: Option<&[ClinicianId]>) -> Find<Appointment> {
    match scope {
        Some(of) => find.with_any(of.iter().map(|id| Term::plain("clinician", id))),
        None => find,
    }
}

/// The calendar of some days.
#[derive(Debug)]
pub struct Calendar {
    /// The practice.
    pub office: Office,
    /// The first day.
    pub first: NaiveDate,
    /// The appointments in order of time; damaged ones are named and hide nobody.
    pub appointments: Page<Appointment>,
    /// Their clients, as far as they can be opened.
    pub clients: BTreeMap<ClientId, Client>,
    /// The clinicians whose calendars the person may see.
    pub clinicians: Vec<Clinician>,
}

/// Reads the calendar of `days` days from `first`, by default today.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn calendar(
    app: &App,
    signed: &Signed,
    first: impl Fn(NaiveDate) -> NaiveDate + Send + Sync,
    days: u64,
    clinician: Option<ClinicianId>,
) -> Result<Calendar, Problem> {
    let access = signed.access("schedule.read", Purpose::Treatment);
    let (access, first) = (&access, &first);
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let scope = scope(work, signed, office.today).await?;
            let first = first(office.today);
            let last = first.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
            let (from, until) = (office.zone.midnight(first), office.zone.midnight(last));
            let asked = Asked {
                from: Some(from),
                until: Some(until),
                clinician,
                after: None,
                limit: Some(Find::<Client>::MAX),
            };
            let appointments = work.find(&within(asked.find(), scope.as_deref())).await?;
            let clients = clients_of(work, &appointments).await;
            let mut clinicians = people::clinicians(work).await?;
            clinicians.retain(|clinician| scope.as_ref().is_none_or(|of| of.contains(&clinician.id)));
            Ok::<_, Problem>(Calendar { office, first, appointments, clients, clinicians })
        })
    });
    read.await
}

/// Reads the clients of appointments the person may see. A damaged client leaves a nameless appointment, not an empty
/// calendar.
async fn clients_of(work: &mut Reading<'_>, appointments: &Page<Appointment>) -> BTreeMap<ClientId, Client> {
    let mut known = BTreeMap::new();
    for appointment in &appointments.items {
        let client = appointment.plan().client;
        if !known.contains_key(&client)
            && let Ok(Some(found)) = work.get::<Client>(client).await
        {
            known.insert(client, found.value);
        }
    }
    known
}

/// What a form for booking offers.
#[derive(Debug)]
pub struct Choices {
    /// The practice.
    pub office: Office,
    /// The client the form is about.
    pub client: Versioned<Client>,
    /// Everybody who treats.
    pub clinicians: Vec<Clinician>,
    /// Every place.
    pub locations: Vec<Location>,
}

/// Reads what a form for booking a client offers.
///
/// # Errors
/// `forbidden`; `not_found`.
pub async fn choices(app: &App, signed: &Signed, client: ClientId) -> Result<Choices, Problem> {
    let access = signed.access("appointment.choices", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let (client, _) = clients::permitted(work, signed, client, Permission::EditSchedule, office.today).await?;
            let (clinicians, locations) = (people::clinicians(work).await?, people::locations(work).await?);
            Ok::<_, Problem>(Choices { office, client, clinicians, locations })
        })
    });
    read.await
}

impl From<AppointmentError> for Problem {
    fn from(error: AppointmentError) -> Self {
        Self::conflict(sentence(&error))
    }
}
