use std::sync::Arc;

use mentalspace_server::practice::visits::media;
use mentalspace_telehealth_port::provider::ProviderErrorKind;
use mentalspace_telehealth_port::testing::{Operation, Outcome, ScriptedProvider};
use serde_json::{Value, json};

use crate::support::TestApp;

struct Room<'a> {
    test: &'a TestApp,
    appointment: String,
}

impl Room<'_> {
    async fn read(&self) -> Value {
        let path = format!("/appointments/{}/visit", self.appointment);
        self.test.call("clinician", "GET", &path, None).await.expect(200).json()
    }

    async fn act(&self, who: &str, act: Value) -> crate::support::Answer {
        let version = self.read().await["version"].clone();
        let body = json!({ "version": version, "act": act });
        self.test.call(who, "POST", &format!("/appointments/{}/visit/acts", self.appointment), Some(body)).await
    }

    async fn status(&self) -> String {
        let path = format!("/appointments/{}", self.appointment);
        let read = self.test.call("clinician", "GET", &path, None).await.expect(200).json();
        read["status"].as_str().unwrap().to_owned()
    }
}

/// A video appointment in ten minutes.
async fn room(test: &TestApp) -> Room<'_> {
    let appointment = test.booked("jordan", "2026-03-02", "09:10:00", "video").await;
    Room { test, appointment }
}

fn check_in() -> Value {
    json!({
        "act": "check_in",
        "consent": { "signer": "client", "name": "Jordan Quillfeather", "how": "verbal" },
        "place": {
            "address": { "line1": "12 Elm Street", "city": "Albany", "state": "NY", "zip": "12207" },
            "setting": "home", "emergency_phone": "5185550199",
        },
        "emergency": { "name": { "first": "Kim", "last": "Quillfeather" }, "relationship": "sister",
                       "phone": "5185550155" },
    })
}

#[tokio::test]
async fn nobody_is_let_in_without_consent_location_and_emergency_contact() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", json!({ "act": "check_in" })).await.expect(200);
    let refused = room.act("clinician", json!({ "act": "admit" })).await.expect(409);
    assert_eq!(
        refused.errors(),
        [
            "consent: telehealth consent is missing",
            "location: the client has not confirmed where they are",
            "licence: no licence can be checked without knowing where the client is",
            "emergency_contact: no emergency contact is on file",
        ]
    );
    let insisted = json!({ "act": "admit", "overriding": ["consent"], "reason": "Known for years." });
    assert_eq!(room.act("clinician", insisted).await.expect(409).errors().len(), 4);
    assert_eq!(room.status().await, "checked_in");
}

#[tokio::test]
async fn a_place_without_licence_refuses_until_it_is_overridden_with_a_reason() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    let mut elsewhere = check_in();
    elsewhere["place"]["address"] = json!({ "line1": "1 Bay Road", "city": "Miami", "state": "FL", "zip": "33101" });
    room.act("front_desk", elsewhere).await.expect(200);
    let refused = room.act("clinician", json!({ "act": "admit" })).await.expect(409);
    assert_eq!(refused.errors(), ["licence: the clinician has no licence or compact privilege in FL"]);
    let no_reason = json!({ "act": "admit", "overriding": ["licence"], "reason": " " });
    room.act("clinician", no_reason).await.expect(422);
    let reason = json!({ "act": "admit", "overriding": ["licence"], "reason": "Crisis while travelling." });
    room.act("clinician", reason).await.expect(200);
    assert_eq!(room.status().await, "in_session");
}

