//! The room for slow work on passwords: hashing within a budget of memory and cores, estimates in a small room of their
//! own. What waits too long is told to come back; nothing is skipped.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use mentalspace_auth_policy::{
    hash::{Budget, Cost, HashError, HashParams, Hasher, StoredPassword, Verified},
    password::NormalizedPassword,
};
use tokio::sync::{Semaphore, TryAcquireError, oneshot};

use crate::problem::Problem;

/// How long somebody waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many wait for an estimate; who comes later is refused at once, since a page asks again at the next keystroke.
const WAITING_FOR_ESTIMATES: usize = 32;

/// What hashing may take of the machine.
#[derive(Debug, Clone, Copy)]
pub struct HashSettings {
    /// The costs of new hashes.
    pub params: HashParams,
    /// The memory all hashes that run at once may take, in bytes.
    pub memory: u64,
}

impl Default for HashSettings {
    fn default() -> Self {
        Self { params: HashParams::DEFAULT, memory: 256 << 20 }
    }
}

impl HashSettings {
    /// Reads costs as the command `mentalspace password calibrate` writes them: `m=19456,t=2,p=1`.
    ///
    /// # Errors
    /// Anything else.
    pub fn read_params(text: &str) -> Result<HashParams, HashError> {
        let number = |name: &str| {
            let value =
                text.split(',').filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name);
            value.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
        };
        HashParams::new(number("m"), number("t"), number("p"))
    }
}

/// The hasher and the rooms it works in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hashing {
    hasher: Hasher,
    budget: Budget,
    places: Arc<Semaphore>,
    workers: Workers,
    estimates: Arc<Semaphore>,
    estimators: Workers,
    waiting: Arc<Semaphore>,
}

impl Hashing {
    /// Makes room for a hasher within the memory given.
    ///
    /// # Errors
    /// A budget that is hardly any.
    pub fn new(hasher: Hasher, memory: u64) -> Result<Self, HashError> {
        let cores = cores();
        let budget = Budget::new(memory, cores)?;
        let places = usize::try_from(budget.places()).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self {
            hasher,
            budget,
            places: Arc::new(Semaphore::new(places)),
            workers: Workers::start(cores).map_err(|_| HashError::OutOfMemory)?,
            estimates: Arc::new(Semaphore::new(cores.div_ceil(2))),
            estimators: Workers::start(cores.div_ceil(2)).map_err(|_| HashError::OutOfMemory)?,
            waiting: Arc::new(Semaphore::new(WAITING_FOR_ESTIMATES)),
        })
    }

    /// Returns the hasher.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Returns the budget.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// Hashes a password with this salt.
    ///
    /// # Errors
    /// The server is busy, or out of memory.
    pub async fn hash(&self, password: NormalizedPassword, salt: [u8; 16]) -> Result<StoredPassword, Problem> {
        let hasher = self.hasher.clone();
        let made = self.run(hasher.params().into(), move || hasher.hash(&password, salt)).await?;
        made.map(Into::into).map_err(|_| busy())
    }

    /// Verifies a password; without a stored hash the same work is done for nothing.
    ///
    /// # Errors
    /// The server is busy, or the stored hash cannot be used.
    pub async fn verify(
        &self,
        password: NormalizedPassword,
        stored: Option<StoredPassword>,
    ) -> Result<Verified, Problem> {
        let hasher = self.hasher.clone();
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| hasher.dummy().into());
        let verified = self.run(stored.cost(), move || hasher.verify_any(&password, &stored)).await?;
        let verified = verified.map_err(|_| Problem::internal("The stored password cannot be checked."))?;
        Ok(if known { verified } else { Verified::Mismatch })
    }

    /// Estimates and looks up passwords; a flood of it leaves hashing alone.
    ///
    /// # Errors
    /// The server is busy.
    pub async fn estimate<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = match self.waiting.clone().try_acquire_owned() {
            Ok(turn) => turn,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return Err(busy()),
        };
        let waited = tokio::time::timeout(PATIENCE, self.estimates.clone().acquire_owned()).await;
        let Ok(Ok(place)) = waited else { return Err(busy()) };
        let (tell, told) = oneshot::channel();
        self.estimators.give(Box::new(move || {
            let _held = (turn, place);
            let _ = tell.send(work());
        }));
        told.await.map_err(|_| busy())
    }

    async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let weight = self.budget.weight(cost);
        let waited = tokio::time::timeout(PATIENCE, self.places.clone().acquire_many_owned(weight)).await;
        let Ok(Ok(place)) = waited else { return Err(busy()) };
        let (tell, told) = oneshot::channel();
        // The place is given back when the work ends, also when nobody waits for it any more.
        self.workers.give(Box::new(move || {
            let _held = place;
            let _ = tell.send(work());
        }));
        told.await.map_err(|_| busy())
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// Threads that do nothing else. The allocator keeps what a thread has freed for that thread, so that hashing on any
/// thread of a large pool, or estimating, would come to hold many times the memory of what runs at once.
#[derive(Clone)]
struct Workers(mpsc::Sender<Work>);

impl Workers {
    fn start(number: usize) -> std::io::Result<Self> {
        let (give, take) = mpsc::channel::<Work>();
        let take = Arc::new(Mutex::new(take));
        for _ in 0..number {
            let take = take.clone();
            thread::Builder::new().name("hashing".to_owned()).spawn(move || {
                loop {
                    let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    // Nobody can give work any more.
                    let Ok(work) = next else { break };
                    // Whoever waits learns of a panic by the missing answer; the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(work));
                }
            })?;
        }
        Ok(Self(give))
    }

    fn give(&self, work: Work) {
        // The threads live as long as this end of the channel.
        let _ = self.0.send(work);
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers(..)")
    }
}

pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

pub(crate) fn busy() -> Problem {
    Problem::unavailable("Too many people are signing in at this moment. Please try again.").with_retry_after(5)
}
