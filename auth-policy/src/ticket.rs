//! The ticket: a link that does one thing once, for whoever holds it.
//!
//! An invitation, a forgotten password, the undoing of a change, the cancelling of a recovery. Invariants: 256 random
//! bits, stored hashed; works once, within its time, unless it was withdrawn; why one does not work is not told.
//! Standard: NIST SP 800-63B-4 §4.2.1.2, OWASP ASVS 5.0 6.4.1, 6.4.3.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};
use crate::time::after;
use crate::token::TokenHash;

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// Taking up an account: the person chooses a password.
    Invitation,
    /// A new password in place of a forgotten one; the second factor is asked for all the same.
    PasswordReset,
    /// Undoing a change of an address.
    Undo,
    /// Stopping a recovery that somebody else began.
    CancelRecovery,
}

/// The rules of tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TicketRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The hours an invitation is open, 1 to 168.
    pub invitation_hours: u32,
    /// The minutes a new password may be chosen, 10 to 60.
    pub password_reset_minutes: u32,
    /// The hours a change may be undone, 24 to 168.
    pub undo_hours: u32,
    /// The hours a recovery may be cancelled by its link, 24 to 720: at least as long as a recovery can last.
    pub cancel_hours: u32,
}

impl TicketRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("invitation_hours", self.invitation_hours, 1..=168)?;
        check_range("password_reset_minutes", self.password_reset_minutes, 10..=60)?;
        check_range("undo_hours", self.undo_hours, 24..=168)?;
        check_range("cancel_hours", self.cancel_hours, 24..=720)
    }
}

checked_policy! {
    /// How long tickets are open.
    TicketPolicy, TicketRules, "TicketRules"
}

impl TicketPolicy {
    /// Three days for invitations, half an hour for passwords, three days to undo a change.
    #[must_use]
    pub const fn standard() -> Self {
        Self(TicketRules {
            version: SCHEMA_VERSION,
            invitation_hours: 72,
            password_reset_minutes: 30,
            undo_hours: 72,
            cancel_hours: 240,
        })
    }

    fn lifetime(&self, purpose: Purpose) -> TimeDelta {
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        match purpose {
            Purpose::Invitation => hours(self.invitation_hours),
            Purpose::PasswordReset => TimeDelta::minutes(self.password_reset_minutes.into()),
            Purpose::Undo => hours(self.undo_hours),
            Purpose::CancelRecovery => hours(self.cancel_hours),
        }
    }
}

/// A ticket that opens nothing: unknown, for something else, used, withdrawn, or past its time. Which of them is not
/// for who holds it to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this link is not valid any more")]
pub struct NotValid;

/// Where a ticket stands, for those who gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// It may be used.
    Open,
    /// It was used.
    Used,
    /// It was withdrawn.
    Withdrawn,
    /// Its time is over.
    Expired,
}

/// A ticket, stored with what it is about under its token's hash.
///
/// It is used in the transaction of what it does, written with its expected version: of two uses at once one conflicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    purpose: Purpose,
    token: TokenHash,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
}

impl Ticket {
    /// Gives out a ticket.
    #[must_use]
    pub fn issue(purpose: Purpose, token: TokenHash, policy: &TicketPolicy, now: DateTime<Utc>) -> Self {
        let until = after(now, policy.lifetime(purpose));
        Self { purpose, token, since: now, until, used_at: None, withdrawn_at: None }
    }

    /// Tells whether the ticket would open what it is for, without using it.
    ///
    /// # Errors
    /// [`NotValid`].
    pub fn check(&self, purpose: Purpose, token: TokenHash, now: DateTime<Utc>) -> Result<(), NotValid> {
        let same = token == self.token;
        let open = self.state(now) == TicketState::Open && purpose == self.purpose;
        if same && open { Ok(()) } else { Err(NotValid) }
    }

    /// Uses the ticket up.
    ///
    /// # Errors
    /// [`NotValid`].
    pub fn redeem(&mut self, purpose: Purpose, token: TokenHash, now: DateTime<Utc>) -> Result<(), NotValid> {
        self.check(purpose, token, now)?;
        self.used_at = Some(now);
        Ok(())
    }

    /// Takes the ticket back; one that was used stays used.
    pub fn withdraw(&mut self, now: DateTime<Utc>) {
        if self.used_at.is_none() {
            self.withdrawn_at.get_or_insert(now);
        }
    }

    /// Tells where the ticket stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> TicketState {
        match (self.used_at, self.withdrawn_at) {
            (Some(_), _) => TicketState::Used,
            (None, Some(_)) => TicketState::Withdrawn,
            (None, None) if now >= self.until => TicketState::Expired,
            (None, None) => TicketState::Open,
        }
    }

    /// Returns the hash of the token, under which the ticket is stored.
    #[must_use]
    pub fn token(&self) -> TokenHash {
        self.token
    }

    /// Returns what the ticket is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Returns when the ticket was given out.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// Returns when the ticket's time is over.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }
}
