//! The authenticators of a person beside the password: which there are, since when and from where, and what may be done
//! with them.
//!
//! Standard: NIST SP 800-63B-4 §4.1–4.6, OWASP ASVS 5.0 7.4.3, 7.5.1.

pub mod ceremony;
pub mod passkey;
pub mod phone;

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    assurance::{Aal, Factor},
    event::{SecurityEvent, SuspendedBecause},
    mfa::{Enrolled, Requirement},
    session::{EndReason, Ending, Scope},
};
use mentalspace_core::{
    Access, UserId,
    store::{Reading, StoreError, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use passkey::StoredPasskey;
pub use phone::Phone;

use crate::{
    account::{Totp, User},
    app::App,
    devices, events,
    problem::Problem,
    sessions,
    signed::Pending,
};

/// What is on record of any authenticator (§4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What its owner calls it.
    pub name: String,
    /// When it was bound.
    pub bound_at: DateTime<Utc>,
    /// The browser it was bound in, and its network.
    pub bound_from: String,
    /// When it was last used.
    pub last_used: Option<DateTime<Utc>>,
    /// Since when and why it is out of use.
    pub suspended: Option<Suspended>,
}

/// An authenticator out of use until its owner decides (§4.3).
#[derive(Debug, Clone, PartialEq, Eq, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspended {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: SuspendedBecause,
}

/// The most characters in the name of an authenticator.
const LONGEST_NAME: usize = 60;

impl Record {
    /// Begins the record of an authenticator that is bound now.
    #[must_use]
    pub fn new(name: impl Into<String>, pending: &Pending, now: DateTime<Utc>) -> Self {
        let parts = [pending.from.agent.as_deref(), pending.from.network.as_deref()];
        let bound_from = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Self { name: name.into(), bound_at: now, bound_from, last_used: Some(now), suspended: None }
    }

    /// Begins the record of one that was handed out with the account.
    #[must_use]
    pub fn issued(name: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self { name: name.into(), bound_at: now, bound_from: String::new(), last_used: None, suspended: None }
    }

    /// Returns whether it may be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.suspended.is_none()
    }
}

/// Reads what somebody calls an authenticator.
///
/// # Errors
/// It is empty, too long, or holds control characters.
pub(crate) fn name(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(Problem::field("name", format!("is a line of 1 to {LONGEST_NAME} characters")));
    }
    Ok(text.to_owned())
}

/// What a person has beside the password and the account's own record.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Passkeys, in the order they were bound.
    pub passkeys: Vec<Versioned<StoredPasskey>>,
    /// The telephone that receives codes.
    pub phone: Option<Versioned<Phone>>,
}

impl Held {
    /// Reads what a person has.
    ///
    /// # Errors
    /// As the store.
    pub async fn of(work: &mut Reading<'_>, user: UserId) -> Result<Self, StoreError> {
        let mut passkeys = passkey::of(work, user).await?;
        passkeys.sort_by_key(|passkey| passkey.record.bound_at);
        Ok(Self { passkeys, phone: phone::of(work, user).await?.filter(|phone| phone.is_bound()) })
    }

    /// Reads what a person has, in a unit of work of its own.
    ///
    /// # Errors
    /// As the store.
    pub async fn read(app: &App, access: &Access, user: UserId) -> Result<Self, StoreError> {
        app.vault().read(access, |work| Box::pin(async move { Self::of(work, user).await })).await
    }

    /// Returns the passkeys that may be used.
    pub fn usable_passkeys(&self) -> impl Iterator<Item = &Versioned<StoredPasskey>> {
        self.passkeys.iter().filter(|passkey| passkey.record.is_usable())
    }
}

/// Returns whether somebody has a second factor. One that is suspended counts: a password alone must not bind another
/// in its place (§6.3).
#[must_use]
pub fn enrolled(user: &User, held: &Held) -> Enrolled {
    if user.totp.is_some() || !held.passkeys.is_empty() || held.phone.is_some() { Enrolled::Yes } else { Enrolled::No }
}

/// Which authenticator is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The authenticator app.
    App,
    /// The telephone.
    Phone,
    /// A passkey.
    Passkey(Uuid),
}

