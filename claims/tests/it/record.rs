use chrono::{DateTime, Utc};
use mentalspace_claims::lifecycle::{ClaimEvent, ClaimStatus};
use mentalspace_claims::record::{ClaimRecord, RecordError, RemittanceRecord, RemittanceState};
use mentalspace_claims::remittance::{IdempotencyKey, Recognition, recognise};
use mentalspace_claims::transaction::r835::read_all;
use mentalspace_core::store::Document;
use mentalspace_core::{ClaimId, ClientId, Phi, RemittanceId};
use uuid::Uuid;

use crate::era;
use crate::people::claim;

fn now() -> DateTime<Utc> {
    "2024-02-01T10:00:00Z".parse().unwrap()
}

fn record() -> ClaimRecord {
    let client = Some(ClientId::from_uuid(Uuid::from_u128(7)));
    ClaimRecord::new(ClaimId::from_uuid(Uuid::from_u128(1)), client, None, Vec::new(), claim("C1"))
}

fn decided(forwarded: bool) -> ClaimRecord {
    let sent = record().apply(ClaimEvent::Finish, now()).unwrap().apply(ClaimEvent::Submit, now()).unwrap();
    sent.decided(ClaimEvent::Pay, Some(Phi::new("PCN1".to_owned())), forwarded, now()).unwrap()
}

#[test]
fn every_step_is_kept_in_order() {
    let record = decided(false);
    let steps: Vec<_> = record.history().iter().map(|s| (s.from, s.to)).collect();
    use ClaimStatus::{Draft, Paid, Ready, Submitted};
    assert_eq!(steps, [(Draft, Ready), (Ready, Submitted), (Submitted, Paid)]);
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<ClaimRecord>(&json).unwrap(), record);
}

#[test]
fn what_was_sent_stays_what_was_sent() {
    let sent = record().apply(ClaimEvent::Finish, now()).unwrap();
    assert_eq!(sent.edit(claim("C1")), Err(RecordError::NotEditable(ClaimStatus::Ready)));
    assert_eq!(record().edit(claim("C2")), Err(RecordError::ControlNumber));
}

/// R16.
#[test]
fn a_forwarded_claim_creates_no_second_secondary_claim() {
    assert_eq!(decided(true).bill_next(claim("C1"), None, now()), Err(RecordError::Forwarded));
}

/// P12.
#[test]
fn each_payer_round_advances_exactly_once() {
    let next = decided(false).bill_next(claim("C1"), None, now()).unwrap();
    assert_eq!((next.payer_round(), next.status()), (2, ClaimStatus::Ready));
    let again = next.bill_next(claim("C1"), None, now());
    assert!(matches!(again, Err(RecordError::Transition(_))));
}

#[test]
fn the_control_number_is_a_unique_term_and_the_day_of_service_sorts() {
    assert_eq!(record().sort(), "2024-01-15");
    insta::assert_debug_snapshot!(record().terms(), @r#"
    [
        Term {
            name: "status",
            value: Plain(draft),
            unique: false,
        },
        Term {
            name: "control_number",
            value: Plain(C1),
            unique: true,
        },
        Term {
            name: "client",
            value: Plain(00000000-0000-0000-0000-000000000007),
            unique: false,
        },
    ]
    "#);
}

/// R14.
#[test]
fn the_same_file_is_recognised_and_so_is_its_correction() {
    let claims = |charge| vec![era::Claim::new("C1", "1", vec![era::Line::new("90837", charge, &[])])];
    let key = |text: &str| IdempotencyKey::of(&read_all(text.as_bytes()).unwrap()[0]);
    let first = era::file("T1", &claims(15_000), &[]);
    let wrapped = first.replace('~', "~\r\n");
    assert_eq!(key(&first), key(&wrapped));
    let known = [key(&first)];
    assert_eq!(recognise(&key(&wrapped), &known), Recognition::Duplicate);
    assert_eq!(recognise(&key(&era::file("T1", &claims(14_000), &[])), &known), Recognition::Corrected);
    assert_eq!(recognise(&key(&era::file("T2", &claims(15_000), &[])), &known), Recognition::New);
    let keys: std::collections::HashSet<_> = known.iter().map(IdempotencyKey::digest).collect();
    assert!(keys.contains(&key(&wrapped).digest()));
}

#[test]
fn a_correction_is_held_for_a_person() {
    let remittance = read_all(era::file("T1", &[], &[]).as_bytes()).unwrap().remove(0);
    let record = RemittanceRecord::new(RemittanceId::from_uuid(Uuid::from_u128(3)), None, remittance, now());
    let held = record.clone().recognised(Recognition::Corrected, now());
    assert!(matches!(held.state(), RemittanceState::Held { .. }));
    let json = serde_json::to_string(&held).unwrap();
    assert_eq!(serde_json::from_str::<RemittanceRecord>(&json).unwrap().state(), held.state());
    assert_eq!(record.recognised(Recognition::New, now()).state(), &RemittanceState::Received);
}
