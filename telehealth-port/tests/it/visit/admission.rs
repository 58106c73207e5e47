use chrono::TimeDelta;
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::guard::{EmergencyContact, Guard, Override, Refusal};
use mentalspace_telehealth_port::visit::{
    AdmissionRequest, Intent, Invitee, ParticipantRole, ParticipantState, Person, Visit, VisitError, VisitPolicy,
    VisitState,
};
use uuid::Uuid;

use crate::fixture::{
    CLIENT, CLINICIAN, Practice, Run, SECOND, STRANGER, agreement, booking, invitee, location, minute, secret, start,
};

#[test]
fn a_booking_must_make_sense() {
    let schedule = |change: &dyn Fn(&mut mentalspace_telehealth_port::visit::Booking)| {
        let mut booking = booking();
        change(&mut booking);
        Visit::schedule(booking, VisitPolicy::default(), Some(&agreement()), start()).map(|_| ())
    };
    assert_eq!(schedule(&|_| ()), Ok(()));
    assert!(schedule(&|b| b.ends_at = b.starts_at).is_err());
    assert!(schedule(&|b| b.invitees.truncate(1)).is_err(), "nobody to be treated");
    assert!(schedule(&|b| b.invitees.truncate(0)).is_err(), "nobody at all");
    assert!(schedule(&|b| b.invitees[0].role = ParticipantRole::Supervisor).is_err(), "no clinician");
    assert!(schedule(&|b| b.invitees.push(b.invitees[0])).is_err(), "twice the same");
    assert!(schedule(&|b| b.invitees[1].person = Person::Guest).is_err(), "a client is known to the practice");
    let many = |b: &mut mentalspace_telehealth_port::visit::Booking| {
        let guest = |n: u128| invitee(ParticipantId::from_uuid(Uuid::from_u128(0x1000 + n)), ParticipantRole::Observer);
        b.invitees.extend((0..249).map(guest));
    };
    assert!(matches!(schedule(&many), Err(VisitError::TooMany { .. })));
}

#[test]
fn a_visit_is_not_booked_without_an_agreement_with_the_service() {
    let refused = |agreement| Visit::schedule(booking(), VisitPolicy::default(), agreement, start()).unwrap_err();
    assert_eq!(refused(None), VisitError::NoAgreement);
    let mut lapsed = agreement();
    lapsed.until = start().date_naive().pred_opt();
    assert_eq!(refused(Some(&lapsed)), VisitError::NoAgreement);
}

#[test]
fn who_comes_too_early_is_told_when_to_come() {
    let mut run = Run::scheduled();
    let refused = run.step(|visit| visit.arrive(CLIENT, minute(-16)));
    assert_eq!(refused, Err(VisitError::TooEarly { opens_at: minute(-15) }));
    assert_eq!(run.must(|visit| visit.arrive(CLIENT, minute(-15))), ["session.opened", "participant.arrived"]);
}

#[test]
fn the_clinician_may_open_before_the_window() {
    let mut run = Run::scheduled();
    assert!(matches!(run.step(|visit| visit.open(CLIENT, minute(-60))), Err(VisitError::NotHost { .. })));
    assert_eq!(run.must(|visit| visit.open(CLINICIAN, minute(-60))), ["session.opened"]);
    assert_eq!(run.must(|visit| visit.arrive(CLIENT, minute(-59))), ["participant.arrived"]);
}

#[test]
fn coming_again_changes_nothing() {
    let mut run = Run::waiting();
    assert_eq!(run.must(|visit| visit.arrive(CLIENT, start())), [""; 0]);
    let mut run = Run::in_progress();
    assert_eq!(run.must(|visit| visit.arrive(CLIENT, minute(1))), [""; 0]);
}

#[test]
fn the_first_admission_asks_for_the_room_and_lets_the_host_in() {
    let mut run = Run::waiting();
    assert_eq!(run.visit.intents(), [], "no room before somebody is let in");
    let practice = Practice::new();
    let admitted = run.must(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(admitted, ["room.requested", "participant.admitted", "participant.admitted"]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::OpenRoom { generation: 1, .. }]));
    run.open_room(start());
    let grants = run.visit.intents();
    assert_eq!(grants.len(), 2);
    assert!(grants.iter().all(|intent| matches!(intent, Intent::Grant { .. })));
}

#[test]
fn two_admissions_are_one() {
    let mut run = Run::admitted();
    let before = run.visit.clone();
    let practice = Practice::new();
    let again = run.must(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(again, [""; 0]);
    assert_eq!(run.visit, before);
    let mut run = Run::in_progress();
    assert_eq!(run.must(|v| v.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), minute(1))), [""; 0]);
}

