//! First run: a practice and its administrator, made by whoever holds the one-time token printed on the console.

use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    event::SecurityEvent,
    password::{Context, NormalizedPassword, Rejection},
};
use mentalspace_core::{
    Access, ClientId, ClinicianId, Email, Phi, Practice, PracticeId, Role, UserId, draw,
    store::{Deed, Document, Find, StoreError, Subject, Term, Versioned},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    account::{SignInName, Tenant, User, login_key},
    app::App,
    breaches::Asked,
    events,
    problem::Problem,
};

/// The hash of the token that allows the first set-up. Lives in the directory until it is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUpToken {
    hash: [u8; 32],
}

const TOKEN_ID: Uuid = Uuid::from_u128(1);

impl Document for SetUpToken {
    const KIND: &'static str = "set_up_token";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        TOKEN_ID
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// A person to be given an account.
#[derive(Debug)]
pub struct NewUser {
    /// Name used to sign in.
    pub login: Email,
    /// Name shown to colleagues.
    pub display_name: String,
    /// What the person does.
    pub roles: Vec<Role>,
    /// The clinician this person is.
    pub clinician: Option<ClinicianId>,
    /// The password.
    pub password: SecretString,
}

/// Issues a token when there is no practice yet; an earlier one no longer works.
///
/// # Errors
/// As the store.
pub async fn offer(app: &App) -> Result<Option<String>, StoreError> {
    if !app.practices().await?.is_empty() {
        return Ok(None);
    }
    let token: [u8; 16] = draw(app.entropy());
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let fresh = SetUpToken { hash: Sha256::digest(token.as_bytes()).into() };
    let access = directory(app, "set_up.offer");
    let offered = app.vault().write(&access, |write| {
        Box::pin(async move {
            match write.get::<SetUpToken>(TOKEN_ID).await? {
                None => write.insert(&fresh).await,
                Some(old) => write.update(&fresh, old.version).await.map(drop),
            }
        })
    });
    offered.await?;
    Ok(Some(token))
}

/// Uses the token up: after this it opens nothing.
///
/// # Errors
/// `forbidden` when it is not the token that was printed, or was used.
pub async fn redeem(app: &App, token: &str) -> Result<(), Problem> {
    let hash: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
    let access = directory(app, "set_up.redeem");
    let redeemed = app.vault().write(&access, |write| {
        Box::pin(async move {
            match write.get::<SetUpToken>(TOKEN_ID).await? {
                Some(Versioned { version, value }) if value.hash == hash => {
                    write.delete(&value, version).await.map(|()| true)
                }
                _ => Ok::<_, StoreError>(false),
            }
        })
    });
    match redeemed.await {
        Ok(true) => Ok(()),
        Ok(false) | Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => Err(Problem::forbidden(
            "This is not the token printed on the console, or it was used. Start the server again for a new one.",
        )),
        Err(other) => Err(other.into()),
    }
}

/// Creates a practice and its first administrator.
///
/// # Errors
/// The password breaks the policy, or the sign-in name is taken.
pub async fn create_practice(app: &App, practice: &Practice, administrator: NewUser) -> Result<UserId, Problem> {
    let tenant = Tenant { practice: practice.id, created_at: app.now() };
    let access = Access::system(practice.id, "practice.create", app.now());
    app.vault().write(&access, |write| Box::pin(async move { write.insert(practice).await })).await?;
    let user = create_user(app, practice, administrator).await?;
    let access = directory(app, "practice.create");
    app.vault().write(&access, |write| Box::pin(async move { write.insert(&tenant).await })).await?;
    Ok(user)
}

/// Gives a person an account in the practice.
///
/// # Errors
/// The password breaks the policy, or the sign-in name is taken.
pub async fn create_user(app: &App, practice: &Practice, new: NewUser) -> Result<UserId, Problem> {
    let password = check_new_password(app, practice, &new).await?;
    let hash = app.hash_password(password).await?;
    let id: UserId = app.new_id();
    let user = User {
        id,
        login: new.login.clone(),
        display_name: new.display_name,
        roles: new.roles,
        clinician: new.clinician,
        password: Phi::new(hash),
        password_set_at: app.now(),
        must_change_password: false,
        totp: None,
        offered_totp: None,
        backup_codes: None,
        enabled: true,
    };
    take_name(app, new.login, practice.id, id).await?;
    let access = Access::system(practice.id, "user.create", app.now());
    let deed =
        Deed { action: Action::Create, subject: Subject::new("user").id(id.uuid()), outcome: Outcome::success() };
    let created = app.vault().write(&access, |write| {
        Box::pin(async move {
            write.record(deed);
            write.insert(&user).await
        })
    });
    created.await?;
    Ok(id)
}

/// Takes a sign-in name, which is unique over all practices. It comes before the account: a name without one opens
/// nothing.
///
/// # Errors
/// `invalid` when the name is taken.
pub(crate) async fn take_name(
    app: &App,
    login: Email,
    practice: PracticeId,
    user: UserId,
) -> Result<SignInName, Problem> {
    let name = SignInName { id: app.new_id(), login, practice, user };
    let (access, taken) = (directory(app, "user.create"), &name);
    match app.vault().write(&access, |write| Box::pin(async move { write.insert(taken).await })).await {
        // A name the person gave up earlier is still theirs.
        Err(StoreError::Duplicate { .. }) => match name_of(app, &name.login).await? {
            Some(known) if known.user == user => Ok(known),
            _ => Err(Problem::field("login", "is in use already")),
        },
        other => Ok(other.map(|()| name)?),
    }
}

async fn name_of(app: &App, login: &Email) -> Result<Option<SignInName>, StoreError> {
    let access = directory(app, "user.look_up");
    let find = Find::<SignInName>::new().with(Term::blind("login", login_key(login))).limit(1);
    let found = app.vault().read(&access, |read| Box::pin(async move { read.find(&find).await })).await?;
    Ok(found.items.into_iter().next().map(|name| name.value))
}

/// Gives a sign-in name back that no account came of.
///
/// # Errors
/// As the store.
pub(crate) async fn release_name(app: &App, name: &SignInName) -> Result<(), StoreError> {
    let access = directory(app, "user.create");
    app.vault().write(&access, |write| Box::pin(async move { write.delete(name, 1).await })).await
}

/// Collects the words that must not make up a password: the service, the practice, the person.
pub(crate) fn words_around(practice: &Practice, login: &Email, display_name: &str) -> Context {
    Context::new().word("MentalSpace").email(login.expose()).word(practice.name.as_str()).word(display_name)
}

/// Checks a prospective password against the policy, with the names that must not be in it, and against the lists of
/// passwords that became known.
///
/// # Errors
/// `invalid` with every reason; `unavailable` when the server is busy, or when a service has to be asked and is silent.
pub async fn check_new_password(app: &App, practice: &Practice, new: &NewUser) -> Result<NormalizedPassword, Problem> {
    let context = words_around(practice, &new.login, &new.display_name);
    let (password, roles) = (new.password.clone(), new.roles.iter().map(|role| role.name()));
    let factors = app.policies().mfa.factors(roles, app.now());
    let (policy, breaches) = (app.policies().password.clone(), app.breaches().clone());
    let checked = app.hashing().estimate(move || policy.check(&password, &context, &breaches, factors)).await?;
    let refuse = |rejections: &[Rejection]| {
        rejections.iter().fold(Problem::invalid("Please choose another password."), |problem, rejection| {
            problem.with_error("password", rejection.to_string())
        })
    };
    let password = checked.map_err(|rejections| refuse(&rejections))?;
    match app.breaches().ask(&password).await {
        Asked::Clean => {}
        Asked::Breached => return Err(refuse(&[Rejection::Common])),
        Asked::Refused => {
            let why = "New passwords cannot be checked against known breaches at the moment. Please try again later.";
            return Err(Problem::unavailable(why).with_retry_after(60));
        }
        Asked::Unchecked => {
            let access = Access::system(PracticeId::DIRECTORY, "password.check", app.now());
            let event = SecurityEvent::BreachCheckMissed;
            app.vault().record(&access, events::deed(None, &event)).await?;
        }
    }
    Ok(password)
}

fn directory(app: &App, activity: &'static str) -> Access {
    Access::system(PracticeId::DIRECTORY, activity, app.now())
}
