//! Each normative line has code and a test, by name, or says why not; the table in the documentation is made of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mentalspace_auth_policy::conformance::{Application, Conformance, PhishingResistance, Policies, Standing};
use mentalspace_auth_policy::mfa::MfaPolicy;
use mentalspace_auth_policy::password::PasswordPolicy;
use mentalspace_auth_policy::session::SessionPolicy;
use mentalspace_auth_policy::totp::Window;

const TABLE: &str = include_str!("../../data/requirements.tsv");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Row<'a> {
    id: &'a str,
    source: &'a str,
    section: &'a str,
    level: &'a str,
    duty: &'a str,
    standing: &'a str,
    demands: &'a str,
    code: Vec<&'a str>,
    tests: Vec<&'a str>,
    why: &'a str,
}

fn list(text: &str) -> Vec<&str> {
    text.split(", ").filter(|item| !item.is_empty()).collect()
}

fn rows() -> Vec<Row<'static>> {
    let mut lines = TABLE.lines();
    assert_eq!(lines.next(), Some("id\tsource\tsection\tlevel\tduty\tstanding\tdemands\tcode\ttests\twhy"));
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, source, section, level, duty, standing, demands, code, tests, why] = columns[..] else {
            panic!("{line}: {} columns", columns.len())
        };
        Row { id, source, section, level, duty, standing, demands, code: list(code), tests: list(tests), why }
    };
    lines.map(row).collect()
}

