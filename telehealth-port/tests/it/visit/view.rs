use mentalspace_telehealth_port::provider::ProviderEventKind;
use mentalspace_telehealth_port::visit::{CancelReason, ParticipantRole, Prompt, VisitPolicy};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, SECOND, STRANGER, booking, invitee, minute, secret, start};

fn prompt(run: &Run) -> Prompt {
    run.visit.view_for(CLIENT).unwrap().prompt
}

fn seen(
    run: &Run,
    viewer: mentalspace_telehealth_port::ParticipantId,
) -> Vec<mentalspace_telehealth_port::ParticipantId> {
    run.visit.view_for(viewer).unwrap().others.iter().map(|other| other.id).collect()
}

#[test]
fn waiting_clients_see_neither_each_other_nor_the_room() {
    let mut run = Run::group();
    run.both_come(CLIENT);
    run.both_come(SECOND);
    assert_eq!(seen(&run, CLIENT), []);
    assert_eq!(seen(&run, SECOND), []);
    assert!(run.visit.view_for(CLIENT).unwrap().clinician_present);
    assert_eq!(seen(&run, CLINICIAN), [CLIENT, SECOND], "only hosts see who waits");
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.join(CLIENT, start());
    assert_eq!(seen(&run, CLIENT), [CLINICIAN], "the one who waits is not seen from inside");
    assert_eq!(seen(&run, SECOND), [], "nor the room from outside");
}

#[test]
fn who_is_not_part_of_the_visit_sees_nothing() {
    assert_eq!(Run::in_progress().visit.view_for(STRANGER), None);
}

#[test]
fn a_supervisor_is_seen_and_a_recorder_is_not() {
    let mut booking = booking();
    booking.invitees.push(invitee(SECOND, ParticipantRole::Supervisor));
    booking.invitees.push(invitee(STRANGER, ParticipantRole::RecorderBot));
    let mut run = Run::with(booking, VisitPolicy::default());
    run.both_come(CLIENT);
    for who in [SECOND, STRANGER] {
        run.must(|visit| visit.arrive(who, start()));
    }
    for who in [CLIENT, STRANGER] {
        run.must(|visit| visit.admit(CLINICIAN, who, &Practice::new().request(), &secret(), start()));
    }
    run.open_room(start());
    for who in [CLINICIAN, CLIENT, SECOND, STRANGER] {
        run.join(who, start());
    }
    assert_eq!(seen(&run, CLIENT), [CLINICIAN, SECOND]);
}

#[test]
fn at_every_point_the_client_is_told_what_to_do() {
    let mut run = Run::scheduled();
    assert_eq!(prompt(&run), Prompt::OpensAt(minute(-15)));
    run.fire(minute(-15));
    assert_eq!(prompt(&run), Prompt::Arrive);
    run.both_come(CLIENT);
    assert_eq!(prompt(&run), Prompt::Wait);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    assert_eq!(prompt(&run), Prompt::Prepare);
    run.open_room(start());
    assert_eq!(prompt(&run), Prompt::Join);
    run.join(CLINICIAN, start());
    run.join(CLIENT, start());
    assert_eq!(prompt(&run), Prompt::InRoom);
    let grant = run.grant(CLIENT);
    run.report(ProviderEventKind::Left(grant), minute(10));
    assert_eq!(prompt(&run), Prompt::Rejoin { until: Some(minute(15)) });
    run.must(|visit| visit.remove(CLINICIAN, CLIENT, minute(11)));
    assert_eq!(prompt(&run), Prompt::Barred);
    run.must(|visit| visit.end(CLINICIAN, minute(12)));
    assert_eq!(prompt(&run), Prompt::Over);
}

#[test]
fn a_waiting_client_learns_of_every_way_a_visit_is_over() {
    let mut cancelled = Run::waiting();
    cancelled.must(|visit| visit.cancel(CancelReason::Clinician, minute(1)));
    let mut failed = Run::waiting();
    failed.must(|visit| visit.fail(minute(1)));
    let mut closed = Run::waiting();
    closed.fire(minute(110));
    for run in [cancelled, failed, closed] {
        assert_eq!(prompt(&run), Prompt::Over);
    }
}
