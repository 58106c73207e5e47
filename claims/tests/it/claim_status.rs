use mentalspace_claims::transaction::claim_status::{GUIDE, Outcome, StatusCode, StatusQuestion};
use mentalspace_claims::validate::validate;

use crate::people::{child, claim, day, draft};

fn at() -> chrono::NaiveDateTime {
    day("2024-02-01").and_hms_opt(8, 30, 0).unwrap()
}

#[test]
fn a_question_about_a_claim_names_it_by_every_number_that_is_known() {
    let claim = claim("MANY-2");
    let mut question = StatusQuestion::new(&claim, ("LAKESIDE COUNSELING", "LAKE01"), "S-1", at());
    question.payer_claim_number = Some("P77".into());
    let file = crate::written::file("HR", "276", GUIDE, |out| question.inquiry().write(out));
    assert_eq!(validate(&file).findings, [], "{}", String::from_utf8_lossy(&file));
    insta::assert_snapshot!(crate::written::lines(&file), @r"
    BHT*0010*13*S-1*20240201*0830
    HL*1**20*1
    NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01
    HL*2*1*21*1
    NM1*41*2*LAKESIDE COUNSELING*****46*LAKE01
    HL*3*2*19*1
    NM1*1P*2*LAKESIDE COUNSELING*****XX*1888888884
    HL*4*3*22*0
    DMG*D8*19850412*F
    NM1*IL*1*RIVERS*ALEX****MI*W123456789
    TRN*1*S-1
    REF*1K*P77
    REF*EJ*MANY-2
    AMT*T3*150
    DTP*472*D8*20240115
    ");
}

#[test]
fn the_claim_of_a_dependent_stands_below_the_dependent() {
    let mut draft = draft("KID-1");
    draft.patient = Some(child());
    let claim = draft.try_into().unwrap();
    let inquiry = StatusQuestion::new(&claim, ("LAKESIDE COUNSELING", "LAKE01"), "S-2", at()).inquiry();
    let subscriber = &inquiry.sources[0].receivers[0].providers[0].subscribers[0];
    assert!(subscriber.patient.claims.is_empty());
    assert_eq!(subscriber.dependents[0].claims[0].reference("EJ"), Some("KID-1"));
}

#[test]
fn every_category_of_the_list_comes_to_something() {
    let outcome = |category: &str| StatusCode { category: category.into(), ..StatusCode::default() }.outcome();
    for (category, expected) in [
        ("A0", Outcome::Received),
        ("A1", Outcome::Received),
        ("A2", Outcome::Accepted),
        ("A3", Outcome::Rejected),
        ("A4", Outcome::NotFound),
        ("A5", Outcome::Received),
        ("A6", Outcome::Rejected),
        ("A7", Outcome::Rejected),
        ("A8", Outcome::Rejected),
        ("D0", Outcome::NotFound),
        ("E4", Outcome::Failed),
        ("F0", Outcome::Decided),
        ("F1", Outcome::Paid),
        ("F2", Outcome::Denied),
        ("F3F", Outcome::Decided),
        ("P5", Outcome::Pending),
        ("R13", Outcome::Requested),
    ] {
        assert_eq!(outcome(category), Some(expected), "{category}");
    }
    assert_eq!(outcome("ZZ"), None);
}
