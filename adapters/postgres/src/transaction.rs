//! One unit of work on one practice.
//!
//! Writers run beside each other at READ COMMITTED. Each change is one statement that holds only if its condition
//! holds for the row as it is when its lock is had, so that no update is lost; what is refused is found in the count
//! of rows and never as a failed statement, which would end the transaction. Two writers that wait for each other are
//! told apart by PostgreSQL, and one gets `Unavailable`.

use async_trait::async_trait;
use mentalspace_core::{
    Money,
    ledger::{Account, Entry, Posting, Source},
    store::{
        AuditQuery, AuditRow, Balance, LedgerQuery, Lock, Mode, Permit, PostedRow, Query, Record, SequencedEvent,
        StoreError, StoredRecord, Transaction,
    },
};
use sqlx::{
    Decode, Postgres, Row, Type,
    postgres::{PgArguments, PgRow},
    query::Query as Statement,
};
use uuid::Uuid;

use crate::{
    error::{damaged, store_error},
    search::{self, signed},
};

pub(crate) struct PostgresTransaction {
    /// Gone after an error: PostgreSQL has undone the transaction, and would answer a commit as if it had not.
    open: Option<sqlx::Transaction<'static, Postgres>>,
    practice: Uuid,
    mode: Mode,
}

impl PostgresTransaction {
    pub(crate) fn new(open: sqlx::Transaction<'static, Postgres>, permit: &Permit) -> Self {
        Self { open: Some(open), practice: permit.practice().uuid(), mode: permit.mode() }
    }

    fn writable(&self) -> Result<(), StoreError> {
        match self.mode {
            Mode::Read => Err(StoreError::NotPermitted("the transaction only reads".into())),
            Mode::Write => Ok(()),
        }
    }

    fn connection(&mut self) -> Result<&mut sqlx::Transaction<'static, Postgres>, StoreError> {
        self.open.as_mut().ok_or_else(|| StoreError::unavailable("the transaction has failed before"))
    }

    fn settle<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        if answer.is_err() {
            self.open = None;
        }
        answer.map_err(store_error)
    }

    async fn execute(&mut self, statement: Statement<'_, Postgres, PgArguments>) -> Result<u64, StoreError> {
        let answer = statement.execute(&mut **self.connection()?).await;
        self.settle(answer).map(|done| done.rows_affected())
    }

    async fn row(&mut self, statement: Statement<'_, Postgres, PgArguments>) -> Result<Option<PgRow>, StoreError> {
        let answer = statement.fetch_optional(&mut **self.connection()?).await;
        self.settle(answer)
    }

    async fn one(&mut self, statement: Statement<'_, Postgres, PgArguments>) -> Result<PgRow, StoreError> {
        let answer = statement.fetch_one(&mut **self.connection()?).await;
        self.settle(answer)
    }

    async fn rows<T>(
        &mut self,
        statement: Statement<'_, Postgres, PgArguments>,
        read: impl Fn(&PgRow) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let answer = statement.fetch_all(&mut **self.connection()?).await;
        self.settle(answer)?.iter().map(read).collect()
    }

    /// Says why nothing was updated or deleted.
    async fn refusal(&mut self, kind: &str, id: Uuid) -> Result<StoreError, StoreError> {
        let there = sqlx::query("SELECT FROM mentalspace.document WHERE practice = $1 AND kind = $2 AND id = $3");
        let there = self.row(there.bind(self.practice).bind(kind).bind(id)).await?.is_some();
        let kind = kind.to_owned();
        Ok(if there { StoreError::Conflict { kind, id } } else { StoreError::NotFound { kind, id } })
    }
}

fn write<'q>(
    sql: &'static str,
    practice: Uuid,
    kind: &'q str,
    record: &'q Record,
) -> Statement<'q, Postgres, PgArguments> {
    let names: Vec<&str> = record.terms.iter().map(|term| term.name.as_str()).collect();
    let values: Vec<&str> = record.terms.iter().map(|term| term.value.as_str()).collect();
    let unique: Vec<bool> = record.terms.iter().map(|term| term.unique).collect();
    let write = sqlx::query(sql).bind(practice).bind(kind).bind(record.id).bind(signed(record.version));
    write.bind(&record.sort).bind(&record.body).bind(names).bind(values).bind(unique)
}

