//! The conformance report: for each normative line of the standards, whether a set of policies meets it.
//!
//! The lines are data (`data/requirements.tsv`): our number, the place in the standard, our own words, the code, the
//! tests. Invariant: a line that a policy breaks is never reported as met; a line without a test is not met.
//! Standard: NIST SP 800-63B-4 §2.2, §3.1.1–3.1.4, §3.2.2, §4, §5; OWASP ASVS 5.0 chapters 6 and 7.

use std::fmt;

use serde::Serialize;

use crate::mfa::MfaPolicy;
use crate::password::PasswordPolicy;
use crate::policy::{Breach, Level, Source};
use crate::session::SessionPolicy;
use crate::totp::Window;

const REQUIREMENTS: &str = include_str!("../data/requirements.tsv");

/// Whether a factor that resists phishing, a passkey, is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhishingResistance {
    /// Everybody may bind one.
    Offered,
    /// Nobody can.
    Missing,
}

/// Which application stands around this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// The reference server, whose tests count.
    ReferenceServer,
    /// Another one, which answers for its own part.
    Other,
}

/// All policies that together decide how people prove who they are.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// Passwords.
    pub password: &'a PasswordPolicy,
    /// Second factors.
    pub mfa: &'a MfaPolicy,
    /// Sessions.
    pub session: &'a SessionPolicy,
    /// One-time codes.
    pub totp: Window,
    /// Passkeys.
    pub phishing: PhishingResistance,
    /// The application.
    pub application: Application,
}

/// How a line stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// It is met, and tests say so.
    Met,
    /// It is not.
    NotMet {
        /// What is done against it, or is missing, as sentences.
        text: String,
    },
    /// It does not concern these policies.
    OutOfScope {
        /// Why not.
        why: &'static str,
    },
}

/// One normative line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// This project's number of it.
    pub id: &'static str,
    /// The standard.
    pub source: Source,
    /// The place in the standard.
    pub section: &'static str,
    /// How binding it is.
    pub level: Level,
    /// What it demands, in our words.
    pub demands: &'static str,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// A report on every line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Conformance {
    lines: Vec<Line>,
}

impl Conformance {
    /// Judges a set of policies.
    #[must_use]
    pub fn of(policies: &Policies<'_>) -> Self {
        let mut breaches = policies.password.conformance();
        breaches.extend(policies.mfa.conformance());
        breaches.extend(policies.session.conformance());
        breaches.extend(policies.totp.conformance());
        if policies.phishing == PhishingResistance::Missing {
            let text = "No factor that resists phishing is offered, so AAL2 is not claimed.";
            breaches.push(Breach::new("AL-3", Source::Nist63b4, "2.2.2", Level::Shall, text));
        }
        Self { lines: requirements().map(|requirement| requirement.line(&breaches, policies.application)).collect() }
    }

    /// Returns every line, in the order of the standards.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the lines that are not met.
    pub fn not_met(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| matches!(line.standing, Standing::NotMet { .. }))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}, {}): ", self.source, self.section, self.id, self.level)?;
        match &self.standing {
            Standing::Met => f.write_str("met"),
            Standing::NotMet { text } => write!(f, "not met. {text}"),
            Standing::OutOfScope { why } => write!(f, "out of scope. {why}"),
        }
    }
}

/// A row of the table, as it is written.
struct Requirement {
    id: &'static str,
    source: Source,
    section: &'static str,
    level: Level,
    duty: &'static str,
    standing: &'static str,
    demands: &'static str,
    why: &'static str,
}

fn requirements() -> impl Iterator<Item = Requirement> {
    REQUIREMENTS.lines().skip(1).filter_map(|row| {
        let mut columns = row.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let requirement = Requirement {
            id: next(),
            source: if next() == "nist" { Source::Nist63b4 } else { Source::Asvs5 },
            section: next(),
            level: match next() {
                "shall" => Level::Shall,
                "shall_not" => Level::ShallNot,
                "should" | "should_not" => Level::Should,
                _ => Level::Note,
            },
            duty: next(),
            standing: next(),
            demands: next(),
            why: {
                let (_code, _tests) = (next(), next());
                next()
            },
        };
        (!requirement.id.is_empty()).then_some(requirement)
    })
}

impl Requirement {
    fn line(&self, breaches: &[Breach], application: Application) -> Line {
        let against: Vec<&str> = breaches
            .iter()
            .filter(|breach| breach.source == self.source)
            .filter(|breach| breach.id == self.id || breach.section.split(", ").any(|section| section == self.id))
            .map(|breach| breach.text)
            .collect();
        let standing = if !against.is_empty() {
            Standing::NotMet { text: against.join(" ") }
        } else if self.standing == "out" {
            Standing::OutOfScope { why: self.why }
        } else if self.duty == "server" && application == Application::Other {
            Standing::OutOfScope { why: "It is for the application around this crate." }
        } else if self.standing == "open" {
            Standing::NotMet { text: self.why.to_owned() }
        } else {
            Standing::Met
        };
        Line {
            id: self.id,
            source: self.source,
            section: self.section,
            level: self.level,
            demands: self.demands,
            standing,
        }
    }
}
