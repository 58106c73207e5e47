use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Stage, id};
use crate::{
    ClaimId, ClientId, EntryId, Money, PayerId,
    ledger::{Account, Entry, Posting, Source},
    store::{AuditQuery, AuditRow, Balance, LedgerQuery, Order, StoreError},
};

pub(super) fn event(n: u128, clients: &[u128], user: Option<u128>, activity: &str) -> AuditRow {
    AuditRow {
        id: id(n),
        bytes: format!("{{\"event\":{n}}}").into_bytes(),
        leaf: [n as u8; 32],
        recorded_at: at(n),
        activity: activity.to_owned(),
        user: user.map(id),
        clients: clients.iter().map(|client| id(*client)).collect(),
    }
}

fn at(n: u128) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + n as i64, 123_456_000).unwrap()
}

pub(super) fn all_events() -> AuditQuery {
    AuditQuery { limit: 1_000, ..AuditQuery::default() }
}

/// "`append_events` keeps an event once: an id that is there already is passed over."
pub async fn events_are_kept_once(stage: Stage) {
    for _ in 0..2 {
        let mut write = stage.write().await;
        write.append_events(&[event(1, &[7], None, "a"), event(2, &[], None, "a")]).await.unwrap();
        write.append_events(&[event(2, &[], None, "a")]).await.unwrap();
        write.commit().await.unwrap();
    }
    let waiting = stage.read().await.unsequenced_events(10).await.unwrap();
    assert_eq!(waiting, [(id(1), [1; 32]), (id(2), [2; 32])]);
}

/// Events wait in the order of their arrival, and are found at their position with exactly their bytes.
pub async fn events_get_dense_positions(stage: Stage) {
    let mut write = stage.write().await;
    write.append_events(&[event(3, &[], None, "a"), event(1, &[], None, "a")]).await.unwrap();
    write.commit().await.unwrap();
    let mut write = stage.write().await;
    write.append_events(&[event(2, &[], None, "a")]).await.unwrap();
    assert!(write.events(&all_events()).await.unwrap().is_empty(), "none has a position yet");
    let waiting: Vec<Uuid> = write.unsequenced_events(2).await.unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(waiting, [id(3), id(1)]);
    write.sequence_events(0, &waiting).await.unwrap();
    write.sequence_events(2, &[id(2)]).await.unwrap();
    write.commit().await.unwrap();

    let mut read = stage.read().await;
    assert!(read.unsequenced_events(10).await.unwrap().is_empty());
    let found = read.events(&all_events()).await.unwrap();
    let order: Vec<_> = found.iter().map(|event| (event.position, event.bytes.as_slice())).collect();
    assert_eq!(order, [(0, &b"{\"event\":3}"[..]), (1, b"{\"event\":1}"), (2, b"{\"event\":2}")]);
    assert_eq!(read.event_leaves(1, 3).await.unwrap(), [[1; 32], [2; 32]]);
    assert_eq!(read.event_leaves(2, 100).await.unwrap(), [[2; 32]]);
}

/// "A position that is taken is `Conflict`."
pub async fn a_taken_position_conflicts(stage: Stage) {
    let mut write = stage.write().await;
    write.append_events(&[event(1, &[], None, "a"), event(2, &[], None, "a")]).await.unwrap();
    write.sequence_events(0, &[id(1)]).await.unwrap();
    let taken = write.sequence_events(0, &[id(2)]).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })), "{taken:?}");
}

/// Every field of a search that is given holds.
pub async fn events_are_found_by_client_user_and_activity(stage: Stage) {
    let mut write = stage.write().await;
    let events = [
        event(1, &[7, 8], Some(50), "note.read"),
        event(2, &[7], Some(51), "note.sign"),
        event(3, &[8], Some(50), "note.read"),
        event(4, &[], None, "user.login"),
    ];
    write.append_events(&events).await.unwrap();
    write.sequence_events(0, &[id(1), id(2), id(3), id(4)]).await.unwrap();
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    let client = Some(ClientId::from_uuid(id(7)));
    let cases = [
        (AuditQuery { client, ..all_events() }, vec![0, 1]),
        (AuditQuery { client, order: Order::Descending, ..all_events() }, vec![1, 0]),
        (AuditQuery { client, from: Some(1), ..all_events() }, vec![1]),
        (AuditQuery { user: Some(id(50)), ..all_events() }, vec![0, 2]),
        (AuditQuery { user: Some(id(50)), client, ..all_events() }, vec![0]),
        (AuditQuery { activity: Some("user.login".to_owned()), ..all_events() }, vec![3]),
        (AuditQuery { from: Some(1), until: Some(3), ..all_events() }, vec![1, 2]),
        (AuditQuery { order: Order::Descending, limit: 2, ..all_events() }, vec![3, 2]),
    ];
    for (query, expected) in cases {
        let found: Vec<u64> = read.events(&query).await.unwrap().into_iter().map(|event| event.position).collect();
        assert_eq!(found, expected, "{query:?}");
    }
}

pub(super) fn entry(n: u128, cents: i64) -> Entry {
    booked(n, cents, 1, None)
}

