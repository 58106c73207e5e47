use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::provider::{GrantId, ProviderEvent, ProviderEventKind, RoomDetails, RoomHandle};
use mentalspace_telehealth_port::visit::{
    CancelReason, Intent, Minutes, Modality, ParticipantRole, Visit, VisitError, VisitEvent,
};

use crate::fixture::{CLIENT, CLINICIAN, Practice, Run, STRANGER, invitee, location, minute, secret, start};

type Step = fn(&mut Visit, DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError>;

fn grant(visit: &Visit) -> GrantId {
    visit.participant(CLIENT).and_then(|p| p.grant()).unwrap_or(GrantId { participant: CLIENT, serial: 1 })
}

fn observe(visit: &mut Visit, kind: ProviderEventKind, now: DateTime<Utc>) -> Vec<VisitEvent> {
    let room = visit.room().map_or_else(String::new, |room| room.room.clone());
    visit.observe(&ProviderEvent { id: "e".to_owned(), at: now, room, kind }, &secret(), now)
}

fn open_room(visit: &mut Visit, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
    let key = match visit.intents().as_slice() {
        [Intent::OpenRoom { key, .. }] => key.clone(),
        _ => mentalspace_telehealth_port::provider::IdempotencyKey::parse("other").unwrap(),
    };
    let provider = visit.provider().clone();
    visit.room_opened(RoomHandle { provider, key, room: "r".to_owned(), details: RoomDetails::default() }, now)
}

const STEPS: [(&str, Step); 28] = [
    ("fire", |v, now| Ok(v.fire(now))),
    ("fire a day later", |v, now| Ok(v.fire(now + TimeDelta::days(1)))),
    ("open", |v, now| v.open(CLINICIAN, now)),
    ("invite", |v, now| v.invite(CLINICIAN, invitee(STRANGER, ParticipantRole::Collateral), now)),
    ("clinician arrives", |v, now| v.arrive(CLINICIAN, now)),
    ("client arrives", |v, now| v.arrive(CLIENT, now)),
    ("client withdraws", |v, now| v.withdraw(CLIENT, now)),
    ("attest location", |v, now| v.attest_location(CLIENT, CLIENT, location(now), now)),
    ("admit", |v, now| v.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), now)),
    ("decline", |v, now| v.decline(CLINICIAN, CLIENT, now)),
    ("send back", |v, now| v.send_back(CLINICIAN, CLIENT, now)),
    ("remove", |v, now| v.remove(CLINICIAN, CLIENT, now)),
    ("allow back", |v, now| v.allow_back(CLINICIAN, CLIENT, now)),
    ("room opened", open_room),
    ("granted", |v, now| v.granted(grant(v), now, now)),
    ("revoked", |v, now| Ok(v.revoked(grant(v), now))),
    ("joined", |v, now| Ok(observe(v, ProviderEventKind::Joined(grant(v)), now))),
    ("left", |v, now| Ok(observe(v, ProviderEventKind::Left(grant(v)), now))),
    ("dropped", |v, now| Ok(observe(v, ProviderEventKind::Dropped(grant(v)), now))),
    ("room ended", |v, now| Ok(observe(v, ProviderEventKind::RoomEnded, now))),
    ("rejoin", |v, now| v.rejoin(CLIENT, &secret(), now)),
    ("extend", |v, now| v.extend(CLINICIAN, Minutes(10), now)),
    ("change modality", |v, now| v.change_modality(CLINICIAN, Modality::Telephone, now)),
    ("end", |v, now| v.end(CLINICIAN, now)),
    ("cancel", |v, now| v.cancel(CancelReason::Practice, now)),
    ("mark no-show", |v, now| v.mark_no_show(CLINICIAN, now)),
    ("fail", |v, now| v.fail(now)),
    ("room closed", |v, now| v.room_closed(now)),
];

/// One visit in each state, and in each way an open one can stand; with the time at which the steps are tried.
fn states() -> Vec<(&'static str, Run, DateTime<Utc>)> {
    let mut open = Run::scheduled();
    open.must(|v| v.arrive(CLINICIAN, minute(-5)));
    let mut alone = open.clone();
    alone.fire(minute(16));
    let mut no_show = alone.clone();
    no_show.must(|v| v.mark_no_show(CLINICIAN, minute(16)));
    let mut ready = Run::admitted();
    ready.open_room(start());
    let mut interrupted = Run::in_progress();
    interrupted.drop_out(CLIENT, minute(20));
    let mut cancelled = Run::waiting();
    cancelled.must(|v| v.cancel(CancelReason::Client, start()));
    let mut failed = Run::waiting();
    failed.must(|v| v.fail(start()));
    vec![
        ("scheduled", Run::scheduled(), minute(-60)),
        ("open", open, start()),
        ("open, nobody came", alone, minute(16)),
        ("open, client waits", Run::waiting(), start()),
        ("open, room requested", Run::admitted(), start()),
        ("open, room ready", ready, minute(1)),
        ("in progress", Run::in_progress(), minute(20)),
        ("in progress, interrupted", interrupted, minute(21)),
        ("ending", Run::ending(), minute(45)),
        ("ended", Run::ended(), minute(45)),
        ("no-show", no_show, minute(16)),
        ("cancelled", cancelled, start()),
        ("failed", failed, start()),
    ]
}

/// The whole machine on one page: what each step does in each state. A refusal changes nothing; what happened can be
/// replayed; a terminal state stays.
#[test]
fn every_step_in_every_state() {
    let mut table = String::new();
    for (name, run, now) in states() {
        writeln!(table, "{name}").unwrap();
        for (step_name, step) in STEPS {
            let mut after = run.clone();
            match after.step(|visit| step(visit, now)) {
                Ok(events) => {
                    assert_eq!(Visit::replay(&after.log).unwrap(), after.visit, "{name}: {step_name}");
                    writeln!(table, "  {step_name}: {} [{}]", after.visit.state().name(), events.join(", ")).unwrap();
                }
                Err(error) => {
                    assert_eq!(after.visit, run.visit, "{name}: {step_name}");
                    writeln!(table, "  {step_name}: refused, {error}").unwrap();
                }
            }
            if run.visit.state().is_terminal() {
                assert_eq!(after.visit.state(), run.visit.state(), "{name}: {step_name}");
            }
        }
    }
    insta::assert_snapshot!(table);
}
