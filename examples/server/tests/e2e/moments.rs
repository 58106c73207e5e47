//! The demo at other moments: whatever the day and the hour, its month can be lived.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use mentalspace_core::{
    Access, Note,
    store::{Find, LocalKey, Vault},
    testing::{MemoryStore, SequenceEntropy},
};
use mentalspace_server::{
    app::{App, Policies},
    clock::Clock,
    demo,
};

#[derive(Debug)]
struct Still(DateTime<Utc>);

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

#[tokio::test]
async fn the_demo_can_be_filled_on_any_day_at_any_hour() {
    let folder = tempfile::tempdir().unwrap();
    // Weekdays and a weekend, by day and at night, within a fortnight of both changes of the clocks in Denver.
    let moments = [
        "2026-03-09T05:30:00Z",
        "2026-03-16T15:02:00Z",
        "2026-07-01T23:10:00Z",
        "2026-11-07T12:34:56Z",
        "2026-11-08T06:59:00Z",
    ];
    for moment in moments {
        let vault = Vault::new(
            Arc::new(MemoryStore::default()),
            Arc::new(LocalKey::new("test", [7; 32])),
            Arc::new(SequenceEntropy::default()),
        );
        let clock = Arc::new(Still(moment.parse().unwrap()));
        let app = App::new(vault, clock, Policies::default(), [9; 32], None);
        match demo::fill(&app, folder.path()).await {
            Ok(demo) => assert!(demo.is_some()),
            Err(error) => panic!("{moment}: {error:#}"),
        }
        assert!(demo::fill(&app, folder.path()).await.unwrap().is_none());
        let (notes, amended) = states(&app).await;
        assert_eq!(notes, NOTES.into(), "{moment}");
        assert!(amended, "{moment}");
    }
}

const NOTES: [&str; 6] = ["cosigned", "draft", "locked", "pending_cosign", "returned_for_revision", "signed"];

/// Lists the states that notes are in, and whether something was added to one.
async fn states(app: &App) -> (BTreeSet<&'static str>, bool) {
    let practice = app.practices().await.unwrap()[0];
    let access = Access::system(practice, "demo.look", app.now());
    let read = app.vault().read(&access, |work| Box::pin(async move { work.find_all(Find::<Note>::new()).await }));
    let notes = read.await.unwrap();
    let amended = notes.iter().any(|note| !note.reading().amendments.is_empty());
    (notes.iter().map(|note| note.status().name()).collect(), amended)
}
