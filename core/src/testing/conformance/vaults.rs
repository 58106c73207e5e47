use std::{collections::BTreeSet, io::BufReader, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_audit::Event;
use uuid::Uuid;

use super::{Stage, id, together};
use crate::{
    Access, ClientId, JobId, Money, Phi,
    ledger::{Account, Entry, Posting, Source},
    store::{
        AuditQuery, Document, Find, Job, JobState, KeyError, LedgerQuery, LocalKey, Query, Record, StoreError, Term,
        Vault,
    },
    testing::SequenceEntropy,
};

/// A chart entry as the suite knows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Chart {
    id: Uuid,
    client: ClientId,
    name: Phi<String>,
}

impl Document for Chart {
    const KIND: &'static str = "chart";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::blind("name", self.name.expose().as_str()), Term::plain("state", "open")]
    }
}

fn chart(n: u128) -> Chart {
    Chart { id: id(n), client: ClientId::from_uuid(id(n + 50)), name: Phi::new(format!("Quirine van Dale {n}")) }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn vault_with(stage: &Stage, key: LocalKey) -> Vault {
    Vault::new(Arc::clone(&stage.store), Arc::new(key), Arc::new(SequenceEntropy::default()))
}

fn vault(stage: &Stage) -> Vault {
    vault_with(stage, LocalKey::new("file", [7; 32]))
}

fn access(stage: &Stage, activity: &'static str) -> Access {
    Access::system(stage.practice, activity, now())
}

async fn insert(vault: &Vault, stage: &Stage, charts: &[Chart]) {
    let access = access(stage, "chart.create");
    vault
        .write(&access, |write| {
            Box::pin(async move {
                for chart in charts {
                    write.insert(chart).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
}

/// The events of the practice, as (activity, action, object, clients).
async fn trail(vault: &Vault, stage: &Stage) -> Vec<Event> {
    vault.integrate(stage.practice).await.unwrap();
    let query = AuditQuery { limit: 10_000, ..AuditQuery::default() };
    let page = vault.audit_trail(&access(stage, "audit.view"), &query).await.unwrap();
    page.events.into_iter().map(|(_, event)| event).filter(|event| event.activity != "audit.view").collect()
}

fn of<'e>(events: &'e [Event], activity: &str) -> Vec<&'e Event> {
    events.iter().filter(|event| event.activity == activity).collect()
}

/// What a reader saw is in the log: which document, which version, whose.
pub async fn reading_a_record_leaves_an_event(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1)]).await;
    let reading = access(&stage, "chart.view");
    let seen = vault.read(&reading, |read| Box::pin(async move { read.get::<Chart>(id(1)).await })).await.unwrap();
    assert_eq!(seen.unwrap().value, chart(1));
    let events = trail(&vault, &stage).await;
    let [event] = of(&events, "chart.view")[..] else { panic!("{events:?}") };
    assert_eq!((event.object.kind.as_str(), event.object.id, event.object.version), ("chart", Some(id(1)), Some(1)));
    assert_eq!(event.clients, [chart(1).client.uuid()]);
    assert_eq!(event.action, mentalspace_audit::Action::Read);
}

/// A write and its event are one: both are there, or neither.
pub async fn writing_a_record_leaves_an_event_in_the_same_transaction(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1)]).await;
    let editing = access(&stage, "chart.edit");
    let stale = vault.write(&editing, |write| Box::pin(async move { write.update(&chart(1), 7).await })).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })));
    vault.write(&editing, |write| Box::pin(async move { write.update(&chart(1), 1).await })).await.unwrap();
    let events = trail(&vault, &stage).await;
    assert_eq!(of(&events, "chart.create").len(), 1);
    let [event] = of(&events, "chart.edit")[..] else { panic!("{events:?}") };
    assert_eq!((event.object.version, &event.action), (Some(2), &mentalspace_audit::Action::Update));
}

