use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use mentalspace_core::testing::clinical;
use serde_json::Value;

use super::{
    desk::{Answer, Desk, Who},
    era::{self, Decided},
};

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let start = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name} in {page}"));
    let rest = &page[start..].split_once("value=\"").unwrap().1;
    rest.split_once('"').unwrap().0
}

fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

async fn csrf(desk: &Desk, who: Who) -> String {
    let page = desk.page(who, "/claims").await.text();
    field(&page, "csrf").to_owned()
}

async fn hand_in(desk: &Desk, csrf: &str, file: &str) -> Answer {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.835\"\r\n\r\n{file}\r\n--x--\r\n"
    );
    let request = desk
        .browser(Who::Billing, Method::POST, "/remittances")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    desk.answer(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn every_page_opens_without_and_with_records() {
    let desk = Desk::bare().await;
    let paths = [
        (Who::Billing, "/claims"),
        (Who::Billing, "/claims/files"),
        (Who::Billing, "/remittances"),
        (Who::Billing, "/billing/work"),
        (Who::Billing, "/billing/jobs"),
        (Who::Billing, "/billing/ledger"),
        (Who::Billing, "/billing/settings"),
        (Who::Billing, "/payers"),
        (Who::Billing, "/payers/everybody"),
        (Who::Administrator, "/claims"),
        (Who::Administrator, "/audit"),
        (Who::Administrator, "/audit/verification"),
    ];
    for (who, path) in paths {
        desk.page(who, path).await.expect(StatusCode::OK);
        desk.page(Who::Clinician, path).await.expect(StatusCode::FORBIDDEN);
    }
    let desk = Desk::new().await;
    let claims = desk.billed(3).await;
    desk.file(&claims[..2]).await;
    let number = claims[0]["control_number"].as_str().unwrap();
    let file = era::file("T1", &[Decided::denied(number), Decided::paid("NOBODYKNOWS")]);
    desk.upload(file).await.expect(StatusCode::CREATED);
    for (who, path) in paths {
        desk.page(who, path).await.expect(StatusCode::OK);
    }
    let payer = format!("/payers/{}", clinical::payer().id);
    desk.page(Who::Billing, &payer).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn ticked_claims_are_checked_and_sent() {
    let desk = Desk::new().await;
    let claims = desk.billed(3).await;
    let csrf = csrf(&desk, Who::Billing).await;
    let id = |at: usize| claims[at]["id"].as_str().unwrap();
    let ticked = [("csrf", csrf.as_str()), ("claim", id(0)), ("claim", id(2))];
    let trial = desk.form(Who::Billing, "/claims/trial", &ticked).await.expect(StatusCode::OK).text();
    assert!(trial.contains("Would go out") && !trial.contains("Would stay"), "{trial}");
    let file = leads_to(&desk.form(Who::Billing, "/claims/files", &ticked).await);
    desk.page(Who::Billing, &file).await.expect(StatusCode::OK);
    let path = file.split_once('?').unwrap().0;
    let content = desk.page(Who::Billing, &format!("{path}/content")).await.expect(StatusCode::OK);
    assert_eq!(content.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(content.text().matches("~CLM*").count(), 2);
    let forged = [("csrf", "0"), ("claim", id(1))];
    desk.form(Who::Billing, "/claims/files", &forged).await.expect(StatusCode::FORBIDDEN);
    let none = [("csrf", csrf.as_str())];
    desk.form(Who::Billing, "/claims/files", &none).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.claim(&claims[1]["id"]).await["status"], "ready");
}

#[tokio::test]
async fn a_claim_is_worked_on_from_its_page() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let path = format!("/claims/{}", claims[0]["id"].as_str().unwrap());
    let page = desk.page(Who::Billing, &path).await.expect(StatusCode::OK).text();
    assert!(page.contains("Alexandra") && page.contains("Summit Health Plan") && page.contains("A F41.1"), "{page}");
    let fields =
        |act: &'static str| [("csrf", field(&page, "csrf")), ("version", field(&page, "version")), ("act", act)];
    assert_eq!(leads_to(&desk.form(Who::Billing, &path, &fields("mark_sent")).await), path);
    desk.form(Who::Billing, &path, &fields("mark_sent")).await.expect(StatusCode::CONFLICT);
    assert_eq!(desk.claim(&claims[0]["id"]).await["status"], "submitted");
}

#[tokio::test]
async fn a_remittance_is_handed_in_on_its_page() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    desk.file(&claims).await;
    let csrf = csrf(&desk, Who::Billing).await;
    let file = era::file("T1", &[Decided::paid(claims[0]["control_number"].as_str().unwrap())]);
    hand_in(&desk, "0", &file).await.expect(StatusCode::FORBIDDEN);
    let wrong = file.replacen("CAS*CO*45*20.00~", "CAS*CO*45*20.01~", 1);
    let refused = hand_in(&desk, &csrf, &wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY).text();
    assert!(refused.contains("does not add up") && refused.contains("off by 0.01"), "{refused}");
    let shown = leads_to(&hand_in(&desk, &csrf, &file).await);
    let shown = desk.page(Who::Billing, &shown).await.expect(StatusCode::OK).text();
    for part in ["Undistributed</dt><dd class=\"money\">0.00", "PR-3 25.00", "Patient receivable PR-3"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let again = hand_in(&desk, &csrf, &file).await.expect(StatusCode::CONFLICT).text();
    assert!(again.contains("was posted on"), "{again}");
}

#[tokio::test]
async fn payers_and_prices_are_set_up_on_their_pages() {
    let desk = Desk::bare().await;
    let page = desk.page(Who::Billing, "/payers").await.text();
    let csrf = field(&page, "csrf").to_owned();
    let wrong = [("csrf", csrf.as_str()), ("name", ""), ("electronic_id", "A"), ("filing", "CI"), ("video", "9")];
    let refused = desk.form(Who::Billing, "/payers", &wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY).text();
    assert!(refused.contains("electronic id") && refused.contains("modifier by video"), "{refused}");
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "Alpine <Plan>"),
        ("electronic_id", "ALP01"),
        ("filing", "CI"),
        ("supervised", "under_clinician"),
        ("video", "95"),
        ("audio", ""),
    ];
    let payer = leads_to(&desk.form(Who::Billing, "/payers", &fields).await);
    let api: Value = desk.get(Who::Billing, &format!("/api/v1{payer}")).await.expect(StatusCode::OK).json();
    let rules = api["payer"]["rules"]["telehealth"].as_array().unwrap();
    assert_eq!(rules.iter().filter(|rule| rule["modifier"] == "95").count(), 2);
    assert!(rules.iter().filter(|rule| rule["modality"] == "audio").all(|rule| rule["modifier"].is_null()), "{api}");
    let prices = format!("{payer}/prices");
    let price = |amount, from| [("csrf", csrf.as_str()), ("code", "90834"), ("amount", amount), ("from", from)];
    leads_to(&desk.form(Who::Billing, &prices, &price("100", "2026-01-01")).await);
    leads_to(&desk.form(Who::Billing, &prices, &price("110.50", "2026-07-01")).await);
    let earlier = desk.form(Who::Billing, &prices, &price("90", "2026-03-01")).await;
    assert!(earlier.expect(StatusCode::UNPROCESSABLE_ENTITY).text().contains("before a later price"));
    let page = desk.page(Who::Billing, &payer).await.expect(StatusCode::OK).text();
    assert!(page.contains("Jun 30, 2026") && page.contains("110.50"), "{page}");
    assert!(page.contains("Alpine &#60;Plan&#62;"), "{page}");
}

