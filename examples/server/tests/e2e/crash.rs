//! What a power cut leaves behind.

use std::{sync::mpsc, thread, time::Instant};

use serde_json::Value;

use crate::{
    era::{self, Payment},
    server::{Program, Server},
};

/// How often the server is killed.
const ROUNDS: u32 = 10;

/// Makes a remittance of 200 claims, among them every claim of the demo that waits for its payment.
fn remittance(waiting: &[Payment], trace: &str) -> (String, i64) {
    let strangers = (0..200 - waiting.len()).map(|index| Payment {
        number: format!("{trace}X{index}"),
        lines: vec![("90834".to_owned(), 12_000)],
        day: "20260302".to_owned(),
    });
    let known = waiting.iter().map(|one| Payment {
        number: one.number.clone(),
        lines: one.lines.clone(),
        day: one.day.clone(),
    });
    era::write("SRHP1", trace, &known.chain(strangers).collect::<Vec<_>>())
}

fn waiting(billing: &Program, server: &Server) -> Vec<Payment> {
    let list = billing.get(server, "/api/v1/claims?status=submitted");
    let claims = list["claims"].as_array().unwrap().iter();
    claims
        .map(|claim| Payment::of(&billing.get(server, &format!("/api/v1/claims/{}", claim["id"].as_str().unwrap()))))
        .collect()
}

fn cash(billing: &Program, server: &Server) -> i64 {
    let balance = billing.get(server, "/api/v1/ledger/trial-balance");
    assert_eq!(balance["sum"], "0.00");
    let accounts = balance["accounts"].as_array().unwrap();
    let cash = accounts.iter().find(|account| account["account"] == "cash").unwrap();
    era::cents(cash["amount"].as_str().unwrap())
}

#[test]
fn a_server_killed_while_posting_loses_and_doubles_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path());
    let billing = Program::sign_in(&server, server.account("billing"));
    let administrator = Program::sign_in(&server, server.account("administrator"));
    let mut expected = cash(&billing, &server);
    let waiting = waiting(&billing, &server);
    assert!(waiting.len() >= 3);

    let undisturbed = Instant::now();
    let (file, amount) = remittance(&waiting, "CALM");
    assert_eq!(billing.upload(&server.url, &file).unwrap().0, 201);
    let takes = undisturbed.elapsed();
    expected += amount;
    assert_eq!(cash(&billing, &server), expected);

    let (mut before, mut after) = (0, 0);
    for round in 1..=ROUNDS {
        let (file, amount) = remittance(&[], &format!("CUT{round}"));
        let (answered, answer) = mpsc::channel();
        let (program, url, sent) = (billing.clone(), server.url.clone(), file.clone());
        let upload = thread::spawn(move || answered.send(program.upload(&url, &sent).is_ok()));
        // The cuts are spread over the time an upload takes, and beyond.
        let _ = answer.recv_timeout(takes * 3 * round / (2 * ROUNDS));
        server.kill();
        upload.join().unwrap().ok();
        server = Server::start(data.path());
        assert!(server.printed.contains("changes nothing"));

        let present = cash(&billing, &server);
        assert!(present == expected || present == expected + amount, "posted in part: {present} after {expected}");
        let (status, answer) = billing.upload(&server.url, &file).unwrap();
        match present == expected {
            true => (before += 1, assert_eq!(status, 201, "{answer}")).1,
            false => (after += 1, assert_eq!(status, 409, "{answer}")).1,
        }
        expected += amount;
        assert_eq!(cash(&billing, &server), expected);
        assert_eq!(billing.upload(&server.url, &file).unwrap().0, 409);
        assert_eq!(cash(&billing, &server), expected);
    }
    println!("an upload takes {takes:?}; {before} cuts came before it was in the books, {after} after");
    assert!(before > 0, "no cut came in time");

    let list = billing.get(&server, "/api/v1/remittances");
    let traces: Vec<&str> =
        list["remittances"].as_array().unwrap().iter().filter_map(|r| r["trace"].as_str()).collect();
    for round in 1..=ROUNDS {
        assert_eq!(traces.iter().filter(|trace| **trace == format!("CUT{round}")).count(), 1);
    }
    let (status, verified) = administrator.post(&server.url, "/api/v1/audit/verification", &Value::Null).unwrap();
    assert_eq!((status, &verified["verified"]), (200, &Value::Bool(true)), "{verified}");
}