impl std::str::FromStr for Which {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            "app" => Ok(Self::App),
            "phone" => Ok(Self::Phone),
            other => Uuid::try_parse(other).map(Self::Passkey).map_err(|_| unknown()),
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::App => f.write_str("app"),
            Self::Phone => f.write_str("phone"),
            Self::Passkey(id) => id.fmt(f),
        }
    }
}

/// An authenticator as its owner sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Which.
    pub which: Which,
    /// Its kind.
    pub factor: Factor,
    /// What is on record.
    pub record: Record,
    /// What tells it from others of its kind: whether a passkey is copied, the end of a number.
    pub detail: String,
}

/// Lists the authenticators of a person, without the backup codes.
#[must_use]
pub fn listed(user: &User, held: &Held) -> Vec<Listed> {
    let app = user.totp.as_ref().map(|totp| Listed {
        which: Which::App,
        factor: Factor::Totp,
        record: totp.record.clone(),
        detail: String::new(),
    });
    let passkeys = held.passkeys.iter().map(|passkey| Listed {
        which: Which::Passkey(passkey.id),
        factor: Factor::Passkey,
        record: passkey.record.clone(),
        detail: if passkey.passkey.is_synced() { "copied to your other devices" } else { "on one device" }.to_owned(),
    });
    let phone = held.phone.as_ref().map(|phone| Listed {
        which: Which::Phone,
        factor: phone.channel.factor(),
        record: phone.record.clone(),
        detail: phone.number.expose().masked(),
    });
    passkeys.chain(app).chain(phone).collect()
}

fn unknown() -> Problem {
    Problem::not_found("There is no such way to sign in on your account.")
}

/// What is done with an authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Calling it otherwise.
    Rename(String),
    /// Putting it out of use.
    Suspend,
    /// Allowing it again, which needs another one.
    Restore,
    /// Taking it from the account.
    Remove,
}

/// Does something with an own authenticator. What makes a difference to who may sign in ends the person's other sessions,
/// takes the trust from browsers, and is told.
///
/// # Errors
/// A step-up is required; `not_found`; `conflict` when no way in would remain or somebody else was faster.
pub async fn act(app: &App, pending: &Pending, which: Which, act: Act) -> Result<(), Problem> {
    may_change(app, pending).await?;
    let act = match act {
        Act::Rename(text) => Act::Rename(name(&text)?),
        other => other,
    };
    let access = pending.access("authenticator.change", app.now());
    let id = pending.user.id;
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            let user = work.expect::<User>(id).await?;
            let held = Held::of(work, id).await?;
            if matches!(act, Act::Suspend | Act::Remove) {
                keep_a_way_in(app, &user, &held, which)?;
            }
            let mut withdrawn = None;
            match which {
                Which::App => act_on_app(app, work, user, &act).await?,
                Which::Passkey(id) => {
                    let found = held.passkeys.into_iter().find(|passkey| passkey.id == id).ok_or_else(unknown)?;
                    passkey::act(app, work, found, &act).await?;
                }
                Which::Phone => {
                    let found = held.phone.ok_or_else(unknown)?;
                    if act == Act::Remove {
                        withdrawn = Some((found.channel, found.number.clone()));
                    }
                    phone::act(app, work, found, &act).await?;
                }
            }
            if !matches!(act, Act::Rename(_)) {
                changed(app, work, pending).await?;
            }
            Ok::<_, Problem>(withdrawn)
        })
    });
    if let Some((channel, number)) = done.await? {
        phone::tell_withdrawn(app, channel, number.expose()).await;
    }
    Ok(())
}

/// Ends what was begun with the authenticators of before: the person's other sessions, and the trust in browsers.
pub(crate) async fn changed(app: &App, work: &mut Writing<'_>, pending: &Pending) -> Result<(), Problem> {
    let others = Ending::Others(pending.stored.session.id());
    sessions::end_in(app, work, pending.user.id, others, EndReason::FactorChanged).await?;
    devices::distrust(work, pending.user.id).await?;
    Ok(())
}

