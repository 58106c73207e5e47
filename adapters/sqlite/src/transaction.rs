//! One unit of work on one practice.
//!
//! A writing transaction holds the file's only write lock from its beginning, so that what it has checked stays true
//! until it has written, and a refusal comes before anything is changed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use mentalspace_core::{
    Money, PracticeId,
    ledger::{Account, Entry, Posting, Source},
    store::{
        AuditQuery, AuditRow, Balance, LedgerQuery, Mode, PostedRow, Query, Record, SequencedEvent, StoreError,
        StoredRecord, StoredTerm, Transaction,
    },
};
use sqlx::{QueryBuilder, Row, Sqlite, query::Query as Statement, sqlite::SqliteArguments, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    error::{damaged, store_error},
    search,
};

/// Rows in one statement, so that their values stay below SQLite's limit of 32,766.
const ROWS: usize = 500;

pub(crate) struct SqliteTransaction {
    /// Gone after an error: SQLite may have ended the transaction by itself, and what follows would be written alone.
    open: Option<sqlx::Transaction<'static, Sqlite>>,
    practice: Uuid,
    mode: Mode,
}

impl SqliteTransaction {
    pub(crate) const fn new(open: sqlx::Transaction<'static, Sqlite>, practice: PracticeId, mode: Mode) -> Self {
        Self { open: Some(open), practice: practice.uuid(), mode }
    }

    fn writable(&self) -> Result<(), StoreError> {
        match self.mode {
            Mode::Read => Err(StoreError::NotPermitted("the transaction only reads".into())),
            Mode::Write => Ok(()),
        }
    }

    fn connection(&mut self) -> Result<&mut sqlx::SqliteConnection, StoreError> {
        self.open.as_deref_mut().ok_or_else(failed_before)
    }

