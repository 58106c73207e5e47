//! A visit by video between two browsers: the clinician signed in, the client by a link. The pictures are looked at, not
//! only announced.

mod visit;

use serde_json::json;

use crate::{browser::Browser, server::Server};

use visit::Call;

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn two_people_see_and_hear_each_other_once_the_client_is_let_in() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let (clinician, client, _) = visit::waiting(&server);

    // Who waits gets no credential, whatever they ask.
    let refused = client.0.run(
        "const { api, csrf } = document.body.dataset;
         return fetch(api + '/join', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json',
           'x-csrf-token': csrf } }).then((answer) => answer.status)",
        &json!([]),
    );
    assert_eq!(refused, 409);
    client.picture("waiting");
    clinician.picture("list");
    clinician.press("Let in");
    clinician.sees_somebody();
    client.sees_somebody();
    clinician.receives();
    client.receives();
    clinician.picture("room");

    mute_and_camera(&clinician, &client);
    share(&clinician, &client);
    hand_and_chat(&clinician, &client);
    drop_and_rejoin(&clinician, &client);
    remove_and_let_back(&clinician, &client);

    clinician.control("leave");
    clinician.choose("End for everybody");
    clinician.0.see("This visit is over");
    client.0.see("This visit is over");
    client.hangs_up();
    client.picture("over");
    clinician.picture("ended");
    clinician.0.press("Go to the note");
    clinician.0.see("Held by video");
    clinician.0.see("Present: clinician");
}

fn mute_and_camera(clinician: &Call, client: &Call) {
    client.control("mic");
    clinician.other("microphone off");
    client.control("mic");
    clinician.other_no_more("microphone off");
    client.control("camera");
    clinician.0.until("return document.querySelector('.tile:not(.own).blank') !== null");
    client.control("camera");
    clinician.sees_somebody();
}

fn share(clinician: &Call, client: &Call) {
    client.control("screen");
    clinician.0.until(
        "const video = document.querySelector('.tile.screen.large:not(.own) video');
         return video !== null && video.videoWidth > 300",
    );
    clinician.picture("screen");
    client.control("screen");
    clinician.0.until("return document.querySelector('.tile.screen') === null");
}

fn hand_and_chat(clinician: &Call, client: &Call) {
    client.control("hand");
    clinician.other("hand raised");
    client.control("hand");
    clinician.other_no_more("hand raised");

    let text = "<img src=x onerror=alert(1)> & ça va?";
    client.control("chat");
    client.write("Message", text);
    clinician.0.until("return document.querySelector('[data-key=chat] .badge')?.textContent === '1'");
    clinician.control("chat");
    let read = clinician.0.until("return document.querySelector('.message:not(.mine) .prose')?.textContent");
    assert_eq!(read, text, "text stays text");
    clinician.0.until("return document.querySelector('[data-key=chat] .badge') === null");
    clinician.control("tab-notes");
    clinician.write("Note to share", "Breathe out twice as long as in.");
    client.control("tab-notes");
    let read = client.0.until("return document.querySelector('.message:not(.mine) .prose')?.textContent");
    assert_eq!(read, "Breathe out twice as long as in.");
    assert_eq!(client.0.run("return document.querySelectorAll('aside textarea').length", &json!([])), 0);
    clinician.picture("notes");
    clinician.control("people");
    client.click("//aside//button[@aria-label=\"Close\"]");
}

fn drop_and_rejoin(clinician: &Call, client: &Call) {
    let offline = |offline: bool| {
        let speed = if offline { 0 } else { -1 };
        let parameters =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": speed, "uploadThroughput": speed });
        client.0.command("Network.emulateNetworkConditions", &parameters);
    };
    offline(true);
    client.0.until("return document.body.innerText.includes('The connection was lost')");
    clinician.0.until(
        "const tile = document.querySelector('.tile:not(.own)');
         return tile === null || tile.classList.contains('blank') || tile.textContent.includes('connecting')",
    );
    client.picture("lost");
    offline(false);
    // Nobody lets them in again: they are back by themselves.
    client.sees_somebody();
    clinician.sees_somebody();
    client.0.until("return !document.body.innerText.includes('The connection was lost')");
    client.receives();
}

fn remove_and_let_back(clinician: &Call, client: &Call) {
    clinician.press("Remove");
    clinician.choose("Remove");
    client.0.see("You cannot join");
    client.hangs_up();
    clinician.0.until("return document.querySelector('.tile:not(.own)') === null");
    client.picture("removed");
    clinician.press("Allow back");
    client.press("Enter the waiting room");
    clinician.press("Let in");
    client.sees_somebody();
    clinician.sees_somebody();
}

