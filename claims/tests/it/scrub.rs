use mentalspace_claims::claim::{Claim, PayerSequence};
use mentalspace_claims::scrub::{Severity, scrub};
use mentalspace_core::{Address, Icd10Cm, Modifier, PlaceOfService};

use crate::people::{claim, draft, line};

fn rules(claim: &Claim) -> Vec<&'static str> {
    scrub(claim).iter().map(|f| f.rule).collect()
}

#[test]
fn a_clean_claim_has_no_finding() {
    assert_eq!(rules(&claim("C1")), Vec::<&str>::new());
}

/// P4.
#[test]
fn a_billing_zip_of_five_digits_is_an_edit_and_not_a_deletion() {
    let mut draft = draft("C1");
    draft.billing_provider.address = Address::new("1 Main", "Austin", "TX", "78701").unwrap();
    let claim = Claim::try_from(draft).unwrap();
    let findings = scrub(&claim);
    assert_eq!((findings[0].rule, findings[0].severity), ("billing-zip", Severity::Error));
    assert_eq!(findings[0].path, "billing_provider.address.zip");
}

/// T1.
#[test]
fn a_missing_telehealth_modifier_is_caught_before_submission() {
    let mut draft = draft("C1");
    draft.place_of_service = PlaceOfService::telehealth_home();
    assert_eq!(rules(&Claim::try_from(draft.clone()).unwrap()), ["telehealth-modifier"]);
    draft.lines[0].modifiers.push(Modifier::parse("95").unwrap()).unwrap();
    assert!(rules(&Claim::try_from(draft.clone()).unwrap()).is_empty());
    draft.place_of_service = PlaceOfService::office();
    assert_eq!(rules(&Claim::try_from(draft).unwrap()), ["telehealth-place"]);
}

/// P14.
#[test]
fn an_unclassified_code_needs_words() {
    let mut draft = draft("C1");
    draft.lines.push(line("90899", "20"));
    let claim = Claim::try_from(draft).unwrap();
    let found = scrub(&claim);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "lines[1].description");
    assert!(found[0].message.starts_with("line 2:"));
}

#[test]
fn each_further_rule_finds_its_case() {
    let mut draft = draft("C1");
    draft.diagnoses = vec![Icd10Cm::parse("X78.1").unwrap()];
    draft.rendering = None;
    draft.payer_sequence = PayerSequence::Secondary;
    draft.billing_provider.taxonomy = None;
    draft.billing_provider.address = Address::new("P.O. Box 12", "Austin", "TX", "78701-1234").unwrap();
    draft.place_of_service = PlaceOfService::parse("77").unwrap();
    draft.lines.push(line("90837", "0"));
    let expected = [
        "billing-street",
        "billing-taxonomy",
        "rendering-missing",
        "first-diagnosis",
        "earlier-decision",
        "place-of-service",
        "place-of-service",
        "zero-charge",
        "duplicate-line",
    ];
    assert_eq!(rules(&Claim::try_from(draft).unwrap()), expected);
}
