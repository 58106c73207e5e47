//! What every request shares: records, clock, policies, and the bounded room for slow hashing.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    api_key::ApiKeyPolicy,
    device::TrustPolicy,
    hash::{Hasher, StoredPassword, Verified},
    mfa::MfaPolicy,
    notice::Mailer,
    out_of_band::OutOfBandPolicy,
    password::{NormalizedPassword, PasswordPolicy},
    pepper::{KeyId, Pepper, Peppers},
    recovery::RecoveryPolicy,
    session::SessionPolicy,
    throttle::{KnownDevices, NameKey, SourcePolicy, ThrottlePolicy},
    ticket::TicketPolicy,
};
use mentalspace_core::{
    Access, Entropy, PracticeId, VisitId, draw,
    store::{Find, StoreError, Vault},
};
use mentalspace_passkey::RelyingParty;
use tokio::sync::{Notify, Semaphore, broadcast, watch};

use crate::{
    account::Tenant,
    authenticators::phone::Telephone,
    breaches::Breaches,
    clock::Clock,
    hashing::{HashSettings, Hashing, busy, cores},
    problem::Problem,
    sender::TrustedProxies,
    video::Video,
};

/// The server's shared state. Cheap to clone; holds nothing that another instance would miss.
#[derive(Debug, Clone)]
pub struct App {
    shared: Arc<Shared>,
}

/// Ways to sign in that need something from outside: an address, a service.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The site that passkeys belong to.
    pub passkeys: Option<RelyingParty>,
    /// Whoever reaches telephones.
    pub telephone: Option<Telephone>,
}

#[derive(Debug)]
struct Shared {
    vault: Vault,
    clock: Arc<dyn Clock>,
    policies: Policies,
    hashing: Hashing,
    guard: Guard,
    slow: Arc<Semaphore>,
    video: Option<Arc<Video>>,
    ways: Ways,
    work: Notify,
    practices: RwLock<BTreeSet<PracticeId>>,
    bell: broadcast::Sender<VisitId>,
    stop: watch::Sender<bool>,
    post: OnceLock<Post>,
}

/// How letters leave the server, and what address stands in them.
#[derive(Debug)]
struct Post {
    mailer: Option<Arc<dyn Mailer>>,
    public_url: String,
}

/// What stands between strangers and accounts, as this server is set up.
#[derive(Debug, Clone, Default)]
pub struct GuardSettings {
    /// What hashing may take of the machine.
    pub hashing: HashSettings,
    /// Passwords nobody may choose.
    pub breaches: Breaches,
    /// Proxies that are believed.
    pub proxies: TrustedProxies,
}

#[derive(Debug, Clone)]
struct Guard {
    names: NameKey,
    devices: KnownDevices,
    breaches: Breaches,
    proxies: TrustedProxies,
}

/// The rules of signing in.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Passwords.
    pub password: PasswordPolicy,
    /// Second factors.
    pub mfa: MfaPolicy,
    /// Sessions.
    pub session: SessionPolicy,
    /// Attempts.
    pub throttle: ThrottlePolicy,
    /// Codes by telephone.
    pub out_of_band: OutOfBandPolicy,
    /// Devices on which an optional second factor is not asked for again.
    pub trust: TrustPolicy,
    /// Keys of programs.
    pub api_keys: ApiKeyPolicy,
    /// Links that work once.
    pub tickets: TicketPolicy,
    /// Getting back in without any second factor.
    pub recovery: RecoveryPolicy,
    /// Sources of attempts.
    pub source: SourcePolicy,
    /// Since when the rules of passwords are in force; no password counts as older.
    pub password_since: DateTime<Utc>,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            password: PasswordPolicy::nist_63b_4(),
            mfa: MfaPolicy::everyone(),
            session: SessionPolicy::standard(),
            throttle: ThrottlePolicy::standard(),
            out_of_band: OutOfBandPolicy::refused(),
            trust: TrustPolicy::never(),
            api_keys: crate::api_keys::policy(),
            tickets: TicketPolicy::standard(),
            recovery: RecoveryPolicy::standard(),
            source: SourcePolicy::standard(),
            password_since: DateTime::UNIX_EPOCH,
        }
    }
}

