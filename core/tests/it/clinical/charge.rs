use mentalspace_core::{
    BillTo, BillingRules, Charge, ChargeError, ChargeSources, ChargeStatus, Clinician, Complexity, Cosignature,
    Delivery, FeeSchedule, Icd10Cm, Modality, Money, Note, NoteContent, NoteHeader, NoteKind, NoteStatus,
    OrganizationName, Payer, PlaceOfService, Section, ServiceKind, SessionTimes, SupervisedBilling,
    coding::CodingError,
    store::Document,
    testing::clinical::{
        appointment, associate, at, charge, clinician, completed, content, coverage, day, delivery, diagnoses, draft,
        fee_schedule, header, id, payer, pending, signed, signing, text,
    },
};

struct Sources {
    note: Note,
    appointment: mentalspace_core::Appointment,
    author: Clinician,
    delivery: Delivery,
    payer: Payer,
    fees: FeeSchedule,
    day: &'static str,
}

fn sources() -> Sources {
    Sources {
        note: signed(),
        appointment: completed(|_| {}),
        author: clinician(),
        delivery: delivery(),
        payer: payer(),
        fees: fee_schedule(),
        day: "2026-03-02",
    }
}

fn make(sources: &Sources) -> Result<Charge, ChargeError> {
    Charge::from_note(
        id(60),
        &ChargeSources {
            note: &sources.note,
            appointment: &sources.appointment,
            author: &sources.author,
            delivery: &sources.delivery,
            bill_to: BillTo::Payer(&sources.payer, coverage().id),
            fees: &sources.fees,
            day: day(sources.day),
        },
    )
}

fn sign(header: NoteHeader, content: NoteContent) -> Note {
    let by = signing(header.author);
    Note::draft(header, content).unwrap().sign(by, Cosignature::NotNeeded).unwrap()
}

#[test]
fn a_signed_session_becomes_a_priced_line() {
    let charge = make(&sources()).unwrap();
    assert_eq!(charge, self::charge());
    let line = &charge.lines[0];
    assert_eq!((line.service.code.as_str(), line.service.units, line.amount), ("90834", 1, Money::from_cents(12_000)));
    assert_eq!(line.service.place_of_service.as_str(), "10");
    assert_eq!((charge.rendering, charge.supervising), (clinician().id, None));
    assert_eq!(charge.total(), Money::from_cents(12_000));
}

#[test]
fn nothing_unsigned_is_charged() {
    let refused = |note: Note| make(&Sources { note, author: associate(), ..sources() }).unwrap_err();
    assert_eq!(refused(pending()), ChargeError::NoteNotSigned(NoteStatus::PendingCosign));
    assert_eq!(refused(draft()), ChargeError::NoteNotSigned(NoteStatus::Draft));
    assert_eq!(refused(draft().lock().unwrap()), ChargeError::NoteNotSigned(NoteStatus::Locked));
    let returned = pending().return_for_revision(clinician().id, at("2026-03-04T00:00:00Z"), &text("more")).unwrap();
    assert_eq!(refused(returned), ChargeError::NoteNotSigned(NoteStatus::ReturnedForRevision));
    assert!(make(&Sources { note: signed().lock().unwrap(), ..sources() }).is_ok(), "locked after signing");
}

#[test]
fn a_supervised_session_names_both_clinicians() {
    let note = pending().cosign(signing(clinician().id), &clinician()).unwrap();
    let mut sources = Sources {
        note,
        author: associate(),
        appointment: completed(|plan| plan.clinician = associate().id),
        ..sources()
    };
    let charge = make(&sources).unwrap();
    assert_eq!((charge.rendering, charge.supervising), (associate().id, Some(clinician().id)));
    sources.payer.rules.supervised = SupervisedBilling::UnderSupervisor;
    let charge = make(&sources).unwrap();
    assert_eq!((charge.rendering, charge.supervising), (clinician().id, None));
}

