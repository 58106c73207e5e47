//! The session: who is signed in, how surely, and until when.
//!
//! Invariants: an ended session never lives again; the token changes with every change of privilege; the level of
//! assurance follows from the factors shown; only a person's own action keeps a session alive.
//! Standard: NIST SP 800-63B-4 §2.2.3, §5.1, §5.2, OWASP ASVS 5.0 chapter 7, 45 CFR 164.312(a)(2)(iii).

mod access;
mod concurrent;
mod policy;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use access::{Access, Refusal, Scope, StepUpReason};
pub use concurrent::{Ending, TooManySessions, make_room, to_end};
pub use policy::{OverLimit, SessionPolicy, SessionRules};

use crate::assurance::{Aal, Factor, ShownFactors};
use crate::device::Sighting;
use crate::mfa::Decision;
use crate::time::after;
pub use crate::token::{InvalidToken, Token as SessionToken, TokenHash};

/// What a session may do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionState {
    /// The second factor was not shown yet.
    MfaPending,
    /// A second factor must be enrolled first.
    MfaEnrolmentRequired,
    /// The password must be changed first.
    PasswordExpired,
    /// Signed in.
    Active,
    /// Over.
    Ended(Ended),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// Nobody did anything for too long.
    Idle,
    /// The session reached its greatest age.
    Absolute,
    /// The person logged out.
    LoggedOut,
    /// The person or an administrator ended it from elsewhere.
    Revoked,
    /// A factor was changed.
    FactorChanged,
    /// The password was changed.
    PasswordChanged,
    /// What the person may do was changed.
    RoleChanged,
    /// A request came from another device than the session's.
    OtherDevice,
    /// The account was disabled or deleted.
    AccountDisabled,
    /// A new session took its place: the one after an idle end, or the newest of too many.
    Replaced,
}

/// A session that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("session has ended")]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Ended {
    /// Why.
    pub reason: EndReason,
    /// Since when, or when it was noticed.
    pub at: DateTime<Utc>,
}

/// A transition that this state does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The session is over.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The session is in another state.
    #[error("session is in a state without this step")]
    WrongState,
    /// The new token is the old one.
    #[error("session token was not renewed")]
    TokenNotRenewed,
    /// The factor does not prove what the step needs.
    #[error("factor is not sufficient for this step")]
    InsufficientFactor,
}

/// What a request says about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Someone did something.
    Interactive,
    /// A page asked by itself.
    Background,
}

/// Whether a touched session has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Touched {
    /// The last activity moved: write the session.
    Write,
    /// The stored one is recent enough.
    Unchanged,
}

/// Whether the password someone signed in with may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordStanding {
    /// It may.
    Current,
    /// It has expired, is compromised, or was set by somebody else.
    MustChange,
}

/// What a session starts from: a first factor that was just verified.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The id of the session.
    pub id: Uuid,
    /// The user.
    pub user: Uuid,
    /// The hash of a fresh token.
    pub token: TokenHash,
    /// Where the person signs in from.
    pub from: Sighting,
    /// The factor.
    pub factor: Factor,
    /// What the MFA policy decided.
    pub mfa: Decision,
    /// How the password stands.
    pub password: PasswordStanding,
}

/// How long a session that lives now will go on without further activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Live {
    /// When the browser should warn.
    pub warn_at: DateTime<Utc>,
    /// When the browser should log out, unless something is done.
    pub idle_at: DateTime<Utc>,
    /// When the session ends in any case.
    pub expires_at: DateTime<Utc>,
    /// The level of assurance.
    pub aal: Aal,
}

/// A session, stored as one document under its token hash.
///
/// After each step that takes a new token the caller stores the session under it and sends the token to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    id: Uuid,
    user: Uuid,
    token: TokenHash,
    from: Sighting,
    factors: ShownFactors,
    created_at: DateTime<Utc>,
    last_activity: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    second_factor: Option<SecondFactor>,
    password_must_change: bool,
    ended: Option<Ended>,
}

/// What is missing before two factors are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SecondFactor {
    ToShow,
    ToEnrol,
}

