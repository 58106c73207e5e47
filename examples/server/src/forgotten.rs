//! A forgotten password: a link to the address, and the second factor all the same.
//!
//! The answer to the request is the same for every name, and so is the time it takes: what there is to do is left to the
//! workers. Standard: NIST SP 800-63B-4 §4.2, OWASP ASVS 5.0 6.3.8, 6.4.3.

use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    session::{EndReason, Ending},
    throttle::Rate,
    ticket::Purpose as LinkFor,
};
use mentalspace_core::{
    Access, Actor, Email, Phi, Practice, PracticeId,
    store::{Find, Job, Term, Versioned},
};
use secrecy::SecretString;

use crate::{
    account::{SignInName, User, login_key},
    app::App,
    attempts, devices, events,
    jobs::Failure,
    letters,
    links::{self, Presented},
    problem::Problem,
    sessions,
    set_up::{NewUser, check_new_password},
    sign_in,
    signed::Caller,
};

/// The queue of requests.
pub(crate) const QUEUE: &str = "password.forgotten";
/// How often links are asked for, for a name that exists or does not. It is a rate and no count of failures: strangers who
/// ask must not take the way back from its owner.
const OF_NAME: Rate = Rate { failures: 5, per_secs: 60 * 60 };
/// How often they are asked for from one network.
const FROM_NETWORK: Rate = Rate { failures: 30, per_secs: 60 * 60 };

/// Asks for a link. Whether there is such an account is not told, by words or by time.
///
/// # Errors
/// `throttled` after too many requests for the same name or from the same network; as the store.
pub async fn request(app: &App, login: &str, caller: &Caller) -> Result<(), Problem> {
    let now = app.now();
    let key = Email::parse(login).map_or_else(|_| login.trim().to_lowercase(), |login| login_key(&login));
    let key: String = key.chars().take(256).collect();
    let network =
        caller.sender.source.map(|source| ("password links from a network", source.to_string(), FROM_NETWORK));
    let name = Some(("password links of a name", key.clone(), OF_NAME));
    for (what, who, most) in [network, name].into_iter().flatten() {
        if let Some(until) = attempts::rate(app, what, &who, most, now).await? {
            return Err(sign_in::wait_problem(until, now));
        }
    }
    let job = Job::new(app.new_id(), QUEUE, serde_json::json!({ "login": key }), now)?;
    let access = Access { actor: Actor::Anonymous, ..Access::system(PracticeId::DIRECTORY, "password.forgotten", now) };
    app.vault().write(&access, |work| Box::pin(async move { work.insert(&job).await })).await?;
    app.work_is_waiting();
    Ok(())
}

/// Writes the letter, if there is such an account; a worker's task.
pub(crate) async fn answer(app: &App, job: &Versioned<Job>) -> Result<(), Failure> {
    let login = job.payload.expose()["login"].as_str().unwrap_or_default().to_owned();
    let access = Access::system(PracticeId::DIRECTORY, "password.forgotten", app.now());
    let find = Find::<SignInName>::new().with(Term::blind("login", login.clone())).limit(1);
    let found = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await })).await?;
    let Some(name) = found.items.into_iter().next() else { return Ok(()) };
    let (practice, user) = (name.practice, name.user);
    let access = Access::system(practice, "password.forgotten", app.now());
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            let Some(user) = work.get::<User>(user).await? else { return Ok(()) };
            // Who was invited and never came has an invitation to use; an account that is shut has nothing.
            if !user.enabled || user.must_change_password || login_key(&user.login) != login {
                return Ok(());
            }
            let token = links::issue(app, work, practice, user.id, LinkFor::PasswordReset, None).await?;
            let link = letters::link(app, "/sign-in/reset", &token);
            events::emit(app, work, user.id, SecurityEvent::PasswordResetRequested).await?;
            let sentence = "Somebody, probably you, asked for a new password. Choose it here within half an hour; your \
                            second factor is asked for as well:";
            letters::write_link(app, work, &user, user.login.clone(), &link, sentence).await
        })
    });
    written.await.map_err(Failure::from)
}