#[test]
fn kinds_that_are_not_billable_are_refused() {
    let mut cancelled = NoteContent::default();
    cancelled.sections.insert(Section::Reason, text("ill"));
    let note = sign(NoteHeader { kind: NoteKind::Cancellation, ..header() }, cancelled);
    assert_eq!(make(&Sources { note, ..sources() }), Err(ChargeError::NotBillable(NoteKind::Cancellation)));
}

#[test]
fn an_appointment_that_was_not_held_is_not_charged() {
    let refused = make(&Sources { appointment: appointment(), ..sources() }).unwrap_err();
    assert_eq!(refused, ChargeError::NotCompleted(mentalspace_core::AppointmentStatus::Scheduled));
}

#[test]
fn parts_of_different_records_are_refused() {
    let mismatch = |change: fn(&mut Sources)| {
        let mut sources = sources();
        change(&mut sources);
        make(&sources).unwrap_err()
    };
    assert_eq!(mismatch(|s| s.author = associate()), ChargeError::Mismatch("author"));
    assert_eq!(mismatch(|s| s.day = "2026-03-03"), ChargeError::Mismatch("date of service"));
    assert_eq!(mismatch(|s| s.appointment = completed(|plan| plan.client = id(99))), ChargeError::Mismatch("client"));
    assert_eq!(mismatch(|s| s.payer.id = id(99)), ChargeError::Mismatch("payer"));
    assert_eq!(
        mismatch(|s| s.note = sign(NoteHeader { appointment: Some(id(99)), ..header() }, content())),
        ChargeError::Mismatch("appointment")
    );
}

/// T2: modality and place come from the record of the session, whatever was planned.
#[test]
fn what_was_held_counts_and_not_what_was_planned() {
    let planned_by_video = completed(|plan| plan.modality = Modality::Video);
    let held = Delivery::InPerson { place_of_service: PlaceOfService::office() };
    let charge = make(&Sources { appointment: planned_by_video, delivery: held, ..sources() }).unwrap();
    assert_eq!(charge.lines[0].service.place_of_service, PlaceOfService::office());
    assert!(charge.lines[0].service.modifiers.as_slice().is_empty());
}

#[test]
fn a_code_without_a_price_is_refused() {
    let fees = FeeSchedule::new(id(21), OrganizationName::parse("empty").unwrap(), Some(payer().id));
    assert!(matches!(make(&Sources { fees, ..sources() }), Err(ChargeError::NoFee { .. })));
}

#[test]
fn a_session_too_short_is_refused_with_the_reason() {
    let start = at("2026-03-02T16:00:00Z");
    let times = Some(SessionTimes::new(start, at("2026-03-02T16:15:59Z"), 0).unwrap());
    let note = sign(header(), NoteContent { times, ..content() });
    let short = CodingError::TooShort { code: "90832", least: 16, minutes: 15 };
    assert_eq!(make(&Sources { note, ..sources() }), Err(ChargeError::Coding(short)));
}

#[test]
fn add_ons_and_units_have_their_own_price() {
    let note = sign(header(), NoteContent { complexity: Complexity::Interactive, ..content() });
    let charge = make(&Sources { note, ..sources() }).unwrap();
    assert_eq!(charge.lines.iter().map(|line| line.amount.cents()).collect::<Vec<_>>(), [12_000, 1_500]);

    let times = Some(SessionTimes::new(at("2026-03-02T16:00:00Z"), at("2026-03-02T17:45:00Z"), 0).unwrap());
    let mut crisis = NoteContent { times, ..content() };
    crisis.sections.insert(Section::Risk, text("high"));
    crisis.sections.insert(Section::SafetyPlan, text("agreed"));
    let note = sign(NoteHeader { kind: NoteKind::Crisis, ..header() }, crisis);
    let appointment = completed(|plan| plan.service = ServiceKind::Crisis);
    let charge = make(&Sources { note, appointment, ..sources() }).unwrap();
    assert_eq!(charge.total(), Money::from_cents(18_000 + 2 * 8_500));
}

