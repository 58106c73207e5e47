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

const CLAIM: &str = "ISA*00*          *00*          *ZZ*LAKESIDE       *ZZ*EXCHANGE       *240131*1200*^*00501*000000001*0*T*:~\
GS*HC*LAKESIDE*EXCHANGE*20240131*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~\
BHT*0019*00*BATCH1*20240131*1200*CH~NM1*41*2*LAKESIDE COUNSELING*****46*LAKE01~\
PER*IC*BILLING OFFICE*TE*5125550100~NM1*40*2*EXAMPLE EXCHANGE*****46*EXCH01~HL*1**20*1~\
NM1*85*2*LAKESIDE COUNSELING*****XX*1888888884~N3*100 LAKE STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~\
HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*RIVERS*ALEX****MI*W123456789~N3*7 CEDAR COURT~N4*AUSTIN*TX*787011234~\
DMG*D8*19850412*F~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~CLM*C1*150***11:B:1*Y*A*Y*Y~HI*ABK:F411~LX*1~\
SV1*HC:90837*150*UN*1***1~DTP*472*D8*20240115~REF*6R*L1~SE*24*0001~GE*1*1~IEA*1*000000001~";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn path(folder: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn a_clean_claim_is_valid() {
    let output = mentalspace(&["x12", "validate", "-", "--format", "json"], CLAIM.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["file"], &json["valid"], &json["findings"]), (&"-".into(), &true.into(), &Value::Array(vec![])));
    let set = &json["transactions"][0];
    assert_eq!((&set["type"], &set["version"], &set["st"]), (&"837P".into(), &"005010X222A1".into(), &"0001".into()));
    assert_eq!((&set["claims"], &set["verdict"]), (&1.into(), &"accepted".into()));
}

#[test]
fn a_finding_names_rule_and_place_and_shows_the_segment_to_people_alone() {
    let folder = folder();
    let wrong = CLAIM.replace("CLM*C1*150", "CLM*C1*151");
    let file = path(&folder, "wrong.x12", &wrong);
    let output = mentalspace(&["x12", "validate", &file, "--format", "json"], b"");
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["snip"], &finding["severity"]),
        (&"claim-charge".into(), &3.into(), &"error".into())
    );
    assert_eq!(
        (&finding["loop"], &finding["segment"], &finding["element"]),
        (&"2300".into(), &"CLM".into(), &"CLM02".into())
    );
    assert_eq!((&finding["index"], &finding["index_in_set"], &finding["st"]), (&20.into(), &18.into(), &"0001".into()));
    assert_eq!(finding["offset"], wrong.find("CLM*").unwrap());
    assert!(!text(&output.stdout).contains("RIVERS"));

    let shown = text(&mentalspace(&["x12", "validate", &file], b"").stdout);
    assert!(shown.contains("    CLM*C1*151***11:B:1*Y*A*Y*Y\n           ^^^\n"), "{shown}");
    let hidden = text(&mentalspace(&["x12", "validate", &file, "--no-content"], b"").stdout);
    assert!(hidden.contains("rule claim-charge") && !hidden.contains("CLM*"), "{hidden}");
}

#[test]
fn many_files_are_answered_in_their_order_whatever_the_jobs() {
    let folder = folder();
    for n in 0..40 {
        path(&folder, &format!("{n:02}.x12"), &CLAIM.replace("*150", if n % 2 == 0 { "*150" } else { "*149" }));
    }
    path(&folder, "none.txt", "hello");
    let name = folder.path().display().to_string();
    let one = mentalspace(&["x12", "validate", &name, "--format", "ndjson"], b"");
    let two = mentalspace(&["x12", "validate", &name, "--format", "ndjson", "--jobs", "2"], b"");
    assert_eq!(one.stdout, two.stdout);
    assert_eq!(text(&one.stdout).lines().count(), 41);
    assert_eq!(one.status.code(), Some(2), "one of them is no x12");
    let list: Value =
        serde_json::from_slice(&mentalspace(&["x12", "validate", &name, "--format", "json"], b"").stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 41);
}

