//! From a draft note to money in the books, in a browser.

use crate::{browser::Browser, server::Server};

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