#[test]
fn only_a_host_who_is_there_admits() {
    let practice = Practice::new();
    let mut run = Run::scheduled();
    run.must(|visit| visit.arrive(CLIENT, start()));
    let refused = run.step(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(refused, Err(VisitError::HostAbsent));
    let refused = run.step(|visit| visit.admit(CLIENT, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(refused, Err(VisitError::NotHost { action: "admitting" }));
    let refused = run.step(|visit| visit.admit(STRANGER, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(refused, Err(VisitError::UnknownParticipant));
}

#[test]
fn the_right_to_admit_outlives_the_hosts_connection() {
    let mut run = Run::group();
    run.both_come(CLIENT);
    run.both_come(SECOND);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.drop_out(CLINICIAN, minute(5));
    let admitted =
        run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::for_second().request(), &secret(), minute(6)));
    assert_eq!(admitted, ["participant.admitted"]);
}

#[test]
fn who_does_not_wait_is_not_admitted() {
    let mut run = Run::group();
    run.both_come(CLIENT);
    let practice = Practice::for_second();
    let refused = run.step(|visit| visit.admit(CLINICIAN, SECOND, &practice.request(), &secret(), start()));
    assert_eq!(refused, Err(VisitError::NotThem { action: "admitting", state: ParticipantState::Invited }));
}

#[test]
fn a_refusal_names_every_reason_and_changes_nothing() {
    let mut run = Run::waiting();
    let before = run.visit.clone();
    let practice = Practice { consent: None, emergency_contact: EmergencyContact::Missing, ..Practice::new() };
    let refused = run.step(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(refused, Err(VisitError::Refused(vec![Refusal::ConsentMissing, Refusal::EmergencyContactMissing])));
    let told = refused.unwrap_err().to_string();
    assert_eq!(told, "admission refused: telehealth consent is missing; no emergency contact is on file");
    assert_eq!(run.visit, before);
}

#[test]
fn an_override_is_kept_with_the_admission_only_if_it_was_needed() {
    let given = Override::new([Guard::Licence], "crisis: she is seeing her sister").unwrap();
    for (licences, kept) in [(vec![], true), (Practice::new().licences, false)] {
        let practice = Practice { licences, ..Practice::new() };
        let mut run = Run::waiting();
        let request = AdmissionRequest { overridden: Some(&given), ..practice.request() };
        run.must(|visit| visit.admit(CLINICIAN, CLIENT, &request, &secret(), start()));
        let admission = run.visit.participant(CLIENT).unwrap().admission.clone().unwrap();
        assert_eq!(admission.overridden.is_some(), kept);
        assert_eq!((admission.by, admission.policy_version), (CLINICIAN, 1));
        assert_eq!(admission.consent, practice.consent.map(|consent| consent.consent_id()));
        assert!(!format!("{:?}", run.log).contains("sister"));
    }
}

#[test]
fn seats_are_counted_with_the_host_and_without_bots() {
    let admit_second = |capacity, reserved_seats, seats| {
        let mut booking = booking();
        booking.invitees.push(invitee(SECOND, ParticipantRole::Client));
        let mut run = Run::with(booking, VisitPolicy { capacity, reserved_seats, ..VisitPolicy::default() });
        run.both_come(CLIENT);
        run.both_come(SECOND);
        run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
        let practice = Practice { seats, ..Practice::for_second() };
        run.step(|visit| visit.admit(CLINICIAN, SECOND, &practice.request(), &secret(), start())).map(|_| ())
    };
    let full = Err(VisitError::Refused(vec![Refusal::Full { capacity: 2 }]));
    let mut alone = Run::with(booking(), VisitPolicy { capacity: 1, ..VisitPolicy::default() });
    alone.both_come(CLIENT);
    let practice = Practice::new();
    let refused = alone.step(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), start()));
    assert_eq!(
        refused,
        Err(VisitError::Refused(vec![Refusal::Full { capacity: 1 }])),
        "the host who waits needs a seat"
    );
    assert_eq!(admit_second(3, 0, None), Ok(()));
    assert_eq!(admit_second(2, 0, None), full);
    assert_eq!(admit_second(3, 0, Some(2)), full);
    assert_eq!(admit_second(3, 1, Some(4)), Ok(()));
    assert_eq!(admit_second(3, 1, Some(3)), full, "the bot's seat is kept");
}

#[test]
fn somebody_not_on_the_appointment_comes_in_by_invitation_only() {
    let mut run = Run::waiting();
    assert_eq!(run.step(|visit| visit.arrive(STRANGER, start())), Err(VisitError::UnknownParticipant));
    let sister = invitee(STRANGER, ParticipantRole::Collateral);
    assert!(matches!(run.step(|v| v.invite(CLIENT, sister, start())), Err(VisitError::NotHost { .. })));
    assert_eq!(run.must(|visit| visit.invite(CLINICIAN, sister, start())), ["participant.invited"]);
    assert!(matches!(run.step(|v| v.invite(CLINICIAN, sister, start())), Err(VisitError::Invalid(_))));
    assert_eq!(run.must(|visit| visit.arrive(STRANGER, start())), ["participant.arrived"]);
    assert_eq!(run.visit.participant(STRANGER).unwrap().state, ParticipantState::Waiting);
}

#[test]
fn who_was_declined_or_removed_stays_out_until_a_host_allows_them_back() {
    let mut declined = Run::waiting();
    declined.must(|visit| visit.decline(CLINICIAN, CLIENT, start()));
    let mut removed = Run::in_progress();
    removed.must(|visit| visit.remove(CLINICIAN, CLIENT, minute(1)));
    for mut run in [declined, removed] {
        assert!(matches!(run.step(|v| v.arrive(CLIENT, minute(2))), Err(VisitError::NotThem { .. })));
        assert!(matches!(run.step(|v| v.rejoin(CLIENT, &secret(), minute(2))), Err(VisitError::NotThem { .. })));
        run.must(|visit| visit.allow_back(CLINICIAN, CLIENT, minute(3)));
        assert_eq!(run.must(|visit| visit.arrive(CLIENT, minute(3))), ["participant.arrived"]);
    }
}

#[test]
fn somebody_sent_back_waits_loses_the_credential_and_is_admitted_anew() {
    let mut run = Run::in_progress();
    let old = run.grant(CLIENT);
    let sent = run.must(|visit| visit.send_back(CLINICIAN, CLIENT, minute(10)));
    assert_eq!(sent, ["participant.sent_back", "session.interrupted"]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::Revoke { grant, .. }] if *grant == old));
    run.must(|visit| Ok(visit.revoked(old, minute(10))));
    assert_eq!(run.visit.intents(), []);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), minute(30)));
    run.join(CLIENT, minute(30));
    assert_ne!(run.grant(CLIENT), old);
    assert_eq!(run.visit.started_at(), Some(start()), "T0 stays");
}

