//! What visits ask of the video service, and what the clock does to them.
//!
//! The visit is stored before a call and the result after it; both name the same room by the same key, so a crash in
//! between repeats the call and never makes a second room.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mentalspace_core::{
    Access, ClientId, PracticeId, VisitId,
    store::{Document, Find, Reading, StoreError, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    provider::{
        JoinCredential, ProviderError, ProviderErrorKind, ProviderEvent, ProviderId, RoomHandle, RoomSecret,
        RoomStatus, TelehealthProvider,
    },
    visit::{Intent, Visit, VisitError, VisitEvent},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Seat, follow, keep, of_appointment, recordings, talk};
use crate::{
    app::App,
    practice::Office,
    problem::Problem,
    video::{Answer, Call},
};

/// Calls made for one visit in a row; more wait for the next round.
const CALLS: usize = 40;

/// Returns the practice's secret for room names.
///
/// # Errors
/// As the store.
pub async fn room_secret(app: &App, practice: PracticeId) -> Result<RoomSecret, StoreError> {
    app.vault().derived_secret(practice, "telehealth room names").await.map(RoomSecret::new)
}

/// Makes the calls a visit asks for, one after the other. Without a connected service they stay stored. A call that
/// fails is repeated by the next round; a service that does not open the first room is replaced.
///
/// # Errors
/// As the store.
pub async fn carry_out(app: &App, practice: PracticeId, visit: VisitId) -> Result<(), Problem> {
    let Some(video) = app.video() else { return Ok(()) };
    let access = Access::system(practice, "visit.media", app.now());
    let mut tried: Vec<(ProviderId, Intent)> = Vec::new();
    for _ in 0..CALLS {
        let read = app.vault().read(&access, |work| Box::pin(async move { work.get::<Visit>(visit).await }));
        let Some(found) = read.await? else { return Ok(()) };
        // A credential is minted only when its participant asks for it.
        let wanted = found.intents().into_iter().filter(|intent| !matches!(intent, Intent::Grant { .. }));
        let mut wanted = wanted.map(|intent| (provider_of(&intent, &found).clone(), intent));
        // What is held by telephone, or at a service no longer configured, stays stored.
        let fresh = |wanted: &(ProviderId, Intent)| video.provider(&wanted.0).is_some() && !tried.contains(wanted);
        let Some((id, intent)) = wanted.find(fresh) else { return Ok(()) };
        let outcome = video.call(app, &id, Call::Intent(&intent)).await;
        if let Err(error) = &outcome {
            tracing::warn!(%visit, provider = %id, kind = ?error.kind, "the video service did not do what was asked");
        }
        match note_outcome(app, &access, visit, &intent, outcome).await {
            Ok(Noted::Changed) => app.ring(visit),
            Ok(Noted::Unchanged) => {}
            Err(problem) if problem.status == StatusCode::CONFLICT => continue,
            Err(problem) => return Err(problem),
        }
        tried.push((id, intent));
    }
    Ok(())
}

fn provider_of<'a>(intent: &'a Intent, visit: &'a Visit) -> &'a ProviderId {
    match intent {
        Intent::Revoke { room, .. }
        | Intent::Grant { room, .. }
        | Intent::CloseRoom { room }
        | Intent::StartRecording { room, .. } => &room.provider,
        Intent::StopRecording { recording } | Intent::CheckRecording { recording, .. } => &recording.provider,
        Intent::CloseStray { stray, .. } => stray.provider(),
        _ => visit.provider(),
    }
}

enum Noted {
    Changed,
    Unchanged,
}

