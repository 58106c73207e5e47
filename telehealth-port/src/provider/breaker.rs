//! A circuit breaker: after enough failures a service is left alone for a while, so that people hear "use the
//! telephone" at once instead of waiting for every call to fail.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::ProviderErrorKind;

/// When a service counts as down. One breaker for each service and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// How far back calls count.
    pub window: TimeDelta,
    /// Fewest failures in the window.
    pub failures: usize,
    /// Fewest failures of a hundred calls in the window.
    pub percent: usize,
    /// How long nothing is tried.
    pub rest: TimeDelta,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { window: TimeDelta::seconds(30), failures: 5, percent: 50, rest: TimeDelta::seconds(15) }
    }
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Yes.
    Open,
    /// Yes, as the one call that finds out whether the service is back.
    Probe,
    /// No; the service is taken for down.
    Closed {
        /// When it will be tried again.
        until: DateTime<Utc>,
    },
}

/// Counts the calls to one service in one region.
#[derive(Debug, Clone)]
pub struct Breaker {
    policy: BreakerPolicy,
    calls: VecDeque<(DateTime<Utc>, bool)>,
    closed_until: Option<DateTime<Utc>>,
    probing_since: Option<DateTime<Utc>>,
}

/// Most calls remembered.
const MEMORY: usize = 1000;

impl Breaker {
    /// Makes a breaker that lets through.
    #[must_use]
    pub const fn new(policy: BreakerPolicy) -> Self {
        Self { policy, calls: VecDeque::new(), closed_until: None, probing_since: None }
    }

    /// Asks for passage. Whoever gets it must [`record`](Self::record) how it went; a probe nobody reported is given up
    /// after the time of a rest.
    pub fn ask(&mut self, now: DateTime<Utc>) -> Passage {
        let Some(until) = self.closed_until else { return Passage::Open };
        let probed = self.probing_since.map(|since| since + self.policy.rest);
        let free_at = probed.map_or(until, |free| free.max(until));
        if now < free_at {
            return Passage::Closed { until: free_at };
        }
        self.probing_since = Some(now);
        Passage::Probe
    }

    /// Records how a call went: `Ok` is an answer, even one that says no. What speaks for a service that is down are
    /// time-outs, unavailability and throttling.
    pub fn record(&mut self, result: Result<(), ProviderErrorKind>, now: DateTime<Utc>) {
        let failed = match result {
            Ok(()) => false,
            Err(kind) => matches!(
                kind,
                ProviderErrorKind::Unavailable { .. }
                    | ProviderErrorKind::Timeout
                    | ProviderErrorKind::Throttled { .. }
            ),
        };
        if self.probing_since.take().is_some() {
            self.calls.clear();
            self.closed_until = failed.then(|| now + self.policy.rest);
            return;
        }
        self.calls.push_back((now, failed));
        let since = now - self.policy.window;
        while self.calls.len() > MEMORY || self.calls.front().is_some_and(|(at, _)| *at < since) {
            self.calls.pop_front();
        }
        let failures = self.calls.iter().filter(|(_, failed)| *failed).count();
        if failures >= self.policy.failures && failures * 100 >= self.calls.len() * self.policy.percent {
            self.closed_until = Some(now + self.policy.rest);
        }
    }

    /// Tells whether the service is taken for down.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed_until.is_some()
    }
}
