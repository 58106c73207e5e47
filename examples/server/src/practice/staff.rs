//! Staff: who may sign in, in which roles, and what becomes of an account.
//!
//! An administrator never knows a password anybody works with: the server makes one that is shown once, lasts for three
//! days and must be replaced at the first sign-in (OWASP ASVS 5.0 6.4.1, 6.4.6). Somebody who can sign in always
//! remains to run the practice.

use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    event::SecurityEvent,
    hash::StoredPassword,
    mfa::Enrolled,
    password::NormalizedPassword,
    recovery::StoppedBy,
    session::{EndReason, Ending},
    ticket::Purpose as LinkFor,
};
use mentalspace_core::{
    Clinician, ClinicianId, Email, OrganizationName, Phi, Purpose, Role, UserId,
    access::Permission,
    draw,
    store::{Deed, Document, Find, Reading, Subject, Versioned, Writing},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    clinicians::{self, ClinicianDetails},
    current, manages,
};
use crate::{
    account::{User, login_key},
    app::App,
    attempts,
    authenticators::{Held, StoredPasskey, enrolled},
    devices, events, links,
    problem::Problem,
    recoveries, sessions,
    set_up::{release_name, take_name},
    sign_in,
    signed::Signed,
    welcome::{self, Invited},
};

/// What somebody is and does here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Name shown to colleagues.
    #[schema(value_type = String)]
    pub display_name: OrganizationName,
    /// `administrator`, `supervisor`, `clinician`, `associate`, `billing`, `front_desk`.
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<Role>,
    /// The clinician's record, when the roles ask for one and there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinician: Option<ClinicianDetails>,
}

/// The account of somebody who works here, and the clinician behind it.
#[derive(Debug)]
pub struct Employee {
    /// The account.
    pub user: Versioned<User>,
    /// The clinician's record.
    pub clinician: Option<Versioned<Clinician>>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

/// A password that is shown once.
#[derive(Debug)]
pub struct OneTime {
    /// Whose.
    pub user: UserId,
    /// The password.
    pub password: SecretString,
}

impl Post {
    /// Brings the roles in order and refuses what does not fit together. Returns the record of a clinician who is new.
    async fn check(
        &mut self,
        work: &mut Reading<'_>,
        user: UserId,
        on_record: Option<ClinicianId>,
        fresh: ClinicianId,
    ) -> Result<Option<Clinician>, Problem> {
        self.roles.sort_unstable();
        self.roles.dedup();
        if self.roles.is_empty() {
            return Err(Problem::field("roles", "name nothing the person does"));
        }
        if self.roles.iter().any(|role| matches!(role, Role::Client | Role::Guardian)) {
            return Err(Problem::field("roles", "of the portal are not given to staff"));
        }
        let treats = self.roles.iter().any(|role| matches!(role, Role::Clinician | Role::Associate | Role::Supervisor));
        let clinician = match (self.clinician.take(), on_record) {
            (Some(_), Some(_)) => return Err(Problem::field("clinician", "is on record already")),
            (Some(_), None) if !treats => {
                return Err(Problem::field("clinician", "is for who treats or supervises only"));
            }
            (None, None) if treats => {
                return Err(Problem::field("clinician", "is needed for who treats or supervises"));
            }
            (details, _) => details.map(|details| details.into_clinician(fresh, Some(user))),
        };
        if let Some(clinician) = &clinician {
            clinicians::check(work, clinician, None).await?;
        }
        if self.roles.contains(&Role::Associate) {
            let supervised = match (&clinician, on_record) {
                (Some(clinician), _) => !clinician.supervision.is_empty(),
                (None, Some(id)) => !work.expect::<Clinician>(id).await?.supervision.is_empty(),
                (None, None) => false,
            };
            if !supervised {
                return Err(Problem::field("supervision", "is needed for an associate"));
            }
        }
        Ok(clinician)
    }
}

/// Lists everybody with an account, by name.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Employee>, Problem> {
    let access = signed.access("user.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let mut users = work.find_all(Find::<User>::new()).await?;
            users.sort_by_cached_key(|user| user.display_name.to_lowercase());
            let clinicians = work.find_all(Find::<Clinician>::new()).await?;
            let passkeys = work.find_all(Find::<StoredPasskey>::new()).await?;
            let employee = |user: Versioned<User>| {
                let clinician = clinicians.iter().find(|clinician| user.clinician == Some(clinician.id)).cloned();
                let second_factor = user.totp.is_some() || passkeys.iter().any(|passkey| passkey.user == user.id);
                Employee { user, clinician, second_factor }
            };
            Ok::<_, Problem>(users.into_iter().map(employee).collect())
        })
    });
    read.await
}

