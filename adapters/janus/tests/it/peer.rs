//! People with real media: `peer.py` on aiortc, told what to do and telling what happens.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep, timeout};

use crate::server::Documents;

/// Encoding for several rooms at a time would make a small machine late.
static TURN: Semaphore = Semaphore::const_new(1);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn turn() -> SemaphorePermit<'static> {
    TURN.acquire().await.expect("never closed")
}

pub(crate) struct Peer {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// RTP packets that came from one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packets {
    pub(crate) audio: u64,
    pub(crate) video: u64,
}

impl Peer {
    pub(crate) async fn start(documents: &Documents) -> Self {
        Self::with(json!({ "room": documents.room, "participant": documents.participant })).await
    }

    /// Sends and receives by way of the TURN server only.
    pub(crate) async fn relayed(documents: &Documents) -> Self {
        Self::with(json!({ "room": documents.room, "participant": documents.participant, "relay": true })).await
    }

    async fn with(documents: Value) -> Self {
        let folder = std::env::var("MENTALSPACE_PEERS")
            .expect("MENTALSPACE_PEERS is not set: export MENTALSPACE_PEERS=$(scripts/peers)");
        let mut child = Command::new(format!("{folder}/aiortc/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python starts");
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut peer = Self { input: child.stdin.take().expect("piped"), output, _child: child };
        peer.say(documents).await;
        peer
    }

    /// Joins and waits until media flows.
    pub(crate) async fn connected(documents: &Documents) -> Self {
        let mut peer = Self::start(documents).await;
        peer.await_event("connected").await;
        peer
    }

    pub(crate) async fn say(&mut self, line: Value) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.expect("the peer listens");
    }

    /// Waits for an event of that name and skips others, but not refusals.
    pub(crate) async fn await_event(&mut self, name: &str) -> Value {
        loop {
            let line = timeout(PATIENCE, self.output.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("no event {name} in time")).expect("text");
            let event: Value =
                serde_json::from_str(&line.unwrap_or_else(|| panic!("no event {name} before the end"))).expect("JSON");
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "refused", "waiting for {name}: {event}");
        }
    }

    /// Waits to be refused and tells with which code.
    pub(crate) async fn refusal(&mut self) -> u64 {
        loop {
            let line = timeout(PATIENCE, self.output.next_line()).await.expect("in time").expect("text");
            let event: Value = serde_json::from_str(&line.expect("a refusal before the end")).expect("JSON");
            if event["event"] == "refused" {
                return event["code"].as_u64().expect("a code");
            }
            assert!(
                !["joined", "watching"].contains(&event["event"].as_str().expect("a name")),
                "not refused: {event}"
            );
        }
    }

    /// Makes sure that no media flows for a while after joining.
    pub(crate) async fn no_connection(&mut self) {
        let connected = timeout(Duration::from_secs(4), self.await_event_or_end("connected")).await;
        assert!(!matches!(connected, Ok(true)), "media must not flow");
    }

    async fn await_event_or_end(&mut self, name: &str) -> bool {
        while let Ok(Some(line)) = self.output.next_line().await {
            if serde_json::from_str::<Value>(&line).expect("JSON")["event"] == name {
                return true;
            }
        }
        false
    }

    /// Tells how many packets came from whom so far.
    pub(crate) async fn received(&mut self) -> BTreeMap<String, Packets> {
        self.say(json!({ "do": "received" })).await;
        let told = self.await_event("received").await;
        let count = |of: &Value, kind: &str| of[kind].as_u64().expect("a count");
        let people = told["counts"].as_object().expect("counts").iter();
        people.map(|(id, of)| (id.clone(), Packets { audio: count(of, "audio"), video: count(of, "video") })).collect()
    }

    /// Tells how many packets come from somebody in a second from now.
    pub(crate) async fn rate(&mut self, from: &str) -> Packets {
        let none = Packets { audio: 0, video: 0 };
        let before = self.received().await.get(from).copied().unwrap_or(none);
        sleep(Duration::from_secs(1)).await;
        let after = self.received().await.get(from).copied().unwrap_or(none);
        Packets { audio: after.audio - before.audio, video: after.video - before.video }
    }

    /// Waits until sound and picture come from somebody.
    pub(crate) async fn hears_and_sees(&mut self, whom: &str) {
        for _ in 0..40 {
            let Packets { audio, video } = self.rate(whom).await;
            if audio > 10 && video > 2 {
                return;
            }
        }
        panic!("neither sound nor picture came");
    }
}
