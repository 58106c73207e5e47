//! The second factor: a code of an authenticator app, a backup code, a code by telephone, or a passkey; each works once.

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
    passkey::Purpose,
    recovery::StoppedBy,
    session::{Scope, SessionToken},
    throttle::Reserved,
    totp::{TotpError, Window},
};
use mentalspace_core::{
    Access, draw,
    store::{StoreError, Versioned, Writing},
};
use serde_json::Value;

use super::{NextStep, SECOND_FACTOR, Step, next_step, reserve, shown, succeed, throttle_problem};
use crate::{
    account::{Totp, User},
    app::App,
    authenticators::{
        self, Held, Phone, StoredPasskey,
        ceremony::{self, State, WRONG},
        passkey::{Refused, site, suspend_copied, verified},
        phone,
    },
    events,
    problem::Problem,
    recoveries, sessions,
    signed::{Pending, actor, wire_token},
};

/// With this many codes left, new ones are offered.
const FEW_LEFT: u32 = mentalspace_auth_policy::backup_code::FEW_LEFT as u32;
const WRONG_CODE: &str = "The code is not right, or was used before. Wait for the next one.";

/// What the person shows.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// A code of the authenticator app, a backup code, or a code by telephone.
    Code(&'a str),
    /// The browser's answer to a challenge of [`passkey_options`].
    Passkey(&'a str),
}

/// A second factor that was verified. It counts once it is stored: a conflict says that it was used meanwhile.
#[derive(Debug)]
#[must_use]
pub(crate) struct Confirmed {
    /// The factor.
    pub(crate) factor: Factor,
    changed: Changed,
    event: Option<SecurityEvent>,
    few_codes_left: bool,
    reservation: Option<Reserved>,
}

#[derive(Debug)]
enum Changed {
    User(Box<User>),
    Phone(Box<Versioned<Phone>>),
    Passkey(Box<Versioned<StoredPasskey>>),
}

impl Confirmed {
    /// Stores what makes the factor work once.
    ///
    /// # Errors
    /// `conflict` when it was used meanwhile.
    pub(crate) async fn store(
        self,
        app: &App,
        work: &mut Writing<'_>,
        pending: &Pending,
    ) -> Result<Settled, StoreError> {
        match self.changed {
            Changed::User(user) => work.update(&*user, pending.user.version).await.map(drop)?,
            Changed::Phone(phone) => work.update(&phone.value, phone.version).await.map(drop)?,
            Changed::Passkey(passkey) => work.update(&passkey.value, passkey.version).await.map(drop)?,
        }
        if let Some(event) = self.event {
            events::emit(app, work, pending.user.id, event).await?;
        }
        Ok(Settled(self.reservation))
    }
}

/// A second factor that was verified and stored; its attempt is to be cleared.
#[derive(Debug)]
#[must_use]
pub(crate) struct Settled(Option<Reserved>);

impl Settled {
    /// Forgets the failed attempts before it.
    ///
    /// # Errors
    /// As the store.
    pub(crate) async fn clear(self, app: &App, pending: &Pending) -> Result<(), StoreError> {
        match self.0 {
            Some(reservation) => {
                succeed(app, SECOND_FACTOR, &pending.user.id.to_string(), reservation, app.now()).await
            }
            None => Ok(()),
        }
    }
}

/// Verifies a second factor of the person, counted before it is looked at; a refusal is on record, and the person told
/// of what looks like an attack.
///
/// # Errors
/// `unauthenticated` with one sentence for every reason; `throttled` after too many failures.
pub(crate) async fn verify(
    app: &App,
    pending: &Pending,
    access: &Access,
    answer: Answer<'_>,
) -> Result<Confirmed, Problem> {
    let held = Held::read(app, access, pending.user.id).await?;
    match answer {
        Answer::Code(code) => verify_code(app, pending, access, held, code).await,
        Answer::Passkey(answer) => verify_passkey(app, pending, access, held, answer).await,
    }
}

async fn verify_code(
    app: &App,
    pending: &Pending,
    access: &Access,
    held: Held,
    code: &str,
) -> Result<Confirmed, Problem> {
    let now = app.now();
    let reservation = match reserve(app, SECOND_FACTOR, &pending.user.id.to_string(), now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => {
            let why = match throttled {
                mentalspace_auth_policy::throttle::Throttled::Disabled { .. } => RefusedBecause::Disabled,
                _ => RefusedBecause::Throttled,
            };
            refused(app, pending, access, Factor::Totp, why).await?;
            return Err(throttle_problem(throttled, now));
        }
    };
    let mut user = pending.user.value.clone();
    let reservation = Some(reservation);
    match check_code(app, &mut user, code, now) {
        Ok(factor) => {
            let left = user.backup_codes.as_ref().map_or(0, |codes| u32::try_from(codes.left()).unwrap_or(u32::MAX));
            let event = (factor == Factor::BackupCode).then_some(SecurityEvent::BackupCodeUsed { left });
            let few_codes_left = event.is_some() && left <= FEW_LEFT;
            return Ok(Confirmed {
                factor,
                changed: Changed::User(Box::new(user)),
                event,
                few_codes_left,
                reservation,
            });
        }
        Err(TotpError::Replayed) => {
            replayed(app, pending, access).await?;
            return Err(Problem::unauthenticated(WRONG_CODE));
        }
        Err(_) => {}
    }
    let usable = held.phone.filter(|phone| phone.record.is_usable() && phone::offered(app).is_ok());
    if let Some(mut phone) = usable
        && let Ok(channel) = phone::redeem(app, &mut phone.value, pending, code)
    {
        phone.value.record.last_used = Some(now);
        let factor = channel.factor();
        let changed = Changed::Phone(Box::new(phone));
        return Ok(Confirmed { factor, changed, event: None, few_codes_left: false, reservation });
    }
    refused(app, pending, access, Factor::Totp, RefusedBecause::Wrong).await?;
    Err(Problem::unauthenticated(WRONG_CODE))
}

async fn verify_passkey(
    app: &App,
    pending: &Pending,
    access: &Access,
    held: Held,
    answer: &str,
) -> Result<Confirmed, Problem> {
    let wrong = || Problem::unauthenticated(WRONG);
    let taken = ceremony::take(app, pending.practice, pending.stored.session.id(), Purpose::Confirm).await;
    let State::Confirm(state) = taken? else { return Err(wrong()) };
    let site = site(app)?;
    let which = site.which(answer).map_err(|_| wrong())?;
    let found = held.passkeys.into_iter().find(|passkey| passkey.record.is_usable() && passkey.passkey.id() == which);
    let Some(mut passkey) = found else {
        refused(app, pending, access, Factor::Passkey, RefusedBecause::Wrong).await?;
        return Err(wrong());
    };
    match verified(site.finish_authentication(&state, answer, &mut passkey.value.passkey)) {
        Ok(()) => {
            passkey.value.record.last_used = Some(app.now());
            let changed = Changed::Passkey(Box::new(passkey));
            let factor = Factor::Passkey;
            Ok(Confirmed { factor, changed, event: None, few_codes_left: false, reservation: None })
        }
        Err(why) => {
            if why == Refused::Copied {
                suspend_copied(app, access, &passkey).await?;
            }
            refused(app, pending, access, Factor::Passkey, RefusedBecause::Wrong).await?;
            Err(wrong())
        }
    }
}

/// Starts a challenge for the passkeys of a person who is known, and returns the options for the browser.
///
/// # Errors
/// `conflict` when there is none that may be used.
pub async fn passkey_options(app: &App, pending: &Pending) -> Result<Value, Problem> {
    let access = pending.access("passkey.challenge", app.now());
    let held = Held::read(app, &access, pending.user.id).await?;
    let passkeys: Vec<_> = held.usable_passkeys().map(|passkey| passkey.passkey.clone()).collect();
    let started = site(app)?.start_authentication(&passkeys);
    let (options, state) = started.map_err(|_| Problem::conflict("There is no passkey to use on this account."))?;
    ceremony::keep(app, pending.practice, pending.stored.session.id(), State::Confirm(state)).await?;
    Ok(options)
}

/// Shows the second factor and gives the session a new token.
///
/// # Errors
/// `unauthenticated` when it is wrong or was used; `throttled` after too many failures.
pub async fn with_second_factor(app: &App, pending: &Pending, answer: Answer<'_>) -> Result<Step, Problem> {
    pending.permit(app, Scope::CompleteMfa)?;
    let now = app.now();
    let access = pending.access("session.second_factor", now);
    let verified = verify(app, pending, &access, answer).await?;
    let token = SessionToken::from_random(draw(app.entropy()));
    let mut stored = pending.stored.value.clone();
    let renewed = stored.session.complete_mfa(verified.factor, token.hash(), &app.policies().session, now);
    renewed.map_err(|error| Problem::unauthenticated(crate::problem::sentence(&error)))?;
    let next = match next_step(&stored.session) {
        NextStep::Work if verified.few_codes_left => NextStep::BackupCodes,
        other => other,
    };
    let version = pending.stored.version;
    let event = SecurityEvent::SignedIn { factors: shown(&stored.session), aal: stored.session.aal() };
    let access = Access { actor: actor(pending.user.id, &pending.user.roles, &stored.session), ..access };
    let written = app.vault().write(&access, |write| {
        Box::pin(async move {
            let settled = verified.store(app, write, pending).await?;
            write.update(&stored, version).await?;
            sessions::admit(app, write, &stored.session).await?;
            recoveries::stop_in(app, write, pending.user.id, StoppedBy::SignIn).await?;
            events::emit(app, write, pending.user.id, event).await?;
            Ok::<_, Problem>(settled)
        })
    });
    match written.await {
        Err(problem) if problem.is_stale() => return Err(Problem::unauthenticated(WRONG_CODE)),
        other => other?.clear(app, pending).await?,
    }
    Ok(Step { token: wire_token(pending.practice, &token), next })
}

/// Shows the code of the second factor and gives the session a new token.
///
/// # Errors
/// As [`with_second_factor`].
pub async fn with_code(app: &App, pending: &Pending, code: &str) -> Result<Step, Problem> {
    with_second_factor(app, pending, Answer::Code(code)).await
}

async fn refused(
    app: &App,
    pending: &Pending,
    access: &Access,
    factor: Factor,
    why: RefusedBecause,
) -> Result<(), StoreError> {
    let (id, event) = (pending.user.id, SecurityEvent::Refused { factor, why });
    app.vault().write(access, |work| Box::pin(async move { events::emit(app, work, id, event).await })).await
}

/// A code came a second time: on record, told by mail, and shown in every session that lives (§3.1.4).
async fn replayed(app: &App, pending: &Pending, access: &Access) -> Result<(), StoreError> {
    let (id, now) = (pending.user.id, app.now());
    let event = SecurityEvent::Refused { factor: Factor::Totp, why: RefusedBecause::Replayed };
    let told = app.vault().write(access, |work| {
        Box::pin(async move {
            sessions::alert(work, id, pending.stored.session.id(), now).await?;
            events::emit(app, work, id, event).await
        })
    });
    match told.await {
        // A session was used at the same moment: the notice by mail goes out all the same.
        Err(StoreError::Conflict { .. }) => {
            let event = SecurityEvent::Refused { factor: Factor::Totp, why: RefusedBecause::Replayed };
            app.vault().write(access, |work| Box::pin(async move { events::emit(app, work, id, event).await })).await
        }
        other => other,
    }
}

/// Checks a code against what the account itself has and marks it as used; the account has to be stored with its version.
pub(crate) fn check_code(app: &App, user: &mut User, code: &str, now: DateTime<Utc>) -> Result<Factor, TotpError> {
    let code = code.trim();
    let digits = code.bytes().filter(|byte| *byte != b' ').count() <= 8;
    if digits {
        let code: String = code.chars().filter(|c| *c != ' ').collect();
        let totp = user.totp.as_ref().filter(|totp| totp.record.is_usable()).ok_or(TotpError::Mismatch)?;
        let (mut authenticator, record) = (totp.authenticator(), totp.record.clone());
        let accepted = authenticator.verify(&code, now, Window::default())?;
        authenticator.accept(accepted);
        let mut totp = Totp::keep(&authenticator, record);
        authenticators::used(&mut totp, now);
        user.totp = Some(totp);
        return Ok(Factor::Totp);
    }
    let codes = user.backup_codes.as_mut().ok_or(TotpError::Mismatch)?;
    codes.redeem(code, app.hasher().peppers(), now).map(|_| Factor::BackupCode).map_err(|_| TotpError::Mismatch)
}
