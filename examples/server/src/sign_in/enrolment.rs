//! Enrolment of a second factor: it counts once it was shown to work, and takes the place of another only then.

use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    mfa::Enrolled,
    session::{Scope, SessionState, SessionToken},
    totp::{TotpEnrolment, TotpSecret, Window, qr_svg},
};
use mentalspace_core::{
    Access, draw,
    store::{Working, Writing},
};
use secrecy::SecretString;

use super::{NextStep, SECOND_FACTOR, Step, next_step, reserve, succeed, throttle_problem};
use crate::{
    account::{OfferedTotp, Totp, User},
    app::App,
    authenticators::{self, Held, Record, enrolled},
    events,
    problem::Problem,
    sessions,
    signed::{Pending, actor, wire_token},
};

/// An authenticator app to be set up; shown once.
#[derive(Debug)]
pub struct Offered {
    /// The `otpauth` address.
    pub address: SecretString,
    /// The secret in base32, for who types it.
    pub secret: SecretString,
    /// The address as a QR code.
    pub picture: SecretString,
}

/// Makes sure that the session may bind an authenticator: it has to enrol, or has shown every factor there is a short
/// while ago.
///
/// # Errors
/// A step-up is required, or the session has something else to do first.
pub(crate) async fn may_enrol(app: &App, pending: &Pending) -> Result<(), Problem> {
    if pending.stored.session.state() == SessionState::Active {
        return authenticators::may_change(app, pending).await;
    }
    pending.permit(app, Scope::EnrolMfa)?;
    // Where a factor was bound meanwhile, the password alone must not bind another (§6.3).
    let held = Held::read(app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    match enrolled(&pending.user, &held) {
        Enrolled::No => Ok(()),
        Enrolled::Yes => Err(Problem::unauthenticated("A second factor is set up by now. Please sign in again.")),
    }
}

/// Binds an authenticator: stores it by `store`, has the session show it, gives it a new token, ends the person's other
/// sessions, and tells the person.
pub(crate) async fn bind<F>(app: &App, pending: &Pending, factor: Factor, store: F) -> Result<Step, Problem>
where
    F: for<'t, 'w> FnOnce(&'t mut Writing<'w>) -> Working<'t, (), Problem> + Send,
{
    let (now, limits) = (app.now(), &app.policies().session);
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut session = pending.stored.value.clone();
    let renewed = if session.session.state() == SessionState::Active {
        session.session.step_up(&[factor], &pending.from, token.hash(), limits, now)
    } else {
        session.session.complete_mfa(factor, token.hash(), limits, now)
    };
    renewed.map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?;
    let next = match next_step(&session.session) {
        NextStep::Work if pending.user.backup_codes.is_none() => NextStep::BackupCodes,
        other => other,
    };
    let access = pending.access("authenticator.bind", now);
    let access = Access { actor: actor(pending.user.id, &pending.user.roles, &session.session), ..access };
    let version = pending.stored.version;
    let bound = app.vault().write(&access, |work| {
        Box::pin(async move {
            store(work).await?;
            work.update(&session, version).await?;
            sessions::admit(app, work, &session.session).await?;
            authenticators::changed(app, work, pending).await?;
            let event = SecurityEvent::AuthenticatorBound { factor };
            Ok::<_, Problem>(events::emit(app, work, pending.user.id, event).await?)
        })
    });
    bound.await?;
    Ok(Step { token: wire_token(pending.practice, &token), next })
}

/// Offers an authenticator app, which is shown once. One that is set up goes on working until this one is confirmed.
///
/// # Errors
/// A step-up is required, or the session has something else to do first.
pub async fn offer_totp(app: &App, pending: &Pending) -> Result<Offered, Problem> {
    may_enrol(app, pending).await?;
    let now = app.now();
    let secret = TotpSecret::from_bytes(draw(app.entropy()));
    let account = pending.user.login.expose().replace(':', "");
    let failed = |error| Problem::internal(crate::problem::sentence(&error));
    let address = secret.expose_uri("MentalSpace", &account).map_err(failed)?;
    let picture = qr_svg(&address, "QR code for an authenticator app").map_err(failed)?;
    let offered = OfferedTotp { secret: mentalspace_core::Phi::new(*secret.expose()), at: now };
    let user = User { offered_totp: Some(offered), ..pending.user.value.clone() };
    let version = pending.user.version;
    let access = pending.access("mfa.offer", now);
    app.vault().write(&access, |write| Box::pin(async move { write.update(&user, version).await })).await?;
    Ok(Offered { address, secret: secret.expose_base32(), picture })
}

/// Confirms the offered authenticator app with its first code; the app of before no longer works.
///
/// # Errors
/// The code is wrong, nothing was offered, or the offer is too old.
pub async fn confirm_totp(app: &App, pending: &Pending, code: &str) -> Result<Step, Problem> {
    may_enrol(app, pending).await?;
    let now = app.now();
    let mut user = pending.user.value.clone();
    let offered = user.offered_totp.take().ok_or_else(|| Problem::conflict("No authenticator app was offered."))?;
    let enrolment = TotpEnrolment::restore_shown(TotpSecret::from_bytes(*offered.secret.expose()), offered.at);
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let access = pending.access("mfa.confirm", now);
    let account = user.id.to_string();
    let reservation = match reserve(app, SECOND_FACTOR, &account, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => return Err(throttle_problem(throttled, now)),
    };
    let authenticator = match enrolment.confirm(&code, now, Window::default()) {
        Ok(authenticator) => authenticator,
        Err(error) => {
            let (id, why) = (user.id, RefusedBecause::Wrong);
            let event = SecurityEvent::Refused { factor: Factor::Totp, why };
            app.vault()
                .write(&access, |work| Box::pin(async move { events::emit(app, work, id, event).await }))
                .await?;
            return Err(Problem::field("code", crate::problem::sentence(&error)));
        }
    };
    let replaced = user.totp.is_some();
    user.totp = Some(Totp::keep(&authenticator, Record::new("Authenticator app", pending, now)));
    let (id, version) = (user.id, pending.user.version);
    let server = app.clone();
    let step = bind(app, pending, Factor::Totp, move |work| {
        Box::pin(async move {
            work.update(&user, version).await?;
            if replaced {
                let event = SecurityEvent::AuthenticatorRemoved { factor: Factor::Totp };
                events::emit(&server, work, id, event).await?;
            }
            Ok(())
        })
    });
    let step = step.await?;
    succeed(app, SECOND_FACTOR, &account, reservation, now).await?;
    Ok(step)
}
