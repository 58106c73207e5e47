//! The enrolment of an authenticator app: the secret is shown once and confirmed by a code.
//!
//! Invariant: the step of the confirming code counts as used.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Drift, TotpAuthenticator, TotpError, TotpSecret, Window};

/// An authenticator that its owner has not confirmed yet.
///
/// Between showing the secret and the confirmation the caller stores it encrypted, with
/// [`started_at`](Self::started_at) and whether it [was shown](Self::was_shown).
#[derive(Clone, Debug)]
pub struct TotpEnrolment {
    secret: TotpSecret,
    started_at: DateTime<Utc>,
    shown: bool,
}

impl TotpEnrolment {
    /// How long an enrolment waits for its confirmation.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

    /// Starts with a fresh secret.
    #[must_use]
    pub fn start(secret: TotpSecret, now: DateTime<Utc>) -> Self {
        Self { secret, started_at: now, shown: false }
    }

    /// Restores an enrolment whose secret was shown.
    #[must_use]
    pub fn restore_shown(secret: TotpSecret, started_at: DateTime<Utc>) -> Self {
        Self { secret, started_at, shown: true }
    }

    /// Shows the secret, once.
    ///
    /// # Errors
    /// [`TotpError::AlreadyShown`]: start again with a new secret.
    pub fn show(&mut self) -> Result<&TotpSecret, TotpError> {
        if self.shown {
            return Err(TotpError::AlreadyShown);
        }
        self.shown = true;
        Ok(&self.secret)
    }

    /// Tells whether the secret was shown.
    #[must_use]
    pub fn was_shown(&self) -> bool {
        self.shown
    }

    /// Returns when the enrolment started.
    #[must_use]
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// Confirms the enrolment by a code from the app.
    ///
    /// A wrong code leaves the enrolment as it is; the attempts are throttled like those of a confirmed authenticator.
    ///
    /// # Errors
    /// [`TotpError::EnrolmentOver`] after [`LIFETIME`](Self::LIFETIME), else as for a code.
    pub fn confirm(&self, code: &str, now: DateTime<Utc>, window: Window) -> Result<TotpAuthenticator, TotpError> {
        if now - self.started_at > Self::LIFETIME {
            return Err(TotpError::EnrolmentOver);
        }
        let mut authenticator = TotpAuthenticator::restore(self.secret.clone(), None, Drift::NONE);
        let accepted = authenticator.verify(code, now, window)?;
        authenticator.accept(accepted);
        Ok(authenticator)
    }
}