/// Answers whether the id was free, and with the name of a unique term that was not.
const INSERT: &str = "
    WITH asked AS (
        SELECT DISTINCT name, value, is_unique FROM unnest($7::text[], $8::text[], $9::bool[])
            AS asked (name, value, is_unique)
    ), written AS (
        INSERT INTO mentalspace.document (practice, kind, id, version, sort, body)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id
    ), found_by AS (
        INSERT INTO mentalspace.term (practice, kind, id, name, value, sort)
        SELECT DISTINCT $1, $2, id, name, value, $5 FROM asked, written
    ), reserved AS (
        INSERT INTO mentalspace.unique_term (practice, kind, name, value, id)
        SELECT $1, $2, name, value, id FROM asked, written WHERE is_unique ORDER BY name, value
        ON CONFLICT DO NOTHING RETURNING name, value
    )
    SELECT EXISTS (SELECT FROM written),
        (SELECT min(name) FROM asked WHERE is_unique AND (name, value) NOT IN (SELECT name, value FROM reserved))";

/// Answers whether the version was the expected one, with the name of a unique term that another document has, and
/// with the names and values reserved until then. Terms that stay are left alone.
const UPDATE: &str = "
    WITH asked AS (
        SELECT DISTINCT name, value, is_unique FROM unnest($7::text[], $8::text[], $9::bool[])
            AS asked (name, value, is_unique)
    ), held AS (
        SELECT id FROM mentalspace.document
        WHERE practice = $1 AND kind = $2 AND id = $3 AND version = $10 FOR UPDATE
    ), kept AS (
        SELECT name, value FROM mentalspace.unique_term WHERE practice = $1 AND kind = $2 AND id = $3
    ), reserved AS (
        INSERT INTO mentalspace.unique_term (practice, kind, name, value, id)
        SELECT $1, $2, name, value, id FROM asked, held
        WHERE is_unique AND (name, value) NOT IN (SELECT name, value FROM kept) ORDER BY name, value
        ON CONFLICT DO NOTHING RETURNING name, value
    ), taken AS (
        SELECT min(name) AS name FROM asked
        WHERE is_unique AND (name, value) NOT IN (SELECT name, value FROM kept UNION ALL TABLE reserved)
    ), written AS (
        UPDATE mentalspace.document AS d SET version = $4, sort = $5, body = $6 FROM held, taken
        WHERE d.practice = $1 AND d.kind = $2 AND d.id = held.id AND taken.name IS NULL RETURNING d.id
    ), released AS (
        DELETE FROM mentalspace.unique_term AS u USING written
        WHERE u.practice = $1 AND u.kind = $2 AND u.id = written.id
            AND (u.name, u.value) NOT IN (SELECT name, value FROM asked WHERE is_unique)
    ), forgotten AS (
        DELETE FROM mentalspace.term AS t USING written
        WHERE t.practice = $1 AND t.kind = $2 AND t.id = written.id
            AND (t.name, t.value) NOT IN (SELECT name, value FROM asked)
    ), found_by AS (
        INSERT INTO mentalspace.term AS t (practice, kind, id, name, value, sort)
        SELECT DISTINCT $1, $2, id, name, value, $5 FROM asked, written
        ON CONFLICT (practice, kind, id, name, value) DO UPDATE SET sort = excluded.sort WHERE t.sort <> excluded.sort
    )
    SELECT EXISTS (TABLE held), (SELECT name FROM taken),
        ARRAY(SELECT name FROM reserved ORDER BY name, value), ARRAY(SELECT value FROM reserved ORDER BY name, value)";

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn get(&mut self, kind: &str, id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        let get = sqlx::query(
            "SELECT id, version, sort, body FROM mentalspace.document WHERE practice = $1 AND kind = $2 AND id = $3",
        );
        let found = self.row(get.bind(self.practice).bind(kind).bind(id)).await?;
        found.as_ref().map(stored_record).transpose()
    }

    async fn insert(&mut self, kind: &str, record: &Record) -> Result<(), StoreError> {
        self.writable()?;
        let answer = self.one(write(INSERT, self.practice, kind, record)).await?;
        if !column::<bool>(&answer, 0)? {
            return Err(StoreError::AlreadyExists { kind: kind.to_owned(), id: record.id });
        }
        let Some(term) = column::<Option<String>>(&answer, 1)? else { return Ok(()) };
        let undo = sqlx::query("DELETE FROM mentalspace.document WHERE practice = $1 AND kind = $2 AND id = $3");
        self.execute(undo.bind(self.practice).bind(kind).bind(record.id)).await?;
        Err(StoreError::Duplicate { kind: kind.to_owned(), term })
    }

    async fn update(&mut self, kind: &str, record: &Record, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        let answer = self.one(write(UPDATE, self.practice, kind, record).bind(signed(expected))).await?;
        if !column::<bool>(&answer, 0)? {
            return Err(self.refusal(kind, record.id).await?);
        }
        let Some(term) = column::<Option<String>>(&answer, 1)? else { return Ok(()) };
        let undo = sqlx::query(
            "DELETE FROM mentalspace.unique_term WHERE practice = $1 AND kind = $2 AND id = $3 \
             AND (name, value) IN (SELECT * FROM unnest($4::text[], $5::text[]))",
        );
        let (names, values): (Vec<String>, Vec<String>) = (column(&answer, 2)?, column(&answer, 3)?);
        self.execute(undo.bind(self.practice).bind(kind).bind(record.id).bind(names).bind(values)).await?;
        Err(StoreError::Duplicate { kind: kind.to_owned(), term })
    }

    async fn delete(&mut self, kind: &str, id: Uuid, expected: u64) -> Result<(), StoreError> {
        self.writable()?;
        let delete = sqlx::query(
            "DELETE FROM mentalspace.document WHERE practice = $1 AND kind = $2 AND id = $3 AND version = $4",
        );
        match self.execute(delete.bind(self.practice).bind(kind).bind(id).bind(signed(expected))).await? {
            0 => Err(self.refusal(kind, id).await?),
            _ => Ok(()),
        }
    }

    async fn query(&mut self, query: &Query) -> Result<Vec<StoredRecord>, StoreError> {
        let mut search = match query.lock {
            Lock::None => search::documents(self.practice, query),
            Lock::SkipClaimed => {
                self.writable()?;
                let mut claim = search::claim(self.practice, query);
                let claimed = self.rows(claim.build(), |row| column(row, 0)).await?;
                search::claimed(self.practice, query, claimed)
            }
        };
        self.rows(search.build(), stored_record).await
    }

    async fn append_events(&mut self, events: &[AuditRow]) -> Result<(), StoreError> {
        self.writable()?;
        let clients: Vec<String> = events.iter().map(|event| ids(&event.clients)).collect();
        let append = sqlx::query(APPEND)
            .bind(self.practice)
            .bind(all(events, |event| event.id))
            .bind(all(events, |event| event.recorded_at))
            .bind(all(events, |event| event.activity.as_str()))
            .bind(all(events, |event| event.user))
            .bind(clients)
            .bind(all(events, |event| event.leaf))
            .bind(all(events, |event| event.bytes.as_slice()));
        self.execute(append).await.map(drop)
    }

    async fn unsequenced_events(&mut self, limit: u32) -> Result<Vec<(Uuid, [u8; 32])>, StoreError> {
        // Who means to place them waits for another who does, and then sees what is left.
        let sql = match self.mode {
            Mode::Read => UNSEQUENCED,
            Mode::Write => UNSEQUENCED_FOR_UPDATE,
        };
        let waiting = sqlx::query(sql).bind(self.practice).bind(i64::from(limit));
        self.rows(waiting, |row| Ok((column(row, 0)?, leaf(row, 1)?))).await
    }

    async fn sequence_events(&mut self, first: u64, events: &[Uuid]) -> Result<(), StoreError> {
        self.writable()?;
        self.execute(sqlx::query("SAVEPOINT sequence")).await?;
        let sequence = sqlx::query(SEQUENCE).bind(self.practice).bind(signed(first)).bind(events);
        let placed: i64 = column(&self.one(sequence).await?, 0)?;
        if usize::try_from(placed) == Ok(events.len()) {
            return self.execute(sqlx::query("RELEASE SAVEPOINT sequence")).await.map(drop);
        }
        self.execute(sqlx::query("ROLLBACK TO SAVEPOINT sequence")).await?;
        Err(StoreError::Conflict { kind: "audit_event".to_owned(), id: Uuid::nil() })
    }

    async fn events(&mut self, query: &AuditQuery) -> Result<Vec<SequencedEvent>, StoreError> {
        let event = |row: &PgRow| Ok(SequencedEvent { position: count(row, 0)?, bytes: column(row, 1)? });
        self.rows(search::events(self.practice, query).build(), event).await
    }

    async fn event_leaves(&mut self, first: u64, end: u64) -> Result<Vec<[u8; 32]>, StoreError> {
        let leaves = sqlx::query(
            "SELECT e.leaf FROM mentalspace.audit_position AS p \
             JOIN mentalspace.audit_event AS e ON e.practice = p.practice AND e.id = p.event \
             WHERE p.practice = $1 AND p.position >= $2 AND p.position < $3 ORDER BY p.position",
        );
        let leaves = leaves.bind(self.practice).bind(signed(first)).bind(signed(end));
        self.rows(leaves, |row| leaf(row, 0)).await
    }

    async fn post(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.writable()?;
        let postings = entry.postings();
        let post = sqlx::query(POST)
            .bind(self.practice)
            .bind(entry.id().uuid())
            .bind(entry.recorded_at())
            .bind(entry.effective())
            .bind(&entry.source().kind)
            .bind(entry.source().id)
            .bind(entry.reverses().map(|id| id.uuid()))
            .bind(all(postings, |posting| posting.account.name()))
            .bind(all(postings, |posting| posting.amount.cents()))
            .bind(all(postings, |posting| posting.client.map(|id| id.uuid())))
            .bind(all(postings, |posting| posting.claim.map(|id| id.uuid())))
            .bind(all(postings, |posting| posting.line.map(i32::from)))
            .bind(all(postings, |posting| posting.payer.map(|id| id.uuid())))
            .bind(all(postings, |posting| posting.reason.as_deref()));
        let booked: bool = column(&self.one(post).await?, 0)?;
        let taken = || StoreError::AlreadyExists { kind: "ledger_entry".to_owned(), id: entry.id().uuid() };
        booked.then_some(()).ok_or_else(taken)
    }

    async fn balances(&mut self, query: &LedgerQuery) -> Result<Vec<Balance>, StoreError> {
        let balance =
            |row: &PgRow| Ok(Balance { account: account(row, 0)?, amount: Money::from_cents(column(row, 1)?) });
        let mut balances = self.rows(search::balances(self.practice, query).build(), balance).await?;
        balances.sort_by_key(|balance| balance.account);
        Ok(balances)
    }

    async fn postings(
        &mut self,
        query: &LedgerQuery,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PostedRow>, StoreError> {
        self.rows(search::postings(self.practice, query, after, limit).build(), posted_row).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.connection()?;
        match self.open {
            Some(open) => open.commit().await.map_err(store_error),
            None => Ok(()),
        }
    }
}

