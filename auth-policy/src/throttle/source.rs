//! The source of attempts: a network address, and how many accounts fail from it.
//!
//! Invariants: an IPv6 source is the /64 a subscriber is given, an IPv4 source one address, in either spelling; the
//! accounts tried are kept as short keyed hashes, never as names, and at most [`MAX_ACCOUNTS`] of them.
//! Standard: OWASP ASVS 5.0 6.3.1 (credential stuffing), NIST SP 800-63B-4 §3.2.2.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Bucket, Rate};
use crate::policy::{PolicyError, SCHEMA_VERSION, check_range, checked_policy};
use crate::time::after;

/// The most accounts remembered of one source.
const MAX_ACCOUNTS: usize = 256;

/// Where an attempt came from, as far as it can be told from another: displayed as a network prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl Source {
    /// Takes the address of the person's machine, not that of a proxy.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = if self.0.is_ipv4() { 32 } else { 64 };
        write!(f, "{}/{bits}", self.0)
    }
}

/// The key under which names of accounts are remembered.
#[derive(Clone)]
pub struct NameKey(Zeroizing<[u8; 32]>);

/// A name of an account that cannot be told from its tag without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountTag(u64);

impl NameKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// Names an account, known or not.
    #[must_use]
    pub fn tag(&self, account: &str) -> AccountTag {
        let mut first = [0; 8];
        first.copy_from_slice(&self.mac(b"mentalspace/account-tag/v1", &[account.as_bytes()])[..8]);
        AccountTag(u64::from_be_bytes(first))
    }

    pub(super) fn mac(&self, domain: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length, so there is nothing to fail.
        Hmac::<Sha256>::new_from_slice(&*self.0).map_or([0; 32], |mut mac| {
            mac.update(domain);
            for part in parts {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            mac.finalize().into_bytes().into()
        })
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey(..)")
    }
}

/// The rules of sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SourceRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// The failures of one source on all accounts.
    pub source: Rate,
    /// The failures of one source on one account.
    pub pair: Rate,
    /// The accounts that may fail from one source within the window, 2 to 256; one more is credential stuffing.
    pub accounts: u16,
    /// The length of the window in seconds, 60 to 86400.
    pub window_secs: u32,
    /// How long a source waits that tries too many accounts, in seconds, 60 to 86400.
    pub stuffing_wait_secs: u32,
    /// The consecutive failures after which a known device is a stranger again, 1 to 50.
    pub device_limit: u16,
    /// With so many failures before it a success is worth telling the person, 2 to 100.
    pub many_failures: u16,
}

impl SourceRules {
    fn check(&self) -> Result<(), PolicyError> {
        self.source.check("source.failures", "source.per_secs")?;
        self.pair.check("pair.failures", "pair.per_secs")?;
        check_range("accounts", self.accounts, 2..=MAX_ACCOUNTS as u64)?;
        check_range("window_secs", self.window_secs, 60..=86_400)?;
        check_range("stuffing_wait_secs", self.stuffing_wait_secs, 60..=86_400)?;
        check_range("device_limit", self.device_limit, 1..=50)?;
        check_range("many_failures", self.many_failures, 2..=100)
    }
}

checked_policy! {
    /// How many failures a source, a source on one account, and a known device may have.
    SourcePolicy, SourceRules, "SourceRules"
}

impl SourcePolicy {
    /// A practice behind one address may fail a hundred times in a quarter of an hour; one address ten times on the
    /// same account and on fifteen accounts.
    #[must_use]
    pub const fn standard() -> Self {
        Self(SourceRules {
            version: SCHEMA_VERSION,
            source: Rate { failures: 100, per_secs: 15 * 60 },
            pair: Rate { failures: 10, per_secs: 15 * 60 },
            accounts: 15,
            window_secs: 15 * 60,
            stuffing_wait_secs: 30 * 60,
            device_limit: 10,
            many_failures: 5,
        })
    }
}

/// What is counted of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceCount {
    failures: Bucket,
    window_began: Option<DateTime<Utc>>,
    accounts: BTreeSet<AccountTag>,
    stuffing_until: Option<DateTime<Utc>>,
}

impl SourceCount {
    /// Tells until when the source waits.
    #[must_use]
    pub fn waits_until(&self, policy: &SourcePolicy, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let longest = after(now, TimeDelta::seconds(policy.stuffing_wait_secs.into()));
        let stuffing = self.stuffing_until.map(|until| until.min(longest)).filter(|until| now < *until);
        stuffing.max(self.failures.waits_until(policy.source, now))
    }

    /// Counts the accounts that failed in the present window.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Returns the moment from which on nothing of this matters.
    #[must_use]
    pub fn over_at(&self, policy: &SourcePolicy) -> Option<DateTime<Utc>> {
        let window = self.window_began.map(|began| after(began, TimeDelta::seconds(policy.window_secs.into())));
        window.max(self.stuffing_until).max(self.failures.empty_at())
    }

    /// Counts a permitted failure; tells whether it is the one that makes it credential stuffing, and whether the
    /// account was new here.
    pub(super) fn add(&mut self, policy: &SourcePolicy, account: AccountTag, now: DateTime<Utc>) -> Added {
        self.failures.add(policy.source, now);
        let window = TimeDelta::seconds(policy.window_secs.into());
        if self.window_began.is_none_or(|began| now < began || after(began, window) <= now) {
            self.window_began = Some(now);
            self.accounts.clear();
        }
        let first = self.accounts.insert(account);
        let stuffing = self.accounts.len() > usize::from(policy.accounts);
        if stuffing {
            self.stuffing_until = Some(after(now, TimeDelta::seconds(policy.stuffing_wait_secs.into())));
            self.accounts.clear();
        }
        Added { first, stuffing }
    }

    /// Takes back what turned out right.
    pub(super) fn take_back(&mut self, policy: &SourcePolicy, account: AccountTag, first: bool) {
        self.failures.take_back(policy.source);
        if first {
            self.accounts.remove(&account);
        }
    }
}

pub(super) struct Added {
    pub(super) first: bool,
    pub(super) stuffing: bool,
}
