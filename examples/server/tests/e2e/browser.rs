//! Chromium by way of chromedriver (W3C WebDriver). Every look waits until what it looks for is there.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{Account, Server};

/// How the standard names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a look waits, in milliseconds.
const PATIENCE: u32 = 15_000;
const HELP: &str = "needs Chromium and chromedriver: apt-get install chromium chromium-driver";

/// A browser with a fresh profile; ended when dropped.
pub(crate) struct Browser {
    driver: Child,
    _stdout: BufReader<ChildStdout>,
    _profile: TempDir,
    agent: ureq::Agent,
    session: String,
    site: String,
}

impl Browser {
    pub(crate) fn start(server: &Server) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = driver.expect(HELP);
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let port = stdout.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let port = line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').to_owned();
            Some(port)
        });
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let address = format!("http://127.0.0.1:{}/session", port.expect(HELP));
        let mut browser =
            Self { driver, _stdout: stdout, agent, session: address, site: server.url.clone(), _profile: profile };
        let profile = format!("--user-data-dir={}", browser._profile.path().display());
        let options = json!({ "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", profile,
            // Visits: a camera, a microphone and a screen that are made up, without asking.
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            "--auto-select-desktop-capture-source=Entire screen",
        ]});
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options,
            "timeouts": { "implicit": PATIENCE, "pageLoad": PATIENCE, "script": PATIENCE } });
        let made = browser.post("", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        let id = made["sessionId"].as_str().expect(HELP).to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let sent = self.agent.post(format!("{}{path}", self.session)).send_json(body);
        let answer: Value = sent.unwrap().body_mut().read_json().unwrap();
        let value = &answer["value"];
        if !value["error"].is_null() {
            let shown = self
                .agent
                .post(format!("{}/execute/sync", self.session))
                .send_json(json!({ "script": "return `${location.href}\n${document.body?.innerText}`", "args": [] }));
            let shown =
                shown.ok().and_then(|mut answer| answer.body_mut().read_json::<Value>().ok()).unwrap_or_default();
            let shown = shown["value"].as_str().unwrap_or_default();
            panic!("{path}: {} {}\nThe page shows: {shown}", value["error"], value["message"]);
        }
        value.clone()
    }

    fn get(&self, path: &str) -> Value {
        let mut answer = self.agent.get(format!("{}{path}", self.session)).call().unwrap();
        answer.body_mut().read_json::<Value>().unwrap()["value"].clone()
    }

    /// Opens a page of the server.
    pub(crate) fn open(&self, path: &str) {
        self.post("/url", &json!({ "url": format!("{}{path}", self.site) }));
    }

    /// Opens any page.
    pub(crate) fn open_elsewhere(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// Gives the browser a device that keeps passkeys and knows its owner.
    pub(crate) fn add_authenticator(&self) {
        let device = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true });
        self.post("/webauthn/authenticator", &device);
    }

    /// Returns the path of the page.
    pub(crate) fn path(&self) -> String {
        self.get("/url").as_str().unwrap().trim_start_matches(&self.site).to_owned()
    }

    /// Waits for the first element of an XPath.
    pub(crate) fn find(&self, xpath: &str) -> Element<'_> {
        let found = self.post("/element", &json!({ "using": "xpath", "value": xpath }));
        Element { browser: self, id: found[ELEMENT].as_str().unwrap().to_owned() }
    }

    /// Loads the page again until an XPath finds something, as a person does who waits for a worker.
    pub(crate) fn reload_until(&self, xpath: &str) {
        let look = json!({ "using": "xpath", "value": xpath });
        self.post("/timeouts", &json!({ "implicit": 500 }));
        let found = (0..PATIENCE / 500).any(|_| {
            let found = !self.post("/elements", &look).as_array().unwrap().is_empty();
            if !found {
                self.post("/refresh", &json!({}));
            }
            found
        });
        self.post("/timeouts", &json!({ "implicit": PATIENCE }));
        assert!(found, "{xpath} does not come");
    }

    /// Waits until this text is on the page.
    pub(crate) fn see(&self, text: &str) {
        self.find(&format!("//main//*[contains(normalize-space(.), \"{text}\")]"));
    }

    /// Presses the button or follows the link of this name.
    pub(crate) fn press(&self, name: &str) {
        self.find(&format!("//main//*[self::button or self::a][normalize-space(.)=\"{name}\"]")).click();
    }

    /// Writes into the field of this name.
    pub(crate) fn fill(&self, field: &str, text: &str) {
        let element = self.find(&format!("//main//*[@name=\"{field}\"][not(@type=\"hidden\")]"));
        element.clear();
        element.write(text);
    }

    /// Chooses what a list calls `value`.
    pub(crate) fn choose(&self, field: &str, value: &str) {
        self.find(&format!("//main//select[@name=\"{field}\"]/option[@value=\"{value}\"]")).click();
    }

    /// Runs a script's body with `arguments`; a promise is waited for.
    pub(crate) fn run(&self, script: &str, arguments: &Value) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Gives a command of the DevTools protocol.
    pub(crate) fn command(&self, name: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }));
    }

    /// Waits until a script's body returns something other than false or nothing, and returns it.
    pub(crate) fn until(&self, script: &str) -> Value {
        for _ in 0..PATIENCE / 250 {
            let found = self.run(script, &json!([]));
            if !found.is_null() && found != false {
                return found;
            }
            std::thread::sleep(std::time::Duration::from_millis(250));
        }
        let shown = self.run("return `${location.href}\n${document.body.innerText}`", &json!([]));
        panic!("{script} does not come about\nThe page shows: {}", shown.as_str().unwrap_or_default());
    }

    /// Keeps a picture of the page where `MENTALSPACE_PICTURES` names a folder.
    pub(crate) fn picture(&self, name: &str) {
        let Ok(folder) = std::env::var("MENTALSPACE_PICTURES") else { return };
        let picture = STANDARD.decode(self.get("/screenshot").as_str().unwrap()).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }

    /// Fetches something with the page's session: status and bytes.
    pub(crate) fn fetch(&self, path: &str) -> (u64, Vec<u8>) {
        let script =
            "const answer = await fetch(arguments[0]); const bytes = new Uint8Array(await answer.arrayBuffer());
            return [answer.status, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))];";
        let answer =
            self.run(&format!("return (async (...arguments) => {{ {script} }})(...arguments)"), &json!([path]));
        (answer[0].as_u64().unwrap(), STANDARD.decode(answer[1].as_str().unwrap()).unwrap())
    }

    /// Signs in with name, password and the code of this moment.
    pub(crate) fn sign_in(&self, account: &Account) {
        self.open("/sign-in");
        self.fill("login", &account.login);
        self.fill("password", &account.password);
        self.press("Sign in");
        self.fill("code", &account.code());
        self.press("Continue");
        self.find("//header//button[normalize-space(.)=\"Sign out\"]");
    }

    pub(crate) fn sign_out(&self) {
        self.find("//header//button[normalize-space(.)=\"Sign out\"]").click();
        self.find("//main//button[normalize-space(.)=\"Sign in\"]");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Something on the page.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Element<'_> {
    fn act(&self, what: &str, body: &Value) {
        self.browser.post(&format!("/element/{}/{what}", self.id), body);
    }

    pub(crate) fn click(&self) {
        self.act("click", &json!({}));
    }

    pub(crate) fn clear(&self) {
        self.act("clear", &json!({}));
    }

    pub(crate) fn write(&self, text: &str) {
        self.act("value", &json!({ "text": text }));
    }

    pub(crate) fn attribute(&self, name: &str) -> String {
        let value = self.browser.get(&format!("/element/{}/attribute/{name}", self.id));
        value.as_str().unwrap_or_default().to_owned()
    }
}
