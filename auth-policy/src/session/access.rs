//! The access decision: whether a session may do what a request asks for.
//!
//! Standard: NIST SP 800-63B-4 §5.1 (a session never exceeds its authentication), OWASP ASVS 5.0 7.5.1, 7.5.3.

use chrono::{DateTime, Utc};

use super::{EndReason, Ended, Live, Session, SessionPolicy, SessionState};
use crate::assurance::Aal;
use crate::device::{Response, Sighting};
use crate::time::after;

/// What a group of end points is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Showing the second factor.
    CompleteMfa,
    /// Binding a second factor.
    EnrolMfa,
    /// Changing the password.
    ChangePassword,
    /// Logging out.
    LogOut,
    /// Showing a factor again.
    StepUp,
    /// Everyday work.
    Work,
    /// What needs a factor shown recently: contact data, backup codes, exports, break-glass.
    Sensitive,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The group of the end point.
    pub scope: Scope,
    /// The level that the person's roles call for.
    pub required: Aal,
    /// Where it comes from.
    pub from: Sighting,
}

/// Why a session may not do what a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The session is over.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The session has to do something else first, or did it already.
    #[error("session is in a state that does not permit this")]
    State(SessionState),
    /// Two factors are required and were not shown.
    #[error("session has not reached the required assurance level")]
    InsufficientAal,
    /// A factor has to be shown again.
    #[error("a factor has to be shown again")]
    StepUpRequired(StepUpReason),
}

/// Why a factor has to be shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepUpReason {
    /// It is too long ago.
    TooLongAgo,
    /// The request comes from elsewhere than the session is pinned to.
    OtherDevice,
}

impl Session {
    /// Tells whether the state of the session permits this group of end points at all.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        match (self.state(), scope) {
            (SessionState::Ended(_), _) => false,
            (SessionState::MfaPending, Scope::CompleteMfa)
            | (SessionState::MfaEnrolmentRequired, Scope::EnrolMfa)
            | (SessionState::PasswordExpired, Scope::ChangePassword)
            | (
                SessionState::MfaPending | SessionState::MfaEnrolmentRequired | SessionState::PasswordExpired,
                Scope::LogOut,
            ) => true,
            (SessionState::MfaPending | SessionState::MfaEnrolmentRequired | SessionState::PasswordExpired, _) => false,
            (SessionState::Active, scope) => scope != Scope::CompleteMfa,
        }
    }

    /// Decides whether a request may go on: alive, in the right state, on its device, sure enough, recent enough.
    ///
    /// # Errors
    /// [`Refusal`], in that order. A session that is refused as ended and was not has to be ended and stored.
    pub fn authorize(&self, access: &Access, policy: &SessionPolicy, now: DateTime<Utc>) -> Result<Live, Refusal> {
        let live = self.check(policy, now)?;
        if !self.allows(access.scope) {
            return Err(Refusal::State(self.state()));
        }
        let response = policy.drift.judge(self.from().drift(&access.from));
        let signed_in = self.state() == SessionState::Active;
        // Who has not finished signing in begins anew on the device at hand.
        if response == Response::End || (response == Response::StepUp && !signed_in && access.scope != Scope::LogOut) {
            return Err(Ended { reason: EndReason::OtherDevice, at: now }.into());
        }
        let needs_recent = match access.scope {
            Scope::CompleteMfa | Scope::LogOut | Scope::StepUp => return Ok(live),
            Scope::EnrolMfa | Scope::Sensitive => true,
            Scope::ChangePassword | Scope::Work => false,
        };
        if !signed_in {
            return Ok(live);
        }
        if response == Response::StepUp {
            return Err(Refusal::StepUpRequired(StepUpReason::OtherDevice));
        }
        if live.aal < access.required {
            return Err(Refusal::InsufficientAal);
        }
        let since = after(now, -policy.step_up());
        if needs_recent && self.factors().level_since(since) < Some(access.required) {
            return Err(Refusal::StepUpRequired(StepUpReason::TooLongAgo));
        }
        Ok(live)
    }
}
