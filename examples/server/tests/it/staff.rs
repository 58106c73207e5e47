use chrono::TimeDelta;
use mentalspace_server::set_up;
use serde_json::{Value, json};

use crate::{
    sessions::{code, cookie, first_sign_in, page},
    support::{Answer, PASSWORD, TestApp, csrf, form},
};

const OWN: &str = "walnut ferry obsidian seventy";

async fn submit(test: &TestApp, token: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = csrf(&page(test, token, "/account/password").await.text);
    let mut fields = fields.to_vec();
    fields.push(("csrf", &csrf));
    test.request(form(path, Some(token), &fields)).await
}

/// Uses a one-time password: second factor, own password. Returns the key of the app and the session.
async fn arrive(test: &TestApp, login: &str, once: &str) -> (String, String) {
    let (secret, step) = first_sign_in(test, login, once).await;
    assert_eq!(step.location(), "/account/password");
    let token = cookie(&step);
    for path in ["/schedule", "/account"] {
        assert_eq!(page(test, &token, path).await.expect(303).location(), "/sign-in");
    }
    test.call_with(&token, "GET", "/appointments", None).await.expect(401);
    let shown = page(test, &token, "/account/password").await.expect(200);
    assert!(shown.text.contains("Choose one that only you know") && !shown.text.contains("Cancel"));
    let same = [("current", once), ("password", once)];
    submit(test, &token, "/account/password", &same).await.expect(422);
    let own = [("current", once), ("password", OWN)];
    let done = submit(test, &token, "/account/password", &own).await.expect(303);
    assert_eq!(done.location(), "/");
    page(test, &cookie(&done), "/schedule").await.expect(200);
    (secret, cookie(&done))
}

fn shown_password(page: &str) -> String {
    page.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0.to_owned()
}

async fn user(test: &TestApp, who: &str, id: impl ToString) -> Value {
    test.call(who, "GET", &format!("/users/{}", id.to_string()), None).await.expect(200).json()
}

fn front_desk(name: &str) -> Value {
    json!({ "login": format!("{name}@harbor.example"), "post": { "display_name": name, "roles": ["front_desk"] } })
}

fn license() -> Value {
    json!({ "state": "NY", "number": "098765", "in_force": { "from": "2024-01-01", "to": "2027-12-31" } })
}

/// Holds the session and writes and signs its note.
async fn sign_a_note(test: &TestApp, anna: &str, booked: &str) {
    test.clock.advance(TimeDelta::minutes(5));
    for event in ["check_in", "begin"] {
        test.happen_with(anna, booked, json!({ "event": event })).await.expect(200);
    }
    test.clock.advance(TimeDelta::minutes(10));
    test.happen_with(anna, booked, json!({ "event": "complete" })).await.expect(200);
    let note = json!({ "kind": "progress", "appointment": booked });
    let note = test.call_with(anna, "POST", "/notes", Some(note)).await.expect(201).json();
    let path = format!("/notes/{}", note["id"].as_str().unwrap());
    let content = json!({ "format": "dap", "diagnoses": ["F41.1"], "times": note["content"]["times"],
        "sections": { "data": "Slept better.", "assessment": "Improving.", "plan": "Continue weekly." } });
    let edit = json!({ "version": note["version"], "content": content });
    let note = test.call_with(anna, "PUT", &path, Some(edit)).await.expect(200).json();
    let sign = json!({ "version": note["version"], "attestation": "author" });
    test.call_with(anna, "POST", &format!("{path}/sign"), Some(sign)).await.expect(200);
    let signed = test.call_with(anna, "GET", &path, None).await.expect(200).json();
    assert_eq!(signed["status"], "signed");
}

