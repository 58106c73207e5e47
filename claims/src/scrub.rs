//! What is likely to come back: rules a claim can break although it is whole, each with what to do.
//!
//! Findings never stop a claim by themselves; which severities do is the practice's policy.

use mentalspace_core::Chapter;
use serde::Serialize;

use crate::claim::{Claim, FilingIndicator, PartyName, ServiceLine};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Some payers refuse it.
    Warning,
    /// It will be refused.
    Error,
}

/// What is likely to come back. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule, a stable name such as `billing-zip`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Where, such as `lines[2].pointers`; indices count from 0.
    pub path: String,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do.
    pub fix: &'static str,
}

/// Procedure codes that say nothing by themselves: a payer wants words with them (SV101-7).
const NOT_OTHERWISE_CLASSIFIED: [&str; 7] = ["90899", "96549", "99199", "99429", "99499", "J3490", "J3590"];

/// Looks at all rules; nothing is returned for a claim that should pass.
#[must_use]
pub fn scrub(claim: &Claim) -> Vec<Finding> {
    let mut findings = Findings::default();
    billing(claim, &mut findings);
    case(claim, &mut findings);
    for (i, line) in claim.lines.iter().enumerate() {
        service_line(claim, i, line, &mut findings);
    }
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn error(&mut self, rule: &'static str, path: impl Into<String>, message: impl Into<String>, fix: &'static str) {
        self.0.push(Finding { rule, severity: Severity::Error, path: path.into(), message: message.into(), fix });
    }

    fn warn(&mut self, rule: &'static str, path: impl Into<String>, message: impl Into<String>, fix: &'static str) {
        self.0.push(Finding { rule, severity: Severity::Warning, path: path.into(), message: message.into(), fix });
    }
}

fn billing(claim: &Claim, findings: &mut Findings) {
    let provider = &claim.billing_provider;
    if !provider.address.zip.is_plus_four() {
        findings.error(
            "billing-zip",
            "billing_provider.address.zip",
            "the billing provider's zip code has five digits, nine are asked for",
            "add the four digits behind the zip code",
        );
    }
    if is_post_office_box(provider.address.line1.expose()) {
        findings.error(
            "billing-street",
            "billing_provider.address.line1",
            "the billing address is a post-office box",
            "give the street address here and the box as pay-to address",
        );
    }
    if provider.taxonomy.is_none() {
        findings.warn(
            "billing-taxonomy",
            "billing_provider.taxonomy",
            "many payers tell billing providers apart by taxonomy",
            "add the taxonomy the payer enrolled the provider under",
        );
    }
    if matches!(provider.name, PartyName::Organization(_)) && claim.rendering.is_none() {
        findings.error(
            "rendering-missing",
            "rendering",
            "an organisation bills and nobody is named who rendered",
            "name the clinician who rendered the service",
        );
    }
}

fn case(claim: &Claim, findings: &mut Findings) {
    if claim.diagnoses.first().is_some_and(|d| d.chapter() == Chapter::ExternalCause) {
        findings.error(
            "first-diagnosis",
            "diagnoses[0]",
            "an external cause cannot be the principal diagnosis",
            "put the condition that was treated first",
        );
    }
    let sequence = claim.payer_sequence.code();
    if sequence != "P" && claim.other_payers.iter().all(|other| other.adjudication.is_none()) {
        findings.error(
            "earlier-decision",
            "other_payers",
            "a payer after the first one is billed without an earlier payer's decision",
            "add the earlier payer's remittance",
        );
    }
    if claim.payer.filing_indicator == FilingIndicator::WorkersCompensation && !claim.related_causes.employment {
        findings.warn(
            "workers-compensation",
            "related_causes.employment",
            "workers' compensation is billed for a condition that is not related to work",
            "mark the condition as related to work",
        );
    }
}

fn service_line(claim: &Claim, i: usize, line: &ServiceLine, findings: &mut Findings) {
    let number = i + 1;
    let place = claim.place_of_service_of(line);
    if !place.is_assigned() {
        findings.error(
            "place-of-service",
            format!("lines[{i}].place_of_service"),
            format!("line {number}: place of service {place} is not assigned"),
            "choose an assigned place of service",
        );
    }
    // Audio only, store and forward, and the older video modifiers count as well.
    let has = |codes: &[&str]| line.modifiers.as_slice().iter().any(|m| codes.contains(&m.as_str()));
    let remote = has(&["95", "93", "GT", "GQ", "FQ"]);
    let medicare = claim.payer.filing_indicator.is_medicare();
    if place.is_telehealth() && !remote && !medicare {
        findings.warn(
            "telehealth-modifier",
            format!("lines[{i}].modifiers"),
            format!("line {number}: telehealth without a modifier that says how"),
            "add 95 for video or 93 for audio, unless the payer wants none",
        );
    }
    if remote && !place.is_telehealth() {
        findings.warn(
            "telehealth-place",
            format!("lines[{i}].place_of_service"),
            format!("line {number}: a telehealth modifier with place of service {place}"),
            "use 10 when the client was at home and 02 elsewhere",
        );
    }
    if NOT_OTHERWISE_CLASSIFIED.contains(&line.procedure.as_str()) && line.description.is_none() {
        findings.error(
            "description-missing",
            format!("lines[{i}].description"),
            format!("line {number}: {} needs words", line.procedure),
            "describe the service",
        );
    }
    if line.charge.is_zero() {
        findings.warn(
            "zero-charge",
            format!("lines[{i}].charge"),
            format!("line {number}: nothing is charged"),
            "check the fee schedule",
        );
    }
    let twin = claim.lines[..i].iter().position(|earlier| {
        earlier.procedure == line.procedure && earlier.modifiers == line.modifiers && earlier.dates == line.dates
    });
    if let Some(twin) = twin {
        findings.warn(
            "duplicate-line",
            format!("lines[{i}]"),
            format!("line {number}: the same service and day as line {}", twin + 1),
            "add the units to one line, or a modifier that tells the lines apart",
        );
    }
}

fn is_post_office_box(line: &str) -> bool {
    let letters: String = line.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    letters.starts_with("POBOX") || letters.starts_with("POSTOFFICEBOX")
}
