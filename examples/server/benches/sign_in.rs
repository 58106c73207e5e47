//! What a stranger can learn from time, and what a flood of sign-ins takes of the machine.
//!
//! Prints, for attempts on names nobody has, wrong passwords, accounts that are shut and accounts that wait: medians and
//! the two-sample Kolmogorov–Smirnov statistic against wrong passwords. Then: peak memory and throughput of a flood.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench speaks to who runs it")]

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{hash::StoredPassword, password::NormalizedPassword, throttle::Source};
use mentalspace_core::{
    Email, Origin, Phi, PracticeId, Role, UserId,
    store::{Document, LocalKey, Store, Vault},
    testing::MemoryStore,
};
use mentalspace_server::{
    account::{SignInName, Tenant, User},
    app::{App, Policies},
    clock::SystemClock,
    entropy::SystemEntropy,
    problem::Problem,
    sender::Sender,
    sign_in,
    signed::Caller,
};
use mentalspace_sqlite::{SqliteConfig, SqliteStore};

const SAMPLES: usize = 200;
/// Fewer than the wait begins with.
const EACH: usize = 4;

struct Bench {
    app: App,
    practice: PracticeId,
    hash: StoredPassword,
    sources: std::sync::atomic::AtomicU32,
}

impl Bench {
    async fn new(store: Arc<dyn Store>) -> Self {
        let keys = Arc::new(LocalKey::new("bench", [7; 32]));
        let vault = Vault::new(store, keys, Arc::new(SystemEntropy));
        let app = App::new(vault, Arc::new(SystemClock), Policies::default(), [9; 32], None);
        let password = NormalizedPassword::attempt(&"otter lantern mosaic thirteen".to_owned().into());
        let hash = app.hash_password(password.expect("a password")).await.expect("a hash");
        let bench = Self { practice: app.new_id(), app, hash, sources: 1.into() };
        let tenant = Tenant { practice: bench.practice, created_at: bench.app.now() };
        bench.put(PracticeId::DIRECTORY, &tenant).await;
        bench
    }

    async fn put(&self, practice: PracticeId, document: &impl Document) {
        let access = mentalspace_core::Access::system(practice, "bench.seed", self.app.now());
        let put = self.app.vault().write(&access, |work| Box::pin(async move { work.insert(document).await }));
        put.await.expect("stored");
    }

    async fn person(&self, name: &str, enabled: bool) -> String {
        let login = format!("{name}@harbor.example");
        let id: UserId = self.app.new_id();
        let now: DateTime<Utc> = self.app.now();
        let user = User {
            id,
            login: Email::parse(login.as_str()).expect("an address"),
            display_name: name.to_owned(),
            roles: vec![Role::FrontDesk],
            clinician: None,
            password: Phi::new(self.hash.clone()),
            password_set_at: now,
            must_change_password: false,
            totp: None,
            offered_totp: None,
            backup_codes: None,
            enabled,
        };
        let name =
            SignInName { id: self.app.new_id(), login: user.login.clone(), practice: self.practice, user: user.id };
        self.put(PracticeId::DIRECTORY, &name).await;
        self.put(self.practice, &user).await;
        login
    }

    /// Tries a wrong password from a source of its own.
    async fn wrong(&self, login: &str) -> (Duration, Problem) {
        let n = self.sources.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let source = Some(Source::of(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n))));
        let sender = Sender { source, device_cookie: None };
        let origin = Origin { address: String::new(), user_agent: None };
        let caller = Caller { origin, device: None, sender, earlier: None };
        let began = Instant::now();
        let answer = sign_in::with_password(&self.app, login, &"not it".to_owned().into(), &caller).await;
        (began.elapsed(), answer.expect_err("refused"))
    }
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The greatest distance between the two empirical distributions.
fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> f64 {
    let share = |samples: &[f64], at: f64| samples.iter().filter(|x| **x <= at).count() as f64 / samples.len() as f64;
    a.iter().chain(b).map(|at| (share(a, *at) - share(b, *at)).abs()).fold(0.0, f64::max)
}

