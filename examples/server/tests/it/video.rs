//! A visit by video as the page's calls see it, by staff and by people with a link.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use chrono::TimeDelta;
use mentalspace_server::practice::visits::{link, media};
use mentalspace_telehealth_port::{
    provider::ProviderErrorKind,
    testing::{Operation, Outcome, ScriptedProvider},
};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, form};

struct Stage {
    test: TestApp,
    provider: Arc<ScriptedProvider>,
    appointment: String,
}

/// Somebody who came by a link.
struct Visitor {
    cookie: String,
    csrf: String,
}

impl Stage {
    async fn new() -> Self {
        let provider = Arc::new(ScriptedProvider::new("scripted").unwrap());
        let test = TestApp::with_video(Some(provider.clone())).await;
        Self::agree(&test, "scripted").await;
        let appointment = test.booked("jordan", "2026-03-02", "09:10:00", "video").await;
        Self { test, provider, appointment }
    }

    async fn agree(test: &TestApp, provider: &str) {
        let agreement = json!({ "provider": provider, "from": "2026-01-01" });
        test.call("administrator", "PUT", "/practice/video-agreement", Some(agreement)).await.expect(204);
    }

    async fn staff(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let csrf = crate::support::csrf(&self.test.page(who, "/account").await.text);
        let request = Request::builder()
            .method(method)
            .uri(format!("/appointments/{}/visit/api/{path}", self.appointment))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.test.token(who)))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrf-token", csrf);
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.test.request(request.body(body).unwrap()).await
    }

    async fn host(&self, act: Value) -> Answer {
        self.staff("clinician", Method::POST, "acts", Some(act)).await
    }

    async fn seen(&self) -> Value {
        self.staff("clinician", Method::GET, "state", None).await.expect(200).json()
    }

    async fn link(&self) -> String {
        let seen = self.host(json!({ "act": "open" })).await.expect(200).json();
        let client = person(&seen, "client")["id"].clone();
        let made = self.host(json!({ "act": "link", "who": client })).await.expect(200).json();
        made["link"].as_str().unwrap().to_owned()
    }

    async fn open_link(&self, link: &str, birth_date: &str) -> Answer {
        let token = link.strip_prefix("/join/").unwrap();
        let mut request = form("/join", None, &[("token", token), ("birth_date", birth_date)]);
        request.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
        self.test.request(request).await
    }

    async fn enter(&self, link: &str) -> Visitor {
        let entered = self.open_link(link, "1990-05-04").await.expect(303);
        let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("SameSite"));
        self.seated(cookie.split(';').next().unwrap().to_owned()).await
    }

    /// Whoever holds this cookie, on the page of the visit.
    async fn seated(&self, cookie: String) -> Visitor {
        let page = Request::get("/visit").header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
        let page = self.test.request(page).await.expect(200).text;
        let csrf = page.split("data-csrf=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Visitor { cookie, csrf }
    }

    async fn visitor(&self) -> Visitor {
        self.enter(&self.link().await).await
    }

    async fn call(&self, visitor: &Visitor, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/visit/api/{path}"))
            .header(header::COOKIE, &visitor.cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &visitor.csrf);
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.test.request(request.body(body).unwrap()).await
    }

    async fn act(&self, visitor: &Visitor, act: Value) -> Answer {
        self.call(visitor, Method::POST, "acts", Some(act)).await
    }

    /// The client has come, agreed and said where they are.
    async fn waiting(&self) -> Visitor {
        let visitor = self.visitor().await;
        self.act(&visitor, json!({ "act": "arrive" })).await.expect(200);
        self.act(&visitor, json!({ "act": "consent", "signer": "client", "name": "Jordan Q" })).await.expect(200);
        self.act(&visitor, attest()).await.expect(200);
        visitor
    }

    async fn admit(&self) -> Answer {
        let client = person(&self.seen().await, "client")["id"].clone();
        let overriding = json!({ "act": "admit", "who": client, "overriding": ["emergency_contact"],
                                 "reason": "Will be asked at the beginning." });
        self.host(overriding).await
    }

    /// Both are in the room.
    async fn in_room(&self) -> Visitor {
        let visitor = self.waiting().await;
        self.admit().await.expect(200);
        self.staff("clinician", Method::POST, "join", Some(json!({}))).await.expect(200);
        self.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(200);
        let grant = person(&self.seen().await, "clinician")["grant"].clone();
        let present = json!({ "state": "connected", "grant": grant });
        self.staff("clinician", Method::POST, "presence", Some(present)).await.expect(204);
        let own = self.call(&visitor, Method::GET, "state", None).await.expect(200).json();
        let present = json!({ "state": "connected", "grant": person(&own, "client")["grant"] });
        self.call(&visitor, Method::POST, "presence", Some(present)).await.expect(204);
        visitor
    }
}

