//! A practice to look at: invented people and a month of their work, lived through the same use cases that requests go
//! through, so that the books and the audit log are real.
//!
//! The month is lived by a clock of its own that begins a fortnight ago and stops now. What is told is always the same;
//! when it happened depends on the moment, and every password and secret is drawn afresh and shown once.

mod billing;
mod cast;
mod era;
mod month;
mod opening;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use chrono::{DateTime, Days, TimeDelta, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    mfa::Decision,
    session::{PasswordStanding, Session, SessionToken, SignIn},
};
use mentalspace_core::{ClinicianId, LocationId, Origin, PayerId, Practice, draw, store::Document};
use secrecy::{ExposeSecret, SecretString};

use crate::{account::User, app::App, clock::Clock, jobs, problem::Problem, signed::Signed, zone::Zone};
use cast::Cast;

/// How a person of the demo signs in. Known to the console alone.
#[derive(Debug)]
pub struct Account {
    roles: String,
    login: String,
    password: SecretString,
    totp: SecretString,
}

/// What the demo has made.
#[derive(Debug)]
pub struct Demo {
    accounts: Vec<Account>,
    remittance: PathBuf,
}

impl Demo {
    /// Writes what a person needs to look around, secrets included.
    pub fn expose(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| {
            writeln!(f, "A synthetic practice is ready. Add a secret to an authenticator app to sign in.")?;
            writeln!(f, "These passwords and secrets are shown once and kept nowhere.\n")?;
            let widest = |of: fn(&Account) -> &str| self.accounts.iter().map(|one| of(one).len()).max().unwrap_or(0);
            let (roles, login) = (widest(|one| &one.roles), widest(|one| &one.login));
            let mut line = |cells: [&str; 4]| {
                let [role, name, password, totp] = cells;
                writeln!(f, "{role:roles$}  {name:login$}  {password:23}  {totp}")
            };
            line(["role", "login", "password", "totp-secret"])?;
            for one in &self.accounts {
                line([&one.roles, &one.login, one.password.expose_secret(), one.totp.expose_secret()])?;
            }
            write!(f, "\nA remittance to upload as billing: {}", self.remittance.display())
        })
    }
}

/// Fills an empty store. A store that has a practice is left as it is: `None`.
///
/// # Errors
/// The records refuse, or `data` cannot be written to.
pub async fn fill(app: &App, data: &Path) -> Result<Option<Demo>> {
    if !app.practices().await.context("practices cannot be listed")?.is_empty() {
        return Ok(None);
    }
    let now = app.now();
    let clock = Arc::new(Hand::at(now));
    let cast = Cast::read().context("the cast cannot be read")?;
    let (stage, accounts) = opening::open(app.in_the_past(clock.clone()), clock, cast, now).await?;
    month::live(&stage).await?;
    let remittance = data.join("demo-835.x12");
    let content = billing::waiting_remittance(&stage).await?;
    tokio::fs::write(&remittance, content).await.context("the sample remittance cannot be written")?;
    stage.work_off().await?;
    Ok(Some(Demo { accounts, remittance }))
}

/// A clock that is set by hand and never goes back.
#[derive(Debug)]
struct Hand(Mutex<DateTime<Utc>>);

impl Hand {
    fn at(at: DateTime<Utc>) -> Self {
        Self(Mutex::new(at))
    }

    fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The practice while its month is lived.
struct Stage {
    app: App,
    clock: Arc<Hand>,
    cast: Cast,
    /// When the demo is filled, and the month ends.
    now: DateTime<Utc>,
    practice: Practice,
    zone: Zone,
    location: LocationId,
    users: BTreeMap<String, User>,
    payers: BTreeMap<String, PayerId>,
}

impl Stage {
    /// Lets the person of this key act at the moment the clock shows.
    fn acting(&self, key: &str) -> Result<Signed> {
        let user = self.users.get(key).with_context(|| format!("nobody is called {key}"))?;
        let (app, now) = (&self.app, self.app.now());
        let policy = &app.policies().session;
        let token = || SessionToken::from_random(draw(app.entropy())).hash();
        let sign_in = SignIn {
            id: app.new_id(),
            user: user.id.uuid(),
            token: token(),
            from: mentalspace_auth_policy::device::Sighting::default(),
            factor: Factor::Password,
            mfa: Decision::Challenge,
            password: PasswordStanding::Current,
        };
        let mut session = Session::start(&sign_in, policy, now);
        session.complete_mfa(Factor::Totp, token(), policy, now)?;
        let origin = Origin { address: "127.0.0.1".to_owned(), user_agent: Some("demo".to_owned()) };
        Ok(Signed::acting(self.practice.id, user, session, policy, origin, now)?)
    }

    fn clinician(&self, key: &str) -> Result<ClinicianId> {
        self.users.get(key).and_then(|user| user.clinician).with_context(|| format!("{key} treats nobody"))
    }

    fn payer(&self, key: &str) -> Result<PayerId> {
        self.payers.get(key).copied().with_context(|| format!("no payer is called {key}"))
    }

    /// Returns the moment `days` days before or after today at an hour of the practice's wall clock.
    fn wall(&self, days: i64, hour: i64) -> DateTime<Utc> {
        let today = self.zone.day(self.now);
        let distance = Days::new(days.unsigned_abs());
        let day = if days < 0 { today.checked_sub_days(distance) } else { today.checked_add_days(distance) };
        self.zone.midnight(day.unwrap_or(today)) + TimeDelta::hours(hour)
    }

    /// Does what the workers would do at this moment.
    async fn work_off(&self) -> Result<()> {
        Ok(jobs::round(&self.app, self.practice.id).await?)
    }

    /// Puts something on record as the person of this key, for what has no page of its own.
    async fn record<T: Document + Sync>(&self, key: &str, activity: &'static str, made: &T) -> Result<()> {
        let access = self.acting(key)?.access(activity, mentalspace_core::Purpose::Operations);
        let written = self.app.vault().write(&access, |work| Box::pin(async move { work.insert(made).await }));
        Ok(written.await?)
    }
}

/// Makes a refusal of a use case a failure of the demo.
fn told(problem: Problem) -> anyhow::Error {
    let Problem { detail, errors, .. } = problem;
    let fields = errors.into_iter().map(|error| format!("; {}: {}", error.field, error.detail));
    anyhow::Error::msg(detail + &fields.collect::<String>())
}
