//! Changing the own password and making new backup codes.

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    backup_code::{BackupCodes, CODES},
    event::{RefusedBecause, SecurityEvent},
    hash::{StoredPassword, Verified},
    password::{Context, NormalizedPassword, PasswordAge, Rejection, strength},
    session::{EndReason, Ending, Scope, SessionToken},
    throttle::Rate,
};
use mentalspace_core::{
    Access, ClientId, Phi, Practice, PracticeId, UserId, draw,
    store::{Document, Find, Reading, StoreError, Term, Versioned},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    account::{StoredSession, User, login_key, sort_key},
    app::App,
    attempts, devices, events,
    problem::Problem,
    sessions,
    set_up::{NewUser, check_new_password, words_around},
    sign_in::{self, NextStep, Step},
    signed::{Pending, wire_token},
};

/// A password somebody had before, as a hash. As many are kept as the policy asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastPassword {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// The hash.
    pub password: Phi<StoredPassword>,
    /// When it was set.
    pub set_at: DateTime<Utc>,
}

impl Document for PastPassword {
    const KIND: &'static str = "past_password";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.set_at)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.user)]
    }
}

/// How the password stands that somebody just signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may be kept.
    Current,
    /// It was made by the server for the first sign-in.
    OneTime,
    /// It is older than the policy allows.
    Expired,
    /// It is on a list that has grown since it was chosen.
    Compromised,
}

/// Judges the password somebody just signed in with: whether it has expired, and whether a list has grown since.
pub(crate) async fn standing(
    app: &App,
    practice: PracticeId,
    user: &User,
    password: NormalizedPassword,
    access: &Access,
) -> Result<Standing, Problem> {
    let policies = app.policies();
    if user.must_change_password {
        return Ok(Standing::OneTime);
    }
    if age(app, user) == PasswordAge::Expired {
        return Ok(Standing::Expired);
    }
    if !(policies.password.recheck_at_login && policies.password.change_on_compromise) {
        return Ok(Standing::Current);
    }
    let practice = app.vault().read(access, |work| Box::pin(async move { work.get::<Practice>(practice).await }));
    let context = match practice.await? {
        Some(practice) => words_around(&practice, &user.login, &user.display_name),
        None => Context::new(),
    };
    let (policy, breaches) = (policies.password.clone(), app.breaches().clone());
    let found = app.slow(move || policy.recheck(&password, &context, &breaches)).await?;
    Ok(if found.is_empty() { Standing::Current } else { Standing::Compromised })
}

/// Tells where somebody's password stands in its period, if the policy has one.
#[must_use]
pub fn age(app: &App, user: &User) -> PasswordAge {
    let policies = app.policies();
    PasswordAge::state(&policies.password, user.password_set_at, policies.password_since, app.now())
}

/// What a prospective password is worth.
#[derive(Debug, Serialize, ToSchema)]
pub struct Estimate {
    /// From 0, guessed at once, to 4.
    pub score: u8,
    /// Whether it would be taken, as far as can be told without asking a service.
    pub acceptable: bool,
    /// What speaks against it or would make it better, as sentences.
    pub words: Vec<String>,
}

/// Sixty questions in a minute are more than anybody types.
const ESTIMATES: Rate = Rate { failures: 60, per_secs: 60 };

