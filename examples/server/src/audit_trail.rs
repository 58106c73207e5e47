//! The audit trail as a person examines it: newest first, by client, person or activity, and verified as anyone with
//! the export can verify it.

use std::{
    collections::HashMap,
    io::{self, BufReader, Write as _},
};

use mentalspace_audit::{Event, Report, VerifierKey, VerifyError};
use mentalspace_core::{
    ClientId, Purpose,
    access::{Permission, Relation},
    store::{AuditQuery, Find, Order, StoreError, Subject},
};
use uuid::Uuid;

use crate::{account::User, app::App, problem::Problem, signed::Signed};

/// What to show of the log: every field that is given holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Events that touched this client.
    pub client: Option<ClientId>,
    /// Events of this person.
    pub user: Option<Uuid>,
    /// Events of this dotted verb.
    pub activity: Option<String>,
    /// Events before this position.
    pub before: Option<u64>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// A part of the log, newest first.
#[derive(Debug)]
pub struct Trail {
    /// Events with their positions.
    pub events: Vec<(u64, Event)>,
    /// Where the next part begins; `None` when this is the last.
    pub next: Option<u64>,
    /// The last signed checkpoint.
    pub checkpoint: Option<String>,
    /// Display names of everybody with an account.
    pub names: HashMap<Uuid, String>,
}

/// Reads a part of the log.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn trail(app: &App, signed: &Signed, filter: &Filter) -> Result<Trail, Problem> {
    let names = names(app, signed, filter.client).await?;
    let limit = filter.limit.clamp(1, 500);
    let query = AuditQuery {
        client: filter.client,
        user: filter.user,
        activity: filter.activity.clone(),
        from: None,
        until: filter.before,
        order: Order::Descending,
        limit: limit + 1,
    };
    let access = signed.access("audit.read", Purpose::Operations);
    let mut page = app.vault().audit_trail(&access, &query).await?;
    let size = limit as usize;
    let more = page.events.len() > size;
    page.events.truncate(size);
    let next = page.events.last().map(|(position, _)| *position).filter(|_| more);
    Ok(Trail { events: page.events, next, checkpoint: page.checkpoint, names })
}

/// Lets the person examine the log, or accounts for the refusal; on the way reads who has an account.
async fn names(app: &App, signed: &Signed, client: Option<ClientId>) -> Result<HashMap<Uuid, String>, Problem> {
    let access = signed.access("audit.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new("audit_log").client(client);
            signed.require(work, Permission::ReadAudit, Relation::default(), subject)?;
            let users = work.find_all(Find::<User>::new()).await?;
            Ok::<_, Problem>(users.into_iter().map(|user| (user.id.uuid(), user.value.display_name)).collect())
        })
    });
    read.await
}

/// The largest number of events one download holds; it is put together in memory.
pub const MAX_EXPORT: u64 = 250_000;

/// Exports the log, or what touched one client, as lines that anyone can verify offline.
///
/// # Errors
/// `forbidden`; `invalid` when the log is larger than one download; as the store.
pub async fn export(app: &App, signed: &Signed, client: Option<ClientId>) -> Result<Vec<u8>, Problem> {
    names(app, signed, client).await?;
    signed.confirmed(app, "/audit")?;
    let access = signed.access("audit.export", Purpose::Operations);
    let newest = AuditQuery { client, order: Order::Descending, limit: 1, ..AuditQuery::default() };
    let size = app.vault().audit_trail(&access, &newest).await?.events.first().map_or(0, |(position, _)| position + 1);
    if client.is_none() && size > MAX_EXPORT {
        return Err(Problem::invalid("The whole log is larger than one download holds. Export it client by client."));
    }
    Ok(app.vault().export_audit_log(&access, client, Vec::new()).await?)
}

/// Returns the public key that verifies the practice's exports.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn verifier_key(app: &App, signed: &Signed) -> Result<VerifierKey, Problem> {
    names(app, signed, None).await?;
    Ok(app.vault().verifier(signed.practice).await?)
}

/// Returns the last signed checkpoint, to be kept apart from the log.
///
/// # Errors
/// `forbidden`, `not_found` when nothing was signed yet; as the store.
pub async fn checkpoint(app: &App, signed: &Signed) -> Result<String, Problem> {
    let filter = Filter { limit: 1, ..Filter::default() };
    let signed_head = trail(app, signed, &filter).await?.checkpoint;
    signed_head.ok_or_else(|| Problem::not_found("Nothing was signed yet. The first checkpoint follows in a moment."))
}

/// Exports the whole log afresh and verifies it as an outsider would, event by event, in bounded memory.
///
/// # Errors
/// `forbidden`; as the store. That the log does not verify is an answer, not an error.
pub async fn verify(app: &App, signed: &Signed) -> Result<Result<Report, VerifyError>, Problem> {
    let key = verifier_key(app, signed).await?;
    let access = signed.access("audit.verify", Purpose::Operations);
    let broken = |_| Problem::internal("The export cannot be piped to its verification.");
    let (reader, writer) = io::pipe().map_err(broken)?;
    let verified = tokio::task::spawn_blocking(move || mentalspace_audit::verify(BufReader::new(reader), &[key]));
    let writer = io::BufWriter::with_capacity(1 << 16, writer);
    let exported = app.vault().export_audit_log(&access, None, writer).await;
    let flushed = exported.and_then(|mut writer| writer.flush().map_err(StoreError::unavailable));
    let report = verified.await.map_err(|_| Problem::internal("The verification was interrupted."))?;
    match (report, flushed) {
        // A verification that failed closes the pipe, so the export fails after it: the finding is the answer.
        (Err(finding), _) if !matches!(finding, VerifyError::Truncated { .. }) => Ok(Err(finding)),
        (_, Err(error)) => Err(error.into()),
        (report, Ok(())) => Ok(report),
    }
}
