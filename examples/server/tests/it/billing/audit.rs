use axum::http::StatusCode;
use mentalspace_audit::{VerifierKey, verify};
use mentalspace_core::testing::clinical;
use serde_json::json;

use super::desk::{Desk, Who};

async fn key(desk: &Desk) -> VerifierKey {
    desk.get(Who::Administrator, "/api/v1/audit/verifier-key").await.expect(StatusCode::OK).text().parse().unwrap()
}

#[tokio::test]
async fn anyone_with_the_export_can_verify_it() {
    let desk = Desk::new().await;
    let claims = desk.billed(2).await;
    desk.file(&claims).await;
    let export = desk.get(Who::Administrator, "/api/v1/audit/export").await.expect(StatusCode::OK);
    let key = key(&desk).await;
    let report = verify(&export.body[..], std::slice::from_ref(&key)).unwrap();
    assert!(report.complete && report.signed_by_trusted_key && report.events_verified > 10, "{report:?}");
    let changed = export.text().replacen("claim.file", "claim.list", 1);
    assert_ne!(changed, export.text());
    assert!(verify(changed.as_bytes(), &[key]).is_err());
}

#[tokio::test]
async fn a_clients_export_holds_what_touched_the_client() {
    let desk = Desk::new().await;
    desk.billed(1).await;
    let client = clinical::client().id;
    let path = format!("/api/v1/audit/export?client={client}");
    let export = desk.get(Who::Administrator, &path).await.expect(StatusCode::OK);
    let report = verify(&export.body[..], &[key(&desk).await]).unwrap();
    assert!(!report.complete && report.events_verified > 0, "{report:?}");
    assert!(export.text().lines().skip(1).all(|line| line.contains(&client.to_string())));
}

#[tokio::test]
async fn the_log_verifies_on_the_spot() {
    let desk = Desk::new().await;
    desk.billed(1).await;
    let found = desk.post(Who::Administrator, "/api/v1/audit/verification", &json!({})).await;
    let found = found.expect(StatusCode::OK).json();
    assert_eq!((&found["verified"], &found["report"]["complete"]), (&json!(true), &json!(true)), "{found}");
    let checkpoint = desk.get(Who::Administrator, "/api/v1/audit/checkpoint").await.expect(StatusCode::OK).text();
    assert!(checkpoint.starts_with("mentalspace/"), "{checkpoint}");
}

#[tokio::test]
async fn events_are_listed_newest_first_and_in_parts() {
    let desk = Desk::new().await;
    desk.billed(3).await;
    let mut before = String::new();
    let mut positions: Vec<u64> = Vec::new();
    loop {
        let path = format!("/api/v1/audit/events?limit=7{before}");
        let part = desk.get(Who::Administrator, &path).await.expect(StatusCode::OK).json();
        let events = part["events"].as_array().unwrap();
        assert!(events.len() <= 7);
        positions.extend(events.iter().map(|event| event["position"].as_u64().unwrap()));
        match part["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert!(positions.len() > 14);
    assert!(positions.iter().rev().copied().eq(0..positions.len() as u64), "{positions:?}");
}

#[tokio::test]
async fn a_refusal_and_a_print_are_on_record() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let path = format!("/api/v1/claims/{}/cms1500", claims[0]["id"].as_str().unwrap());
    desk.get(Who::Clinician, &path).await.expect(StatusCode::FORBIDDEN);
    desk.get(Who::Billing, &path).await.expect(StatusCode::OK);
    desk.work().await;
    let filter = "/api/v1/audit/events?activity=claim.print";
    let events = desk.get(Who::Administrator, filter).await.expect(StatusCode::OK).json();
    let events = events["events"].as_array().unwrap();
    assert!(events.iter().any(|e| e["event"]["action"] == "print" && e["event"]["outcome"]["kind"] == "success"));
    assert!(events.iter().any(|e| e["event"]["outcome"]["kind"] == "denied"), "{events:?}");
    let client = clinical::client().id;
    let of_client = format!("{filter}&client={client}");
    let of_client = desk.get(Who::Administrator, &of_client).await.expect(StatusCode::OK).json();
    assert!(!of_client["events"].as_array().unwrap().is_empty());
}
