use std::collections::HashMap;
use std::path::{Path, PathBuf};

use mentalspace_claims::claim::{
    Adjudication, AdjustmentGroup, Claim, ClaimDraft, ClaimNote, ConditionCode, Contact, Drug, DrugUnit, Facility,
    FreeText, Frequency, IdQualifier, Ndc, NoteKind, PartyName, PayerCode, Provider, Reference, RelatedCauses,
    SecondaryId,
};
use mentalspace_claims::transaction::p837::{RejectReason, SubmissionError, Written, write};
use mentalspace_claims::x12::{Envelope, Reader, Segment, Unwritable, Usage};
use mentalspace_core::{Address, DateOfService, Icd10Cm, Modifier, Money, Npi, PersonName, Phone, PlaceOfService};

use super::claim::{adjustment, other_payer, paid_on, secondary};
use crate::people::{address, child, claim, clinician, day, draft, line, organization, submission};

fn text(written: &Written) -> String {
    String::from_utf8(written.file.clone().unwrap()).unwrap().replace('~', "~\n")
}

fn one(draft: ClaimDraft) -> String {
    text(&write(&submission(), &[Claim::try_from(draft).unwrap()]).unwrap())
}

fn reference(number: &str) -> Option<Reference> {
    Some(Reference::parse(number).unwrap())
}

/// A claim with every part that the model has.
fn complete() -> ClaimDraft {
    let mut draft = secondary("FULL-1");
    draft.patient = Some(child());
    draft.subscriber.group_number = reference("GRP1");
    draft.subscriber.casualty_claim_number = reference("CASE77");
    draft.billing_provider.pay_to = Some(Address::new("PO Box 12", "Austin", "TX", "78702").unwrap());
    draft.billing_provider.contact =
        Some(Contact { phone: Some(Phone::parse("512-555-0199").unwrap()), ..Contact::default() });
    draft.billing_provider.secondary_ids =
        vec![SecondaryId { qualifier: IdQualifier::StateLicense, value: Reference::parse("LIC9").unwrap() }];
    draft.payer.address = Some(address("1 Plan Way"));
    draft.payer.billing_provider_ids =
        vec![SecondaryId { qualifier: IdQualifier::PayerAssigned, value: Reference::parse("G2NUM").unwrap() }];
    draft.related_causes =
        RelatedCauses { employment: true, auto_accident: Some("TX".parse().unwrap()), other_accident: false };
    draft.special_program = Some("02".to_owned());
    draft.delay_reason = Some("9".to_owned());
    let dates = &mut draft.dates;
    dates.onset = Some(day("2023-11-01"));
    dates.initial_treatment = Some(day("2023-11-05"));
    dates.last_seen = Some(day("2023-12-05"));
    dates.acute_manifestation = Some(day("2023-11-02"));
    dates.accident = Some(day("2023-10-30"));
    dates.disability_from = Some(day("2023-11-01"));
    dates.disability_to = Some(day("2023-12-01"));
    dates.last_worked = Some(day("2023-10-31"));
    dates.return_to_work = Some(day("2023-12-02"));
    dates.admission = Some(day("2023-11-01"));
    dates.discharge = Some(day("2023-11-03"));
    dates.care_assumed = Some(day("2023-11-04"));
    dates.care_relinquished = Some(day("2024-01-31"));
    dates.first_contact = Some(day("2023-11-01"));
    draft.patient_paid = Some(Money::from_cents(2050));
    draft.prior_authorization = reference("AUTH1");
    draft.referral_number = reference("REFER1");
    draft.medical_record_number = reference("MRN1");
    draft.note = Some(ClaimNote { kind: NoteKind::Additional, text: FreeText::parse("Note of the claim").unwrap() });
    draft.condition_codes = vec![ConditionCode::parse("AA").unwrap()];
    let person = |first, npi| {
        Provider::new(PartyName::Person(PersonName::new(first, "Vale").unwrap()), Npi::parse(npi).unwrap())
    };
    draft.referring = Some(person("Kim", "1777777776"));
    draft.supervising = Some(person("Lee", "1666666668"));
    let mut facility =
        Facility::new(organization("Harbor Clinic"), Address::new("9 Bay Road", "Waco", "TX", "76701").unwrap());
    facility.npi = Some(Npi::parse("1555555550").unwrap());
    draft.facility = Some(facility);
    let first = &mut draft.lines[0];
    first.modifiers.push(Modifier::parse("95").unwrap()).unwrap();
    first.description = Some(FreeText::parse("words").unwrap());
    first.place_of_service = Some(PlaceOfService::telehealth_home());
    first.pointers = vec![2, 1];
    first.dates = DateOfService::span(day("2024-01-15"), day("2024-01-16")).unwrap();
    (first.emergency, first.epsdt, first.family_planning) = (true, true, true);
    first.prior_authorization = reference("AUTH2");
    first.drug = Some(Drug {
        ndc: Ndc::parse("00002-1433-80").unwrap(),
        quantity: "1.5".parse().unwrap(),
        unit: DrugUnit::Milliliter,
        prescription: reference("RX1"),
    });
    first.rendering = Some(clinician());
    first.note = Some(FreeText::parse("Note of the line").unwrap());
    draft
}