/// Stores what came of a call. Somebody else's change in between is no harm: the call is repeated.
async fn note_outcome(
    app: &App,
    access: &Access,
    visit: VisitId,
    intent: &Intent,
    outcome: Result<Answer, ProviderError>,
) -> Result<Noted, Problem> {
    let owed = match &outcome {
        Ok(Answer::Opened(room)) => Some(Intent::CloseRoom { room: room.clone() }),
        Ok(Answer::Recording(recording)) => Some(Intent::StopRecording { recording: recording.clone() }),
        _ => None,
    };
    let noted = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let Versioned { version, mut value } = work.expect::<Visit>(visit).await?;
            let (before, now) = (value.recordings().to_vec(), app.now());
            let events = match outcome {
                Ok(answer) => note_answer(&mut value, intent, answer, now),
                Err(error) => note_failure(app, work, &mut value, intent, &error, now).await?,
            };
            let events = match events {
                Ok(events) => events,
                Err(VisitError::StaleRoom) => return Ok(None),
                Err(error) => return Err(super::refused(&error, &office.zone)),
            };
            if events.is_empty() {
                return Ok(Some(Noted::Unchanged));
            }
            keep(work, Some(version), &value, now).await?;
            recordings::keep_new(work, &value, &before, now).await?;
            follow(work, &value, &office.practice.policies.appointments, now).await?;
            Ok::<_, Problem>(Some(Noted::Changed))
        })
    });
    if let Some(noted) = noted.await? {
        return Ok(noted);
    }
    // What was opened or started meanwhile is no longer wanted.
    if let (Some(video), Some(owed)) = (app.video(), owed) {
        let id = match &owed {
            Intent::CloseRoom { room } => &room.provider,
            Intent::StopRecording { recording } => &recording.provider,
            _ => return Ok(Noted::Unchanged),
        };
        if let Err(error) = video.call(app, id, Call::Intent(&owed)).await {
            tracing::error!(%visit, provider = %id, kind = ?error.kind, "a room or recording nobody wants stays open");
        }
    }
    Ok(Noted::Unchanged)
}

