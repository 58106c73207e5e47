//! A small practice to test with: Dr Rivera treats, Associate Lee is supervised by Rivera, Alex Doe is treated. Every
//! builder gives the same value each time; change a field where a test needs another.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Address, AddressLine, Appointment, AppointmentEvent, AppointmentId, AppointmentPlan, AppointmentPolicy,
    Attestation, AttestationId, BillTo, BillingAddress, BillingRules, Charge, ChargeSources, ClaimFilingIndicator,
    Client, ClientAddress, ClientPhone, ClientStatus, Clinician, ClinicianId, Contact, ContactUse, Cosignature,
    Coverage, CoverageRank, Credential, Delivery, Diagnoses, ElectronicPayerId, Email, Fee, FeeSchedule, Gender,
    GroupNumber, Guardianship, Icd10Cm, License, LicenseNumber, Location, MemberId, Messages, Modality, Money,
    NamePart, Note, NoteContent, NoteFormat, NoteHeader, NoteKind, NoteText, Npi, OrganizationName, Payer, PayerSex,
    Period, PersonName, Phi, Phone, PlaceOfService, PlanName, Policies, Practice, ProcedureCode, Relationship,
    ServiceKind, SessionTimes, SignatureMethod, Signing, Subscriber, Supervision, TaxId, Taxonomy, TelehealthRule,
    TimeSlot, TimeZoneName, UsState, Zip,
};

/// Makes an id of any kind from a number.
#[must_use]
pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// Reads a day such as `2026-03-02`.
#[must_use]
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Reads an instant such as `2026-03-02T16:00:00Z`.
#[must_use]
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Makes a clinical text.
#[must_use]
pub fn text(text: &str) -> NoteText {
    NoteText::parse(text).unwrap()
}

/// Makes a list of diagnoses.
#[must_use]
pub fn diagnoses(codes: &[&str]) -> Diagnoses {
    codes.iter().map(|code| Icd10Cm::parse(*code).unwrap()).collect::<Vec<_>>().try_into().unwrap()
}

/// A practice in Denver.
#[must_use]
pub fn practice() -> Practice {
    Practice {
        id: id(1),
        name: OrganizationName::parse("Front Range Counseling").unwrap(),
        billing_npi: Npi::parse("1234567893").unwrap(),
        tax_id: TaxId::ein("84-1234567").unwrap(),
        taxonomy: Taxonomy::parse("261QM0801X").unwrap(),
        address: BillingAddress::try_from(address("80203-1234")).unwrap(),
        phone: Phone::parse("303-555-0100").unwrap(),
        time_zone: zone(),
        policies: Policies::default(),
    }
}

fn address(zip: &str) -> Address {
    Address {
        line1: AddressLine::parse("100 Main St").unwrap(),
        line2: None,
        city: crate::City::parse("Denver").unwrap(),
        state: UsState::parse("CO").unwrap(),
        zip: Zip::parse(zip).unwrap(),
    }
}

fn zone() -> TimeZoneName {
    TimeZoneName::parse("America/Denver").unwrap()
}

/// The practice's office.
#[must_use]
pub fn location() -> Location {
    Location {
        id: id(2),
        name: OrganizationName::parse("Capitol Hill office").unwrap(),
        address: address("80203"),
        npi: None,
        place_of_service: PlaceOfService::office(),
    }
}

/// Rivera, fully licensed and nobody's supervisee.
#[must_use]
pub fn clinician() -> Clinician {
    Clinician {
        id: id(10),
        user: Some(id(110)),
        name: PersonName::new("Ana", "Rivera").unwrap(),
        credentials: vec![Credential::parse("LCSW").unwrap()],
        licenses: vec![License {
            state: UsState::parse("CO").unwrap(),
            number: LicenseNumber::parse("CSW.00991234").unwrap(),
            in_force: Period::between(day("2024-01-01"), day("2027-08-31")).unwrap(),
        }],
        npi: Some(Npi::parse("1245319599").unwrap()),
        taxonomy: Some(Taxonomy::parse("1041C0700X").unwrap()),
        supervision: Vec::new(),
    }
}