/// A second payer that decided about the claim as a whole, with more adjustments than one segment holds.
fn decided_as_a_whole() -> ClaimDraft {
    let mut draft = secondary("COB-2");
    draft.lines[0].adjudications.clear();
    let reasons = ["45", "131", "144", "253", "B", "C", "D"];
    let mut adjustments: Vec<_> = reasons.iter().map(|r| adjustment(AdjustmentGroup::Contractual, r, 1000)).collect();
    adjustments.insert(1, adjustment(AdjustmentGroup::PatientResponsibility, "1", 500));
    draft.other_payers[0].adjudication = Some(Adjudication {
        paid: Money::from_cents(7500),
        paid_on: paid_on(),
        adjustments,
        non_covered: Some(Money::from_cents(100)),
        remaining_patient_liability: None,
        remarks: Vec::new(),
    });
    let mut undecided = other_payer();
    undecided.payer.id = PayerCode::parse("THIRD").unwrap();
    undecided.sequence = "T".into();
    draft.other_payers.push(undecided);
    draft
}

pub(crate) fn cases() -> Vec<(&'static str, Vec<ClaimDraft>)> {
    let mut dependent = draft("DEP-1");
    dependent.patient = Some(child());
    let mut replacement = draft("REPL-1");
    replacement.frequency = Frequency::Replacement { payer_claim_number: Reference::parse("PCN1").unwrap() };
    let mut void = draft("VOID-1");
    void.frequency = Frequency::Void { payer_claim_number: Reference::parse("PCN2").unwrap() };
    let mut other_biller = draft("MANY-4");
    other_biller.billing_provider.name = PartyName::Person(PersonName::new("Robin", "Hale").unwrap());
    other_biller.rendering = None;
    let mut many_child = draft("MANY-3");
    many_child.patient = Some(child());
    let many = vec![draft("MANY-1"), many_child, other_biller, draft("MANY-2")];
    let mut twelve = draft("DX-12");
    let codes = ["F410", "F411", "F413", "F418", "F419", "F330", "F331", "F332", "F341", "F4310", "F4312", "F429"];
    twelve.diagnoses = codes.map(|code| Icd10Cm::parse(code).unwrap()).into();
    twelve.lines[0].pointers = vec![12, 1, 2, 3];
    vec![
        ("subscriber_is_patient", vec![draft("SELF-1")]),
        ("dependent_is_patient", vec![dependent]),
        ("replacement", vec![replacement]),
        ("void", vec![void]),
        ("secondary_by_line", vec![secondary("COB-1")]),
        ("secondary_by_claim", vec![decided_as_a_whole()]),
        ("every_loop", vec![complete()]),
        ("many_claims", many),
        ("twelve_diagnoses", vec![twelve]),
    ]
}

fn written(drafts: Vec<ClaimDraft>) -> Written {
    let claims: Vec<Claim> = drafts.into_iter().map(|d| Claim::try_from(d).unwrap()).collect();
    let written = write(&submission(), &claims).unwrap();
    assert!(written.rejected.is_empty());
    written
}

/// P1: every loop combination has its golden file. `MENTALSPACE_GOLDEN=write` writes them anew.
#[test]
fn each_combination_of_loops_is_written_as_its_golden_file() {
    for (name, drafts) in cases() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/837p/{name}.x12"));
        let text = text(&written(drafts));
        if std::env::var_os("MENTALSPACE_GOLDEN").is_some_and(|v| v == "write") {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(text, golden, "{name}");
    }
}

#[test]
fn the_envelope_of_every_file_is_clean() {
    for (name, drafts) in cases() {
        let file = written(drafts).file.unwrap();
        let mut envelope = Envelope::new();
        for segment in Reader::new(&file) {
            envelope.feed(&segment.unwrap());
        }
        envelope.finish();
        assert!(envelope.findings().is_empty(), "{name}: {:?}", envelope.findings());
    }
}

