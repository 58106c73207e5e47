use chrono::TimeDelta;
use mentalspace_telehealth_port::provider::{ProviderEventKind, ProviderId, RoomStatus};
use mentalspace_telehealth_port::visit::{
    EndReason, Health, Intent, MAX_GRANTS, Minutes, Modality, Participant, ParticipantState, VisitError, VisitPolicy,
    VisitState,
};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, STRANGER, minute, second, secret, start};

#[test]
fn no_credential_is_recorded_before_admission_or_without_a_room() {
    let mut run = Run::admitted();
    let grant = run.grant(CLIENT);
    assert_eq!(run.step(|v| v.granted(grant, minute(5), start())), Err(VisitError::StaleGrant), "no room yet");
    let mut run = Run::waiting();
    assert_eq!(run.visit.participant(CLIENT).unwrap().grant(), None);
    assert_eq!(run.step(|v| v.granted(grant, minute(5), start())), Err(VisitError::StaleGrant));
}

#[test]
fn a_credential_minted_while_its_owner_was_removed_is_thrown_away() {
    let mut run = Run::admitted();
    run.open_room(start());
    let grant = run.grant(CLIENT);
    run.must(|visit| visit.remove(CLINICIAN, CLIENT, start()));
    assert_eq!(run.step(|v| v.granted(grant, minute(5), start())), Err(VisitError::StaleGrant));
    assert!(matches!(run.visit.intents().first(), Some(Intent::Revoke { grant: g, .. }) if *g == grant));
}

#[test]
fn t0_is_when_the_second_of_the_pair_connects() {
    let mut run = Run::admitted();
    run.open_room(start());
    run.join(CLIENT, second(10));
    assert_eq!(run.visit.state(), VisitState::Open);
    run.join(CLINICIAN, second(40));
    assert_eq!(run.visit.started_at(), Some(second(40)));
}

#[test]
fn t0_is_right_when_reports_come_in_the_wrong_order() {
    let mut run = Run::admitted();
    run.open_room(start());
    for who in [CLIENT, CLINICIAN] {
        let grant = run.grant(who);
        run.must(|visit| visit.granted(grant, minute(5), start()));
    }
    let (client, clinician) = (run.grant(CLIENT), run.grant(CLINICIAN));
    run.report_late(ProviderEventKind::Joined(clinician), second(40), second(50));
    run.report_late(ProviderEventKind::Joined(client), second(10), second(60));
    assert_eq!(run.visit.started_at(), Some(second(40)));
}

#[test]
fn returning_within_the_grace_needs_a_new_credential_but_no_admission() {
    let mut run = Run::in_progress();
    let old = run.grant(CLIENT);
    assert_eq!(run.drop_out(CLIENT, minute(10)), ["participant.dropped", "session.interrupted"]);
    assert_eq!(run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(14))), ["participant.rejoined"]);
    let intents = run.visit.intents();
    let [Intent::Revoke { grant, .. }, Intent::Grant { participant, .. }] = intents.as_slice() else {
        panic!("the old credential goes first: {intents:?}")
    };
    assert_eq!((*grant, participant.grant.serial), (old, 2));
    run.join(CLIENT, minute(14));
    assert_eq!(run.visit.state(), VisitState::InProgress(Health::Healthy));
    assert_eq!(run.visit.started_at(), Some(start()), "T0 stays");
    assert_eq!(run.log.iter().filter(|e| e.change.name() == "participant.admitted").count(), 2, "one each");
}

#[test]
fn who_left_by_mistake_may_return_as_well() {
    let mut run = Run::in_progress();
    let grant = run.grant(CLIENT);
    assert_eq!(run.report(ProviderEventKind::Left(grant), minute(10)), ["participant.left", "session.interrupted"]);
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(12)));
    run.join(CLIENT, minute(12));
    assert_eq!(run.visit.state(), VisitState::InProgress(Health::Healthy));
}

#[test]
fn the_same_credential_may_reconnect_by_itself() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(10));
    let grant = run.grant(CLIENT);
    assert_eq!(run.report(ProviderEventKind::Joined(grant), minute(11)), ["participant.connected", "session.resumed"]);
}

#[test]
fn a_second_device_replaces_the_first() {
    let mut run = Run::in_progress();
    let first = run.grant(CLIENT);
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(5)));
    run.join(CLIENT, minute(5));
    assert!(run.visit.intents().iter().any(|i| matches!(i, Intent::Revoke { grant, .. } if *grant == first)));
    let before = run.visit.clone();
    run.report(ProviderEventKind::Left(first), minute(6));
    assert_eq!(run.visit, before, "the first device's end is not the second's");
}

