//! Attempts, counted before they are verified: on the authenticator of an account, from a source, from a source on an
//! account, and from a known device, all in one unit of work.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::throttle::{
    AccountTag, Bucket, Counts, KnownDevice, Outcome, Rate, Refused, Reserved, Source, SourceCount, SourcePolicy,
    Throttle,
};
use mentalspace_core::{
    Access, ClientId, PracticeId,
    store::{Document, Find, Reading, StoreError, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{account::sort_key, app::App};

/// How often a unit of work is repeated that others were faster than.
const TRIES: u32 = 200;
/// How long the count of a name is kept that nobody has.
const UNKNOWN: TimeDelta = TimeDelta::days(30);
/// How long after its time a count is forgotten: longer than any attempt takes.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// A count of attempts. Lives in [`PracticeId::DIRECTORY`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// Id, see [`Attempts::id_for`].
    pub id: Uuid,
    /// The count.
    pub count: Count,
    /// From when on it tells nothing any more; of an account that failed, never.
    pub over_at: Option<DateTime<Utc>>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// On an authenticator of an account, or from a known device on it.
    Throttle(Throttle),
    /// From a source on an account, or of anything else that has a rate.
    Rate(Bucket),
    /// From a source.
    Source(SourceCount),
}

impl Attempts {
    /// Derives the id under which attempts on `authenticator` of `account` are counted.
    #[must_use]
    pub fn id_for(authenticator: &str, account: &str) -> Uuid {
        let digest = Sha256::digest([authenticator.as_bytes(), b"\0", account.as_bytes()].concat());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl Document for Attempts {
    const KIND: &'static str = "attempts";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        self.over_at.map_or_else(|| "never".to_owned(), sort_key)
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// What an attempt is made on, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// The name of the authenticator.
    pub(crate) authenticator: &'static str,
    /// The account, known or not.
    pub(crate) account: String,
    /// Whether the account is known, so that its failures are kept.
    pub(crate) known: bool,
    /// The network it comes from.
    pub(crate) source: Option<Source>,
    /// The device, if the account knows it.
    pub(crate) device: Option<KnownDevice>,
}

/// The ids and, as far as they are stored, the versions of what one attempt is counted in.
struct Places {
    account: (Uuid, u64),
    device: Option<(Uuid, u64)>,
    pair: Option<(Uuid, u64)>,
    source: Option<(Uuid, u64)>,
}

impl Attempt {
    /// An attempt that is counted on the account alone.
    pub(crate) fn on(authenticator: &'static str, account: &str) -> Self {
        Self { authenticator, account: account.to_owned(), known: true, source: None, device: None }
    }

    async fn read(&self, work: &mut Reading<'_>) -> Result<(Counts, Places), StoreError> {
        let account = Attempts::id_for(self.authenticator, &self.account);
        let (count, version) = found(work, account).await?;
        let mut places = Places { account: (account, version), device: None, pair: None, source: None };
        let mut counts = Counts { account: throttle(count), ..Counts::default() };
        if let Some(device) = self.device {
            let id = Attempts::id_for("known device", &format!("{}\0{}\0{device}", self.authenticator, self.account));
            let (count, version) = found(work, id).await?;
            (counts.device, places.device) = (Some(throttle(count)), Some((id, version)));
        }
        if let Some(source) = self.source {
            let id = Attempts::id_for("pair", &format!("{}\0{}\0{source}", self.authenticator, self.account));
            let (count, version) = found(work, id).await?;
            let pair = if let Some(Count::Rate(bucket)) = count { bucket } else { Bucket::default() };
            (counts.pair, places.pair) = (Some(pair), Some((id, version)));
            let id = Attempts::id_for("source", &source.to_string());
            let (count, version) = found(work, id).await?;
            let count = if let Some(Count::Source(count)) = count { count } else { SourceCount::default() };
            (counts.source, places.source) = (Some(count), Some((id, version)));
        }
        Ok((counts, places))
    }

    /// Writes what has changed.
    async fn write(
        &self,
        work: &mut Writing<'_>,
        places: &Places,
        before: &Counts,
        after: &Counts,
        sources: &SourcePolicy,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if before.account != after.account {
            let over_at = match (after.account.is_clear(), self.known) {
                (true, _) => Some(now),
                (false, true) => None,
                (false, false) => Some(now + UNKNOWN),
            };
            put(work, places.account, Count::Throttle(after.account.clone()), over_at).await?;
        }
        if let (Some(place), Some(device)) = (places.device, &after.device)
            && before.device.as_ref() != Some(device)
        {
            let over_at = if device.is_clear() { now } else { now + UNKNOWN };
            put(work, place, Count::Throttle(device.clone()), Some(over_at)).await?;
        }
        if let (Some(place), Some(pair)) = (places.pair, after.pair)
            && before.pair != Some(pair)
        {
            put(work, place, Count::Rate(pair), Some(pair.empty_at().unwrap_or(now))).await?;
        }
        if let (Some(place), Some(source)) = (places.source, &after.source)
            && before.source.as_ref() != Some(source)
        {
            let over_at = Some(source.over_at(sources).unwrap_or(now));
            put(work, place, Count::Source(source.clone()), over_at).await?;
        }
        Ok(())
    }
}

fn throttle(count: Option<Count>) -> Throttle {
    if let Some(Count::Throttle(throttle)) = count { throttle } else { Throttle::new() }
}

async fn found(work: &mut Reading<'_>, id: Uuid) -> Result<(Option<Count>, u64), StoreError> {
    let found = work.get::<Attempts>(id).await?;
    Ok(found.map_or((None, 0), |Versioned { version, value }| (Some(value.count), version)))
}

async fn put(
    work: &mut Writing<'_>,
    (id, version): (Uuid, u64),
    count: Count,
    over_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let attempts = Attempts { id, count, over_at };
    if version == 0 { work.insert(&attempts).await } else { work.update(&attempts, version).await.map(drop) }
}

/// Counts an attempt everywhere before it is verified, so that N guesses at once count N; or nowhere.
pub(crate) async fn reserve(
    app: &App,
    attempt: &Attempt,
    tag: AccountTag,
    now: DateTime<Utc>,
) -> Result<Result<Reserved, Refused>, StoreError> {
    let (throttle, sources) = (&app.policies().throttle, &app.policies().source);
    counted(app, attempt, now, &|counts| counts.reserve(throttle, sources, tag, now)).await
}

/// Forgets what a successful attempt and those before it counted.
pub(crate) async fn succeed(
    app: &App,
    attempt: &Attempt,
    reserved: &Reserved,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let sources = &app.policies().source;
    counted(app, attempt, now, &|counts| counts.succeed(sources, reserved)).await
}

/// Changes counts in one unit of work; when somebody else was faster it begins anew with what the other one wrote.
async fn counted<T: Send>(
    app: &App,
    attempt: &Attempt,
    now: DateTime<Utc>,
    change: &(dyn Fn(&mut Counts) -> T + Sync),
) -> Result<T, StoreError> {
    let access = Access::system(PracticeId::DIRECTORY, "attempt.count", now);
    let sources = &app.policies().source;
    for tried in 0..TRIES {
        let written = app.vault().write(&access, |work| {
            Box::pin(async move {
                let (before, places) = attempt.read(work).await?;
                let mut after = before.clone();
                let answer = change(&mut after);
                attempt.write(work, &places, &before, &after, sources, now).await?;
                Ok::<_, StoreError>(answer)
            })
        });
        match written.await {
            Err(StoreError::Conflict { .. } | StoreError::AlreadyExists { .. } | StoreError::NotFound { .. }) => {
                let spread = mentalspace_core::draw::<1>(app.entropy())[0];
                tokio::time::sleep(Duration::from_micros(u64::from(spread) * u64::from(tried.min(40)))).await;
            }
            other => return other,
        }
    }
    Err(StoreError::unavailable("too many attempts at once"))
}

/// Counts something that has a rate, such as questions to the strength estimate; tells until when it is too often.
pub(crate) async fn rate(
    app: &App,
    what: &str,
    who: &str,
    rate: Rate,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let access = Access::system(PracticeId::DIRECTORY, "attempt.count", now);
    let id = Attempts::id_for(what, who);
    for _ in 0..TRIES {
        let written = app.vault().write(&access, |work| {
            Box::pin(async move {
                let (count, version) = found(work, id).await?;
                let mut bucket = if let Some(Count::Rate(bucket)) = count { bucket } else { Bucket::default() };
                if let Some(until) = bucket.waits_until(rate, now) {
                    return Ok(Some(until));
                }
                bucket.add(rate, now);
                put(work, (id, version), Count::Rate(bucket), bucket.empty_at()).await?;
                Ok::<_, StoreError>(None)
            })
        });
        match written.await {
            Err(StoreError::Conflict { .. } | StoreError::AlreadyExists { .. } | StoreError::NotFound { .. }) => {}
            other => return other,
        }
    }
    Err(StoreError::unavailable("too many attempts at once"))
}

/// Forgets the failures on an authenticator that was bound anew, which also ends its being disabled (NIST SP 800-63B-4
/// §3.2.2).
pub(crate) async fn clear(app: &App, authenticator: &str, account: &str) -> Result<(), StoreError> {
    let access = Access::system(PracticeId::DIRECTORY, "attempt.clear", app.now());
    let id = Attempts::id_for(authenticator, account);
    let cleared = app.vault().write(&access, |work| {
        Box::pin(async move {
            match work.get::<Attempts>(id).await? {
                Some(found) => work.delete(&found.value, found.version).await,
                None => Ok(()),
            }
        })
    });
    cleared.await
}

/// Removes counts that tell nothing any more.
pub(crate) async fn forget(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    let access = Access::system(PracticeId::DIRECTORY, "attempt.forget", now);
    let old = Find::<Attempts>::new().until(sort_key(now - GRACE));
    let over = app.vault().read(&access, |read| Box::pin(async move { read.find(&old).await })).await?.items;
    for attempts in over {
        let gone = app
            .vault()
            .write(&access, |write| Box::pin(async move { write.delete(&attempts.value, attempts.version).await }));
        match gone.await {
            // Somebody tries again at this moment.
            Ok(()) | Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