/// Makes sure that who changes authenticators has shown enough a short while ago: two factors where there are two.
///
/// # Errors
/// A step-up is required.
pub(crate) async fn may_change(app: &App, pending: &Pending) -> Result<(), Problem> {
    let page = "/account/authenticators";
    pending.permit(app, Scope::Sensitive).map_err(|problem| problem.coming_back(page))?;
    let held = Held::read(app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let since = app.now() - chrono::TimeDelta::seconds(app.policies().session.step_up_secs.into());
    let shown = pending.stored.session.factors().level_since(since);
    if enrolled(&pending.user, &held) == Enrolled::Yes && shown < Some(Aal::Aal2) {
        return Err(Problem::step_up("This asks for your password and your second factor again.").coming_back(page));
    }
    Ok(())
}

/// Refuses to take the last usable second factor from somebody who must have one, and to leave only a telephone.
fn keep_a_way_in(app: &App, user: &User, held: &Held, leaving: Which) -> Result<(), Problem> {
    let leaves = match leaving {
        Which::App => user.totp.as_ref().is_some_and(|totp| totp.record.is_usable()),
        Which::Passkey(id) => held.usable_passkeys().any(|passkey| passkey.id == id),
        Which::Phone => false,
    };
    let app_stays = leaving != Which::App && user.totp.as_ref().is_some_and(|totp| totp.record.is_usable());
    let stay = held.usable_passkeys().filter(|passkey| leaving != Which::Passkey(passkey.id)).count();
    if !leaves || app_stays || stay > 0 {
        return Ok(());
    }
    if app.policies().mfa.requirement(user.role_names(), app.now()) != Requirement::Optional {
        return Err(Problem::conflict("Your practice asks for a second factor. Add another one first."));
    }
    if held.phone.is_some() {
        return Err(Problem::conflict("A telephone is a fallback and does not stand alone. Remove it first."));
    }
    Ok(())
}

async fn act_on_app(app: &App, work: &mut Writing<'_>, user: Versioned<User>, act: &Act) -> Result<(), Problem> {
    let Versioned { version, value: mut user } = user;
    let (id, mut totp) = (user.id, user.totp.take().ok_or_else(unknown)?);
    let event = apply(&mut totp.record, Factor::Totp, act, app.now());
    user.totp = (*act != Act::Remove).then_some(totp);
    work.update(&user, version).await?;
    Ok(report(app, work, id, event).await?)
}

/// Applies an act to a record and returns what is to be told.
pub(crate) fn apply(record: &mut Record, factor: Factor, act: &Act, now: DateTime<Utc>) -> Option<SecurityEvent> {
    match act {
        Act::Rename(name) => {
            record.name.clone_from(name);
            None
        }
        Act::Suspend => {
            let why = SuspendedBecause::Asked;
            record.suspended = Some(Suspended { at: now, why });
            Some(SecurityEvent::AuthenticatorSuspended { factor, why })
        }
        Act::Restore => record.suspended.take().map(|_| SecurityEvent::AuthenticatorRestored { factor }),
        Act::Remove => Some(SecurityEvent::AuthenticatorRemoved { factor }),
    }
}

pub(crate) async fn report(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    event: Option<SecurityEvent>,
) -> Result<(), StoreError> {
    match event {
        Some(event) => events::emit(app, work, user, event).await,
        None => Ok(()),
    }
}

/// Takes every authenticator from an account whose owner has lost them; who may do that is decided before.
///
/// # Errors
/// As the store.
pub(crate) async fn withdraw_all(app: &App, work: &mut Writing<'_>, user: &mut User) -> Result<(), StoreError> {
    let id = user.id;
    let held = Held::of(work, id).await?;
    let mut gone = Vec::new();
    if user.totp.take().is_some() {
        gone.push(Factor::Totp);
    }
    if user.backup_codes.take().is_some() {
        gone.push(Factor::BackupCode);
    }
    user.offered_totp = None;
    for passkey in held.passkeys {
        work.delete(&passkey.value, passkey.version).await?;
        gone.push(Factor::Passkey);
    }
    if let Some(phone) = phone::of(work, id).await? {
        work.delete(&phone.value, phone.version).await?;
        gone.push(phone.channel.factor());
    }
    for factor in gone {
        events::emit(app, work, id, SecurityEvent::AuthenticatorRemoved { factor }).await?;
    }
    Ok(())
}

/// Notes that the authenticator app was used.
pub(crate) fn used(totp: &mut Totp, now: DateTime<Utc>) {
    totp.record.last_used = Some(now);
}
