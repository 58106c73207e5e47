//! One person's connection to the hub.

use std::{fmt, sync::Arc, time::Duration};

use mentalspace_telehealth_port::provider::GrantId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{Bye, Departure, Hub, Inbox, MAX_MESSAGE};

/// What may be said at once, in messages; every further KiB of a message counts as one more. A browser that meets seven
/// others says about 500.
const BURST: u32 = 1000;
/// One more message is allowed after each such pause.
const PAUSE: Duration = Duration::from_millis(10);

/// A seat in a room. Dropping it is a broken connection; [`leave`](Self::leave) is leaving on purpose.
pub struct Seat {
    hub: Hub,
    room: String,
    grant: GrantId,
    connection: u64,
    inbox: Arc<Inbox>,
    how: Departure,
    allowance: Allowance,
}

/// What comes out of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A text for the browser.
    Text(String),
    /// The seat is lost.
    Bye(Bye),
}

#[derive(Deserialize)]
struct Message<'a> {
    r#type: Kind,
    to: Option<GrantId>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Signal,
    Leave,
}

#[derive(Serialize)]
struct Relayed<'a> {
    r#type: &'static str,
    from: GrantId,
    data: &'a RawValue,
}

impl Seat {
    pub(super) fn new(hub: Hub, room: String, grant: GrantId, connection: u64, inbox: Arc<Inbox>) -> Self {
        let allowance = Allowance { left: BURST, at: Instant::now() };
        Self { hub, room, grant, connection, inbox, how: Departure::Dropped, allowance }
    }

    /// Waits for what the browser is to be told. May be dropped while waiting without losing anything.
    pub async fn next(&mut self) -> Heard {
        self.inbox.next().await.map_or_else(Heard::Bye, Heard::Text)
    }

    /// Takes what the browser says; false once it says that it leaves.
    ///
    /// # Errors
    /// The seat is lost: a flood, or something unreadable.
    pub fn say(&mut self, text: &str) -> Result<bool, Bye> {
        let stays = self.pass(text).inspect_err(|bye| self.inbox.end(*bye))?;
        if !stays {
            self.how = Departure::Left;
        }
        Ok(stays)
    }

    fn pass(&mut self, text: &str) -> Result<bool, Bye> {
        if text.len() > MAX_MESSAGE {
            return Err(Bye::Unreadable);
        }
        if !self.allowance.spend(1 + u32::try_from(text.len() / 1024).unwrap_or(BURST)) {
            return Err(Bye::Flood);
        }
        let message: Message<'_> = serde_json::from_str(text).map_err(|_| Bye::Unreadable)?;
        match (message.r#type, message.to, message.data) {
            (Kind::Signal, Some(to), Some(data)) => {
                let relayed = Relayed { r#type: "signal", from: self.grant, data };
                let text = serde_json::to_string(&relayed).map_err(|_| Bye::Unreadable)?;
                self.hub.relay(&self.room, self.grant, self.connection, &to, &text);
                Ok(true)
            }
            (Kind::Leave, _, _) => Ok(false),
            (Kind::Signal, _, _) => Err(Bye::Unreadable),
        }
    }

    /// Leaves on purpose.
    pub fn leave(mut self) {
        self.how = Departure::Left;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.depart(&self.room, self.grant, self.connection, self.how);
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seat({})", self.grant)
    }
}

/// What may still be said.
struct Allowance {
    left: u32,
    at: Instant,
}

impl Allowance {
    fn spend(&mut self, cost: u32) -> bool {
        let now = Instant::now();
        let earned = (now - self.at).as_millis() / PAUSE.as_millis();
        if earned > 0 {
            self.left = self.left.saturating_add(u32::try_from(earned).unwrap_or(BURST)).min(BURST);
            self.at = now;
        }
        let enough = self.left >= cost;
        self.left = self.left.saturating_sub(cost);
        enough
    }
}