/// Events arrive in the order given. Their clients are written when they get their position.
const APPEND: &str = "
    WITH given AS (
        SELECT * FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::bytea[])
            WITH ORDINALITY AS given (id, recorded_at, activity, user_id, clients, leaf, bytes, place)
    ), added AS (
        INSERT INTO mentalspace.audit_event (practice, id, recorded_at, activity, user_id, clients, leaf, bytes)
        SELECT $1, id, recorded_at, activity, user_id, clients::uuid[], leaf, bytes FROM given
        ON CONFLICT DO NOTHING RETURNING id
    )
    INSERT INTO mentalspace.audit_waiting (practice, event)
    SELECT $1, id FROM added JOIN given USING (id) GROUP BY id ORDER BY min(place)";

const UNSEQUENCED: &str = "
    SELECT e.id, e.leaf FROM mentalspace.audit_waiting AS w
    JOIN mentalspace.audit_event AS e ON e.practice = w.practice AND e.id = w.event
    WHERE w.practice = $1 ORDER BY w.arrival LIMIT $2";

const UNSEQUENCED_FOR_UPDATE: &str = "
    SELECT e.id, e.leaf FROM mentalspace.audit_waiting AS w
    JOIN mentalspace.audit_event AS e ON e.practice = w.practice AND e.id = w.event
    WHERE w.practice = $1 ORDER BY w.arrival LIMIT $2 FOR UPDATE OF w";

