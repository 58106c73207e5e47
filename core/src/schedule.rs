//! The calendar: who would be booked twice, and the appointments a weekly series stands for.

use std::{
    collections::BTreeSet,
    num::{NonZeroU8, NonZeroU16},
    ops::Range,
};

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Appointment, AppointmentId, AppointmentPlan, ClientId, ClinicianId, Invalid, LocationId, Modality, SeriesId,
    ServiceKind, TimeSlot, TimeZoneName,
    store::{Document, Term},
    value::id_debug,
};

/// A time at which somebody would be in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Conflict {
    /// The appointment that already takes the time.
    pub with: AppointmentId,
    /// Who is in both.
    pub who: Booked,
}

/// Who is booked twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Booked {
    /// The clinician.
    Clinician,
    /// The client.
    Client,
    /// Both.
    Both,
}

/// Finds the appointments that `plan` would collide with. The appointment `id` itself, which may be among them when it
/// is moved, is passed over, and so are those that no longer take time. Members of one group session share their
/// clinician.
#[must_use]
pub fn conflicts<'a>(
    id: AppointmentId,
    plan: &AppointmentPlan,
    booked: impl IntoIterator<Item = &'a Appointment>,
) -> Vec<Conflict> {
    let collide = |other: &Appointment| {
        let theirs = other.plan();
        if other.id() == id || !other.status().takes_time() || !theirs.slot.overlaps(plan.slot) {
            return None;
        }
        let clinician = theirs.clinician == plan.clinician && !same_group(theirs, plan);
        let who = match (clinician, theirs.client == plan.client) {
            (true, true) => Booked::Both,
            (true, false) => Booked::Clinician,
            (false, true) => Booked::Client,
            (false, false) => return None,
        };
        Some(Conflict { with: other.id(), who })
    };
    booked.into_iter().filter_map(collide).collect()
}

fn same_group(a: &AppointmentPlan, b: &AppointmentPlan) -> bool {
    a.service == ServiceKind::Group
        && b.service == ServiceKind::Group
        && a.slot == b.slot
        && a.location == b.location
        && a.client != b.client
}

/// When a series takes place: the same wall-clock time every so many weeks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeklyRule {
    /// The first day; the others fall on the same weekday.
    pub first: NaiveDate,
    /// The time on the wall clock, summer and winter.
    pub at: NaiveTime,
    /// How long, in minutes.
    pub minutes: NonZeroU16,
    /// Every week, every second week, every seventh: any interval.
    pub every_weeks: NonZeroU8,
    /// The last day on which one may fall; without it the series is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Days that are left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except: BTreeSet<NaiveDate>,
}

impl WeeklyRule {
    /// Lists the days from `window.start` up to but without `window.end`, lazily and without counting through the past.
    pub fn days(&self, window: Range<NaiveDate>) -> impl Iterator<Item = NaiveDate> {
        let step = u64::from(self.every_weeks.get()) * 7;
        let behind = window.start.signed_duration_since(self.first).num_days();
        let skipped = u64::try_from(behind).map_or(0, |behind| behind.div_ceil(step) * step);
        let day = self.first.checked_add_days(Days::new(skipped));
        std::iter::successors(day, move |day| day.checked_add_days(Days::new(step)))
            .take_while(move |day| *day < window.end && self.until.is_none_or(|until| *day <= until))
            .filter(|day| !self.except.contains(day))
    }

    /// Finds the slot on `day`.
    ///
    /// `local_to_utc` reads a wall clock in the series' zone. A time that occurs twice, when clocks go back, is the
    /// first of the two; one that does not occur, when clocks go forward, is read with the offset from before the
    /// change and so falls later by the length of the gap (RFC 5545 §3.3.5).
    ///
    /// # Errors
    /// The day has no such slot: the zone cannot tell, or the slot lies too far away.
    pub fn slot_on(
        &self,
        day: NaiveDate,
        local_to_utc: impl Fn(NaiveDateTime) -> MappedLocalTime<DateTime<Utc>>,
    ) -> Result<TimeSlot, Invalid> {
        const DAY: TimeDelta = TimeDelta::days(1);
        let unknown = Invalid::new("series", "falls on a time the zone does not know");
        let wall = day.and_time(self.at);
        let before_gap = || local_to_utc(wall.checked_sub_signed(DAY)?).earliest()?.checked_add_signed(DAY);
        let start = local_to_utc(wall).earliest().or_else(before_gap).ok_or(unknown.clone())?;
        let end = start.checked_add_signed(TimeDelta::minutes(self.minutes.get().into())).ok_or(unknown)?;
        TimeSlot::new(start, end)
    }
}

/// A series of appointments that have the rule in common. Its occurrences are appointments of their own once booked;
/// an open series is booked as far ahead as the practice likes.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The series.
    pub id: SeriesId,
    /// Who is treated.
    pub client: ClientId,
    /// Who treats.
    pub clinician: ClinicianId,
    /// From where.
    pub location: LocationId,
    /// The zone of the wall clock.
    pub zone: TimeZoneName,
    /// How they meet.
    pub modality: Modality,
    /// What for.
    pub service: ServiceKind,
    /// When.
    pub rule: WeeklyRule,
}

id_debug!(Series, id);

impl Series {
    /// Lists the plans of the occurrences within `window`, lazily; each may fail on its own (see
    /// [`WeeklyRule::slot_on`]).
    pub fn plans(
        &self,
        window: Range<NaiveDate>,
        local_to_utc: impl Fn(NaiveDateTime) -> MappedLocalTime<DateTime<Utc>>,
    ) -> impl Iterator<Item = Result<AppointmentPlan, Invalid>> {
        self.rule.days(window).map(move |day| {
            Ok(AppointmentPlan {
                client: self.client,
                clinician: self.clinician,
                location: self.location,
                slot: self.rule.slot_on(day, &local_to_utc)?,
                zone: self.zone.clone(),
                day,
                modality: self.modality,
                service: self.service,
                series: Some(self.id),
            })
        })
    }
}

impl Document for Series {
    const KIND: &'static str = "series";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("client", &self.client), Term::plain("clinician", &self.clinician)]
    }
}