#[test]
fn a_removed_clients_old_credential_is_taken_back_again_when_it_is_used() {
    let mut run = Run::in_progress();
    let old = run.grant(CLIENT);
    run.must(|visit| visit.remove(CLINICIAN, CLIENT, minute(5)));
    run.must(|visit| Ok(visit.revoked(old, minute(5))));
    assert_eq!(run.report(ProviderEventKind::Joined(old), minute(6)), ["credential.stale_use"]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::Revoke { grant, .. }] if *grant == old));
    assert_eq!(run.visit.participant(CLIENT).unwrap().state, ParticipantState::Removed);
    assert_eq!(run.report(ProviderEventKind::Joined(old), minute(6)), [""; 0], "a replay is no second use");
}

#[test]
fn a_late_report_of_an_honest_join_is_no_misuse() {
    let mut run = Run::in_progress();
    let old = run.grant(CLIENT);
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(5)));
    assert_eq!(run.report_late(ProviderEventKind::Joined(old), minute(4), minute(6)), [""; 0]);
}

#[test]
fn replayed_shuffled_and_forged_reports_change_nothing() {
    let mut run = Run::in_progress();
    let grant = run.grant(CLIENT);
    run.drop_out(CLIENT, minute(10));
    let before = run.visit.clone();
    for (kind, at) in [
        (ProviderEventKind::Dropped(grant), minute(10)),
        (ProviderEventKind::Joined(grant), minute(9)),
        (ProviderEventKind::Left(grant), minute(8)),
    ] {
        run.report_late(kind, at, minute(11));
    }
    let mut forged = grant;
    forged.serial = 99;
    run.report(ProviderEventKind::Joined(forged), minute(11));
    forged.participant = STRANGER;
    run.report(ProviderEventKind::Joined(forged), minute(11));
    assert_eq!(run.visit, before);
}

#[test]
fn a_report_from_the_future_counts_as_now() {
    let mut run = Run::in_progress();
    let grant = run.grant(CLIENT);
    run.report_late(ProviderEventKind::Dropped(grant), minute(90), minute(10));
    assert_eq!(run.visit.participant(CLIENT).unwrap().presence[0].until, Some(minute(10)));
}

#[test]
fn a_report_that_comes_late_costs_nobody_the_grace() {
    let mut run = Run::in_progress();
    let grant = run.grant(CLIENT);
    run.report_late(ProviderEventKind::Dropped(grant), minute(10), minute(30));
    let client = run.visit.participant(CLIENT).unwrap();
    assert_eq!((client.presence[0].until, client.deadline()), (Some(minute(10)), Some(minute(35))));
    assert_eq!(
        run.report_late(ProviderEventKind::Joined(grant), minute(11), minute(30)),
        ["participant.connected", "session.resumed"]
    );
    run.report_late(ProviderEventKind::RoomEnded, minute(12), minute(40));
    assert_eq!(run.visit.participant(CLIENT).unwrap().deadline(), Some(minute(45)));
}

#[test]
fn without_a_grace_there_is_no_time_to_join() {
    let policy = VisitPolicy { client_grace: Minutes(0), ..VisitPolicy::default() };
    let mut run = Run::with(crate::fixture::booking(), policy);
    run.both_come(CLIENT);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    assert_eq!(
        run.visit.participant(CLIENT).unwrap().state,
        ParticipantState::Left,
        "what is due at once happens at once"
    );
}

#[test]
fn a_room_lost_again_and_again_before_the_start_waits_for_the_next_admission() {
    let mut run = Run::admitted();
    run.open_room(start());
    for generation in 1..=3 {
        assert_eq!(run.report(ProviderEventKind::RoomEnded, second(generation)), ["room.lost", "room.requested"]);
        run.open_room(second(generation));
    }
    assert_eq!(run.report(ProviderEventKind::RoomEnded, second(4)), ["room.lost"]);
    assert_eq!((run.visit.state(), run.visit.intents()), (VisitState::Open, vec![]));
    run.fire(minute(11));
    run.must(|visit| visit.arrive(CLINICIAN, minute(11)));
    run.must(|visit| visit.arrive(CLIENT, minute(11)));
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), minute(11)));
    assert!(matches!(run.visit.intents().as_slice(), [Intent::OpenRoom { generation: 5, .. }]));
}

