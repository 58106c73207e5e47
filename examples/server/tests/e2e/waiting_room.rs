//! The waiting room of a telehealth visit, in a browser.

use crate::{browser::Browser, server::Server};

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn a_client_is_let_in_after_consent_and_location_and_never_before() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let browser = Browser::start(&server);
    browser.sign_in(server.account("associate"));
    browser.open("/schedule");
    // Shortly before midnight the visit that is about to begin is tomorrow's.
    let today = "return document.querySelector('main').innerText.includes('Castellano')";
    if browser.run(today, &serde_json::json!([])) == false {
        browser.find("//a[@rel='next']").click();
    }
    browser.find("//main//tr[contains(., \"Castellano\")][contains(., \"ideo\")]//a").click();
    let appointment = browser.path();
    browser.press("Open the waiting room");
    browser.see("Before the client can be let in");
    browser.press("Record and check in");
    browser.see("consent");
    // Nothing lets the client in, not even a request that the page does not offer.
    browser.see("Before the client can be let in");
    let offered = "return document.querySelectorAll('button[value=admit]').length";
    assert_eq!(browser.run(offered, &serde_json::json!([])), 0);
    let sneaked = browser.run(
        "const form = document.querySelector('form[action$=\"/visit\"]'); const data = new URLSearchParams(new FormData(form));
         data.set('act', 'admit'); return fetch(form.action, { method: 'POST', body: data }).then((answer) => answer.status);",
        &serde_json::json!([]),
    );
    assert_eq!(sneaked, 409);
    browser.open(&appointment);
    browser.choose("consent", "verbal");
    browser.fill("consent_name", "Imani Castellano");
    browser.choose("setting", "home");
    browser.fill("emergency_phone", "303-555-0199");
    browser.press("Record and check in");
    browser.press("Let in");
    browser.press("End the visit");
    browser.see("completed");
}