/// Tells whether a link may still be used, and whether the account has a second factor to show.
///
/// # Errors
/// `forbidden` with one sentence for every reason.
pub async fn look(app: &App, text: &str) -> Result<User, Problem> {
    let presented = Presented::read(app, text).await?;
    let access = Access::system(presented.practice, "password.look_at_link", app.now());
    let presented = &presented;
    let found = app.vault().read(&access, |work| {
        Box::pin(async move {
            let link = presented.find(app, work, LinkFor::PasswordReset).await?;
            let user = work.get::<User>(link.user).await?.map(|user| user.value);
            user.filter(|user| user.enabled).ok_or_else(links::not_valid)
        })
    });
    found.await
}

/// Replaces a forgotten password, for who holds the link and shows the second factor. Sessions and trust end.
///
/// # Errors
/// `forbidden` with one sentence for every reason; `invalid` when the code or the password cannot be taken;
/// `throttled`.
pub async fn reset(app: &App, text: &str, password: &SecretString, code: &str, caller: &Caller) -> Result<(), Problem> {
    let now = app.now();
    let presented = Presented::read(app, text).await?;
    let mut user = look(app, text).await?;
    let access = Access {
        actor: Actor::Anonymous,
        origin: Some(caller.origin.clone()),
        ..Access::system(presented.practice, "password.reset", now)
    };
    let practice = presented.practice;
    let practice =
        app.vault().read(&access, |work| Box::pin(async move { work.expect::<Practice>(practice).await })).await?;
    let chosen = NewUser {
        login: user.login.clone(),
        display_name: user.display_name.clone(),
        roles: user.roles.clone(),
        clinician: user.clinician,
        password: password.clone(),
    };
    let checked = check_new_password(app, &practice, &chosen).await?;
    let (account, key) = (user.id.to_string(), login_key(&user.login));
    let mut shown = None;
    let before = (user.totp.clone(), user.backup_codes.clone());
    if user.totp.is_some() || user.backup_codes.is_some() {
        let id = user.id;
        let refuse = async |why| {
            let event = SecurityEvent::Refused { factor: Factor::Totp, why };
            app.vault().write(&access, |work| Box::pin(async move { events::emit(app, work, id, event).await })).await
        };
        let reservation = match sign_in::reserve(app, sign_in::SECOND_FACTOR, &account, now).await? {
            Ok(reservation) => reservation,
            Err(throttled) => {
                refuse(RefusedBecause::Throttled).await?;
                return Err(sign_in::throttle_problem(throttled, now));
            }
        };
        if sign_in::check_code(app, &mut user, code, now).is_err() {
            refuse(RefusedBecause::Wrong).await?;
            return Err(Problem::field("code", "is not right, or was used before"));
        }
        shown = Some(reservation);
    }
    let hash = app.hash_password(checked).await?;
    let presented = &presented;
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            let link = presented.redeem(app, work, LinkFor::PasswordReset).await?;
            let found = work.expect::<User>(link.user).await?;
            // The code was checked against what was read before: it is marked on that, or not at all.
            let same = (&found.totp, &found.backup_codes) == (&before.0, &before.1);
            if !same || !found.enabled || found.password_set_at != user.password_set_at {
                return Err(links::not_valid());
            }
            let (totp, backup_codes) = (user.totp, user.backup_codes);
            let user = User { password: Phi::new(hash), password_set_at: now, totp, backup_codes, ..found.value };
            work.update(&user, found.version).await?;
            sessions::end_in(app, work, user.id, Ending::All, EndReason::PasswordChanged).await?;
            devices::distrust(work, user.id).await?;
            events::emit(app, work, user.id, SecurityEvent::PasswordReset).await?;
            Ok::<_, Problem>(())
        })
    });
    done.await.map_err(links::once)?;
    if let Some(reservation) = shown {
        sign_in::succeed(app, sign_in::SECOND_FACTOR, &account, reservation, now).await?;
    }
    Ok(attempts::clear(app, sign_in::PASSWORD, &key).await?)
}