fn note_answer(
    visit: &mut Visit,
    intent: &Intent,
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<Vec<VisitEvent>, VisitError> {
    match (answer, intent) {
        (Answer::Opened(room), _) => visit.room_opened(room, now),
        (Answer::Revoked, Intent::Revoke { grant, .. }) => Ok(visit.revoked(*grant, now)),
        (Answer::Closed, Intent::CloseStray { stray, .. }) => {
            Ok(visit.stray_closed(stray.provider(), stray.key(), now))
        }
        (Answer::Closed, _) => visit.room_closed(now),
        (Answer::Recording(recording), _) => visit.recording_started(recording, now),
        (Answer::Stopped(recording), _) => Ok(visit.recording_stopped(recording, now)),
        (Answer::Checked(status), Intent::CheckRecording { number, .. }) => {
            Ok(visit.recording_checked(*number, &status, now))
        }
        (Answer::Revoked | Answer::Granted(_) | Answer::Checked(_) | Answer::Status(_), _) => Ok(Vec::new()),
    }
}

/// A first room that does not open moves the visit to the next service that has an agreement and a lawful region.
async fn note_failure(
    app: &App,
    work: &mut Writing<'_>,
    visit: &mut Visit,
    intent: &Intent,
    error: &ProviderError,
    now: DateTime<Utc>,
) -> Result<Result<Vec<VisitEvent>, VisitError>, Problem> {
    match intent {
        Intent::OpenRoom { generation: 1, .. } => {
            let Some(video) = app.video() else { return Ok(Ok(Vec::new())) };
            let gone = visit.provider().clone();
            for other in video.instead_of(&gone) {
                let Ok(region) = video.residency().choose(&other.capabilities()) else { continue };
                let self_hosted = other.capabilities().self_hosted;
                let agreement = super::agreement_with(work, &other.id(), self_hosted).await?;
                if let Ok(events) = visit.fail_over(other.id(), region, agreement.as_ref(), now) {
                    return Ok(Ok(events));
                }
            }
            Ok(Ok(Vec::new()))
        }
        Intent::CloseRoom { .. } => Ok(visit.close_failed(now)),
        Intent::StartRecording { .. } => Ok(Ok(visit.recording_failed(!error.kind.may_have_taken_effect(), now))),
        _ => Ok(Ok(Vec::new())),
    }
}

/// A credential for the room, and which service it is for.
#[derive(Debug)]
pub struct Ticket {
    /// Which service.
    pub provider: ProviderId,
    /// The credential.
    pub credential: JoinCredential,
    /// When it stops to work for joining.
    pub expires_at: DateTime<Utc>,
}

/// Mints a participant's credential for the room and records it before it is handed out.
///
/// # Errors
/// `conflict` when there is no room or the person is not let in; `unavailable` when the service fails or the room is
/// being prepared; `forbidden`.
pub async fn join(app: &App, seat: &Seat) -> Result<Ticket, Problem> {
    let access = seat.access("visit.join");
    let (access, secret) = (&access, room_secret(app, seat.practice()).await?);
    let prepared = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let video = app.video();
            let video = video.ok_or_else(|| Problem::conflict("No video service is connected: use the telephone."))?;
            let nothing = || Problem::conflict("The waiting room is not open.");
            let found = of_appointment(work, seat.appointment()).await?.ok_or_else(nothing)?;
            let Versioned { version, mut value } = found;
            let me = seat.me(&value).ok_or_else(|| Problem::forbidden("Only those invited may join."))?;
            let events = value.rejoin(me, &secret, office.now).map_err(|error| super::refused(&error, &office.zone))?;
            if !events.is_empty() {
                keep(work, Some(version), &value, office.now).await?;
            }
            Ok::<_, Problem>((video, me, value, !events.is_empty()))
        })
    });
    let (video, me, visit, changed) = prepared.await?;
    if changed {
        app.ring(visit.visit_id());
        carry_out(app, seat.practice(), visit.visit_id()).await?;
    }
    let read = app.vault().read(access, |work| {
        Box::pin(async move { work.expect::<Visit>(visit.visit_id()).await.map_err(Problem::from) })
    });
    let visit = read.await?.value;
    let id = visit.visit_id();
    let mine = visit
        .intents()
        .into_iter()
        .find(|intent| matches!(intent, Intent::Grant { participant, .. } if participant.grant.participant == me));
    let preparing = || Problem::unavailable("The room is being prepared.").with_retry_after(2);
    let Some(Intent::Grant { room, participant: spec }) = &mine else { return Err(preparing()) };
    let minted = match video
        .call(app, &room.provider, Call::Intent(&Intent::Grant { room: room.clone(), participant: *spec }))
        .await
    {
        Ok(Answer::Granted(minted)) => minted,
        Err(error) if error.kind == ProviderErrorKind::NotFound => {
            room_is_gone(app, seat.practice(), &visit, room).await?;
            return Err(preparing());
        }
        Ok(_) | Err(_) => {
            return Err(Problem::unavailable("The video service does not answer. Please use the telephone.")
                .with_retry_after(5));
        }
    };
    let expires_at = minted.expires_at;
    let recorded = app.vault().write(access, |work| {
        Box::pin(async move {
            let Versioned { version, mut value } = work.expect::<Visit>(id).await?;
            let office = Office::open(work, access).await?;
            let granted = value.granted(spec.grant, expires_at, app.now());
            granted.map_err(|error| super::refused(&error, &office.zone))?;
            keep(work, Some(version), &value, office.now).await?;
            Ok::<_, Problem>(())
        })
    });
    recorded.await?;
    app.ring(id);
    Ok(Ticket { provider: room.provider.clone(), credential: minted.credential, expires_at })
}

/// The service has no such room any more: the next is opened, and everybody gets a new credential for it.
async fn room_is_gone(app: &App, practice: PracticeId, visit: &Visit, room: &RoomHandle) -> Result<(), Problem> {
    reconcile(app, practice, visit.visit_id(), room, &RoomStatus::Ended, app.now()).await?;
    carry_out(app, practice, visit.visit_id()).await
}

async fn reconcile(
    app: &App,
    practice: PracticeId,
    visit: VisitId,
    room: &RoomHandle,
    status: &RoomStatus,
    asked_at: DateTime<Utc>,
) -> Result<(), Problem> {
    let (access, secret) = (Access::system(practice, "visit.reconcile", app.now()), room_secret(app, practice).await?);
    let (access, secret) = (&access, &secret);
    change(app, access, visit, |visit, now| visit.reconcile(room, status, asked_at, secret, now)).await
}