/// Lee, supervised by Rivera since 2025.
#[must_use]
pub fn associate() -> Clinician {
    Clinician {
        id: id(11),
        user: Some(id(111)),
        name: PersonName::new("Sam", "Lee").unwrap(),
        credentials: vec![Credential::parse("LPCC").unwrap()],
        licenses: Vec::new(),
        npi: None,
        taxonomy: None,
        supervision: vec![Supervision { supervisor: id(10), in_force: Period::since(day("2025-01-01")) }],
    }
}

/// A commercial payer that takes telehealth.
#[must_use]
pub fn payer() -> Payer {
    Payer {
        id: id(20),
        name: OrganizationName::parse("Summit Health Plan").unwrap(),
        electronic_id: ElectronicPayerId::parse("SHP01").unwrap(),
        filing: ClaimFilingIndicator::parse("CI").unwrap(),
        address: None,
        phone: None,
        rules: BillingRules {
            telehealth: TelehealthRule::starters(day("2024-01-01")).into(),
            ..BillingRules::default()
        },
    }
}

/// The payer's prices since 2025.
#[must_use]
pub fn fee_schedule() -> FeeSchedule {
    let mut fees = FeeSchedule::new(id(21), OrganizationName::parse("Summit 2025").unwrap(), Some(payer().id));
    let prices = [
        ("90785", "15.00"),
        ("90791", "200.00"),
        ("90832", "90.00"),
        ("90834", "120.00"),
        ("90837", "165.00"),
        ("90839", "180.00"),
        ("90840", "85.00"),
        ("90846", "130.00"),
        ("90847", "135.00"),
        ("90853", "55.00"),
    ];
    for (code, amount) in prices {
        let code = ProcedureCode::parse(code).unwrap();
        let amount = Money::parse(amount).unwrap();
        fees.add(Fee { code, amount, in_force: Period::since(day("2025-01-01")) }).unwrap();
    }
    fees
}

/// Alexandra Doe, called Alex, seen by Rivera.
#[must_use]
pub fn client() -> Client {
    Client {
        id: id(30),
        user: None,
        legal_name: PersonName::new("Alexandra", "O'Doe-Smith").unwrap(),
        preferred_name: Some(NamePart::parse("Alex").unwrap()),
        birth_date: Phi::new(day("1990-02-28")),
        payer_sex: PayerSex::Female,
        gender: Some(Gender::parse("nonbinary").unwrap()),
        addresses: vec![ClientAddress { usage: ContactUse::Home, address: address("80205") }],
        phones: vec![ClientPhone {
            usage: ContactUse::Mobile,
            phone: Phone::parse("(303) 555-0142").unwrap(),
            messages: Messages::Allowed,
        }],
        emails: vec![Email::parse("Alex.Doe@Example.org").unwrap()],
        contacts: vec![Contact {
            name: PersonName::new("Morgan", "Quill").unwrap(),
            relationship: Relationship::parse("aunt").unwrap(),
            phone: Some(Phone::parse("720-555-0177").unwrap()),
            email: None,
            emergency: true,
            guardianship: Some(Guardianship {
                user: None,
                in_force: Phi::new(Period::between(day("1990-02-28"), day("2008-02-27")).unwrap()),
            }),
        }],
        status: ClientStatus::Active { since: day("2025-05-01") },
        primary_clinician: Some(clinician().id),
    }
}

/// Alex's primary coverage since 2025.
#[must_use]
pub fn coverage() -> Coverage {
    Coverage {
        id: id(31),
        client: client().id,
        payer: payer().id,
        rank: CoverageRank::Primary,
        in_force: Period::since(day("2025-01-01")),
        member_id: MemberId::parse("w123456789").unwrap(),
        group_number: Some(GroupNumber::parse("GRP-77").unwrap()),
        plan_name: Some(PlanName::parse("Summit PPO").unwrap()),
        subscriber: Subscriber::Client,
        copay: Some(Money::from_cents(2_500)),
    }
}

