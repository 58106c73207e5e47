//! Passkeys in a real browser with the virtual authenticator of WebDriver (W3C Web Authentication Level 3 §11).

use std::net::TcpListener;

use serde_json::json;

use crate::{browser::Browser, server::Server};

/// A port that is free at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Keeps pictures of the page at the width of a desk and of a phone.
fn pictures(browser: &Browser, name: &str) {
    for (device, width, height) in [("desk", 1280, 900), ("phone", 390, 844)] {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": device == "phone" });
        browser.command("Emulation.setDeviceMetricsOverride", &size);
        browser.picture(&format!("{name}-{device}"));
    }
    browser.command("Emulation.clearDeviceMetricsOverride", &json!({}));
}

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn a_passkey_is_added_signs_in_confirms_and_works_nowhere_else() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let address = format!("http://localhost:{port}");
    let server = Server::at(data.path(), port, &[("MENTALSPACE_PUBLIC_URL", &address)]).called(&address);
    let browser = Browser::start(&server);
    browser.add_authenticator();
    browser.open("/sign-in");
    pictures(&browser, "sign-in");
    browser.sign_in(server.account("clinician"));

    browser.open("/sign-in/enrol");
    pictures(&browser, "enrol");
    browser.press("Replace the app");
    browser.find("//main//*[name()='svg']/*[name()='title'][contains(., 'QR code')]");
    pictures(&browser, "enrol-app");
    browser.open("/sign-in/enrol");
    browser.fill("name", "The laptop");
    browser.press("Add a passkey");
    browser.see("You have no backup codes.");
    pictures(&browser, "backup-codes");
    browser.press("Make ten new codes");
    browser.see("they are not shown again");
    pictures(&browser, "backup-codes-made");
    browser.open("/account/authenticators");
    browser.see("The laptop");
    pictures(&browser, "authenticators");

    // The same device is not registered twice.
    browser.open("/sign-in/enrol");
    browser.press("Add a passkey");
    browser.see("This device has a passkey of your account already.");

    // Without a name and without a password.
    browser.sign_out();
    browser.press("Sign in with a passkey");
    browser.find("//header//button[normalize-space(.)=\"Sign out\"]");

    // As a second factor.
    browser.sign_out();
    browser.fill("login", &server.account("clinician").login);
    browser.fill("password", &server.account("clinician").password);
    browser.press("Sign in");
    browser.find("//main//button[normalize-space(.)=\"Use a passkey\"]");
    pictures(&browser, "code");
    browser.press("Use a passkey");
    browser.find("//header//button[normalize-space(.)=\"Sign out\"]");

    // Once more, before something sensitive.
    browser.open("/account/confirm?back=/account/authenticators");
    pictures(&browser, "confirm");
    browser.press("Confirm with a passkey");
    browser.find("//h1[normalize-space(.)=\"How you sign in\"]");

    // The same server under another name: the browser itself refuses.
    browser.open_elsewhere(&format!("http://127.0.0.1:{port}/sign-in"));
    browser.press("Sign in with a passkey");
    browser.see("Passkeys do not work at this address.");
}