/// Reads an account.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn read(app: &App, signed: &Signed, id: UserId) -> Result<Employee, Problem> {
    let access = signed.access("user.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let user = work.expect::<User>(id).await?;
            let clinician = match user.clinician {
                Some(clinician) => work.get::<Clinician>(clinician).await?,
                None => None,
            };
            let second_factor = enrolled(&user, &Held::of(work, id).await?) == Enrolled::Yes;
            Ok::<_, Problem>(Employee { user, clinician, second_factor })
        })
    });
    read.await
}

/// Gives somebody an account and a one-time password, to be handed over.
///
/// # Errors
/// `forbidden`; `invalid` when the name is taken or the post does not fit together; a step-up is required.
pub async fn add(app: &App, signed: &Signed, login: Email, post: Post) -> Result<OneTime, Problem> {
    let (user, password, _) = open(app, signed, login, post, Offer::OneTimePassword).await?;
    Ok(OneTime { user, password })
}

/// Gives somebody an account by an invitation: nobody but the person ever knows a password of it.
///
/// # Errors
/// As [`add`].
pub async fn invite(app: &App, signed: &Signed, login: Email, post: Post) -> Result<Invited, Problem> {
    let (user, _, invited) = open(app, signed, login, post, Offer::Invitation).await?;
    Ok(invited.unwrap_or(Invited { user, link: None }))
}

/// How an account is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    OneTimePassword,
    Invitation,
}

async fn open(
    app: &App,
    signed: &Signed,
    login: Email,
    post: Post,
    offer: Offer,
) -> Result<(UserId, SecretString, Option<Invited>), Problem> {
    signed.confirmed(app, "/practice/people/new")?;
    let access = signed.access("user.create", Purpose::Operations);
    let (id, fresh) = (app.new_id(), app.new_id());
    let checked = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let mut post = post;
            let clinician = post.check(work, id, None, fresh).await?;
            Ok::<_, Problem>((post, clinician))
        })
    });
    let (post, clinician) = checked.await?;
    let (password, hash) = one_time_password(app).await?;
    let user = User {
        id,
        login: login.clone(),
        display_name: post.display_name.as_str().to_owned(),
        roles: post.roles,
        clinician: clinician.as_ref().map(|clinician| clinician.id),
        password: Phi::new(hash),
        password_set_at: access.at,
        must_change_password: true,
        totp: None,
        offered_totp: None,
        backup_codes: None,
        enabled: true,
    };
    let name = take_name(app, login, signed.practice, id).await?;
    let created = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            if let Some(clinician) = &clinician {
                clinicians::check(work, clinician, None).await?;
                work.insert(clinician).await?;
            }
            work.record(deed(Action::Create, id));
            work.insert(&user).await?;
            match offer {
                Offer::OneTimePassword => Ok(None),
                Offer::Invitation => welcome::invite(app, work, signed, &user).await.map(Some),
            }
        })
    });
    match created.await {
        Ok(invited) => Ok((id, password, invited)),
        Err(problem) => {
            release_name(app, &name).await?;
            Err(problem)
        }
    }
}

/// Changes what somebody is and does here, as seen in `version`.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid`; `conflict` when it was changed meanwhile or nobody would run the practice.
pub async fn change(app: &App, signed: &Signed, id: UserId, version: u64, post: Post) -> Result<u64, Problem> {
    signed.confirmed(app, &page(id))?;
    let access = signed.access("user.change", Purpose::Operations);
    let fresh = app.new_id();
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let (mut user, mut post) = (of_staff(work, id, version).await?, post);
            if let Some(clinician) = post.check(work, id, user.clinician, fresh).await? {
                work.insert(&clinician).await?;
                user.clinician = Some(clinician.id);
            }
            if user.roles.contains(&Role::Administrator) && !post.roles.contains(&Role::Administrator) {
                keep_an_administrator(work, id).await?;
            }
            post.display_name.as_str().clone_into(&mut user.display_name);
            user.roles.sort_unstable();
            if user.roles != post.roles {
                user.roles = post.roles;
                sessions::end_in(app, work, id, Ending::All, EndReason::RoleChanged).await?;
                events::emit(app, work, id, SecurityEvent::RolesChanged).await?;
            }
            Ok::<_, Problem>(work.update(&user, version).await?)
        })
    });
    changed.await
}

