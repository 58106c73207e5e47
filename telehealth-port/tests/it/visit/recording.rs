use chrono::TimeDelta;
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::consent::Sha256Hex;
use mentalspace_telehealth_port::provider::{
    RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus, RoomDetails,
};
use mentalspace_telehealth_port::visit::{Intent, Prompt, VisitError, VisitPolicy, VisitState};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, SECOND, booking, invitee, minute, secret, start};

fn recordable() -> VisitPolicy {
    VisitPolicy { recording: true, ..VisitPolicy::default() }
}

fn in_progress() -> Run {
    let mut booking = booking();
    booking.invitees.push(invitee(SECOND, mentalspace_telehealth_port::visit::ParticipantRole::Client));
    let mut run = Run::with(booking, recordable());
    run.both_come(CLIENT);
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
    run.open_room(start());
    run.join(CLINICIAN, start());
    run.join(CLIENT, start());
    run
}

fn ask(run: &mut Run, at: i64) -> Vec<&'static str> {
    run.must(|visit| visit.ask_to_record(CLINICIAN, RecordingMedia::Audio, &secret(), minute(at)))
}

fn answer(run: &mut Run, who: ParticipantId, yes: bool, at: i64) -> Vec<&'static str> {
    run.must(|visit| visit.answer_recording(who, yes, minute(at)))
}

fn handle(run: &Run) -> RecordingHandle {
    let room = run.visit.room().unwrap();
    RecordingHandle {
        provider: room.provider.clone(),
        room: room.room.clone(),
        recording: "recording-1".to_owned(),
        details: RoomDetails::default(),
    }
}

fn starts(run: &Run) -> bool {
    run.visit.intents().iter().any(|intent| matches!(intent, Intent::StartRecording { .. }))
}

fn state(run: &Run) -> &'static str {
    run.visit.recordings().last().unwrap().state.name()
}

fn recorded() -> Run {
    let mut run = in_progress();
    ask(&mut run, 1);
    answer(&mut run, CLIENT, true, 2);
    let handle = handle(&run);
    run.must(|visit| visit.recording_started(handle, minute(2)));
    run
}

#[test]
fn nobody_records_unless_the_practice_allows_it() {
    let mut run = Run::in_progress();
    let refused = run.step(|visit| visit.ask_to_record(CLINICIAN, RecordingMedia::Video, &secret(), minute(1)));
    assert_eq!(refused, Err(VisitError::Invalid("the practice does not record visits")));
}

#[test]
fn recording_begins_with_the_last_yes_and_not_before() {
    let mut run = in_progress();
    assert_eq!(ask(&mut run, 1), ["recording.asked", "recording.agreed"]);
    assert!(!starts(&run) && run.visit.must_answer(CLIENT) && !run.visit.must_answer(CLINICIAN));
    assert_eq!(answer(&mut run, CLIENT, true, 2), ["recording.agreed", "recording.requested"]);
    assert!(starts(&run));
}

#[test]
fn one_no_is_enough() {
    let mut run = in_progress();
    ask(&mut run, 1);
    assert_eq!(answer(&mut run, CLIENT, false, 2), ["recording.objected", "recording.refused"]);
    assert!(!starts(&run) && run.visit.recording().is_none());
}

#[test]
fn a_yes_taken_back_stops_the_recording_at_once() {
    let mut run = recorded();
    assert_eq!(state(&run), "recording");
    assert_eq!(answer(&mut run, CLIENT, false, 5), ["recording.objected", "recording.stopping"]);
    assert!(matches!(run.visit.intents().first(), Some(Intent::StopRecording { .. })));
}

#[test]
fn somebody_let_in_during_a_recording_is_held_until_they_answer() {
    let mut run = recorded();
    run.both_come(SECOND);
    run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::for_second().request(), &secret(), minute(3)));
    let granted = |run: &Run| run.visit.intents().iter().any(|intent| matches!(intent, Intent::Grant { .. }));
    assert_eq!(run.visit.view_for(SECOND).unwrap().prompt, Prompt::AnswerRecording);
    assert!(!granted(&run));
    let grant = run.grant(SECOND);
    let refused = run.step(|visit| visit.granted(grant, minute(9), minute(4)));
    assert_eq!(refused, Err(VisitError::StaleGrant), "no credential before the answer");
    answer(&mut run, SECOND, true, 4);
    assert!(granted(&run));
    assert_eq!(state(&run), "recording");
}

