//! Signing in: password, then second factor, each attempt counted before it is verified.

mod enrolment;
pub mod passkey;
mod second_factor;

use chrono::{DateTime, Utc};
use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    hash::{StoredPassword, Verified},
    mfa::{Decision, Enrolled},
    password::NormalizedPassword,
    session::{Activity, EndReason, PasswordStanding, Session, SessionState, SessionToken, SignIn},
    throttle::{Refused, Reserved, Signal, Throttled},
};
use mentalspace_core::{
    Access, Actor, Email, Origin, Phi, PracticeId, UserId, draw,
    store::{Deed, Find, StoreError, Subject, Term, Versioned},
};
use secrecy::SecretString;
use serde::Serialize;

pub use enrolment::{Offered, confirm_totp, offer_totp};
pub(crate) use enrolment::{bind, may_enrol};
pub use second_factor::{Answer, passkey_options, with_code, with_second_factor};
pub(crate) use second_factor::{Confirmed, check_code, verify};

use crate::{
    account::{SignInName, StoredSession, User, login_key},
    app::App,
    attempts::{self, Attempt},
    authenticators::{Held, enrolled},
    devices::{self, Device},
    events,
    password::{self, Standing},
    problem::Problem,
    sessions,
    signed::{Caller, Pending, actor, sighting, wire_token},
};

/// What comes next after a step of signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The code of the second factor.
    Code,
    /// Setting up a second factor.
    Enrol,
    /// Choosing a new password.
    NewPassword,
    /// Making backup codes, which may be left for later: work may begin.
    BackupCodes,
    /// Nothing: work may begin.
    Work,
}

/// A step that succeeded.
#[derive(Debug)]
pub struct Step {
    /// The token the next request carries.
    pub token: SecretString,
    /// What comes next.
    pub next: NextStep,
}

pub(crate) const PASSWORD: &str = "password";
pub(crate) const SECOND_FACTOR: &str = "second-factor";
/// One sentence for every reason, so that nobody learns which names exist or are locked.
const WRONG: &str = "The name or the password is not right. After several failed attempts only a wait of some minutes helps, or your administrator.";

fn access(practice: PracticeId, activity: &'static str, origin: &Origin, at: DateTime<Utc>) -> Access {
    Access { actor: Actor::Anonymous, origin: Some(origin.clone()), ..Access::system(practice, activity, at) }
}

/// Checks a name and a password and starts a session; within the greatest age of the one the browser still holds, an
/// idle session is followed by one with the same factors (NIST SP 800-63B-4 §2.2.3). Returns as well what the browser is
/// to keep so that it is known to the account from now on.
///
/// # Errors
/// `unauthenticated` with one sentence for every reason, after the same work, for names that do not exist, accounts that
/// are shut and such as wait after too many failures; `throttled` when too much failed from the same network, whatever
/// the accounts; `unavailable` when the server is busy.
pub async fn with_password(
    app: &App,
    login: &str,
    password: &SecretString,
    caller: &Caller,
) -> Result<(Step, SecretString), Problem> {
    let (now, origin, sender) = (app.now(), &caller.origin, &caller.sender);
    let key = Email::parse(login).map_or_else(|_| login.trim().to_lowercase(), |login| login_key(&login));
    let known = find_account(app, &key, origin, now).await?;
    let practice = known.as_ref().map_or(PracticeId::DIRECTORY, |(practice, _)| *practice);
    let access = access(practice, "session.sign_in", origin, now);
    let user = known.map(|(_, user)| user);
    let cookie = sender.device_cookie.as_deref();
    let attempt = Attempt {
        authenticator: PASSWORD,
        known: user.is_some(),
        source: sender.source,
        device: cookie.and_then(|cookie| app.devices().recognise(&key, cookie)),
        account: key.clone(),
    };
    let normalized = NormalizedPassword::attempt(password);
    let reserved = match attempts::reserve(app, &attempt, app.names().tag(&key), now).await? {
        Ok(reserved) => reserved,
        Err(Refused::Source { until }) => {
            refused(app, &access, user.as_deref(), RefusedBecause::Throttled).await?;
            return Err(wait_problem(until, now));
        }
        Err(locked) => {
            // The same work as for a wrong password, so that neither words nor time tell that the account waits.
            if let Ok(normalized) = normalized {
                let _ = app.verify_password(normalized, None).await?;
            }
            let disabled = matches!(locked, Refused::Account(Throttled::Disabled { .. }));
            let why = if disabled { RefusedBecause::Disabled } else { RefusedBecause::Throttled };
            refused(app, &access, user.as_deref(), why).await?;
            return Err(Problem::unauthenticated(WRONG));
        }
    };
    signal(app, &access, user.as_deref(), &reserved.signals).await?;
    let stored = user.as_ref().filter(|user| user.admits(now)).map(|user| user.password.expose().clone());
    let verified = match &normalized {
        Ok(normalized) => app.verify_password(normalized.clone(), stored).await?,
        Err(_) => Verified::Mismatch,
    };
    let (Verified::Match { needs_rehash }, Some(user), Ok(normalized)) = (verified, &user, normalized) else {
        refused(app, &access, user.as_deref(), RefusedBecause::Wrong).await?;
        return Err(Problem::unauthenticated(WRONG));
    };
    let outcome = attempts::succeed(app, &attempt, &reserved, now).await?;
    let renewed = if needs_rehash { Some(app.hash_password(normalized.clone()).await?) } else { None };
    let mut events = Vec::new();
    if outcome.after_many_failures {
        events.push(SecurityEvent::SignedInAfterFailures { failures: outcome.failed_before });
    }
    let standing = password::standing(app, practice, user, normalized, &access).await?;
    if standing == Standing::Compromised {
        events.push(SecurityEvent::PasswordFoundCompromised);
    }
    let proof = Proof { factor: Factor::Password, renewed, standing, happened: events };
    let step = start_session(app, practice, user, &access, caller, proof).await?;
    Ok((step, app.devices().remember(&key, cookie, draw(app.entropy()))))
}

