//! The browsers people sign in from: known by a cookie of their own, trusted where the policy permits it.

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    assurance::Aal,
    device::{Sighting, Trusted},
    event::SecurityEvent,
};
use mentalspace_core::{
    ClientId, Purpose, UserId,
    store::{Document, Find, StoreError, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{account::sort_key, app::App, events, problem::Problem, sessions, signed::Signed};

/// A browser one person signs in from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Id, derived from the cookie and the person.
    pub id: Uuid,
    /// The person.
    pub user: UserId,
    /// Browser and system.
    pub agent: Option<String>,
    /// The network it was last used in.
    pub network: Option<String>,
    /// Since when it is known.
    pub since: DateTime<Utc>,
    /// When somebody last signed in on it.
    pub last_used: DateTime<Utc>,
    /// Until when the second factor is not asked for, where the policy permits that.
    pub trusted: Option<Trusted>,
}

impl Document for Device {
    const KIND: &'static str = "device";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.last_used)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.user)]
    }
}

/// Lists the devices of a person.
pub(crate) async fn of(work: &mut Writing<'_>, user: UserId) -> Result<Vec<Versioned<Device>>, StoreError> {
    work.find_all(Find::<Device>::new().with(Term::plain("user", &user))).await
}

/// Notes that a person signs in somewhere; a further device is told to the person.
pub(crate) async fn seen(app: &App, work: &mut Writing<'_>, user: UserId, from: &Sighting) -> Result<(), StoreError> {
    let Some(id) = from.device else { return Ok(()) };
    let now = app.now();
    match work.get::<Device>(id).await? {
        Some(known) => {
            let (agent, network) = (from.agent.clone(), from.network.clone());
            let device = Device { agent, network, last_used: now, ..known.value };
            work.update(&device, known.version).await.map(drop)
        }
        None => {
            if !of(work, user).await?.is_empty() {
                events::emit(app, work, user, SecurityEvent::NewDevice).await?;
            }
            let (agent, network) = (from.agent.clone(), from.network.clone());
            work.insert(&Device { id, user, agent, network, since: now, last_used: now, trusted: None }).await
        }
    }
}

/// Takes the trust from every device of a person: a credential was changed or the account was shut.
pub(crate) async fn distrust(work: &mut Writing<'_>, user: UserId) -> Result<(), StoreError> {
    for device in of(work, user).await? {
        if device.trusted.is_some() {
            work.update(&Device { trusted: None, ..device.value }, device.version).await?;
        }
    }
    Ok(())
}

/// Lists the person's devices, last used first.
///
/// # Errors
/// As the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Device>, Problem> {
    let access = signed.access("device.list", Purpose::Operations);
    let user = signed.user;
    let find = Find::<Device>::new().with(Term::plain("user", &user)).descending();
    let found = app.vault().read(&access, |work| Box::pin(async move { work.find_all(find).await })).await?;
    Ok(found.into_iter().map(|device| device.value).collect())
}

/// Tells whether the person may trust the device at hand.
#[must_use]
pub fn may_trust(app: &App, signed: &Signed) -> bool {
    let roles = || signed.roles.iter().map(|role| role.name());
    let requirement = app.policies().mfa.requirement(roles(), app.now());
    signed.session().device().is_some()
        && signed.session().aal() >= Aal::Aal2
        && app.policies().trust.offers(roles(), requirement)
}

/// Trusts the device at hand.
///
/// # Errors
/// `forbidden` where the policy does not permit it; a step-up is required.
pub async fn trust(app: &App, signed: &Signed) -> Result<(), Problem> {
    let Some(id) = signed.session().device().filter(|_| may_trust(app, signed)) else {
        return Err(Problem::forbidden("Your practice does not permit trusted browsers for your account."));
    };
    signed.confirmed(app, "/account/sessions")?;
    let access = signed.access("device.trust", Purpose::Operations);
    let user = signed.user;
    let trusted = app.vault().write(&access, |work| {
        Box::pin(async move {
            let device = work.expect::<Device>(id).await?;
            let trust = app.policies().trust.trust(app.now());
            work.update(&Device { trusted: Some(trust), ..device.value }, device.version).await?;
            events::emit(app, work, user, SecurityEvent::DeviceTrusted).await
        })
    });
    Ok(trusted.await?)
}

/// Forgets a device: its trust and its sessions end.
///
/// # Errors
/// `not_found`.
pub async fn forget(app: &App, signed: &Signed, id: Uuid) -> Result<(), Problem> {
    let access = signed.access("device.forget", Purpose::Operations);
    let user = signed.user;
    let forgotten = app.vault().write(&access, |work| {
        Box::pin(async move {
            let device = work.get::<Device>(id).await?.filter(|device| device.user == user);
            let device = device.ok_or_else(|| Problem::not_found("There is no such browser."))?;
            sessions::end_on(app, work, user, id).await?;
            Ok(work.delete(&device.value, device.version).await?)
        })
    });
    forgotten.await
}
