//! Where a database lives and how it is used.

use std::{path::PathBuf, time::Duration};

/// How to open a store.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    pub(crate) file: Option<PathBuf>,
    pub(crate) readers: u32,
    pub(crate) busy_timeout: Duration,
}

impl SqliteConfig {
    /// Keeps the database in a file on a local disk. Missing folders and the file are made, for their owner only.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), readers: 4, busy_timeout: Duration::from_secs(5) }
    }

    /// Keeps the database in a temporary folder that goes when the store is dropped, and does not wait for the disk.
    #[must_use]
    pub fn temporary() -> Self {
        Self { file: None, ..Self::file("") }
    }

    /// Reads with up to `count` connections at a time, at least 1; 4 unless set. Each has a thread of its own.
    #[must_use]
    pub fn readers(mut self, count: u32) -> Self {
        self.readers = count.max(1);
        self
    }

    /// Waits up to `timeout` for its turn among the writers, of this process and of others; 5 seconds unless set, at
    /// most an hour.
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout.min(Duration::from_secs(3_600));
        self
    }
}
