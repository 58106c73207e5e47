use uuid::Uuid;

use super::{KIND, Stage, id, record};
use crate::store::{Lock, Order, Query};

pub(super) fn by(filters: &[(&str, &[&str])]) -> Query {
    let filter = |(name, values): &(&str, &[&str])| {
        ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    };
    Query {
        kind: KIND.to_owned(),
        filters: filters.iter().map(filter).collect(),
        from: None,
        until: None,
        order: Order::Ascending,
        after: None,
        limit: 1_000,
        lock: Lock::None,
    }
}

type Row<'a> = (u128, &'a str, &'a [(&'a str, &'a str)]);

async fn fill(stage: &Stage, records: &[Row<'_>]) {
    let mut write = stage.write().await;
    for (n, sort, terms) in records {
        write.insert(KIND, &record(*n, 1, sort, terms)).await.unwrap();
    }
    write.commit().await.unwrap();
}

async fn ids(stage: &Stage, query: &Query) -> Vec<Uuid> {
    stage.read().await.query(query).await.unwrap().into_iter().map(|found| found.id).collect()
}

/// "`query` answers in the order of (sort key, id)."
pub async fn a_search_orders_by_sort_key_then_id(stage: Stage) {
    fill(&stage, &[(3, "a", &[]), (1, "b", &[]), (2, "a", &[]), (4, "", &[])]).await;
    assert_eq!(ids(&stage, &by(&[])).await, [id(4), id(2), id(3), id(1)]);
    let descending = Query { order: Order::Descending, ..by(&[]) };
    assert_eq!(ids(&stage, &descending).await, [id(1), id(3), id(2), id(4)]);
}

/// "… compared as bytes", whatever the database's locale thinks.
pub async fn sort_keys_compare_as_bytes(stage: Stage) {
    fill(&stage, &[(1, "b", &[]), (2, "A", &[]), (3, "a", &[]), (4, "é", &[]), (5, "B-", &[]), (6, "B", &[])]).await;
    assert_eq!(ids(&stage, &by(&[])).await, [id(2), id(6), id(5), id(3), id(1), id(4)]);
}

/// "At most `limit` documents, those behind `after`."
pub async fn pages_have_no_gap_and_no_repetition(stage: Stage) {
    let sorts = ["a", "a", "a", "b", "c", "c", "d"];
    let term: &[(&str, &str)] = &[("state", "open")];
    let all: Vec<_> = sorts.iter().enumerate().map(|(n, sort)| (n as u128, *sort, term)).collect();
    fill(&stage, &all).await;
    for filters in [by(&[]), by(&[("state", &["open"])])] {
        for order in [Order::Ascending, Order::Descending] {
            let whole = ids(&stage, &Query { order, ..filters.clone() }).await;
            assert_eq!(whole.len(), sorts.len());
            for limit in 1..=3 {
                let mut query = Query { order, limit, ..filters.clone() };
                let mut seen = Vec::new();
                loop {
                    let part = stage.read().await.query(&query).await.unwrap();
                    let Some(last) = part.last() else { break };
                    query.after = Some((last.sort.clone(), last.id));
                    seen.extend(part.iter().map(|found| found.id));
                }
                assert_eq!(seen, whole, "{order:?} by {limit}");
            }
        }
    }
}

/// "Several filters all hold; several values of one filter are alternatives; no filter means every document."
pub async fn filters_all_hold_and_values_are_alternatives(stage: Stage) {
    fill(
        &stage,
        &[
            (1, "", &[("state", "open"), ("who", "x")]),
            (2, "", &[("state", "done"), ("who", "x")]),
            (3, "", &[("state", "open"), ("who", "y")]),
            (4, "", &[("name", "ann"), ("name", "an")]),
        ],
    )
    .await;
    assert_eq!(ids(&stage, &by(&[("state", &["open"]), ("who", &["x"])])).await, [id(1)]);
    assert_eq!(ids(&stage, &by(&[("state", &["open", "done"]), ("who", &["x"])])).await, [id(1), id(2)]);
    assert_eq!(ids(&stage, &by(&[("state", &["open", "done"])])).await, [id(1), id(2), id(3)]);
    assert_eq!(ids(&stage, &by(&[("name", &["ann", "an"])])).await, [id(4)], "once, though two values match");
    assert_eq!(ids(&stage, &by(&[("state", &[])])).await, Vec::<Uuid>::new());
    assert_eq!(ids(&stage, &by(&[])).await.len(), 4);
}

/// Sort keys from `from` on, below `until`; together with filters too.
pub async fn a_search_keeps_to_its_range(stage: Stage) {
    let term: &[(&str, &str)] = &[("who", "x")];
    fill(&stage, &[(1, "01", term), (2, "02", term), (3, "03", term), (4, "04", &[])]).await;
    let range = Query { from: Some("02".to_owned()), until: Some("04".to_owned()), ..by(&[]) };
    assert_eq!(ids(&stage, &range).await, [id(2), id(3)]);
    let range = Query { from: Some("03".to_owned()), ..by(&[("who", &["x"])]) };
    assert_eq!(ids(&stage, &range).await, [id(3)]);
    let range = Query { until: Some("02".to_owned()), ..by(&[]) };
    assert_eq!(ids(&stage, &range).await, [id(1)]);
}
