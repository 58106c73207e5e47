//! Reports, verdicts, profiles, bounds.

use mentalspace_claims::validate::{
    Options, Profile, RuleWeight, SetReport, Severity, Validator, Verdict, rules, validate,
};

const CLAIM: &str = include_str!("../../golden/837p/many_claims.x12");

/// An interchange with a good set, a bad one and a good one.
fn three_sets() -> String {
    let head = CLAIM.find("ST*").unwrap();
    let end = CLAIM.find("\nGE*").unwrap() + 1;
    let set = &CLAIM[head..end];
    let number = |n: &str| set.replace("*0001*0050", &format!("*{n}*0050")).replace("*0001~", &format!("*{n}~"));
    let bad = number("0002").replacen("N3*", "N3~\nREF*", 1);
    let tail = CLAIM[end..].replace("GE*1*", "GE*3*");
    format!("{}{}{bad}{}{tail}", &CLAIM[..head], number("0001"), number("0003"))
}

#[test]
fn a_bad_set_does_not_take_its_neighbours_along() {
    let report = validate(three_sets().as_bytes());
    let verdict = |s: &SetReport| (s.header.control.clone(), s.verdict == Verdict::Rejected, s.claims);
    let verdicts: Vec<_> = report.sets.iter().map(verdict).collect();
    assert_eq!(verdicts, [("0001".into(), false, 4), ("0002".into(), true, 4), ("0003".into(), false, 4)]);
    let group = &report.groups[0];
    assert_eq!((group.declared, group.received, group.accepted), (Some(3), 3, 2));
    assert_eq!(group.verdict, Verdict::Partly);
    assert_eq!(report.interchanges[0].verdict, Verdict::Accepted);
    let errors = || report.findings.iter().filter(|f| f.severity == Severity::Error);
    assert!(errors().all(|f| f.set == Some(1) && f.group == Some(0) && f.interchange == Some(0)));
    assert!(!report.is_valid());
}

#[test]
fn a_finding_counts_from_st_and_shows_no_value() {
    let report = validate(CLAIM.replacen("*TX*787011234", "*TX*787011234****SECRET", 1).as_bytes());
    let finding = &report.findings[0];
    assert_eq!(finding.position.in_set, 10);
    assert!(!format!("{report:?}").contains("SECRET"));
    assert!(finding.value.is_some());
}

#[test]
fn findings_are_bounded_and_counted() {
    let mut options = Options::default();
    options.findings = 3;
    let bad = CLAIM.replace("N3*", "N3**");
    let few = Validator::new(options).validate(bad.as_bytes());
    let all = validate(bad.as_bytes());
    assert_eq!(few.findings.len(), 3);
    assert_eq!(few.findings.len() as u64 + few.omitted, all.findings.len() as u64);
    assert_eq!((few.errors, few.sets), (all.errors, all.sets));
}

#[test]
fn parts_of_the_report_are_bounded() {
    let mut options = Options::default();
    options.parts = 2;
    let report = Validator::new(options).validate(three_sets().as_bytes());
    assert_eq!(report.sets.len(), 2);
    assert_eq!(report.groups[0].received, 3);
}

#[test]
fn a_profile_weighs_rules_by_their_ids() {
    let bad = CLAIM.replace("SE*72*", "SE*99*");
    let weighed = |profile: Profile| {
        let report = Validator::new(Options::with_profile(profile)).validate(bad.as_bytes());
        (report.findings.first().map(|f| f.severity), report.sets[0].verdict)
    };
    assert_eq!(weighed(Profile::strict()), (Some(Severity::Error), Verdict::Rejected));
    assert_eq!(weighed(Profile::lenient()), (Some(Severity::Warning), Verdict::AcceptedWithErrors));
    let own = Profile::lenient().with("set-segment-count", RuleWeight::Off);
    assert_eq!(weighed(own.clone()), (None, Verdict::Accepted));
    let text = serde_json::to_string(&own).unwrap();
    assert_eq!(text, r#"{"base":"lenient","rules":{"set-segment-count":"off"}}"#);
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), own);
}

#[test]
fn every_rule_has_an_id_of_its_own() {
    let mut ids: Vec<_> = rules().map(|r| r.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(rules().all(|r| !r.says.is_empty() && !r.fix.is_empty()));
}

#[test]
fn what_is_no_x12_is_a_finding() {
    let report = validate(b"%PDF-1.7");
    assert_eq!(report.findings[0].rule.id, "unreadable");
    assert!(validate(b"").findings.len() <= 1);
}

#[test]
fn a_set_without_a_guide_is_checked_for_syntax_only() {
    let file = "ST*850*0001~BEG*00*SA*1**20240101~N1*BY*A\tB~SE*4*0001~";
    let report = validate(file.as_bytes());
    let rules: Vec<_> = report.findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(rules, ["set-without-guide", "interchange-missing", "character-control"]);
}

#[test]
fn an_older_guide_places_the_segments_and_is_no_reproach() {
    let old = CLAIM.replace("005010X222A1", "004010X098A1").replace("*^*00501*", "*U*00401*");
    let old = old.replace("REF*EI*", "REF*1C*");
    let report = validate(old.as_bytes());
    let rules: Vec<_> = report.findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(rules, ["set-nearest-guide"]);
    assert_eq!(report.sets[0].claims, 4);
}
