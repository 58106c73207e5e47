//! Searches as SQL: numbered parameters for every value, each page one walk along an index.

use chrono::NaiveDate;
use mentalspace_core::store::{AuditQuery, LedgerQuery, Order, Query, StoreError};
use sqlx::{AssertSqlSafe, Sqlite, sqlite::SqliteArguments};
use uuid::Uuid;

/// Alternatives in a whole search: beyond this, reading the statement takes longer than what it finds is worth.
const ALTERNATIVES: usize = 1_000;
/// Alternatives that are merged in order; more than this share the walks, each of which is then sorted by itself.
const BRANCHES: usize = 16;

/// A statement and what is bound to its parameters, in their order.
#[derive(Debug, Default)]
pub(crate) struct Search {
    sql: String,
    values: Vec<Value>,
}

#[derive(Debug)]
enum Value {
    Id(Uuid),
    Text(String),
    Integer(i64),
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

/// A day is kept as the number of days since 1970-01-01.
impl From<NaiveDate> for Value {
    fn from(day: NaiveDate) -> Self {
        Self::Integer(day.to_epoch_days().into())
    }
}

/// Positions beyond what the store can hold are beyond every row, too.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl Search {
    /// Returns the statement, ready to run.
    pub(crate) fn query(self) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
        let query = sqlx::query(AssertSqlSafe(self.sql));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Id(id) => query.bind(id),
            Value::Text(text) => query.bind(text),
            Value::Integer(number) => query.bind(number),
        })
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn bind_all<'v>(&mut self, values: impl IntoIterator<Item = &'v String>) -> String {
        values.into_iter().map(|value| self.bind(value)).collect::<Vec<_>>().join(", ")
    }

    fn and(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let value = self.bind(value);
            self.sql.push_str(&format!(" AND {condition} {value}"));
        }
    }

    /// Writes the range as at most one bound for each end: given two, SQLite may start at the wider one and walk all
    /// the way to the narrower.
    fn range(&mut self, query: &Query) -> String {
        let within = |sort: &String| match query.order {
            Order::Ascending => query.from.as_ref().is_none_or(|from| sort >= from),
            Order::Descending => query.until.as_ref().is_none_or(|until| sort < until),
        };
        let after = query.after.as_ref().filter(|(sort, _)| within(sort));
        let mut range = String::new();
        if let Some(from) = query.from.as_ref().filter(|_| after.is_none() || query.order == Order::Descending) {
            range += &format!(" AND t.sort >= {}", self.bind(from));
        }
        if let Some(until) = query.until.as_ref().filter(|_| after.is_none() || query.order == Order::Ascending) {
            range += &format!(" AND t.sort < {}", self.bind(until));
        }
        if let Some((sort, id)) = after {
            let behind = if query.order == Order::Ascending { ">" } else { "<" };
            range += &format!(" AND (t.sort, t.id) {behind} ({}, {})", self.bind(sort), self.bind(*id));
        }
        range
    }
}

const fn direction(order: Order) -> &'static str {
    match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    }
}

/// Finds documents as `id, version, sort, body`. `None` when a filter has no values, so that nothing can be found.
///
/// The walk goes along the terms of the filter with the fewest alternatives, the first of them if there are several;
/// the other filters are looked up for each term on the way. Several alternatives are merged in order.
///
/// # Errors
/// `Limit` beyond a thousand alternatives.
pub(crate) fn documents(practice: Uuid, query: &Query) -> Result<Option<Search>, StoreError> {
    if query.filters.iter().map(|(_, values)| values.len()).sum::<usize>() > ALTERNATIVES {
        return Err(StoreError::Limit { what: "a search for more than 1,000 alternatives" });
    }
    let mut search = Search::default();
    let (practice, kind) = (search.bind(practice), search.bind(&query.kind));
    let (range, limit, direction) = (search.range(query), search.bind(query.limit), direction(query.order));
    let Some((leading, (name, values))) = query.filters.iter().enumerate().min_by_key(|(_, (_, v))| v.len()) else {
        search.sql = format!(
            "SELECT id, version, sort, body FROM document AS t WHERE practice = {practice} AND kind = {kind}{range} \
             ORDER BY sort {direction}, id {direction} LIMIT {limit}"
        );
        return Ok(Some(search));
    };
    if values.is_empty() {
        return Ok(None);
    }
    let mut others = String::new();
    for (_, (name, values)) in query.filters.iter().enumerate().filter(|(place, _)| *place != leading) {
        others += &format!(
            " AND EXISTS (SELECT 1 FROM term AS o WHERE o.practice = {practice} AND o.kind = {kind} \
             AND o.name = {} AND o.value IN ({}) AND o.sort = t.sort AND o.id = t.id)",
            search.bind(name),
            search.bind_all(values),
        );
    }
    let name = search.bind(name);
    let branches = values.chunks(values.len().div_ceil(BRANCHES)).map(|values| {
        format!(
            "SELECT t.sort, t.id FROM term AS t WHERE t.practice = {practice} AND t.kind = {kind} \
             AND t.name = {name} AND t.value IN ({}){range}{others}",
            search.bind_all(values),
        )
    });
    let branches = branches.collect::<Vec<_>>().join(" UNION ");
    search.sql = format!(
        "SELECT d.id, d.version, d.sort, d.body \
         FROM ({branches} ORDER BY 1 {direction}, 2 {direction} LIMIT {limit}) AS found \
         CROSS JOIN document AS d ON d.practice = {practice} AND d.kind = {kind} AND d.id = found.id \
         ORDER BY found.sort {direction}, found.id {direction}"
    );
    Ok(Some(search))
}