#[tokio::test]
async fn a_visit_by_telephone_measures_admission_to_end_and_completes_the_appointment() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    test.clock.advance(chrono::TimeDelta::minutes(10));
    room.act("clinician", json!({ "act": "admit" })).await.expect(200);
    let waiting = room.read().await;
    assert_eq!((&waiting["media"], &waiting["refusals"]), (&json!(false), &json!([])));
    test.clock.advance(chrono::TimeDelta::minutes(14));
    room.read().await;
    test.clock.advance(chrono::TimeDelta::minutes(14));
    let ended = room.act("clinician", json!({ "act": "end" })).await.expect(200).json();
    assert_eq!(ended["state"], "ending");
    assert_eq!(room.status().await, "completed");
    let new = json!({ "kind": "progress", "appointment": room.appointment });
    let note = test.call("clinician", "POST", "/notes", Some(new)).await.expect(201).json();
    assert_eq!(note["content"]["times"]["start"], "2026-03-02T14:10:00Z");
    assert_eq!(note["content"]["times"]["stop"], "2026-03-02T14:38:00Z");
    // Nothing was pretended: the room was asked for and never opened; the clock closes the visit.
    test.clock.advance(chrono::TimeDelta::minutes(2));
    media::round(&test.app, test.practice).await.unwrap();
    assert_eq!(room.read().await["state"], "ended");
    test.clock.advance(chrono::TimeDelta::minutes(2));
    media::round(&test.app, test.practice).await.unwrap();
}

#[tokio::test]
async fn the_front_desk_checks_in_and_does_nothing_else_at_the_door() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("front_desk", json!({ "act": "open" })).await.expect(403);
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    for act in ["admit", "decline", "send_back", "remove", "end"] {
        room.act("front_desk", json!({ "act": act })).await.expect(403);
    }
    room.act("billing", json!({ "act": "check_in" })).await.expect(403);
    room.act("supervisor", json!({ "act": "admit" })).await.expect(403);
}

#[tokio::test]
async fn the_waiting_room_opens_a_quarter_of_an_hour_before() {
    let test = TestApp::new().await;
    let appointment = test.booked("jordan", "2026-03-02", "11:00:00", "audio").await;
    let room = Room { test: &test, appointment };
    let refused = room.act("front_desk", json!({ "act": "check_in" })).await.expect(409);
    assert!(refused.text.contains("opens at 10:45 AM"), "{}", refused.text);
    let in_person = test.booked("jordan", "2026-03-02", "13:00:00", "in_person").await;
    let room = Room { test: &test, appointment: in_person };
    room.act("clinician", json!({ "act": "open" })).await.expect(409);
}

#[tokio::test]
async fn two_who_act_on_the_same_door_do_not_overwrite_each_other() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    let seen = room.read().await["version"].clone();
    room.act("front_desk", check_in()).await.expect(200);
    let stale = json!({ "version": seen, "act": { "act": "decline" } });
    let path = format!("/appointments/{}/visit/acts", room.appointment);
    test.call("clinician", "POST", &path, Some(stale)).await.expect(409);
}

#[tokio::test]
async fn a_cancelled_appointment_closes_its_waiting_room() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    let cancel = json!({ "event": "cancel", "by": "client", "reason": "illness" });
    test.happen("front_desk", &room.appointment, cancel).await.expect(200);
    assert_eq!(room.read().await["state"], "cancelled");
    room.act("front_desk", json!({ "act": "check_in" })).await.expect(409);
}

#[tokio::test]
async fn nobody_gets_past_the_door_by_changing_the_appointment() {
    let test = TestApp::new().await;
    let room = room(&test).await;
    test.happen("clinician", &room.appointment, json!({ "event": "check_in" })).await.expect(200);
    let refused = test.happen("clinician", &room.appointment, json!({ "event": "begin" })).await.expect(409);
    assert!(refused.text.contains("lets the client in"), "{}", refused.text);
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    room.act("clinician", json!({ "act": "admit" })).await.expect(200);
    let refused = test.happen("clinician", &room.appointment, json!({ "event": "complete" })).await.expect(409);
    assert!(refused.text.contains("ends the visit"), "{}", refused.text);
}

