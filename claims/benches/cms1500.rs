//! Forms per second: placing alone, one document a form, and a batch in one document.

use chrono::NaiveDate;
use divan::{Bencher, counter::ItemsCount};
use mentalspace_claims::claim::{
    BillingProvider, Claim, ClaimControlNumber, ClaimDraft, FilingIndicator, MemberId, OrganizationName, PartyName,
    Payer, PayerCode, Provider, Quantity, ServiceLine, Subscriber,
};
use mentalspace_claims::cms1500::{Form, Options, Printing, render_pdf};
use mentalspace_core::{
    Address, DateOfService, Icd10Cm, Modifier, Money, Npi, PayerSex, PersonName, Phi, PlaceOfService, ProcedureCode,
    TaxId,
};

fn main() {
    divan::main();
}

/// A usual month of a client: six lines with modifiers, four diagnoses, a rendering provider.
fn claim(number: u32) -> Claim {
    let address = || Address::new("500 Lake Ave", "Springfield", "IL", "62704-1234").unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let npi = || Npi::parse("1234567893").unwrap();
    let practice = PartyName::Organization(OrganizationName::parse("Lakeside Counseling").unwrap());
    let member = MemberId::parse(format!("XYZ{number:09}")).unwrap();
    let mut subscriber = Subscriber::new(PersonName::new("Ana", "Lopez").unwrap(), member);
    subscriber.birth_date = Some(Phi::new(NaiveDate::from_ymd_opt(1988, 7, 4).unwrap()));
    subscriber.sex = Some(PayerSex::Female);
    subscriber.address = Some(address());
    let lines = (0..6).map(|i| {
        let procedure = ProcedureCode::parse("90837").unwrap();
        let charge = Money::from_cents(15_000);
        let mut line = ServiceLine::new(procedure, charge, Quantity::ONE, DateOfService::on(day(2 + 4 * i)), &[1, 2]);
        line.modifiers.push(Modifier::parse("95").unwrap()).unwrap();
        line.modifiers.push(Modifier::parse("HO").unwrap()).unwrap();
        line
    });
    let mut draft = ClaimDraft::new(
        ClaimControlNumber::parse(format!("C{number}")).unwrap(),
        BillingProvider::new(practice, npi(), TaxId::ein("12-3456789").unwrap(), address()),
        subscriber,
        Payer::new(
            OrganizationName::parse("Prairie Health").unwrap(),
            PayerCode::parse("60054").unwrap(),
            FilingIndicator::Commercial,
        ),
        PlaceOfService::telehealth_home(),
        ["F41.1", "F33.1", "F43.10", "Z63.0"].map(|code| Icd10Cm::parse(code).unwrap()).to_vec(),
        lines.collect(),
    );
    draft.rendering = Some(Provider::new(PartyName::Person(PersonName::new("Ben", "Wood").unwrap()), npi()));
    Claim::try_from(draft).unwrap()
}

fn form(claim: &Claim) -> Form {
    Form::from_claim(claim, &Options::default()).unwrap()
}

#[divan::bench]
fn place(bencher: Bencher<'_, '_>) {
    let claim = claim(1);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| form(&claim));
}

#[divan::bench]
fn claim_to_document(bencher: Bencher<'_, '_>) {
    let claim = claim(1);
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| render_pdf(std::slice::from_ref(&form(&claim)), &Printing::default()));
}

#[divan::bench(sample_count = 5)]
fn batch_of_500_to_one_document(bencher: Bencher<'_, '_>) {
    let claims: Vec<Claim> = (0..500).map(claim).collect();
    bencher.counter(ItemsCount::new(500_u32)).bench_local(|| {
        let forms: Vec<Form> = claims.iter().map(form).collect();
        render_pdf(&forms, &Printing::default())
    });
}