/// Answers how many events got their place: all of them, unless the position is not the next one, or an event has its
/// place already or is not there.
const SEQUENCE: &str = "
    WITH given AS (
        SELECT id, $2 + place - 1 AS position FROM unnest($3::uuid[]) WITH ORDINALITY AS given (id, place)
        WHERE $2 = (SELECT coalesce(max(position) + 1, 0) FROM mentalspace.audit_position WHERE practice = $1)
    ), arrived AS (
        DELETE FROM mentalspace.audit_waiting AS w USING given
        WHERE w.practice = $1 AND w.event = given.id RETURNING w.event AS id
    ), placed AS (
        INSERT INTO mentalspace.audit_position (practice, position, event, activity, user_id)
        SELECT $1, given.position, id, e.activity, e.user_id
        FROM given JOIN arrived USING (id) JOIN mentalspace.audit_event AS e USING (id) WHERE e.practice = $1
        ON CONFLICT DO NOTHING RETURNING position, event
    ), touched AS (
        INSERT INTO mentalspace.audit_client (practice, client, position)
        SELECT DISTINCT $1, client, placed.position
        FROM placed JOIN mentalspace.audit_event AS e ON e.id = placed.event, unnest(e.clients) AS client
        WHERE e.practice = $1
    )
    SELECT count(*) FROM placed";