#[tokio::test]
async fn a_practice_comes_to_work_from_nothing_by_its_own_pages() {
    let test = TestApp::bare(Vec::new());
    let token = set_up::offer(&test.app).await.unwrap().unwrap();
    let practice = [
        ("token", token.as_str()),
        ("practice", "Harbor Counseling"),
        ("npi", "1234567893"),
        ("tax_id", "12-3456789"),
        ("taxonomy", "261QM0801X"),
        ("street", "12 Elm Street"),
        ("city", "Albany"),
        ("state", "NY"),
        ("zip", "12207-1234"),
        ("phone", "518-555-0100"),
        ("time_zone", "America/New_York"),
        ("name", "Kim Okafor"),
        ("login", "kim@harbor.example"),
        ("password", PASSWORD),
    ];
    test.request(form("/set-up", None, &practice)).await.expect(303);
    let (_, step) = first_sign_in(&test, "kim@harbor.example", PASSWORD).await;
    let kim = cookie(&step);
    assert!(page(&test, &kim, "/schedule").await.expect(200).text.contains("/practice/people"));

    let location = [
        ("name", "Main Office"),
        ("street", "12 Elm Street"),
        ("city", "Albany"),
        ("state", "NY"),
        ("zip", "12207-1234"),
        ("place_of_service", "11"),
    ];
    submit(&test, &kim, "/practice/locations/new", &location).await.expect(303);
    assert!(page(&test, &kim, "/practice/locations").await.expect(200).text.contains("Main Office"));
    let location = test.call_with(&kim, "GET", "/locations", None).await.expect(200).json()[0]["id"].clone();

    page(&test, &kim, "/practice/people/new").await.expect(200);
    let mut person = vec![
        ("name", "Anna Abel"),
        ("login", "anna@harbor.example"),
        ("clinician", "yes"),
        ("first", "Anna"),
        ("last", "Abel"),
        ("credentials", "LCSW, CASAC"),
        ("npi", "1679576722"),
        ("taxonomy", "1041C0700X"),
        ("license.0.state", "NY"),
        ("license.0.number", "012345"),
        ("license.0.from", "2020-01-01"),
        ("license.0.to", "never"),
    ];
    let refused = submit(&test, &kim, "/practice/people/new", &person).await.expect(422);
    assert!(refused.text.contains("license: to") && refused.text.contains("value=\"LCSW, CASAC\""));
    person.pop();
    let made = submit(&test, &kim, "/practice/people/new", &person).await.expect(200);
    let (_, anna) = arrive(&test, "anna@harbor.example", &shown_password(&made.text)).await;
    let people = test.call_with(&kim, "GET", "/users", None).await.expect(200).json();
    let clinician = people[0]["clinician"].clone();
    let path = format!("/practice/clinicians/{}", clinician.as_str().unwrap());
    assert!(page(&test, &kim, &path).await.expect(200).text.contains("value=\"012345\""));

    let payer = json!({ "name": "Alpine Plan", "electronic_id": "ALP01", "filing": "CI" });
    test.call_with(&kim, "POST", "/payers", Some(payer)).await.expect(201);
    let client = json!({ "legal_name": { "first": "Marlow", "last": "Tanager" }, "birth_date": "1984-11-30",
                         "status": { "status": "active", "since": "2026-03-02" }, "primary_clinician": clinician });
    let client = test.call_with(&kim, "POST", "/clients", Some(client)).await.expect(201).json()["id"].clone();
    let terms = json!({ "clinician": clinician, "location": location, "day": "2026-03-02", "at": "09:05:00",
                        "minutes": 50, "modality": "in_person", "service": "psychotherapy" });
    let booking = json!({ "client": client, "terms": terms });
    let booked = test.call_with(&anna, "POST", "/appointments", Some(booking)).await.expect(201).json();
    let booked = booked["appointments"][0].as_str().unwrap();
    sign_a_note(&test, &anna, booked).await;
}

