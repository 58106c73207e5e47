//! A store in memory: one writer at a time, snapshots for readers. The reference for what the port promises.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_lock::{Mutex as AsyncMutex, MutexGuardArc};
use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    Money, PracticeId,
    ledger::{Account, Entry},
    store::{
        AuditQuery, AuditRow, Balance, LedgerQuery, Mode, Order, Permit, PostedRow, Query, Record, SequencedEvent,
        Store, StoreError, StoredRecord, Transaction,
    },
};

/// A store that forgets everything when it is dropped.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    practices: Arc<Mutex<BTreeMap<PracticeId, Arc<State>>>>,
    writer: Arc<AsyncMutex<()>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    documents: BTreeMap<(String, Uuid), Record>,
    events: BTreeMap<Uuid, AuditRow>,
    arrived: Vec<Uuid>,
    log: Vec<Uuid>,
    postings: Vec<PostedRow>,
    entries: BTreeSet<Uuid>,
}

impl MemoryStore {
    /// Counts the practices something was ever stored for.
    #[must_use]
    pub fn practices(&self) -> usize {
        self.practices.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[derive(Debug)]
struct MemoryTransaction {
    store: MemoryStore,
    practice: PracticeId,
    state: State,
    writer: Option<MutexGuardArc<()>>,
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self, permit: Permit) -> Result<Box<dyn Transaction>, StoreError> {
        let writer = match permit.mode() {
            Mode::Read => None,
            Mode::Write => Some(self.writer.lock_arc().await),
        };
        let practices = self.practices.lock().unwrap_or_else(PoisonError::into_inner);
        let state = practices.get(&permit.practice()).map(|state| State::clone(state)).unwrap_or_default();
        drop(practices);
        Ok(Box::new(MemoryTransaction { store: self.clone(), practice: permit.practice(), state, writer }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn name(&self) -> &'static str {
        "memory"
    }
}

impl MemoryTransaction {
    fn writable(&self) -> Result<(), StoreError> {
        let refusal = || StoreError::NotPermitted("the transaction only reads".into());
        self.writer.as_ref().map(drop).ok_or_else(refusal)
    }

    fn free(&self, kind: &str, record: &Record) -> Result<(), StoreError> {
        let taken = record.terms.iter().filter(|term| term.unique).find(|term| {
            let others = self.state.documents.iter().filter(|((k, id), _)| k == kind && *id != record.id);
            others.into_iter().any(|(_, other)| other.terms.contains(term))
        });
        match taken {
            Some(term) => Err(StoreError::Duplicate { kind: kind.to_owned(), term: term.name.clone() }),
            None => Ok(()),
        }
    }

    fn check_version(&self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError> {
        let key = (kind.to_owned(), id);
        match self.state.documents.get(&key) {
            None => Err(StoreError::NotFound { kind: key.0, id }),
            Some(stored) if stored.version != expected => Err(StoreError::Conflict { kind: key.0, id }),
            Some(_) => Ok(()),
        }
    }
}

fn stored(record: &Record) -> StoredRecord {
    StoredRecord { id: record.id, version: record.version, sort: record.sort.clone(), body: record.body.clone() }
}

fn matches(query: &Query, record: &Record) -> bool {
    let behind = |(sort, id): &(String, Uuid)| {
        let (here, there) = ((record.sort.as_str(), record.id), (sort.as_str(), *id));
        if query.order == Order::Ascending { here > there } else { here < there }
    };
    query
        .filters
        .iter()
        .all(|(name, values)| record.terms.iter().any(|term| term.name == *name && values.contains(&term.value)))
        && query.from.as_ref().is_none_or(|from| record.sort >= *from)
        && query.until.as_ref().is_none_or(|until| record.sort < *until)
        && query.after.as_ref().is_none_or(behind)
}

fn selects(query: &LedgerQuery, row: &PostedRow) -> bool {
    query.client.is_none_or(|client| row.posting.client == Some(client))
        && query.claim.is_none_or(|claim| row.posting.claim == Some(claim))
        && query.payer.is_none_or(|payer| row.posting.payer == Some(payer))
        && query.source.is_none_or(|source| row.source.id == source)
        && query.through.is_none_or(|through| row.effective <= through)
}

#[async_trait]
impl Transaction for MemoryTransaction {
    async fn get(&mut self, kind: &str, id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        Ok(self.state.documents.get(&(kind.to_owned(), id)).map(stored))
    }

    async fn insert(&mut self, kind: &str, record: &Record) -> Result<(), StoreError> {
        self.writable()?;
        let key = (kind.to_owned(), record.id);
        if self.state.documents.contains_key(&key) {
            return Err(StoreError::AlreadyExists { kind: key.0, id: record.id });
        }
        self.free(kind, record)?;
        self.state.documents.insert(key, record.clone());
        Ok(())
    }

    async fn update(&mut self, kind: &str, record: &Record, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        self.check_version(kind, record.id, expected)?;
        self.free(kind, record)?;
        self.state.documents.insert((kind.to_owned(), record.id), record.clone());
        Ok(())
    }

    async fn delete(&mut self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        self.check_version(kind, id, expected)?;
        self.state.documents.remove(&(kind.to_owned(), id));
        Ok(())
    }

    async fn query(&mut self, query: &Query) -> Result<Vec<StoredRecord>, StoreError> {
        let documents = self.state.documents.iter().filter(|((kind, _), _)| *kind == query.kind);
        let mut found: Vec<&Record> = documents.map(|(_, record)| record).filter(|r| matches(query, r)).collect();
        found.sort_by(|a, b| (&a.sort, a.id).cmp(&(&b.sort, b.id)));
        if query.order == Order::Descending {
            found.reverse();
        }
        Ok(found.into_iter().take(query.limit as usize).map(stored).collect())
    }

    async fn append_events(&mut self, events: &[AuditRow]) -> Result<(), StoreError> {
        self.writable()?;
        for event in events {
            if self.state.events.insert(event.id, event.clone()).is_none() {
                self.state.arrived.push(event.id);
            }
        }
        Ok(())
    }

    async fn unsequenced_events(&mut self, limit: u32) -> Result<Vec<(Uuid, [u8; 32])>, StoreError> {
        let waiting = self.state.arrived.iter().filter(|id| !self.state.log.contains(id)).take(limit as usize);
        Ok(waiting.map(|id| (*id, self.state.events[id].leaf)).collect())
    }

    async fn sequence_events(&mut self, first: u64, events: &[Uuid]) -> Result<(), StoreError> {
        self.writable()?;
        if first != self.state.log.len() as u64 {
            return Err(StoreError::Conflict { kind: "audit_event".to_owned(), id: Uuid::nil() });
        }
        self.state.log.extend(events);
        Ok(())
    }

    async fn events(&mut self, query: &AuditQuery) -> Result<Vec<SequencedEvent>, StoreError> {
        let positioned = self.state.log.iter().enumerate().map(|(i, id)| (i as u64, &self.state.events[id]));
        let mut found: Vec<SequencedEvent> = positioned
            .filter(|(position, event)| {
                query.client.is_none_or(|client| event.clients.contains(&client.uuid()))
                    && query.user.is_none_or(|user| event.user == Some(user))
                    && query.activity.as_ref().is_none_or(|activity| event.activity == *activity)
                    && query.from.is_none_or(|from| *position >= from)
                    && query.until.is_none_or(|until| *position < until)
            })
            .map(|(position, event)| SequencedEvent { position, bytes: event.bytes.clone() })
            .collect();
        if query.order == Order::Descending {
            found.reverse();
        }
        found.truncate(query.limit as usize);
        Ok(found)
    }

    async fn event_leaves(&mut self, first: u64, end: u64) -> Result<Vec<[u8; 32]>, StoreError> {
        let positions = first as usize..(end as usize).min(self.state.log.len());
        Ok(self.state.log.get(positions).unwrap_or_default().iter().map(|id| self.state.events[id].leaf).collect())
    }

    async fn post(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.writable()?;
        if !self.state.entries.insert(entry.id().uuid()) {
            return Err(StoreError::AlreadyExists { kind: "ledger_entry".to_owned(), id: entry.id().uuid() });
        }
        for posting in entry.postings() {
            self.state.postings.push(PostedRow {
                sequence: self.state.postings.len() as u64 + 1,
                entry: entry.id(),
                effective: entry.effective(),
                source: entry.source().clone(),
                reverses: entry.reverses(),
                posting: posting.clone(),
            });
        }
        Ok(())
    }

    async fn balances(&mut self, query: &LedgerQuery) -> Result<Vec<Balance>, StoreError> {
        let mut sums: BTreeMap<Account, Money> = BTreeMap::new();
        for row in self.state.postings.iter().filter(|row| selects(query, row)) {
            *sums.entry(row.posting.account).or_default() += row.posting.amount;
        }
        Ok(sums.into_iter().map(|(account, amount)| Balance { account, amount }).collect())
    }

    async fn postings(
        &mut self,
        query: &LedgerQuery,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PostedRow>, StoreError> {
        let rows = self.state.postings.iter().filter(|row| selects(query, row) && Some(row.sequence) > after);
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.writer.is_some() {
            let mut practices = self.store.practices.lock().unwrap_or_else(PoisonError::into_inner);
            practices.insert(self.practice, Arc::new(self.state));
        }
        Ok(())
    }
}
