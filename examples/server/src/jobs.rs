//! Work in the background: integration of the audit log, and the jobs that requests leave behind.

use std::time::Duration;

use chrono::TimeDelta;
use mentalspace_core::{
    Access, JobId, PracticeId, Purpose, Role,
    access::{Permission, Relation},
    store::{Document, Find, Job, JobState, StoreError, Subject, Term, Versioned},
};

use crate::{
    account::{StoredSession, sort_key},
    app::App,
    attempts, authenticators, billing, forgotten, letters,
    practice::{notes::CHARGE_QUEUE, visits},
    problem::Problem,
    signed::Signed,
};

/// How long the workers sleep when nothing wakes them.
const PAUSE: Duration = Duration::from_secs(5);
/// How long a worker has for a job before another one repeats it.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Why a job was not done: which rule, never content.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store was busy, or somebody else was faster: the same job may succeed soon.
    #[error("the records could not be used at that moment")]
    Again(#[source] StoreError),
    /// A person must act before the job can succeed.
    #[error("{0}")]
    Rule(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let again = error.is_retryable()
            || matches!(error, StoreError::Duplicate { .. } | StoreError::AlreadyExists { .. } | StoreError::Key(_));
        if again { Self::Again(error) } else { Self::Rule(error.to_string()) }
    }
}

macro_rules! rules {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Rule(error.to_string())
            }
        }
    )+};
}
rules!(
    mentalspace_claims::assemble::AssembleError,
    mentalspace_core::ChargeError,
    mentalspace_core::Invalid,
    mentalspace_core::RankConflict,
    mentalspace_core::ledger::LedgerError,
);

/// Works until the process ends.
pub async fn run(app: App) {
    loop {
        match app.practices().await {
            Ok(practices) => {
                for practice in practices.into_iter().chain([PracticeId::DIRECTORY]) {
                    if let Err(problem) = visits::media::round(&app, practice).await {
                        tracing::error!(detail = problem.detail, %practice, "visits cannot be looked after");
                    }
                    if let Err(error) = round(&app, practice).await {
                        tracing::error!(error = &error as &dyn std::error::Error, %practice, "background work failed");
                    }
                }
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "practices cannot be listed"),
        }
        app.wait_for_work(PAUSE).await;
    }
}

/// Does what waits in one practice.
///
/// # Errors
/// As the store.
pub async fn round(app: &App, practice: PracticeId) -> Result<(), StoreError> {
    while work(app, practice).await? {}
    forget_sessions(app, practice).await?;
    authenticators::ceremony::forget(app, practice).await?;
    if practice == PracticeId::DIRECTORY {
        attempts::forget(app).await?;
    }
    match app.vault().integrate(practice).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes sessions whose absolute limit passed a day ago. What was done in them stays in the audit log.
async fn forget_sessions(app: &App, practice: PracticeId) -> Result<(), StoreError> {
    let access = Access::system(practice, "session.forget", app.now());
    let old = Find::<StoredSession>::new().until(sort_key(access.at - TimeDelta::days(1)));
    let over = app.vault().read(&access, |read| Box::pin(async move { read.find(&old).await })).await?.items;
    if over.is_empty() {
        return Ok(());
    }
    let forgotten = app.vault().write(&access, |write| {
        Box::pin(async move {
            for session in over {
                write.delete(&session.value, session.version).await?;
            }
            Ok(())
        })
    });
    match forgotten.await {
        Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => Ok(()),
        other => other,
    }
}

/// Does the job that is due longest; false when none is.
async fn work(app: &App, practice: PracticeId) -> Result<bool, StoreError> {
    let access = Access::system(practice, "job.take", app.now());
    let taken = app.vault().write(&access, |work| {
        let now = access.at;
        Box::pin(async move { Job::take(work, now, LEASE).await })
    });
    let job = match taken.await {
        Ok(Some(job)) => job,
        Ok(None) | Err(StoreError::Conflict { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let done = match job.queue.as_str() {
        CHARGE_QUEUE => billing::charges::prepare(app, practice, &job).await,
        letters::QUEUE => letters::send(app, practice, &job).await,
        forgotten::QUEUE => forgotten::answer(app, &job).await,
        _ => Err(Failure::Rule("nothing here does jobs of this queue".to_owned())),
    };
    let Versioned { version, value: job } = job;
    let (id, queue) = (job.id, job.queue.clone());
    let after = match &done {
        Ok(()) => job.done(),
        Err(failure @ Failure::Again(_)) => job.failed(&failure.to_string(), app.now()),
        Err(failure @ Failure::Rule(_)) => Job { state: JobState::Dead, ..job.failed(&failure.to_string(), app.now()) },
    };
    if let Err(failure) = &done {
        tracing::warn!(%id, %queue, error = failure as &dyn std::error::Error, "job failed");
    }
    let access = Access::system(practice, "job.finish", app.now());
    let finished = app.vault().write(&access, |work| Box::pin(async move { work.update(&after, version).await }));
    match finished.await {
        // The lease ran out and another worker has the job.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Lists the jobs that failed: those given up, and those that wait for another attempt.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn failed(app: &App, signed: &Signed) -> Result<Vec<Versioned<Job>>, Problem> {
    let access = signed.access("job.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, None)?;
            let find = |state: &str| Find::<Job>::new().with(Term::plain("state", state)).descending().limit(200);
            let mut jobs = work.find(&find("dead")).await?.items;
            jobs.extend(work.find(&find("waiting")).await?.items.into_iter().filter(|job| job.last_error.is_some()));
            Ok::<_, Problem>(jobs)
        })
    });
    read.await
}

/// Lets a job that failed run again at once.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it was taken meanwhile or is done.
pub async fn retry(app: &App, signed: &Signed, id: JobId, seen: u64) -> Result<(), Problem> {
    let access = signed.access("job.retry", Purpose::Operations);
    let written = app.vault().write(&access, |work| {
        let now = access.at;
        Box::pin(async move {
            require(work, signed, Some(id))?;
            let job = work.expect::<Job>(id).await?;
            if job.version != seen || job.state == JobState::Done {
                return Err(StoreError::Conflict { kind: Job::KIND.to_owned(), id: id.uuid() }.into());
            }
            work.update(&job.value.retried(now), seen).await.map(drop).map_err(Problem::from)
        })
    });
    written.await?;
    app.work_is_waiting();
    Ok(())
}

/// Administrators and billing look after jobs.
fn require(
    work: &mut mentalspace_core::store::Reading<'_>,
    signed: &Signed,
    job: Option<JobId>,
) -> Result<(), Problem> {
    let wanted =
        if signed.holds(&[Role::Administrator]) { Permission::ManagePractice } else { Permission::EditBilling };
    let subject = Subject { id: job.map(JobId::uuid), ..Subject::new(Job::KIND) };
    signed.require(work, wanted, Relation::default(), subject)
}