#[tokio::test]
async fn only_an_administrator_keeps_people_and_places() {
    let test = TestApp::new().await;
    let (anna, user) = (test.anna, test.people["clinician"].user.id);
    let record = test.call("administrator", "GET", "/practice", None).await.expect(200).json();
    let post = json!({ "display_name": "X", "roles": ["billing"] });
    let place = json!({ "name": "Annex", "place_of_service": "11",
                        "address": { "line1": "1 Oak", "city": "Troy", "state": "NY", "zip": "12180" } });
    let clinician = json!({ "name": { "first": "Anna", "last": "Abel" } });
    let requests = [
        ("GET", "/locations".to_owned(), Value::Null),
        ("POST", "/locations".to_owned(), place.clone()),
        ("PUT", format!("/locations/{}", test.location), json!({ "version": 99, "location": place })),
        ("GET", "/users".to_owned(), Value::Null),
        ("POST", "/users".to_owned(), front_desk("fred")),
        ("GET", format!("/users/{user}"), Value::Null),
        ("PUT", format!("/users/{user}"), json!({ "version": 99, "post": post })),
        ("POST", format!("/users/{user}/enabled"), json!({ "version": 99, "enabled": false })),
        ("POST", format!("/users/{user}/reset"), json!({ "version": 99 })),
        ("GET", "/clinicians".to_owned(), Value::Null),
        ("PUT", format!("/clinicians/{anna}"), json!({ "version": 99, "clinician": clinician })),
        ("GET", "/practice".to_owned(), Value::Null),
        ("PUT", "/practice".to_owned(), json!({ "version": 99, "practice": record["practice"] })),
    ];
    for (method, path, body) in requests {
        let body = (!body.is_null()).then_some(body);
        for who in ["supervisor", "clinician", "associate", "billing", "front_desk", "client"] {
            test.call(who, method, &path, body.clone()).await.expect(403);
        }
        let stale = body.as_ref().is_some_and(|body| body["version"] == 99);
        let status = test.call("administrator", method, &path, body).await.status.as_u16();
        assert_eq!(
            status,
            if stale {
                409
            } else if method == "POST" {
                201
            } else {
                200
            },
            "{method} {path}"
        );
    }
    for path in ["people", "people/new", "locations", "locations/new", "settings"] {
        test.page("administrator", &format!("/practice/{path}")).await.expect(200);
        test.page("front_desk", &format!("/practice/{path}")).await.expect(403);
    }
    assert!(!test.page("front_desk", "/schedule").await.text.contains("/practice/people"));
}

/// OWASP ASVS 5.0 6.4.1.
#[tokio::test]
async fn a_one_time_password_lasts_three_days_and_not_beyond_its_use() {
    let test = TestApp::new().await;
    for name in ["fred", "flora"] {
        test.call("administrator", "POST", "/users", Some(front_desk(name))).await.expect(201);
    }
    let again = test.call("administrator", "POST", "/users", Some(front_desk("fred"))).await.expect(422);
    assert_eq!(again.errors(), ["login: is in use already"]);
    let made = test.call("administrator", "POST", "/users", Some(front_desk("finn"))).await.expect(201).json();
    let once = made["password"].as_str().unwrap();
    arrive(&test, "finn@harbor.example", once).await;
    let sign_in = |login: &str, password: &str| json!({ "login": login, "password": password });
    test.call_with("", "POST", "/sessions", Some(sign_in("finn@harbor.example", once))).await.expect(401);
    test.call_with("", "POST", "/sessions", Some(sign_in("finn@harbor.example", OWN))).await.expect(201);

    let made = test.call("administrator", "POST", "/users", Some(front_desk("fay"))).await.expect(201).json();
    let fay = sign_in("fay@harbor.example", made["password"].as_str().unwrap());
    test.clock.advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    test.call_with("", "POST", "/sessions", Some(fay.clone())).await.expect(201);
    test.clock.advance(TimeDelta::seconds(1));
    test.call_with("", "POST", "/sessions", Some(fay)).await.expect(401);
}

#[tokio::test]
async fn who_is_disabled_is_signed_out_at_once_and_comes_back_with_a_new_session() {
    let test = TestApp::new().await;
    let id = test.people["front_desk"].user.id;
    test.call("front_desk", "GET", "/appointments", None).await.expect(200);
    let path = format!("/users/{id}/enabled");
    let shut = test.call("administrator", "POST", &path, Some(json!({ "version": 1, "enabled": false }))).await;
    assert_eq!(shut.expect(200).json()["version"], 2);
    test.call("front_desk", "GET", "/appointments", None).await.expect(401);
    test.call("administrator", "POST", &path, Some(json!({ "version": 1, "enabled": true }))).await.expect(409);
    test.call("administrator", "POST", &path, Some(json!({ "version": 2, "enabled": true }))).await.expect(200);
    test.call("front_desk", "GET", "/appointments", None).await.expect(401);
    let fresh = test.token_after_idle("front_desk").await;
    test.call_with(&fresh, "GET", "/appointments", None).await.expect(200);
}