#[test]
#[ignore = "needs chromium, chromium-driver and a Janus: scripts/test"]
fn the_same_visit_works_through_janus() {
    assert!(std::env::var_os("MENTALSPACE_JANUS_URL").is_some(), "needs a Janus: scripts/test");
    let data = tempfile::tempdir().unwrap();
    let server = Server::with(data.path(), &[("MENTALSPACE_TELEHEALTH", "janus")]);
    let (clinician, client, _) = visit::waiting(&server);
    clinician.press("Let in");
    clinician.sees_somebody();
    client.sees_somebody();
    clinician.receives();
    client.receives();
    mute_and_camera(&clinician, &client);
    share(&clinician, &client);
    clinician.control("people");
    drop_and_rejoin(&clinician, &client);
    remove_and_let_back(&clinician, &client);
    clinician.control("leave");
    clinician.choose("End for everybody");
    client.0.see("This visit is over");
    client.hangs_up();
}

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn the_chime_library_builds_a_session_and_calls_nobody_but_its_meeting() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let (_, client, _) = visit::waiting(&server);
    // The page's policy lets it call nobody here, and tells whom it wanted to call.
    let seen = client.0.run(
        "const called = new Set();
         document.addEventListener('securitypolicyviolation', (event) => {
           if (event.effectiveDirective === 'connect-src') called.add(new URL(event.blockedURI).host);
         });
         const printed = [];
         for (const level of ['log', 'info', 'debug']) console[level] = (...said) => printed.push(said.join(' '));
         const place = (host) => `wss://${host}.m1.ue1.app.chime.aws/control/1`;
         const room = JSON.stringify({ MeetingId: 'm-1', ExternalMeetingId: 'room-1', MediaRegion: 'us-east-1', MediaPlacement: {
           AudioHostUrl: 'audio.k.m1.ue1.app.chime.aws:3478', AudioFallbackUrl: place('fallback'), SignalingUrl: place('signal'),
           TurnControlUrl: 'https://turn.cell.us-east-1.meetings.chime.aws/v2/turn_sessions',
           EventIngestionUrl: 'https://data.svc.ue1.ingest.chime.aws/v1/client-events' } });
         const participant = JSON.stringify({ ExternalUserId: 'p_1', AttendeeId: 'a-1', JoinToken: 'secret-token',
           Capabilities: { Audio: 'SendReceive', Video: 'SendReceive', Content: 'Receive' } });
         return import('/static/visit/media/chime.js').then(async ({ default: ChimeMedia }) => {
           const media = new ChimeMedia();
           let permitted = null;
           media.onPermitted = (now) => { permitted = now; };
           const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
           const tracks = { audio: stream.getAudioTracks()[0], video: stream.getVideoTracks()[0], screen: null };
           const joining = media.join({ room, participant }, tracks).then(() => 'inside', (error) => error.message);
           for (let turn = 0; turn < 100 && called.size === 0; turn += 1) await new Promise((go) => setTimeout(go, 100));
           media.leave();
           return [media.grantOf({ room, participant }), permitted, [...called], printed.length, await Promise.race([joining, 'trying'])];
         })",
        &json!([]),
    );
    let permitted = json!({ "audio": true, "video": true, "screen": false });
    assert_eq!(
        seen.as_array().unwrap()[..4],
        [json!("p_1"), permitted, json!(["signal.m1.ue1.app.chime.aws"]), json!(0)]
    );
}

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn a_second_device_takes_over_and_the_first_is_told() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let (clinician, client, link) = visit::waiting(&server);
    clinician.press("Let in");
    client.sees_somebody();

    let second = Call(Browser::start(&server));
    second.watch_connections();
    visit::enter(&second, &link);
    second.press("Join from this device");
    second.sees_somebody();
    client.0.see("You joined from another device");
    client.hangs_up();
    clinician.sees_somebody();
    assert_eq!(clinician.0.run("return document.querySelectorAll('.tile:not(.own)').length", &json!([])), 1);
}

#[test]
#[ignore = "needs chromium and chromium-driver: scripts/test"]
fn the_check_before_a_visit_tells_what_works() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let (_, client, _) = visit::waiting(&server);
    client.0.until("return document.querySelector('.preview video').videoWidth > 0");
    client.press("Check sound and connection");
    client.press("Yes");
    client.0.until("return document.querySelector('.check .notice.good')?.innerText.includes('Mbit/s')");
    client.picture("check");
}

/// Files Janus has written sound or pictures into.
fn recorded(folder: &std::path::Path) -> usize {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    inside
        .map(
            |path| {
                if path.is_dir() { recorded(&path) } else { usize::from(path.extension().is_some_and(|e| e == "mjr")) }
            },
        )
        .sum()
}

#[test]
#[ignore = "needs chromium, chromium-driver and a Janus: scripts/test"]
fn a_recording_through_janus_begins_with_the_last_yes_and_stops_with_the_first_no() {
    let folder = std::env::var("MENTALSPACE_JANUS_RECORDINGS").expect("needs a Janus: scripts/test");
    let folder = std::path::Path::new(&folder);
    let data = tempfile::tempdir().unwrap();
    let server = Server::with(data.path(), &[("MENTALSPACE_TELEHEALTH", "janus")]);
    let administrator = crate::server::Program::sign_in(&server, server.account("administrator"));
    let mut settings = administrator.get(&server, "/api/v1/practice/video-settings");
    settings["settings"]["visit"]["recording"] = json!(true);
    assert_eq!(administrator.put(&server, "/api/v1/practice/video-settings", &settings), 204);

    let (clinician, client, _) = visit::waiting(&server);
    clinician.press("Let in");
    clinician.sees_somebody();
    client.sees_somebody();
    let before = recorded(folder);
    let act = |call: &Call, act: &serde_json::Value| {
        call.0.run(
            "const { api, csrf } = document.body.dataset;
             const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
             return fetch(api + '/acts', { method: 'POST', headers, body: arguments[0] }).then((answer) => answer.json())
               .then((seen) => seen.recording?.state ?? seen.detail)",
            &json!([act.to_string()]),
        )
    };
    assert_eq!(act(&clinician, &json!({ "act": "record", "media": "video" })), "asking");
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(recorded(folder), before, "nothing is recorded before the last yes");
    assert_eq!(act(&client, &json!({ "act": "record_answer", "yes": true })), "recording");
    let begun = (0..40).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(250));
        recorded(folder) > before
    });
    assert!(begun, "a recording is written once everybody agreed");
    clinician.picture("recording");
    let stopped = act(&client, &json!({ "act": "record_answer", "yes": false }));
    assert!(["stopping", "processing", "ready"].iter().any(|state| stopped == *state), "{stopped}");
    clinician.sees_somebody();
}