/// F3: links from lines to diagnoses survive a reordering, for they are codes. F1: there is always one.
#[test]
fn lines_point_to_diagnoses_by_code_and_to_four_at_most() {
    let codes = ["F41.1", "F33.0", "F43.10", "Z63.0", "G47.00"];
    let note = sign(header(), NoteContent { diagnoses: diagnoses(&codes), ..content() });
    let charge = make(&Sources { note, ..sources() }).unwrap();
    let mut reordered = charge.clone();
    let mut order: Vec<Icd10Cm> = charge.diagnoses.expose().to_vec();
    order.reverse();
    reordered.diagnoses = order.try_into().unwrap();
    assert_eq!(reordered.lines, charge.lines);
    let pointed: Vec<_> = charge.lines[0].diagnoses.expose().iter().map(Icd10Cm::dotted).collect();
    assert_eq!(pointed, codes[..4]);
}

#[test]
fn an_external_cause_does_not_lead() {
    let note = sign(header(), NoteContent { diagnoses: diagnoses(&["W19.XXXA", "F41.1"]), ..content() });
    assert_eq!(make(&Sources { note, ..sources() }), Err(ChargeError::ExternalCauseFirst));
}

#[test]
fn a_client_who_pays_has_neither_payer_nor_coverage() {
    let mut fees = FeeSchedule::new(id(22), OrganizationName::parse("Self pay").unwrap(), None);
    for fee in fee_schedule().fees() {
        fees.add(fee.clone()).unwrap();
    }
    let rules = BillingRules { telehealth: payer().rules.telehealth, ..BillingRules::default() };
    let charge = Charge::from_note(
        id(60),
        &ChargeSources {
            note: &signed(),
            appointment: &completed(|_| {}),
            author: &clinician(),
            delivery: &delivery(),
            bill_to: BillTo::Client(&rules),
            fees: &fees,
            day: day("2026-03-02"),
        },
    );
    let charge = charge.unwrap();
    assert_eq!((charge.payer, charge.coverage), (None, None));
}

#[test]
fn a_charge_is_billed_once_and_voided_only_off_a_claim() {
    let billed = charge().bill(id(80)).unwrap();
    assert_eq!(billed.clone().bill(id(81)), Err(ChargeError::NotPossible("billed")));
    assert_eq!(billed.clone().void(at("2026-03-05T00:00:00Z")), Err(ChargeError::NotPossible("billed")));
    let voided = billed.release().unwrap().void(at("2026-03-05T00:00:00Z")).unwrap();
    assert!(matches!(voided.status, ChargeStatus::Voided { .. }));
    for next in [voided.clone().bill(id(80)), voided.clone().release(), voided.clone().void(at("2026-03-06T00:00:00Z"))]
    {
        assert_eq!(next, Err(ChargeError::NotPossible("voided")));
    }
}

#[test]
fn a_note_is_charged_once_unless_the_charge_is_voided() {
    let by_note = |charge: &Charge| {
        let terms = charge.terms().into_iter().map(|term| format!("{term:?}"));
        terms.filter(|term| term.contains("\"note\"")).collect::<String>()
    };
    assert!(by_note(&charge()).contains("unique: true"));
    assert!(by_note(&charge().bill(id(80)).unwrap()).contains("unique: true"));
    assert!(by_note(&charge().void(at("2026-03-05T00:00:00Z")).unwrap()).contains("unique: false"));
}

#[test]
fn a_code_has_one_price_on_a_day() {
    let mut fees = fee_schedule();
    let mut again = fees.fees()[0].clone();
    assert!(fees.add(again.clone()).is_err());
    again.in_force = mentalspace_core::Period::between(day("2024-01-01"), day("2024-12-31")).unwrap();
    assert!(fees.add(again.clone()).is_ok());
    assert_eq!(fees.fee(&again.code, day("2024-06-01")), Some(again.amount));
    assert_eq!(fees.fee(&again.code, day("2023-12-31")), None);
    again.amount = Money::from_cents(-1);
    assert!(FeeSchedule::new(id(1), fees.name().clone(), None).add(again).is_err());
    let mut json = serde_json::to_value(&fees).unwrap();
    let first = json["fees"][0].clone();
    json["fees"].as_array_mut().unwrap().push(first);
    assert!(serde_json::from_value::<FeeSchedule>(json).is_err());
}