/// Records that a password was not taken; the person is told where it asks for it, the first time it happens.
async fn refused(app: &App, access: &Access, user: Option<&User>, why: RefusedBecause) -> Result<(), StoreError> {
    let event = SecurityEvent::Refused { factor: Factor::Password, why };
    app.vault().record(access, events::deed(user.map(|user| user.id), &event)).await
}

/// Records what an attempt brought to light, in the practice of the account where there is one.
async fn signal(app: &App, access: &Access, user: Option<&User>, signals: &[Signal]) -> Result<(), StoreError> {
    for signal in signals {
        let event = match signal {
            Signal::AccountWaits => SecurityEvent::AccountWaits { factor: Factor::Password },
            Signal::AuthenticatorDisabled => SecurityEvent::AuthenticatorDisabled { factor: Factor::Password },
            Signal::SourceWaits => SecurityEvent::SourceWaits,
            Signal::CredentialStuffing { accounts } => SecurityEvent::CredentialStuffing { accounts: *accounts },
            _ => continue,
        };
        let of_source = matches!(event, SecurityEvent::SourceWaits | SecurityEvent::CredentialStuffing { .. });
        if of_source {
            tracing::warn!(event = event.name(), "a source of failed sign-ins waits");
        }
        match user.filter(|_| !of_source) {
            None => app.vault().record(access, events::deed(None, &event)).await?,
            Some(user) => {
                let id = user.id;
                let told =
                    app.vault().write(access, |work| Box::pin(async move { events::emit(app, work, id, event).await }));
                told.await?;
            }
        }
    }
    Ok(())
}