/// "If the closure returns an error, what it wrote is undone and what it saw is accounted for all the same."
pub async fn a_failed_unit_undoes_what_it_wrote_and_accounts_for_what_it_read(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1)]).await;
    let failing = access(&stage, "chart.fail");
    let outcome = vault
        .write(&failing, |write| {
            Box::pin(async move {
                write.get::<Chart>(id(1)).await?;
                write.insert(&chart(2)).await?;
                let entry = Entry::new(
                    id(9).into(),
                    now().date_naive(),
                    now(),
                    Source { kind: "charge".to_owned(), id: id(9) },
                    vec![
                        Posting::new(Account::Cash, Money::from_cents(1)),
                        Posting::new(Account::Unapplied, Money::from_cents(-1)),
                    ],
                );
                write.post(&entry.unwrap()).await?;
                Err::<(), _>(StoreError::Limit { what: "the patience of the test" })
            })
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Limit { .. })));
    let checking = access(&stage, "chart.check");
    let left = vault.read(&checking, |read| {
        Box::pin(async move {
            Ok::<_, StoreError>((read.get::<Chart>(id(2)).await?, read.balances(&LedgerQuery::default()).await?))
        })
    });
    let (chart, balances) = left.await.unwrap();
    assert!(chart.is_none() && balances.is_empty());
    let events = trail(&vault, &stage).await;
    let [event] = of(&events, "chart.fail")[..] else { panic!("{events:?}") };
    assert_eq!((event.object.id, &event.action), (Some(id(1)), &mentalspace_audit::Action::Read));
}

/// Readers that share a commit keep their own events.
pub async fn many_readers_leave_one_event_each(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1)]).await;
    let reading = access(&stage, "chart.view");
    let reader = |_| {
        let (vault, reading) = (&vault, &reading);
        Box::pin(async move {
            let seen = vault.read(reading, |read| Box::pin(async move { read.get::<Chart>(id(1)).await }));
            seen.await.unwrap().unwrap();
        }) as _
    };
    together((0..40).map(reader)).await;
    let events = trail(&vault, &stage).await;
    let views = of(&events, "chart.view");
    assert_eq!(views.len(), 40);
    assert_eq!(views.iter().map(|event| event.id).collect::<BTreeSet<_>>().len(), 40);
}

/// Neither the body nor a blind term shows the content; equality is found all the same.
pub async fn bodies_and_blind_terms_are_unreadable_at_rest(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1), chart(2)]).await;
    let stored = stage.read().await.get("chart", id(1)).await.unwrap().unwrap();
    assert!(!stored.body.windows(7).any(|part| part == b"Quirine"));
    let plain = Query { kind: "chart".to_owned(), ..super::searches::by(&[("name", &["Quirine van Dale 1"])]) };
    assert!(stage.read().await.query(&plain).await.unwrap().is_empty());
    let searching = access(&stage, "chart.search");
    let find = Find::<Chart>::new().with(Term::blind("name", "Quirine van Dale 1"));
    let page = vault.read(&searching, |read| Box::pin(async move { read.find(&find).await })).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), [id(1)]);
}

/// Practice, kind, id and version are sealed with the body.
pub async fn a_body_moved_to_another_row_does_not_open(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1), chart(2)]).await;
    let mut write = stage.write().await;
    let body = write.get("chart", id(1)).await.unwrap().unwrap().body;
    let moved = Record { id: id(2), version: 2, sort: String::new(), terms: Vec::new(), body };
    write.update("chart", &moved, 1).await.unwrap();
    write.commit().await.unwrap();
    let reading = access(&stage, "chart.view");
    let seen = vault.read(&reading, |read| Box::pin(async move { read.get::<Chart>(id(2)).await })).await;
    assert!(matches!(seen, Err(StoreError::Damaged { .. })), "{seen:?}");
}

