//! From a draft note to money in the books and a log that verifies, in browsers.

use std::{path::Path, process::Command};

use mentalspace_audit::VerifierKey;
use mentalspace_claims::x12::{Envelope, StreamReader};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    era::{self, COPAY, Payment},
    server::Server,
};

/// The one whose session today has a draft note.
const CLIENT: &str = "Whitcomb";
const PRACTICE_NPI: &str = "1234567893";

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn a_draft_note_becomes_money_in_the_books_and_the_log_verifies() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let administrator = Browser::start(&server);
    administrator.sign_in(server.account("administrator"));
    let browser = Browser::start(&server);
    browser.sign_in(server.account("clinician"));
    complete_and_sign(&browser);
    browser.sign_out();
    browser.sign_in(server.account("billing"));
    let claim = new_claim(&browser);
    send(&browser, &claim);
    print(&browser, &claim, data.path());
    post(&browser, &claim, data.path());
    verify(&administrator);
}

fn complete_and_sign(browser: &Browser) {
    browser.open("/notes");
    browser.find(&format!("//section[@aria-labelledby=\"drafts\"]//tr[contains(., \"{CLIENT}\")]//a")).click();
    browser.see("Still missing in what is saved");
    browser.fill("plan", "Continue weekly. Review the sleep log next time.");
    browser.find("//input[@name=\"attestation\"]").click();
    browser.press("Save and sign");
    browser.find("//main//*[contains(@class, \"state\")][normalize-space(.)=\"signed\"]");
    browser.see("Continue weekly. Review the sleep log next time.");
}

/// Waits until a worker has made the claim, and reads it.
fn new_claim(browser: &Browser) -> Value {
    let listed = format!("//main//tr[contains(., \"{CLIENT}\")]//a[starts-with(@href, \"/claims/\")]");
    browser.open("/claims?status=ready");
    browser.reload_until(&listed);
    browser.find(&listed).click();
    browser.see("In the books");
    let path = browser.path();
    read(browser, &format!("/api/v1{path}"))
}

fn read(browser: &Browser, path: &str) -> Value {
    let (status, answer) = browser.fetch(path);
    assert_eq!(status, 200, "{path}");
    serde_json::from_slice(&answer).unwrap()
}

fn text<'a>(claim: &'a Value, field: &str) -> &'a str {
    claim[field].as_str().unwrap()
}

/// Sends the claim alone, and reads the file that was made of it.
fn send(browser: &Browser, claim: &Value) {
    browser.open("/claims?status=ready");
    let alone =
        "document.querySelectorAll('input[name=claim]').forEach((box) => box.checked = box.value === arguments[0])";
    browser.run(alone, &json!([text(claim, "id")]));
    browser.press("Create an 837P of the chosen");
    browser.see("1 claim");
    let download = browser.find("//main//a[normalize-space(.)=\"Download\"]").attribute("href");
    let (status, file) = browser.fetch(&download);
    assert_eq!(status, 200);
    let (mut reader, mut envelope, mut numbers) = (StreamReader::new(&file[..]), Envelope::new(), Vec::new());
    while let Some(segment) = reader.next_segment().unwrap() {
        envelope.feed(&segment);
        if segment.id() == b"ST" {
            assert_eq!(envelope.set().unwrap().guide, "005010X222A1");
        }
        if segment.id() == b"CLM" {
            numbers.push(String::from_utf8(segment.element(1).to_vec()).unwrap());
        }
    }
    envelope.finish();
    assert!(envelope.findings().is_empty(), "{:?}", envelope.findings());
    assert_eq!(numbers, [text(claim, "control_number")]);
}

/// Prints the claim, and reads the paper.
fn print(browser: &Browser, claim: &Value, folder: &Path) {
    browser.open(&format!("/claims/{}", text(claim, "id")));
    browser.find("//main//*[contains(@class, \"state\")][normalize-space(.)=\"submitted\"]");
    let (status, form) = browser.fetch(&browser.find("//main//a[contains(., \"CMS-1500\")]").attribute("href"));
    assert_eq!(status, 200);
    let path = folder.join("form.pdf");
    std::fs::write(&path, form).unwrap();
    let read = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output();
    let words = String::from_utf8(read.expect("needs pdftotext: apt-get install poppler-utils").stdout).unwrap();
    for printed in [text(claim, "control_number"), PRACTICE_NPI] {
        assert!(words.contains(printed), "{printed} is not on the form:\n{words}");
    }
}

/// What payers and the client owe, in cents.
fn owed(browser: &Browser, claim: &Value) -> (i64, i64) {
    let ledger = read(browser, &format!("/api/v1/ledger/clients/{}", text(claim, "client")));
    (era::cents(text(&ledger, "insurance_due")), era::cents(text(&ledger, "patient_due")))
}

/// Pays the claim, and sees the money arrive.
fn post(browser: &Browser, claim: &Value, folder: &Path) {
    let payment = Payment::of(claim);
    let (charge, lines) = (payment.lines.iter().map(|(_, charge)| charge).sum::<i64>(), payment.lines.len());
    let before = owed(browser, claim);
    let (file, _) = era::write("SRHP1", "JOURNEY1", &[payment]);
    let path = folder.join("journey.x12");
    std::fs::write(&path, file).unwrap();
    browser.open("/remittances");
    browser.find("//input[@name=\"file\"]").write(path.to_str().unwrap());
    browser.press("Post");
    browser.find("//h1[contains(., \"JOURNEY1\")]");
    browser.find("//dt[.=\"Undistributed\"]/following-sibling::dd[1][contains(., \"0.00\")]");
    browser.find(&format!("//main//a[.=\"{}\"]", text(claim, "control_number"))).click();
    browser.find("//main//*[contains(@class, \"state\")][normalize-space(.)=\"paid\"]");
    let after = owed(browser, claim);
    assert_eq!(after, (before.0 - charge, before.1 + COPAY * i64::try_from(lines).unwrap()));
}

fn verify(browser: &Browser) {
    browser.open("/audit");
    browser.press("Verify");
    browser.press("Verify now");
    browser.see("The log is whole.");
    let (_, key) = browser.fetch("/api/v1/audit/verifier-key");
    let key: VerifierKey = String::from_utf8(key).unwrap().parse().unwrap();
    let (status, mut export) = browser.fetch("/audit/export");
    assert_eq!(status, 200);
    let report = mentalspace_audit::verify(&export[..], std::slice::from_ref(&key)).unwrap();
    assert!(report.complete && report.signed_by_trusted_key);
    assert!(report.size > 1_000, "a month leaves more than {} events", report.size);
    // The same export with one letter changed does not verify.
    let at = export.len() / 2;
    export[at] ^= 1;
    mentalspace_audit::verify(&export[..], &[key]).unwrap_err();
}

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn the_front_desk_cannot_open_a_note() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let browser = Browser::start(&server);
    browser.sign_in(server.account("clinician"));
    browser.open("/notes");
    browser.find("//section[@aria-labelledby=\"drafts\"]//tbody//a").click();
    let note = browser.path();
    browser.sign_out();
    browser.sign_in(server.account("front_desk"));
    assert_eq!(browser.fetch(&note).0, 403);
    browser.open(&note);
    browser.see("You may not do this");
}
