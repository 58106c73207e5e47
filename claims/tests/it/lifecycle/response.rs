use mentalspace_claims::lifecycle::{About, ClaimEvent, ClaimStatus, Response, Sent, Work};
use mentalspace_claims::transaction::document::Document;

use crate::corpus;

const SENT: Sent<'_> = Sent {
    interchange: "000000041",
    group: "41",
    set: "0001",
    batch: "BATCH1",
    provider: "1888888884",
    claim: "MANY-2",
};

fn file(code: &str, set: &str, guide: &str, body: &str) -> Vec<Response> {
    let text = format!(
        "ISA*00*          *00*          *ZZ*EXCHANGE       *ZZ*LAKESIDE       *240201*0830*^*00501*000000501*0*T*:~\
         GS*{code}*EXCHANGE*LAKESIDE*20240201*0830*601*X*{guide}~ST*{set}*0001*{guide}~{body}SE*9*0001~GE*1*601~\
         IEA*1*000000501~"
    );
    Response::of_document(&Document::read(text.as_bytes()).unwrap())
}

fn acknowledged(body: &str) -> Vec<Response> {
    file("FA", "999", "005010X231A1", body)
}

fn claim_acknowledged(body: &str) -> Vec<Response> {
    let head = "BHT*0085*08*CA-77*20240201*0830*TH~HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~HL*2*1*21*1~\
        NM1*41*2*LAKESIDE*****46*LAKE01~TRN*2*BATCH1~STC*A1:19:PR*20240201*WQ*300~HL*3*2*19*1~NM1*85*2*LAKESIDE*****XX*1888888884~";
    file("HN", "277", "005010X214", &format!("{head}{body}"))
}

fn claim(stc: &str) -> Response {
    let body = format!("HL*4*3*PT~NM1*QC*1*RIVERS*ALEX****MI*W1~TRN*2*many-2~{stc}~REF*1K*P77~DTP*472*D8*20240115~");
    claim_acknowledged(&body).remove(0)
}

#[test]
fn a_rejected_interchange_rejects_every_claim_in_it_and_asks_to_send_the_file_again() {
    let text = "ISA*00*          *00*          *ZZ*EXCHANGE       *ZZ*LAKESIDE       *240201*0830*^*00501*000000501*0*T*:~\
        TA1*000000041*240131*1200*R*023~TA1*000000042*240131*1200*A*000~IEA*0*000000501~";
    let responses = Response::of_document(&Document::read(text.as_bytes()).unwrap());
    assert_eq!(responses.len(), 1, "an accepted interchange says nothing about claims");
    let answer = responses[0].answer_to(&SENT).unwrap();
    assert_eq!((answer.event, answer.work), (Some(ClaimEvent::Reject), Some(Work::ResendFile)));
    assert_eq!(answer.reasons[0].code, "023");
    assert!(responses[0].answer_to(&Sent { interchange: "000000042", ..SENT }).is_none());
}

#[test]
fn an_accepted_set_is_not_yet_an_accepted_claim() {
    let responses = acknowledged("AK1*HC*41*005010X222A1~AK2*837*0001~IK5*A~AK9*A*1*1*1~");
    let answer = responses[0].answer_to(&SENT).unwrap();
    assert_eq!((answer.event, answer.work), (None, None));
    assert_eq!(answer.applied_to(ClaimStatus::Submitted), Ok(ClaimStatus::Submitted));
}

#[test]
fn of_a_rejected_set_the_named_claim_is_corrected_and_the_others_are_sent_again() {
    let responses = acknowledged(
        "AK1*HC*41*005010X222A1~AK2*837*0001~IK3*CLM*27*2300*8~CTX*CLM01:MANY-2~IK4*5:1*1331*7*95~IK5*R*I5~AK2*837*0002~\
         IK5*A~AK9*P*2*2*1~",
    );
    let guilty = responses[0].answer_to(&SENT).unwrap();
    assert_eq!((guilty.event, guilty.work), (Some(ClaimEvent::Reject), Some(Work::CorrectClaim)));
    assert_eq!(
        (&*guilty.reasons[0].segment, &*guilty.reasons[0].element, &*guilty.reasons[0].code),
        ("CLM", "5:1", "7")
    );
    let innocent = responses[0].answer_to(&Sent { claim: "MANY-1", ..SENT }).unwrap();
    assert_eq!((innocent.event, innocent.work), (Some(ClaimEvent::Reject), Some(Work::SendAgain)));
    assert!(innocent.reasons.is_empty());
    let other = Sent { set: "0002", ..SENT };
    assert!(responses[0].answer_to(&other).is_none());
    assert_eq!(responses[1].answer_to(&other).unwrap().event, None);
}

#[test]
fn a_rejected_group_takes_its_accepted_sets_with_it() {
    let responses = acknowledged("AK1*HC*41*005010X222A1~AK2*837*0001~IK5*A~AK9*R*2*1*0*5~");
    let answer = responses[0].answer_to(&SENT).unwrap();
    assert_eq!((answer.event, answer.work), (Some(ClaimEvent::Reject), Some(Work::ResendFile)));
    let responses = acknowledged("AK1*HC*41*005010X222A1~AK9*R*0*0*0*3~");
    assert_eq!(responses[0].answer_to(&SENT).unwrap().event, Some(ClaimEvent::Reject));
}

#[test]
fn the_answer_to_a_group_of_inquiries_touches_no_claim() {
    assert!(acknowledged("AK1*HS*41*005010X279A1~AK2*270*0001~IK5*R*5~AK9*R*1*1*0~").is_empty());
}

