use serde_json::{Value, json};

use crate::support::TestApp;

const ROLES: [&str; 7] = ["administrator", "supervisor", "clinician", "associate", "billing", "front_desk", "client"];

/// Who may do what with Jordan, whom Anna treats: the status of each answer. 4xx other than 401 and 403 means that the
/// person may, and that the record or the request does not fit.
#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let test = TestApp::new().await;
    let booked = test.booked("jordan", "2026-03-03", "10:00:00", "video").await;
    let note = json!({ "kind": "progress", "appointment": booked });
    let note = test.call("clinician", "POST", "/notes", Some(note)).await.expect(201).json();
    let note = format!("/notes/{}", note["id"].as_str().unwrap());
    let (client, appointment) = (format!("/clients/{}", test.jordan), format!("/appointments/{booked}"));
    // Each body names a version that is gone, so that who may act changes nothing.
    let details = test.call("front_desk", "GET", &client, None).await.expect(200).json()["client"].clone();
    let terms = json!({ "clinician": test.anna, "location": test.location, "day": "2026-03-03", "at": "10:00:00",
                        "minutes": 50, "modality": "video", "service": "psychotherapy" });
    let coverage = json!({ "payer": "00000000-0000-7000-8000-000000000001", "rank": "primary",
                           "in_force": { "from": "2026-01-01" }, "member_id": "W1", "subscriber": "client" });
    let sign = |text: &str| json!({ "version": 99, "attestation": text });
    let routes: Vec<(&str, String, Value)> = vec![
        ("GET", "/clients".into(), Value::Null),
        ("POST", "/clients/search".into(), json!({ "name": "Quill" })),
        ("GET", client.clone(), Value::Null),
        ("PUT", client.clone(), json!({ "version": 99, "client": details })),
        ("GET", format!("{client}/coverages"), Value::Null),
        ("POST", format!("{client}/coverages"), coverage),
        ("GET", "/appointments".into(), Value::Null),
        ("POST", "/appointments".into(), json!({ "client": test.jordan, "terms": terms })),
        ("GET", appointment.clone(), Value::Null),
        ("PUT", appointment.clone(), json!({ "version": 99, "terms": terms })),
        ("POST", format!("{appointment}/events"), json!({ "version": 99, "event": { "event": "confirm" } })),
        ("GET", format!("{appointment}/visit"), Value::Null),
        ("POST", format!("{appointment}/visit/acts"), json!({ "act": { "act": "check_in" } })),
        ("POST", format!("{appointment}/visit/acts"), json!({ "act": { "act": "admit" } })),
        ("POST", format!("{appointment}/visit/join"), Value::Null),
        ("POST", "/notes".into(), json!({ "kind": "progress", "appointment": booked })),
        ("GET", note.clone(), Value::Null),
        ("PUT", note.clone(), json!({ "version": 99, "content": {} })),
        ("POST", format!("{note}/sign"), sign("author")),
        ("POST", format!("{note}/cosign"), sign("cosigner")),
        ("POST", format!("{note}/return"), json!({ "version": 99, "comment": "More." })),
        (
            "POST",
            format!("{note}/amend"),
            json!({ "version": 99, "amendment": { "kind": "addendum", "reason": "Late.", "text": "More." } }),
        ),
    ];
    let mut table = format!("{:52}{}\n", "", ROLES.map(|role| format!("{role:>14}")).concat());
    for (method, path, body) in routes {
        let body = (!body.is_null()).then_some(body);
        let name = path.replace(&test.jordan.to_string(), "{jordan}").replace(&booked, "{appointment}");
        let name = name.split('/').map(|part| if part.len() == 36 { "{note}" } else { part }).collect::<Vec<_>>();
        let what = body.as_ref().and_then(|b| b["act"]["act"].as_str()).map(|act| format!(" {act}"));
        table.push_str(&format!("{:52}", format!("{method} {}{}", name.join("/"), what.unwrap_or_default())));
        for role in ROLES {
            let answer = test.call(role, method, &path, body.clone()).await;
            table.push_str(&format!("{:>14}", answer.status.as_u16()));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn without_a_session_every_route_asks_to_sign_in() {
    let test = TestApp::new().await;
    for path in ["/clients", "/appointments", "/notes/00000000-0000-7000-8000-000000000001"] {
        let answer = test.call_with("nobody", "GET", path, None).await.expect(401);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    for path in ["/clients", "/schedule", "/notes", "/account"] {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answer = test.request(request).await.expect(303);
        assert_eq!(answer.location(), "/sign-in");
    }
}

#[tokio::test]
async fn a_refusal_stands_in_the_audit_trail() {
    let test = TestApp::new().await;
    test.call("clinician", "GET", &format!("/clients/{}", test.riley), None).await.expect(403);
    test.app.vault().integrate(test.practice).await.unwrap();
    let access = mentalspace_core::Access::system(test.practice, "test.look", test.app.now());
    let query = mentalspace_core::store::AuditQuery {
        client: Some(test.riley),
        activity: Some("client.read".to_owned()),
        limit: 50,
        ..Default::default()
    };
    let trail = test.app.vault().audit_trail(&access, &query).await.unwrap();
    let denied = trail.events.iter().filter(|(_, event)| event.outcome.kind == mentalspace_audit::OutcomeKind::Denied);
    assert_eq!(denied.count(), 1);
}

#[tokio::test]
async fn what_another_practice_has_is_not_there() {
    let test = TestApp::new().await;
    let other = test.neighbour().await;
    let booked = test.booked("jordan", "2026-03-03", "10:00:00", "video").await;
    for path in [format!("/clients/{}", test.jordan), format!("/appointments/{booked}")] {
        test.call("front_desk", "GET", &path, None).await.expect(200);
        other.call("front_desk", "GET", &path, None).await.expect(404);
    }
    let search = serde_json::json!({ "name": "Quillfeather" });
    let found = other.call("front_desk", "POST", "/clients/search", Some(search)).await.expect(200).json();
    assert_eq!(found["clients"][0]["id"], serde_json::json!(other.jordan));
    assert_eq!(found["clients"].as_array().unwrap().len(), 1);
    let (_, token) = test.token("front_desk").split_once('.').unwrap();
    let forged = format!("{}.{token}", other.practice.uuid().simple());
    test.call_with(&forged, "GET", "/clients", None).await.expect(401);
}
