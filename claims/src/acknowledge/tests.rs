//! Answers to reports that are made up segment by segment.

use chrono::{NaiveDate, NaiveDateTime};

use super::{ClaimAcknowledger, Reply, Responder, Units, Warnings, write, write_claims};
use crate::transaction::claim_status::Outcome;
use crate::transaction::document::{Document, Transaction};
use crate::validate::{
    Ack, Findings, GroupReport, InterchangeReport, Report, Rule, SegmentId, SetReport, Severity, Snip, Verdict,
};
use crate::x12::{Envelope, Reader, Segment};

const MANY: &[u8] = include_bytes!("../../tests/golden/837p/many_claims.x12");

static MISSING: Rule = Rule::error("t-missing", Snip::Guide, Ack::Segment("3"), "", "");
static BAD_CODE: Rule = Rule::error("t-code", Snip::Guide, Ack::Element("7"), "", "");
static BAD_CHARACTER: Rule = Rule::error("t-character", Snip::Syntax, Ack::Element("6"), "", "");
static ODD_CODE: Rule = Rule::warning("t-odd", Snip::Code, Ack::Element("I12"), "", "");
static BALANCE: Rule = Rule::error("t-balance", Snip::Balance, Ack::Unnamed, "", "");
static DATE: Rule = Rule::error("t-date", Snip::Code, Ack::Element("8"), "", "");
static NPI: Rule = Rule::error("t-npi", Snip::Code, Ack::Element("7"), "", "");
static COUNT: Rule = Rule::error("t-count", Snip::Syntax, Ack::Set("4"), "", "");
static SETS: Rule = Rule::error("t-sets", Snip::Syntax, Ack::Group("5"), "", "");
static TRAILER: Rule = Rule::error("t-trailer", Snip::Syntax, Ack::Interchange("023"), "", "");
static OLD: Rule = Rule::warning("t-old", Snip::Syntax, Ack::Interchange("021"), "", "");

/// A finding in the segment that begins with `at`, the `nth` of them counted from 0.
struct Fault {
    rule: &'static Rule,
    at: &'static str,
    nth: usize,
    element: (u8, u8),
    number: u16,
    value: &'static str,
    loop_id: &'static str,
}

fn fault(rule: &'static Rule, at: &'static str) -> Fault {
    Fault { rule, at, nth: 0, element: (0, 0), number: 0, value: "", loop_id: "" }
}

fn clean() -> String {
    String::from_utf8_lossy(MANY).chars().filter(|c| *c != '\n' && *c != '\r').collect()
}

/// What a validation would report that found the given faults and nothing else.
fn report(bytes: &[u8], faults: &[Fault], wants_ta1: bool) -> Report {
    let mut report = Report::default();
    let mut findings = Findings::new(1000);
    let mut envelope = Envelope::new();
    let mut seen = vec![0; faults.len()];
    let index = |n: usize| n.checked_sub(1);
    for segment in Reader::new(bytes).map(Result::unwrap) {
        envelope.feed(&segment);
        match segment.id() {
            b"ISA" => report.interchanges.push(InterchangeReport {
                header: envelope.interchange().cloned(),
                wants_ta1,
                verdict: Verdict::Accepted,
            }),
            b"GS" => report.groups.push(GroupReport {
                interchange: index(report.interchanges.len()),
                header: envelope.group().cloned(),
                declared: None,
                received: 0,
                accepted: 0,
                verdict: Verdict::Accepted,
            }),
            b"ST" => report.sets.push(SetReport {
                group: index(report.groups.len()),
                header: envelope.set().unwrap().clone(),
                segments: 0,
                claims: 0,
                verdict: Verdict::Accepted,
            }),
            _ => {}
        }
        findings.interchange = index(report.interchanges.len());
        findings.group = index(report.groups.len());
        findings.set = index(report.sets.len());
        for (fault, seen) in faults.iter().zip(&mut seen) {
            if segment.bytes().starts_with(fault.at.as_bytes()) {
                *seen += 1;
                if *seen == fault.nth + 1 {
                    find(&mut findings, &segment, fault);
                }
            }
        }
    }
    report.findings = findings.kept().to_vec();
    report.errors = findings.errors();
    decide(&mut report);
    report
}

fn find(findings: &mut Findings, segment: &Segment<'_>, fault: &Fault) {
    let id = if matches!(fault.rule.ack, Ack::Segment("3")) { SegmentId::new(b"REF") } else { SegmentId::of(segment) };
    let mut pending = findings.pending(fault.rule, segment.position(), fault.loop_id, id);
    if fault.element.0 > 0 {
        pending = pending.element(fault.element).data_element(fault.number);
    }
    if !fault.value.is_empty() {
        drop(pending.value(fault.value.as_bytes()));
    }
}

