//! Service accounts and the API keys by which programs of the practice ask.
//!
//! A service account is nobody: it has no password, no session and no roles. What its keys may do is named one by one, is
//! never account administration or emergency access, and never more than the administrator who made the key could grant.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    api_key::{ApiKey, ApiKeyPolicy, PresentedKey, Used},
    event::SecurityEvent,
    session::SessionToken,
};
use mentalspace_core::{
    Access, ClientId, OrganizationName, PracticeId, Purpose, UserId,
    access::{Permission, Relation},
    draw,
    store::{Document, Find, Reading, StoreError, Subject, Term, Versioned},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{app::App, events, problem::Problem, signed::Signed};

/// What a key may be given, by the names used on the wire.
pub const SCOPES: [(&str, Permission); 9] = [
    ("read_client", Permission::ReadClient),
    ("edit_client", Permission::EditClient),
    ("read_coverage", Permission::ReadCoverage),
    ("edit_coverage", Permission::EditCoverage),
    ("read_schedule", Permission::ReadSchedule),
    ("edit_schedule", Permission::EditSchedule),
    ("manage_payers", Permission::ManagePayers),
    ("read_billing", Permission::ReadBilling),
    ("read_audit", Permission::ReadAudit),
];

/// The policy of keys: what no list of scopes here names is forbidden by name as well.
#[must_use]
pub fn policy() -> ApiKeyPolicy {
    ApiKeyPolicy::standard(
        ["manage_users", "manage_practice", "break_glass", "read_note", "sign_note"].map(str::to_owned),
    )
}

/// A program of the practice and its keys' owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Id, by which the audit log names it.
    pub id: UserId,
    /// Name shown to people.
    pub name: String,
    /// Whether its keys work.
    pub enabled: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl Document for ServiceAccount {
    const KIND: &'static str = "service_account";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// A key as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// Id.
    pub id: Uuid,
    /// The key.
    pub key: ApiKey,
}

impl Document for StoredKey {
    const KIND: &'static str = "api_key";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("owner", &self.key.owner())]
    }
}

/// Joins practice and key to the public part of a key, so that its records can be found.
fn public_part(practice: PracticeId, key: Uuid) -> String {
    format!("{}{}", practice.uuid().simple(), key.simple())
}

/// Reads the public part of a key.
pub(crate) fn read_public_part(text: &str) -> Option<(PracticeId, Uuid)> {
    let (practice, key) = (text.get(..32)?, text.get(32..)?);
    let practice = Uuid::try_parse(practice).ok()?;
    Some((PracticeId::from_uuid(practice), Uuid::try_parse(key).ok()?))
}

fn manages(work: &mut Reading<'_>, signed: &Signed) -> Result<(), Problem> {
    signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(StoredKey::KIND))
}

/// Makes a service account.
///
/// # Errors
/// `forbidden`; a step-up is required.
pub async fn add_account(app: &App, signed: &Signed, name: &OrganizationName) -> Result<UserId, Problem> {
    signed.confirmed(app, "/practice/programs")?;
    let access = signed.access("service_account.create", Purpose::Operations);
    let name = name.as_str().to_owned();
    let account = ServiceAccount { id: app.new_id(), name, enabled: true, created_at: app.now() };
    let id = account.id;
    let made = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            Ok::<_, Problem>(work.insert(&account).await?)
        })
    });
    made.await.map(|()| id)
}

/// Shuts a service account for good: its keys are revoked and stay so.
///
/// # Errors
/// `forbidden`, `not_found`; a step-up is required.
pub async fn shut_account(app: &App, signed: &Signed, id: UserId) -> Result<(), Problem> {
    signed.confirmed(app, "/practice/programs")?;
    let access = signed.access("service_account.shut", Purpose::Operations);
    let shut = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let account = work.expect::<ServiceAccount>(id).await?;
            work.update(&ServiceAccount { enabled: false, ..account.value }, account.version).await?;
            for mut stored in work.find_all(Find::<StoredKey>::new().with(Term::plain("owner", &id.uuid()))).await? {
                if stored.key.revoked_at().is_none() {
                    stored.value.key.revoke(app.now());
                    work.update(&stored.value, stored.version).await?;
                    events::emit(app, work, id, SecurityEvent::ApiKeyRevoked).await?;
                }
            }
            Ok::<_, Problem>(())
        })
    });
    shut.await
}

/// Lists service accounts with their keys.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<(ServiceAccount, Vec<StoredKey>)>, Problem> {
    let access = signed.access("service_account.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let mut rows = Vec::new();
            for account in work.find_all(Find::<ServiceAccount>::new()).await? {
                let keys = Find::<StoredKey>::new().with(Term::plain("owner", &account.id.uuid()));
                let keys = work.find_all(keys).await?.into_iter().map(|stored| stored.value).collect();
                rows.push((account.value, keys));
            }
            Ok::<_, Problem>(rows)
        })
    });
    read.await
}