#[test]
fn the_category_decides_and_not_the_action_code() {
    let rejected = claim("STC*A7:562:85*20240201*WQ*150");
    assert_eq!(rejected.answer_to(&SENT).unwrap().event, Some(ClaimEvent::Reject));
    let accepted = claim("STC*A2:20*20240201*U*150");
    assert_eq!(accepted.answer_to(&SENT).unwrap().event, Some(ClaimEvent::Accept));
    assert_eq!(accepted.payer_claim_number.unwrap(), "P77");
}

#[test]
fn receipt_alone_changes_nothing_and_the_worst_of_several_codes_counts() {
    assert_eq!(claim("STC*A1:19:PR*20240201*WQ*150").answer_to(&SENT).unwrap().event, None);
    let mixed = claim("STC*A1:19:PR*20240201*WQ*150******A3:187").answer_to(&SENT).unwrap();
    assert_eq!(mixed.event, Some(ClaimEvent::Reject));
    let codes: Vec<_> = mixed.reasons.iter().filter_map(|r| r.status.as_ref()).map(|s| s.code.to_string()).collect();
    assert_eq!(codes, ["19", "187"]);
}

#[test]
fn a_rejected_line_rejects_the_claim_and_names_itself() {
    let response = claim("STC*A7:21*20240201*U*150~SVC*HC:90837*150~STC*A7:454**U~REF*FJ*L1");
    let answer = response.answer_to(&SENT).unwrap();
    assert_eq!(answer.event, Some(ClaimEvent::Reject));
    assert_eq!(answer.reasons[1].line.as_ref().unwrap(), "L1");
}

#[test]
fn a_batch_that_is_rejected_before_any_claim_was_read_rejects_all_its_claims() {
    let responses = claim_acknowledged("");
    assert_eq!(responses.len(), 0, "a provider without a status says nothing");
    let responses = claim_acknowledged("TRN*1*0~STC*A3:24:85**U*300~");
    assert!(matches!(&responses[0].about, About::Batch { provider: Some(_), .. }));
    assert_eq!(responses[0].answer_to(&SENT).unwrap().event, Some(ClaimEvent::Reject));
    assert!(responses[0].answer_to(&Sent { provider: "1999999992", ..SENT }).is_none());
    assert!(responses[0].answer_to(&Sent { batch: "BATCH2", ..SENT }).is_none());
}

#[test]
fn a_status_response_moves_the_claim_and_says_what_to_do() {
    let status = |stc: &str| {
        let body = format!(
            "BHT*0010*08*R1*20240201*0830*DG~HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~HL*2*1*21*1~\
             NM1*41*2*LAKESIDE*****46*LAKE01~HL*3*2*19*1~NM1*1P*2*LAKESIDE*****XX*1888888884~HL*4*3*22*0~\
             NM1*IL*1*RIVERS*ALEX****MI*W1~TRN*2*Q-9~STC*{stc}*20240201**150~REF*EJ*MANY-2~"
        );
        let answer = file("HN", "277", "005010X212", &body)[0].answer_to(&SENT).unwrap();
        (answer.event, answer.work)
    };
    assert_eq!(status("P1:20"), (Some(ClaimEvent::Process), None));
    assert_eq!(status("F1:65"), (Some(ClaimEvent::Process), Some(Work::AwaitRemittance)));
    assert_eq!(status("F2:1"), (Some(ClaimEvent::Deny), Some(Work::ReviewDenial)));
    assert_eq!(status("R4:1"), (Some(ClaimEvent::Process), Some(Work::SendInformation)));
    assert_eq!(status("A4:35"), (None, Some(Work::FindClaim)));
    assert_eq!(status("E1:0"), (None, Some(Work::AskAgain)));
}

#[test]
fn a_late_good_word_takes_nothing_back_and_a_contradiction_is_an_error() {
    let accepted = claim("STC*A2:20*20240201*WQ*150").answer_to(&SENT).unwrap();
    assert_eq!(accepted.applied_to(ClaimStatus::Submitted), Ok(ClaimStatus::Accepted));
    assert_eq!(accepted.applied_to(ClaimStatus::Paid), Ok(ClaimStatus::Paid));
    assert_eq!(accepted.applied_to(ClaimStatus::Rejected), Ok(ClaimStatus::Rejected));
    let rejected = claim("STC*A3:21*20240201*U*150").answer_to(&SENT).unwrap();
    assert_eq!(rejected.applied_to(ClaimStatus::Submitted), Ok(ClaimStatus::Rejected));
    assert_eq!(rejected.applied_to(ClaimStatus::Rejected), Ok(ClaimStatus::Rejected));
    assert!(rejected.applied_to(ClaimStatus::Paid).is_err());
    assert!(rejected.applied_to(ClaimStatus::Draft).is_err());
}

/// The samples say A7 with WQ: a rejection whose action code is that of an acceptance.
#[test]
fn every_acknowledging_sample_tells_something_about_its_claims() {
    let mut told = 0;
    for sample in corpus::samples() {
        if !matches!(sample.get("transaction"), "277CA" | "999" | "277") {
            continue;
        }
        let Ok(document) = Document::read(&sample.bytes()) else { continue };
        let responses = Response::of_document(&document);
        told += responses.len();
        if sample.path.to_string_lossy().contains("277CA Sample (Rejected)") {
            assert_eq!(responses[0].event, Some(ClaimEvent::Reject));
        }
    }
    println!("responses: {told}");
    assert!(told > 20 || corpus::folder().is_none(), "{told}");
}
