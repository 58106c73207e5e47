//! The audit log of a practice: events get their place, the head gets signed, readers see what they may verify.

use std::io;

use mentalspace_audit::{EncodedEvent, Event, ExportWriter, Hash, LogHead, Signer, Tree, VerifierKey};
use uuid::Uuid;

use super::{AuditQuery, Deed, Mode, Order, Permit, Record, StoreError, Subject, Transaction, Vault};
use crate::{Access, ClientId, PracticeId};

const HEAD: &str = "audit_head";
const HEAD_ID: Uuid = Uuid::from_u128(1);
/// At most so many events get their place in one transaction, or leave the store at once.
const BATCH: u32 = 1_000;

/// A part of the audit log.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Events with their positions, in the order asked for.
    pub events: Vec<(u64, Event)>,
    /// The last signed checkpoint, if anything has been signed.
    pub checkpoint: Option<String>,
}

impl Vault {
    /// Gives every waiting event its place in the log of `practice` and signs the new head.
    ///
    /// Returns how many events were placed. Safe to call from many processes: the head is taken by version, and who
    /// comes late gets `Conflict` and tries again.
    ///
    /// # Errors
    /// As the store; `Unaccountable` when the log is not what was signed last.
    pub async fn integrate(&self, practice: PracticeId) -> Result<u64, StoreError> {
        let signer = self.signer(practice).await?;
        let mut placed = 0;
        loop {
            let mut transaction = self.store().begin(Permit::new(practice, Mode::Write)).await?;
            let waiting = transaction.unsequenced_events(BATCH).await?;
            if waiting.is_empty() {
                return Ok(placed);
            }
            let (stored, mut head) = head(transaction.as_mut()).await?;
            let first = head.size();
            let leaves = waiting.iter().map(|(_, leaf)| Hash::new(*leaf));
            head.integrate(leaves, &signer, &[]).map_err(unaccountable)?;
            let ids: Vec<Uuid> = waiting.into_iter().map(|(id, _)| id).collect();
            transaction.sequence_events(first, &ids).await?;
            let version = stored.map_or(1, |version| version + 1);
            let record = Record { id: HEAD_ID, version, sort: String::new(), terms: Vec::new(), body: head.to_bytes() };
            match stored {
                None => transaction.insert(HEAD, &record).await?,
                Some(expected) => transaction.update(HEAD, &record, expected).await?,
            }
            transaction.commit().await?;
            placed += ids.len() as u64;
        }
    }

    /// Reads the audit log. Reading it is itself accounted for.
    ///
    /// # Errors
    /// As the store; `Unaccountable` when an event is not what was written.
    pub async fn audit_trail(&self, access: &Access, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let deed = Deed {
            action: mentalspace_audit::Action::Query,
            subject: Subject::new("audit_log").client(query.client),
            outcome: mentalspace_audit::Outcome::success(),
        };
        self.record(access, deed).await?;
        let mut transaction = self.store().begin(Permit::new(access.practice, Mode::Read)).await?;
        let found = transaction.events(query).await?;
        let events = found.into_iter().map(|e| Ok((e.position, Event::decode(&e.bytes).map_err(unaccountable)?)));
        let events = events.collect::<Result<_, StoreError>>()?;
        let checkpoint = head(transaction.as_mut()).await?.1.checkpoint().map(str::to_owned);
        Ok(AuditPage { events, checkpoint })
    }

    /// Writes an export that anyone can verify offline: the whole log, or the events of one client with their proofs.
    ///
    /// # Errors
    /// As the store; `Unaccountable` when the log is empty, is not what was signed, or `out` fails.
    pub async fn export_audit_log<W>(&self, access: &Access, client: Option<ClientId>, out: W) -> Result<W, StoreError>
    where
        W: io::Write + Send,
    {
        let deed = Deed {
            action: mentalspace_audit::Action::Export,
            subject: Subject::new("audit_log").client(client),
            outcome: mentalspace_audit::Outcome::success(),
        };
        self.record(access, deed).await?;
        self.integrate(access.practice).await?;
        let key = self.verifier(access.practice).await?;
        let mut transaction = self.store().begin(Permit::new(access.practice, Mode::Read)).await?;
        let head = head(transaction.as_mut()).await?.1;
        let checkpoint = head.checkpoint().ok_or_else(|| unaccountable("nothing was recorded yet"))?;
        let mut query = AuditQuery { client, until: Some(head.size()), limit: BATCH, ..AuditQuery::default() };
        match client {
            None => {
                let writer = ExportWriter::new(out, checkpoint, &key, head.size()).map_err(unaccountable)?;
                export(transaction.as_mut(), query, writer, |_| Ok(Vec::new())).await
            }
            Some(_) => {
                let mut tree = Tree::new();
                let mut count = 0;
                for first in (0..head.size()).step_by(BATCH as usize) {
                    let leaves = transaction.event_leaves(first, first + u64::from(BATCH)).await?;
                    leaves.into_iter().map(Hash::new).for_each(|leaf| tree.append(leaf));
                }
                loop {
                    let part = transaction.events(&query).await?;
                    let Some(last) = part.last() else { break };
                    (count, query.from) = (count + part.len() as u64, Some(last.position + 1));
                }
                query.from = None;
                let writer = ExportWriter::new(out, checkpoint, &key, count).map_err(unaccountable)?;
                let prove = |index| tree.prove_inclusion(index, head.size()).map_err(unaccountable);
                export(transaction.as_mut(), query, writer, prove).await
            }
        }
    }

    /// Returns the public half of the key that signs the practice's log. Keep it apart from the log.
    ///
    /// # Errors
    /// As the store and the key provider.
    pub async fn verifier(&self, practice: PracticeId) -> Result<VerifierKey, StoreError> {
        Ok(self.signer(practice).await?.verifier().clone())
    }

    async fn signer(&self, practice: PracticeId) -> Result<Signer, StoreError> {
        let opened = self.opened(practice).await?;
        let seed = opened.sealer.secret("audit log v1");
        Signer::from_seed(&format!("mentalspace/{practice}"), &seed).map_err(unaccountable)
    }
}

async fn head(transaction: &mut dyn Transaction) -> Result<(Option<u64>, LogHead), StoreError> {
    match transaction.get(HEAD, HEAD_ID).await? {
        None => Ok((None, LogHead::new())),
        Some(stored) => Ok((Some(stored.version), LogHead::from_bytes(&stored.body).map_err(unaccountable)?)),
    }
}

async fn export<W: io::Write + Send>(
    transaction: &mut dyn Transaction,
    mut query: AuditQuery,
    mut writer: ExportWriter<W>,
    prove: impl Fn(u64) -> Result<Vec<Hash>, StoreError> + Send,
) -> Result<W, StoreError> {
    query.order = Order::Ascending;
    loop {
        let part = transaction.events(&query).await?;
        let Some(last) = part.last() else { return writer.finish().map_err(unaccountable) };
        query.from = Some(last.position + 1);
        for event in part {
            let encoded = EncodedEvent::from_bytes(event.bytes).map_err(unaccountable)?;
            writer.write(event.position, &encoded, &prove(event.position)?).map_err(unaccountable)?;
        }
    }
}

fn unaccountable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unaccountable(source.into())
}
