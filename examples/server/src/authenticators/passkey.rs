//! Passkeys of a person: adding them, and what is on record of each.

use mentalspace_auth_policy::{
    assurance::Factor,
    event::{SecurityEvent, SuspendedBecause},
    passkey::Purpose,
};
use mentalspace_core::{
    ClientId, UserId,
    store::{Document, Find, Reading, StoreError, Term, Versioned, Writing},
};
use mentalspace_passkey::{Owner, Passkey, PasskeyError, RelyingParty};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Act, Held, Record, Suspended, apply,
    ceremony::{self, State, WRONG},
    name, report,
};
use crate::{
    app::App,
    events,
    problem::Problem,
    sign_in::{self, Step},
    signed::Pending,
};

/// The most passkeys of one person.
const MOST: usize = 20;

/// A passkey and what is on record of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPasskey {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// The public key.
    pub passkey: Passkey,
    /// What is on record.
    pub record: Record,
}

impl Document for StoredPasskey {
    const KIND: &'static str = "passkey";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.user), Term::blind("credential", self.passkey.id()).unique()]
    }
}

/// Lists the passkeys of a person.
pub(super) async fn of(work: &mut Reading<'_>, user: UserId) -> Result<Vec<Versioned<StoredPasskey>>, StoreError> {
    work.find_all(Find::<StoredPasskey>::new().with(Term::plain("user", &user))).await
}

/// Returns the site that passkeys belong to.
///
/// # Errors
/// `conflict` where the server has no address that carries passkeys.
pub(crate) fn site(app: &App) -> Result<&RelyingParty, Problem> {
    app.ways().passkeys.as_ref().ok_or_else(|| Problem::conflict("This server has no address that carries passkeys."))
}

/// Starts adding a passkey and returns the options for the browser.
///
/// # Errors
/// A step-up is required; `conflict` where there are too many or the server carries none.
pub async fn start(app: &App, pending: &Pending) -> Result<Value, Problem> {
    sign_in::may_enrol(app, pending).await?;
    let access = pending.access("passkey.offer", app.now());
    let held = Held::read(app, &access, pending.user.id).await?;
    if held.passkeys.len() >= MOST {
        return Err(Problem::conflict("There are as many passkeys as an account may have. Remove one first."));
    }
    let known: Vec<Passkey> = held.passkeys.iter().map(|passkey| passkey.passkey.clone()).collect();
    let user = &pending.user;
    let owner = Owner { id: user.id.uuid(), login: user.login.expose(), name: &user.display_name };
    let (options, state) = site(app)?
        .start_registration(&owner, &known)
        .map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    ceremony::keep(app, pending.practice, pending.stored.session.id(), State::Register(state)).await?;
    Ok(options)
}

/// Adds a passkey by the browser's answer; a session that had to enrol goes on, any other has shown it.
///
/// # Errors
/// `invalid` with one sentence for every reason; a step-up is required.
pub async fn finish(app: &App, pending: &Pending, called: &str, answer: &str) -> Result<Step, Problem> {
    sign_in::may_enrol(app, pending).await?;
    let called = name(called)?;
    let state = ceremony::take(app, pending.practice, pending.stored.session.id(), Purpose::Register).await?;
    let State::Register(state) = state else { return Err(Problem::invalid(WRONG)) };
    let passkey = site(app)?.finish_registration(&state, answer).map_err(|_| Problem::invalid(WRONG))?;
    let record = Record::new(called, pending, app.now());
    let stored = StoredPasskey { id: app.new_id(), user: pending.user.id, passkey, record };
    let bound = sign_in::bind(app, pending, Factor::Passkey, move |work| {
        Box::pin(async move {
            work.insert(&stored).await?;
            Ok(())
        })
    });
    bound.await
}

/// Does something with a passkey within a unit of work.
pub(super) async fn act(
    app: &App,
    work: &mut Writing<'_>,
    found: Versioned<StoredPasskey>,
    act: &Act,
) -> Result<(), Problem> {
    let Versioned { version, value: mut passkey } = found;
    let event = apply(&mut passkey.record, Factor::Passkey, act, app.now());
    if *act == Act::Remove {
        work.delete(&passkey, version).await?;
    } else {
        work.update(&passkey, version).await?;
    }
    Ok(report(app, work, passkey.user, event).await?)
}

/// Puts a passkey out of use that may have been copied, and tells its owner.
///
/// # Errors
/// As the store.
pub(crate) async fn suspend_copied(
    app: &App,
    access: &mentalspace_core::Access,
    found: &Versioned<StoredPasskey>,
) -> Result<(), StoreError> {
    let (mut passkey, version) = (found.value.clone(), found.version);
    let why = SuspendedBecause::Copied;
    passkey.record.suspended = Some(Suspended { at: app.now(), why });
    let suspended = app.vault().write(access, |work| {
        Box::pin(async move {
            work.update(&passkey, version).await?;
            let event = SecurityEvent::AuthenticatorSuspended { factor: Factor::Passkey, why };
            events::emit(app, work, passkey.user, event).await
        })
    });
    suspended.await
}

/// What a verified answer says, or why it says nothing.
pub(crate) fn verified(result: Result<(), PasskeyError>) -> Result<(), Refused> {
    match result {
        Ok(()) => Ok(()),
        Err(PasskeyError::Copied) => Err(Refused::Copied),
        Err(_) => Err(Refused::Wrong),
    }
}

/// Why an answer says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It proves nothing.
    Wrong,
    /// It comes from what may be a copy.
    Copied,
}
