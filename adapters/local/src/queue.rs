//! What happened in the rooms, kept until the server has taken note.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::provider::{Delivery, ProviderEvent, ProviderEventKind};
use tokio::{sync::Notify, time::Instant};

/// Most events kept; beyond it the oldest is lost, and asking for the room's status tells the rest.
const KEPT: usize = 4096;
/// Most events handed out at once.
const BATCH: usize = 32;
/// For how long nobody else is handed an event that was handed out.
const PATIENCE: Duration = Duration::from_secs(30);

/// A queue of events, handed out again until they are acknowledged.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Tells the events of this process from those of an earlier one.
    run: i64,
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    items: VecDeque<Item>,
}

#[derive(Debug)]
struct Item {
    event: ProviderEvent,
    handed: Option<Instant>,
}

impl Queue {
    pub(crate) fn new(began: DateTime<Utc>) -> Self {
        Self { run: began.timestamp_micros(), waiting: Mutex::default(), news: Notify::new() }
    }

    pub(crate) fn push(&self, room: &str, at: DateTime<Utc>, kind: ProviderEventKind) {
        let mut waiting = self.lock();
        waiting.last += 1;
        if waiting.items.len() == KEPT {
            waiting.items.pop_front();
        }
        let id = format!("{:x}-{}", self.run, waiting.last);
        waiting.items.push_back(Item { event: ProviderEvent { id, at, room: room.to_owned(), kind }, handed: None });
        self.news.notify_one();
    }

    /// Hands out what waits, after waiting at most `wait` for the first.
    pub(crate) async fn receive(&self, wait: Duration) -> Vec<Delivery> {
        let until = Instant::now() + wait;
        loop {
            let batch = self.batch();
            if !batch.is_empty() || tokio::time::timeout_at(until, self.news.notified()).await.is_err() {
                return batch;
            }
        }
    }

    fn batch(&self) -> Vec<Delivery> {
        let now = Instant::now();
        let mut waiting = self.lock();
        let due = waiting.items.iter_mut().filter(|item| item.handed.is_none_or(|at| now - at >= PATIENCE));
        due.take(BATCH)
            .map(|item| {
                item.handed = Some(now);
                Delivery { receipt: item.event.id.clone(), events: vec![item.event.clone()] }
            })
            .collect()
    }

    pub(crate) fn acknowledge(&self, receipts: &[String]) {
        self.lock().items.retain(|item| !receipts.contains(&item.event.id));
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
