//! Searches as SQL: a parameter for every value, each page one walk along an index.

use mentalspace_core::store::{AuditQuery, LedgerQuery, Order, Query};
use sqlx::{Encode, Postgres, QueryBuilder, Type};
use uuid::Uuid;

pub(crate) type Search = QueryBuilder<Postgres>;

const RECORD: &str = "SELECT d.id, d.version, d.sort, d.body";

/// Finds documents as `id, version, sort, body`.
pub(crate) fn documents(practice: Uuid, query: &Query) -> Search {
    let mut search = selected(RECORD, practice, query);
    page(&mut search, query);
    search
}

/// Claims documents that nobody else has claimed, and finds their `id`.
///
/// A row that another transaction changed and let go while this statement ran may be claimed although its terms have
/// changed: see [`claimed`].
pub(crate) fn claim(practice: Uuid, query: &Query) -> Search {
    let mut search = selected("SELECT d.id", practice, query);
    page(&mut search, query);
    search.push(" FOR UPDATE OF d SKIP LOCKED");
    search
}

/// Finds, with a later look than the claim's, those of `claimed` documents that the search is for.
pub(crate) fn claimed(practice: Uuid, query: &Query, claimed: Vec<Uuid>) -> Search {
    let mut search = selected(RECORD, practice, query);
    search.push(" AND d.id = ANY(").push_bind(claimed).push(")");
    page(&mut search, query);
    search
}

/// A filter with one value is joined. The first of them leads: its terms lie in the order of the answer, so that the
/// planner may walk along them. Alternatives are looked up instead: a document that carries two of them is found once.
fn selected(columns: &str, practice: Uuid, query: &Query) -> Search {
    let mut search = Search::new(columns);
    search.push(" FROM mentalspace.document AS d");
    for (term, name, value) in joined(query) {
        search.push(format_args!(
            " JOIN mentalspace.term AS {term} ON {term}.practice = d.practice AND {term}.kind = d.kind AND {term}.id = d.id"
        ));
        and(&mut search, &format!("{term}.name ="), Some(name.clone()));
        and(&mut search, &format!("{term}.value ="), Some(value.clone()));
    }
    search.push(" WHERE d.practice = ").push_bind(practice);
    and(&mut search, "d.kind =", Some(query.kind.clone()));
    for (name, values) in query.filters.iter().filter(|(_, values)| values.len() != 1) {
        search.push(" AND EXISTS (SELECT FROM mentalspace.term AS t");
        search.push(" WHERE t.practice = d.practice AND t.kind = d.kind AND t.id = d.id");
        and(&mut search, "t.name =", Some(name.clone()));
        search.push(" AND t.value = ANY(").push_bind(values.clone()).push("))");
    }
    search
}

fn joined(query: &Query) -> impl Iterator<Item = (String, &String, &String)> {
    query.filters.iter().enumerate().filter_map(|(place, (name, values))| match values.as_slice() {
        [value] => Some((format!("t{place}"), name, value)),
        _ => None,
    })
}

fn page(search: &mut Search, query: &Query) {
    let lead = joined(query).next().map_or_else(|| "d".to_owned(), |(term, ..)| term);
    range(search, &lead, query);
    let direction = direction(query.order);
    search.push(format_args!(" ORDER BY {lead}.sort {direction}, {lead}.id {direction} LIMIT "));
    search.push_bind(i64::from(query.limit));
}

/// Writes at most one bound for each end: given two, PostgreSQL may start at the wider one and walk to the narrower.
fn range(search: &mut Search, lead: &str, query: &Query) {
    let within = |sort: &String| match query.order {
        Order::Ascending => query.from.as_ref().is_none_or(|from| sort >= from),
        Order::Descending => query.until.as_ref().is_none_or(|until| sort < until),
    };
    let after = query.after.as_ref().filter(|(sort, _)| within(sort));
    let from = query.from.clone().filter(|_| after.is_none() || query.order == Order::Descending);
    let until = query.until.clone().filter(|_| after.is_none() || query.order == Order::Ascending);
    and(search, &format!("{lead}.sort >="), from);
    and(search, &format!("{lead}.sort <"), until);
    if let Some((sort, id)) = after {
        let behind = if query.order == Order::Ascending { ">" } else { "<" };
        search.push(format_args!(" AND ({lead}.sort, {lead}.id) {behind} (")).push_bind(sort.clone());
        search.push(", ").push_bind(*id).push(")");
    }
}

const fn direction(order: Order) -> &'static str {
    match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    }
}

/// Finds positioned events as `position, bytes`.
pub(crate) fn events(practice: Uuid, query: &AuditQuery) -> Search {
    let (table, rest) = match query.client {
        Some(_) => ("audit_client AS t JOIN mentalspace.audit_position AS p USING (practice, position)", "p"),
        None => ("audit_position AS t", "t"),
    };
    let mut search = Search::new(format!(
        "SELECT t.position, e.bytes FROM mentalspace.{table} \
         JOIN mentalspace.audit_event AS e ON e.practice = t.practice AND e.id = {rest}.event WHERE t.practice = "
    ));
    search.push_bind(practice);
    and(&mut search, "t.client =", query.client.map(|client| client.uuid()));
    and(&mut search, &format!("{rest}.user_id ="), query.user);
    and(&mut search, &format!("{rest}.activity ="), query.activity.clone());
    and(&mut search, "t.position >=", query.from.map(signed));
    and(&mut search, "t.position <", query.until.map(signed));
    search.push(format_args!(" ORDER BY t.position {} LIMIT ", direction(query.order)));
    search.push_bind(i64::from(query.limit));
    search
}

