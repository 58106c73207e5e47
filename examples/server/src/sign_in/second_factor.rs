//! The second factor: a code of an authenticator app or a backup code, each working once.

use chrono::{DateTime, Utc};
use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    recovery::StoppedBy,
    session::SessionToken,
    totp::{TotpError, Window},
};
use mentalspace_core::{
    draw,
    store::{Deed, Subject},
};

use super::{SECOND_FACTOR, Step, next_step, record, reserve, succeed, throttle_problem};
use crate::{
    account::{Totp, User},
    app::App,
    problem::Problem,
    recoveries, sessions,
    signed::{Pending, wire_token},
};

const WRONG_CODE: &str = "The code is not right, or was used before. Wait for the next one.";

/// Checks the code of an authenticator app, or a backup code, and gives the session a new token.
///
/// # Errors
/// `unauthenticated` when the code is wrong or was used; `throttled` after too many failures.
pub async fn with_code(app: &App, pending: &Pending, code: &str) -> Result<Step, Problem> {
    let now = app.now();
    let access = pending.access("session.second_factor", now);
    let subject = Subject::new("user").id(pending.user.id.uuid());
    let account = pending.user.id.to_string();
    let reservation = match reserve(app, SECOND_FACTOR, &account, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => {
            record(app, &access, Action::MfaFail, subject, Outcome::denied("throttled")).await?;
            return Err(throttle_problem(throttled, now));
        }
    };
    let mut user = pending.user.value.clone();
    let checked = match check_code(app, &mut user, code, now) {
        Ok(factor) => factor,
        Err(error) => {
            let action = if error == TotpError::Replayed { Action::OtpReplay } else { Action::MfaFail };
            record(app, &access, action, subject, Outcome::minor("wrong-code")).await?;
            return Err(Problem::unauthenticated(WRONG_CODE));
        }
    };
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut stored = pending.stored.value.clone();
    let renewed = stored.session.complete_mfa(checked, token.hash(), &app.policies().session, now);
    renewed.map_err(|error| Problem::unauthenticated(crate::problem::sentence(&error)))?;
    let (user_version, session_version) = (pending.user.version, pending.stored.version);
    let next = next_step(&stored.session);
    let deed = Deed { action: Action::Login, subject, outcome: Outcome::success() };
    let written = app.vault().write(&access, |write| {
        Box::pin(async move {
            // The version is the proof that nobody used this code in the meantime.
            write.update(&user, user_version).await?;
            write.update(&stored, session_version).await?;
            sessions::admit(app, write, &stored.session).await?;
            recoveries::stop_in(app, write, user.id, StoppedBy::SignIn).await?;
            write.record(deed);
            Ok::<_, Problem>(())
        })
    });
    match written.await {
        Err(problem) if problem.is_stale() => return Err(Problem::unauthenticated(WRONG_CODE)),
        other => other?,
    }
    succeed(app, SECOND_FACTOR, &account, reservation, now).await?;
    Ok(Step { token: wire_token(pending.practice, &token), next })
}

/// Checks a code against what the account has and marks it as used; the account has to be stored with its version.
pub(crate) fn check_code(app: &App, user: &mut User, code: &str, now: DateTime<Utc>) -> Result<Factor, TotpError> {
    let code = code.trim();
    let digits = code.bytes().filter(|byte| *byte != b' ').count() <= 6;
    if digits {
        let code: String = code.chars().filter(|c| *c != ' ').collect();
        let mut authenticator = user.totp.as_ref().ok_or(TotpError::Mismatch)?.authenticator();
        let accepted = authenticator.verify(&code, now, Window::default())?;
        authenticator.accept(accepted);
        user.totp = Some(Totp::keep(&authenticator));
        return Ok(Factor::Totp);
    }
    let codes = user.backup_codes.as_mut().ok_or(TotpError::Mismatch)?;
    codes.redeem(code, app.hasher().peppers(), now).map(|_| Factor::BackupCode).map_err(|_| TotpError::Mismatch)
}
