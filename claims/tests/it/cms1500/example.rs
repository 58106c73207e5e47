//! Claims to print. All people and numbers are made up.

use chrono::NaiveDate;
use mentalspace_claims::claim::{
    Adjudication, Adjustment, AdjustmentGroup, BillingProvider, Claim, ClaimControlNumber, ClaimDraft, ClaimNote,
    ConditionCode, Contact, Drug, DrugUnit, Facility, FilingIndicator, FreeText, Frequency, IdQualifier, MemberId, Ndc,
    NoteKind, OrganizationName, OtherPayer, OtherSubscriber, PartyName, Patient, Payer, PayerCode, PayerSequence,
    Provider, Quantity, Reference, Relationship, SecondaryId, ServiceLine, Subscriber,
};
use mentalspace_core::{
    Address, AddressLine, DateOfService, Icd10Cm, Modifier, Money, NamePart, Npi, PayerSex, PersonName, Phi, Phone,
    PlaceOfService, ProcedureCode, TaxId, Taxonomy, UsState,
};

pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(super) fn name(first: &str, middle: &str, last: &str) -> PersonName {
    let mut name = PersonName::new(first, last).unwrap();
    name.middle = NamePart::parse(middle).ok();
    name
}

pub(super) fn organization(name: &str) -> OrganizationName {
    OrganizationName::parse(name).unwrap()
}

pub(super) fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

pub(super) fn diagnoses(codes: &[&str]) -> Vec<Icd10Cm> {
    codes.iter().map(|code| Icd10Cm::parse(*code).unwrap()).collect()
}

pub(super) fn line(procedure: &str, cents: i64, pointers: &[u8]) -> ServiceLine {
    let procedure = ProcedureCode::parse(procedure).unwrap();
    let dates = DateOfService::on(day(2026, 3, 9));
    ServiceLine::new(procedure, Money::from_cents(cents), Quantity::ONE, dates, pointers)
}

pub(super) fn address(street: &str) -> Address {
    Address::new(street, "Springfield", "IL", "62704-1234").unwrap()
}

/// A subscriber, one diagnosis, one session in the office.
pub(super) fn plain() -> ClaimDraft {
    let practice = PartyName::Organization(organization("Lakeside Counseling"));
    let npi = Npi::parse("1234567893").unwrap();
    let tax_id = TaxId::ein("12-3456789").unwrap();
    let mut subscriber = Subscriber::new(name("Ana", "Maria", "Lopez"), MemberId::parse("XYZ123456789").unwrap());
    subscriber.birth_date = Some(Phi::new(day(1988, 7, 4)));
    subscriber.sex = Some(PayerSex::Female);
    subscriber.address = Some(address("12 Elm St"));
    ClaimDraft::new(
        ClaimControlNumber::parse("C1000042").unwrap(),
        BillingProvider::new(practice, npi, tax_id, address("500 Lake Ave")),
        subscriber,
        Payer::new(organization("Prairie Health"), PayerCode::parse("60054").unwrap(), FilingIndicator::Commercial),
        PlaceOfService::office(),
        diagnoses(&["F41.1"]),
        vec![line("90837", 15_000, &[1])],
    )
}

pub(super) fn claim(draft: ClaimDraft) -> Claim {
    Claim::try_from(draft).unwrap()
}

fn provider(person: PersonName, npi: &str, id: Option<(IdQualifier, &str)>) -> Provider {
    let mut provider = Provider::new(PartyName::Person(person), Npi::parse(npi).unwrap());
    provider.secondary_ids = secondary(id);
    provider
}

fn secondary(id: Option<(IdQualifier, &str)>) -> Vec<SecondaryId> {
    id.map(|(qualifier, value)| SecondaryId { qualifier, value: reference(value) }).into_iter().collect()
}

