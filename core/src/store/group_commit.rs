//! Group commit of the events of plain reads: the answer waits for its batch, and one transaction serves many readers.
//!
//! Whoever gets the flush lock writes everything that waits; the others find their ticket done. Rows leave the queue
//! only after their commit, so a leader that is cancelled half-way loses nothing: the next one writes them again, and
//! the store keeps each event once.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{AuditRow, Mode, Permit, Store, StoreError};
use crate::PracticeId;

/// At most so many events in one transaction.
const BATCH: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct GroupCommit {
    queue: Mutex<Queue>,
    flushing: async_lock::Mutex<()>,
    done: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    issued: u64,
    waiting: VecDeque<(u64, AuditRow)>,
}

impl GroupCommit {
    /// Returns when `rows` are durable.
    pub(super) async fn append(
        &self,
        store: &dyn Store,
        practice: PracticeId,
        rows: Vec<AuditRow>,
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let ticket = self.enqueue(rows);
        loop {
            let leading = self.flushing.lock().await;
            if self.done.load(Ordering::Acquire) >= ticket {
                return Ok(());
            }
            let (batch, last) = self.batch();
            let mut transaction = store.begin(Permit::new(practice, Mode::Write)).await?;
            transaction.append_events(&batch).await?;
            transaction.commit().await?;
            self.drop_through(last);
            drop(leading);
        }
    }

    fn enqueue(&self, rows: Vec<AuditRow>) -> u64 {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            queue.issued += 1;
            let ticket = queue.issued;
            queue.waiting.push_back((ticket, row));
        }
        queue.issued
    }

    fn batch(&self) -> (Vec<AuditRow>, u64) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let part = queue.waiting.iter().take(BATCH);
        let last = part.clone().next_back().map_or(queue.issued, |(ticket, _)| *ticket);
        (part.map(|(_, row)| row.clone()).collect(), last)
    }

    fn drop_through(&self, last: u64) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.waiting.front().is_some_and(|(ticket, _)| *ticket <= last) {
            queue.waiting.pop_front();
        }
        self.done.store(last, Ordering::Release);
    }
}
