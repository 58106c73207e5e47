use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::guard::ProviderAgreement;
use mentalspace_telehealth_port::provider::{
    GrantId, ProviderEventKind, ProviderId, RecordingHandle, RecordingMedia, RecordingStatus,
};
use mentalspace_telehealth_port::visit::{
    CancelReason, Change, Intent, Minutes, Modality, ParticipantChange, ParticipantState, Visit, VisitEvent,
};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, SECOND, agreement, location, secret, start};

#[derive(Debug, Clone, Copy)]
enum Step {
    Arrive,
    Withdraw,
    Attest,
    Admit,
    Decline,
    SendBack,
    Remove,
    AllowBack,
    Rejoin,
    RunIntents,
    Restart,
    Joined { stale: bool },
    Left,
    Dropped,
    RoomEnded,
    Extend,
    Telephone,
    End,
    Cancel,
    NoShow,
    CloseFailed,
    Fire,
    Hand,
    Record,
    Answer { yes: bool },
    StopRecording,
    RecorderFails { certain: bool },
    FailOver,
}

fn steps() -> impl Strategy<Value = Vec<(Step, ParticipantId, i64, i64)>> {
    let step = prop_oneof![
        8 => Just(Step::Arrive),
        4 => Just(Step::Attest),
        10 => Just(Step::Admit),
        14 => Just(Step::RunIntents),
        12 => any::<bool>().prop_map(|stale| Step::Joined { stale }),
        6 => Just(Step::Rejoin),
        4 => Just(Step::Record),
        8 => prop_oneof![6 => Just(true), 1 => Just(false)].prop_map(|yes| Step::Answer { yes }),
        12 => prop_oneof![
            Just(Step::Withdraw), Just(Step::Decline), Just(Step::SendBack), Just(Step::Remove), Just(Step::AllowBack),
            Just(Step::Restart), Just(Step::Left), Just(Step::Dropped), Just(Step::RoomEnded), Just(Step::Extend),
            Just(Step::Telephone), Just(Step::CloseFailed), Just(Step::Fire), Just(Step::Hand),
            Just(Step::StopRecording), any::<bool>().prop_map(|certain| Step::RecorderFails { certain }),
            Just(Step::FailOver),
        ],
        1 => prop_oneof![Just(Step::End), Just(Step::Cancel), Just(Step::NoShow)],
    ];
    let who = prop_oneof![Just(CLINICIAN), Just(CLIENT), Just(SECOND)];
    let wait = prop_oneof![12 => 0..60_i64, 2 => 60..600_i64, 1 => 600..9000_i64];
    let delay = prop_oneof![3 => Just(0_i64), 1 => 0..120_i64];
    proptest::collection::vec((step, who, wait, delay), 1..70)
}

