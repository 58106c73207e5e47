//! What happens when transactions meet.

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use chrono::TimeDelta;
use mentalspace_core::{
    JobId, Money, PracticeId,
    ledger::{Account, Entry, Posting, Source},
    store::{AuditQuery, Job, LedgerQuery, StoreError, Vault},
};
use sqlx::Connection;
use tokio::{sync::Barrier, sync::oneshot, task::JoinSet};
use uuid::Uuid;

use crate::stage::{APP, Thing, access, config, connect, now, practice, store, vault};

async fn all<T: Send + 'static>(tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<_>>().join_all().await
}

async fn insert(vault: &Vault, practice: PracticeId, things: Vec<Thing>) -> Result<(), StoreError> {
    let access = access(practice);
    let insert = vault.write(&access, |write| {
        Box::pin(async move {
            for thing in &things {
                write.insert(thing).await?;
            }
            Ok(())
        })
    });
    insert.await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn concurrent_updates_by_version_lose_nothing() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    insert(&vault, practice, vec![Thing::new(1)]).await.unwrap();
    let add = |vault: Vault| async move {
        let access = access(practice);
        for _ in 0..5 {
            loop {
                let add = vault.write(&access, |write| {
                    Box::pin(async move {
                        let mut thing = write.expect::<Thing>(Uuid::from_u128(1)).await?;
                        thing.value.count += 1;
                        write.update(&thing.value, thing.version).await
                    })
                });
                match add.await {
                    Ok(_) => break,
                    Err(StoreError::Conflict { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    };
    all((0..32).map(|_| add(vault.clone()))).await;
    let access = access(practice);
    let thing = vault.read(&access, |read| Box::pin(async move { read.expect::<Thing>(Uuid::from_u128(1)).await }));
    let thing = thing.await.unwrap();
    assert_eq!((thing.count, thing.version), (160, 161));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn of_writers_with_the_same_unique_term_one_wins_and_the_others_go_on() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    insert(&vault, practice, (100..116).map(Thing::new).collect()).await.unwrap();
    let attempt = |vault: Vault, n: u128| async move {
        let access = access(practice);
        let attempt = vault.write(&access, |write| {
            Box::pin(async move {
                let inserted = write.insert(&Thing::numbered(n, "inserted")).await;
                let updated = write.update(&Thing::numbered(100 + n, "updated"), 1).await.map(drop);
                write.insert(&Thing::numbered(200 + n, &n)).await?;
                Ok::<_, StoreError>([inserted, updated])
            })
        });
        attempt.await.expect("a refused call leaves the transaction usable").map(|answer| match answer {
            Ok(()) => true,
            Err(StoreError::Duplicate { term, .. }) if term == "number" => false,
            Err(error) => panic!("{error:?}"),
        })
    };
    let answers = all((0..16).map(|n| attempt(vault.clone(), n))).await;
    assert_eq!(answers.iter().filter(|[inserted, _]| *inserted).count(), 1);
    assert_eq!(answers.iter().filter(|[_, updated]| *updated).count(), 1);
}

/// The one that PostgreSQL gives up is told to try again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn of_two_writers_that_wait_for_each_other_one_can_try_again() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    insert(&vault, practice, vec![Thing::new(1), Thing::new(2)]).await.unwrap();
    let both = Arc::new(Barrier::new(2));
    let cross = |vault: Vault, both: Arc<Barrier>, order: [u128; 2]| async move {
        let access = access(practice);
        let cross = vault.write(&access, |write| {
            Box::pin(async move {
                write.update(&Thing::new(order[0]), 1).await?;
                both.wait().await;
                write.update(&Thing::new(order[1]), 1).await
            })
        });
        cross.await
    };
    let answers = all([[1, 2], [2, 1]].map(|order| cross(vault.clone(), Arc::clone(&both), order))).await;
    let failed: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(matches!(failed[..], [StoreError::Unavailable(_)]), "{answers:?}");
    assert!(failed[0].is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn sixty_four_workers_take_each_job_once() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    let asking = access(practice);
    let ask = vault.write(&asking, |write| {
        Box::pin(async move {
            for n in 0..200 {
                let job =
                    Job::new(JobId::from_uuid(Uuid::from_u128(n)), "claim.prepare", serde_json::Value::Null, now());
                write.insert(&job.unwrap()).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    ask.await.unwrap();
    let work = |vault: Vault| async move {
        let (access, due) = (access(practice), now() + TimeDelta::seconds(1));
        let mut taken = Vec::new();
        loop {
            let job = vault.write(&access, |write| {
                Box::pin(async move {
                    let Some(job) = Job::take(write, due, TimeDelta::seconds(60)).await? else { return Ok(None) };
                    assert_eq!(job.attempts, 1, "done jobs are not taken");
                    // Done within the lease and due as before: only its state tells that it is not to be taken.
                    let done = Job { due: now(), ..job.value.clone().done() };
                    write.update(&done, job.version).await?;
                    Ok::<_, StoreError>(Some(job.id))
                })
            });
            match job.await.expect("no worker is in another's way") {
                None => return taken,
                Some(id) => taken.push(id),
            }
        }
    };
    let taken: Vec<_> = all((0..64).map(|_| work(vault.clone()))).await.concat();
    assert_eq!((taken.len(), taken.iter().collect::<BTreeSet<_>>().len()), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn two_stores_integrate_the_audit_log_while_events_arrive() {
    let practice = practice();
    let vaults = [vault(store(APP).await), vault(store(APP).await)];
    // Both vaults must know the practice's key before they race for it.
    insert(&vaults[0], practice, vec![Thing::new(0)]).await.unwrap();
    let write = |vault: Vault, n: u128| async move {
        for k in 0..10 {
            insert(&vault, practice, vec![Thing::new(n * 100 + k + 1)]).await.unwrap();
            loop {
                match vault.integrate(practice).await {
                    Ok(_) => break,
                    Err(StoreError::Conflict { .. } | StoreError::AlreadyExists { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    };
    all((0..8).map(|n| write(vaults[n as usize % 2].clone(), n))).await;
    vaults[0].integrate(practice).await.unwrap();
    let query = AuditQuery { limit: 1_000, ..AuditQuery::default() };
    let page = vaults[1].audit_trail(&access(practice), &query).await.unwrap();
    let positions: Vec<u64> = page.events.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (0..81).collect::<Vec<_>>());
    let written: BTreeSet<_> = page.events.iter().filter_map(|(_, event)| event.object.id).collect();
    assert_eq!(written.len(), 81);
}

/// A reader that goes on behind the last sequence it saw would miss a posting that appears before it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn postings_become_visible_in_the_order_of_their_sequence() {
    let (practice, vault) = (practice(), vault(store(APP).await));
    let post = |vault: Vault, n: u128, until: oneshot::Receiver<()>, posted: oneshot::Sender<()>| async move {
        let access = access(practice);
        let post = vault.write(&access, |write| {
            Box::pin(async move {
                let source = Source { kind: "charge".to_owned(), id: Uuid::from_u128(n) };
                let postings = vec![
                    Posting::new(Account::Cash, Money::from_cents(1)),
                    Posting::new(Account::Unapplied, Money::from_cents(-1)),
                ];
                let entry = Entry::new(Uuid::from_u128(n).into(), now().date_naive(), now(), source, postings).unwrap();
                write.post(&entry).await?;
                posted.send(()).unwrap();
                until.await.unwrap();
                Ok::<_, StoreError>(())
            })
        });
        post.await.unwrap();
    };
    let (first_may_end, until) = oneshot::channel();
    let (posted, first_posted) = oneshot::channel();
    let first = tokio::spawn(post(vault.clone(), 1, until, posted));
    first_posted.await.unwrap();
    let (second_may_end, until) = oneshot::channel();
    second_may_end.send(()).unwrap();
    let (posted, _kept) = oneshot::channel();
    let second = tokio::spawn(post(vault.clone(), 2, until, posted));

    let mut watcher = connect(APP, None).await;
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut watcher).await.unwrap() {
        assert!(!second.is_finished(), "the second became visible before the first");
    }
    watcher.close().await.unwrap();
    first_may_end.send(()).unwrap();
    first.await.unwrap();
    second.await.unwrap();
    let access = access(practice);
    let rows =
        vault.read(&access, |read| Box::pin(async move { read.postings(&LedgerQuery::default(), None, 10).await }));
    let entries: Vec<u128> = rows.await.unwrap().iter().map(|row| row.entry.uuid().as_u128()).collect();
    assert_eq!(entries, [1, 1, 2, 2]);
}

/// A server that forgets a transaction, or a statement that takes too long, does not hold its locks for ever.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
async fn a_wait_ends_with_the_statement_timeout() {
    let practice = practice();
    let patient = vault(store(APP).await);
    insert(&patient, practice, vec![Thing::new(1)]).await.unwrap();
    let hasty = config(APP).statement_timeout(Duration::from_millis(200));
    let hasty = vault(mentalspace_postgres::PostgresStore::open(hasty).await.unwrap());
    let access = access(practice);
    let outcome = patient.write(&access, |write| {
        let (hasty, access) = (&hasty, &access);
        Box::pin(async move {
            write.update(&Thing::new(1), 1).await?;
            hasty.write(access, |write| Box::pin(async move { write.update(&Thing::new(1), 1).await })).await
        })
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}
