use mentalspace_core::{
    Access,
    store::{Find, Job, Term},
};
use serde_json::{Value, json};

use crate::support::TestApp;

/// A session that took place from 10:00 to 10:50, and its draft.
async fn draft(test: &TestApp, client: &str, who: &str) -> (String, Value) {
    let booked = test.booked(client, "2026-03-02", "10:00:00", "in_person").await;
    test.clock.set("2026-03-02T15:00:00Z");
    let token = test.token_after_idle(who).await;
    for event in ["check_in", "begin"] {
        test.happen_with(&token, &booked, json!({ "event": event })).await.expect(200);
    }
    test.clock.set("2026-03-02T15:10:00Z");
    test.happen_with(&token, &booked, json!({ "event": "complete" })).await.expect(200);
    let new = json!({ "kind": "progress", "appointment": booked });
    let note = test.call_with(&token, "POST", "/notes", Some(new)).await.expect(201).json();
    (token, note)
}

fn content(times: &Value) -> Value {
    json!({
        "format": "dap",
        "sections": { "data": "Slept better this week.", "assessment": "Improving.", "plan": "Continue weekly." },
        "diagnoses": ["F41.1"],
        "times": times,
    })
}

async fn charge_jobs(test: &TestApp) -> Vec<Value> {
    let access = Access::system(test.practice, "test.look", test.app.now());
    let find = Find::<Job>::new().with(Term::plain("queue", "charge.prepare"));
    let jobs = test.app.vault().read(&access, |work| Box::pin(async move { work.find_all(find).await })).await.unwrap();
    jobs.iter().map(|job| job.payload.expose().clone()).collect()
}

async fn edited(test: &TestApp, token: &str, note: &Value) -> Value {
    let path = format!("/notes/{}", note["id"].as_str().unwrap());
    let edit = json!({ "version": note["version"], "content": content(&note["content"]["times"]) });
    test.call_with(token, "PUT", &path, Some(edit)).await.expect(200).json()
}

#[tokio::test]
async fn a_draft_takes_its_times_from_the_record_of_the_session() {
    let test = TestApp::new().await;
    let (_, note) = draft(&test, "jordan", "clinician").await;
    let times = &note["content"]["times"];
    assert_eq!(times["start"], "2026-03-02T15:00:00Z");
    assert_eq!(times["stop"], "2026-03-02T15:10:00Z");
    assert_eq!(note["service_date"], "2026-03-02");
}

