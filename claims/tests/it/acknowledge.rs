use std::collections::BTreeMap;

use mentalspace_claims::acknowledge::{ClaimAcknowledger, Reply, Responder, Units, write, write_claims};
use mentalspace_claims::lifecycle::{ClaimEvent, Response, Sent};
use mentalspace_claims::transaction::document::{Document, Transaction};
use mentalspace_claims::validate::{Report, Severity, Snip, validate};
use mentalspace_claims::x12::{InterchangeParty, Reader, unwrap_lines};

use crate::corpus;
use crate::people::day;

fn reply() -> Reply {
    let mut reply = Reply::new(day("2024-02-01").and_hms_opt(8, 30, 0).unwrap(), 501, 601);
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    reply.parties = Some((party("EXCHANGE"), party("LAKESIDE")));
    reply
}

fn answer(bytes: &[u8], reply: &Reply) -> (Report, Vec<u8>) {
    let bytes = unwrap_lines(bytes);
    let report = validate(&bytes);
    let mut units = Units::default();
    Reader::new(&bytes).flatten().for_each(|segment| units.feed(&segment));
    let answer = write(&report, Some(&units), reply).unwrap();
    (report, answer)
}

fn claim_answer(bytes: &[u8], reply: &Reply) -> Vec<u8> {
    let bytes = unwrap_lines(bytes);
    let report = validate(&bytes);
    let responder = Responder::payer("EXAMPLE HEALTH PLAN", "EHP01", "CA-77", day("2024-01-31"));
    let Ok(mut acknowledger) = ClaimAcknowledger::new(&report, &responder, reply) else { return Vec::new() };
    Reader::new(&bytes).flatten().for_each(|segment| acknowledger.feed(&segment));
    write_claims(&report, &acknowledger.finish(), reply).unwrap()
}

/// Returns what our own validation says against an answer of ours, syntax and guide; that a number of the sender's which
/// it returns is none is not held against it.
fn complaints(answer: &[u8]) -> Vec<String> {
    let report = validate(answer);
    let grave = report.findings.iter().filter(|f| f.severity > Severity::Info && f.rule.snip <= Snip::Guide);
    grave.map(|f| format!("{} {} {:?} in {} at {}", f.rule.id, f.segment, f.element, f.loop_id, f.position)).collect()
}

/// Samples whose answer has to return what is wrong with their own headers.
const RETURNED: [(&str, &str); 2] =
    [("example835NoISA.txt", "a GS without a code and a version"), ("ele.x12", "a time of 33:39 in the ISA")];

#[test]
fn every_answer_to_a_sample_is_valid_itself() {
    let (mut answered, mut failures) = (BTreeMap::<_, usize>::new(), Vec::new());
    for sample in corpus::samples() {
        let bytes = sample.bytes();
        let answers = [("999", answer(&bytes, &reply()).1), ("277CA", claim_answer(&bytes, &lenient()))];
        for (kind, answer) in answers.into_iter().filter(|(_, answer)| !answer.is_empty()) {
            *answered.entry(kind).or_default() += 1;
            let complaints = complaints(&answer);
            let returned = RETURNED.iter().any(|(name, _)| sample.path.ends_with(name));
            if complaints.is_empty() == (returned && kind == "999") {
                failures.push(format!("{} {kind}: {}", sample.path.display(), complaints.join("; ")));
            }
        }
    }
    println!("answers: {answered:?}");
    assert!(failures.is_empty(), "{} of {answered:?}\n{}", failures.len(), failures.join("\n"));
}

/// What is wrong with single claims is for the 277CA.
fn lenient() -> Reply {
    let mut reply = reply();
    reply.up_to = Snip::Syntax;
    reply
}

const BATCH: &str = include_str!("../golden/837p/many_claims.x12");

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], "")
}

#[test]
fn a_file_its_answers_and_its_claims_agree_from_end_to_end() {
    let file = one_line(BATCH).replacen("CLM*MANY-2*150*", "CLM*MANY-2*151*", 1);
    let mut reply = reply();
    reply.up_to = Snip::Guide;
    let (report, answer) = answer(file.as_bytes(), &reply);
    assert_eq!(report.errors, 1, "{:?}", report.findings);
    let sent = |claim| Sent {
        interchange: "000000001",
        group: "1",
        set: "0001",
        batch: "BATCH1",
        provider: "1888888884",
        claim,
    };
    let accepted = Response::of_document(&Document::read(&answer).unwrap());
    assert_eq!(accepted[0].answer_to(&sent("MANY-2")).unwrap().event, None, "the set as such is fine");
    let claims = Response::of_document(&Document::read(&claim_answer(file.as_bytes(), &reply)).unwrap());
    let event = |claim| claims.iter().find_map(|r| r.answer_to(&sent(claim))).unwrap().event;
    assert_eq!(event("MANY-1"), Some(ClaimEvent::Accept));
    assert_eq!(event("MANY-2"), Some(ClaimEvent::Reject));
}

