//! Work to be done later: written in the same transaction as what asks for it, taken by a worker under a lease.
//!
//! At least once: a worker that dies loses its lease and another one repeats the job, so handlers are idempotent.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Document, Find, StoreError, Term, Versioned, Writing};
use crate::{ClientId, Invalid, JobId, Phi};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Job {
    /// The id; what the handler does outside carries it as idempotency key.
    pub id: JobId,
    /// Which handler takes it, such as `claim.prepare`.
    pub queue: String,
    /// What the handler needs. Sealed like every body.
    pub payload: Phi<Value>,
    /// Where it stands.
    pub state: JobState,
    /// Not before this time: the time asked for, the next attempt, or the end of a worker's lease.
    pub due: DateTime<Utc>,
    /// How often it was taken.
    pub attempts: u32,
    /// Why the last attempt failed: a rule, never content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobState {
    /// Waits until it is due, or is under lease until then.
    Waiting,
    /// Was done.
    Done,
    /// Failed too often; a person may retry it.
    Dead,
}

impl JobState {
    /// Returns the name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

impl Job {
    /// Attempts before a job is given up.
    pub const MAX_ATTEMPTS: u32 = 8;

    /// Asks for work at `due`.
    ///
    /// # Errors
    /// The queue is no dotted name of at most 64 characters.
    pub fn new(id: JobId, queue: &str, payload: Value, due: DateTime<Utc>) -> Result<Self, Invalid> {
        let dotted = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
        if queue.is_empty() || queue.len() > 64 || !queue.chars().all(dotted) {
            return Err(Invalid::new("queue", "must be a dotted name of at most 64 characters"));
        }
        let (state, payload) = (JobState::Waiting, Phi::new(payload));
        Ok(Self { id, queue: queue.to_owned(), payload, state, due, attempts: 0, last_error: None })
    }

    /// Takes the job that is due longest, if any, for `lease`: until then no other worker sees it.
    ///
    /// # Errors
    /// As the store.
    pub async fn take(
        work: &mut Writing<'_>,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Option<Versioned<Self>>, StoreError> {
        let due = Find::<Self>::new().with(Term::plain("state", "waiting")).until(sort_key(now)).claiming().limit(1);
        let Some(found) = work.find(&due).await?.items.pop() else { return Ok(None) };
        let taken = Self { due: now + lease, attempts: found.value.attempts + 1, ..found.value };
        let version = work.update(&taken, found.version).await?;
        Ok(Some(Versioned { version, value: taken }))
    }

    /// Marks the job as done.
    #[must_use]
    pub fn done(self) -> Self {
        Self { state: JobState::Done, last_error: None, ..self }
    }

    /// Puts the job back with growing delay, or gives it up after [`Job::MAX_ATTEMPTS`]. `error` names a rule, never
    /// content, and is cut at 200 characters.
    #[must_use]
    pub fn failed(self, error: &str, now: DateTime<Utc>) -> Self {
        let state = if self.attempts >= Self::MAX_ATTEMPTS { JobState::Dead } else { JobState::Waiting };
        let delay = TimeDelta::seconds(5 << self.attempts.min(10));
        Self { state, due: now + delay, last_error: Some(error.chars().take(200).collect()), ..self }
    }

    /// Lets a job that was given up run again.
    #[must_use]
    pub fn retried(self, now: DateTime<Utc>) -> Self {
        Self { state: JobState::Waiting, due: now, attempts: 0, ..self }
    }
}

fn sort_key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

impl Document for Job {
    const KIND: &'static str = "job";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.due)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("state", self.state.name()), Term::plain("queue", &self.queue)]
    }
}
