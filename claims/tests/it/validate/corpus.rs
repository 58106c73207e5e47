//! Public samples: every error found in one that is called valid is explained in `golden/corpus-findings.tsv`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mentalspace_claims::validate::{Options, Profile, Severity, Validator, validate, validate_stream};

use crate::corpus::samples;

/// Segments by file and rule.
type Found = BTreeMap<(String, String), BTreeSet<u64>>;

fn errors() -> Found {
    let mut all = Found::new();
    for sample in samples().iter().filter(|s| s.get("declared") == "valid") {
        let mut found = BTreeSet::new();
        for finding in validate(&sample.bytes()).findings.iter().filter(|f| f.severity == Severity::Error) {
            found.insert((finding.rule.id.to_owned(), finding.position.segment));
        }
        for (rule, segment) in found {
            all.entry((sample.get("path").to_owned(), rule)).or_default().insert(segment);
        }
    }
    all
}

/// At most twelve segments are listed; of files with more, their number.
fn listed(segments: &BTreeSet<u64>) -> String {
    let all: Vec<String> = segments.iter().map(ToString::to_string).collect();
    if all.len() > 12 { format!("{} segments", all.len()) } else { all.join(" ") }
}

#[test]
fn each_error_in_a_sample_that_is_called_valid_is_explained() {
    let found = errors();
    if found.is_empty() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/corpus-findings.tsv");
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let rows: Vec<Vec<&str>> = golden.lines().skip(1).map(|l| l.split('\t').collect()).collect();
    if std::env::var_os("MENTALSPACE_GOLDEN").is_some_and(|v| v == "write") {
        let mut text = String::from("file\trule\tsegments\treason\n");
        for ((file, rule), segments) in &found {
            let exact = rows.iter().find(|r| r[0] == file && r[1] == rule);
            let reason = exact.or_else(|| rows.iter().find(|r| r[1] == rule)).map_or("unexplained", |r| r[3]);
            text.push_str(&format!("{file}\t{rule}\t{}\t{reason}\n", listed(segments)));
        }
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected: BTreeSet<String> = rows.iter().map(|r| r[..3].join("\t")).collect();
    let found: BTreeSet<String> =
        found.iter().map(|((file, rule), segments)| format!("{file}\t{rule}\t{}", listed(segments))).collect();
    let new: Vec<_> = found.difference(&expected).collect();
    let gone: Vec<_> = expected.difference(&found).collect();
    assert!(new.is_empty() && gone.is_empty(), "not explained: {new:#?}\nno longer found: {gone:#?}");
    assert!(rows.iter().all(|r| !r[3].is_empty() && r[3] != "unexplained"), "a finding has no reason");
}

#[test]
fn every_sample_is_validated_alike_from_memory_and_from_a_stream() {
    let (mut files, mut sets) = (0, 0);
    for sample in samples() {
        let bytes = sample.bytes();
        let report = validate(&bytes);
        let streamed = validate_stream(&bytes[..]).unwrap();
        assert_eq!(report.sets.len().to_string(), sample.get("n_st"), "{}", sample.get("path"));
        if !report.findings.iter().any(|f| f.rule.id == "lines-wrapped") {
            assert!(report == streamed, "{}", sample.get("path"));
        }
        files += 1;
        sets += report.sets.len();
    }
    println!("validated: {files} files, {sets} sets");
}

#[test]
fn a_sample_that_is_called_invalid_is_not_better_than_one_that_is_called_valid() {
    let mut clean = Vec::new();
    for sample in samples().iter().filter(|s| s.get("declared") == "invalid") {
        if validate(&sample.bytes()).findings.is_empty() {
            clean.push(sample.get("path").to_owned());
        }
    }
    // Their sources fault what only an agreement between partners says.
    println!("called invalid, nothing found: {clean:#?}");
    assert!(clean.len() <= 3, "{clean:#?}");
}

#[test]
fn what_is_lenient_finds_no_error_that_is_not_strict() {
    for sample in samples() {
        let bytes = sample.bytes();
        let lenient = Validator::new(Options::with_profile(Profile::lenient())).validate(&bytes);
        let strict = validate(&bytes);
        assert!(lenient.errors <= strict.errors, "{}", sample.get("path"));
        assert_eq!(lenient.findings.len(), strict.findings.len(), "{}", sample.get("path"));
    }
}

#[test]
fn no_sample_panics_when_cut_or_changed() {
    for sample in samples() {
        let bytes = sample.bytes();
        let step = (bytes.len() / 8).max(1);
        for cut in (0..bytes.len()).step_by(step) {
            let _ = validate(&bytes[..cut]);
            let mut changed = bytes.clone();
            changed[cut] = changed[cut].wrapping_mul(31).wrapping_add(7);
            let _ = validate(&changed);
        }
    }
}