/// A page names what it could not open and shows the rest.
pub async fn a_damaged_document_hides_no_neighbour(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &[chart(1), chart(2), chart(3)]).await;
    let mut write = stage.write().await;
    let broken = Record { id: id(2), version: 2, sort: String::new(), terms: Vec::new(), body: vec![1, 2, 3] };
    write.update("chart", &broken, 1).await.unwrap();
    write.commit().await.unwrap();
    let reading = access(&stage, "chart.list");
    let page = vault.read(&reading, |read| Box::pin(async move { read.find(&Find::<Chart>::new()).await }));
    let page = page.await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), [id(1), id(3)]);
    assert_eq!(page.damaged, [id(2)]);
}

/// Whoever comes second takes the key that is there.
pub async fn two_servers_share_one_data_key(stage: Stage) {
    let (one, two) = (vault(&stage), vault(&stage));
    let charts = [chart(1), chart(2)];
    let tasks: [std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>>; 2] =
        [Box::pin(insert(&one, &stage, &charts[..1])), Box::pin(insert(&two, &stage, &charts[1..]))];
    together(tasks).await;
    let reading = access(&stage, "chart.list");
    for vault in [&one, &two] {
        let page = vault.read(&reading, |read| Box::pin(async move { read.find(&Find::<Chart>::new()).await }));
        let page = page.await.unwrap();
        assert_eq!((page.items.len(), page.damaged.len()), (2, 0));
    }
}

/// Another wrapping key is refused by name; after the data key is wrapped anew it opens everything.
pub async fn another_key_opens_nothing_until_the_data_key_is_wrapped_anew(stage: Stage) {
    insert(&vault(&stage), &stage, &[chart(1)]).await;
    let (old, new) = (LocalKey::new("file", [7; 32]), LocalKey::new("file-2", [8; 32]));
    let reading = access(&stage, "chart.view");
    let fresh = vault_with(&stage, new);
    let seen = fresh.read(&reading, |read| Box::pin(async move { read.get::<Chart>(id(1)).await })).await;
    assert!(matches!(seen, Err(StoreError::Key(KeyError::OtherKey { .. }))), "{seen:?}");
    let same_name = vault_with(&stage, LocalKey::new("file", [9; 32]));
    let seen = same_name.read(&reading, |read| Box::pin(async move { read.get::<Chart>(id(1)).await })).await;
    assert!(matches!(seen, Err(StoreError::Key(KeyError::DoesNotOpen))), "{seen:?}");
    fresh.rewrap(stage.practice, &old).await.unwrap();
    let seen = fresh.read(&reading, |read| Box::pin(async move { read.get::<Chart>(id(1)).await })).await;
    assert_eq!(seen.unwrap().unwrap().value, chart(1));
}

/// An export stands by itself.
pub async fn the_whole_log_verifies_offline(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &(1..=20).map(chart).collect::<Vec<_>>()).await;
    vault.integrate(stage.practice).await.unwrap();
    insert(&vault, &stage, &[chart(30)]).await;
    let export = vault.export_audit_log(&access(&stage, "audit.export"), None, Vec::new()).await.unwrap();
    let trusted = vault.verifier(stage.practice).await.unwrap();
    let report = mentalspace_audit::verify(BufReader::new(export.as_slice()), &[trusted]).unwrap();
    assert_eq!((report.events_verified, report.complete, report.signed_by_trusted_key), (22, true, true));
}

/// A client's own part is proven event by event.
pub async fn a_clients_part_of_the_log_verifies_offline(stage: Stage) {
    let vault = vault(&stage);
    insert(&vault, &stage, &(1..=9).map(chart).collect::<Vec<_>>()).await;
    let client = chart(4).client;
    let export = vault.export_audit_log(&access(&stage, "audit.export"), Some(client), Vec::new()).await.unwrap();
    let trusted = vault.verifier(stage.practice).await.unwrap();
    let report = mentalspace_audit::verify(BufReader::new(export.as_slice()), &[trusted]).unwrap();
    assert_eq!((report.events_verified, report.size, report.complete), (2, 10, false));
}

