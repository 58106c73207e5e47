//! What is written during a visit.

use chrono::SecondsFormat;
use mentalspace_core::{
    Access, Phi, PracticeId,
    store::{Find, StoreError, Term},
};
use mentalspace_telehealth_port::chat::{ChatError, Draft, Message, MessageKind};

use super::{Seat, media::Alarm, of_appointment, settings};
use crate::{
    app::App,
    practice::Office,
    problem::{Problem, sentence},
};

/// Writes a message and tells everybody in the visit.
///
/// # Errors
/// `conflict` for somebody who is not in the visit; `invalid` for a text that breaks its rule; `forbidden`.
pub async fn write(app: &App, seat: &Seat, kind: MessageKind, text: Phi<String>) -> Result<Message, Problem> {
    let access = seat.access("visit.write");
    let (access, draft) = (&access, Draft { kind, text });
    let draft = &draft;
    let mut tries = 0;
    loop {
        let written = app.vault().write(access, |work| {
            Box::pin(async move {
                let office = Office::open(work, access).await?;
                seat.permit(work, &office).await?;
                let not_open = || Problem::conflict("The visit has not begun.");
                let visit = of_appointment(work, seat.appointment()).await?.ok_or_else(not_open)?;
                let me = seat.me(&visit).ok_or_else(|| Problem::forbidden("Only those in the visit write."))?;
                let last = work.find_all(Find::<Message>::new().with(Term::plain("visit", &visit.visit_id()))).await?;
                let number = last.iter().map(|message| message.number).max().unwrap_or(0) + 1;
                let policy = settings::current(work).await?.chat;
                let message = Message::write(app.new_id(), &visit, number, me, draft, policy, office.now);
                let message = message.map_err(|error| refused(&error))?;
                work.insert(&message).await?;
                Alarm::touch(work, visit.visit_id()).await?;
                Ok::<_, Problem>(message)
            })
        });
        tries += 1;
        match written.await {
            Err(problem) if problem.status == axum::http::StatusCode::CONFLICT && tries < 5 && !is_final(&problem) => {}
            Ok(message) => {
                app.ring(message.visit);
                return Ok(message);
            }
            Err(problem) => return Err(problem),
        }
    }
}

/// Two who write at once want the same number; a refusal by the visit stays one.
fn is_final(problem: &Problem) -> bool {
    problem.detail.starts_with("Only")
        || problem.detail.starts_with("The visit")
        || problem.detail.starts_with("At most")
}

fn refused(error: &ChatError) -> Problem {
    match error {
        ChatError::Invalid(invalid) => Problem::field("text", invalid.rule),
        ChatError::NotHost => Problem::forbidden(sentence(error)),
        other => Problem::conflict(sentence(other)),
    }
}

/// Lists what was written after message `after`, in order. A client sees what was written while they were let in.
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
            let Some(since) = me.and_then(|me| me.presence.first()).map(|first| first.from) else {
                return Ok(Vec::new());
            };
            let find = Find::<Message>::new().with(Term::plain("visit", &visit.visit_id()));
            let all = work.find_all(find).await?.into_iter().map(|found| found.value);
            let host = me.is_some_and(|me| me.role.is_host());
            let mut seen: Vec<_> =
                all.filter(|message| message.number > after && (host || message.at >= since)).collect();
            seen.sort_unstable_by_key(|message| message.number);
            Ok::<_, Problem>(seen)
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

/// Names the kind of a message.
#[must_use]
pub const fn kind(note: bool) -> MessageKind {
    if note { MessageKind::SharedNote } else { MessageKind::Chat }
}
