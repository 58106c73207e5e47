//! What is written during a visit.

use chrono::SecondsFormat;
use mentalspace_core::{
    Access, ClientId, Phi, PracticeId, VisitId,
    store::{Document, Find, Reading, StoreError, Term, Writing},
};
use mentalspace_telehealth_port::chat::{ChatError, Draft, Message, MessageKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Seat,
    again::{Stop, again},
    media::Alarm,
    of_appointment, settings,
};
use crate::{
    app::App,
    practice::Office,
    problem::{Problem, sentence},
};

/// How much was written in a visit. Holds a number only, so that a look without news is no access to anybody's words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    visit: VisitId,
    last: u32,
}

impl Document for Said {
    const KIND: &'static str = "visit_said";
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

impl Said {
    async fn last(work: &mut Reading<'_>, visit: VisitId) -> Result<u32, StoreError> {
        Ok(work.get::<Self>(visit).await?.map_or(0, |said| said.last))
    }

    /// Counts one more; two who count at once find out, and one tries again.
    async fn count(work: &mut Writing<'_>, visit: VisitId) -> Result<u32, StoreError> {
        match work.get::<Self>(visit).await? {
            None => work.insert(&Self { visit, last: 1 }).await.map(|()| 1),
            Some(said) => {
                let last = said.last + 1;
                work.update(&Self { visit, last }, said.version).await.map(|_| last)
            }
        }
    }
}

/// Writes a message and tells everybody in the visit.
///
/// # Errors
/// `conflict` for somebody who is not in the visit; `invalid` for a text that breaks its rule; `forbidden`.
pub async fn write(app: &App, seat: &Seat, kind: MessageKind, text: Phi<String>) -> Result<Message, Problem> {
    let access = seat.access("visit.write");
    let (access, draft) = (&access, &Draft { kind, text });
    let written = again!(app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let not_open = || Problem::conflict("The visit has not begun.");
            let visit = of_appointment(work, seat.appointment()).await?.ok_or_else(not_open)?;
            let me = seat.me(&visit).ok_or_else(|| Problem::forbidden("Only those in the visit write."))?;
            let policy = settings::current(work).await?.chat;
            let number = Said::count(work, visit.visit_id()).await?;
            let message = Message::write(app.new_id(), &visit, number, me, draft, policy, office.now);
            let message = message.map_err(|error| refused(&error))?;
            work.insert(&message).await?;
            Alarm::touch(work, visit.visit_id()).await?;
            Ok::<_, Stop>(message)
        })
    }));
    let message = written?;
    app.ring(message.visit);
    Ok(message)
}

fn refused(error: &ChatError) -> Problem {
    match error {
        ChatError::Invalid(invalid) => Problem::field("text", invalid.rule),
        ChatError::NotHost => Problem::forbidden(sentence(error)),
        other => Problem::conflict(sentence(other)),
    }
}

/// Lists what was written after message `after`, in order. Who is no host sees what was written since they first came
/// in.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn read(app: &App, seat: &Seat, after: u32) -> Result<Vec<Message>, Problem> {
    let access = seat.access("visit.read_chat");
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let Some(visit) = of_appointment(work, seat.appointment()).await? else { return Ok(Vec::new()) };
            let me = seat.me(&visit).and_then(|me| visit.participant(me));
            let first = me.and_then(|me| Some((me.role.is_host(), me.presence.first()?.from)));
            let Some((host, since)) = first else { return Ok(Vec::new()) };
            let last = Said::last(work, visit.visit_id()).await?;
            let fresh = (after + 1..=last).map(|number| Message::turn(visit.visit_id(), number));
            let found = work.find_all(Find::<Message>::new().with_any(fresh)).await?;
            let found = found.into_iter().map(|found| found.value).filter(|message| host || message.at >= since);
            let mut found: Vec<_> = found.collect();
            found.sort_unstable_by_key(|message| message.number);
            Ok::<_, Problem>(found)
        })
    });
    read.await
}

/// Forgets messages whose time has come.
pub(super) async fn forget(app: &App, practice: PracticeId) -> Result<(), Problem> {
    let access = Access::system(practice, "visit.forget_chat", app.now());
    let until = access.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let find = Find::<Message>::new().until(until);
    let due = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await })).await?.items;
    if due.is_empty() {
        return Ok(());
    }
    let forgotten = app.vault().write(&access, |work| {
        Box::pin(async move {
            for message in due {
                work.delete(&message.value, message.version).await?;
            }
            Ok(())
        })
    });
    match forgotten.await {
        Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
