//! How people are connected: what their browsers see of it, and how good it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mentalspace_core::{
    ClientId, VisitId,
    store::{Document, Reading, StoreError, Term, Versioned},
};
use mentalspace_telehealth_port::{
    ParticipantId,
    provider::{GrantId, ProviderEvent, ProviderEventKind},
    quality::{Band, Codec, Monitor, Report, Sample, SampleError, Verdict},
    visit::Visit,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Seat,
    again::{Stop, again},
    media, of_appointment,
};
use crate::{
    app::App,
    practice::Office,
    problem::{Problem, sentence},
};

/// The connections of a visit, by participant. Numbers only.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitQuality {
    visit: VisitId,
    monitors: BTreeMap<ParticipantId, Monitor>,
}

impl Document for VisitQuality {
    const KIND: &'static str = "visit_quality";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.visit.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

impl VisitQuality {
    /// Returns how somebody is connected now.
    #[must_use]
    pub fn band(&self, who: ParticipantId, now: DateTime<Utc>) -> Option<Band> {
        self.monitors.get(&who)?.band(now)
    }

    /// Sums every connection up.
    #[must_use]
    pub fn reports(&self) -> BTreeMap<ParticipantId, Report> {
        self.monitors.iter().filter_map(|(who, monitor)| Some((*who, monitor.report()?))).collect()
    }
}

pub(super) async fn of_visit(work: &mut Reading<'_>, visit: VisitId) -> Result<Option<VisitQuality>, StoreError> {
    Ok(work.get::<VisitQuality>(visit).await?.map(|found| found.value))
}

/// Takes a sample of one's own connection.
///
/// # Errors
/// `invalid` for an impossible sample; `throttled` for too many; `conflict` outside the visit.
pub async fn sample(app: &App, seat: &Seat, sample: Sample) -> Result<Verdict, Problem> {
    let access = seat.access("visit.quality");
    let access = &access;
    again!(app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let (visit, me) = inside(work, seat).await?;
            let old = work.get::<VisitQuality>(visit.visit_id()).await?;
            let version = old.as_ref().map(|old| old.version);
            let fresh = VisitQuality { visit: visit.visit_id(), monitors: BTreeMap::new() };
            let mut quality = old.map_or(fresh, |old| old.value);
            let taken = quality.monitors.entry(me).or_default().take(&sample, Codec::default(), office.now);
            let verdict = taken.map_err(refused)?;
            match version {
                None => work.insert(&quality).await?,
                Some(version) => work.update(&quality, version).await.map(drop)?,
            }
            Ok::<_, Stop>(verdict)
        })
    }))
}

async fn inside(work: &mut Reading<'_>, seat: &Seat) -> Result<(Visit, ParticipantId), Problem> {
    let outside = || Problem::conflict("You are not in the visit.");
    let Versioned { value: visit, .. } = of_appointment(work, seat.appointment()).await?.ok_or_else(outside)?;
    let me = seat.me(&visit).and_then(|me| visit.participant(me)).filter(|me| me.is_admitted());
    let me = me.filter(|_| !visit.state().is_terminal()).ok_or_else(outside)?.id;
    Ok((visit, me))
}

fn refused(error: SampleError) -> Problem {
    match error {
        SampleError::TooFast | SampleError::TooMany => Problem::throttled(sentence(&error)).with_retry_after(30),
        other => Problem::invalid(sentence(&other)),
    }
}

/// What a browser says of its own connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is in the room.
    Connected,
    /// It goes on purpose.
    Left,
    /// It lost the room.
    Dropped,
}

/// Notes what a browser says of its own connection; nobody speaks for another.
///
/// # Errors
/// `forbidden` for somebody else's permission; as the store.
pub async fn presence(app: &App, seat: &Seat, presence: Presence, grant: GrantId) -> Result<(), Problem> {
    let access = seat.access("visit.presence");
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            Ok::<_, Problem>(of_appointment(work, seat.appointment()).await?)
        })
    });
    let Some(visit) = read.await? else { return Ok(()) };
    if seat.me(&visit) != Some(grant.participant) {
        return Err(Problem::forbidden("That is not your own connection."));
    }
    let Some(room) = visit.room() else { return Ok(()) };
    let kind = match presence {
        Presence::Connected => ProviderEventKind::Joined(grant),
        Presence::Left => ProviderEventKind::Left(grant),
        Presence::Dropped => ProviderEventKind::Dropped(grant),
    };
    let event = ProviderEvent { id: String::new(), at: app.now(), room: room.room.clone(), kind };
    let secret = media::room_secret(app, seat.practice()).await?;
    media::change(app, access, visit.visit_id(), |visit, now| visit.observe(&event, &secret, now)).await?;
    media::carry_out(app, seat.practice(), visit.visit_id()).await
}

/// Lists how good the connections of an appointment's visit were.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn reports(app: &App, seat: &Seat) -> Result<BTreeMap<ParticipantId, Report>, Problem> {
    let access = seat.access("visit.read_quality");
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let Some(visit) = of_appointment(work, seat.appointment()).await? else { return Ok(BTreeMap::new()) };
            Ok::<_, Problem>(of_visit(work, visit.visit_id()).await?.map(|q| q.reports()).unwrap_or_default())
        })
    });
    read.await
}
