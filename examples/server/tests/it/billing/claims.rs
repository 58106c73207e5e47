use axum::http::StatusCode;
use mentalspace_core::{
    Coverage, FeeSchedule, Location, MemberId, OrganizationName, PlaceOfService, testing::clinical,
};
use serde_json::json;

use super::{
    desk::{self, Desk, Who, add},
    era::{self, Decided},
};

#[tokio::test]
async fn a_signed_note_becomes_a_charge_and_a_ready_claim() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    assert_eq!(claims.len(), 1);
    assert_eq!((&claims[0]["status"], &claims[0]["total"]), (&json!("ready"), &json!("120.00")));
    assert_eq!(claims[0]["control_number"].as_str().unwrap().len(), 12);
    assert_eq!(desk.account("insurance_receivable").await, "120.00");
    assert_eq!(desk.account("service_revenue").await, "-120.00");
    let shown = desk.claim(&claims[0]["id"]).await;
    assert_eq!(shown["claim"]["rendering"]["npi"], "1245319599");
    assert_eq!(shown["postings"][0]["line"], 1);
}

#[tokio::test]
async fn the_same_job_twice_books_once() {
    let desk = Desk::new().await;
    desk.billed(1).await;
    let job = mentalspace_core::store::Job::new(
        desk.app.new_id(),
        "charge.prepare",
        json!({ "note": clinical::id::<mentalspace_core::NoteId>(500) }),
        desk.app.now(),
    );
    add(&desk, &job.unwrap()).await;
    desk.work().await;
    assert_eq!(desk.claims().await.len(), 1);
    assert_eq!(desk.account("service_revenue").await, "-120.00");
}

#[tokio::test]
async fn a_client_without_coverage_owes_the_session() {
    let desk = Desk::bare().await;
    let mut prices = FeeSchedule::new(clinical::id(22), OrganizationName::parse("Everybody").unwrap(), None);
    clinical::fee_schedule().fees().iter().for_each(|fee| prices.add(fee.clone()).unwrap());
    add(&desk, &prices).await;
    assert!(desk.billed(1).await.is_empty());
    assert_eq!(desk.account("patient_receivable").await, "120.00");
    assert_eq!(desk.account("insurance_receivable").await, "0.00");
}

#[tokio::test]
async fn a_job_that_needs_a_person_is_listed_and_can_be_retried() {
    let desk = Desk::bare().await;
    desk.sign_off(0).await;
    desk.work().await;
    let failed = desk.get(Who::Billing, "/api/v1/jobs/failed").await.expect(StatusCode::OK).json();
    assert_eq!((&failed[0]["state"], &failed[0]["error"]), (&json!("dead"), &json!("no fee schedule is set up")));
    let fees = json!({ "version": 0, "fees": [{ "code": "90834", "amount": "99.00", "from": "2026-01-01" }] });
    desk.put(Who::Billing, "/api/v1/fee-schedules/everybody", &fees).await.expect(StatusCode::OK);
    let retry = format!("/api/v1/jobs/{}/retry", failed[0]["id"].as_str().unwrap());
    desk.post(Who::Administrator, &retry, &json!({ "version": 1 })).await.expect(StatusCode::CONFLICT);
    let seen = json!({ "version": failed[0]["version"] });
    desk.post(Who::Administrator, &retry, &seen).await.expect(StatusCode::ACCEPTED);
    desk.work().await;
    assert_eq!(desk.account("patient_receivable").await, "99.00");
    assert_eq!(desk.get(Who::Billing, "/api/v1/jobs/failed").await.json(), json!([]));
}

/// L3: the worklist works for zero, one and many claims, and lists by insurer before anything is billed.
#[tokio::test]
async fn the_worklist_lists_by_insurer_before_anything_is_billed() {
    let desk = Desk::new().await;
    assert!(desk.claims().await.is_empty());
    assert_eq!(desk.billed(1).await.len(), 1);
    for n in 1..4 {
        desk.sign_off(n).await;
    }
    desk.work().await;
    let payer = clinical::payer().id;
    let path = format!("/api/v1/claims?status=ready&payer={payer}");
    let listed = desk.get(Who::Billing, &path).await.expect(StatusCode::OK).json();
    assert_eq!(listed["claims"].as_array().unwrap().len(), 4);
    let none = format!("/api/v1/claims?payer={}", clinical::id::<mentalspace_core::PayerId>(99));
    assert_eq!(desk.get(Who::Billing, &none).await.json()["claims"], json!([]));
    let page = desk.page(Who::Billing, "/claims").await.expect(StatusCode::OK).text();
    assert!(page.contains("Summit Health Plan") && page.contains("480.00"), "{page}");
}