#[test]
fn a_profile_and_a_list_of_ones_own_change_what_is_said() {
    let folder = folder();
    let wrong = CLAIM.replace("*1888888884", "*1888888885");
    let profile = path(&folder, "profile.json", r#"{ "rules": { "npi-check-digit": "warning" } }"#);
    assert_eq!(mentalspace(&["x12", "validate", "-"], wrong.as_bytes()).status.code(), Some(1));
    assert_eq!(mentalspace(&["x12", "validate", "-", "--profile", &profile], wrong.as_bytes()).status.code(), Some(0));
    let list = path(&folder, "procedures.csv", "code,from,to\n90834,2000-01-01,\n");
    let list = format!("procedure={list}");
    let output = mentalspace(&["x12", "validate", "-", "--list", &list], CLAIM.as_bytes());
    assert!(text(&output.stdout).contains("rule procedure-unknown"), "{}", text(&output.stdout));
    assert_eq!(mentalspace(&["x12", "validate", "-", "--list", "nothing"], b"").status.code(), Some(2));
}

#[test]
fn an_answer_says_what_validation_found() {
    let wrong = CLAIM.replace("HI*ABK:F411~", "");
    let at = ["--at", "2024-02-01T08:00:00"];
    let output = mentalspace(&[&["x12", "ack", "-"], &at[..]].concat(), wrong.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let answer = text(&output.stdout);
    assert!(answer.contains("AK2*837*0001*005010X222A1~IK3*HI*") && answer.contains("~IK5*R*"), "{answer}");
    assert_eq!(mentalspace(&["x12", "validate", "-"], answer.as_bytes()).status.code(), Some(0));

    let claims = ["--kind", "277ca", "--responder", "EXAMPLE HEALTH PLAN", "--responder-id", "EHP01"];
    let output = mentalspace(&[&["x12", "ack", "-"], &at[..], &claims[..]].concat(), CLAIM.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("TRN*2*C1~STC*A2:20*20240201*WQ*150~"), "{}", text(&output.stdout));
}

#[test]
fn typed_data_becomes_the_file_it_came_from() {
    let json = mentalspace(&["x12", "to-json", "-"], CLAIM.as_bytes()).stdout;
    let back = mentalspace(&["x12", "from-json", "-"], &json);
    assert_eq!(text(&back.stdout), CLAIM);
    assert!(mentalspace(&["x12", "roundtrip", "-"], CLAIM.as_bytes()).status.success());
    let wrong = mentalspace(&["x12", "from-json", "-"], br#"{ "interchanges": [{ "header": "RIVERS" }] }"#);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("interchanges[0].header") && !text(&wrong.stderr).contains("RIVERS"));
}

#[test]
fn a_file_is_split_and_merged_again() {
    let folder = folder();
    let out = folder.path().join("merged.x12").display().to_string();
    let (first, second) = (path(&folder, "a.x12", CLAIM), path(&folder, "b.x12", CLAIM));
    let output = mentalspace(&["x12", "merge", &first, &second, "-o", &out], b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("0001 is 0002 now"));
    let parts = folder.path().join("parts").display().to_string();
    let output = mentalspace(&["x12", "split", &out, "-o", &parts], b"");
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(0), 2));
    assert_eq!(
        mentalspace(&["x12", "split", &out, "-o", &parts], b"").status.code(),
        Some(2),
        "nothing is overwritten"
    );
    let other = path(&folder, "c.x12", &CLAIM.replace("EXCHANGE       *2", "ELSEWHERE      *2"));
    assert_eq!(mentalspace(&["x12", "merge", &first, &other, "-o", &format!("{out}.2")], b"").status.code(), Some(2));
    assert!(!folder.path().join("merged.x12.2").exists() && !folder.path().join("merged.x12.partial").exists());
}

#[test]
fn claims_as_json_become_a_file_that_is_valid() {
    let folder = folder();
    let example = |what| text(&mentalspace(&["claim", "example", what], b"").stdout);
    let submission = path(&folder, "submission.json", &example("submission"));
    let claim = example("claim");
    let arguments = ["claim", "generate", "-", "--submission", &submission, "--at", "2024-01-31T12:00:00"];
    let output = mentalspace(&arguments, claim.as_bytes());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(mentalspace(&["x12", "validate", "-"], &output.stdout).status.code(), Some(0));

    let twice = mentalspace(&arguments, format!("[{claim},{claim}]").as_bytes());
    assert_eq!(twice.status.code(), Some(1));
    assert!(text(&twice.stderr).contains("claim C1 is not in the file"));
    let wrong = mentalspace(&arguments, claim.replace("\"W123456789\"", "7").as_bytes());
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("subscriber.member_id"), "{}", text(&wrong.stderr));
}