/// Integrators may meet; every event gets one place.
pub async fn concurrent_integration_loses_and_doubles_nothing(stage: Stage) {
    let vaults = [vault(&stage), vault(&stage), vault(&stage)];
    insert(&vaults[0], &stage, &(1..=30).map(chart).collect::<Vec<_>>()).await;
    let integrate = |vault: &Vault| {
        let (vault, practice) = (vault.clone(), stage.practice);
        Box::pin(async move {
            loop {
                match vault.integrate(practice).await {
                    Ok(placed) => return placed,
                    Err(error) if error.is_retryable() => {}
                    Err(StoreError::AlreadyExists { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }) as _
    };
    let placed: u64 = together(vaults.iter().map(integrate)).await.into_iter().sum();
    assert_eq!(placed, 30);
    let export = vaults[0].export_audit_log(&access(&stage, "audit.export"), None, Vec::new()).await.unwrap();
    mentalspace_audit::verify(BufReader::new(export.as_slice()), &[]).unwrap();
}

fn job(n: u128) -> Job {
    Job::new(JobId::from_uuid(id(n)), "claim.prepare", serde_json::json!({ "n": n.to_string() }), now()).unwrap()
}

async fn enqueue(vault: &Vault, stage: &Stage, count: u128) {
    let asking = access(stage, "job.ask");
    let ask = vault.write(&asking, |write| {
        Box::pin(async move {
            for n in 0..count {
                write.insert(&job(n)).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    ask.await.unwrap();
}

async fn take(vault: &Vault, stage: &Stage, at: DateTime<Utc>) -> Option<Job> {
    let working = access(stage, "job.take");
    loop {
        let taking =
            vault.write(&working, |write| Box::pin(async move { Job::take(write, at, TimeDelta::seconds(60)).await }));
        match taking.await {
            Ok(found) => return found.map(|found| found.value),
            Err(error) if error.is_retryable() => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Workers that ask at the same time get different jobs, and none gets a job that is not due.
pub async fn each_job_is_taken_by_one_worker(stage: Stage) {
    let vault = vault(&stage);
    enqueue(&vault, &stage, 5).await;
    assert!(take(&vault, &stage, now() - TimeDelta::seconds(1)).await.is_none(), "not due yet");
    let worker = |_| Box::pin(take(&vault, &stage, now() + TimeDelta::seconds(1))) as _;
    let taken: Vec<Job> = together((0..8).map(worker)).await.into_iter().flatten().collect();
    assert_eq!(taken.iter().map(|job| job.id).collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(taken.len(), 5);
}

/// A lease that has ended puts the job back; failures end in a state a person can see and undo.
pub async fn a_job_whose_worker_died_is_taken_again(stage: Stage) {
    let vault = vault(&stage);
    enqueue(&vault, &stage, 1).await;
    let mut at = now() + TimeDelta::seconds(1);
    assert_eq!(take(&vault, &stage, at).await.unwrap().attempts, 1);
    assert!(take(&vault, &stage, at + TimeDelta::seconds(59)).await.is_none(), "under lease");
    for attempt in 2..=Job::MAX_ATTEMPTS {
        at += TimeDelta::days(1);
        let job = take(&vault, &stage, at).await.unwrap();
        assert_eq!(job.attempts, attempt);
        let failed = job.failed("the handler refused", at);
        let working = access(&stage, "job.fail");
        let fail = vault.write(&working, |write| {
            Box::pin(async move {
                let version = write.expect::<Job>(failed.id).await?.version;
                write.update(&failed, version).await
            })
        });
        fail.await.unwrap();
    }
    assert!(take(&vault, &stage, at + TimeDelta::days(365)).await.is_none());
    let reading = access(&stage, "job.list");
    let find = Find::<Job>::new().with(Term::plain("state", "dead"));
    let dead = vault.read(&reading, |read| Box::pin(async move { read.find(&find).await })).await.unwrap();
    assert_eq!(dead.items[0].state, JobState::Dead);
    assert_eq!(dead.items[0].last_error.as_deref(), Some("the handler refused"));
}