/// N1: enforced on the server.
#[tokio::test]
async fn an_incomplete_note_is_not_signed_and_says_all_that_is_missing() {
    let test = TestApp::new().await;
    let (token, note) = draft(&test, "jordan", "clinician").await;
    let path = format!("/notes/{}/sign", note["id"].as_str().unwrap());
    let signature = json!({ "version": 1, "attestation": "author" });
    let refused = test.call_with(&token, "POST", &path, Some(signature)).await.expect(422);
    assert_eq!(refused.errors(), ["narrative: section narrative is empty", "diagnoses: no diagnosis"]);
    assert_eq!(charge_jobs(&test).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_signed_note_leaves_one_job_for_its_charge() {
    let test = TestApp::new().await;
    let (token, note) = draft(&test, "jordan", "clinician").await;
    let note = edited(&test, &token, &note).await;
    let path = format!("/notes/{}/sign", note["id"].as_str().unwrap());
    let unread = json!({ "version": note["version"], "attestation": "" });
    let refused = test.call_with(&token, "POST", &path, Some(unread)).await.expect(422);
    assert_eq!(refused.errors(), ["attestation: must be agreed to"]);
    let signature = json!({ "version": note["version"], "attestation": "author" });
    let signed = test.call_with(&token, "POST", &path, Some(signature.clone())).await.expect(200).json();
    assert_eq!(signed["status"], "signed");
    assert_eq!(signed["signatures"][0]["signing"]["method"], "mfa");
    test.call_with(&token, "POST", &path, Some(signature)).await.expect(409);
    assert_eq!(charge_jobs(&test).await, [json!({ "note": note["id"] })]);
}

#[tokio::test]
async fn a_signed_note_is_not_edited_but_amended_and_read_with_its_amendment() {
    let test = TestApp::new().await;
    let (token, note) = draft(&test, "jordan", "clinician").await;
    let note = edited(&test, &token, &note).await;
    let path = format!("/notes/{}", note["id"].as_str().unwrap());
    let signature = json!({ "version": note["version"], "attestation": "author" });
    let signed = test.call_with(&token, "POST", &format!("{path}/sign"), Some(signature)).await.expect(200).json();
    let edit = json!({ "version": signed["version"], "content": signed["content"] });
    test.call_with(&token, "PUT", &path, Some(edit)).await.expect(409);
    let added = json!({ "version": signed["version"], "amendment":
        { "kind": "correction", "reason": "Wrong week.", "text": "Slept better since January." } });
    let amended = test.call_with(&token, "POST", &format!("{path}/amend"), Some(added)).await.expect(200).json();
    assert_eq!(amended["content"], signed["content"]);
    let read = test.call_with(&token, "GET", &path, None).await.expect(200).json();
    assert_eq!(read["amendments"][0]["added"]["text"], "Slept better since January.");
    assert_eq!(charge_jobs(&test).await.len(), 1);
}

#[tokio::test]
async fn an_associates_note_waits_for_the_supervisor_and_comes_back_revised() {
    let test = TestApp::new().await;
    let (token, note) = draft(&test, "riley", "associate").await;
    let note = edited(&test, &token, &note).await;
    let path = format!("/notes/{}", note["id"].as_str().unwrap());
    let sign = |version: &Value, text: &str| Some(json!({ "version": version, "attestation": text }));
    let signed = test.call_with(&token, "POST", &format!("{path}/sign"), sign(&note["version"], "author")).await;
    let signed = signed.expect(200).json();
    assert_eq!((&signed["status"], &signed["cosigner"]), (&json!("pending_cosign"), &json!(test.sam)));
    assert_eq!(charge_jobs(&test).await, Vec::<Value>::new());
    let sam = test.token_after_idle("supervisor").await;
    test.call_with(&token, "POST", &format!("{path}/cosign"), sign(&signed["version"], "cosigner")).await.expect(403);
    let comment = json!({ "version": signed["version"], "comment": "Say more about risk." });
    let returned = test.call_with(&sam, "POST", &format!("{path}/return"), Some(comment)).await.expect(200).json();
    assert_eq!(returned["status"], "returned_for_revision");
    assert!(returned["signatures"][0]["revoked"].is_object());
    let revised = edited(&test, &token, &returned).await;
    let again = test.call_with(&token, "POST", &format!("{path}/sign"), sign(&revised["version"], "author")).await;
    let again = again.expect(200).json();
    let done = test.call_with(&sam, "POST", &format!("{path}/cosign"), sign(&again["version"], "cosigner")).await;
    assert_eq!(done.expect(200).json()["status"], "cosigned");
    assert_eq!(charge_jobs(&test).await, [json!({ "note": note["id"] })]);
}

#[tokio::test]
async fn an_appointment_has_one_progress_note() {
    let test = TestApp::new().await;
    let (token, note) = draft(&test, "jordan", "clinician").await;
    let again = json!({ "kind": "progress", "appointment": note["appointment"] });
    let refused = test.call_with(&token, "POST", "/notes", Some(again)).await.expect(409);
    assert_eq!(refused.json()["detail"], "The appointment has a progress note already.");
}

#[tokio::test]
async fn an_old_treatment_plan_blocks_every_note_but_a_new_plan() {
    let test = TestApp::new().await;
    let plan = json!({ "kind": "treatment_plan", "client": test.jordan });
    test.call("clinician", "POST", "/notes", Some(plan.clone())).await.expect(201);
    test.clock.set("2026-07-01T14:00:00Z");
    let token = test.token_after_idle("clinician").await;
    let contact = json!({ "kind": "contact", "client": test.jordan });
    let refused = test.call_with(&token, "POST", "/notes", Some(contact.clone())).await.expect(409);
    assert!(refused.text.contains("older than 90 days"));
    test.call_with(&token, "POST", "/notes", Some(plan)).await.expect(201);
    test.call_with(&token, "POST", "/notes", Some(contact)).await.expect(201);
}

#[tokio::test]
async fn an_administrator_does_not_read_what_a_note_says() {
    let test = TestApp::new().await;
    let (_, note) = draft(&test, "jordan", "clinician").await;
    let path = format!("/notes/{}", note["id"].as_str().unwrap());
    for who in ["administrator", "front_desk", "billing"] {
        let token = test.token_after_idle(who).await;
        test.call_with(&token, "GET", &path, None).await.expect(403);
    }
}
