//! An appointment: one client, one clinician, one time. Each occurrence of a series is an appointment of its own, so
//! that what happens to one never touches another.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    AppointmentId, AppointmentPolicy, ClientId, ClinicianId, Invalid, LocationId, SeriesId, TimeZoneName,
    store::{Document, Term},
    value::id_debug,
};

mod status;

pub use status::{AppointmentEvent, AppointmentStatus, CancelReason, CancelledBy, NoShowReason, Notice, StatusChange};

/// From an instant to a later one; the end itself is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct TimeSlot {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl TimeSlot {
    /// The longest an appointment may last.
    pub const LONGEST: TimeDelta = TimeDelta::hours(24);

    /// Makes a slot.
    ///
    /// # Errors
    /// It ends before it has begun, lasts longer than [`TimeSlot::LONGEST`] or lies outside the years 1900 to 2999.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, Invalid> {
        use chrono::Datelike;
        let lasts = end.signed_duration_since(start);
        if lasts <= TimeDelta::zero() {
            Err(Invalid::new("time slot", "must end after it begins"))
        } else if lasts > Self::LONGEST {
            Err(Invalid::new("time slot", "is longer than a day"))
        } else if !(1900..3000).contains(&start.year()) {
            Err(Invalid::new("time slot", "lies too far away"))
        } else {
            Ok(Self { start, end })
        }
    }

    /// Returns the first instant.
    #[must_use]
    pub const fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// Returns the instant after the last.
    #[must_use]
    pub const fn end(self) -> DateTime<Utc> {
        self.end
    }

    /// Returns whether both take the same time at some instant. One that begins when the other ends does not.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl TryFrom<Ends> for TimeSlot {
    type Error = Invalid;
    fn try_from(ends: Ends) -> Result<Self, Invalid> {
        Self::new(ends.start, ends.end)
    }
}

impl From<TimeSlot> for Ends {
    fn from(slot: TimeSlot) -> Self {
        Self { start: slot.start, end: slot.end }
    }
}

/// How client and clinician meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// In one room.
    InPerson,
    /// By picture and voice.
    Video,
    /// By voice only.
    Audio,
}

/// What the appointment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceKind {
    /// A first evaluation.
    DiagnosticEvaluation,
    /// A first evaluation with medical services.
    MedicalEvaluation,
    /// Psychotherapy with the client.
    Psychotherapy,
    /// Psychotherapy with the family, the client present.
    FamilyWithClient,
    /// Psychotherapy with the family, the client absent.
    FamilyWithoutClient,
    /// Psychotherapy in a group; every member has an appointment.
    Group,
    /// Psychotherapy in a crisis.
    Crisis,
    /// Anything that is not billed by this engine.
    Other,
}

/// What is agreed about an appointment.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppointmentPlan {
    /// Who is treated.
    pub client: ClientId,
    /// Who treats.
    pub clinician: ClinicianId,
    /// From where.
    pub location: LocationId,
    /// When.
    pub slot: TimeSlot,
    /// The zone whose wall clock the parties read.
    pub zone: TimeZoneName,
    /// The calendar day of the start in that zone.
    pub day: NaiveDate,
    /// How they meet.
    pub modality: Modality,
    /// What for.
    pub service: ServiceKind,
    /// The series it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesId>,
}

id_debug!(AppointmentPlan, client);

impl AppointmentPlan {
    /// No zone is further than 14 hours from UTC.
    fn check(&self) -> Result<(), AppointmentError> {
        let apart = self.day.signed_duration_since(self.slot.start.date_naive());
        if apart.abs() > TimeDelta::days(1) { Err(AppointmentError::DayElsewhere) } else { Ok(()) }
    }
}

/// An appointment.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    id: AppointmentId,
    plan: AppointmentPlan,
    status: AppointmentStatus,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<StatusChange>,
}

id_debug!(Appointment, id);

/// Why an appointment refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppointmentError {
    /// The status does not admit the event.
    #[error("{event} is not possible while the appointment is {status}")]
    NotPossible {
        /// The status it is in.
        status: AppointmentStatus,
        /// The name of the event.
        event: &'static str,
    },
    /// A client cannot be missed before the time has come.
    #[error("no-show before the start of the appointment")]
    NotYetDue,
    /// An appointment cannot be replaced by itself.
    #[error("the appointment is rescheduled to itself")]
    RescheduledToItself,
    /// The plan may change in everything but the client and the series.
    #[error("the client or the series of an appointment cannot change")]
    OtherRecord,
    /// The plan can change only before the client has arrived.
    #[error("the plan cannot change while the appointment is {0}")]
    PlanIsFixed(AppointmentStatus),
    /// The calendar day given cannot be that of the start in any zone.
    #[error("the day is not the day of the start in any time zone")]
    DayElsewhere,
    /// The record is full; a front desk that undoes a check-in this often needs another look.
    #[error("the appointment has changed more than {} times", Appointment::MAX_CHANGES)]
    TooManyChanges,
}