#[tokio::test]
async fn a_charge_whose_claim_cannot_be_made_stays_booked_and_is_shown() {
    let desk = Desk::new().await;
    let mut client = desk::read::<mentalspace_core::Client>(&desk, clinical::client().id.uuid()).await;
    client.value.addresses.clear();
    desk::replace(&desk, &client.value, client.version).await;
    assert!(desk.billed(1).await.is_empty());
    assert_eq!(desk.account("insurance_receivable").await, "120.00");
    let listed = desk.get(Who::Billing, "/api/v1/claims").await.json();
    assert_eq!(listed["unclaimed"].as_array().unwrap().len(), 1);
    let failed = desk.get(Who::Billing, "/api/v1/jobs/failed").await.json();
    assert_eq!(failed[0]["error"], "the client's home address is missing");
    desk::replace(&desk, &clinical::client(), client.version + 1).await;
    let retry = format!("/api/v1/jobs/{}/retry", failed[0]["id"].as_str().unwrap());
    desk.post(Who::Billing, &retry, &json!({ "version": failed[0]["version"] })).await.expect(StatusCode::ACCEPTED);
    desk.work().await;
    assert_eq!(desk.claims().await.len(), 1);
    assert_eq!(desk.account("insurance_receivable").await, "120.00");
}

#[tokio::test]
async fn a_claim_that_came_back_takes_the_corrected_records() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    desk.file(&claims).await;
    let act = format!("/api/v1/claims/{}/acts", claims[0]["id"].as_str().unwrap());
    let wish = |act: &str, version: u64| json!({ "act": act, "version": version });
    desk.post(Who::Billing, &act, &wish("refresh", 2)).await.expect(StatusCode::CONFLICT);
    desk.post(Who::Billing, &act, &wish("mark_rejected", 2)).await.expect(StatusCode::OK);
    let coverage = desk::read::<Coverage>(&desk, clinical::coverage().id.uuid()).await;
    let corrected = Coverage { member_id: MemberId::parse("W999999999").unwrap(), ..coverage.value };
    desk::replace(&desk, &corrected, coverage.version).await;
    desk.post(Who::Billing, &act, &wish("refresh", 3)).await.expect(StatusCode::OK);
    desk.post(Who::Billing, &act, &wish("refresh", 3)).await.expect(StatusCode::CONFLICT);
    let claim = desk.claim(&claims[0]["id"]).await;
    assert_eq!((&claim["status"], &claim["claim"]["subscriber"]["member_id"]), (&json!("ready"), &json!("W999999999")));
    assert_eq!(claim["control_number"], claims[0]["control_number"]);
    desk.file(&claims).await;
}

/// P10: a decided claim is replaced under the payer's number of it.
#[tokio::test]
async fn a_decided_claim_is_replaced_under_the_payers_number() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    desk.file(&claims).await;
    let number = claims[0]["control_number"].as_str().unwrap();
    desk.upload(era::file("T1", &[Decided::denied(number)])).await.expect(StatusCode::CREATED);
    let act = format!("/api/v1/claims/{}/acts", claims[0]["id"].as_str().unwrap());
    let version = desk.claim(&claims[0]["id"]).await["version"].clone();
    let refresh = json!({ "act": "refresh", "version": version });
    desk.post(Who::Billing, &act, &refresh).await.expect(StatusCode::OK);
    let claim = desk.claim(&claims[0]["id"]).await;
    assert_eq!(claim["claim"]["frequency"]["kind"], "replacement");
    let made = desk.file(&claims).await;
    let path = format!("/api/v1/claims/files/{}", made["file"].as_str().unwrap());
    let file = desk.get(Who::Billing, &path).await.text();
    assert!(file.contains("11:B:7") && file.contains(&format!("REF*F8*ICN{number}~")), "{file}");
}

/// L2: a charge is taken back by an entry of its own, and nothing is lost.
#[tokio::test]
async fn a_note_is_billed_anew_with_what_holds_today() {
    let desk = Desk::new().await;
    let place = desk.unassigned_place().await;
    desk.sign_off_at(0, &place).await;
    desk.work().await;
    let claim = desk.claims().await.remove(0);
    assert_eq!((&claim["status"], &claim["findings"][0]["rule"]), (&json!("draft"), &json!("place-of-service")));
    let corrected = Location { place_of_service: PlaceOfService::office(), ..place };
    desk::replace(&desk, &corrected, 1).await;
    let act = format!("/api/v1/claims/{}/acts", claim["id"].as_str().unwrap());
    let again = json!({ "act": "bill_again", "version": claim["version"] });
    desk.post(Who::Billing, &act, &again).await.expect(StatusCode::OK);
    assert_eq!(desk.account("insurance_receivable").await, "0.00");
    desk.work().await;
    assert_eq!(desk.account("insurance_receivable").await, "120.00");
    let states: Vec<_> = desk.claims().await.iter().map(|claim| claim["status"].clone()).collect();
    assert_eq!(states, [json!("void"), json!("ready")]);
}
