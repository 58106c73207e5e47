//! Getting back in when every second factor is lost: asked for with the password, told to every address, waited for,
//! approved by an administrator who answers for it, and then one new factor is set up.

use mentalspace_auth_policy::{
    event::SecurityEvent,
    recovery::{Recovery, RecoveryError, RecoveryState, StoppedBy},
    session::{EndReason, Ending, SessionState},
    ticket::Purpose as LinkFor,
};
use mentalspace_core::{
    Access, ClientId, Purpose, UserId,
    access::{Permission, Relation},
    store::{Document, Find, StoreError, Subject, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{User, sort_key},
    app::App,
    attempts, authenticators, contacts, devices, events, letters,
    links::{self, Presented},
    problem::Problem,
    sessions, sign_in,
    signed::{Pending, Signed},
};

/// A recovery as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRecovery {
    /// Id.
    pub id: Uuid,
    /// The recovery.
    pub recovery: Recovery,
}

impl Document for StoredRecovery {
    const KIND: &'static str = "recovery";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.recovery.requested_at())
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.recovery.user())]
    }
}

async fn open_one(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
) -> Result<Option<Versioned<StoredRecovery>>, StoreError> {
    let all = work.find_all(Find::<StoredRecovery>::new().with(Term::plain("user", &user))).await?;
    Ok(all.into_iter().find(|stored| stored.recovery.is_open(app.now())))
}

/// Asks for a recovery in a session that has shown the password and waits for the second factor. Asked again, nothing
/// changes.
///
/// # Errors
/// `conflict` in a session that is in another state.
pub async fn request(app: &App, pending: &Pending) -> Result<(), Problem> {
    if pending.stored.session.state() != SessionState::MfaPending {
        return Err(Problem::conflict("This is for who cannot show a second factor."));
    }
    let access = pending.access("recovery.request", app.now());
    let (user, practice) = (pending.user.id, pending.practice);
    let asked = app.vault().write(&access, |work| {
        Box::pin(async move {
            if open_one(app, work, user).await?.is_some() {
                return Ok(());
            }
            let id = app.new_id();
            let recovery = Recovery::request(user.uuid(), &app.policies().recovery, app.now());
            work.insert(&StoredRecovery { id, recovery }).await?;
            events::emit(app, work, user, SecurityEvent::RecoveryRequested).await?;
            let token = links::issue(app, work, practice, user, LinkFor::CancelRecovery, Some(id)).await?;
            let link = letters::link(app, "/recovery/stop", &token);
            let person = work.expect::<User>(user).await?;
            for to in contacts::addresses(app, work, &person).await? {
                let sentence = "Somebody who knows your password asked to set up a new second factor for your account. \
                                If it was not you, stop it with this link and change your password:";
                letters::write_link(app, work, &person, to, &link, sentence).await?;
            }
            Ok::<_, Problem>(())
        })
    });
    asked.await
}

/// Stops a recovery by the link in the notice.
///
/// # Errors
/// `forbidden` with one sentence for every reason.
pub async fn stop_by_link(app: &App, text: &str) -> Result<(), Problem> {
    let presented = Presented::read(app, text).await?;
    let access = Access::system(presented.practice, "recovery.stop", app.now());
    let presented = &presented;
    let stopped = app.vault().write(&access, |work| {
        Box::pin(async move {
            let link = presented.redeem(app, work, LinkFor::CancelRecovery).await?;
            let id = link.about.ok_or_else(links::not_valid)?;
            let mut stored = work.get::<StoredRecovery>(id).await?.ok_or_else(links::not_valid)?;
            stored.value.recovery.stop(StoppedBy::Link, app.now()).map_err(|_| links::not_valid())?;
            work.update(&stored.value, stored.version).await?;
            Ok::<_, Problem>(events::emit(app, work, link.user, SecurityEvent::RecoveryStopped).await?)
        })
    });
    stopped.await.map_err(links::once)
}

/// Stops what is open because the person has shown a second factor after all, or the account was shut.
pub(crate) async fn stop_in(app: &App, work: &mut Writing<'_>, user: UserId, by: StoppedBy) -> Result<(), StoreError> {
    let Some(mut stored) = open_one(app, work, user).await? else { return Ok(()) };
    if stored.value.recovery.stop(by, app.now()).is_ok() {
        work.update(&stored.value, stored.version).await?;
        events::emit(app, work, user, SecurityEvent::RecoveryStopped).await?;
    }
    Ok(())
}

