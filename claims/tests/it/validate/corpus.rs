//! Public samples against the guides.

use mentalspace_claims::validate::{Severity, validate};

#[test]
fn scratch() {
    for s in crate::corpus::samples() {
        if s.get("declared") != "valid" {
            continue;
        }
        let report = validate(&s.bytes());
        if !report.findings.is_empty() {
            println!("{} {} {}", s.get("grade"), s.get("version"), s.get("path"));
            for f in report.findings.iter().filter(|f| f.severity >= Severity::Warning).take(9) {
                println!(
                    "      {} {} {:?} {} {}{} [{}] <{}> {}",
                    f.position.in_set,
                    f.rule.id,
                    f.severity,
                    f.loop_id,
                    f.segment,
                    f.element.map_or(String::new(), |e| format!("{:02}-{}", e.element, e.component)),
                    f.found,
                    f.expected,
                    f.value.as_ref().map_or("", |v| v.expose())
                );
            }
        }
    }
    for f in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/837p")).unwrap() {
        let p = f.unwrap().path();
        let report = validate(&std::fs::read(&p).unwrap());
        println!(
            "{} {:?} {:?}",
            p.display(),
            report.sets.first().map(|s| (s.segments, s.claims, s.verdict)),
            report.findings
        );
    }
}
