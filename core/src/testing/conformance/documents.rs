use super::{KIND, Stage, id, record, together};
use crate::store::{Mode, StoreError};

/// "`get` of an unknown id is `Ok(None)`."
pub async fn an_unknown_id_is_none(stage: Stage) {
    assert_eq!(stage.read().await.get(KIND, id(1)).await.unwrap(), None);
}

/// "What a committed transaction wrote is durable and visible to every later transaction."
pub async fn what_is_inserted_is_read_back(stage: Stage) {
    let written = record(1, 1, "2026", &[("state", "open")]);
    let mut write = stage.write().await;
    write.insert(KIND, &written).await.unwrap();
    write.commit().await.unwrap();
    let stored = stage.read().await.get(KIND, id(1)).await.unwrap().unwrap();
    assert_eq!((stored.id, stored.version, stored.sort), (written.id, 1, written.sort));
    assert_eq!(stored.body, written.body);
    assert_eq!(stage.read().await.get("other_kind", id(1)).await.unwrap(), None);
}

/// "`insert` of a taken id is `AlreadyExists`."
pub async fn a_taken_id_exists_already(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[])).await.unwrap();
    let refused = write.insert(KIND, &record(1, 1, "", &[])).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
}

/// "`insert` of a taken unique term is `Duplicate` with the term's name"; in another kind the term is free.
pub async fn a_taken_unique_term_is_a_duplicate(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[("!number", "7")])).await.unwrap();
    let refused = write.insert(KIND, &record(2, 1, "", &[("!number", "7")])).await;
    assert!(matches!(&refused, Err(StoreError::Duplicate { term, .. }) if term == "number"), "{refused:?}");
    write.insert("other_kind", &record(2, 1, "", &[("!number", "7")])).await.unwrap();
    write.insert(KIND, &record(3, 1, "", &[("!number", "8")])).await.unwrap();
    let refused = write.update(KIND, &record(3, 2, "", &[("!number", "7")]), 1).await;
    assert!(matches!(&refused, Err(StoreError::Duplicate { term, .. }) if term == "number"), "{refused:?}");
}

/// A unique term belongs to the documents that carry it now.
pub async fn a_unique_term_is_free_again_after_update_and_delete(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[("!number", "7")])).await.unwrap();
    write.update(KIND, &record(1, 2, "", &[("!number", "8")]), 1).await.unwrap();
    write.insert(KIND, &record(2, 1, "", &[("!number", "7")])).await.unwrap();
    write.delete(KIND, id(2), 1).await.unwrap();
    write.insert(KIND, &record(3, 1, "", &[("!number", "7")])).await.unwrap();
    write.commit().await.unwrap();
}

/// "`update` replaces sort key, terms and body, and raises the version to the record's."
pub async fn an_update_replaces_everything(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "a", &[("state", "open"), ("day", "1")])).await.unwrap();
    write.update(KIND, &record(1, 2, "b", &[("state", "done")]), 1).await.unwrap();
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    let stored = read.get(KIND, id(1)).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.sort.as_str()), (2, "b"));
    assert_eq!(stored.body, record(1, 2, "b", &[]).body);
    for (name, value, count) in [("state", "open", 0), ("day", "1", 0), ("state", "done", 1)] {
        let found = read.query(&super::searches::by(&[(name, &[value])])).await.unwrap();
        assert_eq!(found.len(), count, "{name}={value}");
    }
}

/// "`update` and `delete` with a version other than the stored one are `Conflict`."
pub async fn a_stale_version_conflicts(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[])).await.unwrap();
    write.update(KIND, &record(1, 2, "", &[]), 1).await.unwrap();
    let stale = write.update(KIND, &record(1, 2, "", &[]), 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    let ahead = write.update(KIND, &record(1, 4, "", &[]), 3).await;
    assert!(matches!(ahead, Err(StoreError::Conflict { .. })), "{ahead:?}");
    let stale = write.delete(KIND, id(1), 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
}

/// "`update` and `delete` of an unknown id are `NotFound`."
pub async fn an_unknown_id_cannot_be_changed(stage: Stage) {
    let mut write = stage.write().await;
    let unknown = write.update(KIND, &record(1, 2, "", &[]), 1).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
    let unknown = write.delete(KIND, id(1), 1).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
}

/// Of transactions that start from the same version, exactly one commits; the others see the conflict.
pub async fn of_two_writers_one_wins(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[])).await.unwrap();
    write.commit().await.unwrap();
    let attempt = |_| {
        let stage = stage.clone();
        Box::pin(async move {
            let mut write = stage.write().await;
            match write.update(KIND, &record(1, 2, "", &[]), 1).await {
                Ok(()) => write.commit().await.is_ok(),
                Err(StoreError::Conflict { .. }) => false,
                Err(other) => panic!("{other}"),
            }
        }) as _
    };
    let winners = together((0..8).map(attempt)).await;
    assert_eq!(winners.into_iter().filter(|won| *won).count(), 1);
}