async fn timing(bench: &Bench) {
    let people = SAMPLES / EACH;
    let (mut present, mut shut, mut locked) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..people {
        present.push(bench.person(&format!("present{n}"), true).await);
        shut.push(bench.person(&format!("shut{n}"), false).await);
        let login = bench.person(&format!("locked{n}"), true).await;
        for _ in 0..5 {
            bench.wrong(&login).await;
        }
        locked.push(login);
    }
    let names = ["wrong password", "unknown name", "account shut", "account waits"];
    let mut samples: [Vec<f64>; 4] = Default::default();
    for round in 0..SAMPLES {
        let logins = [
            &present[round / EACH],
            &format!("unknown{}@harbor.example", round / EACH),
            &shut[round / EACH],
            &locked[round / EACH],
        ];
        // Each round in another order, so that what the machine does besides hits all alike.
        for turn in 0..4 {
            let kind = (turn + round) % 4;
            let (took, problem) = bench.wrong(logins[kind]).await;
            assert_eq!(problem.status.as_u16(), 401, "{}", names[kind]);
            samples[kind].push(took.as_secs_f64() * 1000.0);
        }
    }
    // At 5 % two equal distributions are farther apart than this (n = m).
    let critical = 1.358 * (2.0 / SAMPLES as f64).sqrt();
    println!("{SAMPLES} attempts of each kind; distributions differ at the 5 % level beyond {critical:.3}");
    for (name, kind) in names.iter().zip(&samples) {
        let distance = kolmogorov_smirnov(&samples[0], kind);
        let verdict = if distance <= critical { "cannot be told apart" } else { "DIFFERS" };
        println!("  {name:<16} median {:8.3} ms   KS against wrong {distance:.3}   {verdict}", median(kind));
    }
}

fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_ascii_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0) / 1024
}

async fn flood(bench: Arc<Bench>) {
    let before = memory("VmRSS");
    let began = Instant::now();
    let attempts = 400;
    let all: Vec<_> = (0..attempts)
        .map(|n| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.wrong(&format!("flood{n}@harbor.example")).await.1.status.as_u16() })
        })
        .collect();
    let mut statuses = std::collections::BTreeMap::<u16, u32>::new();
    for one in all {
        *statuses.entry(one.await.expect("answered")).or_default() += 1;
    }
    let took = began.elapsed();
    let hashing = memory("VmHWM");
    // Then people type new passwords that take the estimator long.
    let slow: String = "4@8(<3691|!10$5+7%2".repeat(3);
    let estimates: Vec<_> = (0..200)
        .map(|_| {
            let (bench, slow) = (bench.clone(), slow.clone());
            tokio::spawn(async move {
                let judge = move || {
                    let password = NormalizedPassword::attempt(&slow.into()).expect("short");
                    mentalspace_auth_policy::password::strength(&password, &Default::default()).score
                };
                bench.app.hashing().estimate(judge).await.is_ok()
            })
        })
        .collect();
    let mut estimated = 0;
    for one in estimates {
        estimated += u32::from(one.await.expect("answered"));
    }
    let budget = bench.app.hashing().budget();
    let at_once = budget.at_once(bench.app.hashing().hasher().params().into());
    println!("{attempts} sign-ins at once: {took:.1?}, {:.1} a second", f64::from(attempts) / took.as_secs_f64());
    println!("  answers {statuses:?}; of 200 estimates at once {estimated} were made, the others sent back at once");
    println!(
        "  at most {at_once} hashes at once in a budget of {} MiB; resident {before} MiB before, {hashing} MiB at most while hashing, {} MiB with estimates",
        budget.places() / 1024,
        memory("VmHWM")
    );
}

#[tokio::main]
async fn main() {
    // The flood first, and on the store a server has: the one in memory keeps every record and would be measured instead.
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(SqliteConfig::file(folder.path().join("bench.db"))).await.expect("a store");
    flood(Arc::new(Bench::new(Arc::new(store)).await)).await;
    timing(&Bench::new(Arc::new(MemoryStore::default())).await).await;
}
