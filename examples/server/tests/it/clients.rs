use serde_json::{Value, json};

use crate::support::TestApp;

fn details() -> Value {
    json!({
        "legal_name": { "first": "Marlow", "last": "Tanager-Ruiz" },
        "birth_date": "1984-11-30",
        "status": { "status": "active", "since": "2026-03-02" },
    })
}

#[tokio::test]
async fn a_new_client_is_found_by_name_and_birth_date() {
    let test = TestApp::new().await;
    let created = test.call("front_desk", "POST", "/clients", Some(details())).await.expect(201).json();
    for search in [
        json!({ "name": "tan" }),
        json!({ "name": "RUIZ marl" }),
        json!({ "birth_date": "1984-11-30" }),
        json!({ "name": "Tanager", "birth_date": "1984-11-30" }),
    ] {
        let found = test.call("front_desk", "POST", "/clients/search", Some(search.clone())).await.expect(200).json();
        assert_eq!(found["clients"][0]["id"], created["id"], "{search}");
    }
    let none = json!({ "name": "Tanager", "birth_date": "1984-12-01" });
    let found = test.call("front_desk", "POST", "/clients/search", Some(none)).await.expect(200).json();
    assert_eq!(found["clients"], json!([]));
}

#[tokio::test]
async fn a_clinician_finds_own_clients_only() {
    let test = TestApp::new().await;
    let search = |name: &str| Some(json!({ "name": name }));
    let own = test.call("clinician", "POST", "/clients/search", search("Quill")).await.expect(200).json();
    assert_eq!(own["clients"].as_array().unwrap().len(), 1);
    let other = test.call("clinician", "POST", "/clients/search", search("Under")).await.expect(200).json();
    assert_eq!(other["clients"], json!([]));
    let supervised = test.call("supervisor", "POST", "/clients/search", search("Under")).await.expect(200).json();
    assert_eq!(supervised["clients"].as_array().unwrap().len(), 1);
    test.call("clinician", "GET", &format!("/clients/{}", test.riley), None).await.expect(403);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_and_changes_nothing() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}", test.jordan);
    let read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    let mut change = json!({ "version": read["version"], "client": read["client"] });
    change["client"]["preferred_name"] = json!("Jo");
    test.call("front_desk", "PUT", &path, Some(change.clone())).await.expect(200);
    change["client"]["preferred_name"] = json!("Jay");
    let stale = test.call("front_desk", "PUT", &path, Some(change)).await.expect(409);
    assert_eq!(stale.headers["content-type"], "application/problem+json");
    assert_eq!(stale.json()["type"], "/problems/conflict");
    let read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    assert_eq!(read["client"]["preferred_name"], "Jo");
}

#[tokio::test]
async fn what_is_put_is_what_is_read() {
    let test = TestApp::new().await;
    let created = test.call("front_desk", "POST", "/clients", Some(details())).await.expect(201).json();
    let path = format!("/clients/{}", created["id"].as_str().unwrap());
    let mut client = created["client"].clone();
    client["addresses"] = json!([{ "usage": "home", "address":
        { "line1": "4 Oak Lane", "city": "Troy", "state": "NY", "zip": "12180" } }]);
    client["phones"] = json!([{ "usage": "mobile", "phone": "+15185550111", "messages": "allowed" }]);
    let change = json!({ "version": 1, "client": client });
    test.call("front_desk", "PUT", &path, Some(change)).await.expect(200);
    let read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    assert_eq!(read["client"], client);
    assert_eq!(read["version"], 2);
}

#[tokio::test]
async fn a_birth_to_come_and_an_unknown_clinician_are_refused_without_their_values() {
    let test = TestApp::new().await;
    let mut new = details();
    new["birth_date"] = json!("2031-01-01");
    let refused = test.call("front_desk", "POST", "/clients", Some(new)).await.expect(422);
    assert_eq!(refused.errors(), ["birth_date: lies in the future"]);
    assert!(!refused.text.contains("2031") && !refused.text.contains("Tanager"), "{}", refused.text);
    let mut new = details();
    new["primary_clinician"] = json!("00000000-0000-7000-8000-000000000001");
    let refused = test.call("front_desk", "POST", "/clients", Some(new)).await.expect(422);
    assert_eq!(refused.errors(), ["primary_clinician: is not on record"]);
}

#[tokio::test]
async fn a_body_that_is_not_described_is_refused_without_its_content() {
    let test = TestApp::new().await;
    let mut new = details();
    new["legal_name"]["last"] = json!("Zanzibari\u{7}");
    let refused = test.call("front_desk", "POST", "/clients", Some(new)).await.expect(422);
    assert!(!refused.text.contains("Zanzibari"), "{}", refused.text);
    let mut new = details();
    new["social_security_number"] = json!("078-05-1120");
    let refused = test.call("front_desk", "POST", "/clients", Some(new)).await.expect(422);
    assert!(!refused.text.contains("1120"), "{}", refused.text);
}

fn coverage(test: &TestApp, rank: &str, from: &str) -> Value {
    json!({
        "payer": test.payer, "rank": rank, "in_force": { "from": from }, "member_id": "W12345678",
        "subscriber": "client", "copay": "25.00",
    })
}

#[tokio::test]
async fn two_primary_coverages_on_one_day_are_refused() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}/coverages", test.jordan);
    let first = coverage(&test, "primary", "2026-01-01");
    let first = test.call("front_desk", "POST", &path, Some(first)).await.expect(201).json();
    assert_eq!(first["coverage"]["copay"], "25.00");
    let second = coverage(&test, "primary", "2026-06-01");
    let refused = test.call("front_desk", "POST", &path, Some(second.clone())).await.expect(409);
    assert_eq!(refused.errors(), ["rank: another coverage is primary on the same days"]);
    let mut ended = first["coverage"].clone();
    ended["in_force"] = json!({ "from": "2026-01-01", "to": "2026-05-31" });
    let change = json!({ "version": 1, "coverage": ended });
    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    test.call("front_desk", "PUT", &one, Some(change.clone())).await.expect(200);
    test.call("front_desk", "PUT", &one, Some(change)).await.expect(409);
    test.call("front_desk", "POST", &path, Some(second)).await.expect(201);
    let all = test.call("billing", "GET", &path, None).await.expect(200).json();
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_coverage_is_changed_under_its_own_client_only() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}/coverages", test.jordan);
    let new = coverage(&test, "primary", "2026-01-01");
    let made = test.call("front_desk", "POST", &path, Some(new)).await.expect(201).json();
    let elsewhere = format!("/clients/{}/coverages/{}", test.riley, made["id"].as_str().unwrap());
    let change = json!({ "version": 1, "coverage": made["coverage"] });
    test.call("front_desk", "PUT", &elsewhere, Some(change)).await.expect(404);
}

#[tokio::test]
async fn a_cursor_that_was_not_made_here_is_refused() {
    let test = TestApp::new().await;
    test.call("front_desk", "GET", "/clients?cursor=garbage", None).await.expect(422);
    test.call("front_desk", "GET", "/clients/not-a-uuid", None).await.expect(404);
}