/// Sums postings as `account, amount`.
pub(crate) fn balances(practice: Uuid, query: &LedgerQuery) -> Search {
    let mut search = booked("account, sum(amount)::bigint", practice, query);
    search.push(" GROUP BY account");
    search
}

/// Reads postings.
pub(crate) fn postings(practice: Uuid, query: &LedgerQuery, after: Option<u64>, limit: u32) -> Search {
    let columns = "sequence, entry, effective, source_kind, source, reverses, account, amount, client, claim, line, \
                   payer, reason";
    let mut search = booked(columns, practice, query);
    and(&mut search, "sequence >", after.map(signed));
    search.push(" ORDER BY sequence LIMIT ").push_bind(i64::from(limit));
    search
}

fn booked(columns: &str, practice: Uuid, query: &LedgerQuery) -> Search {
    let mut search = Search::new(format!("SELECT {columns} FROM mentalspace.ledger_posting WHERE practice = "));
    search.push_bind(practice);
    and(&mut search, "client =", query.client.map(|client| client.uuid()));
    and(&mut search, "claim =", query.claim.map(|claim| claim.uuid()));
    and(&mut search, "payer =", query.payer.map(|payer| payer.uuid()));
    and(&mut search, "source =", query.source);
    and(&mut search, "effective <=", query.through);
    search
}

fn and<'v, T>(search: &mut Search, condition: &str, value: Option<T>)
where
    T: Encode<'v, Postgres> + Type<Postgres> + 'v,
{
    if let Some(value) = value {
        search.push(format_args!(" AND {condition} ")).push_bind(value);
    }
}

/// A number beyond what a column can hold is beyond every row, too.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use mentalspace_core::store::Lock;
    use sqlx::{Connection, PgConnection};

    use super::*;
    use crate::{PostgresConfig, PostgresStore};

    async fn connect(role: &str) -> PgConnection {
        PgConnection::connect(&std::env::var(role).expect("set by scripts/postgres")).await.unwrap()
    }

    /// 5,000 appointments of one practice: two of three are booked, each tenth is with clinician 3.
    async fn filled() -> Uuid {
        let owner = PostgresConfig::new(&std::env::var("MENTALSPACE_TEST_POSTGRES_OWNER").unwrap()).unwrap();
        PostgresStore::migrate(&owner, Some("mentalspace_app")).await.unwrap();
        let mut app = connect("MENTALSPACE_TEST_POSTGRES").await;
        let mut transaction = app.begin().await.unwrap();
        let practice: Uuid = sqlx::query_scalar("SELECT gen_random_uuid()").fetch_one(&mut *transaction).await.unwrap();
        sqlx::query("SELECT set_config('mentalspace.practice', $1, true)")
            .bind(practice.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
        for sql in [
            "INSERT INTO mentalspace.document
             SELECT $1, 'appointment', gen_random_uuid(), 1, to_char(n, '000000'),
             convert_to(repeat('x', 1500), 'UTF8') FROM generate_series(1, 5000) n",
            "INSERT INTO mentalspace.term SELECT practice, kind, id, 'state',
             CASE sort::int % 3 WHEN 0 THEN 'done' ELSE 'booked' END, sort FROM mentalspace.document WHERE practice = $1",
            "INSERT INTO mentalspace.term SELECT practice, kind, id, 'clinician', (sort::int % 10)::text, sort
             FROM mentalspace.document WHERE practice = $1",
        ] {
            sqlx::query(sql).bind(practice).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let mut owner = connect("MENTALSPACE_TEST_POSTGRES_OWNER").await;
        sqlx::raw_sql("ANALYZE mentalspace.document, mentalspace.term").execute(&mut owner).await.unwrap();
        practice
    }

    async fn plan(practice: Uuid, query: &Query) -> String {
        let mut app = connect("MENTALSPACE_TEST_POSTGRES").await;
        let mut transaction = app.begin().await.unwrap();
        sqlx::query("SELECT set_config('mentalspace.practice', $1, true)")
            .bind(practice.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
        let mut search = selected(&format!("EXPLAIN {RECORD}"), practice, query);
        page(&mut search, query);
        let plan: Vec<String> = search.build_query_scalar().fetch_all(&mut *transaction).await.unwrap();
        plan.join("\n")
    }

    fn query(filters: &[(&str, &[&str])]) -> Query {
        let filter = |(name, values): &(&str, &[&str])| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        Query {
            kind: "appointment".to_owned(),
            filters: filters.iter().map(filter).collect(),
            from: None,
            until: None,
            order: Order::Ascending,
            after: None,
            limit: 50,
            lock: Lock::None,
        }
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
    async fn a_page_is_a_walk_along_an_index() {
        let practice = filled().await;
        let cases = [
            (query(&[]), "document_in_order", true),
            (query(&[("state", &["booked"])]), "term_in_order", true),
            // Of so few rows PostgreSQL may find both sets and sort what they share.
            (query(&[("clinician", &["3"]), ("state", &["booked"])]), "term_in_order", false),
            (query(&[("state", &["booked", "done"])]), "document_in_order", true),
        ];
        for (first, index, in_order) in cases {
            let last = Query { order: Order::Descending, ..first.clone() };
            let within = Query { from: Some(" 001000".to_owned()), until: Some(" 004000".to_owned()), ..first.clone() };
            let next = Query { after: Some((" 002500".to_owned(), Uuid::nil())), ..first.clone() };
            for query in [first, last, within, next] {
                let plan = plan(practice, &query).await;
                assert!(plan.contains(index), "{query:?}\n{plan}");
                assert!(!plan.contains("Seq Scan"), "{query:?}\n{plan}");
                assert!(!in_order || !plan.contains("Sort"), "{query:?}\n{plan}");
            }
        }
    }
}
