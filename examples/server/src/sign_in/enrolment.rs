//! Enrolment of a second factor: it counts once it was shown to work.

use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    session::SessionToken,
    totp::{TotpEnrolment, TotpSecret, Window},
};
use mentalspace_core::{
    draw,
    store::{Deed, Subject},
};
use secrecy::SecretString;

use super::{SECOND_FACTOR, Step, next_step, record, reserve, succeed, throttle_problem};
use crate::{
    account::{OfferedTotp, Totp, User},
    app::App,
    problem::Problem,
    sessions,
    signed::{Pending, wire_token},
};

/// Offers an authenticator app: returns the secret's `otpauth` address, which is shown once.
///
/// # Errors
/// One is set up already.
pub async fn offer_totp(app: &App, pending: &Pending) -> Result<(SecretString, SecretString), Problem> {
    if pending.user.totp.is_some() {
        return Err(Problem::conflict("An authenticator app is set up already."));
    }
    let now = app.now();
    let secret = TotpSecret::from_bytes(draw(app.entropy()));
    let account = pending.user.login.expose().replace(':', "");
    let address = secret.expose_uri("MentalSpace", &account);
    let address = address.map_err(|error| Problem::internal(crate::problem::sentence(&error)))?;
    let offered = OfferedTotp { secret: mentalspace_core::Phi::new(*secret.expose()), at: now };
    let user = User { offered_totp: Some(offered), ..pending.user.value.clone() };
    let version = pending.user.version;
    let access = pending.access("mfa.offer", now);
    app.vault().write(&access, |write| Box::pin(async move { write.update(&user, version).await })).await?;
    Ok((address, secret.expose_base32()))
}

/// Confirms the offered authenticator app with its first code and gives the session a new token.
///
/// # Errors
/// The code is wrong, nothing was offered, or the offer is too old.
pub async fn confirm_totp(app: &App, pending: &Pending, code: &str) -> Result<Step, Problem> {
    let now = app.now();
    let mut user = pending.user.value.clone();
    let offered = user.offered_totp.take().ok_or_else(|| Problem::conflict("No authenticator app was offered."))?;
    let enrolment = TotpEnrolment::restore_shown(TotpSecret::from_bytes(*offered.secret.expose()), offered.at);
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let access = pending.access("mfa.confirm", now);
    let subject = Subject::new("user").id(user.id.uuid());
    let account = user.id.to_string();
    let reservation = match reserve(app, SECOND_FACTOR, &account, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => return Err(throttle_problem(throttled, now)),
    };
    let authenticator = match enrolment.confirm(&code, now, Window::default()) {
        Ok(authenticator) => authenticator,
        Err(error) => {
            record(app, &access, Action::MfaFail, subject, Outcome::minor("wrong-code")).await?;
            return Err(Problem::field("code", crate::problem::sentence(&error)));
        }
    };
    user.totp = Some(Totp::keep(&authenticator));
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut stored = pending.stored.value.clone();
    let renewed = stored.session.complete_mfa(Factor::Totp, token.hash(), &app.policies().session, now);
    renewed.map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?;
    let next = next_step(&stored.session);
    let (user_version, session_version) = (pending.user.version, pending.stored.version);
    let deed = Deed { action: Action::MfaEnrol, subject, outcome: Outcome::success() };
    let written = app.vault().write(&access, |write| {
        Box::pin(async move {
            write.update(&user, user_version).await?;
            write.update(&stored, session_version).await?;
            sessions::admit(app, write, &stored.session).await?;
            write.record(deed);
            Ok::<_, Problem>(())
        })
    });
    written.await?;
    succeed(app, SECOND_FACTOR, &account, reservation, now).await?;
    Ok(Step { token: wire_token(pending.practice, &token), next })
}
