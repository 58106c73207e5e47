use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::provider::ProviderEventKind;
use mentalspace_telehealth_port::visit::{
    CancelReason, EndReason, Minutes, NoShow, ParticipantState, TimerKind, VisitError, VisitPolicy, VisitState,
};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, booking, minute, secret, start};

fn due(run: &Run) -> Vec<(DateTime<Utc>, TimerKind)> {
    run.visit.due().into_iter().map(|timer| (timer.due_at, timer.kind)).collect()
}

#[test]
fn each_state_says_what_the_clock_will_do() {
    assert_eq!(due(&Run::scheduled()), [(minute(-15), TimerKind::OpenWindow)]);
    assert_eq!(due(&Run::waiting()), [(minute(110), TimerKind::WindowCloses)]);
    let mut alone = Run::scheduled();
    alone.must(|visit| visit.arrive(CLINICIAN, start()));
    assert_eq!(due(&alone), [(minute(15), TimerKind::NoShow), (minute(110), TimerKind::WindowCloses)]);
    let running = [(minute(110), TimerKind::LimitWarning), (minute(120), TimerKind::Limit)];
    assert_eq!(due(&Run::in_progress()), running);
    assert_eq!(due(&Run::ending()), [(minute(46), TimerKind::CloseOverdue)]);
    assert_eq!(due(&Run::ended()), []);
}

#[test]
fn firing_too_early_or_twice_does_nothing() {
    let mut run = Run::scheduled();
    assert_eq!(run.fire(minute(-15) - TimeDelta::nanoseconds(1)), [""; 0]);
    assert_eq!(run.fire(minute(-15)), ["session.opened"]);
    assert_eq!(run.fire(minute(-15)), [""; 0]);
}

#[test]
fn a_clock_that_jumps_over_warning_and_limit_fires_each_once() {
    let mut run = Run::in_progress();
    let fired = run.fire(minute(500));
    assert_eq!(fired, ["session.limit_warning", "session.ending", "session.ended"]);
    assert_eq!(run.visit.state(), VisitState::Ended(EndReason::TimeLimit));
    assert_eq!(run.visit.cut_at(), Some(minute(120)), "measured to the limit, not to the late poll");
    assert_eq!(run.fire(minute(600)), [""; 0]);
}

#[test]
fn a_clock_that_jumps_back_does_nothing() {
    let mut run = Run::in_progress();
    run.fire(minute(111));
    let before = run.visit.clone();
    run.fire(minute(-600));
    assert_eq!(run.visit, before);
}

#[test]
fn the_warning_comes_ten_minutes_before_the_limit() {
    let mut run = Run::in_progress();
    assert_eq!(run.fire(minute(109)), [""; 0]);
    assert_eq!(run.fire(minute(110)), ["session.limit_warning"]);
    assert_eq!(run.fire(minute(119)), [""; 0]);
    assert_eq!(run.fire(minute(120)), ["session.ending"]);
}

#[test]
fn an_extension_moves_limit_and_warning_twice_at_most() {
    let mut run = Run::in_progress();
    run.fire(minute(110));
    assert!(matches!(run.step(|v| v.extend(CLINICIAN, Minutes(31), minute(111))), Err(VisitError::Invalid(_))));
    assert!(matches!(run.step(|v| v.extend(CLINICIAN, Minutes(0), minute(111))), Err(VisitError::Invalid(_))));
    assert!(matches!(run.step(|v| v.extend(CLIENT, Minutes(30), minute(111))), Err(VisitError::NotHost { .. })));
    run.must(|visit| visit.extend(CLINICIAN, Minutes(30), minute(111)));
    assert_eq!(due(&run), [(minute(140), TimerKind::LimitWarning), (minute(150), TimerKind::Limit)]);
    run.must(|visit| visit.extend(CLINICIAN, Minutes(15), minute(112)));
    assert_eq!(run.visit.limit(), Some(minute(165)));
    let third = run.step(|visit| visit.extend(CLINICIAN, Minutes(1), minute(113)));
    assert_eq!(third, Err(VisitError::TooMany { what: "extensions", max: 2 }));
}

#[test]
fn the_limit_counts_from_t0_whatever_happens_to_connection_and_room() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(10));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(11)));
    run.join(CLIENT, minute(11));
    run.report(ProviderEventKind::RoomEnded, minute(20));
    run.open_room(minute(20));
    run.join(CLINICIAN, minute(21));
    run.join(CLIENT, minute(21));
    assert_eq!(run.visit.limit(), Some(minute(120)));
}

#[test]
fn a_client_has_five_minutes_to_return_and_a_clinician_ten() {
    for (who, minutes) in [(CLIENT, 5), (CLINICIAN, 10)] {
        let mut run = Run::in_progress();
        run.drop_out(who, minute(20));
        assert_eq!(run.fire(minute(20 + minutes) - TimeDelta::seconds(1)), [""; 0]);
        assert_eq!(run.fire(minute(20 + minutes)), ["participant.lapsed", "session.ending"]);
        assert_eq!(run.visit.state(), VisitState::Ending(EndReason::Disconnected));
    }
}

