//! The sessions of a person: where they are signed in, and ending what should not be.

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    device::Sighting,
    event::SecurityEvent,
    session::{EndReason, Ending, Session, make_room, to_end},
};
use mentalspace_core::{
    Purpose, UserId,
    access::{Permission, Relation},
    store::{Document, Find, Reading, StoreError, Subject, Term, Versioned, Writing},
};
use uuid::Uuid;

use crate::{
    account::{StoredSession, User},
    app::App,
    events,
    problem::Problem,
    signed::Signed,
};

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The id, which opens nothing.
    pub id: Uuid,
    /// Where it was begun.
    pub from: Sighting,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The last activity.
    pub last_activity: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// What was shown.
    pub factors: Vec<Factor>,
    /// Whether the second factor is still to be shown.
    pub unfinished: bool,
    /// Whether the request came in it.
    pub current: bool,
}

async fn all(work: &mut Reading<'_>, user: UserId) -> Result<Vec<Versioned<StoredSession>>, StoreError> {
    work.find_all(Find::<StoredSession>::new().with(Term::plain("user", &user))).await
}

/// Lists where the person is signed in, newest first.
///
/// # Errors
/// As the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Listed>, Problem> {
    let access = signed.access("session.list", Purpose::Operations);
    let user = signed.user;
    let found = app.vault().read(&access, |work| Box::pin(async move { all(work, user).await })).await?;
    Ok(listed(app, &found, Some(signed.session().id())))
}

fn listed(app: &App, found: &[Versioned<StoredSession>], current: Option<Uuid>) -> Vec<Listed> {
    let live = |session: &Session| session.check(&app.policies().session, app.now()).is_ok();
    let mut rows: Vec<Listed> = found
        .iter()
        .map(|stored| &stored.session)
        .filter(|session| live(session))
        .map(|session| Listed {
            id: session.id(),
            from: session.from().clone(),
            since: session.created_at(),
            last_activity: session.last_activity(),
            expires_at: session.expires_at(),
            factors: session.factors().iter().map(|(factor, _)| factor).collect(),
            unfinished: !session.is_signed_in(),
            current: current == Some(session.id()),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.current, row.since)));
    rows
}

/// Lists where somebody is signed in, for an administrator.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list_of(app: &App, signed: &Signed, user: UserId) -> Result<Vec<Listed>, Problem> {
    let access = signed.access("session.list", Purpose::Operations);
    let found = app.vault().read(&access, |work| {
        Box::pin(async move {
            signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(User::KIND))?;
            Ok::<_, Problem>(all(work, user).await?)
        })
    });
    Ok(listed(app, &found.await?, None))
}

/// Ends own sessions.
///
/// # Errors
/// `not_found` when the order means none; as the store.
pub async fn end(app: &App, signed: &Signed, order: Ending) -> Result<(), Problem> {
    let access = signed.access("session.end", Purpose::Operations);
    let user = signed.user;
    let ended = app
        .vault()
        .write(&access, |work| Box::pin(async move { end_in(app, work, user, order, EndReason::Revoked).await }));
    match (ended.await?, order) {
        (0, Ending::One(_)) => Err(Problem::not_found("There is no such session.")),
        _ => Ok(()),
    }
}

/// Ends every session of somebody, for an administrator.
///
/// # Errors
/// `forbidden`, `not_found`; a step-up is required.
pub async fn end_of(app: &App, signed: &Signed, user: UserId) -> Result<(), Problem> {
    signed.confirmed(app, &format!("/practice/people/{user}"))?;
    let access = signed.access("session.end", Purpose::Operations);
    let ended = app.vault().write(&access, |work| {
        Box::pin(async move {
            signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(User::KIND))?;
            work.expect::<User>(user).await?;
            end_in(app, work, user, Ending::All, EndReason::Revoked).await?;
            Ok::<_, Problem>(())
        })
    });
    ended.await
}

/// Ends sessions within a unit of work; each is on record with its reason. Returns how many.
pub(crate) async fn end_in(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    order: Ending,
    reason: EndReason,
) -> Result<usize, StoreError> {
    let found = all(work, user).await?;
    let sessions: Vec<Session> = found.iter().map(|stored| stored.session.clone()).collect();
    let chosen = to_end(&sessions, order);
    end_these(app, work, user, found, &chosen, reason).await
}

/// Shows in every other session of a person that lives that a one-time code came a second time.
pub(crate) async fn alert(
    work: &mut Writing<'_>,
    user: UserId,
    except: Uuid,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    for mut stored in all(work, user).await? {
        if stored.session.id() != except && stored.session.is_signed_in() {
            stored.value.replayed_at = Some(at);
            work.update(&stored.value, stored.version).await?;
        }
    }
    Ok(())
}

/// Ends the sessions on a device.
pub(crate) async fn end_on(app: &App, work: &mut Writing<'_>, user: UserId, device: Uuid) -> Result<usize, StoreError> {
    let mut found = all(work, user).await?;
    found.retain(|stored| stored.session.device() == Some(device));
    let sessions: Vec<Session> = found.iter().map(|stored| stored.session.clone()).collect();
    let chosen = to_end(&sessions, Ending::All);
    end_these(app, work, user, found, &chosen, EndReason::Revoked).await
}

async fn end_these(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    found: Vec<Versioned<StoredSession>>,
    chosen: &[Uuid],
    reason: EndReason,
) -> Result<usize, StoreError> {
    for mut stored in found {
        if chosen.contains(&stored.session.id()) {
            stored.value.session.end(reason, app.now());
            work.update(&stored.value, stored.version).await?;
            events::emit(app, work, user, SecurityEvent::SessionEnded { reason }).await?;
        }
    }
    Ok(chosen.len())
}

/// Makes room for a session that is about to begin work: beyond the greatest number the oldest ends, or this one is
/// refused.
///
/// # Errors
/// `conflict` where the policy refuses it; as the store.
pub(crate) async fn admit(app: &App, work: &mut Writing<'_>, arriving: &Session) -> Result<(), Problem> {
    let user = UserId::from_uuid(arriving.user());
    if !arriving.is_signed_in() {
        return Ok(());
    }
    let found = all(work, user).await?;
    let sessions: Vec<Session> = found.iter().map(|stored| stored.session.clone()).collect();
    let leaving = make_room(&sessions, arriving.id(), &app.policies().session, app.now());
    let leaving = leaving.map_err(|error| {
        Problem::conflict(format!("{} End one of them where it is open.", crate::problem::sentence(&error)))
    })?;
    end_these(app, work, user, found, &leaving, EndReason::Replaced).await?;
    Ok(())
}
