use mentalspace_core::store::Document;
use mentalspace_telehealth_port::visit::Visit;

use crate::fixture::{CLIENT, PERSONAL, Run, SECOND, client_id, minute, secret};

fn eventful() -> Run {
    let mut run = Run::in_progress();
    run.drop_out(CLIENT, minute(10));
    run.must(|visit| visit.rejoin(CLIENT, &secret(), minute(11)));
    run
}

#[test]
fn a_visit_is_stored_in_this_shape() {
    insta::assert_json_snapshot!(eventful().visit);
}

#[test]
fn the_log_is_stored_in_this_shape() {
    insta::assert_json_snapshot!(eventful().log);
}

#[test]
fn store_and_log_give_the_visit_back() {
    let run = eventful();
    let stored = serde_json::to_string(&run.visit).unwrap();
    assert_eq!(serde_json::from_str::<Visit>(&stored).unwrap(), run.visit);
    let log = serde_json::from_str::<Vec<_>>(&serde_json::to_string(&run.log).unwrap()).unwrap();
    assert_eq!(Visit::replay(&log).unwrap(), run.visit);
}

#[test]
fn a_log_begins_and_only_begins_with_the_booking() {
    let log = eventful().log;
    assert!(Visit::replay(&[]).is_err());
    assert!(Visit::replay(&log[1..]).is_err());
    assert!(Visit::replay(&[log[0].clone(), log[0].clone()]).is_err());
}

#[test]
fn neither_visit_nor_log_prints_anything_personal() {
    let run = eventful();
    let shown = format!("{run:?}");
    for text in PERSONAL.into_iter().chain(["room secret"]) {
        assert!(!shown.contains(text), "{text}");
    }
}

#[test]
fn a_visit_is_found_by_appointment_client_and_state() {
    let terms = |run: &Run| format!("{:?}", run.visit.terms());
    insta::assert_snapshot!(terms(&Run::scheduled()));
    assert!(!terms(&Run::ended()).contains("live"), "nothing is left to do");
    assert_eq!(Run::scheduled().visit.client(), Some(client_id(0xA1)));
    let group = Run::group();
    assert_eq!(group.visit.client(), None, "a group belongs to no single client");
    assert!(terms(&group).contains(&client_id(SECOND.uuid().as_u128()).to_string()));
    assert_eq!(group.visit.sort(), "2026-11-23T15:00:00.000000Z");
}