#[tokio::test]
async fn an_administrator_reads_and_verifies_the_log() {
    let desk = Desk::new().await;
    desk.billed(1).await;
    let page = desk.page(Who::Administrator, "/audit").await.expect(StatusCode::OK).text();
    assert!(page.contains("charge.prepare") && page.contains("the system"), "{page}");
    let client = clinical::client().id;
    let of_client = desk.page(Who::Administrator, &format!("/audit?client={client}")).await.text();
    assert!(of_client.contains("Export of this client") && !of_client.contains("practice.read"), "{of_client}");
    desk.page(Who::Administrator, "/audit?client=nobody").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let page = desk.page(Who::Administrator, "/audit/verification").await.expect(StatusCode::OK).text();
    let fields = [("csrf", field(&page, "csrf"))];
    let found = desk.form(Who::Administrator, "/audit/verification", &fields).await.expect(StatusCode::OK).text();
    assert!(found.contains("The log is whole."), "{found}");
    let export = desk.page(Who::Administrator, "/audit/export").await.expect(StatusCode::OK);
    assert_eq!(export.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"audit-log.ndjson\"");
}

#[tokio::test]
async fn a_failed_job_is_retried_from_its_page() {
    let desk = Desk::bare().await;
    desk.sign_off(0).await;
    desk.work().await;
    let page = desk.page(Who::Billing, "/billing/jobs").await.expect(StatusCode::OK).text();
    assert!(page.contains("No fee schedule is set up."), "{page}");
    let start = page.find("/billing/jobs/").unwrap();
    let path: String = page[start..].chars().take_while(|c| *c != '"').collect();
    let fields = [("csrf", field(&page, "csrf")), ("version", field(&page, "version"))];
    assert_eq!(leads_to(&desk.form(Who::Billing, &path, &fields).await), "/billing/jobs");
}
