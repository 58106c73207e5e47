use axum::http::StatusCode;
use mentalspace_core::testing::clinical;
use serde_json::{Value, json};

use super::{
    desk::{Desk, Who},
    era::{self, Decided},
};

async fn balance(desk: &Desk) -> Value {
    let path = format!("/api/v1/ledger/clients/{}", clinical::client().id);
    desk.get(Who::Billing, &path).await.expect(StatusCode::OK).json()
}

/// L1: what payers owe is never shown as the client's debt.
#[tokio::test]
async fn what_payers_owe_is_not_the_clients_debt() {
    let desk = Desk::new().await;
    let claims = desk.billed(2).await;
    let open = balance(&desk).await;
    assert_eq!((&open["insurance_due"], &open["patient_due"]), (&json!("240.00"), &json!("0.00")));
    desk.file(&claims).await;
    let number = claims[0]["control_number"].as_str().unwrap();
    desk.upload(era::file("T1", &[Decided::paid(number)])).await.expect(StatusCode::CREATED);
    let open = balance(&desk).await;
    assert_eq!((&open["insurance_due"], &open["patient_due"]), (&json!("120.00"), &json!("25.00")));
}

/// L5: the balance of any past day can be had again.
#[tokio::test]
async fn the_trial_balance_of_a_past_day_stays() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    desk.file(&claims).await;
    let of = |day: &'static str| {
        let desk = &desk;
        async move {
            let path = format!("/api/v1/ledger/trial-balance?day={day}");
            let balance = desk.get(Who::Billing, &path).await.expect(StatusCode::OK).json();
            assert_eq!(balance["sum"], "0.00");
            let accounts = balance["accounts"].as_array().unwrap().clone();
            accounts.iter().find(|a| a["account"] == "insurance_receivable").unwrap()["amount"].clone()
        }
    };
    assert_eq!((of("2026-03-01").await, of("2026-03-02").await), (json!("0.00"), json!("120.00")));
    let number = claims[0]["control_number"].as_str().unwrap();
    desk.upload(era::file("T1", &[Decided::paid(number)])).await.expect(StatusCode::CREATED);
    assert_eq!((of("2026-03-03").await, of("2026-03-04").await), (json!("120.00"), json!("0.00")));
}

#[tokio::test]
async fn a_payer_is_set_up_and_changed_by_version() {
    let desk = Desk::bare().await;
    let details = json!({ "name": "Alpine Plan", "electronic_id": "ALP01", "filing": "CI" });
    let added = desk.post(Who::Billing, "/api/v1/payers", &details).await.expect(StatusCode::CREATED).json();
    assert_eq!(added["payer"]["rules"]["telehealth"].as_array().unwrap().len(), 4);
    let again = desk.post(Who::Billing, "/api/v1/payers", &details).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.json()["errors"][0]["field"], "electronic_id");
    let path = format!("/api/v1/payers/{}", added["id"].as_str().unwrap());
    let mut payer = added["payer"].clone();
    payer["name"] = json!("Alpine Health");
    let change = json!({ "version": 1, "payer": payer });
    desk.put(Who::Billing, &path, &change).await.expect(StatusCode::OK);
    desk.put(Who::Billing, &path, &change).await.expect(StatusCode::CONFLICT);
    assert_eq!(desk.get(Who::Billing, &path).await.json()["payer"]["name"], "Alpine Health");
    let fees = format!("/api/v1/fee-schedules/{}", added["id"].as_str().unwrap());
    let twice = json!({ "version": 0, "fees": [
        { "code": "90834", "amount": "100.00", "from": "2026-01-01" },
        { "code": "90834", "amount": "110.00", "from": "2026-06-01" },
    ] });
    desk.put(Who::Billing, &fees, &twice).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}