/// P1.
#[test]
fn one_bad_claim_is_reported_and_the_others_go_out() {
    let mut bad = draft("BAD");
    bad.patient = Some(child());
    bad.note = Some(ClaimNote { kind: NoteKind::Additional, text: FreeText::parse("A*B").unwrap() });
    let claims = vec![claim("GOOD-1"), Claim::try_from(bad).unwrap(), claim("GOOD-2"), claim("GOOD-1")];
    let mut strict = submission();
    strict.unwritable = Unwritable::Refuse;
    let written = write(&strict, &claims).unwrap();
    let accepted: Vec<_> = written.accepted.iter().map(ToString::to_string).collect();
    assert_eq!(accepted, ["GOOD-1", "GOOD-2"]);
    assert_eq!(written.rejected[0].reason.to_string(), "NTE02 holds a character that cannot be written");
    assert_eq!((written.rejected[0].index, written.rejected[1].index), (1, 3));
    assert_eq!(written.rejected[1].reason, RejectReason::Duplicate);
    // The levels of the bad claim are gone, and the numbers have no gap.
    let alone = write(&strict, [&claims[0], &claims[2]]).unwrap();
    assert_eq!(written.file, alone.file);
    let none = write(&strict, [&claims[1]]).unwrap();
    assert!(none.file.is_none() && none.accepted.is_empty());
}

/// P13.
#[test]
fn a_trial_run_is_the_real_one() {
    let mut production = submission();
    production.usage = Usage::Production;
    let real = text(&write(&production, &[claim("C1")]).unwrap());
    let trial = text(&write(&submission(), &[claim("C1")]).unwrap());
    assert_eq!(trial.replacen("*0*T*:", "*0*P*:", 1), real);
}

/// The classic injection, in every text that a person can type.
#[test]
fn no_text_field_lets_a_delimiter_through() {
    let plain = one(complete()).matches('\n').count();
    let mut strict = submission();
    strict.unwritable = Unwritable::Refuse;
    let json = serde_json::to_value(Claim::try_from(complete()).unwrap()).unwrap();
    let mut tried = 0;
    for pointer in text_fields(&json, "") {
        let mut changed = json.clone();
        *changed.pointer_mut(&pointer).unwrap() = "A*B~C:D".into();
        let Ok(claim) = serde_json::from_value::<Claim>(changed) else { continue };
        tried += 1;
        assert!(write(&strict, [&claim]).unwrap().file.is_none() || !used(&pointer), "{pointer}");
        if let Some(file) = write(&submission(), [&claim]).unwrap().file {
            let file = String::from_utf8(file).unwrap();
            assert_eq!(file.matches('~').count(), plain, "{pointer}");
        }
    }
    assert!(tried > 25, "only {tried} fields were tried");
}

/// Texts that are printed on paper only.
fn used(pointer: &str) -> bool {
    !pointer.ends_with("/group_name") && !pointer.starts_with("/subscriber/address")
}