/// A recovery as an administrator sees it.
#[derive(Debug)]
pub struct Listed {
    /// The recovery.
    pub stored: StoredRecovery,
    /// Whose.
    pub name: String,
    /// Where it stands.
    pub state: RecoveryState,
    /// Whether the administrator is the person.
    pub own: bool,
}

/// Lists recoveries, newest first.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Listed>, Problem> {
    let access = signed.access("recovery.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new(StoredRecovery::KIND);
            signed.require(work, Permission::ManageUsers, Relation::default(), subject)?;
            let mut rows = Vec::new();
            for stored in work.find(&Find::<StoredRecovery>::new().descending().limit(100)).await?.items {
                let user = UserId::from_uuid(stored.recovery.user());
                let name = work.get::<User>(user).await?.map_or_else(String::new, |user| user.display_name.clone());
                let state = stored.recovery.state(app.now());
                rows.push(Listed { own: user == signed.user, stored: stored.value, name, state });
            }
            Ok::<_, Problem>(rows)
        })
    });
    read.await
}

/// Approves a recovery: the lost factors are removed, and the next sign-in sets up a new one.
///
/// # Errors
/// `forbidden`, also for the own; `conflict` before the waiting time is over or after somebody else answered; `invalid`
/// without a reason; a step-up is required.
pub async fn approve(app: &App, signed: &Signed, id: Uuid, reason: &str) -> Result<(), Problem> {
    signed.confirmed(app, "/practice/recoveries")?;
    let access = signed.access("recovery.approve", Purpose::Operations);
    let approved = app.vault().write(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new(StoredRecovery::KIND);
            signed.require(work, Permission::ManageUsers, Relation::default(), subject)?;
            let mut stored = work.expect::<StoredRecovery>(id).await?;
            let policy = &app.policies().recovery;
            stored.value.recovery.approve(signed.user.uuid(), reason, policy, app.now()).map_err(refusal)?;
            let user = UserId::from_uuid(stored.recovery.user());
            work.update(&stored.value, stored.version).await?;
            Ok(events::emit(app, work, user, SecurityEvent::RecoveryApproved).await?)
        })
    });
    approved.await
}

fn refusal(error: RecoveryError) -> Problem {
    let sentence = crate::problem::sentence(&error);
    match error {
        RecoveryError::SelfApproval => Problem::forbidden(sentence),
        RecoveryError::NoReason => Problem::field("reason", "says in at least 10 characters how the person was known"),
        _ => Problem::conflict(sentence),
    }
}

/// Turns a recovery down.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it is over.
pub async fn turn_down(app: &App, signed: &Signed, id: Uuid) -> Result<(), Problem> {
    let access = signed.access("recovery.turn_down", Purpose::Operations);
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new(StoredRecovery::KIND);
            signed.require(work, Permission::ManageUsers, Relation::default(), subject)?;
            let mut stored = work.expect::<StoredRecovery>(id).await?;
            stored.value.recovery.stop(StoppedBy::Administrator, app.now()).map_err(refusal)?;
            let user = UserId::from_uuid(stored.recovery.user());
            work.update(&stored.value, stored.version).await?;
            Ok(events::emit(app, work, user, SecurityEvent::RecoveryStopped).await?)
        })
    });
    done.await
}

/// Uses an approval in a session that has shown the password: the lost factors go, every session ends, and the person
/// signs in anew to set up the next factor.
///
/// # Errors
/// `conflict` when nothing is approved.
pub async fn redeem(app: &App, pending: &Pending) -> Result<(), Problem> {
    let access = pending.access("recovery.use", app.now());
    let id = pending.user.id;
    if pending.stored.session.state() != SessionState::MfaPending {
        return Err(Problem::conflict("This is for who cannot show a second factor."));
    }
    let used = app.vault().write(&access, |work| {
        Box::pin(async move {
            let refused = || Problem::conflict("Nothing is approved for your account.");
            let mut stored = open_one(app, work, id).await?.ok_or_else(refused)?;
            stored.value.recovery.redeem(app.now()).map_err(|_| refused())?;
            work.update(&stored.value, stored.version).await?;
            let Versioned { version, value: mut user } = work.expect::<User>(id).await?;
            authenticators::withdraw_all(app, work, &mut user).await?;
            work.update(&user, version).await?;
            sessions::end_in(app, work, id, Ending::All, EndReason::FactorChanged).await?;
            devices::distrust(work, id).await?;
            Ok::<_, Problem>(events::emit(app, work, id, SecurityEvent::RecoveryUsed).await?)
        })
    });
    used.await?;
    Ok(attempts::clear(app, sign_in::SECOND_FACTOR, &id.to_string()).await?)
}