fn person(seen: &Value, role: &str) -> Value {
    seen["people"].as_array().unwrap().iter().find(|person| person["role"] == role).unwrap().clone()
}

fn attest() -> Value {
    json!({ "act": "attest", "setting": "home", "street": "12 Elm Street", "city": "Albany", "state": "NY",
            "zip": "12207", "emergency_phone": "5185550199" })
}

#[tokio::test]
async fn a_client_comes_by_link_consents_says_where_they_are_and_is_let_in() {
    let stage = Stage::new().await;
    let visitor = stage.visitor().await;
    let own = stage.act(&visitor, json!({ "act": "arrive" })).await.expect(200).json();
    assert_eq!(own["needs"], json!(["consent", "location"]));
    assert!(own["consent_text"].as_str().unwrap().contains("video"));
    assert_eq!(own["people"].as_array().unwrap().len(), 1, "who waits sees nobody else");
    stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(409);
    assert_eq!(stage.admit().await.expect(409).errors().len(), 3);
    stage.act(&visitor, json!({ "act": "consent", "signer": "client", "name": "Jordan Q" })).await.expect(200);
    let own = stage.act(&visitor, attest()).await.expect(200).json();
    assert_eq!(own["needs"], json!([]));
    assert_eq!(stage.provider.rooms_opened(), 0, "no room before the first admission");
    let consents = format!("/clients/{}/telehealth-consents", stage.test.jordan);
    let consents = stage.test.call("clinician", "GET", &consents, None).await.expect(200).json();
    assert_eq!((&consents[0]["status"], &consents[0]["signer"]), (&json!("valid"), &json!("client")));
    stage.admit().await.expect(200);
    assert_eq!(stage.provider.rooms_opened(), 1);
    let ticket = stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(200).json();
    assert_eq!(ticket["provider"], "scripted");
}

const PARTS: [&str; 5] = ["Consent to telehealth", "Quillfeather", "Jordan Q", "the client", "SHA-256 of the text"];