#[test]
fn a_poll_that_is_late_does_not_lengthen_the_grace() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(20));
    let refused = run.step(|visit| visit.rejoin(CLIENT, &secret(), minute(26)));
    assert!(matches!(refused, Err(VisitError::NotNow { .. })), "{refused:?}");
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)), "a refusal changes nothing");
}

#[test]
fn coming_back_without_connecting_does_not_hold_the_visit_open() {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(20));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(24)));
    assert_eq!(run.fire(minute(29)), ["participant.lapsed", "session.ending"]);
}

#[test]
fn a_client_sent_back_does_not_end_the_visit() {
    let mut run = Run::in_progress();
    run.must(|visit| visit.send_back(CLINICIAN, CLIENT, minute(20)));
    assert_eq!(run.fire(minute(60)), [""; 0]);
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
}

#[test]
fn somebody_who_never_takes_the_credential_must_be_admitted_again() {
    let mut run = Run::admitted();
    assert_eq!(run.fire(minute(60)), [""; 0], "no deadline while the service is down");
    run.open_room(minute(60));
    assert_eq!(run.fire(minute(65)), ["participant.lapsed"]);
    assert_eq!(run.visit.participant(CLIENT).unwrap().state, ParticipantState::Left);
    run.must(|visit| visit.arrive(CLIENT, minute(66)));
    let practice = Practice::new();
    run.must(|visit| visit.admit(CLINICIAN, CLIENT, &practice.request(), &secret(), minute(66)));
}

fn policy(no_show: NoShow) -> VisitPolicy {
    VisitPolicy { no_show, ..VisitPolicy::default() }
}

#[test]
fn the_clock_marks_a_no_show_where_the_practice_says_so() {
    let mut run = Run::with(booking(), policy(NoShow::Automatic));
    run.must(|visit| visit.arrive(CLINICIAN, start()));
    assert_eq!(run.fire(minute(15)), ["session.no_show"]);
    assert_eq!(run.visit.state(), VisitState::NoShow);
    assert!(run.step(|visit| visit.arrive(CLIENT, minute(16))).is_err());
}

#[test]
fn otherwise_the_clinician_is_told_once_and_decides() {
    let mut run = Run::scheduled();
    run.must(|visit| visit.arrive(CLINICIAN, start()));
    assert!(run.step(|visit| visit.mark_no_show(CLINICIAN, minute(14))).is_err(), "not before the time");
    assert_eq!(run.fire(minute(30)), ["session.no_show_suspected"]);
    assert_eq!(run.fire(minute(31)), [""; 0]);
    let mut late = run.clone();
    assert_eq!(run.must(|visit| visit.mark_no_show(CLINICIAN, minute(32))), ["session.no_show"]);
    assert_eq!(late.must(|visit| visit.arrive(CLIENT, minute(32))), ["participant.arrived"], "late is not absent");
    assert!(late.step(|visit| visit.mark_no_show(CLINICIAN, minute(33))).is_err());
}

#[test]
fn a_client_who_waited_for_nobody_is_no_no_show() {
    let mut run = Run::with(booking(), policy(NoShow::Automatic));
    run.must(|visit| visit.arrive(CLIENT, start()));
    run.must(|visit| visit.withdraw(CLIENT, minute(14)));
    assert_eq!(run.fire(minute(20)), [""; 0]);
    run.must(|visit| visit.arrive(CLINICIAN, minute(20)));
    assert!(run.step(|visit| visit.mark_no_show(CLINICIAN, minute(20))).is_err());
    run.fire(minute(110));
    assert_eq!(run.visit.state(), VisitState::Cancelled(CancelReason::NeverStarted));
}

#[test]
fn a_visit_nobody_came_to_is_given_up_and_blames_nobody() {
    let mut run = Run::with(booking(), policy(NoShow::Automatic));
    assert_eq!(run.fire(minute(1000)), ["session.opened", "session.cancelled"]);
    assert_eq!(run.visit.state(), VisitState::Cancelled(CancelReason::NeverStarted));
}

#[test]
fn a_room_that_will_not_close_does_not_hold_the_visit() {
    let mut run = Run::ending();
    assert_eq!(run.fire(minute(46)), ["session.ended"]);
    assert_eq!(run.visit.intents().len(), 1);
}

#[test]
fn extreme_times_do_not_overflow() {
    let mut run = Run::in_progress();
    run.fire(DateTime::<Utc>::MIN_UTC);
    run.fire(DateTime::<Utc>::MAX_UTC);
    assert!(run.visit.state().is_terminal());
    let mut far = booking();
    far.starts_at = DateTime::<Utc>::MAX_UTC - TimeDelta::minutes(1);
    far.ends_at = DateTime::<Utc>::MAX_UTC;
    assert_eq!(Run::with(far, VisitPolicy::default()).visit.due().len(), 1);
}