impl App {
    /// Assembles the server from its parts. `pepper` is secret and stays apart from the records.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the default budget is one")]
    pub fn new(
        vault: Vault,
        clock: Arc<dyn Clock>,
        policies: Policies,
        pepper: [u8; 32],
        video: Option<Video>,
    ) -> Self {
        let guard = GuardSettings::default();
        Self::guarded(vault, clock, policies, pepper, video, guard).expect("the default budget is possible")
    }

    /// The same, with what stands between strangers and accounts set up otherwise.
    ///
    /// # Errors
    /// A budget of hashing that is hardly any.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the key id is a constant of four bytes")]
    pub fn guarded(
        vault: Vault,
        clock: Arc<dyn Clock>,
        policies: Policies,
        pepper: [u8; 32],
        video: Option<Video>,
        guard: GuardSettings,
    ) -> Result<Self, mentalspace_auth_policy::hash::HashError> {
        let names = NameKey::new(derived(&pepper, b"names of accounts"));
        let devices = KnownDevices::new(NameKey::new(derived(&pepper, b"known devices")));
        let pepper = Pepper::new(KeyId::new(b"main").expect("four bytes make a key id"), pepper);
        let hasher = Hasher::new(guard.hashing.params, Peppers::new(pepper));
        let hashing = Hashing::new(hasher, guard.hashing.memory)?;
        let guard = Guard { names, devices, breaches: guard.breaches, proxies: guard.proxies };
        Ok(Self::of(vault, clock, policies, hashing, guard, video.map(Arc::new)))
    }

    fn of(
        vault: Vault,
        clock: Arc<dyn Clock>,
        policies: Policies,
        hashing: Hashing,
        guard: Guard,
        video: Option<Arc<Video>>,
    ) -> Self {
        let (slow, work) = (Arc::new(Semaphore::new(cores())), Notify::new());
        let (bell, stop) = (broadcast::channel(64).0, watch::channel(false).0);
        let practices = RwLock::default();
        Self {
            shared: Arc::new(Shared {
                vault,
                clock,
                policies,
                hashing,
                guard,
                slow,
                video,
                ways: Ways::default(),
                work,
                practices,
                bell,
                stop,
                post: OnceLock::new(),
            }),
        }
    }

    /// Returns the same server by another clock and with the telephone alone, to fill in what happened in the past.
    #[must_use]
    pub fn in_the_past(&self, clock: Arc<dyn Clock>) -> Self {
        let Shared { vault, policies, hashing, guard, .. } = self.shared.as_ref();
        Self::of(vault.clone(), clock, policies.clone(), hashing.clone(), guard.clone(), None)
    }