fn text_fields(value: &serde_json::Value, path: &str) -> Vec<String> {
    match value {
        serde_json::Value::String(_) => vec![path.to_owned()],
        serde_json::Value::Array(list) => {
            list.iter().enumerate().flat_map(|(i, v)| text_fields(v, &format!("{path}/{i}"))).collect()
        }
        serde_json::Value::Object(map) => {
            map.iter().flat_map(|(k, v)| text_fields(v, &format!("{path}/{k}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// P3.
#[test]
fn the_claims_own_referring_provider_is_written() {
    let text = one(complete());
    assert_eq!(text.matches("NM1*DN*1*VALE*KIM****XX*1777777776~").count(), 1);
}

/// P4.
#[test]
fn a_facility_zip_of_five_digits_is_written_as_given() {
    assert!(one(complete()).contains("N4*WACO*TX*76701~"));
}

/// P5.
#[test]
fn taxonomy_and_facility_numbers_are_written_when_known() {
    let text = one(complete());
    assert!(text.contains("PRV*BI*PXC*251S00000X~") && text.contains("PRV*PE*PXC*1041C0700X~"));
    assert!(text.contains("NM1*77*2*HARBOR CLINIC*****XX*1555555550~"));
}

/// P6.
#[test]
fn assignments_and_signatures_follow_from_the_claim() {
    let mut draft = draft("C1");
    draft.assignment = "C".into();
    draft.benefits_assignment = "N".into();
    draft.release = "I".into();
    draft.provider_signature_on_file = false;
    assert!(one(draft).contains("CLM*C1*150***11:B:1*N*C*N*I~"));
}

/// P9.
#[test]
fn the_other_payers_claim_number_is_written() {
    assert!(one(secondary("C1")).contains("REF*F8*PCN99~"));
}

/// P10.
#[test]
fn frequency_and_original_number_go_together() {
    assert!(!one(draft("C1")).contains("REF*F8"));
    for (name, drafts) in cases().into_iter().filter(|(name, _)| matches!(*name, "replacement" | "void")) {
        let text = text(&written(drafts));
        let frequency = if name == "void" { ":8*" } else { ":7*" };
        assert!(text.contains(frequency) && text.contains("REF*F8*PCN"), "{name}");
    }
}

/// P8.
#[test]
fn adjustments_are_grouped_by_code_six_to_a_segment() {
    let text = one(decided_as_a_whole());
    let cas: Vec<&str> = text.lines().filter(|l| l.starts_with("CAS")).collect();
    assert_eq!(cas, ["CAS*CO*45*10**131*10**144*10**253*10**B*10**C*10~", "CAS*CO*D*10~", "CAS*PR*1*5~"]);
}

/// A.1.
#[test]
fn the_mistakes_of_naive_generators_are_absent() {
    let text = one(draft("C1"));
    assert!(text.starts_with("ISA*") && text.contains("*^*00501*"));
    assert!(text.contains("NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~"));
    assert!(text.contains("N3*7 CEDAR COURT~") && text.contains("DMG*D8*19850412*F~"));
    assert!(text.contains("HI*ABK:F411*ABF:F331~") && text.matches("HI*").count() == 1);
    assert!(!text.contains("DTP*434") && text.contains("NM1*82*1*HALE*ROBIN"));
}

#[test]
fn a_hundred_claims_of_one_patient_fill_a_loop_and_the_next_begins_another() {
    let claims: Vec<Claim> = (0..101).map(|n| claim(&format!("C{n}"))).collect();
    let text = text(&write(&submission(), &claims).unwrap());
    assert_eq!(text.matches("*22*0~").count(), 2);
    let mut split = submission();
    split.claims_per_set = 50;
    let text = self::text(&write(&split, &claims).unwrap());
    assert_eq!(text.matches("ST*837*").count(), 3);
    assert!(text.contains("BHT*0019*00*BATCH1-3*") && text.contains("GE*3*1~"));
}

#[test]
fn a_submitter_who_cannot_be_reached_is_refused() {
    let mut unreachable = submission();
    unreachable.submitter.contact = Contact::default();
    assert!(matches!(write(&unreachable, &[claim("C1")]), Err(SubmissionError::Contact)));
    let mut long = submission();
    long.sender.id = "A".repeat(16);
    assert!(matches!(write(&long, &[claim("C1")]), Err(SubmissionError::Write(_))));
}

#[test]
fn every_line_is_written_with_its_number() {
    let mut draft = draft("C1");
    draft.lines = (0..50).map(|_| line("90837", "1")).collect();
    let text = one(draft);
    assert!(text.contains("LX*50~") && text.matches("SV1*").count() == 50 && text.contains("CLM*C1*50*"));
}

/// P16: the order of loops and segments, their elements, codes and lengths, against the guide's table where present.
#[test]
fn every_file_follows_the_guides_table() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/x12");
    let folder = std::env::var_os("MENTALSPACE_X12_REFERENCE").map_or(beside, PathBuf::from);
    let Ok(table) = std::fs::read_to_string(folder.join("loops/837P-005010X222A1.tsv")) else {
        println!("guide table absent, 0 files");
        return;
    };
    let guide = Guide::parse(&table);
    let mut segments = 0;
    for (name, drafts) in cases() {
        let file = written(drafts).file.unwrap();
        let mut at = None;
        for segment in Reader::new(&file).map(Result::unwrap) {
            if matches!(segment.id(), b"ISA" | b"GS" | b"GE" | b"IEA") {
                continue;
            }
            let shown = String::from_utf8_lossy(segment.bytes()).into_owned();
            let next = guide.next(at, &segment).unwrap_or_else(|| panic!("{name}: {shown} cannot stand here"));
            guide.uses[next].check(&segment).unwrap_or_else(|e| panic!("{name}: {shown}: {e}"));
            at = Some(next);
            segments += 1;
        }
    }
    println!("guide table: {segments} segments checked");
    assert!(segments > 300);
}

struct Guide {
    uses: Vec<Use>,
}

struct Use {
    loop_path: String,
    id: String,
    repeats: bool,
    first: bool,
    elements: Vec<Element>,
}

struct Element {
    number: usize,
    component: Option<usize>,
    usage: String,
    kind: String,
    min: usize,
    max: usize,
    codes: Vec<String>,
}

impl Guide {
    fn parse(table: &str) -> Self {
        let mut uses: Vec<Use> = Vec::new();
        let mut seen: HashMap<String, ()> = HashMap::new();
        for row in table.lines().skip(1) {
            let cells: Vec<&str> = row.split('\t').chain(std::iter::repeat("")).take(14).collect();
            let (path, name, usage) = (cells[0], cells[2], cells[4]);
            if name.len() <= 3 && !name.is_empty() && cells[7].is_empty() && !cells[3].is_empty() {
                let first = seen.insert(path.to_owned(), ()).is_none() && !path.is_empty();
                let repeats = cells[5] != "1";
                uses.push(Use {
                    loop_path: path.to_owned(),
                    id: name.to_owned(),
                    repeats,
                    first,
                    elements: Vec::new(),
                });
            } else if let Some(current) = uses.last_mut() {
                let digits = &name[current.id.len()..];
                let (number, component) = digits.split_once('-').map_or((digits, None), |(n, c)| (n, c.parse().ok()));
                let plain = !cells[11].contains(' ');
                current.elements.push(Element {
                    number: number.parse().unwrap(),
                    component,
                    usage: usage.to_owned(),
                    kind: cells[8].to_owned(),
                    min: cells[9].parse().unwrap_or(0),
                    max: cells[10].parse().unwrap_or(usize::MAX),
                    codes: cells[11].split(',').filter(|c| plain && !c.is_empty()).map(str::to_owned).collect(),
                });
            }
        }
        assert!(uses.len() > 300, "the table was not understood");
        Self { uses }
    }

    /// Finds the use a segment stands for: forward in its loop or those around it, or the begin of a loop within those.
    fn next(&self, at: Option<usize>, segment: &Segment<'_>) -> Option<usize> {
        let here = at.map_or("", |i| self.uses[i].loop_path.as_str());
        let around = |path: &str| path.is_empty() || here == path || here.starts_with(&format!("{path}/"));
        let parent = |path: &str| path.rsplit_once('/').map_or("", |(p, _)| p).to_owned();
        let reachable = |i: usize, u: &Use| {
            let forward = at.is_none_or(|a| i > a || (i == a && u.repeats));
            (around(&u.loop_path) && forward) || (u.first && around(&parent(&u.loop_path)))
        };
        let fits = |(i, u): &(usize, &Use)| reachable(*i, u) && u.is(segment);
        let mut found: Vec<usize> = self.uses.iter().enumerate().filter(fits).map(|(i, _)| i).collect();
        // The nearest ahead; else a loop that begins again.
        found.sort_by_key(|i| (at.is_some_and(|a| *i < a), *i));
        found.first().copied()
    }
}

impl Use {
    /// Same id, and the qualifiers in the first elements fit.
    fn is(&self, segment: &Segment<'_>) -> bool {
        let text = |e: &Element| String::from_utf8_lossy(value(segment, e)).into_owned();
        let qualifier = |e: &&Element| match (e.number, e.component, self.id.as_str()) {
            (1, None, _) | (1, Some(1), "HI") | (3, None, "HL") => !e.codes.is_empty(),
            _ => false,
        };
        self.id.as_bytes() == segment.id() && self.elements.iter().filter(qualifier).all(|e| e.codes.contains(&text(e)))
    }

    fn check(&self, segment: &Segment<'_>) -> Result<(), String> {
        let count = segment.elements().count();
        let most = self.elements.iter().map(|e| e.number).max().unwrap_or(0);
        if count > most {
            return Err(format!("{count} elements, at most {most}"));
        }
        for element in &self.elements {
            let (number, found) = (element.number, value(segment, element));
            if element.component.is_some_and(|_| segment.element(number).is_empty()) || element.kind == "composite" {
                continue;
            }
            let length = match element.kind.as_str() {
                "R" => found.iter().filter(|b| b.is_ascii_digit()).count(),
                _ => found.len(),
            };
            let fault = match element.usage.as_str() {
                "R" if found.is_empty() => "is missing",
                "N" if !found.is_empty() => "is not used",
                _ if found.is_empty() => continue,
                _ if length < element.min || length > element.max => "has a wrong length",
                _ if !element.codes.is_empty() && !element.codes.iter().any(|c| c.as_bytes() == found) => {
                    "has no such code"
                }
                _ => continue,
            };
            return Err(format!("element {number}-{:?} {fault}", element.component));
        }
        Ok(())
    }
}

fn value<'a>(segment: &Segment<'a>, element: &Element) -> &'a [u8] {
    match element.component {
        Some(component) => segment.component(element.number, component),
        None => segment.element(element.number),
    }
}
