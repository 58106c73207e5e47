use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    desk::{Answer, Desk, Who},
    era::{self, Decided},
};

async fn sent(desk: &Desk, count: u64) -> Vec<(Value, String)> {
    let claims = desk.billed(count).await;
    desk.file(&claims).await;
    claims
        .into_iter()
        .map(|claim| (claim["id"].clone(), claim["control_number"].as_str().unwrap().to_owned()))
        .collect()
}

async fn posted(desk: &Desk, answer: Answer) -> Value {
    let answer = answer.expect(StatusCode::CREATED).json();
    let path = format!("/api/v1/remittances/{}", answer["remittances"][0]["remittance"].as_str().unwrap());
    desk.get(Who::Billing, &path).await.expect(StatusCode::OK).json()
}

fn nothing_personal(answer: &Answer) {
    let text = answer.text();
    for word in ["DOE", "ALEXANDRA", "W123456789"] {
        assert!(!text.contains(word), "{text}");
    }
}

/// R11, R12: everything is distributed, and the copay keeps its reason.
#[tokio::test]
async fn a_payment_is_posted_to_the_cent() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 1).await;
    let (id, number) = &claims[0];
    let shown = posted(&desk, desk.upload(era::file("T1", &[Decided::paid(number)])).await).await;
    assert_eq!((&shown["state"], &shown["undistributed"]), (&json!("posted"), &json!("0.00")));
    assert_eq!(shown["matched"], json!([id]));
    for (account, amount) in [
        ("cash", "75.00"),
        ("contractual_adjustment", "20.00"),
        ("patient_receivable", "25.00"),
        ("insurance_receivable", "0.00"),
        ("service_revenue", "-120.00"),
    ] {
        assert_eq!(desk.account(account).await, amount, "{account}");
    }
    let claim = desk.claim(id).await;
    assert_eq!(claim["status"], "paid");
    let copay = claim["postings"].as_array().unwrap().iter().find(|p| p["account"] == "patient_receivable").unwrap();
    assert_eq!((&copay["reason"], &copay["line"]), (&json!("PR-3"), &json!(1)));
}

/// R14: the same 835 twice posts once.
#[tokio::test]
async fn the_same_remittance_twice_posts_once() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 1).await;
    let file = era::file("T1", &[Decided::paid(&claims[0].1)]);
    desk.upload(file.clone()).await.expect(StatusCode::CREATED);
    let again = desk.upload(file).await.expect(StatusCode::CONFLICT);
    assert!(again.text().contains("was posted on Mar 4, 2026"), "{}", again.text());
    assert_eq!(desk.account("cash").await, "75.00");
}

/// R14, with both at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_remittance_from_many_hands_posts_once() {
    let desk = std::sync::Arc::new(Desk::new().await);
    let claims = sent(&desk, 1).await;
    let file = era::file("T1", &[Decided::paid(&claims[0].1)]);
    let hands = (0..8).map(|_| {
        let (desk, file) = (std::sync::Arc::clone(&desk), file.clone());
        tokio::spawn(async move { desk.upload(file).await.status })
    });
    let mut answers = Vec::new();
    for hand in hands.collect::<Vec<_>>() {
        answers.push(hand.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::CREATED).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::CONFLICT).count(), 7, "{answers:?}");
    assert_eq!(desk.account("cash").await, "75.00");
}

/// R14: a corrected 835 is recognised, and posted only when a person says so.
#[tokio::test]
async fn a_changed_remittance_waits_for_a_person() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 2).await;
    desk.upload(era::file("T1", &[Decided::paid(&claims[0].1)])).await.expect(StatusCode::CREATED);
    let held = posted(&desk, desk.upload(era::file("T1", &[Decided::paid(&claims[1].1)])).await).await;
    assert_eq!((&held["state"], &held["postings"]), (&json!("held"), &json!([])));
    assert_eq!(desk.account("cash").await, "75.00");
    assert_eq!(desk.open_work().await[0]["kind"], "corrected");
    let release = format!("/api/v1/remittances/{}/release", held["id"].as_str().unwrap());
    let seen = json!({ "version": held["version"] });
    desk.post(Who::Billing, &release, &seen).await.expect(StatusCode::NO_CONTENT);
    desk.post(Who::Billing, &release, &seen).await.expect(StatusCode::CONFLICT);
    assert_eq!(desk.account("cash").await, "150.00");
}

/// R4: what does not add up is not posted, and an item with the difference is opened.
#[tokio::test]
async fn a_remittance_that_does_not_add_up_posts_nothing() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 2).await;
    let good = era::file("T1", &[Decided::paid(&claims[0].1), Decided::paid(&claims[1].1)]);
    let wrong = good.replacen("CAS*CO*45*20.00~", "CAS*CO*45*19.99~", 1);
    let refused = desk.upload(wrong.clone()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    nothing_personal(&refused);
    let problem = refused.json();
    assert_eq!(problem["errors"][0]["field"], format!("payment 1, claim {}, line 1", claims[0].1));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().ends_with("off by -0.01"), "{problem}");
    assert_eq!(desk.account("cash").await, "0.00");
    assert_eq!(desk.claim(&claims[0].0).await["status"], "submitted");
    desk.upload(wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let work = desk.open_work().await;
    assert_eq!(work.len(), 1, "the same file opens one item");
    assert_eq!((&work[0]["kind"], &work[0]["amount"]), (&json!("unbalanced"), &json!("0.01")));
    desk.upload(good).await.expect(StatusCode::CREATED);
    assert_eq!(desk.account("cash").await, "150.00");
}