    /// Adds ways to sign in, before the server is shared.
    #[must_use]
    pub fn with_ways(mut self, ways: Ways) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.ways = ways;
        }
        self
    }

    /// Returns the ways to sign in that need something from outside.
    #[must_use]
    pub fn ways(&self) -> &Ways {
        &self.shared.ways
    }

    /// Connects the mail service, if there is one, and names the address people reach the server by; once.
    pub fn connect_post(&self, mailer: Option<Arc<dyn Mailer>>, public_url: &str) {
        let public_url = public_url.trim_end_matches('/').to_owned();
        // Connected twice, the first holds.
        let _ = self.shared.post.set(Post { mailer, public_url });
    }

    /// Returns the mail service, if one is connected.
    #[must_use]
    pub fn mailer(&self) -> Option<&Arc<dyn Mailer>> {
        self.shared.post.get()?.mailer.as_ref()
    }

    /// Returns the address people reach the server by.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.shared.post.get().map_or("http://localhost", |post| &post.public_url)
    }

    /// Returns the records.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// Returns the present instant, in whole microseconds as stores keep it.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.shared.clock.now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Returns the rules of signing in.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.shared.policies
    }

    /// Returns the video services, if the practice has connected any.
    #[must_use]
    pub fn video(&self) -> Option<&Arc<Video>> {
        self.shared.video.as_ref()
    }

    /// Tells whoever watches a visit that something changed.
    pub fn ring(&self, visit: VisitId) {
        // Nobody may be watching.
        let _ = self.shared.bell.send(visit);
    }

    /// Listens for changes of visits made by this server.
    #[must_use]
    pub fn bell(&self) -> broadcast::Receiver<VisitId> {
        self.shared.bell.subscribe()
    }

    /// Lets open streams end, since the server stops.
    pub fn stop(&self) {
        self.shared.stop.send_replace(true);
    }

    /// Waits for the server to stop.
    pub async fn stopped(&self) {
        // The sender lives as long as `self`.
        let _ = self.shared.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Returns the source of random bytes.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.shared.vault.entropy()
    }

    /// Makes a new id of any type.
    #[must_use]
    pub fn new_id<T: From<uuid::Uuid>>(&self) -> T {
        mentalspace_core::uuid_v7(self.now(), draw(self.entropy())).into()
    }

    /// Wakes the workers: a job was written.
    pub fn work_is_waiting(&self) {
        self.shared.work.notify_waiters();
    }

    /// Waits until a job is written or `most` has passed.
    pub async fn wait_for_work(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.shared.work.notified()).await;
    }

    /// Lists the practices the server serves.
    ///
    /// # Errors
    /// As the store.
    pub async fn practices(&self) -> Result<Vec<PracticeId>, StoreError> {
        let access = Access::system(PracticeId::DIRECTORY, "tenant.list", self.now());
        let all =
            self.vault().read(&access, |read| Box::pin(async move { read.find_all(Find::<Tenant>::new()).await }));
        Ok(all.await?.into_iter().map(|tenant| tenant.value.practice).collect())
    }

    /// Tells whether the server serves a practice. What a stranger's token names is asked here before its records are
    /// opened, since opening a practice for the first time makes its key.
    ///
    /// # Errors
    /// As the store.
    pub async fn serves(&self, practice: PracticeId) -> Result<bool, StoreError> {
        let known = &self.shared.practices;
        if known.read().unwrap_or_else(PoisonError::into_inner).contains(&practice) {
            return Ok(true);
        }
        let all: BTreeSet<_> = self.practices().await?.into_iter().collect();
        let serves = all.contains(&practice);
        *known.write().unwrap_or_else(PoisonError::into_inner) = all;
        Ok(serves)
    }

    /// Returns the hasher's keys, for backup codes.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        self.shared.hashing.hasher()
    }

    /// Returns the room for slow work on passwords.
    #[must_use]
    pub fn hashing(&self) -> &Hashing {
        &self.shared.hashing
    }

    /// Returns the passwords nobody may choose.
    #[must_use]
    pub fn breaches(&self) -> &Breaches {
        &self.shared.guard.breaches
    }

    /// Returns the proxies that are believed.
    #[must_use]
    pub fn proxies(&self) -> &TrustedProxies {
        &self.shared.guard.proxies
    }

    pub(crate) fn names(&self) -> &NameKey {
        &self.shared.guard.names
    }

    pub(crate) fn devices(&self) -> &KnownDevices {
        &self.shared.guard.devices
    }

    /// Hashes a password within the budget.
    ///
    /// # Errors
    /// The server is busy, or out of memory.
    pub async fn hash_password(&self, password: NormalizedPassword) -> Result<StoredPassword, Problem> {
        self.shared.hashing.hash(password, draw(self.entropy())).await
    }

    /// Verifies a password; without a stored hash the same work is done for nothing.
    ///
    /// # Errors
    /// The server is busy, or the stored hash cannot be used.
    pub async fn verify_password(
        &self,
        password: NormalizedPassword,
        stored: Option<StoredPassword>,
    ) -> Result<Verified, Problem> {
        self.shared.hashing.verify(password, stored).await
    }

    /// Runs slow work on a bounded pool; who waits too long is told to come back.
    ///
    /// # Errors
    /// The server is busy.
    pub async fn slow<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let waited = tokio::time::timeout(Duration::from_secs(10), self.shared.slow.clone().acquire_owned()).await;
        let Ok(Ok(place)) = waited else { return Err(busy()) };
        let held = move || {
            let _held = place;
            work()
        };
        tokio::task::spawn_blocking(held).await.map_err(|_| busy())
    }
}

/// Derives a key of its own for each purpose.
fn derived(secret: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    use hmac::{Hmac, KeyInit, Mac};
    // HMAC takes keys of any length, so there is nothing to fail.
    Hmac::<sha2::Sha256>::new_from_slice(secret)
        .map_or([0; 32], |mac| mac.chain_update(purpose).finalize().into_bytes().into())
}