/// "After these four the transaction goes on, and nothing of the refused call remains."
pub async fn a_refused_call_leaves_the_transaction_usable(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[("!number", "7")])).await.unwrap();
    assert!(write.insert(KIND, &record(2, 1, "", &[("state", "open"), ("!number", "7")])).await.is_err());
    assert!(write.insert(KIND, &record(1, 1, "", &[])).await.is_err());
    assert!(write.update(KIND, &record(1, 9, "", &[("state", "open")]), 8).await.is_err());
    assert!(write.update(KIND, &record(5, 2, "", &[]), 1).await.is_err());
    write.insert(KIND, &record(3, 1, "", &[("!number", "9")])).await.unwrap();
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    assert!(read.get(KIND, id(2)).await.unwrap().is_none());
    assert_eq!(read.query(&super::searches::by(&[("state", &["open"])])).await.unwrap(), vec![]);
    assert_eq!(read.query(&super::searches::by(&[])).await.unwrap().len(), 2);
}

/// "What an uncommitted transaction wrote is never visible to another one, and gone when it is dropped."
pub async fn an_uncommitted_write_is_never_seen(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[("state", "open")])).await.unwrap();
    assert!(write.get(KIND, id(1)).await.unwrap().is_some(), "it sees its own");
    assert!(stage.read().await.get(KIND, id(1)).await.unwrap().is_none());
    drop(write);
    assert!(stage.read().await.get(KIND, id(1)).await.unwrap().is_none());
    stage.write().await.insert(KIND, &record(1, 1, "", &[])).await.unwrap();
}

/// "In `Mode::Read` every writing method is `NotPermitted`."
pub async fn a_reading_transaction_cannot_write(stage: Stage) {
    let refused = stage.read().await.insert(KIND, &record(1, 1, "", &[])).await;
    assert!(matches!(refused, Err(StoreError::NotPermitted(_))), "{refused:?}");
    let refused = stage.read().await.append_events(&[super::journals::event(1, &[], None, "x")]).await;
    assert!(matches!(refused, Err(StoreError::NotPermitted(_))), "{refused:?}");
}

/// "A transaction sees and changes the records of its permit's practice only."
pub async fn a_practice_sees_only_its_own(stage: Stage) {
    let mut write = stage.write().await;
    write.insert(KIND, &record(1, 1, "", &[("!number", "7")])).await.unwrap();
    write.append_events(&[super::journals::event(1, &[], None, "note.read")]).await.unwrap();
    write.sequence_events(0, &[id(1)]).await.unwrap();
    write.post(&super::journals::entry(1, 100)).await.unwrap();
    write.commit().await.unwrap();

    let mut other = stage.begin(stage.other, Mode::Write).await;
    assert!(other.get(KIND, id(1)).await.unwrap().is_none());
    assert!(other.query(&super::searches::by(&[])).await.unwrap().is_empty());
    assert!(other.query(&super::searches::by(&[("number", &["7"])])).await.unwrap().is_empty());
    assert!(other.events(&super::journals::all_events()).await.unwrap().is_empty());
    assert!(other.event_leaves(0, 10).await.unwrap().is_empty());
    assert!(other.unsequenced_events(10).await.unwrap().is_empty());
    assert!(other.balances(&Default::default()).await.unwrap().is_empty());
    assert!(other.postings(&Default::default(), None, 10).await.unwrap().is_empty());
    assert!(matches!(other.delete(KIND, id(1), 1).await, Err(StoreError::NotFound { .. })));
    other.insert(KIND, &record(1, 1, "", &[("!number", "7")])).await.expect("ids and terms are the practice's own");
    other.commit().await.unwrap();
    assert_eq!(stage.read().await.query(&super::searches::by(&[])).await.unwrap().len(), 1);
}

/// Bodies are bytes of any value and size.
pub async fn large_and_binary_bodies_survive(stage: Stage) {
    let mut large = record(1, 1, "", &[]);
    large.body = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut empty = record(2, 1, "", &[]);
    empty.body = Vec::new();
    let mut write = stage.write().await;
    write.insert(KIND, &large).await.unwrap();
    write.insert(KIND, &empty).await.unwrap();
    write.commit().await.unwrap();
    let mut read = stage.read().await;
    assert!(read.get(KIND, id(1)).await.unwrap().unwrap().body == large.body);
    assert!(read.get(KIND, id(2)).await.unwrap().unwrap().body.is_empty());
}
