//! A visit driven against a provider, the way a server does it: store, call, record.

#![cfg(feature = "testing")]

use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::provider::{ProviderError, ProviderErrorKind, ProviderEventKind, TelehealthProvider};
use mentalspace_telehealth_port::testing::{Operation, Outcome, ScriptedProvider};
use mentalspace_telehealth_port::visit::{Intent, Visit, VisitState};

use crate::fixture::{CLIENT, CLINICIAN, PERSONAL, Run, minute, start};

/// Performs what the visit asks for until nothing is left or a call fails.
async fn perform(run: &mut Run, provider: &ScriptedProvider, now: DateTime<Utc>) -> Result<(), ProviderError> {
    for _ in 0..10 {
        for intent in run.visit.intents() {
            match intent {
                Intent::OpenRoom { key, spec, .. } => {
                    let room = provider.open_room(&spec, &key).await?;
                    run.must(|visit| visit.room_opened(room, now));
                }
                Intent::Revoke { room, grant } => {
                    provider.revoke(&room, &grant).await?;
                    run.must(|visit| Ok(visit.revoked(grant, now)));
                }
                Intent::Grant { room, participant } => {
                    let minted = provider.join_grant(&room, &participant, now).await?;
                    run.must(|visit| visit.granted(participant.grant, minted.expires_at, now));
                    assert!(provider.connect(&room, participant.grant));
                    run.report(ProviderEventKind::Joined(participant.grant), now);
                }
                Intent::CloseRoom { room } => match provider.close_room(&room).await {
                    Ok(()) => drop(run.must(|visit| visit.room_closed(now))),
                    Err(_) => drop(run.must(|visit| visit.close_failed(now))),
                },
                Intent::CloseStray { stray, spec } => {
                    let room = provider.open_room(&spec, stray.key()).await?;
                    provider.close_room(&room).await?;
                    run.must(|visit| Ok(visit.stray_closed(stray.provider(), stray.key(), now)));
                }
                Intent::StartRecording { room, media, key } => {
                    let recording = provider.start_recording(&room, media, &key).await?;
                    run.must(|visit| visit.recording_started(recording, now));
                }
                Intent::StopRecording { recording } => {
                    let recording = provider.stop_recording(&recording).await?;
                    run.must(|visit| Ok(visit.recording_stopped(recording, now)));
                }
                Intent::CheckRecording { number, recording } => {
                    let status = provider.recording_status(&recording).await?;
                    run.must(|visit| Ok(visit.recording_checked(number, &status, now)));
                }
                _ => unreachable!("all intents are known here"),
            }
        }
    }
    Ok(())
}

fn provider() -> ScriptedProvider {
    ScriptedProvider::new("scripted").unwrap()
}

#[tokio::test]
async fn a_visit_leaves_no_room_behind_and_sends_nothing_personal() {
    let provider = provider();
    let mut run = Run::admitted();
    perform(&mut run, &provider, start()).await.unwrap();
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
    run.drop_out(CLIENT, minute(10));
    run.must(|visit| visit.rejoin(CLIENT, &crate::fixture::secret(), minute(11)));
    perform(&mut run, &provider, minute(11)).await.unwrap();
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    perform(&mut run, &provider, minute(45)).await.unwrap();
    assert!(matches!(run.visit.state(), VisitState::Ended(_)));
    assert_eq!((provider.rooms_opened(), provider.rooms_open()), (1, 0));

    let stored = serde_json::to_string(&run.visit).unwrap();
    assert!(PERSONAL.iter().any(|text| stored.contains(text)), "the visit itself does hold personal texts");
    let ids = [CLIENT, CLINICIAN].map(|id| id.uuid().to_string());
    let person = crate::fixture::client_id(0xA1).to_string();
    let calls = provider.calls();
    assert!(calls.len() >= 6);
    for text in calls.iter().flat_map(|call| &call.sent) {
        assert!(PERSONAL.iter().all(|personal| !text.contains(personal)), "{text}");
        assert!(text != &person && !ids.contains(text), "only the visit's own opaque names: {text}");
    }
}

#[tokio::test]
async fn a_crash_between_call_and_record_opens_no_second_room() {
    let provider = provider();
    let mut run = Run::admitted();
    let stored = serde_json::to_string(&run.visit).unwrap();
    for operation in [Operation::OpenRoom, Operation::JoinGrant, Operation::JoinGrant] {
        provider.script(operation, Outcome::LoseAnswer);
    }
    assert_eq!(perform(&mut run, &provider, start()).await.unwrap_err().kind, ProviderErrorKind::Timeout);
    assert_eq!(provider.rooms_opened(), 1);

    run.visit = serde_json::from_str::<Visit>(&stored).unwrap();
    while perform(&mut run, &provider, start()).await.is_err() {}
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
    assert_eq!(provider.rooms_opened(), 1);
}

#[tokio::test]
async fn a_service_that_is_down_leaves_the_visit_open() {
    let provider = provider();
    let mut run = Run::admitted();
    let down = ProviderErrorKind::Unavailable { retry_after: None };
    for _ in 0..5 {
        provider.script(Operation::OpenRoom, Outcome::Fail(down));
        assert_eq!(perform(&mut run, &provider, start()).await.unwrap_err().kind, down);
    }
    assert_eq!(run.visit.state(), VisitState::Open);
    perform(&mut run, &provider, minute(3)).await.unwrap();
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
}

#[tokio::test]
async fn a_removed_client_cannot_return_with_the_old_credential() {
    let provider = provider();
    let mut run = Run::admitted();
    perform(&mut run, &provider, start()).await.unwrap();
    let (room, old) = (run.visit.room().unwrap().clone(), run.grant(CLIENT));
    run.must(|visit| visit.remove(CLINICIAN, CLIENT, minute(5)));
    perform(&mut run, &provider, minute(5)).await.unwrap();
    assert!(!provider.connect(&room, old));
}

#[tokio::test]
async fn a_room_the_service_lost_is_replaced() {
    let provider = provider();
    let mut run = Run::admitted();
    perform(&mut run, &provider, start()).await.unwrap();
    let room = run.visit.room().unwrap().clone();
    provider.lose(&room);
    let status = provider.room_status(&room).await.unwrap();
    run.must(|v| Ok(v.reconcile(&room, &status, minute(10), &crate::fixture::secret(), minute(10))));
    perform(&mut run, &provider, minute(10)).await.unwrap();
    assert_eq!(run.visit.generation(), 2);
    assert!(matches!(run.visit.state(), VisitState::InProgress(_)));
    assert_eq!((provider.rooms_opened(), provider.rooms_open()), (2, 1));
}

#[tokio::test]
async fn a_room_that_will_not_close_is_closed_later() {
    let provider = provider();
    let mut run = Run::admitted();
    perform(&mut run, &provider, start()).await.unwrap();
    run.must(|visit| visit.end(CLINICIAN, minute(45)));
    for _ in 0..5 {
        provider.script(Operation::CloseRoom, Outcome::Fail(ProviderErrorKind::Timeout));
    }
    perform(&mut run, &provider, minute(45)).await.unwrap();
    assert!(matches!(run.visit.state(), VisitState::Ended(_)));
    assert_eq!(provider.rooms_open(), 0);
    assert_eq!(run.visit.intents(), []);
}
