//! When a failed call is repeated: growing pauses with full jitter, within what a waiting person bears.

use std::time::Duration;

use super::{ProviderErrorKind, Retry};

/// How a call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Bound of the first pause; it doubles each time.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// Most tries, the first included.
    pub tries: u32,
    /// Most time spent on pauses.
    pub budget: Duration,
}

impl Default for RetryPolicy {
    /// Four tries within eight seconds.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(200),
            longest: Duration::from_secs(5),
            tries: 4,
            budget: Duration::from_secs(8),
        }
    }
}

/// The tries of one call.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    policy: RetryPolicy,
    made: u32,
    paused: Duration,
}

impl Attempts {
    /// Begins with the first try made.
    #[must_use]
    pub const fn new(policy: RetryPolicy) -> Self {
        Self { policy, made: 1, paused: Duration::ZERO }
    }

    /// Returns how long to pause before the next try; `None` when the failure stands. `random` is a fresh random number:
    /// with full jitter the pause lies anywhere between nothing and its bound, but never below what the service asked
    /// for, and who asks for more than is left is not asked again.
    pub fn after(&mut self, kind: ProviderErrorKind, random: u32) -> Option<Duration> {
        let pause = match kind.retry() {
            Retry::Never => return None,
            Retry::OnceAfter(pause) => {
                if self.made > 1 {
                    return None;
                }
                pause
            }
            Retry::Backoff(asked) => {
                let bound = self.policy.first.saturating_mul(1 << (self.made - 1).min(16)).min(self.policy.longest);
                let jittered = bound.mul_f64(f64::from(random) / f64::from(u32::MAX));
                jittered.max(asked.unwrap_or_default())
            }
        };
        if self.made >= self.policy.tries || self.paused + pause > self.policy.budget {
            return None;
        }
        self.made += 1;
        self.paused += pause;
        Some(pause)
    }
}
