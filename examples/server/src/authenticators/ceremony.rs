//! Challenges of passkeys that wait for their answer, each taken from the store before it is looked at.

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::passkey::{Ceremony, Purpose};
use mentalspace_core::{
    Access, ClientId, PracticeId,
    store::{Document, Find, StoreError, Term},
};
use mentalspace_passkey::{Authentication, Discovery, Registration};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{account::sort_key, app::App, problem::Problem};

/// One sentence for every reason.
pub(crate) const WRONG: &str = "This passkey could not be used. Try again, or use another way to sign in.";

/// A challenge and the verifier's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredCeremony {
    id: Uuid,
    ceremony: Ceremony,
    state: State,
}

/// What the verifier remembers between its two steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Of a registration.
    Register(Registration),
    /// Of a confirmation by somebody known.
    Confirm(Authentication),
    /// Of signing in by whoever answers.
    SignIn(Discovery),
}

impl State {
    const fn purpose(&self) -> Purpose {
        match self {
            Self::Register(_) => Purpose::Register,
            Self::Confirm(_) => Purpose::Confirm,
            Self::SignIn(_) => Purpose::SignIn,
        }
    }
}

impl Document for StoredCeremony {
    const KIND: &'static str = "ceremony";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.ceremony.started_at())
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// One challenge a session and purpose at a time: a new one takes the place of the last.
fn id(binding: Uuid, purpose: Purpose) -> Uuid {
    let digest = Sha256::digest([binding.as_bytes().as_slice(), format!("{purpose:?}").as_bytes()].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Keeps a challenge until it is answered.
///
/// # Errors
/// As the store.
pub(crate) async fn keep(app: &App, practice: PracticeId, binding: Uuid, state: State) -> Result<(), StoreError> {
    let (now, purpose) = (app.now(), state.purpose());
    let stored = StoredCeremony { id: id(binding, purpose), ceremony: Ceremony::start(binding, purpose, now), state };
    let access = Access::system(practice, "passkey.challenge", now);
    let kept = app.vault().write(&access, |work| {
        Box::pin(async move {
            match work.get::<StoredCeremony>(stored.id).await? {
                Some(old) => work.update(&stored, old.version).await.map(drop),
                None => work.insert(&stored).await,
            }
        })
    });
    kept.await
}

/// Takes a challenge out of the store: of many answers one gets it.
///
/// # Errors
/// `unauthenticated` with one sentence for every reason.
pub(crate) async fn take(app: &App, practice: PracticeId, binding: Uuid, purpose: Purpose) -> Result<State, Problem> {
    let access = Access::system(practice, "passkey.challenge", app.now());
    let id = id(binding, purpose);
    let taken = app.vault().write(&access, |work| {
        Box::pin(async move {
            let Some(stored) = work.get::<StoredCeremony>(id).await? else { return Ok(None) };
            work.delete(&stored.value, stored.version).await?;
            Ok::<_, StoreError>(Some(stored.value))
        })
    });
    let stored = match taken.await {
        Ok(Some(stored)) => stored,
        Ok(None) | Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => {
            return Err(Problem::invalid(WRONG));
        }
        Err(error) => return Err(error.into()),
    };
    stored.ceremony.check(binding, purpose, app.now()).map_err(|_| Problem::invalid(WRONG))?;
    Ok(stored.state)
}

/// Removes challenges that nobody answered.
///
/// # Errors
/// As the store.
pub(crate) async fn forget(app: &App, practice: PracticeId) -> Result<(), StoreError> {
    let access = Access::system(practice, "passkey.forget", app.now());
    let old = Find::<StoredCeremony>::new().until(sort_key(over(access.at)));
    let over = app.vault().read(&access, |read| Box::pin(async move { read.find(&old).await })).await?.items;
    if over.is_empty() {
        return Ok(());
    }
    let forgotten = app.vault().write(&access, |write| {
        Box::pin(async move {
            for ceremony in over {
                write.delete(&ceremony.value, ceremony.version).await?;
            }
            Ok(())
        })
    });
    match forgotten.await {
        Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => Ok(()),
        other => other,
    }
}

fn over(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Ceremony::LIFETIME - TimeDelta::minutes(1)
}
