//! What is stored: every aggregate's JSON, and that it shows nothing in logs.

use insta::assert_json_snapshot;
use mentalspace_core::{
    AmendmentKind, AmendmentText, AppointmentEvent, AppointmentPolicy, CancelReason, CancelledBy, Cosignature,
    Coverage, CoverageRank, OtherSubscriber, PayerSex, PersonName, Phi, Series, Subscriber, SubscriberRelationship,
    Unlock, WeeklyRule,
    store::Document,
    testing::clinical::{
        appointment, associate, at, charge, client, clinician, coverage, day, delivery, fee_schedule, id, location,
        payer, pending, plan, practice, signing, text,
    },
};

/// Checks that what is written reads back the same, and that an unknown field is refused rather than lost.
fn strict<T: Document + PartialEq + std::fmt::Debug>(value: &T) {
    let mut json = serde_json::to_value(value).unwrap();
    assert!(serde_json::from_value::<T>(json.clone()).unwrap() == *value);
    json["unknown"] = true.into();
    assert!(serde_json::from_value::<T>(json).is_err(), "{} takes unknown fields", T::KIND);
}

fn series() -> Series {
    let plan = plan();
    Series {
        id: id(70),
        client: plan.client,
        clinician: plan.clinician,
        location: plan.location,
        zone: plan.zone,
        modality: plan.modality,
        service: plan.service,
        rule: WeeklyRule {
            first: day("2026-03-02"),
            at: "09:00:00".parse().unwrap(),
            minutes: 50.try_into().unwrap(),
            every_weeks: 1.try_into().unwrap(),
            until: None,
            except: [day("2026-05-25")].into(),
        },
    }
}

fn dependents_coverage() -> Coverage {
    let subscriber = OtherSubscriber {
        relationship: SubscriberRelationship::Child,
        name: PersonName::new("Pat", "Doe").unwrap(),
        birth_date: Phi::new(day("1960-07-01")),
        payer_sex: PayerSex::Male,
        address: location().address,
    };
    Coverage { rank: CoverageRank::Secondary, subscriber: Subscriber::Other(Box::new(subscriber)), ..coverage() }
}

fn cancelled() -> mentalspace_core::Appointment {
    let event = AppointmentEvent::Cancel { by: CancelledBy::Client, reason: CancelReason::Illness };
    appointment().apply(event, at("2026-03-02T10:00:00Z"), &AppointmentPolicy::default()).unwrap()
}

/// Through everything that can happen to a note.
fn eventful_note() -> mentalspace_core::Note {
    let (author, supervisor) = (associate().id, clinician());
    let added = AmendmentText {
        kind: AmendmentKind::Addendum,
        reason: text("late news"),
        text: text("called"),
        sections: vec![],
    };
    let leave = Unlock {
        by: id(190),
        at: at("2026-03-09T00:00:00Z"),
        until: at("2026-03-10T00:00:00Z"),
        reason: text("audit"),
    };
    let note = pending().return_for_revision(supervisor.id, at("2026-03-03T02:00:00Z"), &text("say more")).unwrap();
    let note = note.sign(signing(author), Cosignature::By(supervisor.id)).unwrap();
    let note = note.cosign(signing(supervisor.id), &supervisor).unwrap().lock().unwrap().unlock(leave).unwrap();
    note.lock().unwrap().amend(signing(author), added).unwrap()
}

#[test]
fn aggregates_are_stored_in_this_form() {
    assert_json_snapshot!("practice", practice());
    assert_json_snapshot!("location", location());
    assert_json_snapshot!("clinician", associate());
    assert_json_snapshot!("payer", payer());
    assert_json_snapshot!("fee_schedule", fee_schedule());
    assert_json_snapshot!("client", client());
    assert_json_snapshot!("coverage", dependents_coverage());
    assert_json_snapshot!("appointment", cancelled());
    assert_json_snapshot!("series", series());
    assert_json_snapshot!("note", eventful_note());
    assert_json_snapshot!("charge", charge().bill(id(80)).unwrap());
    assert_json_snapshot!("delivery", delivery());
}

#[test]
fn aggregates_read_back_and_refuse_what_they_do_not_know() {
    strict(&practice());
    strict(&location());
    strict(&clinician());
    strict(&payer());
    strict(&fee_schedule());
    strict(&client());
    strict(&coverage());
    strict(&dependents_coverage());
    strict(&cancelled());
    strict(&series());
    strict(&eventful_note());
    strict(&charge());
}

#[test]
fn a_log_of_an_aggregate_shows_nobody() {
    let shown = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        client(),
        client().contacts,
        client().status,
        eventful_note().reading(),
        coverage(),
        dependents_coverage(),
        cancelled(),
        series(),
        eventful_note(),
        charge(),
        clinician()
    );
    let secrets = [
        "Alex",
        "Doe",
        "1990",
        "Main",
        "Denver\"",
        "80205",
        "5550142",
        "5550177",
        "example",
        "nonbinary",
        "Quill",
        "aunt",
        "W123",
        "GRP",
        "Summit",
        "Pat",
        "1960",
        "F411",
        "F330",
        "belongs under",
        "say more",
        "late news",
        "called",
        "audit",
        "Rivera",
        "2025-05",
    ];
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn protected_aggregates_say_so() {
    fn phi<T: Document>(_: &T) -> bool {
        T::PHI
    }
    assert!(
        phi(&client())
            && phi(&coverage())
            && phi(&appointment())
            && phi(&series())
            && phi(&pending())
            && phi(&charge())
    );
    assert!(!phi(&practice()) && !phi(&location()) && !phi(&clinician()) && !phi(&payer()) && !phi(&fee_schedule()));
}