#[tokio::test]
async fn a_reset_ends_sessions_and_the_lock_of_too_many_failures() {
    let test = TestApp::new().await;
    let made = test.call("administrator", "POST", "/users", Some(front_desk("finn"))).await.expect(201).json();
    let (secret, token) = arrive(&test, "finn@harbor.example", made["password"].as_str().unwrap()).await;
    for _ in 0..11 {
        let wrong = json!({ "login": "finn@harbor.example", "password": "not the password at all" });
        test.call_with("", "POST", "/sessions", Some(wrong)).await;
    }
    let right = json!({ "login": "finn@harbor.example", "password": OWN });
    test.call_with("", "POST", "/sessions", Some(right)).await.expect(401);
    let id = made["user"].as_str().unwrap();
    let path = format!("/users/{id}/reset");
    let seen = user(&test, "administrator", id).await;
    let once =
        test.call("administrator", "POST", &path, Some(json!({ "version": seen["version"] }))).await.expect(200).json();
    test.call_with(&token, "GET", "/appointments", None).await.expect(401);
    test.clock.advance(TimeDelta::seconds(60));
    let sent = json!({ "login": "finn@harbor.example", "password": once["password"] });
    let step = test.call_with("", "POST", "/sessions", Some(sent)).await.expect(201).json();
    assert_eq!(step["next"], "code", "the authenticator app is still there");
    let sent = json!({ "code": code(&secret, test.app.now()) });
    let step = test.call_with(step["token"].as_str().unwrap(), "POST", "/sessions/current/second-factor", Some(sent));
    assert_eq!(step.await.expect(200).json()["next"], "new_password");
}

#[tokio::test]
async fn somebody_who_can_sign_in_always_runs_the_practice() {
    let test = TestApp::new().await;
    let me = test.people["administrator"].user.id;
    let change = |version: u64, roles: &[&str]| {
        Some(json!({ "version": version, "post": { "display_name": "Kim", "roles": roles } }))
    };
    let mine = format!("/users/{me}");
    test.call("administrator", "PUT", &mine, change(1, &["billing"])).await.expect(409);
    let shut = json!({ "version": 1, "enabled": false });
    test.call("administrator", "POST", &format!("{mine}/enabled"), Some(shut)).await.expect(409);
    // A second one counts once that account was used.
    let second =
        json!({ "login": "lee@harbor.example", "post": { "display_name": "Lee", "roles": ["administrator"] } });
    let second = test.call("administrator", "POST", "/users", Some(second)).await.expect(201).json();
    test.call("administrator", "PUT", &mine, change(1, &["billing"])).await.expect(409);
    let (_, lee) = arrive(&test, "lee@harbor.example", second["password"].as_str().unwrap()).await;
    let changed = test.call("administrator", "PUT", &mine, change(1, &["billing", "billing"])).await.expect(200).json();
    assert_eq!(changed["version"], 2);
    test.call("administrator", "GET", "/users", None).await.expect(401);
    let again = test.token_after_idle("administrator").await;
    test.call_with(&again, "GET", "/users", None).await.expect(403);
    test.call_with(&again, "GET", "/claims", None).await.expect(200);
    test.app.vault().integrate(test.practice).await.unwrap();
    let events = test.call_with(&lee, "GET", "/audit/events", None).await.expect(200).text;
    assert!(events.contains("role_change"), "{events}");
}

#[tokio::test]
async fn roles_and_the_clinician_behind_them_fit_together() {
    let test = TestApp::new().await;
    let me = test.people["administrator"].user.id;
    let add = |roles: &[&str], clinician: Value| {
        let mut post = json!({ "display_name": "Noor Haddad", "roles": roles });
        if !clinician.is_null() {
            post["clinician"] = clinician;
        }
        Some(json!({ "login": "noor@harbor.example", "post": post }))
    };
    let person = json!({ "name": { "first": "Noor", "last": "Haddad" }, "licenses": [license()] });
    let under = |supervisor: mentalspace_core::ClinicianId| {
        let mut person = person.clone();
        person["supervision"] = json!([{ "supervisor": supervisor, "in_force": { "from": "2026-01-01" } }]);
        person
    };
    let refusals = [
        (add(&[], Value::Null), "roles: name nothing the person does"),
        (add(&["client"], Value::Null), "roles: of the portal are not given to staff"),
        (add(&["clinician"], Value::Null), "clinician: is needed for who treats or supervises"),
        (add(&["billing"], person.clone()), "clinician: is for who treats or supervises only"),
        (add(&["associate"], person.clone()), "supervision: is needed for an associate"),
        (add(&["associate"], under(test.anna)), "supervision: names nobody who may supervise this clinician"),
    ];
    for (body, reason) in refusals {
        assert_eq!(test.call("administrator", "POST", "/users", body).await.expect(422).errors(), [reason]);
    }
    // What was refused has not used the name up.
    test.call("administrator", "POST", "/users", add(&["associate"], under(test.sam))).await.expect(201);

    // An administrator who also treats, as in a practice of one.
    let post = json!({ "display_name": "Kim", "roles": ["administrator", "clinician"], "clinician": person });
    let change = Some(json!({ "version": 1, "post": post }));
    test.call("administrator", "PUT", &format!("/users/{me}"), change).await.expect(200);
    test.call("administrator", "GET", "/users", None).await.expect(401);
    let again = test.token_after_idle("administrator").await;
    let account = test.call_with(&again, "GET", &format!("/users/{me}"), None).await.expect(200).json();
    let mine = account["clinician"].as_str().unwrap();
    let read = test.call_with(&again, "GET", &format!("/clinicians/{mine}"), None).await.expect(200).json();
    assert_eq!(read["clinician"]["licenses"], json!([license()]));
}

