//! Signing in: password, then second factor, each attempt counted before it is verified.

mod enrolment;
pub mod passkey;
mod second_factor;

use chrono::{DateTime, Utc};
use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    event::SecurityEvent,
    hash::Verified,
    mfa::{Decision, Enrolled},
    password::NormalizedPassword,
    session::{Activity, EndReason, PasswordStanding, Session, SessionState, SessionToken, SignIn},
    throttle::{Reservation, Throttle, Throttled},
};
use mentalspace_core::{
    Access, Actor, Email, Origin, PracticeId, draw,
    store::{Deed, Find, StoreError, Subject, Term, Versioned},
};
use secrecy::SecretString;
use serde::Serialize;

pub use enrolment::{Offered, confirm_totp, offer_totp};
pub(crate) use enrolment::{bind, may_enrol};
pub use second_factor::{Answer, passkey_options, with_code, with_second_factor};
pub(crate) use second_factor::{Confirmed, check_code, verify};

use crate::{
    account::{Attempts, SignInName, StoredSession, User, login_key},
    app::App,
    authenticators::{Held, enrolled},
    devices::{self, Device},
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
const WRONG: &str = "The name or the password is not right.";

fn access(practice: PracticeId, activity: &'static str, origin: &Origin, at: DateTime<Utc>) -> Access {
    Access { actor: Actor::Anonymous, origin: Some(origin.clone()), ..Access::system(practice, activity, at) }
}

/// Checks a name and a password and starts a session; within the greatest age of the one the browser still holds, an
/// idle session is followed by one with the same factors (NIST SP 800-63B-4 §2.2.3).
///
/// # Errors
/// `unauthenticated` with one sentence for every reason; `throttled` after too many failures, for names that do not
/// exist as well; `unavailable` when the server is busy.
pub async fn with_password(app: &App, login: &str, password: &SecretString, caller: &Caller) -> Result<Step, Problem> {
    let (now, origin) = (app.now(), &caller.origin);
    let key = Email::parse(login).map_or_else(|_| login.trim().to_lowercase(), |login| login_key(&login));
    let known = find_account(app, &key, origin, now).await?;
    let practice = known.as_ref().map_or(PracticeId::DIRECTORY, |(practice, _)| *practice);
    let access = access(practice, "session.sign_in", origin, now);
    let user = known.map(|(_, user)| user);
    let subject = match &user {
        Some(user) => Subject::new("user").id(user.id.uuid()),
        None => Subject::new("user"),
    };
    let reservation = match reserve(app, PASSWORD, &key, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => {
            record(app, &access, Action::LoginFailed, subject, Outcome::denied("throttled")).await?;
            return Err(throttle_problem(throttled, now));
        }
    };
    let normalized = NormalizedPassword::attempt(password);
    let stored = user.as_ref().filter(|user| user.admits(now)).map(|user| user.password.expose().clone());
    let verified = match normalized {
        Ok(normalized) => app.verify_password(normalized, stored).await?,
        Err(_) => Verified::Mismatch,
    };
    let (Verified::Match { .. }, Some(user)) = (verified, user) else {
        record(app, &access, Action::LoginFailed, subject, Outcome::minor("wrong-credentials")).await?;
        return Err(Problem::unauthenticated(WRONG));
    };
    succeed(app, PASSWORD, &key, reservation, now).await?;
    start_session(app, practice, &user, &access, caller, Factor::Password).await
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
    let Some(name) = name.await?.items.pop() else { return Ok(None) };
    let (practice, user) = (name.practice, name.user);
    let looking = access(practice, "session.look_up", origin, now);
    let user = app.vault().read(&looking, |read| Box::pin(async move { read.get::<User>(user).await })).await?;
    // A name that was given up stays its person's and signs nobody in.
    let user = user.filter(|user| login_key(&user.login) == key);
    Ok(user.map(|user| (practice, user)))
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
    factor: Factor,
) -> Result<Step, Problem> {
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
    let password = if user.must_change_password { PasswordStanding::MustChange } else { PasswordStanding::Current };
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
    let next = next_step(&session, user);
    let stored = StoredSession::new(session);
    let access = Access { actor: actor(user.id, &user.roles, &stored.session), ..access.clone() };
    let (id, known) = (user.id, (user.enabled, user.password_set_at));
    let started = app.vault().write(&access, |write| {
        Box::pin(async move {
            // A password that was replaced while it was being verified opens nothing.
            let user = write.expect::<User>(id).await?;
            if (user.enabled, user.password_set_at) != known {
                return Err(Problem::unauthenticated(WRONG));
            }
            let (factors, aal) = (shown(&stored.session), stored.session.aal());
            crate::events::emit(app, write, id, SecurityEvent::SignedIn { factors, aal }).await?;
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

fn next_step(session: &Session, user: &User) -> NextStep {
    match session.state() {
        SessionState::MfaPending => NextStep::Code,
        SessionState::MfaEnrolmentRequired => NextStep::Enrol,
        _ if user.must_change_password => NextStep::NewPassword,
        _ => NextStep::Work,
    }
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

/// Counts an attempt before it is verified, so that N guesses at once count N.
pub(crate) async fn reserve(
    app: &App,
    authenticator: &str,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Result<Reservation, Throttled>, StoreError> {
    let policy = &app.policies().throttle;
    counted(app, authenticator, account, now, move |throttle| throttle.reserve(policy, now)).await
}

pub(crate) async fn succeed(
    app: &App,
    authenticator: &str,
    account: &str,
    reservation: Reservation,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    counted(app, authenticator, account, now, move |throttle| throttle.succeed(&reservation)).await.map(drop)
}

/// Changes a count in one transaction; a conflict begins anew with what the other one wrote.
async fn counted<T: Send>(
    app: &App,
    authenticator: &str,
    account: &str,
    now: DateTime<Utc>,
    mut change: impl FnMut(&mut Throttle) -> T + Send,
) -> Result<T, StoreError> {
    let access = Access::system(PracticeId::DIRECTORY, "attempt.count", now);
    let id = Attempts::id_for(authenticator, account);
    for _ in 0..50 {
        let read = app.vault().read(&access, |read| Box::pin(async move { read.get::<Attempts>(id).await })).await?;
        let version = read.as_ref().map(|found| found.version);
        let mut attempts = read.map_or_else(|| Attempts { id, throttle: Throttle::new() }, |found| found.value);
        let answer = change(&mut attempts.throttle);
        let written = app.vault().write(&access, |write| {
            Box::pin(async move {
                match version {
                    None => write.insert(&attempts).await,
                    Some(version) => write.update(&attempts, version).await.map(drop),
                }
            })
        });
        match written.await {
            Ok(()) => return Ok(answer),
            Err(StoreError::Conflict { .. } | StoreError::AlreadyExists { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::unavailable("too many attempts at once"))
}

pub(crate) fn throttle_problem(throttled: Throttled, now: DateTime<Utc>) -> Problem {
    match throttled {
        Throttled::Wait { until, .. } => {
            let seconds = u64::try_from((until - now).num_seconds()).unwrap_or(0).saturating_add(1);
            Problem::throttled(format!("Please wait {seconds} seconds before the next attempt."))
                .with_retry_after(seconds)
        }
        _ => {
            Problem::throttled("There were too many failed attempts. Ask your administrator for a new way to sign in.")
        }
    }
}