/// Answers whether the id was free. Who books for a practice waits for the one before until it has committed, so that
/// sequences become visible in their order and nobody who reads on from the last one he saw misses a posting.
const POST: &str = "
    WITH turn AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(hashtextextended('mentalspace.ledger', uuid_hash_extended($1, 0)))
    ), booked AS (
        INSERT INTO mentalspace.ledger_entry (practice, id, recorded_at) SELECT $1, $2, $3 FROM turn
        ON CONFLICT DO NOTHING RETURNING id
    ), posted AS (
        INSERT INTO mentalspace.ledger_posting (
            practice, entry, effective, source_kind, source, reverses,
            account, amount, client, claim, line, payer, reason)
        SELECT $1, booked.id, $4, $5, $6, $7, account, amount, client, claim, line, payer, reason
        FROM booked, unnest($8::text[], $9::bigint[], $10::uuid[], $11::uuid[], $12::int[], $13::uuid[], $14::text[])
            WITH ORDINALITY AS given (account, amount, client, claim, line, payer, reason, place)
        ORDER BY place
    )
    SELECT EXISTS (SELECT FROM booked)";

fn all<'r, R, T>(rows: &'r [R], column: impl FnMut(&'r R) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}

/// Writes ids as an array's literal, since an array of arrays must be rectangular.
fn ids(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    format!("{{{}}}", ids.join(","))
}

fn column<'r, T>(row: &'r PgRow, place: usize) -> Result<T, StoreError>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(place).map_err(store_error)
}

fn count(row: &PgRow, place: usize) -> Result<u64, StoreError> {
    u64::try_from(column::<i64>(row, place)?).map_err(|_| damaged("a count is negative"))
}

fn leaf(row: &PgRow, place: usize) -> Result<[u8; 32], StoreError> {
    column::<&[u8]>(row, place)?.try_into().map_err(|_| damaged("a leaf hash has the wrong length"))
}

fn account(row: &PgRow, place: usize) -> Result<Account, StoreError> {
    column::<&str>(row, place)?.parse().map_err(|_| damaged("an account is not known"))
}

fn stored_record(row: &PgRow) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord { id: column(row, 0)?, version: count(row, 1)?, sort: column(row, 2)?, body: column(row, 3)? })
}

fn posted_row(row: &PgRow) -> Result<PostedRow, StoreError> {
    let id = |place| column::<Option<Uuid>>(row, place);
    let line: Option<i32> = column(row, 10)?;
    let line = line.map(u16::try_from).transpose().map_err(|_| damaged("a service line is out of range"))?;
    Ok(PostedRow {
        sequence: count(row, 0)?,
        entry: column::<Uuid>(row, 1)?.into(),
        effective: column(row, 2)?,
        source: Source { kind: column(row, 3)?, id: column(row, 4)? },
        reverses: id(5)?.map(Into::into),
        posting: Posting {
            account: account(row, 6)?,
            amount: Money::from_cents(column(row, 7)?),
            client: id(8)?.map(Into::into),
            claim: id(9)?.map(Into::into),
            line,
            payer: id(11)?.map(Into::into),
            reason: column(row, 12)?,
        },
    })
}
