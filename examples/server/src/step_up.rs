//! Confirming that it is still the same person: the password and the second factor once more, for what is sensitive and
//! on a device the session was not begun on.
//!
//! Standard: OWASP ASVS 5.0 7.5.1, 7.5.3, NIST SP 800-63B-4 §5.2.

use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    hash::Verified,
    mfa::Enrolled,
    password::NormalizedPassword,
    session::{Scope, SessionToken},
};
use mentalspace_core::{draw, store::StoreError};
use secrecy::SecretString;

use crate::{
    account::login_key,
    app::App,
    authenticators::{Held, enrolled},
    devices, events,
    problem::Problem,
    sign_in::{self, Answer, Confirmed, NextStep, Step},
    signed::{Caller, Pending, sighting, wire_token},
};

/// One sentence for every reason.
const WRONG: &str = "The password or the code is not right, or the code was used before.";

/// What the person shows.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The password.
    pub password: &'a SecretString,
    /// The code of the second factor, where there is one.
    pub code: &'a str,
}

/// Checks password and second factor and gives the session a new token on the device at hand.
///
/// # Errors
/// `invalid` with one sentence for every reason; `throttled`; `unauthenticated` when the session is over or unfinished.
pub async fn confirm(app: &App, pending: &Pending, caller: &Caller, shown: Shown<'_>) -> Result<Step, Problem> {
    pending.permit(app, Scope::StepUp)?;
    let now = app.now();
    let access = pending.access("session.step_up", now);
    let (id, login) = (pending.user.id, login_key(&pending.user.login));
    let mut factors = vec![Factor::Password];
    let reservation = match sign_in::reserve(app, sign_in::PASSWORD, &login, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => {
            refused(app, &access, id, Factor::Password, RefusedBecause::Throttled).await?;
            return Err(sign_in::throttle_problem(throttled, now));
        }
    };
    let verified = match NormalizedPassword::attempt(shown.password) {
        Ok(attempt) => app.verify_password(attempt, Some(pending.user.password.expose().clone())).await?,
        Err(_) => Verified::Mismatch,
    };
    if !matches!(verified, Verified::Match { .. }) {
        refused(app, &access, id, Factor::Password, RefusedBecause::Wrong).await?;
        return Err(Problem::invalid(WRONG));
    }
    sign_in::succeed(app, sign_in::PASSWORD, &login, reservation, now).await?;

    let held = Held::read(app, &access, id).await?;
    let mut second = None;
    if enrolled(&pending.user, &held) == Enrolled::Yes || pending.user.backup_codes.is_some() {
        let verified = sign_in::verify(app, pending, &access, Answer::Code(shown.code)).await.map_err(one_sentence)?;
        factors.push(verified.factor);
        second = Some(verified);
    }
    renew(app, pending, caller, factors, second).await
}

/// Checks a passkey, which is two factors in one, and gives the session a new token on the device at hand.
///
/// # Errors
/// `invalid` with one sentence for every reason; `unauthenticated` when the session is over or unfinished.
pub async fn confirm_passkey(app: &App, pending: &Pending, caller: &Caller, answer: &str) -> Result<Step, Problem> {
    pending.permit(app, Scope::StepUp)?;
    let access = pending.access("session.step_up", app.now());
    let verified = sign_in::verify(app, pending, &access, Answer::Passkey(answer)).await.map_err(one_sentence)?;
    renew(app, pending, caller, vec![verified.factor], Some(verified)).await
}

/// Who is signed in already is not sent to sign in.
fn one_sentence(problem: Problem) -> Problem {
    if problem.status == axum::http::StatusCode::UNAUTHORIZED { Problem::invalid(WRONG) } else { problem }
}

async fn renew(
    app: &App,
    pending: &Pending,
    caller: &Caller,
    factors: Vec<Factor>,
    second: Option<Confirmed>,
) -> Result<Step, Problem> {
    let (now, id) = (app.now(), pending.user.id);
    let access = pending.access("session.step_up", now);
    let token = SessionToken::from_random(draw(app.entropy()));
    let from = sighting(caller.device.as_ref(), &caller.origin, id);
    let mut stored = pending.stored.value.clone();
    let renewed = stored.session.step_up(&factors, &from, token.hash(), &app.policies().session, now);
    renewed.map_err(|error| Problem::unauthenticated(crate::problem::sentence(&error)))?;
    let version = pending.stored.version;
    let event = SecurityEvent::SignedIn { factors, aal: stored.session.aal() };
    let access =
        mentalspace_core::Access { actor: crate::signed::actor(id, &pending.user.roles, &stored.session), ..access };
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            let settled = match second {
                Some(second) => Some(second.store(app, work, pending).await?),
                None => None,
            };
            work.update(&stored, version).await?;
            devices::seen(app, work, id, &from).await?;
            events::emit(app, work, id, event).await?;
            Ok::<_, StoreError>(settled)
        })
    });
    match written.await {
        Err(StoreError::Conflict { .. }) => return Err(Problem::invalid(WRONG)),
        other => {
            if let Some(settled) = other? {
                settled.clear(app, pending).await?;
            }
        }
    }
    Ok(Step { token: wire_token(pending.practice, &token), next: NextStep::Work })
}

async fn refused(
    app: &App,
    access: &mentalspace_core::Access,
    user: mentalspace_core::UserId,
    factor: Factor,
    why: RefusedBecause,
) -> Result<(), StoreError> {
    let event = SecurityEvent::Refused { factor, why };
    app.vault().write(access, |work| Box::pin(async move { events::emit(app, work, user, event).await })).await
}
