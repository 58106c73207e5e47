//! The command as its user types it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

fn mentalspace(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mentalspace"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The command may stop reading before the end.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ERA: &str = "ISA*00*          *00*          *ZZ*PLAN           *ZZ*PRACTICE       *240131*1200*^*00501*000000001*0*T*:~\
GS*HP*PLAN*PRACTICE*20240131*1200*1*X*005010X221A1~\
ST*835*0001~BPR*I*85*C*ACH************20240131~TRN*1*T1*1512345678~\
N1*PR*EXAMPLE HEALTH PLAN~N1*PE*LAKESIDE COUNSELING*XX*1888888884~LX*1~\
CLP*C1*1*150*85**CI*PCN1~NM1*QC*1*RIVERS*NOEL~SVC*HC:90837:95*150*85~DTM*472*20240115~CAS*CO*45*40~CAS*PR*3*25~\
SE*13*0001~GE*1*1~IEA*1*000000001~";

#[test]
fn a_balanced_remittance_is_shown_as_json_with_decimal_strings() {
    let output = mentalspace(&["era", "-", "--format", "json"], ERA.as_bytes());
    assert!(output.status.success());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["balanced"], &json["imbalances"]), (&Value::Bool(true), &Value::Array(vec![])));
    let payment = &json["payments"][0];
    assert_eq!((&payment["amount"], &payment["method"]), (&"85.00".into(), &"ACH".into()));
    assert_eq!((&payment["date"], &payment["trace"]), (&"2024-01-31".into(), &"T1".into()));
    let claim = &payment["claims"][0];
    assert_eq!(claim["patient_control_number"], "C1");
    assert_eq!(claim["payer_control_number"], "PCN1");
    assert_eq!((&claim["charge"], &claim["paid"]), (&"150.00".into(), &"85.00".into()));
    assert_eq!(claim["lines"][0]["adjustments"][0]["reason"], "45");
    assert_eq!(payment["provider_adjustments"], Value::Array(vec![]));
}

#[test]
fn an_unbalanced_remittance_says_where_and_ends_with_one() {
    let output = mentalspace(&["era", "-"], ERA.replace("CO*45*40", "CO*45*39.99").as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(shown.contains("Out of balance: C1 line 1 adds up to 85.01, states 85.00"), "{shown}");
}

#[test]
fn what_is_not_x12_is_refused_without_being_repeated() {
    for topic in [&["era", "-"][..], &["x12", "inspect", "-"]] {
        let output = mentalspace(topic, b"Dear Ms Rivers, your balance is 25 dollars");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("no x12 interchange begins"), "{said}");
        assert!(!said.contains("Rivers") && output.stdout.is_empty());
    }
}

#[test]
fn a_hundred_megabytes_of_terminators_are_read_in_little_memory() {
    let output = mentalspace(&["x12", "inspect", "-"], &vec![b'~'; 100_000_000]);
    assert_eq!(output.status.code(), Some(2));
    let mut noisy = ERA.split_inclusive('~').next().unwrap().as_bytes().to_vec();
    noisy.resize(100_000_000, b'~');
    let output = mentalspace(&["x12", "inspect", "-"], &noisy);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("the interchange has no trailer"));
}

#[test]
fn a_truncated_file_is_named_as_such() {
    let output = mentalspace(&["x12", "inspect", "-"], &ERA.as_bytes()[..300]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("the set has no trailer"), "{}", text(&output.stdout));
}

#[test]
fn a_missing_file_ends_with_two() {
    let output = mentalspace(&["era", "/nonexistent"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("mentalspace: /nonexistent: the input cannot be read"));
}

#[test]
fn an_export_verifies_and_a_changed_one_does_not() {
    use mentalspace_audit::{Action, Actor, Event, ExportWriter, LogHead, Object, Signer};
    let id = |n: u128| format!("01970000-0000-7000-8000-{n:012}").parse().unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let event = |n| {
        let object = Object::new("note").with_id(id(50 + n));
        Event::new(id(n), id(99), at, Actor::system(), "note.read", Action::Read, object).encode().unwrap()
    };
    let events: Vec<_> = (0..5).map(event).collect();
    let signer = Signer::from_seed("example/log", &[7; 32]).unwrap();
    let mut head = LogHead::new();
    let checkpoint = head.integrate(events.iter().map(|event| event.leaf_hash()), &signer, &[]).unwrap();
    let mut writer = ExportWriter::new(Vec::new(), &checkpoint, signer.verifier(), 5).unwrap();
    for (index, event) in (0..).zip(&events) {
        writer.write(index, event, &[]).unwrap();
    }
    let export = writer.finish().unwrap();
    let key = signer.verifier().to_string();

    let output = mentalspace(&["audit", "verify", "-", "--key", &key], &export);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("VERIFIED: 5 events, complete log of 5 events"));

    let changed = text(&export).replacen("note.read", "note.edit", 1);
    let output = mentalspace(&["audit", "verify", "-", "--key", &key], changed.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("NOT VERIFIED"));

    let stranger = Signer::from_seed("example/log", &[8; 32]).unwrap().verifier().to_string();
    let output = mentalspace(&["audit", "verify", "-", "--key", &stranger], &export);
    assert_eq!(output.status.code(), Some(1));
}

/// Every 835 of the third-party corpus that is listed as balanced ends with 0, every unbalanced one with 1.
#[test]
fn the_corpus_is_judged_as_its_index_says() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = std::env::var_os("MENTALSPACE_CORPUS").map(PathBuf::from);
    let corpus = corpus.unwrap_or_else(|| root.join("../shared/corpus/x12"));
    let Ok(index) = std::fs::read_to_string(corpus.join("index.csv")) else {
        println!("corpus absent, 0 files");
        return;
    };
    let (mut balanced, mut unbalanced) = (0, 0);
    for fields in records(&index).iter().skip(1) {
        let [path, transaction, declared, findings] = [0, 1, 11, 15].map(|column| fields[column].as_str());
        if transaction != "835" || (declared != "valid" && findings.is_empty()) {
            continue;
        }
        let output = mentalspace(&["era", corpus.join(path).to_str().unwrap(), "--format", "json"], b"");
        let expected = i32::from(!findings.is_empty());
        assert_eq!(output.status.code(), Some(expected), "{path}: {}", text(&output.stderr));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["balanced"], findings.is_empty(), "{path}");
        if findings.is_empty() { balanced += 1 } else { unbalanced += 1 }
    }
    println!("corpus era: {balanced} balanced and {unbalanced} unbalanced files judged as listed");
    assert!(balanced > 0 && unbalanced > 0, "the corpus is there, but no file ran");
}

/// Reads comma-separated values; quoted fields may hold commas and line breaks.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut quoted) = (vec![vec![String::new()]], false);
    for letter in text.trim_end().chars() {
        match (letter, quoted) {
            ('"', _) => quoted = !quoted,
            ('\n', false) => records.push(vec![String::new()]),
            (',', false) => records.last_mut().unwrap().push(String::new()),
            ('\r', false) => {}
            _ => records.last_mut().unwrap().last_mut().unwrap().push(letter),
        }
    }
    records
}
