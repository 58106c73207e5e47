//! What must hold between the parts of a claim. Every rule is looked at, so that one answer lists all problems.

use std::fmt;

use mentalspace_core::{Money, PersonName};

use super::{
    Adjustment, ClaimDraft, ClaimType, LineAdjudication, OtherPayer, PartyName, Payer, PayerSequence, Provider,
    Relationship, ServiceLine,
};

/// All reasons why a draft is not a claim. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimError {
    problems: Vec<Problem>,
}

impl ClaimError {
    /// Returns the problems, in the order of the claim's fields; never empty.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for ClaimError {}

/// One reason why a draft is not a claim.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Where, such as `lines[2].pointers`; indices count from 0.
    pub path: String,
    /// The rule that was broken, in plain words.
    pub rule: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.rule)
    }
}

/// The largest amount an 837 carries (element 782 as HIPAA limits it: ten digits).
const MAX_AMOUNT: Money = Money::from_cents(9_999_999_999);

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, path: impl Into<String>, rule: &'static str) {
        self.0.push(Problem { path: path.into(), rule });
    }

    fn when(&mut self, broken: bool, path: impl Into<String>, rule: &'static str) {
        if broken {
            self.add(path, rule);
        }
    }
}

/// Returns what is wrong with `draft`, if anything is.
pub(super) fn problems(draft: &ClaimDraft) -> Option<ClaimError> {
    let mut found = Found::default();
    found.when(
        draft.claim_type != ClaimType::Professional,
        "claim_type",
        "is not supported: only professional claims are",
    );
    parties(draft, &mut found);
    case(draft, &mut found);
    for (i, other) in draft.other_payers.iter().enumerate() {
        other_payer(draft, i, other, &mut found);
    }
    found.when(draft.other_payers.len() > ClaimDraft::MAX_OTHER_PAYERS, "other_payers", "are more than ten");
    found.when(draft.lines.is_empty(), "lines", "are missing");
    found.when(draft.lines.len() > ClaimDraft::MAX_LINES, "lines", "are more than fifty");
    for (i, line) in draft.lines.iter().enumerate() {
        service_line(draft, i, line, &mut found);
    }
    found.when(
        draft.lines.iter().map(|l| l.charge).sum::<Money>() > MAX_AMOUNT,
        "lines",
        "add up to more than 99999999.99",
    );
    (!found.0.is_empty()).then_some(ClaimError { problems: found.0 })
}

fn parties(draft: &ClaimDraft, found: &mut Found) {
    party_name("billing_provider.name", &draft.billing_provider.name, found);
    found.when(draft.billing_provider.secondary_ids.len() > 2, "billing_provider.secondary_ids", "are more than two");
    person("subscriber.name", &draft.subscriber.name, found);
    match &draft.patient {
        None => {
            let subscriber = &draft.subscriber;
            let rule = "is needed when the subscriber is the patient";
            found.when(subscriber.birth_date.is_none(), "subscriber.birth_date", rule);
            found.when(subscriber.sex.is_none(), "subscriber.sex", rule);
            found.when(subscriber.address.is_none(), "subscriber.address", rule);
        }
        Some(patient) => {
            person("patient.name", &patient.name, found);
            found.when(
                patient.relationship == Relationship::SelfSame,
                "patient.relationship",
                "is self: leave the patient out",
            );
            code("patient.relationship", patient.relationship.code(), 2, found);
        }
    }
    payer("payer", &draft.payer, &draft.payer_sequence, found);
    for (path, provider) in
        [("referring", &draft.referring), ("rendering", &draft.rendering), ("supervising", &draft.supervising)]
    {
        if let Some(provider) = provider {
            self::provider(path, provider, found);
        }
    }
    found.when(
        draft.facility.as_ref().is_some_and(|f| f.secondary_ids.len() > 3),
        "facility.secondary_ids",
        "are more than three",
    );
}