#[tokio::test]
async fn a_minor_is_let_in_with_a_guardians_consent_only() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}", test.jordan);
    let mut read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    read["client"]["birth_date"] = json!("2012-05-04");
    let change = json!({ "version": read["version"], "client": read["client"] });
    test.call("front_desk", "PUT", &path, Some(change)).await.expect(200);
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    let refused = room.act("clinician", json!({ "act": "admit" })).await.expect(409);
    assert_eq!(refused.errors(), ["guardian_consent: a guardian has not consented for the minor"]);
    let guardian = json!({ "act": "check_in", "consent": { "signer": "guardian", "name": "Kim Q", "how": "paper" } });
    room.act("front_desk", guardian).await.expect(200);
    room.act("clinician", json!({ "act": "admit" })).await.expect(200);
}

async fn with_provider() -> (TestApp, Arc<ScriptedProvider>) {
    let provider = Arc::new(ScriptedProvider::new("scripted").unwrap());
    let test = TestApp::with_video(Some(provider.clone())).await;
    (test, provider)
}

fn opened(provider: &ScriptedProvider) -> usize {
    provider.calls().iter().filter(|call| call.operation == Operation::OpenRoom).count()
}

#[tokio::test]
async fn no_visit_by_video_without_an_agreement_with_the_service() {
    let (test, _) = with_provider().await;
    let room = room(&test).await;
    let refused = room.act("clinician", json!({ "act": "open" })).await.expect(409);
    assert!(refused.text.contains("business associate agreement"));
    let agreement = json!({ "provider": "scripted", "from": "2026-01-01" });
    test.call("clinician", "PUT", "/practice/video-agreement", Some(agreement.clone())).await.expect(403);
    test.call("administrator", "PUT", "/practice/video-agreement", Some(agreement)).await.expect(204);
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
}

#[tokio::test]
async fn the_room_is_opened_once_even_when_the_answer_is_lost() {
    let (test, provider) = with_provider().await;
    let agreement = json!({ "provider": "scripted", "from": "2026-01-01" });
    test.call("administrator", "PUT", "/practice/video-agreement", Some(agreement)).await.expect(204);
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    assert_eq!(opened(&provider), 0);
    for _ in 0..4 {
        provider.script(Operation::OpenRoom, Outcome::LoseAnswer);
    }
    room.act("clinician", json!({ "act": "admit" })).await.expect(200);
    let join = format!("/appointments/{}/visit/join", room.appointment);
    assert_eq!((opened(&provider), provider.rooms_opened()), (4, 1));
    test.call("clinician", "POST", &join, None).await.expect(503);
    test.clock.advance(chrono::TimeDelta::seconds(31));
    media::round(&test.app, test.practice).await.unwrap();
    assert_eq!((opened(&provider), provider.rooms_opened()), (5, 1));
    let credential = test.call("clinician", "POST", &join, None).await.expect(200).json();
    assert!(credential["expires_at"].is_string());
    test.call("front_desk", "POST", &join, None).await.expect(403);
    for call in provider.calls() {
        for sent in call.sent {
            assert!(!sent.contains("Jordan") && !sent.contains("Quill") && !sent.contains(&test.jordan.to_string()));
        }
    }
}

#[tokio::test]
async fn a_room_that_cannot_be_closed_does_not_keep_the_visit_from_ending() {
    let (test, provider) = with_provider().await;
    let agreement = json!({ "provider": "scripted", "from": "2026-01-01" });
    test.call("administrator", "PUT", "/practice/video-agreement", Some(agreement)).await.expect(204);
    let room = room(&test).await;
    room.act("clinician", json!({ "act": "open" })).await.expect(200);
    room.act("front_desk", check_in()).await.expect(200);
    room.act("clinician", json!({ "act": "admit" })).await.expect(200);
    for _ in 0..4 {
        provider.script(Operation::CloseRoom, Outcome::Fail(ProviderErrorKind::Timeout));
    }
    room.act("clinician", json!({ "act": "end" })).await.expect(200);
    assert_eq!(room.read().await["state"], "ending");
    assert_eq!(room.status().await, "completed");
    test.clock.advance(chrono::TimeDelta::seconds(31));
    media::round(&test.app, test.practice).await.unwrap();
    assert_eq!(room.read().await["state"], "ended");
}
