//! What visits ask of the video service, and what the clock does to them.
//!
//! The visit is stored before a call and the result after it; both name the same room by the same key, so a crash in
//! between repeats the call and never makes a second room.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mentalspace_core::{
    Access, AppointmentId, ClientId, PracticeId, Purpose, VisitId,
    access::Permission,
    store::{Document, Find, StoreError, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    provider::{JoinCredential, ProviderError, RoomHandle, RoomSecret, TelehealthProvider},
    visit::{Intent, Visit},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{clinician_in, follow, keep, of_appointment};
use crate::{
    app::App,
    practice::{Office, schedule},
    problem::Problem,
    signed::Signed,
};

/// The longest a call may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls made for one visit in a row; more wait for the next round.
const CALLS: usize = 20;

/// Returns the practice's secret for room names.
///
/// # Errors
/// As the store.
pub async fn room_secret(app: &App, practice: PracticeId) -> Result<RoomSecret, StoreError> {
    app.vault().derived_secret(practice, "telehealth room names").await.map(RoomSecret::new)
}

enum Answer {
    Opened(RoomHandle),
    Revoked,
    Closed,
    CloseFailed,
}

/// Makes the calls a visit asks for, one after the other. Without a connected service they stay stored. A call that
/// fails is repeated by the next round.
///
/// # Errors
/// As the store.
pub async fn carry_out(app: &App, practice: PracticeId, visit: VisitId) -> Result<(), Problem> {
    let Some(video) = app.video() else { return Ok(()) };
    let access = Access::system(practice, "visit.media", app.now());
    for _ in 0..CALLS {
        let read = app.vault().read(&access, |work| Box::pin(async move { work.get::<Visit>(visit).await }));
        let Some(found) = read.await? else { return Ok(()) };
        // A credential is minted only when its participant asks for it.
        let intent = found.intents().into_iter().find(|intent| !matches!(intent, Intent::Grant { .. }));
        let Some(intent) = intent.filter(|_| *found.provider() == video.id()) else { return Ok(()) };
        let answer = match tokio::time::timeout(PATIENCE, call(video.as_ref(), &intent)).await {
            Ok(Ok(answer)) => answer,
            failed => {
                let kind = failed.ok().and_then(Result::err).map(|error| error.kind);
                tracing::warn!(%visit, ?kind, "the video service did not do what was asked");
                if !matches!(intent, Intent::CloseRoom { .. }) {
                    return Ok(());
                }
                Answer::CloseFailed
            }
        };
        let failed = matches!(answer, Answer::CloseFailed);
        if let Err(problem) = note_answer(app, &access, visit, &intent, answer).await
            && problem.status != StatusCode::CONFLICT
        {
            return Err(problem);
        }
        if failed {
            return Ok(());
        }
    }
    Ok(())
}

async fn call(video: &dyn TelehealthProvider, intent: &Intent) -> Result<Answer, ProviderError> {
    match intent {
        Intent::OpenRoom { key, spec, .. } => video.open_room(spec, key).await.map(Answer::Opened),
        Intent::Revoke { room, grant } => video.revoke(room, grant).await.map(|_| Answer::Revoked),
        Intent::CloseRoom { room } => video.close_room(room).await.map(|()| Answer::Closed),
        _ => Ok(Answer::Revoked),
    }
}

/// Stores the answer with what it changes. Somebody else's change in between is no harm: the call is repeated.
async fn note_answer(
    app: &App,
    access: &Access,
    visit: VisitId,
    intent: &Intent,
    answer: Answer,
) -> Result<(), Problem> {
    let noted = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let Versioned { version, mut value } = work.expect::<Visit>(visit).await?;
            let stale = |error| super::refused(&error, &office.zone);
            let now = app.now();
            match (answer, intent) {
                (Answer::Opened(room), _) => value.room_opened(room, now).map_err(stale)?,
                (Answer::Revoked, Intent::Revoke { grant, .. }) => value.revoked(*grant, now),
                (Answer::Revoked, _) => Vec::new(),
                (Answer::Closed, _) => value.room_closed(now).map_err(stale)?,
                (Answer::CloseFailed, _) => value.close_failed(now).map_err(stale)?,
            };
            keep(work, Some(version), &value, now).await?;
            follow(work, &value, &office.practice.policies.appointments, now).await
        })
    });
    noted.await
}