    fn settle<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        if answer.is_err() {
            self.open = None;
        }
        answer.map_err(store_error)
    }

    async fn execute(&mut self, statement: Statement<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        let answer = statement.execute(self.connection()?).await;
        self.settle(answer).map(|done| done.rows_affected())
    }

    async fn row(
        &mut self,
        statement: Statement<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<SqliteRow>, StoreError> {
        let answer = statement.fetch_optional(self.connection()?).await;
        self.settle(answer)
    }

    async fn rows<T>(
        &mut self,
        statement: Statement<'_, Sqlite, SqliteArguments>,
        read: impl Fn(&SqliteRow) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let answer = statement.fetch_all(self.connection()?).await;
        self.settle(answer)?.iter().map(read).collect()
    }

    async fn version(&mut self, kind: &str, id: Uuid) -> Result<Option<i64>, StoreError> {
        let version = sqlx::query("SELECT version FROM document WHERE practice = ? AND kind = ? AND id = ?");
        let found = self.row(version.bind(self.practice).bind(kind).bind(id)).await?;
        found.map(|row| column(&row, 0)).transpose()
    }

    async fn expect_version(&mut self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError> {
        match self.version(kind, id).await?.map(u64::try_from) {
            Some(version) if version == Ok(expected) => Ok(()),
            Some(_) => Err(StoreError::Conflict { kind: kind.to_owned(), id }),
            None => Err(StoreError::NotFound { kind: kind.to_owned(), id }),
        }
    }

    async fn expect_free_terms(&mut self, kind: &str, record: &Record) -> Result<(), StoreError> {
        for StoredTerm { name, value, .. } in record.terms.iter().filter(|term| term.unique) {
            let taken = sqlx::query(
                "SELECT 1 FROM term \
                 WHERE practice = ? AND kind = ? AND name = ? AND value = ? AND is_unique = 1 AND id <> ?",
            );
            let taken = taken.bind(self.practice).bind(kind).bind(name).bind(value).bind(record.id);
            if self.row(taken).await?.is_some() {
                return Err(StoreError::Duplicate { kind: kind.to_owned(), term: name.clone() });
            }
        }
        Ok(())
    }

    async fn insert_terms(&mut self, kind: &str, record: &Record) -> Result<(), StoreError> {
        let mut terms = BTreeMap::<(&str, &str), bool>::new();
        for term in &record.terms {
            *terms.entry((&term.name, &term.value)).or_default() |= term.unique;
        }
        let terms: Vec<_> = terms.into_iter().collect();
        for part in terms.chunks(ROWS) {
            let mut insert = QueryBuilder::new("INSERT INTO term (practice, kind, name, value, sort, id, is_unique) ");
            insert.push_values(part, |mut row, ((name, value), unique)| {
                row.push_bind(self.practice).push_bind(kind).push_bind(*name).push_bind(*value);
                row.push_bind(&record.sort).push_bind(record.id).push_bind(*unique);
            });
            self.execute(insert.build()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn get(&mut self, kind: &str, id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        let get =
            sqlx::query("SELECT id, version, sort, body FROM document WHERE practice = ? AND kind = ? AND id = ?");
        let found = self.row(get.bind(self.practice).bind(kind).bind(id)).await?;
        found.as_ref().map(stored_record).transpose()
    }

    async fn insert(&mut self, kind: &str, record: &Record) -> Result<(), StoreError> {
        self.writable()?;
        let version = integer(record.version)?;
        if self.version(kind, record.id).await?.is_some() {
            return Err(StoreError::AlreadyExists { kind: kind.to_owned(), id: record.id });
        }
        self.expect_free_terms(kind, record).await?;
        let insert =
            sqlx::query("INSERT INTO document (practice, kind, id, version, sort, body) VALUES (?, ?, ?, ?, ?, ?)");
        let insert = insert.bind(self.practice).bind(kind).bind(record.id).bind(version);
        self.execute(insert.bind(&record.sort).bind(&record.body)).await?;
        self.insert_terms(kind, record).await
    }

    async fn update(&mut self, kind: &str, record: &Record, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        let version = integer(record.version)?;
        self.expect_version(kind, record.id, expected).await?;
        self.expect_free_terms(kind, record).await?;
        let update = sqlx::query(
            "UPDATE document SET version = ?, sort = ?, body = ? WHERE practice = ? AND kind = ? AND id = ?",
        );
        let update = update.bind(version).bind(&record.sort).bind(&record.body);
        self.execute(update.bind(self.practice).bind(kind).bind(record.id)).await?;
        let forget = sqlx::query("DELETE FROM term WHERE practice = ? AND kind = ? AND id = ?");
        self.execute(forget.bind(self.practice).bind(kind).bind(record.id)).await?;
        self.insert_terms(kind, record).await
    }

    async fn delete(&mut self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        self.expect_version(kind, id, expected).await?;
        let delete = sqlx::query("DELETE FROM document WHERE practice = ? AND kind = ? AND id = ?");
        self.execute(delete.bind(self.practice).bind(kind).bind(id)).await.map(drop)
    }

    async fn query(&mut self, query: &Query) -> Result<Vec<StoredRecord>, StoreError> {
        match search::documents(self.practice, query)? {
            None => Ok(Vec::new()),
            Some(search) => self.rows(search.query(), stored_record).await,
        }
    }

    async fn append_events(&mut self, events: &[AuditRow]) -> Result<(), StoreError> {
        self.writable()?;
        for part in events.chunks(ROWS) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO audit_event (practice, id, recorded_at, activity, user, clients, leaf, bytes) ",
            );
            insert.push_values(part, |mut row, event| {
                row.push_bind(self.practice).push_bind(event.id).push_bind(event.recorded_at.timestamp_micros());
                row.push_bind(&event.activity).push_bind(event.user).push_bind(json_ids(&event.clients));
                row.push_bind(event.leaf.as_slice()).push_bind(&event.bytes);
            });
            insert.push(" ON CONFLICT (practice, id) DO NOTHING");
            self.execute(insert.build().persistent(part.len() == 1)).await?;
        }
        Ok(())
    }

    async fn unsequenced_events(&mut self, limit: u32) -> Result<Vec<(Uuid, [u8; 32])>, StoreError> {
        let waiting = sqlx::query(
            "SELECT e.id, e.leaf FROM audit_waiting AS w CROSS JOIN audit_event AS e ON e.arrival = w.arrival \
             WHERE w.practice = ? ORDER BY w.arrival LIMIT ?",
        );
        self.rows(waiting.bind(self.practice).bind(limit), |row| Ok((column(row, 0)?, leaf(row, 1)?))).await
    }

    async fn sequence_events(&mut self, first: u64, events: &[Uuid]) -> Result<(), StoreError> {
        self.writable()?;
        let (first, ids) = (integer(first)?, json_ids(events));
        let check = sqlx::query(
            "SELECT (SELECT coalesce(max(position) + 1, 0) FROM audit_position WHERE practice = ?1), \
             (SELECT count(*) FROM json_each(?2) AS given \
              CROSS JOIN audit_event AS e ON e.practice = ?1 AND e.id = unhex(given.value) \
              CROSS JOIN audit_waiting AS w ON w.practice = ?1 AND w.arrival = e.arrival)",
        );
        let checked = self.row(check.bind(self.practice).bind(&ids)).await?;
        let checked = checked.ok_or_else(|| damaged("a count is missing"))?;
        if column::<i64>(&checked, 0)? != first {
            return Err(StoreError::Conflict { kind: "audit_event".to_owned(), id: Uuid::nil() });
        }
        if usize::try_from(column::<i64>(&checked, 1)?) != Ok(events.len()) {
            return Err(StoreError::NotFound { kind: "audit_event".to_owned(), id: Uuid::nil() });
        }
        let place = sqlx::query(
            "INSERT INTO audit_position (practice, position, arrival, activity, user) \
             SELECT ?1, ?2 + given.key, e.arrival, e.activity, e.user FROM json_each(?3) AS given \
             CROSS JOIN audit_event AS e ON e.practice = ?1 AND e.id = unhex(given.value)",
        );
        self.execute(place.bind(self.practice).bind(first).bind(&ids)).await.map(drop)
    }

    async fn events(&mut self, query: &AuditQuery) -> Result<Vec<SequencedEvent>, StoreError> {
        let events = search::events(self.practice, query);
        let event = |row: &SqliteRow| Ok(SequencedEvent { position: count(row, 0)?, bytes: column(row, 1)? });
        self.rows(events.query(), event).await
    }

    async fn event_leaves(&mut self, first: u64, end: u64) -> Result<Vec<[u8; 32]>, StoreError> {
        self.rows(search::leaves(self.practice, first, end).query(), |row| leaf(row, 0)).await
    }

    async fn post(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.writable()?;
        let book = sqlx::query(
            "INSERT INTO ledger_entry (practice, id, recorded_at) VALUES (?, ?, ?) \
             ON CONFLICT (practice, id) DO NOTHING",
        );
        let book = book.bind(self.practice).bind(entry.id().uuid()).bind(entry.recorded_at().timestamp_micros());
        if self.execute(book).await? == 0 {
            return Err(StoreError::AlreadyExists { kind: "ledger_entry".to_owned(), id: entry.id().uuid() });
        }
        for part in entry.postings().chunks(ROWS) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO ledger_posting (practice, entry, effective, source_kind, source, reverses, account, \
                 amount, client, claim, line, payer, reason) ",
            );
            insert.push_values(part, |mut row, posting| {
                row.push_bind(self.practice).push_bind(entry.id().uuid()).push_bind(entry.effective().to_epoch_days());
                row.push_bind(&entry.source().kind).push_bind(entry.source().id);
                row.push_bind(entry.reverses().map(|id| id.uuid())).push_bind(posting.account.name());
                row.push_bind(posting.amount.cents()).push_bind(posting.client.map(|id| id.uuid()));
                row.push_bind(posting.claim.map(|id| id.uuid())).push_bind(posting.line);
                row.push_bind(posting.payer.map(|id| id.uuid())).push_bind(posting.reason.as_ref());
            });
            self.execute(insert.build()).await?;
        }
        Ok(())
    }

    async fn balances(&mut self, query: &LedgerQuery) -> Result<Vec<Balance>, StoreError> {
        let balance =
            |row: &SqliteRow| Ok(Balance { account: account(row, 0)?, amount: Money::from_cents(column(row, 1)?) });
        let mut balances = self.rows(search::balances(self.practice, query).query(), balance).await?;
        balances.sort_by_key(|balance| balance.account);
        Ok(balances)
    }

    async fn postings(
        &mut self,
        query: &LedgerQuery,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PostedRow>, StoreError> {
        self.rows(search::postings(self.practice, query, after, limit).query(), posted_row).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.open.ok_or_else(failed_before)?.commit().await.map_err(store_error)
    }
}

fn failed_before() -> StoreError {
    StoreError::unavailable("the transaction has failed before")
}

/// What SQLite's integers can hold.
fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Limit { what: "a number" })
}

