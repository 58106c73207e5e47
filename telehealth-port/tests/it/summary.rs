use chrono::TimeDelta;
use mentalspace_telehealth_port::consent::{LocationAttestation, Setting};
use mentalspace_telehealth_port::provider::ProviderEventKind;
use mentalspace_telehealth_port::summary::VisitSummary;
use mentalspace_telehealth_port::visit::{EndReason, Modality};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, SECOND, location, minute, secret, start};

#[test]
fn only_an_ended_visit_has_a_summary() {
    for run in [Run::scheduled(), Run::waiting(), Run::in_progress(), Run::ending()] {
        assert_eq!(VisitSummary::of(&run.visit), None);
    }
    assert!(VisitSummary::of(&Run::ended().visit).is_some());
}

#[test]
fn times_end_when_people_are_cut_not_when_the_room_is_closed() {
    let mut run = Run::ending();
    run.fire(minute(300));
    let summary = VisitSummary::of(&run.visit).unwrap();
    assert_eq!((summary.started_at, summary.ended_at), (Some(start()), minute(45)));
    assert!(summary.attendance.iter().all(|a| a.connected == TimeDelta::minutes(45)));
    assert_eq!(summary.reason, EndReason::ByHost);
}

#[test]
fn time_away_is_not_counted_and_told_as_an_interruption() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(10));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(12)));
    run.join(CLIENT, minute(13));
    run.must(|visit| visit.end(CLINICIAN, minute(50)));
    run.must(|visit| visit.room_closed(minute(50)));
    let summary = VisitSummary::of(&run.visit).unwrap();
    let [clinician, client] = summary.attendance.as_slice() else { panic!("two were there") };
    assert_eq!(clinician.connected, TimeDelta::minutes(50));
    assert_eq!(client.connected, TimeDelta::minutes(47));
    assert_eq!((client.from, client.until), (start(), minute(50)));
    let [gap] = summary.interruptions.as_slice() else { panic!("one interruption") };
    assert_eq!((gap.from, gap.until), (minute(10), Some(minute(13))));
}

#[test]
fn time_with_the_clinician_is_the_time_both_were_connected() {
    let mut run = Run::in_progress();
    run.drop_out(CLINICIAN, minute(20));
    run.must(|visit| visit.rejoin(CLINICIAN, &secret(), minute(24)));
    run.join(CLINICIAN, minute(25));
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    run.must(|visit| visit.room_closed(minute(45)));
    let summary = VisitSummary::of(&run.visit).unwrap();
    assert_eq!(summary.attendance[1].connected, TimeDelta::minutes(45));
    assert_eq!(summary.attendance[1].with_clinician, TimeDelta::minutes(40));
}

/// T2: modality and client location come from the visit's record, not from a template.
#[test]
fn modality_and_place_come_from_what_was_recorded() {
    let mut run = Run::in_progress();
    let elsewhere = LocationAttestation { setting: Setting::Elsewhere, ..location(minute(1)) };
    run.must(|visit| visit.attest_location(CLINICIAN, CLIENT, elsewhere, minute(1)));
    run.must(|visit| visit.change_modality(CLINICIAN, Modality::AudioOnly, minute(30)));
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    run.must(|visit| visit.room_closed(minute(45)));
    let summary = VisitSummary::of(&run.visit).unwrap();
    let held = [(Modality::Video, TimeDelta::minutes(30)), (Modality::AudioOnly, TimeDelta::minutes(15))];
    assert_eq!(summary.modalities, held);
    let client = &summary.attendance[1];
    assert_eq!(client.place_of_service.as_ref().unwrap().as_str(), "02");
    assert_eq!(client.state.as_ref().unwrap().as_str(), "NY");
    assert_eq!(client.consent, Practice::new().consent.map(|consent| consent.consent_id()));
    assert_eq!(summary.attendance[0].place_of_service, None, "the clinician's place is not the visit's");
}

#[test]
fn each_client_of_a_group_has_their_own_minutes() {
    let mut run = Run::group();
    run.both_come(CLIENT);
    run.both_come(SECOND);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.join(CLIENT, start());
    run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::for_second().request(), &secret(), minute(10)));
    run.join(SECOND, minute(10));
    let grant = run.grant(CLIENT);
    run.report(ProviderEventKind::Left(grant), minute(30));
    run.must(|visit| visit.end(CLINICIAN, minute(40)));
    run.must(|visit| visit.room_closed(minute(40)));
    let summary = VisitSummary::of(&run.visit).unwrap();
    let minutes: Vec<_> = summary.attendance.iter().map(|a| a.with_clinician.num_minutes()).collect();
    assert_eq!(minutes, [40, 30, 30]);
    assert_eq!(summary.interruptions, [], "one client is enough to go on");
}

#[test]
fn an_open_interval_is_never_left_behind() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(44));
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    run.must(|visit| visit.room_closed(minute(45)));
    let presence = run.visit.participants().iter().flat_map(|p| &p.presence);
    assert!(presence.chain(run.visit.interruptions()).all(|interval| interval.until.is_some()));
}