/// Notes what a service or a browser reports. Which visit it is about follows from the room.
///
/// # Errors
/// As the store.
pub async fn observe(app: &App, provider: &ProviderId, events: &[ProviderEvent]) -> Result<(), Problem> {
    if events.is_empty() {
        return Ok(());
    }
    for practice in app.practices().await? {
        let access = Access::system(practice, "visit.observe", app.now());
        let secret = room_secret(app, practice).await?;
        for event in events {
            let find = Find::<Visit>::new().with(Term::plain("room", &event.room)).limit(1);
            let found = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await })).await?;
            let Some(visit) = found.items.first().filter(|visit| visit.provider() == provider) else { continue };
            let id = visit.visit_id();
            change(app, &access, id, |visit, now| visit.observe(event, &secret, now)).await?;
            carry_out(app, practice, id).await?;
        }
    }
    Ok(())
}

/// How often a change is tried again when somebody else was faster.
const TRIES: usize = 5;

/// Changes a visit, again and again until nobody else was faster.
pub(super) async fn change(
    app: &App,
    access: &Access,
    visit: VisitId,
    step: impl Fn(&mut Visit, DateTime<Utc>) -> Vec<VisitEvent> + Send + Sync,
) -> Result<(), Problem> {
    let step = &step;
    for _ in 0..TRIES {
        let changed = app.vault().write(access, |work| {
            Box::pin(async move {
                let office = Office::open(work, access).await?;
                let Versioned { version, mut value } = work.expect::<Visit>(visit).await?;
                let now = app.now();
                if step(&mut value, now).is_empty() {
                    return Ok(false);
                }
                keep(work, Some(version), &value, now).await?;
                follow(work, &value, &office.practice.policies.appointments, now).await?;
                Ok::<_, Problem>(true)
            })
        });
        match changed.await {
            Ok(true) => {
                app.ring(visit);
                return Ok(());
            }
            Ok(false) => return Ok(()),
            Err(problem) if problem.status == StatusCode::CONFLICT => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::unavailable("The visit is changing too fast. Please try again.").with_retry_after(1))
}

/// When the clock has to look at a visit again. Holds ids and times only, so that a look without a result is no access
/// to anybody's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    visit: VisitId,
    due: DateTime<Utc>,
}

/// How long a call that failed waits for its repetition.
const AGAIN: TimeDelta = TimeDelta::seconds(30);
/// How often a service is asked about a room that is open.
const RECONCILE: TimeDelta = TimeDelta::seconds(60);
/// No service keeps a room longer, so nothing is owed after it.
const OWED: TimeDelta = TimeDelta::days(7);

