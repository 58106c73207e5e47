//! What waits to be read by one person: bounded, so that a slow reader costs nobody else anything.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Most messages that may wait.
const MESSAGES: usize = 512;
/// Most bytes that may wait.
const BYTES: usize = 1 << 20;

/// Why a seat is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bye {
    /// The same person joined from elsewhere.
    Replaced,
    /// The permission was taken back.
    Removed,
    /// The room ended.
    Ended,
    /// Messages were not read in time.
    Slow,
    /// Too many messages came.
    Flood,
    /// A message was too long or not understood.
    Unreadable,
}

impl Bye {
    /// Returns the word the browser is told.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::Ended => "ended",
            Self::Slow => "slow",
            Self::Flood => "flood",
            Self::Unreadable => "unreadable",
        }
    }
}

#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    texts: VecDeque<String>,
    bytes: usize,
    bye: Option<Bye>,
}

impl Inbox {
    /// Puts a message in; if there is no room left, its reader is too slow and loses the seat.
    pub(super) fn push(&self, text: &str) {
        let mut waiting = self.lock();
        if waiting.bye.is_some() {
            return;
        }
        if waiting.texts.len() == MESSAGES || waiting.bytes + text.len() > BYTES {
            waiting.end(Bye::Slow);
        } else {
            waiting.bytes += text.len();
            waiting.texts.push_back(text.to_owned());
        }
        self.news.notify_one();
    }

    /// Ends the seat; what waits is not read any more. The first reason stays.
    pub(super) fn end(&self, bye: Bye) {
        self.lock().end(bye);
        self.news.notify_one();
    }

    /// Waits for the next message.
    pub(super) async fn next(&self) -> Result<String, Bye> {
        loop {
            {
                let mut waiting = self.lock();
                if let Some(bye) = waiting.bye {
                    return Err(bye);
                }
                if let Some(text) = waiting.texts.pop_front() {
                    waiting.bytes -= text.len();
                    return Ok(text);
                }
            }
            self.news.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn end(&mut self, bye: Bye) {
        self.bye.get_or_insert(bye);
        self.texts.clear();
        self.bytes = 0;
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({} waiting)", self.lock().texts.len())
    }
}
