//! What the demo shows.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::{Program, Server};

fn words(list: &Value, of: &str, word: &str) -> BTreeSet<String> {
    list[of].as_array().unwrap().iter().filter_map(|one| one[word].as_str().map(str::to_owned)).collect()
}

#[test]
fn the_demo_has_a_person_of_each_role_and_a_claim_of_each_state() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let roles: BTreeSet<&str> = server.accounts.iter().flat_map(|account| account.roles.split(',')).collect();
    let all = ["administrator", "associate", "billing", "clinician", "front_desk", "supervisor"];
    assert_eq!(roles, BTreeSet::from(all));

    let billing = Program::sign_in(&server, server.account("billing"));
    let claims = billing.get(&server, "/api/v1/claims");
    let states = words(&claims, "claims", "status");
    let expected = ["accepted", "denied", "draft", "paid", "ready", "rejected", "submitted"];
    assert_eq!(states, expected.map(str::to_owned).into());
    assert_eq!(claims["unclaimed"], Value::Array(Vec::new()));
    assert_eq!(billing.get(&server, "/api/v1/jobs/failed"), Value::Array(Vec::new()));
    let blocked = claims["claims"].as_array().unwrap().iter().find(|claim| claim["status"] == "draft").unwrap();
    assert_eq!(blocked["findings"][0]["rule"], "earlier-decision");
}

#[test]
fn the_sample_remittance_pays_two_claims_and_denies_one() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let path =
        server.printed.lines().find_map(|line| line.strip_prefix("A remittance to upload as billing: ")).unwrap();
    let file = std::fs::read_to_string(path).unwrap();
    let billing = Program::sign_in(&server, server.account("billing"));
    let (status, answer) = billing.upload(&server.url, &file).unwrap();
    assert_eq!(status, 201, "{answer}");
    let id = answer["remittances"][0]["remittance"].as_str().unwrap();
    let posted = billing.get(&server, &format!("/api/v1/remittances/{id}"));
    assert_eq!(posted["state"], "posted");
    let kinds = words(&posted, "work", "kind");
    assert_eq!(kinds, BTreeSet::from(["denial".to_owned()]), "{posted}");
}

#[test]
fn the_demo_leaves_a_store_with_a_practice_as_it_is_and_writes_no_secret_to_disk() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let account = server.account("administrator").clone();
    server.kill();
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(account.password.len()).any(|part| part == account.password.as_bytes()));
    }
    let again = Server::start(data.path());
    assert!(again.printed.contains("There is a practice already, so --demo changes nothing."));
    assert!(again.accounts.is_empty());
    Program::sign_in(&again, &account);
}