impl Appointment {
    /// The most changes of status that are recorded.
    pub const MAX_CHANGES: usize = 100;

    /// Books an appointment for the practice: it is scheduled at once.
    ///
    /// # Errors
    /// [`AppointmentError::DayElsewhere`].
    pub fn book(id: AppointmentId, plan: AppointmentPlan) -> Result<Self, AppointmentError> {
        Self::begin(id, plan, AppointmentStatus::Scheduled)
    }

    /// Takes a client's wish for an appointment; the practice accepts or cancels it.
    ///
    /// # Errors
    /// [`AppointmentError::DayElsewhere`].
    pub fn request(id: AppointmentId, plan: AppointmentPlan) -> Result<Self, AppointmentError> {
        Self::begin(id, plan, AppointmentStatus::Requested)
    }

    fn begin(id: AppointmentId, plan: AppointmentPlan, status: AppointmentStatus) -> Result<Self, AppointmentError> {
        plan.check()?;
        Ok(Self { id, plan, status, history: Vec::new() })
    }

    /// Lets `event` happen at `at`.
    ///
    /// # Errors
    /// [`AppointmentError::NotPossible`] when the status does not admit it, [`AppointmentError::NotYetDue`] for a
    /// no-show before the start, [`AppointmentError::RescheduledToItself`].
    pub fn apply(
        mut self,
        event: AppointmentEvent,
        at: DateTime<Utc>,
        policy: &AppointmentPolicy,
    ) -> Result<Self, AppointmentError> {
        let refused = AppointmentError::NotPossible { status: self.status, event: event.name() };
        let status = self.status.after(&event).ok_or(refused)?;
        let start = self.plan.slot.start;
        let notice = match &event {
            AppointmentEvent::NoShow { .. } if at < start => return Err(AppointmentError::NotYetDue),
            AppointmentEvent::Reschedule { to } if *to == self.id => return Err(AppointmentError::RescheduledToItself),
            AppointmentEvent::Cancel { by: CancelledBy::Client, .. } => {
                let late = start.signed_duration_since(at) < policy.notice();
                Some(if late { Notice::Late } else { Notice::Timely })
            }
            _ => None,
        };
        if self.history.len() == Self::MAX_CHANGES {
            return Err(AppointmentError::TooManyChanges);
        }
        self.history.push(StatusChange { at, event, status, notice });
        self.status = status;
        Ok(self)
    }

    /// Changes what is agreed: time, clinician, location, modality, service.
    ///
    /// # Errors
    /// The client has arrived or the appointment is over; the client or the series differ;
    /// [`AppointmentError::DayElsewhere`].
    pub fn replan(mut self, plan: AppointmentPlan) -> Result<Self, AppointmentError> {
        if !self.status.is_upcoming() {
            return Err(AppointmentError::PlanIsFixed(self.status));
        }
        if plan.client != self.plan.client || plan.series != self.plan.series {
            return Err(AppointmentError::OtherRecord);
        }
        plan.check()?;
        self.plan = plan;
        Ok(self)
    }

    /// Returns the appointment's id.
    #[must_use]
    pub const fn id(&self) -> AppointmentId {
        self.id
    }

    /// Returns what is agreed.
    #[must_use]
    pub const fn plan(&self) -> &AppointmentPlan {
        &self.plan
    }

    /// Returns where it stands.
    #[must_use]
    pub const fn status(&self) -> AppointmentStatus {
        self.status
    }

    /// Returns every change of status, oldest first.
    #[must_use]
    pub fn history(&self) -> &[StatusChange] {
        &self.history
    }

    /// Returns whether the client gave notice in time; `None` unless the client cancelled.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        self.history.last().and_then(|change| change.notice)
    }
}

impl Document for Appointment {
    const KIND: &'static str = "appointment";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.plan.client)
    }

    /// The start, so that a calendar is a range.
    fn sort(&self) -> String {
        self.plan.slot.start.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![
            Term::plain("client", &self.plan.client),
            Term::plain("clinician", &self.plan.clinician),
            Term::plain("day", &self.plan.day),
            Term::plain("status", self.status.name()),
        ];
        terms.extend(self.plan.series.iter().map(|series| Term::plain("series", series)));
        terms
    }
}
