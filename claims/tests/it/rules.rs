//! Rules between segments: each is broken by one small change of a set that is clean, and by nothing else.

mod base;
mod mutant;
mod partner;

use std::collections::BTreeSet;
use std::path::Path;

use mentalspace_claims::validate::{Edits, Finding, Options, Report, Severity, Snip, Validator, rules};
use proptest::prelude::*;

/// The findings between segments (SNIP 3 and above).
fn meaning(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.rule.snip >= Snip::Balance).collect()
}

fn validate(file: &str) -> Report {
    Validator::new(Options::default()).validate(file.as_bytes())
}

#[test]
fn ids_are_unique_and_speak_plainly() {
    let all: Vec<_> = rules().collect();
    let ids: BTreeSet<_> = all.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), all.len());
    for rule in all {
        assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.id);
        assert!(!rule.says.is_empty() && !rule.fix.is_empty(), "{}", rule.id);
        assert!(!rule.says.ends_with('.') && !rule.fix.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn clean_sets_are_clean() {
    for (name, file) in base::all() {
        let report = validate(&file);
        let found: Vec<_> = meaning(&report).iter().map(|f| (f.rule.id, f.segment, f.element)).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn what_we_write_ourselves_breaks_no_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/837p");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "x12") {
            continue;
        }
        count += 1;
        let report = validate(&std::fs::read_to_string(&path).unwrap());
        let errors: Vec<_> =
            meaning(&report).iter().filter(|f| f.severity == Severity::Error).map(|f| f.rule.id).collect();
        assert_eq!(errors, [""; 0], "{}", path.display());
    }
    assert!(count >= 9);
}

#[test]
fn a_finding_shows_no_protected_content() {
    let report = validate(&base::professional().replace("F411", "F41.1").replace("123456789~", "12345~"));
    assert!(meaning(&report).len() >= 2);
    let shown = format!("{:?}", report.findings);
    for secret in ["F41.1", "12345", "RIVERS", "19850412"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

/// What published examples, said to be valid, break all the same: made-up numbers, and one file that lost separators.
const GENUINE: [&str; 6] =
    ["npi-shape", "npi-check-digit", "ssn-shape", "tax-id-shape", "remittance-line-balance", "remittance-claim-charge"];

#[test]
fn published_examples_break_no_rule_but_by_made_up_numbers() {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for sample in crate::corpus::samples() {
        if sample.get("declared") != "valid" || sample.get("grade") != "A" {
            continue;
        }
        count += 1;
        let report = Validator::new(Options::default()).validate(&sample.bytes());
        for finding in meaning(&report) {
            if finding.severity == Severity::Error {
                assert!(GENUINE.contains(&finding.rule.id), "{}: {}", sample.get("path"), finding.rule.id);
                seen.insert(finding.rule.id);
            }
        }
    }
    println!("{count} examples; genuine breaches of {seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Segments are dropped, doubled and cut, and bytes changed, at random.
    #[test]
    fn garbled_sets_are_judged_without_panic(
        which in 0..9_usize,
        order in proptest::collection::vec(0..80_usize, 1..120),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..40),
    ) {
        let (_, clean) = &base::all()[which];
        let segments: Vec<&str> = clean.split_inclusive('~').collect();
        let body: String = order.iter().filter_map(|at| segments.get(at + 3)).copied().collect();
        let mut garbled = [segments[..3].concat(), body, "SE*1*0001~GE*1*1~IEA*1*000000001~".to_owned()].concat().into_bytes();
        for (at, byte) in changes {
            let at = at.index(garbled.len() - 106) + 106;
            garbled[at] = byte;
        }
        let mut options = Options::default();
        options.edits = [serde_json::from_str::<Edits>(partner::EXAMPLE).unwrap()].into();
        let report = Validator::new(options).validate(&garbled);
        prop_assert!(report.findings.len() <= 1000);
    }
}