/// Makes a key; it is returned once.
///
/// # Errors
/// `forbidden`, `not_found`; `invalid` when it would live too long or do what no key may; a step-up is required.
pub async fn issue(
    app: &App,
    signed: &Signed,
    owner: UserId,
    scopes: BTreeSet<String>,
    expires_at: DateTime<Utc>,
) -> Result<(Uuid, SecretString), Problem> {
    signed.confirmed(app, "/practice/programs")?;
    if scopes.iter().any(|scope| !SCOPES.iter().any(|(name, _)| name == scope)) {
        return Err(Problem::field("scopes", "name something no key may do"));
    }
    let access = signed.access("api_key.issue", Purpose::Operations);
    let (id, secret) = (app.new_id::<Uuid>(), SessionToken::from_random(draw(app.entropy())));
    let key = ApiKey::issue(owner.uuid(), secret.hash(), scopes, expires_at, &app.policies().api_keys, app.now());
    let key = key.map_err(|error| Problem::invalid(crate::problem::sentence(&error)))?;
    let presented = PresentedKey::new(public_part(signed.practice, id), secret);
    let presented = presented.map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    let made = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            if !work.expect::<ServiceAccount>(owner).await?.enabled {
                return Err(Problem::conflict("This program is shut."));
            }
            work.insert(&StoredKey { id, key }).await?;
            Ok(events::emit(app, work, owner, SecurityEvent::ApiKeyIssued).await?)
        })
    });
    made.await?;
    Ok((id, presented.expose()))
}

/// Gives a key a new secret, returned once; the earlier one works on for the overlap.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when the key is over; a step-up is required.
pub async fn rotate(app: &App, signed: &Signed, id: Uuid) -> Result<SecretString, Problem> {
    signed.confirmed(app, "/practice/programs")?;
    let access = signed.access("api_key.rotate", Purpose::Operations);
    let secret = SessionToken::from_random(draw(app.entropy()));
    let hash = secret.hash();
    let presented = PresentedKey::new(public_part(signed.practice, id), secret);
    let presented = presented.map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let mut stored = work.expect::<StoredKey>(id).await?;
            let rotated = stored.value.key.rotate(hash, &app.policies().api_keys, app.now());
            rotated.map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?;
            work.update(&stored.value, stored.version).await?;
            let owner = UserId::from_uuid(stored.key.owner());
            Ok::<_, Problem>(events::emit(app, work, owner, SecurityEvent::ApiKeyRotated).await?)
        })
    });
    done.await?;
    Ok(presented.expose())
}

/// Revokes a key for good.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn revoke(app: &App, signed: &Signed, id: Uuid) -> Result<(), Problem> {
    let access = signed.access("api_key.revoke", Purpose::Operations);
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let mut stored = work.expect::<StoredKey>(id).await?;
            stored.value.key.revoke(app.now());
            work.update(&stored.value, stored.version).await?;
            let owner = UserId::from_uuid(stored.key.owner());
            Ok::<_, Problem>(events::emit(app, work, owner, SecurityEvent::ApiKeyRevoked).await?)
        })
    });
    done.await
}

/// A key that was found to work.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) practice: PracticeId,
    pub(crate) account: ServiceAccount,
    pub(crate) key: StoredKey,
    pub(crate) hash: mentalspace_auth_policy::token::TokenHash,
}

/// Finds out what a presented key opens; nothing tells unknown, expired and revoked keys apart.
///
/// # Errors
/// As the store.
pub(crate) async fn open(app: &App, text: &str) -> Result<Option<Opened>, Problem> {
    let Ok(presented) = PresentedKey::parse(text) else { return Ok(None) };
    let Some((practice, id)) = read_public_part(presented.id()) else { return Ok(None) };
    if !app.serves(practice).await? {
        return Ok(None);
    }
    let access = Access::system(practice, "api_key.check", app.now());
    let found = app.vault().read(&access, |read| {
        Box::pin(async move {
            let Some(stored) = read.get::<StoredKey>(id).await? else { return Ok(None) };
            let account = read.get::<ServiceAccount>(stored.key.owner()).await?;
            Ok::<_, StoreError>(account.map(|account| (stored, account)))
        })
    });
    let Some((Versioned { version, value: mut stored }, account)) = found.await? else { return Ok(None) };
    if stored.key.verify(presented.hash(), app.now()).is_err() || !account.enabled {
        return Ok(None);
    }
    if stored.key.touch(&app.policies().api_keys, app.now()) == Used::Write {
        let used = stored.clone();
        let access = Access::system(practice, "api_key.touch", app.now());
        let written = app.vault().write(&access, |work| Box::pin(async move { work.update(&used, version).await }));
        match written.await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(Opened { practice, account: account.value, key: stored, hash: presented.hash() }))
}

/// Returns what a list of scopes permits.
pub(crate) fn permissions(scopes: &BTreeSet<String>) -> Vec<Permission> {
    SCOPES.iter().filter(|(name, _)| scopes.contains(*name)).map(|(_, permission)| *permission).collect()
}