#[test]
fn a_lost_room_is_opened_anew_and_everybody_gets_a_new_credential() {
    let mut run = Run::in_progress();
    let lost = run.report(ProviderEventKind::RoomEnded, minute(10));
    assert_eq!(lost, ["room.lost", "room.requested", "session.interrupted"]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::OpenRoom { generation: 2, .. }]));
    run.open_room(minute(10));
    assert_eq!(run.visit.intents().len(), 2);
    run.join(CLINICIAN, minute(11));
    run.join(CLIENT, minute(11));
    assert_eq!(run.visit.state(), VisitState::InProgress(Health::Healthy));
    assert_eq!(run.visit.started_at(), Some(start()), "T0 stays");
    let client: &Participant = run.visit.participant(CLIENT).unwrap();
    assert_eq!(client.presence.len(), 2);
    assert_eq!(client.presence[0].until, Some(minute(10)));
}

#[test]
fn a_room_lost_too_often_ends_the_visit() {
    let mut run = Run::in_progress();
    for generation in 1..=3 {
        run.report(ProviderEventKind::RoomEnded, minute(generation));
        run.open_room(minute(generation));
        run.join(CLINICIAN, minute(generation));
        run.join(CLIENT, minute(generation));
    }
    run.report(ProviderEventKind::RoomEnded, minute(5));
    assert_eq!(run.visit.state(), VisitState::Ended(EndReason::RoomLost));
}

#[test]
fn a_room_that_ends_while_nobody_is_in_it_is_opened_for_the_next_who_returns() {
    let mut run = Run::in_progress();
    for who in [CLIENT, CLINICIAN] {
        let grant = run.grant(who);
        run.report(ProviderEventKind::Left(grant), minute(10));
    }
    assert_eq!(run.report(ProviderEventKind::RoomEnded, minute(11)), ["room.lost"]);
    assert_eq!(run.visit.intents(), []);
    assert_eq!(
        run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(12))),
        ["room.requested", "participant.rejoined"]
    );
}

#[test]
fn the_answer_to_another_request_is_refused() {
    let mut run = Run::admitted();
    let mut handle = Run::admitted().open_room(start());
    handle.provider = ProviderId::parse("other").unwrap();
    assert_eq!(run.step(|v| v.room_opened(handle.clone(), start())), Err(VisitError::StaleRoom));
    let first = run.open_room(start());
    assert_eq!(run.must(|v| v.room_opened(first.clone(), start())), [""; 0], "the same answer again");
    run.report(ProviderEventKind::RoomEnded, minute(1));
    assert_eq!(run.step(|v| v.room_opened(first, minute(1))), Err(VisitError::StaleRoom));
}

#[test]
fn an_unknown_status_never_ends_a_visit() {
    let mut run = Run::in_progress();
    let room = run.visit.room().unwrap().clone();
    let before = run.visit.clone();
    for status in [RoomStatus::Unknown, RoomStatus::Alive] {
        run.must(|v| Ok(v.reconcile(&room, &status, minute(5), &secret(), minute(5))));
        assert_eq!(run.visit, before);
    }
}

#[test]
fn the_roll_call_finds_who_vanished_and_who_joined_unseen() {
    let mut run = Run::in_progress();
    let room = run.visit.room().unwrap().clone();
    let (client, clinician) = (run.grant(CLIENT), run.grant(CLINICIAN));
    let status = |inside: &[_]| RoomStatus::Open { inside: inside.to_vec() };
    let call = |run: &mut Run, inside: &[_], asked, now| {
        run.must(|v| Ok(v.reconcile(&room, &status(inside), asked, &secret(), now)))
    };
    assert_eq!(call(&mut run, &[client, clinician], minute(1), minute(1)), [""; 0]);
    assert_eq!(call(&mut run, &[clinician], minute(2), minute(2)), ["participant.dropped", "session.interrupted"]);
    assert_eq!(
        call(&mut run, &[clinician, client], minute(3), minute(3)),
        ["participant.connected", "session.resumed"]
    );
    assert_eq!(call(&mut run, &[clinician], start() + TimeDelta::seconds(150), minute(4)), [""; 0], "asked too early");
}

#[test]
fn an_ended_status_of_an_older_room_changes_nothing() {
    let mut run = Run::in_progress();
    let old = run.visit.room().unwrap().clone();
    run.report(ProviderEventKind::RoomEnded, minute(1));
    run.open_room(minute(1));
    let before = run.visit.clone();
    run.must(|v| Ok(v.reconcile(&old, &RoomStatus::Ended, minute(2), &secret(), minute(2))));
    assert_eq!(run.visit, before);
}

