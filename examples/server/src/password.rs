//! Changing the own password and making new backup codes.

use mentalspace_auth_policy::{
    assurance::Factor,
    backup_code::{BackupCodes, CODES},
    event::{RefusedBecause, SecurityEvent},
    hash::Verified,
    password::NormalizedPassword,
    session::{EndReason, Ending, Scope, SessionToken},
};
use mentalspace_core::{Access, Phi, Practice, draw};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    account::login_key,
    app::App,
    devices, events,
    problem::Problem,
    sessions,
    set_up::{NewUser, check_new_password},
    sign_in::{self, NextStep, Step},
    signed::{Pending, wire_token},
};

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
    let hash = app.hash_password(check_new_password(app, &practice, &new).await?).await?;
    let token = store(app, pending, &access, hash).await?;
    Ok(Step { token: wire_token(pending.practice, &token), next: NextStep::Work })
}

async fn store(
    app: &App,
    pending: &Pending,
    access: &Access,
    hash: mentalspace_auth_policy::hash::PhcString,
) -> Result<SessionToken, Problem> {
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut mine = pending.stored.value.clone();
    let renewed = mine.session.password_changed(token.hash(), &app.policies().session, access.at);
    renewed.map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?;
    let mut user = pending.user.value.clone();
    (user.password, user.password_set_at, user.must_change_password) = (Phi::new(hash), access.at, false);
    let (user_version, session_version) = (pending.user.version, pending.stored.version);
    let stored = app.vault().write(access, |work| {
        Box::pin(async move {
            work.update(&user, user_version).await?;
            work.update(&mine, session_version).await?;
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
    let made = app.vault().write(&access, |work| {
        Box::pin(async move {
            let event = SecurityEvent::AuthenticatorBound { factor: Factor::BackupCode };
            events::emit(app, work, user.id, event).await?;
            work.update(&user, version).await
        })
    });
    made.await?;
    Ok(clear.iter().map(mentalspace_auth_policy::backup_code::BackupCode::expose).collect())
}