#[tokio::test]
async fn a_consent_is_archived_as_a_page_and_can_be_taken_back() {
    let stage = Stage::new().await;
    stage.waiting().await;
    let list = format!("/clients/{}/telehealth-consents", stage.test.jordan);
    let consents = stage.test.call("clinician", "GET", &list, None).await.expect(200).json();
    let consent = consents[0]["id"].as_str().unwrap().to_owned();
    let request = |path: String| {
        let request =
            Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", stage.test.token("clinician")));
        request.body(Body::empty()).unwrap()
    };
    let pdf = stage.test.bytes(request(format!("/api/v1/telehealth-consents/{consent}/pdf"))).await;
    let text = crate::support::pdf_text(&pdf).unwrap_or_default();
    let parts = if text.is_empty() { &[][..] } else { &PARTS };
    for part in parts {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let revoke = format!("/telehealth-consents/{consent}");
    stage.test.call("billing", "DELETE", &revoke, None).await.expect(403);
    stage.test.call("administrator", "DELETE", &revoke, None).await.expect(204);
    assert!(stage.admit().await.expect(409).text.contains("revoked"));
}

#[tokio::test]
async fn a_link_dies_with_five_wrong_birth_dates_and_by_a_new_link() {
    let stage = Stage::new().await;
    let link = stage.link().await;
    let knock = Request::get(link.as_str()).body(Body::empty()).unwrap();
    assert!(stage.test.request(knock).await.expect(200).text.contains("Date of birth"));
    for _ in 0..4 {
        stage.open_link(&link, "1990-05-05").await.expect(422);
    }
    let newer = stage.link().await;
    stage.open_link(&link, "1990-05-04").await.expect(404);
    for _ in 0..5 {
        stage.open_link(&newer, "").await.expect(422);
    }
    stage.open_link(&newer, "1990-05-04").await.expect(404);
    stage.open_link("/join/nothing", "1990-05-04").await.expect(404);
}

#[tokio::test]
async fn a_link_ends_with_the_visits_day_and_opens_nothing_else() {
    let stage = Stage::new().await;
    let visitor = stage.visitor().await;
    let page = |path: &str| Request::get(path).header(header::COOKIE, &visitor.cookie).body(Body::empty()).unwrap();
    let elsewhere = stage.test.request(page(&format!("/appointments/{}", stage.appointment))).await;
    assert_ne!(elsewhere.status.as_u16(), 200);
    stage.test.clock.advance(TimeDelta::hours(8));
    stage.call(&visitor, Method::GET, "state", None).await.expect(404);
    assert_eq!(link::COOKIE, "__Host-visit");
}

#[tokio::test]
async fn a_guest_does_nothing_that_is_the_hosts() {
    let stage = Stage::new().await;
    let visitor = stage.waiting().await;
    let me = person(&stage.call(&visitor, Method::GET, "state", None).await.json(), "client")["id"].clone();
    for act in [
        json!({ "act": "open" }),
        json!({ "act": "admit", "who": me }),
        json!({ "act": "end" }),
        json!({ "act": "link", "who": me }),
        json!({ "act": "record", "media": "audio" }),
        json!({ "act": "invite", "role": "interpreter", "name": "Lee" }),
    ] {
        let refused = stage.act(&visitor, act.clone()).await;
        assert!(matches!(refused.status.as_u16(), 403 | 409), "{act}: {}", refused.text);
    }
    assert_eq!(stage.seen().await["state"], "open");
}

#[tokio::test]
async fn calls_without_the_pages_token_or_from_another_site_are_refused() {
    let stage = Stage::new().await;
    let visitor = stage.visitor().await;
    let without = Visitor { cookie: visitor.cookie.clone(), csrf: "0".repeat(32) };
    stage.act(&without, json!({ "act": "arrive" })).await.expect(403);
    let foreign = Request::post("/visit/api/acts")
        .header(header::COOKIE, &visitor.cookie)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "cross-site")
        .header("x-csrf-token", &visitor.csrf)
        .body(Body::from(r#"{"act":"arrive"}"#))
        .unwrap();
    stage.test.request(foreign).await.expect(403);
}

#[tokio::test]
async fn both_in_the_room_talk_measure_and_end() {
    let stage = Stage::new().await;
    let visitor = stage.in_room().await;
    let seen = stage.seen().await;
    assert_eq!((&seen["state"], &seen["prompt"]["kind"]), (&json!("in_progress"), &json!("in_room")));

    stage.act(&visitor, json!({ "act": "hand", "up": true })).await.expect(200);
    assert_eq!(person(&stage.seen().await, "client")["hand"], true);

    let hello = json!({ "text": "Can you hear me?" });
    stage.call(&visitor, Method::POST, "chat", Some(hello)).await.expect(200);
    let note = json!({ "text": "Box breathing, twice a day.", "note": true });
    stage.call(&visitor, Method::POST, "chat", Some(note.clone())).await.expect(403);
    stage.staff("clinician", Method::POST, "chat", Some(note)).await.expect(200);
    let said = stage.call(&visitor, Method::GET, "chat?after=1", None).await.expect(200).json();
    assert_eq!((said.as_array().unwrap().len(), &said[0]["note"]), (1, &json!(true)));

    let sample = json!({ "rtt_ms": 40.0, "jitter_ms": 5.0, "loss_percent": 0.0 });
    let verdict = stage.call(&visitor, Method::POST, "quality", Some(sample.clone())).await.expect(200).json();
    assert_eq!(verdict["band"], "good");
    stage.call(&visitor, Method::POST, "quality", Some(sample)).await.expect(429);
    let impossible = json!({ "rtt_ms": 40.0, "jitter_ms": 5.0, "loss_percent": 140.0 });
    stage.call(&visitor, Method::POST, "quality", Some(impossible)).await.expect(422);
    assert_eq!(person(&stage.seen().await, "client")["quality"], "good");
    let report = stage.staff("clinician", Method::GET, "quality", None).await.expect(200).json();
    assert_eq!(report.as_object().unwrap().len(), 1);

    stage.test.clock.advance(TimeDelta::minutes(10));
    stage.host(json!({ "act": "end" })).await.expect(200);
    let over = stage.call(&visitor, Method::GET, "state", None).await.expect(200).json();
    assert_eq!((&over["state"], &over["prompt"]["kind"]), (&json!("ended"), &json!("over")));
    stage.call(&visitor, Method::POST, "chat", Some(json!({ "text": "Bye" }))).await.expect(409);
    assert_eq!(stage.provider.rooms_open(), 0);
    let after = stage.seen().await["after"].as_str().unwrap().to_owned();
    assert!(after.starts_with("/notes/"), "{after}");
    let note = stage.test.call("clinician", "GET", &after, None).await.expect(200).json();
    let held = note["content"]["session"].as_str().unwrap();
    let start = "Held by video 10 min. Client at home in NY, place of service 10, modifier 95. Present: clinician 10 min, client 10 min.";
    assert!(held.starts_with(start), "{held}");

    // Chat is forgotten after a day; the shared note stays.
    stage.test.clock.advance(TimeDelta::hours(25));
    media::round(&stage.test.app, stage.test.practice).await.unwrap();
}

#[tokio::test]
async fn nobody_speaks_for_anothers_connection() {
    let stage = Stage::new().await;
    let visitor = stage.in_room().await;
    let other = person(&stage.seen().await, "clinician")["grant"].clone();
    let lie = json!({ "state": "left", "grant": other });
    stage.call(&visitor, Method::POST, "presence", Some(lie)).await.expect(403);
}

#[tokio::test]
async fn a_recording_needs_the_practice_and_everybodys_yes() {
    let stage = Stage::new().await;
    let settings = stage.test.call("administrator", "GET", "/practice/video-settings", None).await.expect(200).json();
    let mut change = settings.clone();
    change["settings"]["visit"]["recording"] = json!(true);
    stage.test.call("clinician", "PUT", "/practice/video-settings", Some(change.clone())).await.expect(403);
    stage.test.call("administrator", "PUT", "/practice/video-settings", Some(change)).await.expect(204);
    let visitor = stage.in_room().await;
    let asked = stage.host(json!({ "act": "record", "media": "audio" })).await.expect(200).json();
    assert_eq!((&asked["recording"]["state"], &asked["recording"]["my_answer"]), (&json!("asking"), &json!(true)));
    assert_eq!(stage.provider.recordings_running(), 0);
    let own = stage.call(&visitor, Method::GET, "state", None).await.json();
    assert_eq!(own["recording"]["must_answer"], true);
    let yes = stage.act(&visitor, json!({ "act": "record_answer", "yes": true })).await.expect(200).json();
    assert_eq!(yes["recording"]["state"], "recording");
    assert_eq!(stage.provider.recordings_running(), 1);
    stage.act(&visitor, json!({ "act": "record_answer", "yes": false })).await.expect(200);
    assert_eq!(stage.provider.recordings_running(), 0, "stopped within the same request");
    let kept = format!("/appointments/{}/recordings", stage.appointment);
    let kept = stage.test.call("clinician", "GET", &kept, None).await.expect(200).json();
    assert_eq!(kept.as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept[0]["sha256"].as_str().unwrap().len(), 64);
    stage.test.clock.advance(TimeDelta::days(31));
    media::round(&stage.test.app, stage.test.practice).await.unwrap();
    let token = stage.test.token_after_idle("clinician").await;
    let kept = format!("/appointments/{}/recordings", stage.appointment);
    let kept = stage.test.call_with(&token, "GET", &kept, None).await.expect(200).json();
    assert!(kept[0]["destroyed_at"].is_string(), "{kept}");
}

#[tokio::test]
async fn an_interpreter_comes_by_a_link_of_their_own_and_is_seen() {
    let stage = Stage::new().await;
    stage.waiting().await;
    let invited = stage.host(json!({ "act": "invite", "role": "interpreter", "name": "Lee Marsh" })).await.expect(200);
    let link = invited.json()["link"].as_str().unwrap().to_owned();
    let entered = stage.open_link(&link, "").await.expect(303);
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let interpreter = stage.seated(cookie).await;
    stage.act(&interpreter, json!({ "act": "arrive" })).await.expect(200);
    assert_eq!(person(&stage.seen().await, "interpreter")["name"], "Lee Marsh");
    stage.act(&interpreter, attest()).await.expect(403);
    let all = stage.host(json!({ "act": "admit_all" })).await.expect(200).json();
    assert_eq!(all["refused"].as_array().unwrap().len(), 1, "the client lacks an emergency contact: {all}");
    assert_eq!(person(&all, "interpreter")["state"], "admitted");
}

#[tokio::test]
async fn a_service_that_is_down_is_replaced_before_the_first_room() {
    let first = Arc::new(ScriptedProvider::new("first").unwrap());
    let second = Arc::new(ScriptedProvider::new("second").unwrap());
    let test = TestApp::with_videos(vec![first.clone(), second.clone()]).await;
    Stage::agree(&test, "first").await;
    Stage::agree(&test, "second").await;
    let appointment = test.booked("jordan", "2026-03-02", "09:10:00", "video").await;
    let stage = Stage { test, provider: second.clone(), appointment };
    for _ in 0..4 {
        let down = ProviderErrorKind::Unavailable { retry_after: None };
        first.script(Operation::OpenRoom, Outcome::Fail(down));
    }
    let visitor = stage.waiting().await;
    stage.admit().await.expect(200);
    assert_eq!((first.rooms_open(), second.rooms_open()), (0, 1));
    let ticket = stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(200).json();
    assert_eq!(ticket["provider"], "second");
}

#[tokio::test]
async fn a_room_that_vanished_is_replaced_when_somebody_joins() {
    let stage = Stage::new().await;
    let visitor = stage.waiting().await;
    stage.admit().await.expect(200);
    stage.provider.script(Operation::JoinGrant, Outcome::Fail(ProviderErrorKind::NotFound));
    stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(503);
    stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(200);
    assert_eq!(stage.provider.rooms_opened(), 2);
}

#[tokio::test]
async fn a_waiting_client_is_told_of_the_cancellation_at_once() {
    use futures_util::StreamExt as _;
    use tower::ServiceExt as _;
    let stage = Stage::new().await;
    let visitor = stage.waiting().await;
    let watch = Request::get("/visit/api/events").header(header::COOKIE, &visitor.cookie).body(Body::empty()).unwrap();
    let response = stage.test.router.clone().oneshot(watch).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let mut told = response.into_body().into_data_stream();
    let first = String::from_utf8(told.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: state") && first.contains("\"wait\""), "{first}");
    let cancel = json!({ "event": "cancel", "by": "practice", "reason": "clinician_unavailable" });
    stage.test.happen("front_desk", &stage.appointment, cancel).await.expect(200);
    let next = tokio::time::timeout(std::time::Duration::from_secs(10), told.next()).await.unwrap();
    let next = String::from_utf8(next.unwrap().unwrap().to_vec()).unwrap();
    assert!(next.contains("cancelled"), "{next}");
}

#[tokio::test]
async fn a_notification_is_not_believed_without_its_service() {
    let stage = Stage::new().await;
    for (path, status) in [("/hooks/video/scripted", 403), ("/hooks/video/other", 404), ("/hooks/video/%20", 404)] {
        let post = Request::post(path).body(Body::from("{}")).unwrap();
        assert_eq!(stage.test.request(post).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_only_listens_keeps_nobody_signed_in() {
    use tower::ServiceExt as _;
    let stage = Stage::new().await;
    let listen = || {
        let path = format!("/appointments/{}/visit/api/events", stage.appointment);
        let token = format!("Bearer {}", stage.test.token("clinician"));
        Request::get(path).header(header::AUTHORIZATION, token).body(Body::empty()).unwrap()
    };
    stage.seen().await;
    stage.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(stage.test.router.clone().oneshot(listen()).await.unwrap().status().as_u16(), 200);
    stage.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(stage.test.router.clone().oneshot(listen()).await.unwrap().status().as_u16(), 401);
}

#[tokio::test]
async fn a_recording_that_may_run_unseen_is_ended_with_its_room() {
    let stage = Stage::new().await;
    let mut settings = stage.test.call("administrator", "GET", "/practice/video-settings", None).await.json();
    settings["settings"]["visit"]["recording"] = json!(true);
    stage.test.call("administrator", "PUT", "/practice/video-settings", Some(settings)).await.expect(204);
    let visitor = stage.in_room().await;
    stage.host(json!({ "act": "record", "media": "audio" })).await.expect(200);
    // The first call starts it and its answer is lost; the second is plainly refused.
    stage.provider.script(Operation::StartRecording, Outcome::LoseAnswer);
    stage.provider.script(Operation::StartRecording, Outcome::Fail(ProviderErrorKind::Forbidden));
    stage.act(&visitor, json!({ "act": "record_answer", "yes": true })).await.expect(200);
    assert_eq!(stage.provider.recordings_running(), 0, "nobody is recorded without anybody knowing");
    assert_eq!(stage.seen().await["recording"]["state"], "failed");
    stage.call(&visitor, Method::POST, "join", Some(json!({}))).await.expect(200);
    assert_eq!((stage.provider.rooms_opened(), stage.provider.rooms_open()), (2, 1));
}

#[tokio::test]
async fn a_clients_link_signs_for_nobody_else() {
    let stage = Stage::new().await;
    let visitor = stage.visitor().await;
    let own = stage.act(&visitor, json!({ "act": "arrive" })).await.expect(200).json();
    assert_eq!(own["signers"], json!(["client"]));
    stage.act(&visitor, json!({ "act": "consent", "signer": "guardian", "name": "Kim Q" })).await.expect(403);
    let invited = stage.host(json!({ "act": "invite", "role": "guardian", "name": "Kim Q" })).await.expect(200).json();
    let entered = stage.open_link(invited["link"].as_str().unwrap(), "").await.expect(303);
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let guardian = stage.seated(cookie).await;
    stage.act(&guardian, json!({ "act": "consent", "signer": "client", "name": "Jordan Q" })).await.expect(403);
    stage.act(&guardian, json!({ "act": "consent", "signer": "guardian", "name": "Kim Q" })).await.expect(200);
    let consents = format!("/clients/{}/telehealth-consents", stage.test.jordan);
    let consents = stage.test.call("clinician", "GET", &consents, None).await.expect(200).json();
    assert_eq!(consents[0]["signer"], "guardian");
}

#[tokio::test]
async fn a_practice_nobody_knows_is_not_made_by_asking_for_it() {
    let stage = Stage::new().await;
    let stranger = uuid::Uuid::from_u128(0x5712_a4e2);
    let practices = stage.test.store.practices();
    let token = format!("{}.{}", stranger.simple(), "a".repeat(64));
    let knock = Request::get(format!("/join/{token}")).body(Body::empty()).unwrap();
    stage.test.request(knock).await.expect(404);
    stage.test.call_with(&token, "GET", "/clients", None).await.expect(401);
    assert_eq!(stage.test.store.practices(), practices);
}