#[test]
fn ending_is_done_once_and_waits_for_the_room() {
    let mut run = Run::in_progress();
    assert_eq!(run.must(|visit| visit.end(CLINICIAN, minute(45))), ["session.ending"]);
    assert_eq!(run.must(|visit| visit.end(CLINICIAN, minute(45))), [""; 0]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::CloseRoom { .. }]));
    assert_eq!(run.must(|visit| visit.room_closed(minute(45))), ["room.closed", "session.ended"]);
    assert_eq!(run.must(|visit| visit.room_closed(minute(45))), [""; 0]);
    assert_eq!(run.visit.intents(), []);
}

#[test]
fn the_services_own_end_closes_an_ending_visit() {
    let mut run = Run::ending();
    assert_eq!(run.report(ProviderEventKind::RoomEnded, minute(45)), ["room.closed", "session.ended"]);
}

#[test]
fn three_failures_to_close_end_the_visit_but_not_the_closing() {
    let mut run = Run::ending();
    assert_eq!(run.must(|v| v.close_failed(minute(45))), ["room.close_failed"]);
    assert_eq!(run.must(|v| v.close_failed(minute(45))), ["room.close_failed"]);
    assert_eq!(run.must(|v| v.close_failed(minute(45))), ["room.close_failed", "session.ended"]);
    assert!(matches!(run.visit.intents().as_slice(), [Intent::CloseRoom { .. }]), "the reaper goes on");
    assert_eq!(run.must(|v| v.room_closed(minute(60))), ["room.closed"]);
    assert_eq!(run.visit.intents(), []);
}

#[test]
fn a_room_asked_for_is_found_and_closed_even_if_the_visit_was_cancelled_meanwhile() {
    let mut run = Run::admitted();
    run.must(|v| v.cancel(mentalspace_telehealth_port::visit::CancelReason::Client, minute(1)));
    assert!(matches!(run.visit.intents().as_slice(), [Intent::OpenRoom { .. }]));
    run.open_room(minute(2));
    assert!(matches!(run.visit.intents().as_slice(), [Intent::CloseRoom { .. }]));
    run.must(|v| v.room_closed(minute(2)));
    assert_eq!(run.visit.intents(), []);
}

#[test]
fn nobody_gets_credentials_without_end() {
    let mut run = Run::in_progress();
    for n in 2..=i64::from(MAX_GRANTS) {
        run.must(|visit| visit.rejoin(CLIENT, &secret(), second(n)));
        run.join(CLIENT, second(n));
    }
    let refused = run.step(|visit| visit.rejoin(CLIENT, &secret(), minute(5)));
    assert_eq!(refused, Err(VisitError::TooMany { what: "credentials", max: MAX_GRANTS }));
}

#[test]
fn a_host_who_comes_later_goes_straight_in() {
    let mut booking = crate::fixture::booking();
    let supervisor = crate::fixture::invitee(STRANGER, mentalspace_telehealth_port::visit::ParticipantRole::Supervisor);
    booking.invitees.push(supervisor);
    let mut run = Run::with(booking, VisitPolicy::default());
    run.both_come(CLIENT);
    run.must(|v| v.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    assert_eq!(run.must(|v| v.arrive(STRANGER, start())), ["participant.arrived", "participant.admitted"]);
}

#[test]
fn by_telephone_nobody_is_missed_in_the_room_and_coming_back_takes_the_whole_grace() {
    let mut run = Run::in_progress();
    run.must(|visit| visit.change_modality(CLINICIAN, Modality::Telephone, minute(10)));
    run.drop_out(CLIENT, minute(11));
    run.report(ProviderEventKind::RoomEnded, minute(12));
    run.fire(minute(40));
    assert!(matches!(run.visit.state(), VisitState::InProgress(Health::Healthy)), "{:?}", run.visit.state());
    run.must(|visit| visit.change_modality(CLINICIAN, Modality::Video, minute(40)));
    run.report(ProviderEventKind::RoomEnded, minute(41));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(42)));
    assert!(matches!(run.visit.intents().first(), Some(Intent::OpenRoom { generation: 2, .. })));
}

#[test]
fn somebody_let_in_is_not_given_up_while_the_telephone_is_used() {
    let mut run = Run::admitted();
    run.open_room(start());
    run.must(|visit| visit.change_modality(CLINICIAN, Modality::Telephone, minute(1)));
    run.fire(minute(30));
    run.must(|visit| visit.end(CLINICIAN, minute(30)));
    assert!(matches!(run.visit.state(), VisitState::Ending(_)));
}
