use axum::http::StatusCode;
use mentalspace_core::testing::clinical;
use serde_json::json;

use super::{
    desk::{Desk, Who},
    era::{self, Decided},
};

#[tokio::test]
async fn clinicians_see_nothing_of_billing_and_audit() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let id = claims[0]["id"].as_str().unwrap();
    let client = clinical::client().id;
    for path in [
        "/api/v1/claims".to_owned(),
        format!("/api/v1/claims/{id}"),
        format!("/api/v1/claims/{id}/cms1500"),
        "/api/v1/claims/files".to_owned(),
        "/api/v1/billing-settings".to_owned(),
        "/api/v1/remittances".to_owned(),
        "/api/v1/billing-work".to_owned(),
        "/api/v1/jobs/failed".to_owned(),
        "/api/v1/ledger/trial-balance".to_owned(),
        format!("/api/v1/ledger/clients/{client}"),
        "/api/v1/audit/events".to_owned(),
        "/api/v1/audit/export".to_owned(),
        "/api/v1/audit/checkpoint".to_owned(),
        "/api/v1/audit/verifier-key".to_owned(),
    ] {
        desk.get(Who::Clinician, &path).await.expect(StatusCode::FORBIDDEN);
        desk.get(Who::Nobody, &path).await.expect(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_administrator_reads_claims_and_neither_sends_nor_posts() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let (id, number) = (claims[0]["id"].as_str().unwrap(), claims[0]["control_number"].as_str().unwrap());
    desk.get(Who::Administrator, &format!("/api/v1/claims/{id}")).await.expect(StatusCode::OK);
    let files = json!({ "claims": [id] });
    desk.post(Who::Administrator, "/api/v1/claims/files", &files).await.expect(StatusCode::FORBIDDEN);
    let act = json!({ "act": "mark_sent", "version": claims[0]["version"] });
    desk.post(Who::Administrator, &format!("/api/v1/claims/{id}/acts"), &act).await.expect(StatusCode::FORBIDDEN);
    let era = era::file("T1", &[Decided::paid(number)]).into_bytes();
    let post = axum::http::Method::POST;
    let answer = desk.send(Who::Administrator, post, "/api/v1/remittances", "application/edi-x12", era).await;
    answer.expect(StatusCode::FORBIDDEN);
    assert_eq!(desk.claim(&claims[0]["id"]).await["status"], "ready");
    desk.get(Who::Billing, "/api/v1/audit/events").await.expect(StatusCode::FORBIDDEN);
}