#[test]
fn an_objection_from_the_door_stops_the_recording_and_lets_in() {
    let mut run = recorded();
    run.both_come(SECOND);
    run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::for_second().request(), &secret(), minute(3)));
    assert!(answer(&mut run, SECOND, false, 4).contains(&"recording.stopping"));
    assert!(run.visit.intents().iter().any(|intent| matches!(intent, Intent::Grant { .. })));
}

#[test]
fn who_leaves_before_answering_is_no_longer_asked() {
    let mut run = in_progress();
    run.both_come(SECOND);
    run.must(|visit| visit.admit(CLINICIAN, SECOND, &Practice::for_second().request(), &secret(), minute(1)));
    run.join(SECOND, minute(1));
    ask(&mut run, 2);
    answer(&mut run, CLIENT, true, 3);
    assert!(!starts(&run));
    run.must(|visit| visit.remove(CLINICIAN, SECOND, minute(4)));
    assert!(starts(&run));
}

#[test]
fn a_recording_that_may_have_begun_is_stopped_by_giving_up_its_room() {
    let mut run = in_progress();
    ask(&mut run, 1);
    answer(&mut run, CLIENT, true, 2);
    let names = answer(&mut run, CLIENT, false, 3);
    assert_eq!(names, ["recording.objected", "recording.failed", "room.discarded", "session.interrupted"]);
    assert!(run.visit.intents().iter().any(|intent| matches!(intent, Intent::CloseStray { .. })));
    assert_eq!(run.visit.view_for(CLIENT).map(|view| matches!(view.prompt, Prompt::Rejoin { .. })), Some(true));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(3)));
    assert!(matches!(run.visit.intents().first(), Some(Intent::OpenRoom { generation: 2, .. })));
}

#[test]
fn a_recorder_that_fails_does_not_end_the_visit() {
    let mut run = in_progress();
    ask(&mut run, 1);
    answer(&mut run, CLIENT, true, 2);
    run.must(|visit| Ok(visit.recording_failed(true, minute(2))));
    assert_eq!(state(&run), "failed");
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)) && run.visit.room().is_some());
}

#[test]
fn the_end_of_a_visit_stops_its_recording_before_its_room() {
    let mut run = recorded();
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    let intents = run.visit.intents();
    assert!(matches!(intents.as_slice(), [Intent::StopRecording { .. }, Intent::CloseRoom { .. }]), "{intents:?}");
}

#[test]
fn a_file_may_become_ready_after_the_visit_or_never() {
    let mut ended = recorded();
    let handle = handle(&ended);
    ended.must(|visit| visit.end(CLINICIAN, minute(45)));
    ended.must(|visit| Ok(visit.recording_stopped(handle, minute(45))));
    ended.must(|visit| visit.room_closed(minute(45)));
    assert!(matches!(ended.visit.intents().as_slice(), [Intent::CheckRecording { number: 1, .. }]));

    let mut run = ended.clone();
    let sha256 = Some(Sha256Hex::of(b"sound"));
    let file = RecordingFile { location: "r/1".to_owned(), sha256, bytes: Some(5), duration: None };
    run.must(|visit| Ok(visit.recording_checked(1, &RecordingStatus::Ready(file), minute(50))));
    assert_eq!(state(&run), "ready");
    assert!(run.visit.intents().is_empty());

    ended.must(|visit| Ok(visit.recording_checked(1, &RecordingStatus::Unknown, minute(50))));
    assert_eq!(state(&ended), "processing");
    ended.must(|visit| Ok(visit.recording_checked(1, &RecordingStatus::Unknown, minute(45) + TimeDelta::hours(25))));
    assert_eq!(state(&ended), "failed");
}