#[test]
fn ten_thousand_claims_are_answered_one_by_one() {
    let file = one_line(BATCH);
    let (first, second) = (file.find("HL*2*").unwrap(), file.find("CLM*MANY-2*").unwrap());
    let subscriber = file[first..second].trim_start_matches("HL*2*1*22*0~");
    let mut many = file[..first].to_owned();
    for n in 0..10_000 {
        many += &format!("HL*{}*1*22*0~{}", n + 2, subscriber.replace("MANY-1", &format!("BULK-{n}")));
    }
    let segments = many.matches('~').count() - 1;
    many += &format!("SE*{segments}*0001~GE*1*1~IEA*1*000000001~");
    let text = String::from_utf8(claim_answer(many.as_bytes(), &reply())).unwrap();
    assert!(text.contains("QTY*90*10000~AMT*YU*1500000~"), "{text:.900}");
    assert_eq!(text.matches("~STC*A2:20*").count(), 10_000);
    assert_eq!(complaints(text.as_bytes()), Vec::<String>::new());
}

/// What an acknowledgement says, in the words of the 999: segment id and code, element and code, verdicts.
fn gist(document: &Document) -> Vec<String> {
    let mut gist = Vec::new();
    for interchange in &document.interchanges {
        gist.extend(interchange.acknowledgements.iter().map(|ta1| format!("TA1 {} {}", &*ta1.action, &*ta1.note)));
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            let Transaction::ImplementationAcknowledgement(answer) = &set.transaction else { continue };
            gist.push(format!("AK1 {} {}", &*answer.group.code, &*answer.group.control));
            for set in &answer.sets {
                gist.push(format!("AK2 {} {}", &*set.set.code, &*set.set.control));
                for segment in &set.segments {
                    let note = &segment.note;
                    let at = if note.code == "3" { "-".into() } else { note.position.text() };
                    gist.push(format!("IK3 {} {} {}", &*note.segment, &*at, &*note.code));
                    for element in &segment.elements {
                        let (note, place) = (&element.note, &element.note.place);
                        gist.push(format!(
                            "IK4 {}:{} {} {} {}",
                            &*place.element, &*place.component, &*note.data_element, &*note.code, &*note.copy
                        ));
                    }
                }
                gist.push(format!("IK5 {}", &*set.verdict.action));
            }
            let verdict = &answer.verdict;
            gist.push(format!("AK9 {} {} {}", &*verdict.action, &*verdict.received.text(), &*verdict.accepted.text()));
        }
    }
    gist
}

/// Where our answer differs from that of the other validator, and why.
const DIFFERENCES: [(&str, &str); 13] = [
    ("837miss.x12", "an interchange without its end is rejected by a TA1 alone; they answer its group as well"),
    ("ele.x12", "an interchange with a bad header is rejected by a TA1 alone; they answer its group as well"),
    ("fail_no_IEA.x12", "an interchange without its end is rejected by a TA1 alone; they answer its group as well"),
    ("mult_isa.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("multiple_trn.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("simple1.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("bad_2010AA_bug.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("per_segment_repeat.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("elements.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("bad_header_looping.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("blank1.x12", "4010: no guide of that version is held, so only its syntax is answered"),
    ("trailing_terms.x12", "separators at the end of a segment are a warning with us, an error with them"),
    ("834_eol_in_element.x12", "our copy of a bad element is all of it, theirs the bad character"),
];

#[test]
fn answers_agree_with_those_of_another_validator_but_for_explained_differences() {
    let (mut agreed, mut failures) = (0, Vec::new());
    let all = corpus::samples();
    for sample in &all {
        let expected = sample.get("expected_file");
        if !expected.contains("azoner__pyx12") {
            continue;
        }
        let name = sample.path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read(corpus::folder().unwrap().join(expected)).unwrap();
        let ours = gist(&Document::read(&answer(&sample.bytes(), &reply()).1).unwrap());
        let theirs = gist(&Document::read(&expected).unwrap());
        let explained = DIFFERENCES.iter().any(|(differs, _)| *differs == name);
        // Where the TA1 stands is not agreed upon.
        let sorted = |mut lines: Vec<String>| {
            lines.sort_by_key(|line| !line.starts_with("TA1"));
            lines
        };
        match (sorted(ours.clone()) == sorted(theirs.clone()), explained) {
            (true, false) => agreed += 1,
            (true, true) => failures.push(format!("{name} agrees; it need not be explained")),
            (false, true) => {}
            (false, false) => failures.push(format!("{name}: ours {ours:#?}, theirs {theirs:#?}")),
        }
    }
    println!("acknowledgements: {agreed} agree, {} differ as explained", DIFFERENCES.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(agreed > 3 || all.is_empty(), "{agreed}");
}