#[test]
fn every_row_has_code_and_a_test_that_exist_or_says_why_not() {
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in rows() {
        let mut complain = |what: String| wrong.push(format!("{}: {what}", row.id));
        if !ids.insert(row.id) {
            complain("is there twice".to_owned());
        }
        if !matches!(row.source, "nist" | "asvs")
            || !matches!(row.level, "shall" | "shall_not" | "should" | "should_not" | "may")
            || !matches!(row.duty, "library" | "server" | "none")
            || row.demands.is_empty()
        {
            complain("is not written as it should be".to_owned());
        }
        match row.standing {
            "met" if row.code.is_empty() || row.tests.is_empty() => complain("has no code or no test".to_owned()),
            "met" => {}
            "open" | "out" if row.why.is_empty() => complain("does not say why".to_owned()),
            "open" | "out" => {}
            other => complain(format!("standing {other}")),
        }
        for code in &row.code {
            if !root().join(code).is_file() {
                complain(format!("{code} does not exist"));
            }
        }
        for test in &row.tests {
            let (file, name) = test.split_once("::").unwrap_or((test, ""));
            let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
            let at = text.find(&format!("fn {name}("));
            let is_test = at.is_some_and(|at| {
                let before = &text[..at];
                let attributes = &before[before.rfind("\n\n").unwrap_or(0)..];
                attributes.contains("#[test]") || attributes.contains("#[tokio::test") || before.contains("proptest!")
            });
            if name.is_empty() || !is_test {
                complain(format!("{test} is no test"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every number of the standards that this project answers for is in the table.
#[test]
fn no_line_of_the_standards_is_forgotten() {
    let there: BTreeSet<&str> = rows().into_iter().map(|row| row.id).collect();
    let mut expected = Vec::new();
    for (area, last, without) in [
        ("PW", 22, &[17][..]),
        ("TH", 6, &[]),
        ("LU", 4, &[]),
        ("RC", 8, &[]),
        ("OB", 9, &[]),
        ("OT", 8, &[]),
        ("AL", 6, &[]),
        ("SE", 10, &[]),
        ("LC", 8, &[]),
        ("RN", 1, &[]),
    ] {
        expected.extend((1..=last).filter(|n| !without.contains(n)).map(|n| format!("{area}-{n}")));
    }
    for (chapter, sections) in [
        ("6.1", 1..=3),
        ("6.2", 1..=12),
        ("6.3", 1..=8),
        ("6.4", 1..=6),
        ("6.5", 1..=6),
        ("6.6", 1..=4),
        ("7.1", 1..=2),
        ("7.3", 1..=2),
        ("7.4", 1..=5),
        ("7.5", 1..=3),
    ] {
        expected.extend(sections.map(|n| format!("{chapter}.{n}")));
    }
    expected.extend(["6.5.8", "6.7.2", "7.2.1", "7.2.3", "7.2.4"].map(str::to_owned));
    let missing: Vec<&String> = expected.iter().filter(|id| !there.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn document() -> String {
    let mut text = String::from(
        "# What the standards demand of signing in, where it is, and what proves it\n\nMade of `auth-policy/data/requirements.tsv`; a test of `mentalspace-auth-policy` fails when a row names code or a\ntest that does not exist. NIST is SP 800-63B-4, ASVS is OWASP ASVS 5.0; the demands are in our words. `open` is not\nmet, `out` does not apply. The report of a deployment's own policies is `conformance::Conformance`.\n\n",
    );
    let all = rows();
    let count = |standing: &str| all.iter().filter(|row| row.standing == standing).count();
    text.push_str(&format!(
        "{} lines: {} met, {} open, {} out of scope.\n\n| id | place | level | demand | standing | code | tests |\n|---|---|---|---|---|---|---|\n",
        all.len(),
        count("met"),
        count("open"),
        count("out")
    ));
    for row in &all {
        let place = format!("{} {}", if row.source == "nist" { "NIST" } else { "ASVS" }, row.section);
        let level = row.level.replace('_', " ").to_uppercase();
        let standing =
            if row.why.is_empty() { row.standing.to_owned() } else { format!("{}: {}", row.standing, cell(row.why)) };
        let ticks = |items: &[&str]| items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join("<br>");
        text.push_str(&format!(
            "| {} | {place} | {level} | {} | {standing} | {} | {} |\n",
            row.id,
            cell(row.demands),
            ticks(&row.code),
            ticks(&row.tests)
        ));
    }
    text
}

#[test]
fn the_table_in_the_documentation_is_fresh() {
    let path = root().join("docs/auth-traceability.md");
    if std::env::var_os("MENTALSPACE_WRITE_DOCS").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let open: Vec<&str> = rows().into_iter().filter(|row| row.standing == "open").map(|row| row.id).collect();
    println!("{} lines of the standards are open: {}", open.len(), open.join(" "));
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == document(), "make it again with MENTALSPACE_WRITE_DOCS=1 cargo test -p mentalspace-auth-policy");
}

fn report(password: &PasswordPolicy, mfa: &MfaPolicy, totp: Window, phishing: PhishingResistance) -> Conformance {
    Conformance::of(&Policies {
        password,
        mfa,
        session: &SessionPolicy::standard(),
        totp,
        phishing,
        application: Application::ReferenceServer,
    })
}

fn broken(report: &Conformance) -> Vec<&'static str> {
    let open: BTreeSet<&str> = rows().into_iter().filter(|row| row.standing == "open").map(|row| row.id).collect();
    report.not_met().map(|line| line.id).filter(|id| !open.contains(id)).collect()
}

#[test]
fn the_report_says_of_every_line_how_it_stands() {
    let nist = PasswordPolicy::nist_63b_4();
    let all = report(&nist, &MfaPolicy::everyone(), Window::PastOnly, PhishingResistance::Offered);
    assert_eq!(all.lines().len(), rows().len());
    assert!(broken(&all).is_empty(), "{:?}", broken(&all));
    let phishable = report(&nist, &MfaPolicy::everyone(), Window::PastOnly, PhishingResistance::Missing);
    assert_eq!(broken(&phishable), ["AL-3"]);
    let legacy = report(
        &PasswordPolicy::legacy_hipaa(),
        &MfaPolicy::legacy_hipaa(),
        Window::Symmetric,
        PhishingResistance::Offered,
    );
    assert_eq!(broken(&legacy), ["PW-1", "PW-6", "6.2.10", "6.3.3", "6.5.5"]);
    let line = legacy.not_met().find(|line| line.id == "6.2.10").unwrap();
    assert_eq!(
        line.to_string(),
        "OWASP ASVS 5.0 6.2.10 (6.2.10, SHALL): not met. Passwords expire although nothing suggests compromise."
    );
    let json = serde_json::to_value(&legacy).unwrap();
    assert_eq!(json[0]["standing"], "not_met");
    assert_eq!(json[1]["standing"], "met");
}

#[test]
fn what_an_application_has_to_do_is_left_to_it() {
    let report = Conformance::of(&Policies {
        password: &PasswordPolicy::nist_63b_4(),
        mfa: &MfaPolicy::everyone(),
        session: &SessionPolicy::standard(),
        totp: Window::Current,
        phishing: PhishingResistance::Offered,
        application: Application::Other,
    });
    for row in rows() {
        let line = report.lines().iter().find(|line| line.id == row.id).unwrap();
        let left = matches!(line.standing, Standing::OutOfScope { .. });
        assert_eq!(left, row.duty == "server" || row.standing == "out", "{}", row.id);
    }
}