impl Document for Alarm {
    const KIND: &'static str = "visit_alarm";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.visit.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        alarm_key(self.due)
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

fn alarm_key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl Alarm {
    /// Reads how often a visit was changed lately, without an access to it; `None` once nothing more can change.
    pub(super) async fn pulse(work: &mut Reading<'_>, visit: VisitId) -> Result<Option<u64>, StoreError> {
        Ok(work.get::<Self>(visit).await?.map(|alarm| alarm.version))
    }

    /// Lets whoever watches a visit look again.
    pub(super) async fn touch(work: &mut Writing<'_>, visit: VisitId) -> Result<(), StoreError> {
        match work.get::<Self>(visit).await? {
            Some(alarm) => work.update(&alarm.value, alarm.version).await.map(drop),
            None => Ok(()),
        }
    }

    pub(super) async fn set(work: &mut Writing<'_>, visit: &Visit, now: DateTime<Utc>) -> Result<(), StoreError> {
        let owes = visit.intents().iter().any(|intent| !matches!(intent, Intent::Grant { .. }));
        let owes = owes && visit.provider().as_str() != super::TELEPHONE && now < visit.ends_at() + OWED;
        let timer = visit.due().first().map(|timer| timer.due_at);
        let open = visit.room().is_some() && !visit.state().is_terminal();
        let due = timer.into_iter().chain(owes.then(|| now + AGAIN)).chain(open.then(|| now + RECONCILE)).min();
        let old = work.get::<Self>(visit.visit_id()).await?;
        match (due.map(|due| Self { visit: visit.visit_id(), due }), old) {
            (Some(alarm), None) => work.insert(&alarm).await,
            (Some(alarm), Some(old)) => work.update(&alarm, old.version).await.map(drop),
            (None, Some(old)) => work.delete(&old.value, old.version).await,
            (None, None) => Ok(()),
        }
    }
}

/// Lets the clock run for the visits of a practice: fires what is due, asks about open rooms, repeats calls that are
/// owed.
///
/// # Errors
/// As the store.
pub async fn round(app: &App, practice: PracticeId) -> Result<(), Problem> {
    let access = Access::system(practice, "visit.clock", app.now());
    let access = &access;
    let find = Find::<Alarm>::new().until(alarm_key(access.at)).limit(Find::<Alarm>::MAX);
    let due = app.vault().read(access, |work| Box::pin(async move { work.find(&find).await }));
    for alarm in due.await?.items {
        let room = match fire(app, access, alarm.visit).await {
            Err(problem) if problem.status != StatusCode::CONFLICT => return Err(problem),
            Err(_) => continue,
            Ok(room) => room,
        };
        if let (Some(video), Some(room)) = (app.video(), room)
            && video.provider(&room.provider).is_some()
        {
            let asked_at = app.now();
            if let Ok(Answer::Status(status)) = video.call(app, &room.provider, Call::Status(&room)).await {
                reconcile(app, practice, alarm.visit, &room, &status, asked_at).await?;
            }
        }
        carry_out(app, practice, alarm.visit).await?;
    }
    talk::forget(app, practice).await?;
    recordings::destroy_due(app, practice).await
}

/// Fires what is due; returns the room that is open in a live visit.
async fn fire(app: &App, access: &Access, visit: VisitId) -> Result<Option<RoomHandle>, Problem> {
    let fired = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let Versioned { version, mut value } = work.expect::<Visit>(visit).await?;
            let fired = value.fire(access.at);
            keep(work, Some(version), &value, access.at).await?;
            follow(work, &value, &office.practice.policies.appointments, access.at).await?;
            let room = value.room().filter(|_| !value.state().is_terminal()).cloned();
            Ok::<_, Problem>((!fired.is_empty(), room))
        })
    });
    let (fired, room) = fired.await?;
    if fired {
        app.ring(visit);
    }
    Ok(room)
}

/// Listens to the queue of a service until the server stops.
pub async fn listen(app: App, provider: Arc<dyn TelehealthProvider>) {
    let id = provider.id();
    loop {
        let received = tokio::select! {
            received = provider.receive(QUEUE) => received,
            () = app.stopped() => return,
        };
        let deliveries = match received {
            Ok(deliveries) => deliveries,
            Err(error) => {
                tracing::warn!(provider = %id, kind = ?error.kind, "the queue of the video service cannot be read");
                tokio::time::sleep(QUEUE).await;
                continue;
            }
        };
        if deliveries.is_empty() {
            // A service without a queue answers at once.
            tokio::time::sleep(BREATH).await;
        }
        let mut done = Vec::new();
        for delivery in deliveries {
            match observe(&app, &id, &delivery.events).await {
                Ok(()) => done.push(delivery.receipt),
                Err(problem) => tracing::warn!(provider = %id, detail = problem.detail, "a report was not stored"),
            }
        }
        if !done.is_empty() && provider.acknowledge(&done).await.is_err() {
            tracing::warn!(provider = %id, "reports cannot be acknowledged and will come again");
        }
    }
}

/// How long a queue is waited on.
const QUEUE: Duration = Duration::from_secs(10);
/// Least time between two looks into a queue.
const BREATH: Duration = Duration::from_millis(100);

/// Tells whether a service carries pictures and sound; without one the telephone is used.
#[must_use]
pub fn is_connected(app: &App) -> bool {
    app.video().is_some_and(|video| video.preferred().is_some())
}