#[test]
fn the_shell_and_the_manual_know_every_command() {
    let folder = folder();
    assert!(text(&mentalspace(&["completions", "bash"], b"").stdout).contains("roundtrip"));
    assert!(mentalspace(&["man", &folder.path().display().to_string()], b"").status.success());
    assert!(folder.path().join("mentalspace-x12-validate.1").exists());
    assert!(text(&mentalspace(&["x12", "rules"], b"").stdout).lines().count() > 150);
}

#[test]
fn a_filter_is_built_of_lists_and_corpora_and_checked_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("plain.txt"), b"Summer of Sixty-Nine\r\nshort\n\xff\xfe latin\n").unwrap();
    let corpus = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\nB1B3773A05C0ED0176787A4F1574FF0075F7521E:2\r\n";
    std::fs::write(path("corpus.txt"), corpus).unwrap();
    let filter = path("all.filter");
    let built =
        said(&["blocklist", "build", &path("plain.txt"), &path("corpus.txt"), "-o", &filter, "--min-count", "3"], b"");
    assert_eq!(built.0, 0, "{}{}", built.1, built.2);
    assert!(built.1.starts_with("3 entries, "), "{}", built.1);
    assert!(built.1.contains("5 lines; left out: 1 short, 1 rare, 1 unreadable"), "{}", built.1);
    let checked = said(&["blocklist", "check", &filter], b"password\nSUMMER OF SIXTY-NINE\nqwerty\nfour walnuts\n");
    assert_eq!(checked.0, 1);
    assert_eq!(checked.1, "line 1: listed\nline 2: listed\nline 3: not listed\nline 4: not listed\n");
    let shown = said(&["blocklist", "show", &filter], b"");
    assert!(shown.1.contains("entries     3\n"), "{}", shown.1);

    std::fs::write(&filter, b"MSFILTER and then nothing").unwrap();
    let refused = said(&["blocklist", "show", &filter], b"");
    assert_eq!(refused.0, 2);
    assert!(refused.2.contains("byte "), "{}", refused.2);
    // What cannot be written leaves nothing behind.
    let nowhere = said(&["blocklist", "build", "-", "-o", &path("none/filter")], b"long enough\n");
    assert_eq!(nowhere.0, 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

/// The filter that comes with the library is the one its README says how to make.
#[test]
fn the_shipped_filter_is_fresh_where_its_sources_are() {
    let Some(lists) = std::env::var_os("MENTALSPACE_PASSWORD_LISTS") else { return };
    let shipped =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../auth-policy/data/common-passwords.filter");
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.filter");
    let mut names: Vec<_> =
        std::fs::read_dir(lists).unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()).collect();
    names.sort();
    let mut command = vec!["blocklist", "build", "-o", made.to_str().unwrap()];
    command.extend(names.iter().map(String::as_str));
    assert_eq!(said(&command, b"").0, 0);
    assert!(
        std::fs::read(made).unwrap() == std::fs::read(shipped).unwrap(),
        "make it again: auth-policy/data/README.md"
    );
}

/// The exit code, what was said, and what was complained of.
fn said(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let output = mentalspace(arguments, input);
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}