fn case(draft: &ClaimDraft, found: &mut Found) {
    code("payer_sequence", draft.payer_sequence.code(), 1, found);
    code("assignment", draft.assignment.code(), 1, found);
    code("benefits_assignment", draft.benefits_assignment.code(), 1, found);
    code("release", draft.release.code(), 1, found);
    for (path, value) in [("special_program", &draft.special_program), ("delay_reason", &draft.delay_reason)] {
        if let Some(value) = value {
            code(path, value, 3, found);
        }
    }
    let causes = &draft.related_causes;
    let accident = causes.auto_accident.is_some() || causes.other_accident;
    found.when(accident && draft.dates.accident.is_none(), "dates.accident", "is needed when an accident is the cause");
    let all = causes.employment && causes.auto_accident.is_some() && causes.other_accident;
    found.when(all, "related_causes", "are more than two");
    let disability = (draft.dates.disability_from, draft.dates.disability_to);
    found.when(
        matches!(disability, (Some(from), Some(to)) if to < from),
        "dates.disability_to",
        "lies before the begin of the disability",
    );
    found.when(
        draft.patient_paid.is_some_and(|paid| paid.is_negative() || paid > MAX_AMOUNT),
        "patient_paid",
        "is out of range",
    );
    if let Some(note) = &draft.note {
        code("note.kind", note.kind.code(), 3, found);
    }
    found.when(draft.diagnoses.is_empty(), "diagnoses", "are missing");
    found.when(draft.diagnoses.len() > ClaimDraft::MAX_DIAGNOSES, "diagnoses", "are more than twelve");
    for (i, diagnosis) in draft.diagnoses.iter().enumerate() {
        found.when(draft.diagnoses[..i].contains(diagnosis), format!("diagnoses[{i}]"), "is listed already");
    }
    found.when(draft.condition_codes.len() > 12, "condition_codes", "are more than twelve");
}

fn payer(path: &str, payer: &Payer, sequence: &PayerSequence, found: &mut Found) {
    code(&format!("{path}.id_kind"), payer.id_kind.code(), 2, found);
    code(&format!("{path}.filing_indicator"), payer.filing_indicator.code(), 2, found);
    match &payer.insurance_type {
        Some(kind) => code(&format!("{path}.insurance_type"), kind, 3, found),
        None => found.when(
            payer.filing_indicator.is_medicare() && *sequence != PayerSequence::Primary,
            format!("{path}.insurance_type"),
            "is needed when medicare is not the first payer",
        ),
    }
    found.when(payer.billing_provider_ids.len() > 2, format!("{path}.billing_provider_ids"), "are more than two");
}

fn other_payer(draft: &ClaimDraft, i: usize, other: &OtherPayer, found: &mut Found) {
    let path = format!("other_payers[{i}]");
    code(&format!("{path}.sequence"), other.sequence.code(), 1, found);
    code(&format!("{path}.benefits_assignment"), other.benefits_assignment.code(), 1, found);
    code(&format!("{path}.release"), other.release.code(), 1, found);
    code(&format!("{path}.subscriber.relationship"), other.subscriber.relationship.code(), 2, found);
    person(&format!("{path}.subscriber.name"), &other.subscriber.name, found);
    payer(&format!("{path}.payer"), &other.payer, &other.sequence, found);
    let known = |p: &PayerSequence| *p != PayerSequence::Unknown;
    let taken = other.sequence == draft.payer_sequence
        || draft.other_payers[..i].iter().any(|earlier| earlier.sequence == other.sequence);
    found.when(taken && known(&other.sequence), format!("{path}.sequence"), "is taken by another payer of the claim");
    let again =
        other.payer.id == draft.payer.id || draft.other_payers[..i].iter().any(|p| p.payer.id == other.payer.id);
    found.when(again, format!("{path}.payer.id"), "is that of another payer of the claim");

    let decided: Vec<&LineAdjudication> =
        draft.lines.iter().flat_map(|l| &l.adjudications).filter(|a| a.payer == other.payer.id).collect();
    let Some(adjudication) = &other.adjudication else {
        found.when(!decided.is_empty(), format!("{path}.adjudication"), "is missing though lines carry its decisions");
        return;
    };
    adjustments(&format!("{path}.adjudication.adjustments"), &adjudication.adjustments, found);
    found.when(adjudication.remarks.len() > 5, format!("{path}.adjudication.remarks"), "are more than five");
    for (j, remark) in adjudication.remarks.iter().enumerate() {
        code(&format!("{path}.adjudication.remarks[{j}]"), remark, 50, found);
    }
    let charged: Money = draft.lines.iter().map(|l| l.charge).sum();
    let lowered: Money = adjudication.adjustments.iter().map(|a| a.amount).sum();
    let of_lines: Money = decided.iter().flat_map(|a| &a.adjustments).map(|a| a.amount).sum();
    found.when(
        charged - lowered - of_lines != adjudication.paid,
        format!("{path}.adjudication"),
        "does not balance: charges less adjustments are not what was paid",
    );
}

