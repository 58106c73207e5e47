//! Two real browsers with the client of `examples/browser.js`.

use std::process::Stdio;
use std::time::Duration;

use mentalspace_http::{Client, Method, Request};
use mentalspace_telehealth_port::provider::{Media, TelehealthProvider};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::peer::turn;
use crate::server::{Documents, admit, grant, open, provider};

const CLIENT: &str = include_str!("../../examples/browser.js");
const HELP: &str = "needs Chromium and chromedriver: apt-get install chromium chromium-driver";

/// Joins with a made-up camera and microphone, and notes what happens.
const JOIN: &str = "
    const [room, me, done] = arguments;
    (async () => {
        const { JanusCall } = await import('/browser.js');
        const call = (window.call = new JanusCall(room, me));
        window.states = [];
        window.people = {};
        call.onstate = (state) => states.push(state);
        call.onperson = (person) => { if (person.gone) delete people[person.id]; else people[person.id] = person; };
        const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
        await call.join();
        await call.send({ audio: media.getAudioTracks()[0], camera: media.getVideoTracks()[0] });
        done('inside');
    })().catch((error) => done(`${error}`));";

/// Tells what happened, and for everybody watched how many frames were shown and packets of sound came.
const LOOK: &str = "
    const done = arguments[0];
    (async () => {
        const seen = { frames: 0, sound: 0, screen: 0 };
        for (const report of (await call.stats()).people) {
            report?.forEach((entry) => {
                if (entry.type !== 'inbound-rtp') return;
                if (entry.kind === 'audio') seen.sound += entry.packetsReceived;
                else if (entry.mid === '2') seen.screen += entry.framesDecoded ?? 0;
                else seen.frames += entry.framesDecoded ?? 0;
            });
        }
        done({ ...seen, states, people: Object.keys(people) });
    })();";

struct Browser {
    _driver: Child,
    _profile: TempDir,
    client: Client,
    session: String,
}

impl Browser {
    async fn start(site: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect(HELP);
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("text").expect(HELP);
            if let Some((_, port)) = line.rsplit_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let client = Client::new(Duration::from_secs(60), 1 << 20).expect("a client");
        let mut browser =
            Self { _driver: driver, client, session: format!("http://127.0.0.1:{port}/session"), _profile: profile };
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream", format!("--user-data-dir={}", browser._profile.path().display()),
        ]});
        let wanted = json!({ "goog:chromeOptions": options, "timeouts": { "script": 50_000 } });
        let made = browser.post("", &json!({ "capabilities": { "alwaysMatch": wanted } })).await;
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().expect(HELP));
        browser.post("/url", &json!({ "url": site })).await;
        browser
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = Request::new(Method::POST, format!("{}{path}", self.session)).body(body.to_string());
        let answer = self.client.send(request).await.expect("the driver answers");
        let mut answer: Value = serde_json::from_slice(&answer.body).expect("in JSON");
        assert!(answer["value"]["error"].is_null(), "{path}: {}", answer["value"]["message"]);
        answer["value"].take()
    }

    async fn run(&self, script: &str, arguments: Value) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": arguments })).await
    }

    async fn join(&self, documents: &Documents) {
        assert_eq!(self.run(JOIN, json!([documents.room, documents.participant])).await, "inside");
    }

    /// Looks until what is seen is as expected.
    async fn sees(&self, what: &str, expected: impl Fn(&Value) -> bool) {
        let mut seen = Value::Null;
        for _ in 0..100 {
            seen = self.run(LOOK, json!([])).await;
            if expected(&seen) {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
        panic!("{what} is not seen but {seen}");
    }

    async fn close(self) {
        let _ = self.client.send(Request::new(Method::DELETE, &self.session)).await;
    }
}

/// Serves an empty page and the client on this machine, which browsers trust like an encrypted site.
async fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    format!("http://{address}/")
}

async fn serve(mut stream: TcpStream) -> Option<()> {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).await.ok()?;
    let (kind, body) = match request[..read].starts_with(b"GET /browser.js ") {
        true => ("text/javascript", CLIENT),
        false => ("text/html", "<!doctype html><title>call</title>"),
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).await.ok()
}

fn count(seen: &Value, what: &str) -> u64 {
    seen[what].as_u64().expect("a count")
}

#[tokio::test]
#[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
async fn two_browsers_meet_until_one_is_removed_and_the_room_ends() {
    let _turn = turn().await;
    let provider = provider();
    let room = open(&provider, 4).await;
    let (one_id, two_id) = (grant(1).to_string(), grant(2).to_string());
    let site = site().await;
    let (one, two) = tokio::join!(Browser::start(&site), Browser::start(&site));
    one.join(&admit(&provider, &room, grant(1)).await).await;
    two.join(&admit(&provider, &room, grant(2)).await).await;
    for (browser, other) in [(&one, &two_id), (&two, &one_id)] {
        let meets = |seen: &Value| count(seen, "frames") > 10 && count(seen, "sound") > 50;
        browser.sees("the other", |seen| meets(seen) && seen["people"] == json!([other])).await;
        browser.sees("a connection", |seen| seen["states"] == json!(["joined", "connected"])).await;
    }

    // The order of the lines is what muting goes by.
    provider.set_media(&room, &grant(2), Media::AUDIO).await.expect("not seen any more");
    sleep(Duration::from_millis(500)).await;
    let before = one.run(LOOK, json!([])).await;
    sleep(Duration::from_secs(1)).await;
    let after = one.run(LOOK, json!([])).await;
    assert_eq!(count(&before, "frames"), count(&after, "frames"), "the picture is stopped");
    assert!(count(&after, "sound") > count(&before, "sound"), "the sound is not");
    assert_eq!(count(&after, "screen"), 0, "nobody shares a screen");

    provider.revoke(&room, &grant(1)).await.expect("removed");
    one.sees("the removal", |seen| seen["states"] == json!(["joined", "connected", "removed"])).await;
    two.sees("that the other is gone", |seen| seen["people"] == json!([])).await;
    provider.close_room(&room).await.expect("it closes");
    two.sees("the end", |seen| seen["states"] == json!(["joined", "connected", "ended"])).await;
    tokio::join!(one.close(), two.close());
}