#[test]
fn hosts_do_not_open_the_room_for_themselves() {
    let mut run = Run::waiting();
    let practice = Practice::new();
    let refused = run.step(|visit| visit.admit(CLINICIAN, CLINICIAN, &practice.request(), &secret(), start()));
    assert!(matches!(refused, Err(VisitError::NotThem { .. })));
    assert!(matches!(run.step(|v| v.decline(CLINICIAN, CLINICIAN, start())), Err(VisitError::NotThem { .. })));
    assert_eq!(run.visit.intents(), []);
}

#[test]
fn a_clinician_is_not_put_out_of_their_own_visit() {
    let mut run = Run::in_progress();
    assert!(matches!(run.step(|v| v.remove(CLINICIAN, CLINICIAN, minute(1))), Err(VisitError::NotThem { .. })));
    assert!(matches!(run.step(|v| v.send_back(CLINICIAN, CLINICIAN, minute(1))), Err(VisitError::NotThem { .. })));
}

#[test]
fn only_a_clients_place_is_attested_and_not_ahead_of_time() {
    let mut run = Run::waiting();
    let mut attest =
        |by, whom, at| run.step(|visit| visit.attest_location(by, whom, location(at), start())).map(|_| ());
    assert_eq!(attest(CLINICIAN, CLIENT, start()), Ok(()));
    assert!(matches!(attest(CLIENT, CLINICIAN, start()), Err(VisitError::Invalid(_))));
    assert!(matches!(attest(CLIENT, CLIENT, minute(1)), Err(VisitError::Invalid(_))));
    let mut run = Run::group();
    let foreign = run.step(|visit| visit.attest_location(SECOND, CLIENT, location(start()), start()));
    assert!(matches!(foreign, Err(VisitError::NotHost { .. })));
}

#[test]
fn a_family_without_the_client_can_be_treated() {
    let mut booking = booking();
    booking.invitees[1] = Invitee { id: CLIENT, role: ParticipantRole::Collateral, person: Person::Guest };
    let mut run = Run::with(booking, VisitPolicy::default());
    run.must(|visit| visit.arrive(CLINICIAN, start()));
    run.must(|visit| visit.arrive(CLIENT, start()));
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.join(CLIENT, start() + TimeDelta::seconds(20));
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
}

#[test]
fn a_guardian_alone_with_the_clinician_does_not_start_the_clients_visit() {
    let mut booking = booking();
    booking.invitees.push(invitee(SECOND, ParticipantRole::Guardian));
    let mut run = Run::with(booking, VisitPolicy::default());
    run.must(|visit| visit.arrive(CLINICIAN, start()));
    run.must(|visit| visit.arrive(SECOND, start()));
    run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.join(SECOND, start());
    assert_eq!(run.visit.state(), VisitState::Open);
}