/// Mints the clinician's credential for the room and records it before it is handed out.
///
/// # Errors
/// `conflict` when there is no room or the clinician is not let in; `unavailable` when the service fails; `forbidden`.
pub async fn join(app: &App, signed: &Signed, id: AppointmentId) -> Result<(JoinCredential, DateTime<Utc>), Problem> {
    let access = signed.access("visit.join", Purpose::Treatment);
    let (access, secret) = (&access, room_secret(app, signed.practice).await?);
    let prepared = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            schedule::permitted(work, signed, id, Permission::JoinVisit, office.today).await?;
            let video =
                app.video().ok_or_else(|| Problem::conflict("No video service is connected: use the telephone."))?;
            let nothing = || Problem::conflict("The waiting room is not open.");
            let Versioned { version, mut value } = of_appointment(work, id).await?.ok_or_else(nothing)?;
            let me = signed.clinician.and_then(|me| clinician_in(&value, me)).map(|p| p.id);
            let me = me.ok_or_else(|| Problem::forbidden("Only those invited may join."))?;
            let events = value.rejoin(me, &secret, office.now).map_err(|error| super::refused(&error, &office.zone))?;
            if !events.is_empty() {
                keep(work, Some(version), &value, office.now).await?;
            }
            Ok::<_, Problem>((video, me, value))
        })
    });
    let (video, me, visit) = prepared.await?;
    let mine = visit.intents().into_iter().find_map(|intent| match intent {
        Intent::Grant { room, participant } if participant.grant.participant == me => Some((room, participant)),
        _ => None,
    });
    let (room, spec) = mine.ok_or_else(|| Problem::unavailable("The room is being prepared.").with_retry_after(2))?;
    let minted = tokio::time::timeout(PATIENCE, video.join_grant(&room, &spec, app.now())).await;
    let Ok(Ok(minted)) = minted else {
        return Err(Problem::unavailable("The video service does not answer. Call the client by telephone."));
    };
    let expires_at = minted.expires_at;
    let recorded = app.vault().write(access, |work| {
        Box::pin(async move {
            let Versioned { version, mut value } = work.expect::<Visit>(visit.visit_id()).await?;
            let office = Office::open(work, access).await?;
            let granted = value.granted(spec.grant, expires_at, app.now());
            granted.map_err(|error| super::refused(&error, &office.zone))?;
            keep(work, Some(version), &value, office.now).await?;
            Ok::<_, Problem>(())
        })
    });
    recorded.await?;
    Ok((minted.credential, expires_at))
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
    pub(super) async fn set(work: &mut Writing<'_>, visit: &Visit, now: DateTime<Utc>) -> Result<(), StoreError> {
        let owes = visit.intents().iter().any(|intent| !matches!(intent, Intent::Grant { .. }));
        let owes = owes && visit.provider().as_str() != super::TELEPHONE && now < visit.ends_at() + OWED;
        let timer = visit.due().first().map(|timer| timer.due_at);
        let due = timer.into_iter().chain(owes.then(|| now + AGAIN)).min();
        let old = work.get::<Self>(visit.visit_id()).await?;
        match (due.map(|due| Self { visit: visit.visit_id(), due }), old) {
            (Some(alarm), None) => work.insert(&alarm).await,
            (Some(alarm), Some(old)) => work.update(&alarm, old.version).await.map(drop),
            (None, Some(old)) => work.delete(&old.value, old.version).await,
            (None, None) => Ok(()),
        }
    }
}

/// Lets the clock run for the visits of a practice: fires what is due and repeats calls that are owed.
///
/// # Errors
/// As the store.
pub async fn round(app: &App, practice: PracticeId) -> Result<(), Problem> {
    let access = Access::system(practice, "visit.clock", app.now());
    let access = &access;
    let find = Find::<Alarm>::new().until(alarm_key(access.at)).limit(Find::<Alarm>::MAX);
    let due = app.vault().read(access, |work| Box::pin(async move { work.find(&find).await }));
    for alarm in due.await?.items {
        match fire(app, access, alarm.visit).await {
            Err(problem) if problem.status != StatusCode::CONFLICT => return Err(problem),
            _ => carry_out(app, practice, alarm.visit).await?,
        }
    }
    Ok(())
}

async fn fire(app: &App, access: &Access, visit: VisitId) -> Result<(), Problem> {
    let fired = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let Versioned { version, mut value } = work.expect::<Visit>(visit).await?;
            value.fire(access.at);
            keep(work, Some(version), &value, access.at).await?;
            follow(work, &value, &office.practice.policies.appointments, access.at).await
        })
    });
    fired.await
}

/// Tells whether a service carries pictures and sound; without one the telephone is used.
#[must_use]
pub fn is_connected(app: &App) -> bool {
    app.video().is_some()
}
