//! Validators that nobody here wrote read what we write: pyx12 and LinuxForHealth x12, as `scripts/peers` installs them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use mentalspace_claims::acknowledge::{self, ClaimAcknowledger, Reply, Responder, Units};
use mentalspace_claims::transaction::claim_status::{self, StatusQuestion};
use mentalspace_claims::transaction::eligibility::{self, Asked, Question};
use mentalspace_claims::validate::validate;
use mentalspace_claims::x12::Reader;

use crate::people::{billing_provider, child, claim, day, payer, subscriber};

type File = (String, Vec<u8>);

/// 837P: those of this project's own claims.
fn claims() -> Vec<File> {
    let golden = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/837p")).unwrap();
    let golden = golden.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "x12"));
    let mut files: Vec<File> = golden
        .map(|path| (format!("837P {}", path.file_stem().unwrap().display()), fs::read(&path).unwrap()))
        .collect();
    #[cfg(feature = "testing")]
    files.push(("837P generated".into(), mentalspace_claims::testing::generate::claims(7, 60_000)));
    files
}

/// 999 and 277CA: the answers to those, and to what is wrong with them.
fn answers() -> Vec<File> {
    let reply = Reply::new(day("2024-02-01").and_hms_opt(8, 30, 0).unwrap(), 1, 1);
    let payer = Responder::payer("EXAMPLE HEALTH PLAN", "EHP01", "R1", day("2024-02-01"));
    let broken = claims().into_iter().filter_map(|(name, file)| {
        let text = String::from_utf8(file).ok()?;
        Some((
            format!("{name} broken"),
            text.replacen("*11:B:1*", "*98:B:1*", 1).replacen("HI*ABK", "HI*XX", 1).into_bytes(),
        ))
    });
    let mut answers = Vec::new();
    for (name, file) in claims().into_iter().chain(broken) {
        let report = validate(&file);
        let mut units = Units::default();
        let mut claims = ClaimAcknowledger::new(&report, &payer, &reply).unwrap();
        for segment in Reader::new(&file).flatten() {
            units.feed(&segment);
            claims.feed(&segment);
        }
        answers.push((format!("999 to {name}"), acknowledge::write(&report, Some(&units), &reply).unwrap()));
        let answer = acknowledge::write_claims(&report, &claims.finish(), &reply).unwrap();
        answers.extend((!answer.is_empty()).then(|| (format!("277CA to {name}"), answer)));
    }
    answers
}

/// 270 and 276.
fn questions() -> Vec<File> {
    let at = day("2024-02-01").and_hms_opt(8, 30, 0).unwrap();
    let (payer, provider, subscriber, child) = (payer(), billing_provider(), subscriber(), child());
    let question = Question::new(&payer, &provider, &subscriber, "Q-1", at);
    let eligibility = |inquiry: &eligibility::Eligibility| {
        crate::written::file("HS", "270", eligibility::GUIDE, |out| inquiry.write(out))
    };
    let status = StatusQuestion::new(&claim("C1"), ("LAKESIDE COUNSELING", "LAKE01"), "S-1", at).inquiry();
    let status = crate::written::file("HR", "276", claim_status::GUIDE, |out| status.write(out));
    vec![
        ("270 of a subscriber".into(), eligibility(&question.inquiry())),
        ("270 of a child".into(), eligibility(&question.about(&child).services(Asked::PRACTICE).inquiry())),
        ("276".into(), status),
    ]
}

fn peer(program: &str) -> PathBuf {
    let Some(folder) = std::env::var_os("MENTALSPACE_PEERS") else {
        panic!("MENTALSPACE_PEERS names the folder that scripts/peers prints")
    };
    Path::new(&folder).join(program)
}

fn judge(program: &str, arguments: &[&str], files: &[File], accepts: impl Fn(&Output) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join("file.x12");
        fs::write(&path, bytes).unwrap();
        let output = Command::new(peer(program)).args(arguments).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(accepts(&output), "{program} refuses {name}: {} {said}", String::from_utf8_lossy(&output.stdout));
    }
    println!("peers: {program} accepts {} files", files.len());
}

#[test]
#[ignore = "needs the peers that scripts/peers installs"]
fn pyx12_accepts_claims_and_acknowledgements() {
    let files = [claims(), answers()].concat();
    judge("pyx12/bin/x12valid", &[], &files, |output| {
        [&output.stdout, &output.stderr].iter().any(|said| String::from_utf8_lossy(said).contains(": OK"))
    });
}

#[test]
#[ignore = "needs the peers that scripts/peers installs"]
fn linuxforhealth_accepts_claims_and_questions() {
    let files = [claims(), questions()].concat();
    judge("linuxforhealth/bin/lfhx12", &["-m"], &files, |output| output.status.success());
}
