//! Automatic log-off as people meet it: warned a minute before, kept by saying so, signed out otherwise.

use serde_json::json;

use crate::{browser::Browser, server::Server};

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn the_page_warns_a_minute_before_stays_when_asked_and_leaves_when_not() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with(data.path(), &[("MENTALSPACE_IDLE_SECONDS", "68")]);
    let browser = Browser::start(&server);
    browser.sign_in(server.account("front_desk"));
    browser.open("/account/sessions");
    browser.picture("sessions");
    assert_eq!(browser.run("return document.getElementById('idle').hidden", &json!([])), true);
    browser.until("return !document.getElementById('idle').hidden");
    browser.picture("idle-warning");
    browser.find("//*[@id=\"idle\"]//button").click();
    browser.until("return document.getElementById('idle').hidden");
    let (status, _) = browser.fetch("/api/v1/sessions/current");
    assert_eq!(status, 200);
    browser.open("/account/addresses");
    browser.picture("addresses");
    browser.until("return !document.getElementById('idle').hidden");
}