#[tokio::test]
async fn wrong_files_are_refused_without_repeating_them() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 1).await;
    let file = era::file("T1", &[Decided::paid(&claims[0].1)]);
    let wrong: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("blank", b" \r\n ".to_vec()),
        ("no x12", b"Alexandra O'DOE-SMITH W123456789".to_vec()),
        ("no text", vec![0xff; 4096]),
        ("no 835", file.replace("ST*835", "ST*999").into_bytes()),
        ("half an envelope", file.as_bytes()[..60].to_vec()),
    ];
    for (what, bytes) in wrong {
        let answer = desk.upload(bytes).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        nothing_personal(&answer);
    }
    let end = file.len();
    for cut in [end - 1, end - 5, end - 20, end - 35, end - 60, end / 2] {
        desk.upload(&file.as_bytes()[..cut]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(desk.account("cash").await, "0.00");
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_refused() {
    let desk = Desk::new().await;
    let answer = desk.upload(vec![b'A'; 60 << 20]).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!(answer.text().contains("50 megabytes"), "{}", answer.text());
}

#[tokio::test]
async fn a_form_carries_a_file_as_well() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 1).await;
    let file = era::file("T1", &[Decided::paid(&claims[0].1)]);
    let body =
        format!("--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.835\"\r\n\r\n{file}\r\n--x--\r\n");
    let kind = "multipart/form-data; boundary=x";
    let answer = desk.send(Who::Billing, Method::POST, "/api/v1/remittances", kind, body.into_bytes()).await;
    answer.expect(StatusCode::CREATED);
    let empty = desk.send(Who::Billing, Method::POST, "/api/v1/remittances", kind, b"--x--\r\n".to_vec()).await;
    empty.expect(StatusCode::BAD_REQUEST);
}

/// R8: a denial is never a write-off; the balance stays with the payer and an item says what to do.
#[tokio::test]
async fn a_denial_is_never_written_off() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 1).await;
    let shown = posted(&desk, desk.upload(era::file("T1", &[Decided::denied(&claims[0].1)])).await).await;
    assert_eq!(shown["untouched"][0]["why"], "The payer paid nothing: CO-29.");
    assert_eq!(desk.account("contractual_adjustment").await, "0.00");
    assert_eq!(desk.account("write_off").await, "0.00");
    assert_eq!(desk.account("insurance_receivable").await, "120.00");
    assert_eq!(desk.claim(&claims[0].0).await["status"], "denied");
    let work = desk.open_work().await;
    assert_eq!((&work[0]["kind"], &work[0]["amount"]), (&json!("denial"), &json!("120.00")));
    assert!(work[0]["next_step"].as_str().unwrap().contains("accepted in time"), "{work:?}");
    let done = format!("/api/v1/billing-work/{}/done", work[0]["id"].as_str().unwrap());
    let seen = json!({ "version": work[0]["version"] });
    desk.post(Who::Billing, &done, &seen).await.expect(StatusCode::NO_CONTENT);
    desk.post(Who::Billing, &done, &seen).await.expect(StatusCode::CONFLICT);
    assert!(desk.open_work().await.is_empty());
}

/// R13: a reversal negates the earlier posting exactly; without one it goes to the worklist.
#[tokio::test]
async fn a_reversal_takes_back_what_was_posted() {
    let desk = Desk::new().await;
    let claims = sent(&desk, 2).await;
    let (first, second) = (&claims[0].1, &claims[1].1);
    desk.upload(era::file("T1", &[Decided::paid(first)])).await.expect(StatusCode::CREATED);
    desk.upload(era::file("T2", &[Decided::reversed(first), Decided::paid(first)])).await.expect(StatusCode::CREATED);
    assert_eq!(desk.account("cash").await, "75.00");
    assert_eq!(desk.account("patient_receivable").await, "25.00");
    assert_eq!(desk.claim(&claims[0].0).await["status"], "paid");
    desk.upload(era::file("T3", &[Decided::reversed(first)])).await.expect(StatusCode::CREATED);
    assert_eq!(desk.account("cash").await, "0.00");
    assert_eq!(desk.account("insurance_receivable").await, "240.00");
    desk.upload(era::file("T4", &[Decided::reversed(second)])).await.expect(StatusCode::CREATED);
    assert_eq!(desk.open_work().await[0]["kind"], "reversal_without_posting");
    assert_eq!(desk.account("unapplied").await, "75.00");
}

/// R15: money for a claim that is not ours is kept apart and looked at.
#[tokio::test]
async fn money_without_a_claim_is_unapplied() {
    let desk = Desk::new().await;
    let shown = posted(&desk, desk.upload(era::file("T1", &[Decided::paid("NOBODYKNOWS")])).await).await;
    assert_eq!((&shown["matched"], &shown["undistributed"]), (&json!([null]), &json!("0.00")));
    assert_eq!(desk.account("unapplied").await, "-75.00");
    assert_eq!(desk.open_work().await[0]["kind"], "unmatched_claim");
}

#[tokio::test]
async fn money_for_a_claim_in_the_wrong_state_is_posted_and_looked_at() {
    let desk = Desk::new().await;
    let claims = desk.billed(1).await;
    let number = claims[0]["control_number"].as_str().unwrap();
    desk.upload(era::file("T1", &[Decided::paid(number)])).await.expect(StatusCode::CREATED);
    assert_eq!(desk.account("cash").await, "75.00");
    assert_eq!(desk.claim(&claims[0]["id"]).await["status"], "ready");
    assert_eq!(desk.open_work().await[0]["kind"], "state_differs");
}