fn take(run: &mut Run, step: Step, who: ParticipantId, now: DateTime<Utc>, delay: i64) {
    let practice = if who == SECOND { Practice::for_second() } else { Practice::new() };
    let secret = secret();
    let grant = |stale: bool| {
        let serial = run.visit.participant(who).and_then(|p| p.grant()).map_or(1, |grant| grant.serial);
        GrantId { participant: who, serial: if stale { 1 } else { serial } }
    };
    let (old, present) = (grant(true), grant(false));
    let at = now - TimeDelta::seconds(delay);
    let report = |run: &mut Run, kind| {
        run.report_late(kind, at, now);
    };
    match step {
        Step::Joined { stale } => report(run, ProviderEventKind::Joined(if stale { old } else { present })),
        Step::Left => report(run, ProviderEventKind::Left(present)),
        Step::Dropped => report(run, ProviderEventKind::Dropped(present)),
        Step::RoomEnded => report(run, ProviderEventKind::RoomEnded),
        Step::Fire => drop(run.fire(now)),
        Step::RunIntents => run_intents(run, now),
        Step::Restart => {
            let before = run.visit.intents();
            run.visit = serde_json::from_str(&serde_json::to_string(&run.visit).unwrap()).unwrap();
            assert_eq!(before, run.visit.intents(), "a call repeated after a restart is the same call");
        }
        Step::Arrive => drop(run.step(|v| v.arrive(who, now))),
        Step::Withdraw => drop(run.step(|v| v.withdraw(who, now))),
        Step::Attest => drop(run.step(|v| v.attest_location(who, who, location(now), now))),
        Step::Admit => drop(run.step(|v| v.admit(CLINICIAN, who, &practice.request(), &secret, now))),
        Step::Decline => drop(run.step(|v| v.decline(CLINICIAN, who, now))),
        Step::SendBack => drop(run.step(|v| v.send_back(CLINICIAN, who, now))),
        Step::Remove => drop(run.step(|v| v.remove(CLINICIAN, who, now))),
        Step::AllowBack => drop(run.step(|v| v.allow_back(CLINICIAN, who, now))),
        Step::Rejoin => drop(run.step(|v| v.rejoin(who, &secret, now))),
        Step::Extend => drop(run.step(|v| v.extend(CLINICIAN, Minutes(20), now))),
        Step::Telephone => drop(run.step(|v| v.change_modality(CLINICIAN, Modality::Telephone, now))),
        Step::End => drop(run.step(|v| v.end(CLINICIAN, now))),
        Step::Cancel => drop(run.step(|v| v.cancel(CancelReason::Client, now))),
        Step::NoShow => drop(run.step(|v| v.mark_no_show(CLINICIAN, now))),
        Step::Hand => drop(run.step(|v| v.raise_hand(who, true, now))),
        Step::Record => drop(run.step(|v| v.ask_to_record(CLINICIAN, RecordingMedia::Video, &secret, now))),
        Step::Answer { yes } => drop(run.step(|v| v.answer_recording(who, yes, now))),
        Step::StopRecording => drop(run.step(|v| v.stop_recording(CLINICIAN, now))),
        Step::RecorderFails { certain } => drop(run.step(|v| Ok(v.recording_failed(certain, now)))),
        Step::FailOver => {
            let to = ProviderId::parse("other").unwrap();
            let agreed = ProviderAgreement { provider: to.clone(), ..agreement() };
            drop(run.step(|v| v.fail_over(to, None, Some(&agreed), now)));
        }
        Step::CloseFailed => drop(run.step(|v| v.close_failed(now))),
    }
}

fn run_intents(run: &mut Run, now: DateTime<Utc>) {
    run.fire(now);
    for intent in run.visit.intents() {
        match intent {
            Intent::OpenRoom { .. } => drop(run.open_room(now)),
            Intent::StartRecording { room, .. } => {
                let (provider, details) = (room.provider, room.details);
                let handle = RecordingHandle { provider, room: room.room, recording: "r".to_owned(), details };
                run.must(|v| v.recording_started(handle, now));
            }
            Intent::StopRecording { recording } => drop(run.must(|v| Ok(v.recording_stopped(recording, now)))),
            Intent::CheckRecording { number, .. } => {
                run.must(|v| Ok(v.recording_checked(number, &RecordingStatus::Failed, now)));
            }
            Intent::CloseStray { stray, .. } => {
                run.must(|v| Ok(v.stray_closed(stray.provider(), stray.key(), now)));
            }
            Intent::Revoke { grant, .. } => drop(run.must(|v| Ok(v.revoked(grant, now)))),
            Intent::Grant { participant, .. } => {
                run.must(|v| v.granted(participant.grant, now, now));
            }
            Intent::CloseRoom { .. } => drop(run.must(|v| v.room_closed(now))),
            _ => unreachable!("all intents are known here"),
        }
    }
}

/// Replays the log by hand: a credential only for somebody whose last word is an admission.
fn credentials_follow_admissions(log: &[VisitEvent]) -> Result<(), TestCaseError> {
    let mut admitted = BTreeSet::new();
    for event in log {
        let Change::Participant { id, change } = &event.change else { continue };
        match change {
            ParticipantChange::Admitted(_) => prop_assert!(admitted.insert(*id), "admitted twice"),
            ParticipantChange::Declined
            | ParticipantChange::SentBack
            | ParticipantChange::Removed
            | ParticipantChange::Lapsed => {
                admitted.remove(id);
            }
            ParticipantChange::Granted { .. } | ParticipantChange::Rejoined | ParticipantChange::Connected => {
                prop_assert!(admitted.contains(id), "{} without admission", change.name());
            }
            _ => {}
        }
    }
    Ok(())
}