/// Fifty minutes by video with Rivera, 9 o'clock in Denver on 2 March 2026.
#[must_use]
pub fn plan() -> AppointmentPlan {
    let start = at("2026-03-02T16:00:00Z");
    AppointmentPlan {
        client: client().id,
        clinician: clinician().id,
        location: location().id,
        slot: TimeSlot::new(start, start + TimeDelta::minutes(50)).unwrap(),
        zone: zone(),
        day: day("2026-03-02"),
        modality: Modality::Video,
        service: ServiceKind::Psychotherapy,
        series: None,
    }
}

/// The id of [`appointment`].
#[must_use]
pub fn appointment_id() -> AppointmentId {
    id(40)
}

/// [`plan`], booked.
#[must_use]
pub fn appointment() -> Appointment {
    Appointment::book(appointment_id(), plan()).unwrap()
}

/// [`plan`] changed by `change`, booked and held.
#[must_use]
pub fn completed(change: impl FnOnce(&mut AppointmentPlan)) -> Appointment {
    let mut plan = plan();
    change(&mut plan);
    let start = plan.slot.start();
    let booked = Appointment::book(appointment_id(), plan).unwrap();
    [AppointmentEvent::CheckIn, AppointmentEvent::Begin, AppointmentEvent::Complete]
        .into_iter()
        .fold(booked, |held, event| held.apply(event, start, &AppointmentPolicy::default()).unwrap())
}

/// How [`plan`] is in fact held: by video, the client at home.
#[must_use]
pub const fn delivery() -> Delivery {
    Delivery::Telehealth { modality: crate::TelehealthModality::Video, client_at: crate::ClientPlace::Home }
}

/// A signature by `by` on the evening of the session.
#[must_use]
pub fn signing(by: ClinicianId) -> Signing {
    Signing {
        by,
        at: at("2026-03-03T01:00:00Z"),
        attestation: Attestation { id: AttestationId::parse("author").unwrap(), version: 1 },
        method: SignatureMethod::Mfa,
        address: None,
        user_agent: None,
    }
}

/// The header of a progress note by Rivera about [`appointment`].
#[must_use]
pub fn header() -> NoteHeader {
    NoteHeader {
        id: id(50),
        kind: NoteKind::Progress,
        client: Some(client().id),
        appointment: Some(appointment_id()),
        author: clinician().id,
        service_date: day("2026-03-02"),
    }
}

/// Everything a progress note needs: a session of 50 minutes in DAP, two diagnoses.
#[must_use]
pub fn content() -> NoteContent {
    let start = at("2026-03-02T16:00:00Z");
    let format = NoteFormat::Dap;
    NoteContent {
        format,
        sections: format.sections().iter().map(|s| (*s, text(&format!("what belongs under {s}")))).collect(),
        diagnoses: diagnoses(&["F41.1", "F33.0"]),
        times: Some(SessionTimes::new(start, start + TimeDelta::minutes(50), 0).unwrap()),
        ..NoteContent::default()
    }
}

/// A complete progress note that is not signed.
#[must_use]
pub fn draft() -> Note {
    Note::draft(header(), content()).unwrap()
}

/// [`draft`], signed by Rivera, who needs no co-signature.
#[must_use]
pub fn signed() -> Note {
    draft().sign(signing(clinician().id), Cosignature::NotNeeded).unwrap()
}

/// A complete progress note by Lee, signed and waiting for Rivera.
#[must_use]
pub fn pending() -> Note {
    let author = associate().id;
    let note = Note::draft(NoteHeader { author, ..header() }, content()).unwrap();
    note.sign(signing(author), Cosignature::By(clinician().id)).unwrap()
}

/// The charge for [`signed`].
#[must_use]
pub fn charge() -> Charge {
    let sources = ChargeSources {
        note: &signed(),
        appointment: &completed(|_| {}),
        author: &clinician(),
        delivery: &delivery(),
        bill_to: BillTo::Payer(&payer(), coverage().id),
        fees: &fee_schedule(),
        day: day("2026-03-02"),
    };
    Charge::from_note(id(60), &sources).unwrap()
}
