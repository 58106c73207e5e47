//! Synthetic people, payers and claims.

use chrono::NaiveDate;
use mentalspace_claims::claim::{
    BillingProvider, Claim, ClaimControlNumber, ClaimDraft, Contact, FilingIndicator, LineControlNumber, MemberId,
    OrganizationName, PartyName, Patient, Payer, PayerCode, Provider, Quantity, Relationship, ServiceLine, Subscriber,
};
use mentalspace_claims::transaction::p837::{ReceiverName, Submission, Submitter};
use mentalspace_claims::x12::InterchangeParty;
use mentalspace_core::{
    Address, DateOfService, Icd10Cm, Money, Npi, PayerSex, PersonName, Phi, Phone, PlaceOfService, ProcedureCode,
    TaxId, Taxonomy,
};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn organization(name: &str) -> OrganizationName {
    OrganizationName::parse(name).unwrap()
}

pub(crate) fn address(line: &str) -> Address {
    Address::new(line, "Austin", "TX", "78701-1234").unwrap()
}

pub(crate) fn billing_provider() -> BillingProvider {
    let mut provider = BillingProvider::new(
        PartyName::Organization(organization("Lakeside Counseling")),
        Npi::parse("1888888884").unwrap(),
        TaxId::ein("74-1234567").unwrap(),
        address("100 Lake Street"),
    );
    provider.taxonomy = Some(Taxonomy::parse("251S00000X").unwrap());
    provider
}

pub(crate) fn clinician() -> Provider {
    let mut provider =
        Provider::new(PartyName::Person(PersonName::new("Robin", "Hale").unwrap()), Npi::parse("1999999992").unwrap());
    provider.taxonomy = Some(Taxonomy::parse("1041C0700X").unwrap());
    provider
}

pub(crate) fn subscriber() -> Subscriber {
    let mut subscriber =
        Subscriber::new(PersonName::new("Alex", "Rivers").unwrap(), MemberId::parse("W123456789").unwrap());
    subscriber.birth_date = Some(Phi::new(day("1985-04-12")));
    subscriber.sex = Some(PayerSex::Female);
    subscriber.address = Some(address("7 Cedar Court"));
    subscriber
}

pub(crate) fn child() -> Patient {
    Patient::new(
        Relationship::Child,
        PersonName::new("Noel", "Rivers").unwrap(),
        day("2012-09-01"),
        PayerSex::Male,
        address("7 Cedar Court"),
    )
}

pub(crate) fn payer() -> Payer {
    Payer::new(organization("Example Health Plan"), PayerCode::parse("EHP01").unwrap(), FilingIndicator::Commercial)
}

pub(crate) fn line(code: &str, charge: &str) -> ServiceLine {
    ServiceLine::new(
        ProcedureCode::parse(code).unwrap(),
        charge.parse::<Money>().unwrap(),
        Quantity::ONE,
        DateOfService::on(day("2024-01-15")),
        &[1],
    )
}

pub(crate) fn numbered(mut line: ServiceLine, number: &str) -> ServiceLine {
    line.control_number = Some(LineControlNumber::parse(number).unwrap());
    line
}

pub(crate) fn draft(number: &str) -> ClaimDraft {
    let mut draft = ClaimDraft::new(
        ClaimControlNumber::parse(number).unwrap(),
        billing_provider(),
        subscriber(),
        payer(),
        PlaceOfService::office(),
        vec![Icd10Cm::parse("F41.1").unwrap(), Icd10Cm::parse("F33.1").unwrap()],
        vec![numbered(line("90837", "150"), "L1")],
    );
    draft.rendering = Some(clinician());
    draft
}

pub(crate) fn claim(number: &str) -> Claim {
    Claim::try_from(draft(number)).unwrap()
}

pub(crate) fn submission() -> Submission {
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    let contact = Contact {
        name: Some(organization("Billing Office")),
        phone: Some(Phone::parse("512-555-0100").unwrap()),
        ..Contact::default()
    };
    Submission::new(
        party("LAKESIDE"),
        party("EXCHANGE"),
        Submitter { name: organization("Lakeside Counseling"), id: "LAKE01".to_owned(), contact },
        ReceiverName { name: organization("Example Exchange"), id: "EXCH01".to_owned() },
        "BATCH1",
        day("2024-01-31").and_hms_opt(12, 0, 0).unwrap(),
    )
}