fn decide(report: &mut Report) {
    for finding in &report.findings {
        let verdict = match finding.severity {
            Severity::Error => Verdict::Rejected,
            Severity::Warning => Verdict::AcceptedWithErrors,
            Severity::Info => Verdict::Accepted,
        };
        match finding.rule.ack {
            Ack::Interchange(_) => report.interchanges[finding.interchange.unwrap()].verdict = verdict,
            Ack::Group(_) => report.groups[finding.group.unwrap()].verdict = verdict,
            _ => {
                let own = &mut report.sets[finding.set.unwrap()].verdict;
                *own = if *own == Verdict::Rejected { *own } else { verdict };
            }
        }
    }
}

fn at() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 2, 1).unwrap().and_hms_opt(8, 30, 0).unwrap()
}

fn reply() -> Reply {
    Reply::new(at(), 501, 601)
}

fn units(bytes: &[u8]) -> Units {
    let mut units = Units::default();
    Reader::new(bytes).map(Result::unwrap).for_each(|segment| units.feed(&segment));
    units
}

fn answer(bytes: &[u8], faults: &[Fault], reply: &Reply, wants_ta1: bool) -> String {
    let out = write(&report(bytes, faults, wants_ta1), Some(&units(bytes)), reply).unwrap();
    String::from_utf8(out).unwrap()
}

/// Returns the segments of an answer between ST and SE, one per line.
fn body(text: &str) -> String {
    let inner = |s: &&str| !["ISA", "GS*", "ST*", "SE*", "GE*", "IEA"].iter().any(|id| s.starts_with(id));
    text.split('~').filter(|s| !s.is_empty()).filter(inner).collect::<Vec<_>>().join("\n")
}

fn claim_answer(
    bytes: &[u8],
    faults: &[Fault],
    up_to: Snip,
    responder: &Responder,
) -> (String, Vec<super::ClaimAnswer>) {
    let reply = Reply { up_to, ..reply() };
    let report = report(bytes, faults, false);
    let mut acknowledger = ClaimAcknowledger::new(&report, responder, &reply).unwrap();
    Reader::new(bytes).map(Result::unwrap).for_each(|segment| acknowledger.feed(&segment));
    let answers = acknowledger.finish();
    let text = String::from_utf8(write_claims(&report, &answers, &reply).unwrap()).unwrap();
    (text, answers)
}

fn payer() -> Responder {
    Responder::payer("Example Health Plan", "EHP01", "CA-77", NaiveDate::from_ymd_opt(2024, 1, 31).unwrap())
}

#[test]
fn a_clean_file_is_accepted_with_sender_and_receiver_swapped() {
    let text = answer(clean().as_bytes(), &[], &reply(), false);
    assert!(text.starts_with(
        "ISA*00*          *00*          *ZZ*EXCHANGE       *ZZ*LAKESIDE       *240201*0830*^*00501*000000501*0*T*:~"
    ));
    insta::assert_snapshot!(&text[106..], @r"GS*FA*EXCHANGE*LAKESIDE*20240201*0830*601*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HC*1*005010X222A1~AK2*837*0001*005010X222A1~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*601~IEA*1*000000501~");
}