#[tokio::test]
async fn licences_and_supervision_change_by_version() {
    let test = TestApp::new().await;
    let path = format!("/clinicians/{}", test.ida);
    let read = test.call("administrator", "GET", &path, None).await.expect(200).json();
    let mut change = json!({ "version": read["version"], "clinician": read["clinician"] });
    change["clinician"]["licenses"] = json!([license()]);
    change["clinician"]["supervision"] = json!([]);
    let refused = test.call("administrator", "PUT", &path, Some(change.clone())).await.expect(422);
    assert_eq!(refused.errors(), ["supervision: is needed for an associate"]);
    change["clinician"]["supervision"] = read["clinician"]["supervision"].clone();
    test.call("administrator", "PUT", &path, Some(change.clone())).await.expect(200);
    test.call("administrator", "PUT", &path, Some(change)).await.expect(409);
    let page = format!("/practice/clinicians/{}", test.ida);
    assert!(test.page("administrator", &page).await.expect(200).text.contains("value=\"098765\""));
    let supervisor = test.sam.to_string();
    let fields = [
        ("version", "2"),
        ("first", "Ida"),
        ("last", "Irwin"),
        ("credentials", "LMSW"),
        ("license.0.state", "NY"),
        ("license.0.number", "098765"),
        ("license.0.from", "2024-01-01"),
        ("license.1.state", "VT"),
        ("license.1.number", "77"),
        ("license.1.from", "2026-01-01"),
        ("supervision.0.supervisor", supervisor.as_str()),
        ("supervision.0.from", "2020-01-01"),
    ];
    test.submit("administrator", &page, &fields).await.expect(303);
    let read = test.call("administrator", "GET", &path, None).await.expect(200).json();
    assert_eq!(read["clinician"]["licenses"][1]["state"], "VT");
    assert!(test.submit("administrator", &page, &fields).await.expect(409).text.contains("value=\"77\""));
}

#[tokio::test]
async fn the_practice_and_its_places_change_by_version() {
    let test = TestApp::new().await;
    let record = test.call("administrator", "GET", "/practice", None).await.expect(200).json();
    let mut change = record.clone();
    change["practice"]["time_zone"] = json!("Mars/Olympus");
    let refused = test.call("administrator", "PUT", "/practice", Some(change.clone())).await.expect(422);
    assert_eq!(refused.errors(), ["time_zone: is not a time zone"]);
    change["practice"]["time_zone"] = json!("America/Denver");
    change["practice"]["policies"]["notes"]["due_days"] = json!(5);
    test.call("administrator", "PUT", "/practice", Some(change.clone())).await.expect(200);
    test.call("administrator", "PUT", "/practice", Some(change)).await.expect(409);
    let shown = test.page("administrator", "/practice/settings").await.expect(200).text;
    assert!(
        shown.contains("value=\"America/Denver\"")
            && shown.contains("name=\"due_days\" required inputmode=\"numeric\" value=\"5\"")
    );

    let fields = [
        ("version", "1"),
        ("name", "Annex"),
        ("street", "1 Oak"),
        ("city", "Troy"),
        ("state", "NY"),
        ("zip", "12180"),
        ("place_of_service", "02"),
    ];
    let page = format!("/practice/locations/{}", test.location);
    let refused = test.submit("administrator", &page, &fields).await.expect(422);
    assert!(refused.text.contains("place where clients are seen"));
    let fields = fields.map(|(name, value)| (name, if name == "place_of_service" { "11" } else { value }));
    test.submit("administrator", &page, &fields).await.expect(303);
    test.submit("administrator", &page, &fields).await.expect(409);
    assert!(test.page("administrator", "/practice/locations").await.text.contains("Annex"));
}
