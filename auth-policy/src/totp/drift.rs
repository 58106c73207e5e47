//! The drift of an app's clock, learnt from the codes it makes.
//!
//! Invariants: it moves by at most one step with a success and never beyond [`Drift::MOST`]; the window keeps its width
//! wherever it stands, so that a code lives no longer. Only a window open to both sides learns: in one that looks back
//! alone a late code says as much of slow fingers as of a slow clock, and following it would refuse the prompt ones.
//! Standard: RFC 6238 §6.

use serde::{Deserialize, Serialize};

use super::Window;

/// How many steps the clock of an app is ahead of the server's; negative when it is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i8", into = "i8")]
pub struct Drift(i8);

/// A stored drift beyond [`Drift::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("clock drift is more than {} steps", Drift::MOST)]
pub struct InvalidDrift;

impl Drift {
    /// The clocks agree.
    pub const NONE: Self = Self(0);
    /// The most steps a clock may be off: two minutes.
    pub const MOST: i8 = 4;

    /// Returns the steps.
    #[must_use]
    pub fn steps(self) -> i8 {
        self.0
    }

    /// Returns the step on the app's clock when the server's shows `now`.
    pub(super) fn centre(self, now: i64) -> i64 {
        now.saturating_add(self.0.into())
    }

    /// Learns from an accepted step.
    pub(super) fn follow(self, window: Window, now: i64, accepted: u64) -> Self {
        match window {
            Window::Current | Window::PastOnly => self,
            Window::Symmetric => {
                let seen = i64::try_from(accepted).unwrap_or(i64::MAX).saturating_sub(self.centre(now));
                let moved = self.0.saturating_add(seen.signum() as i8);
                Self(moved.clamp(-Self::MOST, Self::MOST))
            }
        }
    }
}

impl TryFrom<i8> for Drift {
    type Error = InvalidDrift;

    fn try_from(steps: i8) -> Result<Self, InvalidDrift> {
        if (-Self::MOST..=Self::MOST).contains(&steps) { Ok(Self(steps)) } else { Err(InvalidDrift) }
    }
}

impl From<Drift> for i8 {
    fn from(drift: Drift) -> Self {
        drift.0
    }
}