impl Session {
    /// Starts a session.
    #[must_use]
    pub fn start(sign_in: &SignIn, policy: &SessionPolicy, now: DateTime<Utc>) -> Self {
        let mut factors = ShownFactors::default();
        factors.show(sign_in.factor, now);
        let second_factor = match sign_in.mfa {
            _ if factors.level() >= Aal::Aal2 => None,
            Decision::Challenge => Some(SecondFactor::ToShow),
            Decision::EnrolFirst => Some(SecondFactor::ToEnrol),
            Decision::EnrolBy(_) | Decision::NotNeeded => None,
        };
        Self {
            id: sign_in.id,
            user: sign_in.user,
            token: sign_in.token,
            from: sign_in.from.clone(),
            factors,
            created_at: now,
            last_activity: now,
            expires_at: after(now, policy.absolute()),
            second_factor,
            password_must_change: sign_in.password == PasswordStanding::MustChange,
            ended: None,
        }
    }

    /// Returns what the session may do next; whether it is past its time is for [`check`](Self::check) to say.
    #[must_use]
    pub fn state(&self) -> SessionState {
        match (self.ended, self.second_factor) {
            (Some(ended), _) => SessionState::Ended(ended),
            (None, Some(SecondFactor::ToShow)) => SessionState::MfaPending,
            (None, Some(SecondFactor::ToEnrol)) => SessionState::MfaEnrolmentRequired,
            (None, None) if self.password_must_change => SessionState::PasswordExpired,
            (None, None) => SessionState::Active,
        }
    }

    /// Tells whether the session lives, and how long it will.
    ///
    /// Activity is stored at most every [`write_every_secs`](SessionRules::write_every_secs), so the stored moment may
    /// lag by as much. The check allows for it: a session ends no earlier than the idle time after the person's last
    /// action, and no later than that plus the lag.
    ///
    /// # Errors
    /// [`Ended`], with the reason.
    pub fn check(&self, policy: &SessionPolicy, now: DateTime<Utc>) -> Result<Live, Ended> {
        if let Some(ended) = self.ended {
            return Err(ended);
        }
        let end = |reason| Err(Ended { reason, at: now });
        if now >= self.expires_at {
            return end(EndReason::Absolute);
        }
        if now - self.last_activity >= policy.idle() + policy.write_every() {
            return end(EndReason::Idle);
        }
        let idle_at = after(self.last_activity, policy.idle()).min(self.expires_at);
        Ok(Live { warn_at: after(idle_at, -policy.warning()), idle_at, expires_at: self.expires_at, aal: self.aal() })
    }

    /// Notes a request.
    ///
    /// # Errors
    /// [`Ended`]; a session found to be past its time is marked so and has to be stored.
    pub fn touch(&mut self, activity: Activity, policy: &SessionPolicy, now: DateTime<Utc>) -> Result<Touched, Ended> {
        self.live(policy, now)?;
        match activity {
            // Also a stored moment in the future, left by a clock that was set back, is replaced.
            Activity::Interactive if (now - self.last_activity).abs() >= policy.write_every() => {
                self.last_activity = now;
                Ok(Touched::Write)
            }
            Activity::Interactive | Activity::Background => Ok(Touched::Unchanged),
        }
    }

    /// Ends the session; the first reason stands.
    pub fn end(&mut self, reason: EndReason, now: DateTime<Utc>) {
        self.ended.get_or_insert(Ended { reason, at: now });
    }

    /// Goes on after the second factor was verified, or enrolled where there was none.
    ///
    /// # Errors
    /// Ended, another state, a factor that does not make two, or the old token.
    pub fn complete_mfa(
        &mut self,
        factor: Factor,
        token: TokenHash,
        policy: &SessionPolicy,
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        self.live(policy, now)?;
        if self.second_factor.is_none() {
            return Err(SessionError::WrongState);
        }
        let mut factors = self.factors.clone();
        factors.show(factor, now);
        if factors.level() < Aal::Aal2 {
            return Err(SessionError::InsufficientFactor);
        }
        self.renew(token, now)?;
        self.factors = factors;
        self.second_factor = None;
        Ok(())
    }