/// Finds positioned events as `position, bytes`.
pub(crate) fn events(practice: Uuid, query: &AuditQuery) -> Search {
    let mut search = Search::default();
    let practice = search.bind(practice);
    let (table, rest) = match query.client {
        Some(_) => (
            "audit_client AS t CROSS JOIN audit_position AS p ON p.practice = t.practice AND p.position = t.position",
            "p",
        ),
        None => ("audit_position AS t", "t"),
    };
    search.sql = format!(
        "SELECT t.position, e.bytes FROM {table} CROSS JOIN audit_event AS e ON e.arrival = {rest}.arrival \
         WHERE t.practice = {practice}"
    );
    search.and("t.client =", query.client.map(|client| client.uuid()));
    search.and(&format!("{rest}.user ="), query.user);
    search.and(&format!("{rest}.activity ="), query.activity.as_ref());
    search.and("t.position >=", query.from);
    search.and("t.position <", query.until);
    let limit = search.bind(query.limit);
    search.sql += &format!(" ORDER BY t.position {} LIMIT {limit}", direction(query.order));
    search
}

/// Reads the leaf hashes of positions.
pub(crate) fn leaves(practice: Uuid, first: u64, end: u64) -> Search {
    let mut search = Search::default();
    let (practice, first, end) = (search.bind(practice), search.bind(first), search.bind(end));
    search.sql = format!(
        "SELECT e.leaf FROM audit_position AS t CROSS JOIN audit_event AS e ON e.arrival = t.arrival \
         WHERE t.practice = {practice} AND t.position >= {first} AND t.position < {end} ORDER BY t.position"
    );
    search
}

/// Sums postings as `account, amount`.
pub(crate) fn balances(practice: Uuid, query: &LedgerQuery) -> Search {
    let mut search = selection("account, sum(amount)", practice, query);
    search.sql += " GROUP BY account";
    search
}

/// Reads postings, all columns in the order of the table.
pub(crate) fn postings(practice: Uuid, query: &LedgerQuery, after: Option<u64>, limit: u32) -> Search {
    let columns = "sequence, entry, effective, source_kind, source, reverses, account, amount, client, claim, line, \
                   payer, reason";
    let mut search = selection(columns, practice, query);
    search.and("sequence >", after);
    let limit = search.bind(limit);
    search.sql += &format!(" ORDER BY sequence LIMIT {limit}");
    search
}

fn selection(columns: &str, practice: Uuid, query: &LedgerQuery) -> Search {
    let mut search = Search::default();
    let practice = search.bind(practice);
    search.sql = format!("SELECT {columns} FROM ledger_posting WHERE practice = {practice}");
    search.and("client =", query.client.map(|client| client.uuid()));
    search.and("claim =", query.claim.map(|claim| claim.uuid()));
    search.and("payer =", query.payer.map(|payer| payer.uuid()));
    search.and("source =", query.source);
    search.and("effective <=", query.through);
    search
}

#[cfg(test)]
mod tests {
    use mentalspace_core::{ClientId, store::Lock};
    use sqlx::{Connection, Executor, Row, SqliteConnection};

    use super::*;

    async fn plan(search: Search) -> String {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for migration in ["documents", "audit", "ledger"] {
            let file = match migration {
                "documents" => include_str!("../migrations/0001_documents.sql"),
                "audit" => include_str!("../migrations/0002_audit.sql"),
                _ => include_str!("../migrations/0003_ledger.sql"),
            };
            connection.execute(file).await.unwrap();
        }
        let explain = Search { sql: format!("EXPLAIN QUERY PLAN {}", search.sql), ..search };
        let steps = explain.query().fetch_all(&mut connection).await.unwrap();
        steps.iter().map(|step| step.get::<String, _>("detail") + "\n").collect()
    }

