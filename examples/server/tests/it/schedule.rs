use serde_json::{Value, json};

use crate::support::TestApp;

fn wish(test: &TestApp, day: &str, at: &str) -> Value {
    json!({
        "client": test.jordan,
        "terms": { "clinician": test.anna, "location": test.location, "day": day, "at": at, "minutes": 50,
                   "modality": "in_person", "service": "psychotherapy" },
    })
}

async fn starts(test: &TestApp) -> Vec<String> {
    let all = test.call("front_desk", "GET", "/appointments?limit=500", None).await.expect(200).json();
    let all = all["appointments"].as_array().unwrap().clone();
    all.iter().map(|a| a["start"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_taken_time_is_refused_with_its_reason_and_no_name() {
    let test = TestApp::new().await;
    test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    let refused = test.call("front_desk", "POST", "/appointments", Some(wish(&test, "2026-03-03", "10:30:00"))).await;
    let refused = refused.expect(409);
    assert_eq!(refused.errors(), ["Tue, Mar 3, 2026: both have an appointment from 10:00 AM to 10:50 AM"]);
    assert!(!refused.text.contains("Quill"));
    test.call("front_desk", "POST", "/appointments", Some(wish(&test, "2026-03-03", "10:50:00"))).await.expect(201);
}

#[tokio::test]
async fn a_cancelled_appointment_gives_its_time_back() {
    let test = TestApp::new().await;
    let booked = test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    let cancel = json!({ "event": "cancel", "by": "client", "reason": "illness" });
    let cancelled = test.happen("front_desk", &booked, cancel).await.expect(200).json();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["history"][0]["notice"], "timely");
    test.call("front_desk", "POST", "/appointments", Some(wish(&test, "2026-03-03", "10:00:00"))).await.expect(201);
}

/// S7, S8: clocks change on March 8; the wall clock stays.
#[tokio::test]
async fn a_series_keeps_its_wall_clock_over_the_change_of_clocks() {
    let test = TestApp::new().await;
    let mut series = wish(&test, "2026-03-05", "14:00:00");
    series["weekly"] = json!({ "every_weeks": 1, "until": "2026-03-19" });
    let booked = test.call("front_desk", "POST", "/appointments", Some(series)).await.expect(201).json();
    assert_eq!(booked["appointments"].as_array().unwrap().len(), 3);
    assert_eq!(starts(&test).await, ["2026-03-05T19:00:00Z", "2026-03-12T18:00:00Z", "2026-03-19T18:00:00Z"]);
}

/// S3: an open series is booked half a year ahead.
#[tokio::test]
async fn an_open_series_is_booked_to_the_horizon() {
    let test = TestApp::new().await;
    let mut series = wish(&test, "2026-03-05", "14:00:00");
    series["weekly"] = json!({ "every_weeks": 7 });
    let booked = test.call("front_desk", "POST", "/appointments", Some(series)).await.expect(201).json();
    assert_eq!(booked["appointments"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_series_with_a_taken_day_is_refused_whole_or_leaves_it_out() {
    let test = TestApp::new().await;
    test.booked("jordan", "2026-03-12", "14:00:00", "in_person").await;
    let mut series = wish(&test, "2026-03-05", "14:00:00");
    series["weekly"] = json!({ "every_weeks": 1, "until": "2026-03-19" });
    let refused = test.call("front_desk", "POST", "/appointments", Some(series.clone())).await.expect(409);
    assert_eq!(refused.errors().len(), 1);
    assert_eq!(starts(&test).await.len(), 1);
    series["weekly"]["on_conflict"] = json!("skip");
    let booked = test.call("front_desk", "POST", "/appointments", Some(series)).await.expect(201).json();
    assert_eq!(booked["skipped"], json!(["2026-03-12"]));
    assert_eq!(starts(&test).await.len(), 3);
}

/// S1, S2.
#[tokio::test]
async fn cancelling_one_occurrence_leaves_the_others() {
    let test = TestApp::new().await;
    let mut series = wish(&test, "2026-03-05", "14:00:00");
    series["weekly"] = json!({ "every_weeks": 1, "until": "2026-03-19" });
    let booked = test.call("front_desk", "POST", "/appointments", Some(series)).await.expect(201).json();
    let second = booked["appointments"][1].as_str().unwrap();
    let cancel = json!({ "event": "cancel", "by": "practice", "reason": "clinician_unavailable" });
    test.happen("front_desk", second, cancel).await.expect(200);
    let all = test.call("front_desk", "GET", "/appointments", None).await.expect(200).json();
    let states: Vec<_> = all["appointments"].as_array().unwrap().iter().map(|a| a["status"].clone()).collect();
    assert_eq!(states, ["scheduled", "cancelled", "scheduled"]);
}

#[tokio::test]
async fn the_calendar_is_paged_without_gaps_or_doubles() {
    let test = TestApp::new().await;
    let mut series = wish(&test, "2026-03-05", "14:00:00");
    series["weekly"] = json!({ "every_weeks": 1, "until": "2026-04-30" });
    test.call("front_desk", "POST", "/appointments", Some(series)).await.expect(201);
    let (mut seen, mut path) = (Vec::new(), "/appointments?limit=4".to_owned());
    loop {
        let page = test.call("front_desk", "GET", &path, None).await.expect(200).json();
        seen.extend(page["appointments"].as_array().unwrap().iter().map(|a| a["start"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/appointments?limit=4&cursor={next}");
    }
    assert_eq!(seen, starts(&test).await);
    assert_eq!(seen.len(), 9);
}

#[tokio::test]
async fn an_event_the_status_does_not_admit_is_a_conflict() {
    let test = TestApp::new().await;
    let booked = test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    let refused = test.happen("front_desk", &booked, json!({ "event": "complete" })).await.expect(409);
    assert_eq!(refused.json()["detail"], "Complete is not possible while the appointment is scheduled.");
    let early = json!({ "event": "no_show", "reason": "unknown" });
    test.happen("front_desk", &booked, early).await.expect(409);
    test.happen("front_desk", &booked, json!({ "event": "check_in" })).await.expect(200);
    let stale = json!({ "version": 1, "event": { "event": "begin" } });
    test.call("front_desk", "POST", &format!("/appointments/{booked}/events"), Some(stale)).await.expect(409);
}

#[tokio::test]
async fn an_appointment_is_moved_but_not_onto_another() {
    let test = TestApp::new().await;
    test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    let moved = test.booked("jordan", "2026-03-03", "11:00:00", "in_person").await;
    let change = |at: &str, version: u64| {
        let mut terms = wish(&test, "2026-03-03", at)["terms"].clone();
        terms["modality"] = json!("video");
        Some(json!({ "version": version, "terms": terms }))
    };
    let path = format!("/appointments/{moved}");
    test.call("front_desk", "PUT", &path, change("10:20:00", 1)).await.expect(409);
    let there = test.call("front_desk", "PUT", &path, change("11:10:00", 1)).await.expect(200).json();
    assert_eq!((&there["start"], &there["modality"]), (&json!("2026-03-03T16:10:00Z"), &json!("video")));
    test.call("front_desk", "PUT", &path, change("11:20:00", 1)).await.expect(409);
}

#[tokio::test]
async fn nothing_is_booked_for_a_client_who_is_discharged() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}", test.jordan);
    let mut read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    read["client"]["status"] = json!({ "status": "discharged", "on": "2026-03-01" });
    let change = json!({ "version": read["version"], "client": read["client"] });
    test.call("front_desk", "PUT", &path, Some(change)).await.expect(200);
    test.call("front_desk", "POST", "/appointments", Some(wish(&test, "2026-03-03", "10:00:00"))).await.expect(409);
}

#[tokio::test]
async fn a_clinician_books_own_clients_and_nobody_elses() {
    let test = TestApp::new().await;
    let mut other = wish(&test, "2026-03-03", "10:00:00");
    other["client"] = json!(test.riley);
    test.call("clinician", "POST", "/appointments", Some(other)).await.expect(403);
    test.call("clinician", "POST", "/appointments", Some(wish(&test, "2026-03-03", "10:00:00"))).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_book_the_same_time_at_once_one_gets_it() {
    let test = std::sync::Arc::new(TestApp::new().await);
    let tries = (0..6).map(|_| {
        let test = test.clone();
        tokio::spawn(async move {
            let wish = wish(&test, "2026-03-03", "10:00:00");
            test.call("front_desk", "POST", "/appointments", Some(wish)).await.status.as_u16()
        })
    });
    let mut answers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409]);
}