/// Estimates a prospective password of the person in this session before it is sent.
///
/// # Errors
/// `throttled`; `unavailable` when too many ask.
pub async fn estimate(app: &App, pending: &Pending, candidate: &SecretString) -> Result<Estimate, Problem> {
    let access = access(app, pending, "password.estimate");
    let user = &pending.user;
    let asked = attempts::rate(app, "password estimate", &user.id.to_string(), ESTIMATES, access.at).await?;
    if let Some(until) = asked {
        return Err(sign_in::wait_problem(until, access.at));
    }
    let practice = pending.practice;
    let practice = app.vault().read(&access, |work| Box::pin(async move { work.get::<Practice>(practice).await }));
    let context = match practice.await? {
        Some(practice) => words_around(&practice, &user.login, &user.display_name),
        None => Context::new(),
    };
    let factors = app.policies().mfa.factors(user.role_names(), access.at);
    let (policy, breaches, candidate) = (app.policies().password.clone(), app.breaches().clone(), candidate.clone());
    let judge = move || {
        let found = NormalizedPassword::attempt(&candidate).map(|password| strength(&password, &context));
        let rejections = policy.check(&candidate, &context, &breaches, factors).err().unwrap_or_default();
        let mut words: Vec<String> = rejections.iter().map(ToString::to_string).collect();
        let advice = found.as_ref().map(|found| found.advice.as_slice()).unwrap_or_default();
        let told = rejections.iter().any(|rejection| matches!(rejection, Rejection::TooWeak { .. }));
        words.extend(advice.iter().filter(|_| !told).map(ToString::to_string));
        Estimate { score: found.map_or(0, |found| found.score), acceptable: rejections.is_empty(), words }
    };
    app.hashing().estimate(judge).await
}

async fn past(work: &mut Reading<'_>, user: UserId) -> Result<Vec<Versioned<PastPassword>>, StoreError> {
    let mut past = work.find_all(Find::<PastPassword>::new().with(Term::plain("user", &user))).await?;
    past.sort_by_key(|password| std::cmp::Reverse(password.set_at));
    Ok(past)
}

/// Refuses a password the person had before, as far back as the policy remembers.
async fn refuse_reuse(app: &App, user: &User, fresh: &NormalizedPassword, access: &Access) -> Result<(), Problem> {
    let policy = &app.policies().password;
    if policy.history == 0 {
        return Ok(());
    }
    let id = user.id;
    let past = app.vault().read(access, |work| Box::pin(async move { past(work, id).await })).await?;
    for earlier in policy.history_to_verify(&past) {
        let stored = earlier.password.expose().clone();
        if let Verified::Match { .. } = app.verify_password(fresh.clone(), Some(stored)).await? {
            let rejection = Rejection::Reused { remembered: policy.history };
            return Err(
                Problem::invalid("Please choose another password.").with_error("password", rejection.to_string())
            );
        }
    }
    Ok(())
}

fn access(app: &App, pending: &Pending, activity: &'static str) -> Access {
    pending.access(activity, app.now())
}

/// Changes the password, gives the session a new token and ends the person's other sessions.
///
/// # Errors
/// `invalid` when the current password is wrong or the new one breaks the policy; `throttled`.
pub async fn change(
    app: &App,
    pending: &Pending,
    current: &SecretString,
    fresh: &SecretString,
) -> Result<Step, Problem> {
    pending.permit(app, Scope::ChangePassword)?;
    let (access, user) = (access(app, pending, "password.change"), &pending.user);
    let key = login_key(&user.login);
    let reservation = match sign_in::reserve(app, sign_in::PASSWORD, &key, access.at).await? {
        Ok(reservation) => reservation,
        Err(throttled) => return Err(sign_in::throttle_problem(throttled, access.at)),
    };
    let verified = match NormalizedPassword::attempt(current) {
        Ok(attempt) => app.verify_password(attempt, Some(user.password.expose().clone())).await?,
        Err(_) => Verified::Mismatch,
    };
    if !matches!(verified, Verified::Match { .. }) {
        let wrong = SecurityEvent::Refused { factor: Factor::Password, why: RefusedBecause::Wrong };
        app.vault().record(&access, events::deed(Some(user.id), &wrong)).await?;
        return Err(Problem::field("current", "is not your password"));
    }
    sign_in::succeed(app, sign_in::PASSWORD, &key, reservation, access.at).await?;
    if current.expose_secret() == fresh.expose_secret() {
        return Err(Problem::field("password", "is the one you have already"));
    }
    let practice = pending.practice;
    let practice =
        app.vault().read(&access, |work| Box::pin(async move { work.expect::<Practice>(practice).await })).await?;
    let new = NewUser {
        login: user.login.clone(),
        display_name: user.display_name.clone(),
        roles: user.roles.clone(),
        clinician: user.clinician,
        password: fresh.clone(),
    };
    let fresh = check_new_password(app, &practice, &new).await?;
    refuse_reuse(app, user, &fresh, &access).await?;
    let hash = app.hash_password(fresh).await?;
    let token = store(app, pending, &access, hash).await?;
    Ok(Step { token: wire_token(pending.practice, &token), next: NextStep::Work })
}

