//! What was told to be committed is there after the process was killed, whole and once.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use sqlx::Row;
use uuid::Uuid;

use crate::practice::{Practice, raw};

const FILE: &str = "MENTALSPACE_TEST_FILE";
const IDS: &str = "MENTALSPACE_TEST_IDS";

/// Not a behaviour: what the other process runs.
#[tokio::test]
#[ignore = "run as another process by the tests of this module"]
async fn another_process_keeps_charts() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let practice = Practice::open(Path::new(&file)).await;
    let ids = std::env::var(IDS).unwrap();
    let (first, count) = ids.split_once('+').unwrap();
    for id in (first.parse::<u128>().unwrap()..).take(count.parse().unwrap()).map(Uuid::from_u128) {
        practice.keep(id).await.unwrap();
        println!("committed {id}");
    }
}

struct Other {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(file: &Path, first: u128, count: u32) -> Self {
        let test = concat!(module_path!(), "::another_process_keeps_charts");
        let test = test.split_once("::").unwrap().1;
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(FILE, file)
            .env(IDS, format!("{first}+{count}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    fn committed(&mut self) -> impl Iterator<Item = Uuid> {
        self.lines.by_ref().filter_map(|line| line.unwrap().split_once("committed ")?.1.parse().ok())
    }
}

async fn check(file: &Path, committed: &BTreeSet<Uuid>) {
    let practice = Practice::open(file).await;
    let charts = practice.charts().await;
    let kept: BTreeSet<Uuid> = charts.iter().copied().collect();
    assert_eq!(kept.len(), charts.len());
    assert!(kept.is_superset(committed), "{:?}", committed.difference(&kept).collect::<Vec<_>>());
    let mut raw = raw(file).await;
    let mut column = async |sql: &'static str| {
        let rows = sqlx::query(sql).fetch_all(&mut raw).await.unwrap();
        rows.iter().map(|row| row.get::<Uuid, _>(0)).collect::<Vec<_>>()
    };
    let whole: Vec<Uuid> = kept.iter().copied().collect();
    assert_eq!(column("SELECT id FROM ledger_entry ORDER BY id").await, whole);
    assert_eq!(column("SELECT source FROM ledger_posting WHERE amount > 0 ORDER BY 1").await, whole);
    assert_eq!(column("SELECT source FROM ledger_posting WHERE amount < 0 ORDER BY 1").await, whole);
    assert_eq!(column("SELECT id FROM term WHERE kind = 'chart' AND name = 'number' ORDER BY id").await, whole);
    let check = sqlx::query("PRAGMA integrity_check").fetch_one(&mut raw).await.unwrap();
    assert_eq!(check.get::<String, _>(0), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_survives_kill_9_whole_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("practice.db");
    let mut committed = BTreeSet::new();
    for round in 0..12_u32 {
        let mut other = Other::start(&file, u128::from(round) * 1_000_000 + 1, 1_000_000);
        committed.extend(other.committed().take(1 + (round as usize * 37) % 150));
        other.process.kill().unwrap();
        other.process.wait().unwrap();
        committed.extend(other.committed());
        check(&file, &committed).await;
    }
    assert!(committed.len() > 500, "{}", committed.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("practice.db");
    let practice = Practice::open(&file).await;
    let mut other = Other::start(&file, 1, 200);
    let mut committed: BTreeSet<Uuid> = other.committed().take(1).collect();
    for id in (1_000..1_200).map(Uuid::from_u128) {
        practice.keep(id).await.unwrap();
        committed.insert(id);
    }
    committed.extend(other.committed());
    assert!(other.process.wait().unwrap().success());
    assert_eq!(committed.len(), 400);
    check(&file, &committed).await;
}
