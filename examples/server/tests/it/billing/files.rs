use std::sync::Arc;

use axum::http::{StatusCode, header};
use mentalspace_core::testing::clinical;
use serde_json::{Value, json};

use super::desk::{Desk, Who};

fn ids(claims: &[Value]) -> Value {
    json!({ "claims": claims.iter().map(|claim| &claim["id"]).collect::<Vec<_>>() })
}

async fn content(desk: &Desk, file: &Value) -> String {
    let path = format!("/api/v1/claims/files/{}", file.as_str().unwrap());
    desk.get(Who::Billing, &path).await.expect(StatusCode::OK).text()
}

#[tokio::test]
async fn a_file_holds_the_claims_and_is_kept_as_it_was_made() {
    let desk = Desk::new().await;
    let claims = desk.billed(3).await;
    let made = desk.file(&claims).await;
    assert_eq!((made["sent"].as_array().unwrap().len(), made["held"].as_array().unwrap().len()), (3, 0));
    let file = content(&desk, &made["file"]).await;
    assert!(file.starts_with("ISA*") && file.contains("*837*") && file.contains("005010X222A1"), "{file}");
    for claim in &claims {
        assert!(file.contains(&format!("CLM*{}*120*", claim["control_number"].as_str().unwrap())), "{file}");
        assert_eq!(desk.claim(&claim["id"]).await["status"], "submitted");
    }
    // The envelope reads back without a finding.
    let mut reader = mentalspace_claims::x12::StreamReader::new(file.as_bytes());
    let mut envelope = mentalspace_claims::x12::Envelope::new();
    while let Some(segment) = reader.next_segment().unwrap() {
        envelope.feed(&segment);
    }
    envelope.finish();
    assert!(envelope.findings().is_empty(), "{:?}", envelope.findings());
    assert_eq!(content(&desk, &made["file"]).await, file);
}

#[tokio::test]
async fn the_name_of_a_download_says_nothing_about_anybody() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let made = desk.file(&claims).await;
    let path = format!("/api/v1/claims/files/{}", made["file"].as_str().unwrap());
    let answer = desk.get(Who::Billing, &path).await;
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"claims-000000001.837\"");
    let path = format!("/api/v1/claims/{}/cms1500", claims[0]["id"].as_str().unwrap());
    let answer = desk.get(Who::Billing, &path).await.expect(StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"cms-1500.pdf\"");
    assert!(answer.body.starts_with(b"%PDF-"));
}

/// P1: one bad claim is reported and the others go out.
#[tokio::test]
async fn a_bad_claim_stays_and_the_others_go_out() {
    let desk = Desk::new().await;
    let place = desk.unassigned_place().await;
    desk.sign_off_at(7, &place).await;
    let claims = desk.billed(2).await;
    assert_eq!(claims.len(), 3);
    let made = desk.file(&claims).await;
    assert_eq!(made["sent"].as_array().unwrap().len(), 2);
    let held = &made["held"][0];
    assert_eq!(held["findings"][0]["rule"], "place-of-service");
    assert_eq!(desk.claim(&held["id"]).await["status"], "draft");
    let again = desk.post(Who::Billing, "/api/v1/claims/files", &ids(&claims)).await;
    let again = again.expect(StatusCode::UNPROCESSABLE_ENTITY).json();
    assert_eq!(again["errors"].as_array().unwrap().len(), 3, "none can go twice: {again}");
}

/// P13: validate-only shows the same edits and output as the real run.
#[tokio::test]
async fn a_trial_shows_what_the_real_run_does() {
    let desk = Desk::new().await;
    let place = desk.unassigned_place().await;
    desk.sign_off_at(7, &place).await;
    let claims = desk.billed(2).await;
    let trial = desk.post(Who::Billing, "/api/v1/claims/trial", &ids(&claims)).await.expect(StatusCode::OK).json();
    assert_eq!(desk.claims().await, claims, "a trial changes nothing");
    let mut real = desk.file(&claims).await;
    real.as_object_mut().unwrap().remove("file").unwrap();
    assert_eq!(trial, real);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_made_at_the_same_time_have_different_numbers() {
    let desk = Arc::new(Desk::new().await);
    let claims = desk.billed(4).await;
    let hands = claims.into_iter().map(|claim| {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move { desk.file(&[claim]).await })
    });
    for hand in hands.collect::<Vec<_>>() {
        hand.await.unwrap();
    }
    let listed = desk.get(Who::Billing, "/api/v1/claims/files").await.expect(StatusCode::OK).json();
    let mut numbers: Vec<u64> =
        listed["files"].as_array().unwrap().iter().map(|file| file["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn the_envelope_follows_the_settings() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let mut settings = desk.get(Who::Billing, "/api/v1/billing-settings").await.expect(StatusCode::OK).json();
    assert_eq!(settings["sender_id"], clinical::practice().billing_npi.as_str());
    settings["receiver_id"] = json!("EXCHANGE9");
    settings["production"] = json!(true);
    desk.put(Who::Billing, "/api/v1/billing-settings", &settings).await.expect(StatusCode::OK);
    desk.put(Who::Billing, "/api/v1/billing-settings", &settings).await.expect(StatusCode::CONFLICT);
    settings["version"] = json!(1);
    settings["receiver_id"] = json!("A*B");
    desk.put(Who::Billing, "/api/v1/billing-settings", &settings).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let made = desk.file(&claims).await;
    let file = content(&desk, &made["file"]).await;
    assert!(file.contains("*ZZ*EXCHANGE9      *"), "{file}");
    assert!(file.contains("*P*:~"), "production: {file}");
}
