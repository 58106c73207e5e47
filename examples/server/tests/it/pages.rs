use mentalspace_core::{
    ClientId, Phi,
    store::{Document, Term},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::TestApp;

/// What a page must never put into an address, or an answer to a program into a problem.
const PHI: [&str; 4] = ["Quillfeather", "Jordan", "1990", "Elm"];

#[tokio::test]
async fn a_search_leaves_nothing_in_addresses() {
    let test = TestApp::new().await;
    let fields = [("name", "Quillf"), ("birth_date", "1990-05-04")];
    let found = test.submit("front_desk", "/clients/search", &fields).await.expect(200);
    assert!(found.text.contains("Quillfeather, Jordan"));
    let addresses: Vec<&str> =
        found.text.split("href=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    assert!(addresses.iter().any(|address| *address == format!("/clients/{}", test.jordan)));
    for address in addresses {
        assert!(PHI.iter().all(|phi| !address.contains(phi)), "{address}");
    }
    assert!(!found.headers.contains_key("location"));
    assert_eq!(found.headers["cache-control"], "no-store");
    let nothing = test.submit("front_desk", "/clients/search", &[("name", " ")]).await.expect(422);
    assert!(nothing.text.contains("is needed for a search"));
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_wrong() {
    let test = TestApp::new().await;
    let fields = [
        ("first", "Marlow"),
        ("last", "Tanager"),
        ("birth_date", "30/11/84"),
        ("status", "active"),
        ("status_date", "2026-03-02"),
        ("payer_sex", "unknown"),
        ("zip", "12"),
        ("street", "4 Oak Lane"),
        ("city", "Troy"),
        ("state", "NY"),
    ];
    let refused = test.submit("front_desk", "/clients/new", &fields).await.expect(422);
    for shown in ["value=\"Tanager\"", "is not a day", "must be five or nine digits", "value=\"4 Oak Lane\""] {
        assert!(refused.text.contains(shown), "{shown}");
    }
    let fields = fields.map(|(name, value)| match name {
        "birth_date" => (name, "1984-11-30"),
        "zip" => (name, "12180"),
        _ => (name, value),
    });
    let created = test.submit("front_desk", "/clients/new", &fields).await.expect(303);
    let chart = test.page("front_desk", created.location()).await.expect(200);
    assert!(chart.text.contains("4 Oak Lane, Troy, NY 12180"));
}

#[tokio::test]
async fn changing_a_client_by_the_form_keeps_what_the_form_does_not_show() {
    let test = TestApp::new().await;
    let path = format!("/clients/{}", test.jordan);
    let mut read = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    read["client"]["phones"] = json!([
        { "usage": "mobile", "phone": "+15185550111", "messages": "allowed" },
        { "usage": "work", "phone": "+15185550112", "messages": "refused" },
    ]);
    read["client"]["contacts"] = json!([
        { "name": { "first": "Lee", "last": "Sparrow" }, "relationship": "friend", "emergency": false },
    ]);
    let change = json!({ "version": read["version"], "client": read["client"] });
    test.call("front_desk", "PUT", &path, Some(change)).await.expect(200);
    let fields = [
        ("version", "2"),
        ("first", "Jordan"),
        ("last", "Quillfeather"),
        ("birth_date", "1990-05-04"),
        ("payer_sex", "female"),
        ("status", "active"),
        ("status_date", "2025-01-01"),
        ("phone", "(518) 555-0199"),
        ("preferred", "Jo"),
        ("contact_first", "Kim"),
        ("contact_last", "Quillfeather"),
        ("contact_relationship", "sister"),
        ("contact_phone", "5185550155"),
    ];
    test.submit("front_desk", &format!("{path}/edit"), &fields).await.expect(303);
    let after = test.call("front_desk", "GET", &path, None).await.expect(200).json();
    assert_eq!(after["client"]["phones"][0]["phone"], "+15185550199");
    assert_eq!(after["client"]["phones"][1], read["client"]["phones"][1]);
    assert_eq!(after["client"]["contacts"][1], read["client"]["contacts"][0]);
    assert_eq!(after["client"]["addresses"], json!([]));
    let stale = test.submit("front_desk", &format!("{path}/edit"), &fields).await.expect(409);
    assert!(stale.text.contains("Somebody else has changed this record") && stale.text.contains("value=\"Jo\""));
}

#[tokio::test]
async fn a_problem_of_the_api_never_repeats_what_is_on_record() {
    let test = TestApp::new().await;
    let client = format!("/clients/{}", test.jordan);
    let booked = test.booked("jordan", "2026-03-03", "10:00:00", "video").await;
    let answers = [
        test.call("clinician", "GET", &format!("/clients/{}", test.riley), None).await,
        test.call(
            "front_desk",
            "PUT",
            &client,
            Some(json!({ "version": 7, "client": { "legal_name": "Quillfeather" } })),
        )
        .await,
        test.call("front_desk", "POST", "/clients/search", Some(json!({ "name": "Jordan", "born": "1990" }))).await,
        test.happen("front_desk", &booked, json!({ "event": "complete" })).await,
        test.call("associate", "GET", &client, None).await,
        test.call("front_desk", "GET", "/clients/Quillfeather", None).await,
    ];
    for answer in answers {
        assert!(answer.status.is_client_error());
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(PHI.iter().all(|phi| !answer.text.contains(phi)), "{}", answer.text);
    }
}

/// A row whose body is no appointment: written under the same kind.
#[derive(Debug, Serialize, Deserialize)]
struct Broken {
    id: uuid::Uuid,
    sort: Phi<String>,
}

impl Document for Broken {
    const KIND: &'static str = "appointment";
    const PHI: bool = false;

    fn id(&self) -> uuid::Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        self.sort.expose().clone()
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// S5.
#[tokio::test]
async fn a_damaged_appointment_is_shown_as_such_and_hides_nobody() {
    let test = TestApp::new().await;
    test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    let broken = Broken { id: test.app.new_id(), sort: Phi::new("2026-03-03T16:00:00Z".to_owned()) };
    test.put(&broken).await;
    for view in ["day", "week"] {
        let path = format!("/schedule?day=2026-03-03&view={view}&clinician=all");
        let page = test.page("front_desk", &path).await.expect(200);
        assert!(page.text.contains("1 appointment of these days cannot be opened"));
        assert!(page.text.contains(&broken.id.to_string()));
        assert!(page.text.contains("Jordan Quillfeather"));
    }
}

#[tokio::test]
async fn a_clinician_sees_the_own_calendar_and_a_supervisor_the_supervised_one_as_well() {
    let test = TestApp::new().await;
    test.booked("jordan", "2026-03-03", "10:00:00", "in_person").await;
    test.booked("riley", "2026-03-03", "10:00:00", "in_person").await;
    for (who, jordan, riley) in [("clinician", true, false), ("supervisor", false, true), ("front_desk", true, true)] {
        let all = test.page(who, "/schedule?day=2026-03-03&clinician=all").await.expect(200);
        assert_eq!((all.text.contains("Jordan Quill"), all.text.contains("Riley Under")), (jordan, riley), "{who}");
        let listed = test.call(who, "GET", "/appointments", None).await.expect(200).json();
        let listed = listed["appointments"].as_array().unwrap().len();
        assert_eq!(listed, usize::from(jordan) + usize::from(riley), "{who}");
    }
    let ida = format!("/schedule?day=2026-03-03&clinician={}", test.ida);
    assert!(!test.page("clinician", &ida).await.expect(200).text.contains("10:00 AM"));
}

#[tokio::test]
async fn a_day_goes_through_by_the_pages() {
    let test = TestApp::new().await;
    let clinician = test.anna.to_string();
    let location = test.location.to_string();
    let client = test.jordan.to_string();
    let book = [
        ("client", client.as_str()),
        ("clinician", &clinician),
        ("location", &location),
        ("day", "2026-03-02"),
        ("at", "09:05"),
        ("minutes", "50"),
        ("modality", "audio"),
        ("service", "psychotherapy"),
        ("weeks", ""),
    ];
    let booked = test.submit("clinician", "/appointments/new", &book).await.expect(303);
    let path = booked.location().to_owned();
    let visit = format!("{path}/visit");
    test.submit("clinician", &visit, &[("act", "open"), ("version", "")]).await.expect(303);
    let check_in = [
        ("act", "check_in"),
        ("version", "1"),
        ("consent", "verbal"),
        ("signer", "client"),
        ("consent_name", "Jordan Quillfeather"),
        ("setting", "home"),
        ("street", "12 Elm Street"),
        ("city", "Albany"),
        ("state", "NY"),
        ("zip", "12207"),
        ("emergency_phone", "5185550199"),
        ("contact_first", "Kim"),
        ("contact_last", "Quillfeather"),
        ("contact_relationship", "sister"),
        ("contact_phone", ""),
    ];
    let refused = test.submit("front_desk", &visit, &check_in).await.expect(422);
    assert!(refused.text.contains("telephone of the emergency contact") && refused.text.contains("value=\"Kim\""));
    let mut check_in = check_in;
    check_in[14].1 = "5185550155";
    test.submit("front_desk", &visit, &check_in).await.expect(303);
    let waiting = test.page("clinician", &path).await.expect(200);
    assert!(waiting.text.contains("held by telephone") && waiting.text.contains("Let in"));
    test.submit("clinician", &visit, &[("act", "admit"), ("version", "2")]).await.expect(303);
    test.clock.advance(chrono::TimeDelta::minutes(12));
    test.submit("clinician", &visit, &[("act", "end"), ("version", "3")]).await.expect(303);
    assert!(test.page("clinician", &path).await.text.contains("completed"));
    let appointment = path.rsplit('/').next().unwrap();
    let begun = [("kind", "progress"), ("appointment", appointment)];
    let note = test.submit("clinician", "/notes", &begun).await.expect(303).location().to_owned();
    let text = [
        ("version", "1"),
        ("narrative", "Talked about work."),
        ("diagnoses", "f41.1"),
        ("start", "09:00"),
        ("stop", "09:12"),
        ("format", "narrative"),
        ("then", "sign"),
    ];
    let unread = test.submit("clinician", &note, &text).await.expect(422);
    assert!(unread.text.contains("must be agreed to") && unread.text.contains("Talked about work."));
    let mut signed = text.to_vec();
    signed[0].1 = "2";
    signed.push(("attestation", "author"));
    test.submit("clinician", &note, &signed).await.expect(303);
    let read = test.page("clinician", &note).await.expect(200);
    assert!(read.text.contains("Talked about work.") && read.text.contains("9:00 AM to 9:12 AM"));
    let added = [("version", "4"), ("kind", "addendum"), ("reason", "Left out."), ("text", "Sleeps well.")];
    test.submit("clinician", &format!("{note}/amend"), &added).await.expect(303);
    assert!(test.page("clinician", &note).await.text.contains("Sleeps well."));
}