    fn walks(plan: &str) -> bool {
        plan.contains("SEARCH") && !plan.contains("TEMP B-TREE") && !plan.lines().any(is_table_scan)
    }

    fn is_table_scan(step: &str) -> bool {
        step.starts_with("SCAN") && step != "SCAN found"
    }

    fn by(filters: &[(&str, usize)]) -> Query {
        let values = |count| (0..count).map(|n: usize| n.to_string()).collect();
        Query {
            kind: "thing".to_owned(),
            filters: filters.iter().map(|(name, count)| ((*name).to_owned(), values(*count))).collect(),
            from: None,
            until: None,
            order: Order::Ascending,
            after: None,
            limit: 50,
            lock: Lock::None,
        }
    }

    #[tokio::test]
    async fn each_page_of_documents_is_one_walk_along_an_index() {
        let text = |text: &str| Some(text.to_owned());
        for filters in [&[][..], &[("a", 1)], &[("a", 1), ("b", 1)], &[("a", 3), ("b", 1), ("c", 2)], &[("a", 2)]] {
            for order in [Order::Ascending, Order::Descending] {
                for after in [None, Some(("2026".to_owned(), Uuid::nil()))] {
                    for (from, until) in [(None, None), (text("2025"), text("2027")), (text("2027"), text("2028"))] {
                        let query = Query { order, after: after.clone(), from, until, ..by(filters) };
                        let plan = plan(documents(Uuid::nil(), &query).unwrap().unwrap()).await;
                        assert!(walks(&plan), "{query:?}\n{plan}");
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn a_later_page_begins_where_the_one_before_ended() {
        let after = Some(("2026".to_owned(), Uuid::nil()));
        let query = Query { after, from: Some("2020".to_owned()), until: Some("2030".to_owned()), ..by(&[("a", 1)]) };
        let plan_of_next = plan(documents(Uuid::nil(), &query).unwrap().unwrap()).await;
        assert!(plan_of_next.contains("value=? AND (sort,id)>(?,?)"), "{plan_of_next}");
    }

    #[tokio::test]
    async fn a_thousand_alternatives_can_be_asked_for_and_no_more() {
        for (count, other) in [(16, 16), (17, 17), (1, 999), (999, 1), (500, 500)] {
            let found = documents(Uuid::nil(), &by(&[("a", count), ("b", other)])).unwrap();
            let plan = plan(found.unwrap()).await;
            assert!(!plan.contains("SCAN d") && !plan.contains("SCAN t"), "{plan}");
        }
        let refused = documents(Uuid::nil(), &by(&[("a", 500), ("b", 501)]));
        assert!(matches!(refused, Err(StoreError::Limit { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn each_page_of_a_journal_is_one_walk_along_an_index() {
        let client = Some(ClientId::from_uuid(Uuid::nil()));
        let user = Some(Uuid::nil());
        let activity = Some("note.read".to_owned());
        let queries = [
            AuditQuery::default(),
            AuditQuery { client, ..AuditQuery::default() },
            AuditQuery { user, ..AuditQuery::default() },
            AuditQuery { activity: activity.clone(), ..AuditQuery::default() },
            AuditQuery { client, user, activity, ..AuditQuery::default() },
        ];
        for query in queries {
            for order in [Order::Ascending, Order::Descending] {
                let plan = plan(events(Uuid::nil(), &AuditQuery { order, from: Some(3), ..query.clone() })).await;
                assert!(walks(&plan), "{query:?}\n{plan}");
            }
        }
        assert!(walks(&plan(leaves(Uuid::nil(), 0, 10)).await));
        let (claim, payer) = (Some(Uuid::nil().into()), Some(Uuid::nil().into()));
        let queries = [
            LedgerQuery::default(),
            LedgerQuery { client, ..LedgerQuery::default() },
            LedgerQuery { claim, ..LedgerQuery::default() },
            LedgerQuery { payer, ..LedgerQuery::default() },
            LedgerQuery { source: Some(Uuid::nil()), ..LedgerQuery::default() },
        ];
        for query in queries {
            let plan = plan(postings(Uuid::nil(), &query, Some(7), 50)).await;
            assert!(walks(&plan), "{query:?}\n{plan}");
        }
        assert!(walks(&plan(balances(Uuid::nil(), &LedgerQuery::default())).await));
    }
}