fn booked(n: u128, cents: i64, client: u128, reverses: Option<&Entry>) -> Entry {
    let (client, claim, payer) =
        (ClientId::from_uuid(id(client)), ClaimId::from_uuid(id(client + 10)), PayerId::from_uuid(id(client + 20)));
    let about = |account, amount| Posting {
        client: Some(client),
        claim: Some(claim),
        line: Some(1),
        payer: Some(payer),
        reason: Some("CO-45".to_owned()),
        ..Posting::new(account, Money::from_cents(amount))
    };
    let day = NaiveDate::from_ymd_opt(2026, 11, n as u32).unwrap();
    let (entry, source) = (EntryId::from_uuid(id(n)), Source { kind: "charge".to_owned(), id: id(n + 500) });
    match reverses {
        Some(earlier) => earlier.reversal(entry, day, at(n), source),
        None => {
            let postings = vec![
                about(Account::InsuranceReceivable, cents),
                Posting::new(Account::ServiceRevenue, Money::from_cents(-cents)),
            ];
            Entry::new(entry, day, at(n), source, postings).unwrap()
        }
    }
}

/// "Sums postings by account, accounts without postings left out, in the order of `Account::ALL`."
pub async fn balances_sum_by_account(stage: Stage) {
    let first = booked(1, 15_000, 1, None);
    let mut write = stage.write().await;
    for entry in [&first, &booked(2, 9_025, 2, None), &booked(3, 0, 1, Some(&first)), &booked(4, 5, 1, None)] {
        write.post(entry).await.unwrap();
    }
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    let mut sums = async |query| read.balances(&query).await.unwrap();
    let balance = |account, cents| Balance { account, amount: Money::from_cents(cents) };
    let client = Some(ClientId::from_uuid(id(1)));
    let all = [balance(Account::InsuranceReceivable, 9_030), balance(Account::ServiceRevenue, -9_030)];
    assert_eq!(sums(LedgerQuery::default()).await, all);
    let mine = LedgerQuery { client, ..LedgerQuery::default() };
    assert_eq!(sums(mine).await, [balance(Account::InsuranceReceivable, 5)]);
    let through = LedgerQuery { through: NaiveDate::from_ymd_opt(2026, 11, 2), ..mine };
    assert_eq!(sums(through).await, [balance(Account::InsuranceReceivable, 15_000)]);
    let claim = LedgerQuery { claim: Some(ClaimId::from_uuid(id(12))), ..LedgerQuery::default() };
    assert_eq!(sums(claim).await, [balance(Account::InsuranceReceivable, 9_025)]);
    let payer = LedgerQuery { payer: Some(PayerId::from_uuid(id(22))), ..LedgerQuery::default() };
    assert_eq!(sums(payer).await, [balance(Account::InsuranceReceivable, 9_025)]);
    let source = LedgerQuery { source: Some(id(502)), ..LedgerQuery::default() };
    assert_eq!(sums(source).await.len(), 2);
}

/// "Reads postings in the order they were booked, at most `limit`, those behind `after`", with every field.
pub async fn postings_are_read_in_order(stage: Stage) {
    let entries = [booked(2, 15_000, 1, None), booked(1, 9_025, 2, None)];
    let reversal = booked(3, 0, 1, Some(&entries[0]));
    let mut write = stage.write().await;
    for entry in entries.iter().chain([&reversal]) {
        write.post(entry).await.unwrap();
    }
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    let (mut after, mut rows) = (None, Vec::new());
    loop {
        let part = read.postings(&LedgerQuery::default(), after, 2).await.unwrap();
        let Some(last) = part.last() else { break };
        after = Some(last.sequence);
        rows.extend(part);
    }
    let expected: Vec<_> = entries.iter().chain([&reversal]).flat_map(Entry::postings).cloned().collect();
    assert_eq!(rows.iter().map(|row| row.posting.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(rows[0].source, *entries[0].source());
    assert_eq!((rows[0].entry, rows[0].effective), (entries[0].id(), entries[0].effective()));
    assert_eq!(rows[4].reverses, Some(entries[0].id()));
    let mine = LedgerQuery { client: Some(ClientId::from_uuid(id(2))), ..LedgerQuery::default() };
    assert_eq!(read.postings(&mine, None, 10).await.unwrap().len(), 1);
}

/// "An id that is taken is `AlreadyExists`."
pub async fn an_entry_is_booked_once(stage: Stage) {
    let mut write = stage.write().await;
    write.post(&entry(1, 100)).await.unwrap();
    write.commit().await.unwrap();
    let again = stage.write().await.post(&entry(1, 100)).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists { .. })), "{again:?}");
    let balances = stage.read().await.balances(&LedgerQuery::default()).await.unwrap();
    assert_eq!(balances[0].amount, Money::from_cents(100));
}

/// No cent is lost at the edge of the range.
pub async fn the_largest_amounts_survive(stage: Stage) {
    let mut write = stage.write().await;
    write.post(&entry(1, Money::MAX.cents())).await.unwrap();
    write.post(&entry(2, 1)).await.unwrap();
    write.commit().await.unwrap();
    let balances = stage.read().await.balances(&LedgerQuery::default()).await.unwrap();
    assert_eq!(balances[0].amount, Money::MAX + Money::from_cents(1));
}
