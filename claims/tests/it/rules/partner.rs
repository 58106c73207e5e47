//! Edits of a trading partner, as data.

use std::collections::BTreeSet;

use mentalspace_claims::validate::{Edits, Options, Severity, Snip, Validator};

use super::base;

pub(super) const EXAMPLE: &str = include_str!("../../../data/partners/example.json");

fn edits(text: &str) -> Edits {
    serde_json::from_str(text).unwrap()
}

fn broken(edits: &[Edits], file: &str) -> Vec<(&'static str, u32)> {
    let mut options = Options::default();
    options.edits = edits.into();
    let report = Validator::new(options).validate(file.as_bytes());
    let partner = report.findings.iter().filter(|f| f.rule.snip == Snip::Partner);
    partner.map(|f| (f.rule.id, f.position.in_set)).collect()
}

fn ids(edits: &[Edits], file: &str) -> BTreeSet<&'static str> {
    broken(edits, file).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn the_example_is_read_and_a_clean_claim_passes() {
    let example = edits(EXAMPLE);
    assert_eq!(example.len(), 5);
    assert!(broken(&[example], &base::professional()).is_empty());
}

#[test]
fn each_edit_of_the_example_fires() {
    let clean = base::professional();
    let cases = [
        ("W123456789~N3", "X123456789~N3", "ehp-member-number"),
        ("*UN*1***1:2", "*UN*1*10**1:2", ""),
        ("90837:95*150*UN*1***1:2", "90837*150*UN*1*10**1:2", "ehp-telehealth-modifier"),
        ("90837:95*", "90837:GT*", "ehp-no-gt"),
        ("SV1*HC:90834", "SV1*HC:96136", "ehp-authorization-for-testing"),
        ("CLM*C-1*", "CLM*C-12345678901234567*", "ehp-claim-number-length"),
    ];
    for (from, to, rule) in cases {
        assert!(clean.contains(from), "{from}");
        let expected: BTreeSet<_> = [rule].into_iter().filter(|rule| !rule.is_empty()).collect();
        assert_eq!(ids(&[edits(EXAMPLE)], &clean.replacen(from, to, 1)), expected, "{from} to {to}");
    }
}

#[test]
fn a_requirement_of_one_line_is_not_met_by_another() {
    let file = base::professional().replace("90834*100*UN*1*11", "90834*100*UN*1*10");
    assert_eq!(ids(&[edits(EXAMPLE)], &file), BTreeSet::from(["ehp-telehealth-modifier"]));
    let authorized = base::professional()
        .replace("SV1*HC:90837:95", "SV1*HC:96130:95")
        .replace("SV1*HC:90834", "SV1*HC:96136")
        .replace("REF*6R*L1~", "REF*G1*AUTH1~REF*6R*L1~");
    assert_eq!(broken(&[edits(EXAMPLE)], &authorized).len(), 1);
}

#[test]
fn an_edit_is_about_its_payer_and_its_days() {
    let file = base::professional().replace("90837:95*150*UN*1***1:2", "90837*150*UN*1*10**1:2");
    assert!(ids(&[edits(EXAMPLE)], &file.replace("PI*EHP01", "PI*EHP02")).is_empty());
    let earlier = file.replace("D8*20240115", "D8*20231215");
    assert!(ids(&[edits(EXAMPLE)], &earlier).is_empty());
}

#[test]
fn an_edit_holds_for_a_remittance_and_a_set() {
    let own = edits(
        r#"{"edits": [
            {"id": "own-denial-remark", "severity": "info", "scope": "line", "says": "a", "fix": "b",
             "when": [{"segment": "CAS", "element": 2, "is": {"any_of": ["45"]}}], "require": [{"segment": "LQ"}]},
            {"id": "own-version", "severity": "warning", "scope": "set", "says": "a", "fix": "b",
             "require": [{"segment": "REF", "qualifier": {"element": 1, "value": "F2"}}]}
        ]}"#,
    );
    assert_eq!(ids(std::slice::from_ref(&own), &base::remittance()), BTreeSet::from(["own-version"]));
    let without = base::remittance().replace("LQ*HE*N130~", "");
    assert_eq!(ids(std::slice::from_ref(&own), &without), BTreeSet::from(["own-denial-remark", "own-version"]));
    assert!(own.rules().any(|rule| rule.severity == Severity::Info));
}

#[test]
fn edits_of_two_partners_do_not_mix() {
    let other = EXAMPLE.replace("ehp-", "ohp-").replace("EHP01", "OHP01");
    let file = base::professional().replace("CLM*C-1*", "CLM*C-12345678901234567*");
    assert_eq!(ids(&[edits(&other), edits(EXAMPLE)], &file), BTreeSet::from(["ehp-claim-number-length"]));
}

#[test]
fn the_same_edits_read_again_are_the_same_rules() {
    let (first, second) = (edits(EXAMPLE), edits(EXAMPLE));
    assert!(first.rules().zip(second.rules()).all(|(a, b)| std::ptr::eq(a, b)));
}

#[test]
fn edits_that_are_not_of_the_form_are_refused() {
    let edit = |inside: &str| {
        format!(
            r#"{{"edits": [{{"id": "own-x", "severity": "error", "scope": "line", "says": "a", "fix": "b", {inside}}}]}}"#
        )
    };
    assert!(serde_json::from_str::<Edits>(&edit(r#""forbid": [{"segment": "SV1"}]"#)).is_ok());
    for inside in [
        r#""forbid": []"#,
        r#""forbid": [{"segment": "S"}]"#,
        r#""forbid": [{"segment": "SV1", "element": 25}]"#,
        r#""forbid": [{"segment": "SV1", "element": 1, "components": [0]}]"#,
        r#""forbid": [{"segment": "SV1", "qualifier": {"element": 0, "value": "x"}}]"#,
        r#""forbid": [{"segment": "SV1", "is": {"regex": ".*"}}]"#,
        r#""forbid": [{"segment": "SV1"}], "from": "2024-02-01", "to": "2024-01-01""#,
        r#""forbid": [{"segment": "SV1"}], "unknown": 1"#,
    ] {
        assert!(serde_json::from_str::<Edits>(&edit(inside)).is_err(), "{inside}");
    }
    let own = edit(r#""forbid": [{"segment": "SV1"}]"#).replace("own-x", "claim-charge");
    assert!(serde_json::from_str::<Edits>(&own).unwrap_err().to_string().contains("edit 1"));
    let many: Vec<String> = (0..1001).map(|n| format!(r#"{{"id": "own-{n}", "severity": "info", "scope": "set", "says": "a", "fix": "b", "forbid": [{{"segment": "K3"}}]}}"#)).collect();
    assert!(serde_json::from_str::<Edits>(&format!(r#"{{"edits": [{}]}}"#, many.join(","))).is_err());
}