    /// Goes on after the password was changed; the person's other sessions should be ended.
    ///
    /// # Errors
    /// Ended, a second factor still missing, or the old token.
    pub fn password_changed(
        &mut self,
        token: TokenHash,
        policy: &SessionPolicy,
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        self.live(policy, now)?;
        if self.second_factor.is_some() {
            return Err(SessionError::WrongState);
        }
        self.renew(token, now)?;
        self.password_must_change = false;
        Ok(())
    }

    /// Records that factors were shown again, for what needs recent ones, and pins the session to where they were
    /// shown.
    ///
    /// # Errors
    /// Ended, not signed in yet, no factor, or the old token.
    pub fn step_up(
        &mut self,
        factors: &[Factor],
        from: &Sighting,
        token: TokenHash,
        policy: &SessionPolicy,
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        self.live(policy, now)?;
        if self.state() != SessionState::Active {
            return Err(SessionError::WrongState);
        }
        if factors.is_empty() {
            return Err(SessionError::InsufficientFactor);
        }
        self.renew(token, now)?;
        for factor in factors {
            self.factors.show(*factor, now);
        }
        self.from = from.clone();
        Ok(())
    }

    /// Starts the successor of a session that ended idle, after the password or a passkey was verified (§2.2.3).
    ///
    /// The successor keeps the factors and the moment at which the session ends in any case; the ended one stays ended.
    ///
    /// # Errors
    /// [`SessionError::WrongState`] unless the session had reached its factors and ended idle,
    /// [`SessionError::InsufficientFactor`] for another factor, user or device, [`SessionError::Ended`] beyond the
    /// greatest age, and the old token.
    pub fn reopen(&self, sign_in: &SignIn, now: DateTime<Utc>) -> Result<Self, SessionError> {
        let idle = self.ended.is_some_and(|ended| ended.reason == EndReason::Idle && ended.at <= now);
        if !idle || self.second_factor.is_some() {
            return Err(SessionError::WrongState);
        }
        if now >= self.expires_at {
            let reason = EndReason::Absolute;
            return Err(Ended { reason, at: now }.into());
        }
        let proves = matches!(sign_in.factor, Factor::Password | Factor::Passkey);
        if !proves || sign_in.user != self.user || sign_in.from.device != self.from.device {
            return Err(SessionError::InsufficientFactor);
        }
        let mut next = self.clone();
        next.renew(sign_in.token, now)?;
        next.id = sign_in.id;
        next.created_at = now;
        next.from = sign_in.from.clone();
        next.factors.show(sign_in.factor, now);
        next.password_must_change |= sign_in.password == PasswordStanding::MustChange;
        next.ended = None;
        Ok(next)
    }

    /// Returns the id of the session, for lists and audit events; it opens nothing.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the user.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.user
    }

    /// Returns the hash of the current token, under which the session is stored.
    #[must_use]
    pub fn token(&self) -> TokenHash {
        self.token
    }

    /// Returns the device the session is pinned to.
    #[must_use]
    pub fn device(&self) -> Option<Uuid> {
        self.from.device
    }

    /// Returns where the session was begun or last confirmed from.
    #[must_use]
    pub fn from(&self) -> &Sighting {
        &self.from
    }

    /// Tells whether the second factor, where one is asked for, was shown.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.ended.is_none() && self.second_factor.is_none()
    }

    /// Returns the level of assurance.
    #[must_use]
    pub fn aal(&self) -> Aal {
        self.factors.level()
    }

    /// Returns the factors shown.
    #[must_use]
    pub fn factors(&self) -> &ShownFactors {
        &self.factors
    }

    /// Returns when the session started.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// Returns the last activity stored.
    #[must_use]
    pub fn last_activity(&self) -> DateTime<Utc> {
        self.last_activity
    }

    /// Returns when the session ends in any case.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Checks, and marks a session that is past its time as ended.
    fn live(&mut self, policy: &SessionPolicy, now: DateTime<Utc>) -> Result<(), Ended> {
        match self.check(policy, now) {
            Ok(_) => Ok(()),
            Err(ended) => {
                self.ended = Some(ended);
                Err(ended)
            }
        }
    }

    fn renew(&mut self, token: TokenHash, now: DateTime<Utc>) -> Result<(), SessionError> {
        if token == self.token {
            return Err(SessionError::TokenNotRenewed);
        }
        self.token = token;
        self.last_activity = now;
        Ok(())
    }
}
