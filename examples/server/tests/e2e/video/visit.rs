//! The two sides of a visit, and what they see.

use serde_json::json;

use crate::{browser::Browser, server::Server};

/// When the client of the demo's next visit was born.
const BORN: &str = "2001-07-07";

/// A browser in a visit.
pub(super) struct Call(pub(super) Browser);

/// Brings the clinician of the demo's next visit and the client to the waiting room; returns the client's link as well.
pub(super) fn waiting(server: &Server) -> (Call, Call, String) {
    let clinician = Call(Browser::start(server));
    clinician.watch_connections();
    clinician.0.sign_in(server.account("associate"));
    clinician.0.open("/schedule");
    // Shortly before midnight the visit that is about to begin is tomorrow's.
    let today = "return document.querySelector('main').innerText.includes('Castellano')";
    if clinician.0.run(today, &json!([])) == false {
        clinician.0.find("//a[@rel='next']").click();
    }
    clinician.0.find("//main//tr[contains(., \"Castellano\")][contains(., \"ideo\")]//a").click();
    clinician.0.open(&format!("{}/video", clinician.0.path()));
    clinician.press("Open the waiting room");
    clinician.press("Make a link");
    let link = clinician.made_link();

    let client = Call(Browser::start(server));
    client.watch_connections();
    enter(&client, &link);
    client.0.fill("name", "Imani Castellano");
    client.press("I agree");
    for (field, text) in [
        ("street", "2211 Prairie Clover St"),
        ("city", "Denver"),
        ("state", "co"),
        ("zip", "80207"),
        ("emergency_phone", "303-555-0199"),
    ] {
        client.0.fill(field, text);
    }
    client.press("This is where I am");
    client.press("Enter the waiting room");
    client.0.see("You are in the waiting room");
    clinician.0.see("Imani Castellano");
    (clinician, client, link)
}

/// Follows the client's link as far as the visit.
pub(super) fn enter(call: &Call, link: &str) {
    call.0.open(link);
    call.0.run(&format!("document.querySelector('[name=birth_date]').value = '{BORN}'"), &json!([]));
    call.0.press("Continue");
    call.0.find("//h2[@id=\"check-title\"]");
}

impl Call {
    /// Remembers the page's connections, so that what they carry can be measured from outside.
    pub(super) fn watch_connections(&self) {
        let source = "window.connections = []; window.RTCPeerConnection = class extends RTCPeerConnection {
            constructor(...given) { super(...given); window.connections.push(this); } };";
        self.0.command("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    }

    /// Presses a button of the page as soon as it can be pressed.
    pub(super) fn press(&self, name: &str) {
        self.click(&format!("//main//button[normalize-space(.)=\"{name}\"]"));
    }

    /// Presses a button of the open dialog.
    pub(super) fn choose(&self, name: &str) {
        self.click(&format!("//dialog//button[normalize-space(.)=\"{name}\"]"));
    }

    /// Presses a control of the room.
    pub(super) fn control(&self, key: &str) {
        self.click(&format!("//button[@data-key=\"{key}\"]"));
    }

    /// Looks and clicks in one go, since what is live may be drawn anew between the two.
    pub(super) fn click(&self, xpath: &str) {
        let xpath = json!(xpath);
        self.0.until(&format!(
            "const found = document.evaluate({xpath}, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
             for (let at = 0; at < found.snapshotLength; at += 1) {{
               const button = found.snapshotItem(at);
               if (button.checkVisibility() && !button.disabled) {{ button.click(); return true; }}
             }}
             return false"
        ));
    }

    /// Says something in the open panel.
    pub(super) fn write(&self, field: &str, text: &str) {
        self.0.find(&format!("//aside//textarea[@aria-label=\"{field}\"]")).write(text);
        self.0.find("//aside//form//button").click();
    }

    /// Closes the dialog that shows a link; returns the link's path.
    pub(super) fn made_link(&self) -> String {
        let link = self.0.until("return document.querySelector('dialog input[readonly]')?.value");
        self.choose("Done");
        let link = link.as_str().unwrap();
        link[link.find("/join/").unwrap()..].to_owned()
    }

    /// Waits until somebody else's picture is not black and changes.
    pub(super) fn sees_somebody(&self) {
        self.0.until(
            "const video = document.querySelector('.tile:not(.own):not(.screen):not(.blank) video');
             if (!video || !video.videoWidth) return false;
             const look = () => {
               const canvas = document.createElement('canvas'); canvas.width = 64; canvas.height = 48;
               const pen = canvas.getContext('2d'); pen.drawImage(video, 0, 0, 64, 48);
               return pen.getImageData(0, 0, 64, 48).data;
             };
             const before = look();
             return new Promise((resolve) => setTimeout(resolve, 400)).then(() => {
               const after = look();
               let bright = 0, changed = 0;
               for (let at = 0; at < after.length; at += 4) {
                 if (after[at] + after[at + 1] + after[at + 2] > 60) bright += 1;
                 if (Math.abs(after[at + 1] - before[at + 1]) > 20) changed += 1;
               }
               return bright > 500 && changed > 10;
             })",
        );
    }

    /// Waits until sound and pictures both bring more bytes than before.
    pub(super) fn receives(&self) {
        self.0.until(
            "const count = async () => {
               const sum = { audio: 0, video: 0 };
               for (const connection of window.connections) {
                 if (connection.connectionState !== 'connected') continue;
                 for (const item of (await connection.getStats()).values())
                   if (item.type === 'inbound-rtp') sum[item.kind] += item.bytesReceived;
               }
               return sum;
             };
             return count().then(async (before) => {
               await new Promise((resolve) => setTimeout(resolve, 600));
               const after = await count();
               return after.audio > before.audio && after.video > before.video;
             })",
        );
    }

    /// Waits until nothing is connected and no camera runs.
    pub(super) fn hangs_up(&self) {
        self.0.until(
            "return window.connections.length > 0
               && window.connections.every((connection) => connection.connectionState === 'closed')
               && document.querySelector('.tile:not(.own)') === null",
        );
    }

    /// Waits until the other one's tile says this.
    pub(super) fn other(&self, words: &str) {
        self.0.until(&format!("return document.querySelector('.tile:not(.own)')?.textContent.includes('{words}')"));
    }

    pub(super) fn other_no_more(&self, words: &str) {
        self.0.until(&format!(
            "return document.querySelector('.tile:not(.own)')?.textContent.includes('{words}') === false"
        ));
    }

    pub(super) fn picture(&self, name: &str) {
        self.0.picture(name);
    }
}