fn holds(run: &Run, now: DateTime<Utc>) -> Result<(), TestCaseError> {
    let visit = &run.visit;
    prop_assert!(visit.due().first().is_none_or(|timer| timer.due_at > now), "a timer was missed");
    for intent in visit.intents() {
        if let Intent::Grant { participant, .. } = intent {
            prop_assert!(visit.participant(participant.grant.participant).is_some_and(|p| p.is_admitted()));
        }
    }
    if let Some(recording) = visit.recording().filter(|r| r.state.may_run()) {
        let inside = visit.participants().iter().filter(|p| p.state == ParticipantState::Connected);
        for person in inside {
            prop_assert!(recording.agreed(person.id), "recorded without consent");
        }
        prop_assert!(!visit.state().is_terminal(), "a recording outlived its visit");
    }
    for client in [CLIENT, SECOND] {
        let view = visit.view_for(client).unwrap();
        let hidden = |state| matches!(state, ParticipantState::Connected | ParticipantState::Reconnecting);
        prop_assert!(view.others.iter().all(|other| hidden(other.state)), "somebody who waits is seen");
        prop_assert!(view.others.is_empty() || visit.participant(client).unwrap().is_admitted());
    }
    for p in visit.participants() {
        prop_assert!(p.presence.iter().all(|i| i.until.is_none_or(|until| i.from <= until)));
        prop_assert!(p.presence.windows(2).all(|w| w[0].until.is_some_and(|until| until <= w[1].from)), "overlap");
        let open = p.presence.last().is_some_and(|i| i.until.is_none());
        prop_assert_eq!(open, p.state == ParticipantState::Connected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn whatever_happens_the_visit_keeps_its_promises(steps in steps()) {
        let mut run = Run::group();
        let mut now = start() - TimeDelta::minutes(10);
        for (step, who, wait, delay) in steps {
            now += TimeDelta::seconds(wait);
            let before = run.visit.clone();
            let logged = run.log.len();
            take(&mut run, step, who, now, delay);
            run.fire(now);
            if before.state().is_terminal() {
                prop_assert_eq!(run.visit.state(), before.state(), "a terminal state was left");
            }
            if run.log.len() == logged {
                prop_assert_eq!(&run.visit, &before, "changed without an event");
            }
            holds(&run, now)?;
        }
        prop_assert_eq!(&Visit::replay(&run.log).unwrap(), &run.visit);
        let stored = serde_json::to_string(&run.visit).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Visit>(&stored).unwrap(), &run.visit);
        credentials_follow_admissions(&run.log)?;
        let count = |name| run.log.iter().filter(|event| event.change.name() == name).count();
        prop_assert!(count("session.started") <= 1, "T0 twice");
        let keys: Vec<_> = run.log.iter().filter_map(|event| match &event.change {
            Change::RoomRequested { key, .. } => Some(key),
            _ => None,
        }).collect();
        prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "a key for two rooms");
    }

    #[test]
    fn a_late_poll_gives_the_same_visit_as_punctual_ones(
        steps in steps(),
        polls in proptest::collection::vec(0..20_000_i64, 0..20),
    ) {
        let mut run = Run::group();
        let mut now = start() - TimeDelta::minutes(10);
        for (step, who, wait, delay) in steps {
            now += TimeDelta::seconds(wait);
            take(&mut run, step, who, now, delay);
        }
        let mut late = run.clone();
        late.fire(now + TimeDelta::seconds(20_000));
        let mut polls = polls;
        polls.sort_unstable();
        for poll in polls.into_iter().chain([20_000]) {
            run.fire(now + TimeDelta::seconds(poll));
        }
        prop_assert!(run.visit.state().is_terminal(), "every visit ends");
        prop_assert_eq!(run.visit, late.visit);
        prop_assert_eq!(run.log, late.log);
    }
}
