//! Everything one attempt is counted in: the account, the source, the pair of both, and a known device.
//!
//! Invariants: all of it is counted or nothing is, before anything is verified; a known device is not kept out by the
//! waits of the account or of its source, only by its own and by the limit that disables; what is refused because of
//! its source is not counted on the account.
//! Standard: NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.1.1, 6.3.1, 6.3.5.

use chrono::{DateTime, Utc};

use super::{
    AccountTag, Bucket, Reservation, SourceCount, SourcePolicy, Throttle, ThrottlePolicy, ThrottleRules, Throttled,
    Waits,
};

/// What is counted of one attempt, as read from the store.
///
/// The order of work is that of [`Throttle`]: reserve, store all of it in one unit of work, verify, report success,
/// store again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The attempts on the authenticator of the account.
    pub account: Throttle,
    /// The attempts of a device that is known to the account.
    pub device: Option<Throttle>,
    /// The attempts of the source on the account.
    pub pair: Option<Bucket>,
    /// The attempts of the source.
    pub source: Option<SourceCount>,
}

/// Why an attempt may not be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The account waits or its authenticator is disabled: to be answered like a wrong password, after the same time.
    #[error(transparent)]
    Account(Throttled),
    /// Too much came from this source, whatever the account: it may be told, since it says nothing of accounts.
    #[error("too many failed attempts from this source, the next one is possible at {until}")]
    Source {
        /// When the next attempt is possible.
        until: DateTime<Utc>,
    },
}

/// Something in the counts that is worth recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// The account began to wait.
    AccountWaits,
    /// The limit was reached: the authenticator is disabled unless this attempt is right.
    AuthenticatorDisabled,
    /// The source began to wait: too many failures.
    SourceWaits,
    /// The source failed on too many accounts.
    CredentialStuffing {
        /// On how many.
        accounts: u16,
    },
}

/// The right to verify one attempt, counted in everything.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an attempt is verified only with a reservation, and only success is reported back"]
pub struct Reserved {
    account: Reservation,
    device: Option<Reservation>,
    tag: AccountTag,
    first: bool,
    from_source: bool,
    /// What became worth recording by this attempt.
    pub signals: Vec<Signal>,
}

/// What a success tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Outcome {
    /// How many attempts on the account failed before it.
    pub failed_before: u64,
    /// Whether these were so many that the person is to be told (ASVS 6.3.5).
    pub after_many_failures: bool,
}

impl Counts {
    /// Counts an attempt as failed everywhere and permits its verification.
    ///
    /// # Errors
    /// [`Refused`]; then nothing but the refusals of an account are counted.
    pub fn reserve(
        &mut self,
        throttle: &ThrottlePolicy,
        sources: &SourcePolicy,
        tag: AccountTag,
        now: DateTime<Utc>,
    ) -> Result<Reserved, Refused> {
        let device_policy = device_policy(throttle, sources);
        // A device that failed too often is a stranger; its count begins anew with the next success from it.
        let known = self.device.as_ref().is_some_and(|device| device.failures() < u64::from(sources.device_limit));
        if known {
            self.account.admit_past_wait(throttle, now).map_err(Refused::Account)?;
            if let Some(device) = &mut self.device {
                device.admit(&device_policy, now).map_err(Refused::Account)?;
            }
            let device = self.device.as_mut().map(|device| device.count(&device_policy, now, Waits::Kept));
            let account = self.account.count(throttle, now, Waits::Untouched);
            let signals = self.account.is_disabled().then_some(Signal::AuthenticatorDisabled).into_iter().collect();
            return Ok(Reserved { account, device, tag, first: false, from_source: false, signals });
        }
        let source = self.source.as_ref().and_then(|source| source.waits_until(sources, now));
        let pair = self.pair.as_ref().and_then(|pair| pair.waits_until(sources.pair, now));
        if let Some(until) = source.max(pair) {
            return Err(Refused::Source { until });
        }
        self.account.admit(throttle, now).map_err(Refused::Account)?;

        let mut signals = Vec::new();
        let account = self.account.count(throttle, now, Waits::Kept);
        if self.account.is_disabled() {
            signals.push(Signal::AuthenticatorDisabled);
        } else if self.account.failures() == u64::from(throttle.wait_from) {
            signals.push(Signal::AccountWaits);
        }
        if let Some(pair) = &mut self.pair {
            pair.add(sources.pair, now);
        }
        let mut first = false;
        if let Some(source) = &mut self.source {
            let added = source.add(sources, tag, now);
            first = added.first;
            if added.stuffing {
                signals.push(Signal::CredentialStuffing { accounts: sources.accounts.saturating_add(1) });
            } else if source.waits_until(sources, now).is_some() {
                signals.push(Signal::SourceWaits);
            }
        }
        Ok(Reserved { account, device: None, tag, first, from_source: true, signals })
    }

    /// Forgets what the successful attempt and those before it on the account counted.
    ///
    /// Of the source only this attempt is taken back: signing in to an account of one's own buys no further guesses at
    /// others.
    pub fn succeed(&mut self, sources: &SourcePolicy, reserved: &Reserved) -> Outcome {
        let failed_before = self.account.succeed(&reserved.account);
        match (&mut self.device, &reserved.device) {
            (Some(device), Some(reservation)) => {
                let _ = device.succeed(reservation);
            }
            (Some(device), None) => *device = Throttle::new(),
            (None, _) => {}
        }
        if reserved.from_source {
            if let Some(pair) = &mut self.pair {
                pair.take_back(sources.pair);
            }
            if let Some(source) = &mut self.source {
                source.take_back(sources, reserved.tag, reserved.first);
            }
        }
        Outcome { failed_before, after_many_failures: failed_before >= u64::from(sources.many_failures) }
    }
}

fn device_policy(throttle: &ThrottlePolicy, sources: &SourcePolicy) -> ThrottlePolicy {
    let mut rules: ThrottleRules = throttle.clone().into();
    rules.hard_limit = sources.device_limit.min(throttle.hard_limit);
    ThrottlePolicy(rules)
}