/// A replacement claim for a child, after another payer, with every item the form has for it.
pub(super) fn full() -> ClaimDraft {
    let mut draft = plain();
    let subscriber = &mut draft.subscriber;
    subscriber.name.suffix = NamePart::parse("Jr").ok();
    subscriber.phone = Phone::parse("217-555-0134").ok();
    subscriber.group_number = Some(reference("GRP-7781"));
    subscriber.group_name = Some(organization("Prairie PPO Gold"));
    subscriber.casualty_claim_number = Some(reference("PC-20260041"));
    let mut patient = Patient::new(
        Relationship::Child,
        name("Tom", "B", "Lopez-Reed"),
        day(2014, 2, 28),
        PayerSex::Male,
        address("7 Oak Ct"),
    );
    patient.address.line2 = AddressLine::parse("Apt 3").ok();
    patient.phone = Phone::parse("217-555-0177").ok();
    draft.patient = Some(patient);

    draft.payer.address = Some(address("PO Box 981106"));
    draft.payer.billing_provider_ids = secondary(Some((IdQualifier::PayerAssigned, "PRV998")));
    draft.payer_sequence = PayerSequence::Secondary;
    draft.frequency = Frequency::Replacement { payer_claim_number: reference("2026055512345") };
    draft.billing_provider.contact = Some(Contact { phone: Phone::parse("217-555-0100").ok(), ..Contact::default() });
    draft.related_causes.employment = true;
    draft.related_causes.auto_accident = UsState::parse("IL").ok();
    draft.dates.onset = Some(day(2026, 1, 15));
    draft.dates.accident = Some(day(2026, 1, 14));
    draft.dates.disability_from = Some(day(2026, 1, 16));
    draft.dates.disability_to = Some(day(2026, 2, 1));
    draft.dates.admission = Some(day(2026, 1, 17));
    draft.dates.discharge = Some(day(2026, 1, 20));
    draft.patient_paid = Some(Money::from_cents(2_550));
    draft.prior_authorization = Some(reference("AUTH-55 01"));
    draft.note = Some(ClaimNote {
        kind: NoteKind::Additional,
        text: FreeText::parse("Family session held with both parents, interpreter present").unwrap(),
    });
    draft.diagnoses = diagnoses(&[
        "F41.1", "F33.1", "F43.10", "F90.2", "F50.00", "F84.0", "F42.2", "F60.3", "F10.20", "Z63.0", "F51.01", "F99",
    ]);
    draft.condition_codes = ["AA", "AB"].map(|code| ConditionCode::parse(code).unwrap()).to_vec();
    draft.referring =
        Some(provider(name("Grace", "Ann", "Ito"), "1992999874", Some((IdQualifier::StateLicense, "IL04471"))));
    let mut rendering = provider(name("Ben", "C", "Wood"), "1245319599", None);
    rendering.taxonomy = Taxonomy::parse("103TC0700X").ok();
    draft.rendering = Some(rendering);
    let mut facility = Facility::new(organization("Lakeside West"), address("9 West Rd"));
    facility.npi = Npi::parse("1234567893").ok();
    facility.secondary_ids = secondary(Some((IdQualifier::Location, "W2")));
    draft.facility = Some(facility);
    draft.lines = vec![busy_line(), line("96127", 995, &[2])];
    draft.other_payers = vec![other_payer(&draft)];
    draft
}

fn busy_line() -> ServiceLine {
    let mut line = line("90853", 123_456, &[3, 1, 12, 2]);
    line.dates = DateOfService::span(day(2026, 3, 2), day(2026, 3, 6)).unwrap();
    for modifier in ["95", "HO", "U1", "59"] {
        line.modifiers.push(Modifier::parse(modifier).unwrap()).unwrap();
    }
    line.units = Quantity::new("2.5".parse().unwrap()).unwrap();
    line.place_of_service = Some(PlaceOfService::telehealth_home());
    line.emergency = true;
    line.family_planning = true;
    line.drug = Some(Drug {
        ndc: Ndc::parse("12345-6789-01").unwrap(),
        quantity: Quantity::new("1.5".parse().unwrap()).unwrap(),
        unit: DrugUnit::Milliliter,
        prescription: None,
    });
    line.note = FreeText::parse("extended").ok();
    line
}

fn other_payer(draft: &ClaimDraft) -> OtherPayer {
    let subscriber = OtherSubscriber {
        name: name("Ruth", "", "Reed"),
        member_id: MemberId::parse("R55512").unwrap(),
        relationship: Relationship::Child,
        address: None,
        group_number: Some(reference("R-900")),
        group_name: Some(organization("Harbor Plan")),
    };
    let code = PayerCode::parse("87726").unwrap();
    let payer = Payer::new(organization("Harbor Mutual"), code, FilingIndicator::Commercial);
    let mut other = OtherPayer::new(PayerSequence::Primary, subscriber, payer);
    let charged: Money = draft.lines.iter().map(|line| line.charge).sum();
    let paid = Money::from_cents(80_000);
    other.adjudication = Some(Adjudication {
        paid,
        paid_on: day(2026, 4, 1),
        adjustments: vec![Adjustment {
            group: AdjustmentGroup::Contractual,
            reason: "45".to_owned(),
            amount: charged - paid,
            quantity: None,
        }],
        non_covered: None,
        remaining_patient_liability: None,
        remarks: Vec::new(),
    });
    other
}