/// Shuts an account and ends its sessions, or opens it again.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it was changed meanwhile, is the own, or nobody would run the practice.
pub async fn enable(app: &App, signed: &Signed, id: UserId, version: u64, enabled: bool) -> Result<u64, Problem> {
    signed.confirmed(app, &page(id))?;
    let access = signed.access(if enabled { "user.enable" } else { "user.disable" }, Purpose::Operations);
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let mut user = current::<User>(work, id, version).await?.value;
            if !enabled {
                if id == signed.user {
                    return Err(Problem::conflict("Nobody shuts the own account. Ask another administrator."));
                }
                if user.roles.contains(&Role::Administrator) {
                    keep_an_administrator(work, id).await?;
                }
                sessions::end_in(app, work, id, Ending::All, EndReason::AccountDisabled).await?;
                devices::distrust(work, id).await?;
                for purpose in [LinkFor::Invitation, LinkFor::PasswordReset] {
                    links::withdraw(app, work, id, purpose, None).await?;
                }
                recoveries::stop_in(app, work, id, StoppedBy::AccountDisabled).await?;
            }
            user.enabled = enabled;
            let event = if enabled { SecurityEvent::AccountEnabled } else { SecurityEvent::AccountDisabled };
            events::emit(app, work, id, event).await?;
            Ok(work.update(&user, version).await?)
        })
    });
    changed.await
}

/// Replaces somebody's password by a one-time password, ends the sessions and forgets failed attempts. The second factor
/// is still asked for: who has lost it goes the way of [`recoveries`].
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it was changed meanwhile or is the own.
pub async fn reset(app: &App, signed: &Signed, id: UserId, version: u64) -> Result<OneTime, Problem> {
    signed.confirmed(app, &page(id))?;
    let access = signed.access("user.reset", Purpose::Operations);
    let at = access.at;
    let (password, hash) = one_time_password(app).await?;
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManageUsers, User::KIND)?;
            let mut user = current::<User>(work, id, version).await?.value;
            if id == signed.user {
                return Err(Problem::conflict("Change your own password under your account."));
            }
            if user.roles.contains(&Role::Administrator) {
                keep_an_administrator(work, id).await?;
            }
            (user.password, user.password_set_at, user.must_change_password) = (Phi::new(hash), at, true);
            sessions::end_in(app, work, id, Ending::All, EndReason::PasswordChanged).await?;
            devices::distrust(work, id).await?;
            events::emit(app, work, id, SecurityEvent::PasswordReset).await?;
            work.update(&user, version).await?;
            Ok(user.login)
        })
    });
    let login = changed.await?;
    attempts::clear(app, sign_in::PASSWORD, &login_key(&login)).await?;
    Ok(OneTime { user: id, password })
}

/// The page of an account, to come back to after a step-up.
fn page(user: UserId) -> String {
    format!("/practice/people/{user}")
}

fn deed(action: Action, user: UserId) -> Deed {
    Deed { action, subject: Subject::new(User::KIND).id(user.uuid()), outcome: Outcome::success() }
}

async fn of_staff(work: &mut Reading<'_>, id: UserId, version: u64) -> Result<User, Problem> {
    let user = current::<User>(work, id, version).await?.value;
    if user.roles.iter().any(|role| matches!(role, Role::Client | Role::Guardian)) {
        return Err(Problem::conflict("This account is of the portal and holds no post."));
    }
    Ok(user)
}

/// Makes sure that somebody else who can sign in remains to run the practice. That record is written again as it is, so
/// that of two administrators who remove each other at once one fails.
async fn keep_an_administrator(work: &mut Writing<'_>, leaving: UserId) -> Result<(), Problem> {
    let runs = |user: &User| user.enabled && !user.must_change_password && user.roles.contains(&Role::Administrator);
    let users = work.find_all(Find::<User>::new()).await?;
    let Some(stays) = users.into_iter().find(|user| user.id != leaving && runs(user)) else {
        return Err(Problem::conflict("This is the last administrator who can sign in. Add another one first."));
    };
    work.update(&stays.value, stays.version).await?;
    Ok(())
}

/// Draws a password of 100 random bits from letters and digits that are not mistaken for each other.
async fn one_time_password(app: &App) -> Result<(SecretString, StoredPassword), Problem> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let random: [u8; 20] = draw(app.entropy());
    let letters: String = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups = [&letters[..5], &letters[5..10], &letters[10..15], &letters[15..]];
    let password = SecretString::from(groups.join("-"));
    let normalized =
        NormalizedPassword::attempt(&password).map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    Ok((password, app.hash_password(normalized).await?))
}
