use chrono::NaiveDate;
use mentalspace_claims::claim::{
    Adjudication, Adjustment, AdjustmentGroup, Claim, ClaimDraft, ClaimError, ClaimType, FilingIndicator, Frequency,
    LineAdjudication, OtherPayer, OtherSubscriber, PayerCode, PayerSequence, Reference, Relationship,
};
use mentalspace_core::{Icd10Cm, Money};
use proptest::prelude::*;

use crate::people::{child, claim, day, draft, line, payer, subscriber};

fn refused(draft: ClaimDraft) -> Vec<String> {
    let error: ClaimError = Claim::try_from(draft).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

pub(crate) fn other_payer() -> OtherPayer {
    let mut insurer = payer();
    insurer.id = PayerCode::parse("OTHER1").unwrap();
    let person = subscriber();
    let subscriber = OtherSubscriber {
        name: person.name,
        member_id: person.member_id,
        relationship: Relationship::SelfSame,
        address: None,
        group_number: None,
        group_name: None,
    };
    OtherPayer::new(PayerSequence::Primary, subscriber, insurer)
}

pub(crate) fn adjustment(group: AdjustmentGroup, reason: &str, cents: i64) -> Adjustment {
    Adjustment { group, reason: reason.to_owned(), amount: Money::from_cents(cents), quantity: None }
}

pub(crate) fn paid_on() -> NaiveDate {
    day("2024-02-01")
}

pub(crate) fn secondary(number: &str) -> ClaimDraft {
    let mut draft = draft(number);
    draft.payer_sequence = PayerSequence::Secondary;
    let mut other = other_payer();
    other.claim_number = Some(Reference::parse("PCN99").unwrap());
    let adjustments = vec![
        adjustment(AdjustmentGroup::Contractual, "45", 3000),
        adjustment(AdjustmentGroup::PatientResponsibility, "2", 2000),
    ];
    other.adjudication = Some(Adjudication {
        paid: Money::from_cents(10_000),
        paid_on: paid_on(),
        adjustments: Vec::new(),
        non_covered: None,
        remaining_patient_liability: Some(Money::from_cents(2000)),
        remarks: vec!["MA01".to_owned()],
    });
    draft.lines[0].adjudications.push(LineAdjudication {
        payer: other.payer.id.clone(),
        paid: Money::from_cents(10_000),
        procedure: None,
        modifiers: Default::default(),
        units: None,
        bundled_into: None,
        adjustments,
        paid_on: paid_on(),
        remaining_patient_liability: None,
    });
    draft.other_payers.push(other);
    draft
}

#[test]
fn all_problems_are_listed_at_once_with_their_places() {
    let mut draft = draft("C1");
    draft.subscriber.address = None;
    draft.lines.push(line("90834", "120"));
    draft.lines[1].pointers = vec![3];
    draft.diagnoses.push(Icd10Cm::parse("F41.1").unwrap());
    draft.diagnoses.push(Icd10Cm::parse("F32.0").unwrap());
    draft.lines[0].pointers.clear();
    draft.related_causes.other_accident = true;
    insta::assert_snapshot!(refused(draft).join("\n"), @r"
    subscriber.address is needed when the subscriber is the patient
    dates.accident is needed when an accident is the cause
    diagnoses[2] is listed already
    lines[0].pointers are missing: a line names at least one diagnosis
    ");
}

/// P17, F1.
#[test]
fn a_line_without_a_diagnosis_pointer_is_refused_with_its_number() {
    let mut draft = draft("C1");
    draft.lines[0].pointers.clear();
    assert!(refused(draft)[0].starts_with("lines[0].pointers"));
}

/// P10.
#[test]
fn a_replacement_without_the_payers_number_cannot_be_written_down() {
    let mut json = serde_json::to_value(claim("C1")).unwrap();
    json["frequency"] = serde_json::json!({"kind": "replacement"});
    assert!(serde_json::from_value::<Claim>(json.clone()).is_err());
    json["frequency"] = serde_json::json!({"kind": "original", "payer_claim_number": "X"});
    assert!(serde_json::from_value::<Claim>(json).is_err());
    let number = Reference::parse("X1").unwrap();
    assert_eq!(Frequency::Void { payer_claim_number: number }.code(), "8");
}

/// P7.
#[test]
fn medicare_that_is_not_the_first_payer_needs_an_insurance_type() {
    let mut draft = secondary("C1");
    draft.payer.filing_indicator = FilingIndicator::MedicareB;
    assert_eq!(refused(draft.clone()), ["payer.insurance_type is needed when medicare is not the first payer"]);
    draft.payer.insurance_type = Some("12".to_owned());
    assert!(Claim::try_from(draft).is_ok());
}

/// P8.
#[test]
fn an_earlier_payers_decision_must_tie_to_what_it_paid() {
    let mut draft = secondary("C1");
    assert!(Claim::try_from(draft.clone()).is_ok());
    draft.lines[0].adjudications[0].adjustments[0].amount = Money::from_cents(3001);
    assert_eq!(
        refused(draft),
        [
            "other_payers[0].adjudication does not balance: charges less adjustments are not what was paid",
            "lines[0].adjudications[0] does not balance: the charge less adjustments is not what was paid"
        ]
    );
}

/// P15.
#[test]
fn an_institutional_claim_is_refused() {
    let mut draft = draft("C1");
    draft.claim_type = ClaimType::Institutional;
    assert_eq!(refused(draft), ["claim_type is not supported: only professional claims are"]);
}

/// P18.
#[test]
fn hcpcs_letters_and_alphanumeric_cpt_codes_are_accepted() {
    let mut draft = draft("C1");
    draft.lines = ["H0004", "G0463", "0362T", "90837"].map(|code| line(code, "10")).to_vec();
    assert!(Claim::try_from(draft).is_ok());
}

/// P12.
#[test]
fn a_rendering_provider_has_a_number() {
    let mut draft = draft("C1");
    if let Some(rendering) = &mut draft.rendering {
        rendering.npi = None;
    }
    assert_eq!(refused(draft), ["rendering.npi is missing, and so is any other number"]);
}

#[test]
fn a_patient_who_is_the_subscriber_is_left_out() {
    let mut draft = draft("C1");
    let mut patient = child();
    patient.relationship = Relationship::SelfSame;
    draft.patient = Some(patient);
    assert_eq!(refused(draft), ["patient.relationship is self: leave the patient out"]);
}

/// F3.
#[test]
fn line_to_diagnosis_links_survive_reordering() {
    let mut draft = draft("C1");
    draft.diagnoses.push(Icd10Cm::parse("Z63.0").unwrap());
    draft.lines[0].pointers = vec![1, 3];
    let meant = |d: &ClaimDraft| -> Vec<String> {
        d.lines[0].pointers.iter().map(|p| d.diagnoses[usize::from(*p) - 1].to_string()).collect()
    };
    let before = meant(&draft);
    for (from, to) in [(1, 3), (3, 1), (2, 3), (3, 2), (9, 1), (0, 2)] {
        draft.move_diagnosis(from, to);
        assert_eq!(meant(&draft), before);
    }
}

#[test]
fn the_total_follows_from_the_lines() {
    let mut draft = draft("C1");
    draft.lines.push(line("90785", "15.25"));
    let claim = Claim::try_from(draft).unwrap();
    assert_eq!(claim.total().to_string(), "165.25");
    let mut json = serde_json::to_value(&claim).unwrap();
    json["total"] = "1.00".into();
    assert!(serde_json::from_value::<Claim>(json).is_err());
}

#[test]
fn the_json_form_is_stable() {
    let claim = Claim::try_from(secondary("C1")).unwrap();
    insta::assert_json_snapshot!(claim);
    let text = serde_json::to_string(&claim).unwrap();
    assert_eq!(serde_json::from_str::<Claim>(&text).unwrap(), claim);
}

#[test]
fn debug_shows_nobody() {
    let mut draft = secondary("C1");
    draft.patient = Some(child());
    let claim = Claim::try_from(draft).unwrap();
    let shown = format!(
        "{claim:?} {:?} {:?} {:?} {:?} {:?}",
        claim.subscriber, claim.patient, claim.lines, claim.other_payers, claim.dates
    );
    for secret in ["Rivers", "Alex", "Noel", "W123456789", "1985", "2012", "Cedar", "F411", "2024", "90837"] {
        assert!(!shown.contains(secret), "{secret} shows");
    }
}

proptest! {
    #[test]
    fn moving_a_diagnosis_back_changes_nothing(from in 1_u8..=4, to in 1_u8..=4) {
        let mut draft = draft("C1");
        draft.diagnoses = ["F41.1", "F33.1", "Z63.0", "F43.10"].map(|c| Icd10Cm::parse(c).unwrap()).to_vec();
        draft.lines[0].pointers = vec![2, 4, 1];
        let before = draft.clone();
        draft.move_diagnosis(from, to);
        draft.move_diagnosis(to, from);
        prop_assert_eq!(draft, before);
    }
}
