//! Several sessions of one person: how many there may be, and which of them an order ends.
//!
//! Only sessions past their second factor count, so that a stolen password ends nobody's work.
//! Standard: OWASP ASVS 5.0 7.1.2, 7.4.3, 7.5.2.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{OverLimit, Session, SessionPolicy, SessionState};

/// Which sessions of a person are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This one.
    One(Uuid),
    /// All but this one.
    Others(Uuid),
    /// All.
    All,
}

/// The person has as many sessions as the policy permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at most {most} sessions are permitted at a time")]
pub struct TooManySessions {
    /// How many are permitted.
    pub most: u32,
}

/// Tells which sessions of a person end so that a new one may begin work, oldest first.
///
/// # Errors
/// [`TooManySessions`] where the policy refuses the new one instead.
pub fn make_room(
    sessions: &[Session],
    arriving: Uuid,
    policy: &SessionPolicy,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, TooManySessions> {
    let lives = |session: &&Session| session.is_signed_in() && session.check(policy, now).is_ok();
    let mut others: Vec<&Session> = sessions.iter().filter(|session| session.id() != arriving).filter(lives).collect();
    let most = usize::try_from(policy.most).unwrap_or(usize::MAX);
    let surplus = (others.len() + 1).saturating_sub(most);
    match policy.over_limit {
        OverLimit::RefuseNew if surplus > 0 => Err(TooManySessions { most: policy.most }),
        OverLimit::EndOldest | OverLimit::RefuseNew => {
            others.sort_by_key(|session| (session.created_at(), session.id()));
            Ok(others.into_iter().take(surplus).map(Session::id).collect())
        }
    }
}

/// Lists the sessions an order ends; those that are over are left alone.
#[must_use]
pub fn to_end(sessions: &[Session], order: Ending) -> Vec<Uuid> {
    let meant = |id: Uuid| match order {
        Ending::One(one) => id == one,
        Ending::Others(than) => id != than,
        Ending::All => true,
    };
    let open = sessions.iter().filter(|session| !matches!(session.state(), SessionState::Ended(_)));
    open.map(Session::id).filter(|id| meant(*id)).collect()
}
