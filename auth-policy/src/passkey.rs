//! The passkey: a key pair kept by a person's device and unlocked there, bound to this site's name.
//!
//! The protocol's arithmetic is an adapter's; here is what must hold around it: a challenge is answered once, within its
//! life, by the session and for the purpose it was made for; a signature counter that stands still betrays a copy.
//! Standard: W3C Web Authentication Level 3 §7, NIST SP 800-63B-4 §3.1.7, §3.2.5 (phishing resistance).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a challenge was made for; an answer serves nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// Adding a passkey.
    Register,
    /// Signing in without a password.
    SignIn,
    /// Showing the second factor, or a factor again.
    Confirm,
}

/// A challenge that waits for its answer.
///
/// It is stored on the server with the verifier's state, and deleted with its expected version before the answer is
/// verified: of many answers to one challenge one is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    binding: Uuid,
    purpose: Purpose,
    started_at: DateTime<Utc>,
}

/// Why an answer is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// The challenge is over.
    #[error("challenge is over")]
    Over,
    /// The challenge was made for another session or purpose.
    #[error("challenge was made for something else")]
    Foreign,
}

impl Ceremony {
    /// How long a challenge waits.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);

    /// Starts for a session, or for the random id that a browser without one was given.
    #[must_use]
    pub fn start(binding: Uuid, purpose: Purpose, now: DateTime<Utc>) -> Self {
        Self { binding, purpose, started_at: now }
    }

    /// Tells whether an answer may be looked at.
    ///
    /// # Errors
    /// [`CeremonyError`]; the challenge is used up all the same.
    pub fn check(&self, binding: Uuid, purpose: Purpose, now: DateTime<Utc>) -> Result<(), CeremonyError> {
        if binding != self.binding || purpose != self.purpose {
            return Err(CeremonyError::Foreign);
        }
        if now < self.started_at || now - self.started_at >= Self::LIFETIME {
            return Err(CeremonyError::Over);
        }
        Ok(())
    }

    /// Returns when it started.
    #[must_use]
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }
}