/// Writes ids as a JSON array of hexadecimal texts, which a statement takes as one value and turns into rows.
fn json_ids(ids: &[Uuid]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}

fn column<'r, T>(row: &'r SqliteRow, index: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(index).map_err(store_error)
}

fn count(row: &SqliteRow, index: usize) -> Result<u64, StoreError> {
    u64::try_from(column::<i64>(row, index)?).map_err(|_| damaged("a number is negative"))
}

fn leaf(row: &SqliteRow, index: usize) -> Result<[u8; 32], StoreError> {
    column::<&[u8]>(row, index)?.try_into().map_err(|_| damaged("a leaf hash has the wrong length"))
}

fn account(row: &SqliteRow, index: usize) -> Result<Account, StoreError> {
    column::<&str>(row, index)?.parse().map_err(|_| damaged("an account is unknown"))
}

fn stored_record(row: &SqliteRow) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord { id: column(row, 0)?, version: count(row, 1)?, sort: column(row, 2)?, body: column(row, 3)? })
}

fn posted_row(row: &SqliteRow) -> Result<PostedRow, StoreError> {
    let effective = NaiveDate::from_epoch_days(column(row, 2)?).ok_or_else(|| damaged("a day is out of range"))?;
    let posting = Posting {
        account: account(row, 6)?,
        amount: Money::from_cents(column(row, 7)?),
        client: column::<Option<Uuid>>(row, 8)?.map(Into::into),
        claim: column::<Option<Uuid>>(row, 9)?.map(Into::into),
        line: column(row, 10)?,
        payer: column::<Option<Uuid>>(row, 11)?.map(Into::into),
        reason: column(row, 12)?,
    };
    Ok(PostedRow {
        sequence: count(row, 0)?,
        entry: column::<Uuid>(row, 1)?.into(),
        effective,
        source: Source { kind: column(row, 3)?, id: column(row, 4)? },
        reverses: column::<Option<Uuid>>(row, 5)?.map(Into::into),
        posting,
    })
}
