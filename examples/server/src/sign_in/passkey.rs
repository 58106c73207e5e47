//! Signing in with a passkey alone: no name is asked for, and nothing tells whether one exists.

use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    passkey::Purpose,
};
use mentalspace_core::{
    Access, PracticeId, UserId,
    store::{Find, StoreError, Subject, Term, Versioned},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Proof, Step, access, record, start_session};
use crate::{
    account::{SignInName, User},
    app::App,
    authenticators::{
        Held, StoredPasskey,
        ceremony::{self, State, WRONG},
        passkey::{Refused, site, suspend_copied, verified},
    },
    events,
    problem::Problem,
    signed::Caller,
};

/// Starts a challenge for whoever is there; `binding` is a random id that the browser keeps in a cookie.
///
/// # Errors
/// `conflict` where the server carries no passkeys.
pub async fn options(app: &App, binding: Uuid) -> Result<Value, Problem> {
    let started = site(app)?.start_discovery();
    let (options, state) = started.map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    ceremony::keep(app, PracticeId::DIRECTORY, binding, State::SignIn(state)).await?;
    Ok(options)
}

/// Starts a session by the browser's answer to the challenge that was bound to it.
///
/// # Errors
/// `unauthenticated` with one sentence for every reason.
pub async fn with_passkey(app: &App, binding: Uuid, answer: &str, caller: &Caller) -> Result<Step, Problem> {
    let wrong = || Problem::unauthenticated(WRONG);
    let now = app.now();
    let directory = access(PracticeId::DIRECTORY, "session.sign_in", &caller.origin, now);
    let site = site(app)?;
    let taken = ceremony::take(app, PracticeId::DIRECTORY, binding, Purpose::SignIn).await;
    let Ok(State::SignIn(state)) = taken else { return Err(wrong()) };
    let Ok(found) = site.whose(answer) else { return Err(wrong()) };
    let owner = UserId::from_uuid(found.owner);
    let Some((practice, user, mut passkey)) = find(app, owner, &found.credential, &directory).await? else {
        record(app, &directory, Action::LoginFailed, Subject::new("user"), Outcome::minor("wrong-credentials")).await?;
        return Err(wrong());
    };
    let access = access(practice, "session.sign_in", &caller.origin, now);
    if let Err(why) = verified(site.finish_discovery(state, answer, &mut passkey.value.passkey)) {
        if why == Refused::Copied {
            suspend_copied(app, &access, &passkey).await?;
        }
        let event = SecurityEvent::Refused { factor: Factor::Passkey, why: RefusedBecause::Wrong };
        app.vault().write(&access, |work| Box::pin(async move { events::emit(app, work, owner, event).await })).await?;
        return Err(wrong());
    }
    passkey.value.record.last_used = Some(now);
    // The version is the proof that this answer is the first with its counter.
    let Versioned { version, value } = passkey;
    let used = app.vault().write(&access, |work| Box::pin(async move { work.update(&value, version).await }));
    match used.await {
        Err(StoreError::Conflict { .. }) => return Err(wrong()),
        other => drop(other?),
    }
    start_session(app, practice, &user, &access, caller, Proof::of(Factor::Passkey, &user)).await
}

async fn find(
    app: &App,
    owner: UserId,
    credential: &str,
    directory: &Access,
) -> Result<Option<(PracticeId, Versioned<User>, Versioned<StoredPasskey>)>, StoreError> {
    let names = Find::<SignInName>::new().with(Term::plain("user", &owner)).limit(1);
    let name = app.vault().read(directory, |read| Box::pin(async move { read.find(&names).await }));
    let Some(name) = name.await?.items.pop() else { return Ok(None) };
    let looking = Access { practice: name.practice, activity: "session.look_up", ..directory.clone() };
    let (user, held) = app
        .vault()
        .read(&looking, |read| {
            Box::pin(async move { Ok::<_, StoreError>((read.get::<User>(owner).await?, Held::of(read, owner).await?)) })
        })
        .await?;
    let passkey =
        held.passkeys.into_iter().find(|passkey| passkey.passkey.id() == credential && passkey.record.is_usable());
    Ok(user.filter(|user| user.enabled).zip(passkey).map(|(user, passkey)| (name.practice, user, passkey)))
}
