//! Where the service is and how long it is waited for.

use std::time::Duration;

/// Where the service is and how long it is waited for.
#[derive(Debug, Clone)]
pub struct PwnedRangeConfig {
    pub(crate) base: String,
    pub(crate) patience: Duration,
    pub(crate) keep: Duration,
    pub(crate) kept: usize,
}

/// An address that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address of the range service is not https://…, nor http://… of this machine")]
pub struct InvalidConfig;

impl PwnedRangeConfig {
    /// Takes the address below which `/range/` is, such as `https://api.pwnedpasswords.com`.
    ///
    /// Without encryption only this machine is asked: who reads along learns which fifth of a hash somebody chose.
    ///
    /// # Errors
    /// [`InvalidConfig`].
    pub fn new(base: &str) -> Result<Self, InvalidConfig> {
        let base = base.trim().trim_end_matches('/');
        let own = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        let is_own = own.iter().filter_map(|own| base.strip_prefix(own));
        let is_own = is_own.into_iter().any(|rest| rest.is_empty() || rest.starts_with([':', '/']));
        let host = base.strip_prefix("https://").is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
        if !(host || is_own) || base.contains(['?', '#', ' ', '@']) {
            return Err(InvalidConfig);
        }
        Ok(Self { base: base.to_owned(), patience: Duration::from_secs(1), keep: Duration::from_secs(3600), kept: 64 })
    }

    /// Waits so long for an answer, a second unless told.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Keeps so many answers for so long, 64 for an hour unless told.
    #[must_use]
    pub fn keep(mut self, answers: usize, time: Duration) -> Self {
        (self.kept, self.keep) = (answers, time);
        self
    }
}