fn service_line(draft: &ClaimDraft, i: usize, line: &ServiceLine, found: &mut Found) {
    let path = format!("lines[{i}]");
    found.when(line.charge.is_negative() || line.charge > MAX_AMOUNT, format!("{path}.charge"), "is out of range");
    code(&format!("{path}.unit_kind"), line.unit_kind.code(), 2, found);
    let pointers = format!("{path}.pointers");
    found.when(line.pointers.is_empty(), pointers.clone(), "are missing: a line names at least one diagnosis");
    found.when(line.pointers.len() > 4, pointers.clone(), "are more than four");
    for (j, &pointer) in line.pointers.iter().enumerate() {
        let missing = pointer == 0 || usize::from(pointer) > draft.diagnoses.len();
        found.when(missing, pointers.clone(), "name a diagnosis that the claim does not have");
        found.when(line.pointers[..j].contains(&pointer), pointers.clone(), "name a diagnosis twice");
    }
    if let Some(number) = &line.control_number {
        let taken = draft.lines[..i].iter().any(|earlier| earlier.control_number.as_ref() == Some(number));
        found.when(taken, format!("{path}.control_number"), "is that of an earlier line");
    }
    if let Some(drug) = &line.drug {
        code(&format!("{path}.drug.unit"), drug.unit.code(), 2, found);
    }
    if let Some(rendering) = &line.rendering {
        provider(&format!("{path}.rendering"), rendering, found);
    }
    found.when(line.adjudications.len() > 15, format!("{path}.adjudications"), "are more than fifteen");
    for (j, decision) in line.adjudications.iter().enumerate() {
        let path = format!("{path}.adjudications[{j}]");
        let known = draft.other_payers.iter().any(|other| other.payer.id == decision.payer);
        found.when(!known, format!("{path}.payer"), "is not among the other payers");
        adjustments(&format!("{path}.adjustments"), &decision.adjustments, found);
        let into = decision.bundled_into.map(usize::from);
        found.when(
            into.is_some_and(|line| line == 0 || line > draft.lines.len()),
            format!("{path}.bundled_into"),
            "names a line that the claim does not have",
        );
        let lowered: Money = decision.adjustments.iter().map(|a| a.amount).sum();
        found.when(
            line.charge - lowered != decision.paid,
            path,
            "does not balance: the charge less adjustments is not what was paid",
        );
    }
}

fn adjustments(path: &str, list: &[Adjustment], found: &mut Found) {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for (i, adjustment) in list.iter().enumerate() {
        code(&format!("{path}[{i}].group"), adjustment.group.code(), 2, found);
        code(&format!("{path}[{i}].reason"), &adjustment.reason, 5, found);
        found.when(adjustment.amount.abs() > MAX_AMOUNT, format!("{path}[{i}].amount"), "is out of range");
        match groups.iter_mut().find(|(group, _)| *group == adjustment.group.code()) {
            Some((_, count)) => *count += 1,
            None => groups.push((adjustment.group.code(), 1)),
        }
    }
    let segments: usize = groups.iter().map(|(_, count)| count.div_ceil(6)).sum();
    found.when(segments > 5, path, "need more than five segments of six");
}

fn provider(path: &str, provider: &Provider, found: &mut Found) {
    party_name(&format!("{path}.name"), &provider.name, found);
    let unnamed = provider.npi.is_none() && provider.secondary_ids.is_empty();
    found.when(unnamed, format!("{path}.npi"), "is missing, and so is any other number");
    found.when(provider.secondary_ids.len() > 3, format!("{path}.secondary_ids"), "are more than three");
    for (i, id) in provider.secondary_ids.iter().enumerate() {
        code(&format!("{path}.secondary_ids[{i}].qualifier"), id.qualifier.code(), 3, found);
    }
}

fn party_name(path: &str, name: &PartyName, found: &mut Found) {
    if let PartyName::Person(name) = name {
        person(path, name, found);
    }
}

/// Lengths of NM104, NM105 and NM107; the last name's is that of its type.
fn person(path: &str, name: &PersonName, found: &mut Found) {
    for (part, value, max) in [("first", &name.first, 35), ("middle", &name.middle, 25), ("suffix", &name.suffix, 10)] {
        let long = value.as_ref().is_some_and(|v| v.expose().chars().count() > max);
        found.when(long, format!("{path}.{part}"), "is longer than x12 allows");
    }
}

fn code(path: &str, value: &str, max: usize, found: &mut Found) {
    let shaped = (1..=max).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric());
    found.when(!shaped, path, "is not a code");
}
