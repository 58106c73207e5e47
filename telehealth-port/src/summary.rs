//! What an ended visit measured, for the draft of its note: times, modality and place come from the visit's record,
//! never from a template. Which modifier a payer wants (93, 95) is that payer's rule and decided elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_core::{AppointmentId, PlaceOfService, UsState, VisitId};

use crate::visit::{EndReason, Interval, Modality, Participant, ParticipantRole, Person, Visit, VisitState};
use crate::{ConsentId, ParticipantId};

/// An ended visit in measures.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisitSummary {
    /// Which visit.
    pub visit: VisitId,
    /// Of which occurrence.
    pub appointment: AppointmentId,
    /// T0; none if clinician and client never met.
    pub started_at: Option<DateTime<Utc>>,
    /// When everybody was cut.
    pub ended_at: DateTime<Utc>,
    /// Why it ended.
    pub reason: EndReason,
    /// How it was held between T0 and the end, in order.
    pub modalities: Vec<(Modality, TimeDelta)>,
    /// Stretches during which clinician or client was gone.
    pub interruptions: Vec<Interval>,
    /// Everybody who was in the room, in the order of invitation.
    pub attendance: Vec<Attendance>,
}

/// One person's time in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attendance {
    /// Who.
    pub participant: ParticipantId,
    /// In which part.
    pub role: ParticipantRole,
    /// Who, by id.
    pub person: Person,
    /// First connection.
    pub from: DateTime<Utc>,
    /// Last disconnection.
    pub until: DateTime<Utc>,
    /// Time connected.
    pub connected: TimeDelta,
    /// Time connected while a clinician was.
    pub with_clinician: TimeDelta,
    /// Place of service of a client: 10 at home, 02 elsewhere; none for others and where an override left the place
    /// unknown.
    pub place_of_service: Option<PlaceOfService>,
    /// The state a client was in.
    pub state: Option<UsState>,
    /// The consent a client was admitted under.
    pub consent: Option<ConsentId>,
}

impl VisitSummary {
    /// Measures an ended visit; `None` for any other.
    #[must_use]
    pub fn of(visit: &Visit) -> Option<Self> {
        let (VisitState::Ended(reason), Some(ended_at)) = (visit.state(), visit.cut_at()) else { return None };
        let clinicians = union(visit.clinicians().flat_map(|p| spans(p, ended_at)));
        let attended = visit.participants().iter().filter(|p| p.role != ParticipantRole::RecorderBot);
        Some(Self {
            visit: visit.visit_id(),
            appointment: visit.appointment(),
            started_at: visit.started_at(),
            ended_at,
            reason,
            modalities: modalities(visit, ended_at),
            interruptions: visit.interruptions().to_vec(),
            attendance: attended.filter_map(|p| attendance(p, &clinicians, ended_at)).collect(),
        })
    }
}

type Span = (DateTime<Utc>, DateTime<Utc>);

fn attendance(p: &Participant, clinicians: &[Span], ended_at: DateTime<Utc>) -> Option<Attendance> {
    let own = union(spans(p, ended_at));
    let (&(from, _), &(_, until)) = (own.first()?, own.last()?);
    Some(Attendance {
        participant: p.id,
        role: p.role,
        person: p.person,
        from,
        until,
        connected: total(&own),
        with_clinician: total(&shared(&own, clinicians)),
        place_of_service: p.location.as_ref().map(|place| place.setting.place_of_service()),
        state: p.location.as_ref().map(|place| place.state().clone()),
        consent: p.admission.as_ref().and_then(|admission| admission.consent),
    })
}

fn modalities(visit: &Visit, ended_at: DateTime<Utc>) -> Vec<(Modality, TimeDelta)> {
    let Some(t0) = visit.started_at() else { return Vec::new() };
    let starts = visit.modalities();
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([ended_at]);
    let held = starts.iter().zip(ends).map(|(&(from, modality), until)| (modality, until - from.max(t0)));
    held.filter(|(_, time)| *time > TimeDelta::zero()).collect()
}

fn spans(p: &Participant, ended_at: DateTime<Utc>) -> impl Iterator<Item = Span> {
    p.presence.iter().map(move |interval| (interval.from, interval.until.unwrap_or(ended_at)))
}

/// Joins overlapping spans, in order of time.
fn union(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            Some(_) | None => joined.push((from, until)),
        }
    }
    joined
}

/// Returns the time that lies in both; both in order and without overlaps.
fn shared(a: &[Span], b: &[Span]) -> Vec<Span> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (from, until) = (x.0.max(y.0), x.1.min(y.1));
        if from < until {
            both.push((from, until));
        }
        if x.1 < y.1 { i += 1 } else { j += 1 }
    }
    both
}

fn total(spans: &[Span]) -> TimeDelta {
    spans.iter().fold(TimeDelta::zero(), |sum, (from, until)| sum + (*until - *from))
}