#[test]
fn a_bad_segment_is_told_with_its_place_its_claim_and_a_copy_of_the_bad_value() {
    let faults = [
        Fault { element: (5, 1), number: 1331, value: "95", loop_id: "2300", ..fault(&BAD_CODE, "CLM*MANY-2") },
        Fault { element: (5, 3), number: 1325, value: "9", loop_id: "2300", ..fault(&BAD_CODE, "CLM*MANY-2") },
        Fault { loop_id: "2010AA", nth: 1, ..fault(&MISSING, "HL*2") },
        Fault { loop_id: "2010AA", ..fault(&MISSING, "HL*2") },
    ];
    insta::assert_snapshot!(body(&answer(clean().as_bytes(), &faults, &reply(), false)), @r"
    AK1*HC*1*005010X222A1
    AK2*837*0001*005010X222A1
    IK3*REF*12*2010*3
    IK3*CLM*27*2300*8
    CTX*CLM01:MANY-2
    IK4*5:1*1331*7*95
    IK4*5:3*1325*7*9
    IK5*R*I5
    AK9*R*1*1*0
    ");
}

#[test]
fn a_copy_never_holds_a_delimiter_or_a_control_character() {
    let faults =
        [Fault { element: (1, 0), number: 166, value: "7 CEDAR\nCOURT:*~^é", ..fault(&BAD_CHARACTER, "N3*7") }];
    insta::assert_snapshot!(body(&answer(clean().as_bytes(), &faults, &reply(), false)), @r"
    AK1*HC*1*005010X222A1
    AK2*837*0001*005010X222A1
    IK3*N3*15**8
    IK4*1*166*6*7 CEDAR<LF>COURT?????
    IK5*R*5
    AK9*R*1*1*0
    ");
}

#[test]
fn warnings_are_told_or_left_out_as_the_reply_says() {
    let faults = [Fault { element: (3, 0), number: 127, value: "X", ..fault(&ODD_CODE, "PRV*PE") }];
    let told = body(&answer(clean().as_bytes(), &faults, &reply(), false));
    assert!(told.contains("IK5*E*I5") && told.contains("AK9*E*1*1*1"), "{told}");
    let silent = Reply { warnings: Warnings::Silent, ..reply() };
    let silent = body(&answer(clean().as_bytes(), &faults, &silent, false));
    assert!(silent.ends_with("IK5*A\nAK9*A*1*1*1") && !silent.contains("IK3"), "{silent}");
}

#[test]
fn counts_that_are_wrong_are_told_at_their_level() {
    let faults = [fault(&COUNT, "SE*"), fault(&SETS, "GE*")];
    insta::assert_snapshot!(body(&answer(clean().as_bytes(), &faults, &reply(), false)), @r"
    AK1*HC*1*005010X222A1
    AK2*837*0001*005010X222A1
    IK5*R*4
    AK9*R*1*1*0*5
    ");
}

#[test]
fn a_rejected_interchange_gets_a_ta1_alone() {
    let text = answer(clean().as_bytes(), &[fault(&TRAILER, "IEA"), fault(&BAD_CODE, "CLM")], &reply(), false);
    assert_eq!(body(&text), "TA1*000000001*240131*1200*R*023");
    assert!(text.contains("IEA*0*000000501~"), "{text}");
}

#[test]
fn a_ta1_is_sent_where_it_is_wanted() {
    let text = answer(clean().as_bytes(), &[], &reply(), true);
    assert!(body(&text).starts_with("TA1*000000001*240131*1200*A*000\nAK1*HC*1"), "{text}");
    let text = answer(clean().as_bytes(), &[fault(&OLD, "ISA")], &reply(), true);
    assert!(body(&text).starts_with("TA1*000000001*240131*1200*E*021"), "{text}");
}

#[test]
fn a_group_of_version_4010_is_answered_by_a_997() {
    let old = clean().replace("005010X222A1", "004010X098A1").replace("*^*00501*", "*U*00401*");
    let faults = [
        Fault { element: (5, 1), number: 1331, value: "95", loop_id: "2300", ..fault(&ODD_CODE, "CLM*MANY-2") },
        Fault { loop_id: "2300", ..fault(&MISSING, "HI*") },
    ];
    let text = answer(old.as_bytes(), &faults, &reply(), false);
    assert!(text.contains("*U*00401*000000501*") && text.contains("*X*004010~ST*997*0001~"), "{text}");
    insta::assert_snapshot!(body(&text), @r"
    AK1*HC*1
    AK2*837*0001
    AK3*REF*20*2300*3
    AK3*CLM*27*2300*8
    AK4*5:1*1331*7*95
    AK5*R*5
    AK9*R*1*1*0
    ");
}

#[test]
fn an_acknowledgement_is_not_acknowledged() {
    let first = answer(clean().as_bytes(), &[], &reply(), false);
    assert_eq!(answer(first.as_bytes(), &[], &reply(), false), "");
}

#[test]
fn the_same_report_gives_the_same_answer_twice() {
    let faults = [Fault { element: (5, 1), number: 1331, value: "95", ..fault(&BAD_CODE, "CLM*MANY-2") }];
    let once = answer(clean().as_bytes(), &faults, &reply(), true);
    assert_eq!(once, answer(clean().as_bytes(), &faults, &reply(), true));
}

#[test]
fn claims_are_accepted_and_rejected_one_by_one_with_totals() {
    let faults = [
        Fault { element: (2, 0), loop_id: "2300", ..fault(&BALANCE, "CLM*MANY-2") },
        Fault { element: (3, 0), loop_id: "2400", nth: 2, value: "20240230", ..fault(&DATE, "DTP*472") },
    ];
    let (text, answers) = claim_answer(clean().as_bytes(), &faults, Snip::Guide, &payer());
    insta::assert_snapshot!(body(&text), @r"
    BHT*0085*08*CA-77*20240201*0830*TH
    HL*1**20*1
    NM1*PR*2*Example Health Plan*****PI*EHP01
    TRN*1*CA-77
    DTP*050*D8*20240131
    DTP*009*D8*20240201
    HL*2*1*21*1
    NM1*41*2*LAKESIDE COUNSELING*****46*LAKE01
    TRN*2*BATCH1
    STC*A1:19:PR*20240201*WQ*600
    QTY*90*2
    QTY*AA*2
    AMT*YU*300
    AMT*YY*300
    HL*3*2*19*1
    NM1*85*2*LAKESIDE COUNSELING*****XX*1888888884
    TRN*1*0
    STC*A1:19:PR**WQ*450
    QTY*QA*1
    QTY*QC*2
    AMT*YU*150
    AMT*YY*300
    HL*4*3*PT
    NM1*QC*1*RIVERS*ALEX****MI*W123456789
    TRN*2*MANY-1
    STC*A2:20*20240201*WQ*150
    DTP*472*D8*20240115
    TRN*2*MANY-2
    STC*A8:400*20240201*U*150
    DTP*472*D8*20240115
    HL*5*3*PT
    NM1*QC*1*RIVERS*NOEL****MI*W123456789
    TRN*2*MANY-3
    STC*A7:187*20240201*U*150
    DTP*472*D8*20240115
    SVC*HC:90837*150
    STC*A7:187*20240201*U
    REF*FJ*L1
    DTP*472*D8*20240115
    HL*6*2*19*1
    NM1*85*1*HALE*ROBIN****XX*1888888884
    TRN*1*0
    STC*A1:19:PR**WQ*150
    QTY*QA*1
    AMT*YU*150
    HL*7*6*PT
    NM1*QC*1*RIVERS*ALEX****MI*W123456789
    TRN*2*MANY-4
    STC*A2:20*20240201*WQ*150
    DTP*472*D8*20240115
    ");
    let patients = &answers[0].acknowledgement.sources[0].receivers[0].providers[0].patients;
    let outcomes: Vec<_> = patients.iter().flat_map(|p| &p.claims).filter_map(|claim| claim.outcome()).collect();
    assert_eq!(outcomes.iter().filter(|o| **o == Outcome::Rejected).count(), 2);
}

#[test]
fn what_is_wrong_with_a_provider_rejects_all_its_claims() {
    let faults = [Fault { element: (9, 0), number: 67, loop_id: "2010AA", ..fault(&NPI, "NM1*85") }];
    let (text, _) = claim_answer(clean().as_bytes(), &faults, Snip::Guide, &payer());
    assert_eq!(text.matches("STC*A7:562:85*20240201*U*150~").count(), 3, "{text}");
    assert!(text.contains("QTY*90*1~QTY*AA*3~AMT*YU*150~AMT*YY*450~"), "the other provider's claim stays: {text}");
}

#[test]
fn a_clearinghouse_receives_claims_and_does_not_accept_them() {
    let responder = Responder::clearinghouse("Example Exchange", "EXCH01", "CA-78", at().date());
    let (text, _) = claim_answer(clean().as_bytes(), &[], Snip::Partner, &responder);
    assert!(text.contains("NM1*AY*2*Example Exchange*****46*EXCH01~"), "{text}");
    assert!(text.contains("STC*A1:19:40*20240201*WQ*150~"), "{text}");
}

#[test]
fn claims_of_a_set_that_the_999_rejects_are_not_answered() {
    let faults = [Fault { element: (5, 1), ..fault(&BAD_CODE, "CLM*MANY-2") }];
    let (text, answers) = claim_answer(clean().as_bytes(), &faults, Snip::Partner, &payer());
    assert!(text.is_empty() && answers.is_empty());
}

#[test]
fn every_answer_reads_back_as_what_it_was_written_from() {
    let faults = [Fault { element: (2, 0), loop_id: "2300", ..fault(&BALANCE, "CLM*MANY-2") }];
    let (text, answers) = claim_answer(clean().as_bytes(), &faults, Snip::Guide, &payer());
    let document = Document::read(text.as_bytes()).unwrap();
    let Transaction::ClaimAcknowledgement(read) = &document.interchanges[0].groups[0].sets[0].transaction else {
        panic!("not a 277CA");
    };
    assert_eq!(*read, answers[0].acknowledgement);
}