async fn find_account(
    app: &App,
    key: &str,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Result<Option<(PracticeId, Versioned<User>)>, StoreError> {
    let looking = access(PracticeId::DIRECTORY, "session.look_up", origin, now);
    let find = Find::<SignInName>::new().with(Term::blind("login", key)).limit(1);
    let name = app.vault().read(&looking, |read| Box::pin(async move { read.find(&find).await }));
    // A name nobody has is looked up as long as one that somebody has.
    let name = name.await?.items.pop();
    let nobody = (PracticeId::DIRECTORY, UserId::from_uuid(uuid::Uuid::nil()));
    let (practice, user) = name.map_or(nobody, |name| (name.practice, name.user));
    let looking = access(practice, "session.look_up", origin, now);
    let user = app.vault().read(&looking, |read| Box::pin(async move { read.get::<User>(user).await })).await?;
    // A name that was given up stays its person's and signs nobody in.
    let user = user.filter(|user| login_key(&user.login) == key);
    Ok(user.map(|user| (practice, user)))
}

/// What a session is started by.
pub(crate) struct Proof {
    /// The factor that was verified.
    pub(crate) factor: Factor,
    /// The password's hash at today's costs, where the stored one has aged.
    pub(crate) renewed: Option<StoredPassword>,
    /// Whether the password may be kept.
    pub(crate) standing: Standing,
    /// What is to be told besides.
    pub(crate) happened: Vec<SecurityEvent>,
}

impl Proof {
    /// A factor that says nothing new of the password.
    pub(crate) fn of(factor: Factor, user: &User) -> Self {
        let standing = if user.must_change_password { Standing::OneTime } else { Standing::Current };
        Self { factor, renewed: None, standing, happened: Vec::new() }
    }
}

/// What a browser brings: a device that may be trusted, and a session that may have ended idle; and whether its person has
/// a second factor.
struct Brought {
    device: Option<Device>,
    earlier: Option<Versioned<StoredSession>>,
    enrolled: Enrolled,
}

async fn brought(
    app: &App,
    practice: PracticeId,
    user: &User,
    device: Option<uuid::Uuid>,
    caller: &Caller,
    access: &Access,
) -> Result<Brought, StoreError> {
    let earlier = caller.earlier.as_ref().filter(|(of, _)| *of == practice).map(|(_, token)| token.hash());
    let read = app.vault().read(access, |read| {
        Box::pin(async move {
            let device = match device {
                Some(id) => read.get::<Device>(id).await?.map(|found| found.value),
                None => None,
            };
            let earlier = match earlier {
                Some(token) => read
                    .find(&Find::<StoredSession>::new().with(StoredSession::term(token)).limit(1))
                    .await?
                    .items
                    .pop(),
                None => None,
            };
            let enrolled = enrolled(user, &Held::of(read, user.id).await?);
            Ok::<_, StoreError>(Brought { device, earlier, enrolled })
        })
    });
    read.await
}

/// Starts the session of a person whose password or passkey was just verified.
pub(crate) async fn start_session(
    app: &App,
    practice: PracticeId,
    user: &User,
    access: &Access,
    caller: &Caller,
    proof: Proof,
) -> Result<Step, Problem> {
    let Proof { factor, renewed, standing, happened } = proof;
    let (now, limits) = (access.at, &app.policies().session);
    let from = sighting(caller.device.as_ref(), &caller.origin, user.id);
    let brought = brought(app, practice, user, from.device, caller, access).await?;
    let token = SessionToken::from_random(draw(app.entropy()));
    let policy = &app.policies().mfa;
    let mut mfa = policy.decide(user.role_names(), brought.enrolled, now);
    let trusted = brought.device.as_ref().and_then(|device| device.trusted.as_ref());
    let requirement = policy.requirement(user.role_names(), now);
    if mfa == Decision::Challenge
        && app.policies().trust.skips(trusted, user.role_names(), requirement, user.password_set_at, now)
    {
        mfa = Decision::NotNeeded;
    }
    let password = match standing {
        Standing::Current => PasswordStanding::Current,
        Standing::OneTime | Standing::Expired | Standing::Compromised => PasswordStanding::MustChange,
    };
    let sign_in = SignIn {
        id: app.new_id(),
        user: user.id.uuid(),
        token: token.hash(),
        from: from.clone(),
        factor,
        mfa,
        password,
    };
    let mut earlier = brought.earlier;
    let followed = earlier.as_mut().and_then(|earlier| {
        // Past its idle time it is marked so; one that still lives, or ended otherwise, is not followed.
        let _ = earlier.value.session.touch(Activity::Background, limits, now);
        earlier.value.session.reopen(&sign_in, now).ok()
    });
    let session = followed.clone().unwrap_or_else(|| Session::start(&sign_in, limits, now));
    let next = next_step(&session);
    let stored = StoredSession::new(session);
    let access = Access { actor: actor(user.id, &user.roles, &stored.session), ..access.clone() };
    let (id, known) = (user.id, (user.enabled, user.password_set_at));
    let started = app.vault().write(&access, |write| {
        Box::pin(async move {
            // A password that was replaced while it was being verified opens nothing.
            let mut user = write.expect::<User>(id).await?;
            if (user.enabled, user.password_set_at) != known {
                return Err(Problem::unauthenticated(WRONG));
            }
            if let Some(renewed) = renewed {
                user.value.password = Phi::new(renewed);
                write.update(&user.value, user.version).await?;
            }
            for event in happened {
                events::emit(app, write, id, event).await?;
            }
            let (factors, aal) = (shown(&stored.session), stored.session.aal());
            events::emit(app, write, id, SecurityEvent::SignedIn { factors, aal }).await?;
            devices::seen(app, write, id, &from).await?;
            if let Some(earlier) = earlier.filter(|_| followed.is_some()) {
                write.update(&earlier.value, earlier.version).await?;
            }
            if factor == Factor::Passkey {
                crate::recoveries::stop_in(app, write, id, mentalspace_auth_policy::recovery::StoppedBy::SignIn)
                    .await?;
            }
            sessions::admit(app, write, &stored.session).await?;
            Ok(write.insert(&stored).await?)
        })
    });
    started.await?;
    Ok(Step { token: wire_token(practice, &token), next })
}

fn shown(session: &Session) -> Vec<Factor> {
    session.factors().iter().map(|(factor, _)| factor).collect()
}

/// Ends the session.
///
/// # Errors
/// As the store.
pub async fn out(app: &App, pending: &Pending) -> Result<(), Problem> {
    let now = app.now();
    let mut stored = pending.stored.value.clone();
    stored.session.end(EndReason::LoggedOut, now);
    let version = pending.stored.version;
    let access = pending.access("session.sign_out", now);
    let subject = Subject::new("user").id(pending.user.id.uuid());
    let deed = Deed { action: Action::Logout, subject, outcome: Outcome::success() };
    let ended = app.vault().write(&access, |write| {
        Box::pin(async move {
            write.record(deed);
            write.update(&stored, version).await
        })
    });
    Ok(ended.await.map(drop)?)
}

async fn record(
    app: &App,
    access: &Access,
    action: Action,
    subject: Subject,
    outcome: Outcome,
) -> Result<(), StoreError> {
    app.vault().record(access, Deed { action, subject, outcome }).await
}

/// Counts an attempt on one account before it is verified, so that N guesses at once count N.
pub(crate) async fn reserve(
    app: &App,
    authenticator: &'static str,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Result<Reserved, Throttled>, StoreError> {
    let attempt = Attempt::on(authenticator, account);
    let reserved = attempts::reserve(app, &attempt, app.names().tag(account), now).await?;
    Ok(reserved.map_err(|refused| match refused {
        Refused::Account(throttled) => throttled,
        Refused::Source { until, .. } => Throttled::Wait { until, refused: 0 },
        _ => Throttled::Wait { until: now, refused: 0 },
    }))
}

pub(crate) async fn succeed(
    app: &App,
    authenticator: &'static str,
    account: &str,
    reserved: Reserved,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    attempts::succeed(app, &Attempt::on(authenticator, account), &reserved, now).await.map(drop)
}

/// Tells where a session leads.
pub(crate) fn next_step(session: &Session) -> NextStep {
    match session.state() {
        SessionState::MfaPending => NextStep::Code,
        SessionState::MfaEnrolmentRequired => NextStep::Enrol,
        SessionState::PasswordExpired => NextStep::NewPassword,
        _ => NextStep::Work,
    }
}

pub(crate) fn wait_problem(until: DateTime<Utc>, now: DateTime<Utc>) -> Problem {
    let seconds = u64::try_from((until - now).num_seconds()).unwrap_or(0).saturating_add(1);
    Problem::throttled(format!("Please wait {seconds} seconds before the next attempt.")).with_retry_after(seconds)
}

pub(crate) fn throttle_problem(throttled: Throttled, now: DateTime<Utc>) -> Problem {
    match throttled {
        Throttled::Wait { until, .. } => wait_problem(until, now),
        _ => {
            Problem::throttled("There were too many failed attempts. Ask your administrator for a new way to sign in.")
        }
    }
}