async fn store(app: &App, pending: &Pending, access: &Access, hash: StoredPassword) -> Result<SessionToken, Problem> {
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut mine = pending.stored.value.clone();
    let renewed = mine.session.password_changed(token.hash(), &app.policies().session, access.at);
    renewed.map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?;
    let mut user = pending.user.value.clone();
    (user.password, user.password_set_at, user.must_change_password) = (Phi::new(hash), access.at, false);
    let user_version = pending.user.version;
    let session = pending.stored.session.id();
    let replaced = PastPassword {
        id: app.new_id(),
        user: user.id,
        password: pending.user.password.clone(),
        set_at: pending.user.password_set_at,
    };
    let remembered = usize::from(app.policies().password.history);
    let stored = app.vault().write(access, |work| {
        Box::pin(async move {
            work.update(&user, user_version).await?;
            if remembered > 0 {
                work.insert(&replaced).await?;
            }
            for forgotten in past(work, user.id).await?.into_iter().skip(remembered) {
                work.delete(&forgotten.value, forgotten.version).await?;
            }
            // Its last activity may have been written since it was read.
            let now = work.expect::<StoredSession>(session).await?;
            if now.session.token() != pending.stored.session.token() {
                return Err(Problem::conflict("Your session was renewed meanwhile. Please repeat your change."));
            }
            work.update(&mine, now.version).await?;
            let others = Ending::Others(mine.session.id());
            sessions::end_in(app, work, user.id, others, EndReason::PasswordChanged).await?;
            devices::distrust(work, user.id).await?;
            Ok::<_, Problem>(events::emit(app, work, user.id, SecurityEvent::PasswordChanged).await?)
        })
    });
    stored.await?;
    Ok(token)
}

/// Makes ten new backup codes; the earlier ones no longer work. They are returned once and kept as hashes.
///
/// # Errors
/// `forbidden` when the second factor was shown too long ago.
pub async fn new_backup_codes(app: &App, pending: &Pending) -> Result<Vec<SecretString>, Problem> {
    pending.permit(app, Scope::Sensitive).map_err(|problem| problem.coming_back("/account"))?;
    let access = access(app, pending, "backup_codes.make");
    let pepper = app.hasher().peppers().current();
    let pepper = pepper.ok_or_else(|| Problem::internal("There is no key for backup codes."))?;
    let random: [[u8; 16]; CODES] = std::array::from_fn(|_| draw(app.entropy()));
    let (codes, clear) = BackupCodes::generate(pending.user.id.uuid(), &random, pepper, access.at);
    let (mut user, version) = (pending.user.value.clone(), pending.user.version);
    user.backup_codes = Some(codes);
    let mine = pending.stored.session.id();
    let made = app.vault().write(&access, |work| {
        Box::pin(async move {
            let event = SecurityEvent::AuthenticatorBound { factor: Factor::BackupCode };
            events::emit(app, work, user.id, event).await?;
            sessions::end_in(app, work, user.id, Ending::Others(mine), EndReason::FactorChanged).await?;
            devices::distrust(work, user.id).await?;
            work.update(&user, version).await
        })
    });
    made.await?;
    Ok(clear.iter().map(mentalspace_auth_policy::backup_code::BackupCode::expose).collect())
}
