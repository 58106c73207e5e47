//! The claim of any form: read, written, as JSON.

use mentalspace_claims::claim::{Claim, ClaimDraft};
use mentalspace_claims::transaction::claim837::{
    self, ClaimSet, Claims, Event, Events, Form, Service, Submitted, SubscriberNode, read_all,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::{rewrite, soup};

const SUBSCRIBER: &str = "HL*2*1*22*0~SBR*P*18*GRP77**12****CI~NM1*IL*1*RIVERS*ALEX****MI*W123456789~N3*7 CEDAR COURT~\
    N4*AUSTIN*TX*787011234~DMG*D8*19850412*F~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~";

fn set(guide: &str, levels: &str) -> String {
    format!(
        "ST*837*0001*{guide}~BHT*0019*00*B1*20240131*1200*CH~NM1*41*2*LAKESIDE COUNSELING*****46*LAKESIDE~\
         PER*IC*BILLING*TE*5125550100*EX*7~NM1*40*2*CLEARINGHOUSE*****46*CLEAR~HL*1**20*1~PRV*BI*PXC*251S00000X~\
         NM1*85*2*LAKESIDE COUNSELING*****XX*1888888884~N3*100 LAKE STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~\
         NM1*87*2~N3*PO BOX 7~N4*AUSTIN*TX*78701~{levels}SE*1*0001~"
    )
}

fn read_one(text: &str) -> ClaimSet {
    let mut sets = read_all(text.as_bytes()).unwrap();
    assert_eq!(sets.len(), 1);
    sets.remove(0)
}

/// A set without what belongs to the file it stood in.
fn comparable(set: &ClaimSet) -> Value {
    let mut json = serde_json::to_value(set).unwrap();
    json.as_object_mut().unwrap().remove("problems");
    let head = json["head"].as_object_mut().unwrap();
    for of_the_file in ["interchange_control", "group_control", "set_control"] {
        head.remove(of_the_file);
    }
    rewrite::sort_kept(&mut json);
    json
}

fn written(set: &ClaimSet) -> Vec<u8> {
    rewrite::file(rewrite::SEPARATORS, "HC", "005010X222A1", |out| set.write(out)).unwrap()
}

fn assert_survives(set: &ClaimSet) {
    let again = read_all(&written(set)).unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(comparable(&again[0]), comparable(set));
    let json = serde_json::to_string(set).unwrap();
    assert_eq!(
        serde_json::to_value(serde_json::from_str::<ClaimSet>(&json).unwrap()).unwrap(),
        serde_json::to_value(set).unwrap()
    );
}

#[test]
fn a_professional_claim_is_read_in_full() {
    let text = set(
        "005010X222A1",
        &format!(
            "{SUBSCRIBER}CLM*C1*165***11:B:7*Y*A*Y*Y*P*AA:EM::TX~DTP*431*D8*20240101~PWK*OZ*EL***AC*ATT1~CN1*02*100~\
             AMT*F5*20~REF*F8*PAYER1~K3*STATE FACT~NTE*ADD*FIRST VISIT~CR2*1*3*C4~CRC*ZZ*Y*AV~HI*ABK:F411*ABF:F331~HI*BG:01~\
             HCP*02*100*50~NM1*82*1*HALE*ROBIN****XX*1999999992~PRV*PE*PXC*1041C0700X~REF*G2*P9~\
             SBR*S*01*G2**14****CI~CAS*CO*45*10*1*97*5~AMT*D*100~OI***Y***Y~MOA***MA01~NM1*IL*1*RIVERS*SAM****MI*X1~\
             NM1*PR*2*OTHER PLAN*****PI*OP1~DTP*573*D8*20240120~REF*F8*OTHER9~NM1*DN*1*LEE~REF*1G*U1~\
             LX*1~SV1*HC:90837:95:::::WORDS*150*UN*1***1:2**Y~DTP*472*RD8*20240115-20240116~QTY*PT*2~REF*6R*L1~AMT*T*1.5~\
             LIN**N4*00071015523~CTP****1.5*ML~REF*XZ*RX1~NM1*82*1*OTHER*PAT~\
             SVD*OP1*100*HC:90837**1~CAS*PR*3*25~DTP*573*D8*20240120~AMT*EAF*5~LQ*UT*CMN1~FRM*1*Y~FRM*2**WORDS~\
             LX*2~SV1*HC:90785*15*UN*1***1~DTP*472*D8*20240115~"
        ),
    );
    let set = read_one(&text);
    assert!(set.problems.is_empty(), "{:?}", set.problems);
    assert_eq!(set.form(), Form::Professional);
    let claim = set.claims().next().unwrap();
    assert!(claim.kept.is_empty() && claim.lines.iter().all(|line| line.kept.is_empty()));
    assert_eq!(claim.diagnoses().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["F411", "F331"]);
    assert_eq!(claim.lines[0].adjudications[0].amounts[0].amount.value().unwrap().to_string(), "5.00");
    assert_survives(&set);
    insta::assert_json_snapshot!(set);
}

#[test]
fn an_institutional_claim_is_read_in_full() {
    let text = set(
        "005010X223A2",
        &format!(
            "{SUBSCRIBER}CLM*I1*1000***11:A:1**A*Y*Y~DTP*434*RD8*20240101-20240105~DTP*435*DT*202401011330~CL1*1*7*30~\
             HI*ABK:F322:::::::Y~HI*BE:01:::450~HI*BH:11:D8:20240101~NM1*71*1*HALE*ROBIN****XX*1999999992~\
             LX*1~SV2*0124**800*DA*4~LX*2~SV2*0900*HC:90834*200*UN*1~DTP*472*D8*20240102~"
        ),
    );
    let set = read_one(&text);
    assert_eq!(set.form(), Form::Institutional);
    assert!(matches!(set.claims().next().unwrap().lines[0].service, Some(Service::Institutional(_))));
    assert_survives(&set);
    insta::assert_json_snapshot!(set);
}

#[test]
fn a_dental_claim_is_read_in_full() {
    let text = set(
        "005010X224A2",
        &format!(
            "{SUBSCRIBER}HL*3*2*23*0~PAT*19~NM1*QC*1*RIVERS*NOEL~N3*7 CEDAR COURT~N4*AUSTIN*TX*787011234~DMG*D8*20120901*M~\
             CLM*D1*150***11:B:1*Y*A*Y*Y~DN1*36*12~DN2*3*E****JP~HI*ABK:K0262~\
             LX*1~SV3*AD:D2391*150**10:20*I*1****1~TOO*JP*12*L:O~DTP*472*D8*20240115~"
        ),
    );
    let set = read_one(&text);
    let subscriber: &SubscriberNode = &set.providers[0].subscribers[0];
    assert!(subscriber.claims.is_empty());
    let line = &subscriber.patients[0].claims[0].lines[0];
    assert_eq!(line.teeth[0].surfaces.0, ["L", "O"]);
    assert_survives(&set);
    insta::assert_json_snapshot!(set);
}

#[test]
fn one_claim_at_a_time_comes_with_its_levels() {
    let text = set(
        "005010X222A1",
        &format!(
            "{SUBSCRIBER}CLM*C1*1***11:B:1~CLM*C2*2***11:B:1~HL*3*1*22*1~NM1*IL*1*OTHER~HL*4*3*23*0~NM1*QC*1*CHILD~\
             CLM*C3*3***11:B:1~LX*1~SV1*HC:90834*3~HL*5**20*1~NM1*85*2*SECOND~HL*6*5*22*0~CLM*C4*x***11:B:1~"
        ),
    );
    let claims: Vec<_> = Claims::new(text.as_bytes()).map(Result::unwrap).collect();
    let told: Vec<_> = claims
        .iter()
        .map(|c| {
            (
                c.claim.information.control_number.as_str(),
                c.billing.provider.as_ref().unwrap().name.last.as_str(),
                c.subscriber.subscriber.as_ref().map(|p| p.name.last.as_str()),
                c.patient.as_ref().map(|p| p.patient.as_ref().unwrap().name.last.as_str()),
                c.problems.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("C1", "LAKESIDE COUNSELING", Some("RIVERS"), None, 0),
            ("C2", "LAKESIDE COUNSELING", Some("RIVERS"), None, 0),
            ("C3", "LAKESIDE COUNSELING", Some("OTHER"), Some("CHILD"), 0),
            ("C4", "SECOND", None, None, 1),
        ]
    );
    assert!(std::sync::Arc::ptr_eq(&claims[0].subscriber, &claims[1].subscriber));
}

#[test]
fn levels_that_name_another_parent_are_read_and_reported() {
    let text = set("005010X222A1", &SUBSCRIBER.replace("HL*2*1*22", "HL*2*9*22"));
    let set = read_one(&text);
    assert_eq!(set.providers[0].subscribers.len(), 1);
    assert_eq!((set.problems[0].segment.as_str(), set.problems[0].element), ("HL", 2));
}

#[test]
fn a_claim_without_levels_is_read_and_reported() {
    let set = read_one("ST*837*0001~CLM*C1*1***11:B:1~SE*3*0001~");
    assert_eq!(set.claims().count(), 1);
    assert!(!set.problems.is_empty());
    assert_survives(&ClaimSet {
        head: claim837::SetHeader { guide: "005010X222A1".into(), ..set.head.clone() },
        ..set
    });
}

#[test]
fn what_is_not_modelled_stays_where_it_stood() {
    let text = set(
        "005010X222A1",
        &format!("{SUBSCRIBER}CLM*C1*1***11:B:1~DTP*431*D8*20240101~CR5*I*3:4~HI*ABK:F411~LX*1~SV1*HC:90834*1~SV4*1~"),
    );
    let set = read_one(&text);
    let claim = set.claims().next().unwrap();
    assert_eq!((claim.kept[0].id.as_str(), claim.kept[0].after.as_str()), ("CR5", "DTP"));
    assert_eq!((claim.lines[0].kept[0].id.as_str(), claim.lines[0].kept[0].after.as_str()), ("SV4", "SV1"));
    let out = String::from_utf8(rewrite::file(Default::default(), "HC", "005010X222A1", |out| set.write(out)).unwrap());
    let out = out.unwrap();
    assert!(out.contains("DTP*431*D8*20240101~CR5*I*3:4~HI*ABK:F411~"), "{out}");
    assert_survives(&set);
}

#[test]
fn text_that_holds_a_delimiter_is_never_written_as_one() {
    let text = set("005010X222A1", &format!("{SUBSCRIBER}CLM*C1*1***11:B:1~NTE*ADD*SEE: NOTE~"));
    let set = read_one(&text);
    assert!(rewrite::file(Default::default(), "HC", "005010X222A1", |out| set.write(out)).is_err());
    assert_survives(&set);
}

#[test]
fn bytes_that_are_no_utf_8_are_read_as_latin_letters_and_written_as_utf_8() {
    let text = set("005010X222A1", SUBSCRIBER).replace("RIVERS", "MU?OZ");
    let bytes: Vec<u8> = text.bytes().map(|b| if b == b'?' { 0xD1 } else { b }).collect();
    let set = read_all(&bytes).unwrap().remove(0);
    let name = &set.providers[0].subscribers[0].level.subscriber.as_ref().unwrap().name.last;
    assert_eq!(*name, "MUÑOZ");
    assert_survives(&set);
}

#[test]
fn debug_shows_no_patient() {
    let text = set("005010X222A1", &format!("{SUBSCRIBER}CLM*C1SECRET*1***11:B:1~ZZZ*SECRET~"));
    let events: Vec<_> = Events::new(text.as_bytes()).map(Result::unwrap).collect();
    assert!(matches!(events[0], Event::Set(_)));
    let shown = format!("{events:?} {:?}", read_one(&text));
    for secret in ["RIVERS", "ALEX", "W123456789", "SECRET"] {
        assert!(!shown.contains(secret), "{secret} shows");
    }
}

#[test]
fn our_claim_becomes_a_model_and_the_model_our_claim() {
    for draft in crate::p837::cases().into_iter().flat_map(|(_, drafts)| drafts) {
        let mut expected = draft.clone();
        if expected.patient.is_some() {
            // The file tells these of a patient only.
            let subscriber = &mut expected.subscriber;
            (subscriber.address, subscriber.birth_date, subscriber.sex) = (None, None, None);
        }
        let ours = Claim::try_from(draft).unwrap();
        let submitted = Submitted::try_from(&ours).unwrap();
        assert!(submitted.problems.is_empty());
        assert_eq!(submitted.claim.information.control_number, ours.control_number.as_str());
        let json = |draft: &ClaimDraft| {
            let mut draft = draft.clone();
            // The file has the adjustments of a group together.
            for decision in draft.other_payers.iter_mut().filter_map(|other| other.adjudication.as_mut()) {
                decision.adjustments.sort_by(|a, b| a.group.cmp(&b.group));
            }
            serde_json::to_value(draft).unwrap()
        };
        assert_eq!(json(&ClaimDraft::try_from(&submitted).unwrap()), json(&expected));
    }
}

#[test]
fn a_claim_that_lacks_something_says_where() {
    let text = set("005010X222A1", &format!("{SUBSCRIBER}CLM*C1*165***11:B:1*Y*A*Y*Y~HI*ABK:F411~"));
    let submitted = Claims::new(text.as_bytes()).next().unwrap().unwrap();
    assert_eq!(ClaimDraft::try_from(&submitted).unwrap().diagnoses.len(), 1);
    let without = text.replace("REF*EI*741234567~", "");
    let submitted = Claims::new(without.as_bytes()).next().unwrap().unwrap();
    let error = ClaimDraft::try_from(&submitted).unwrap_err();
    assert_eq!(error.to_string(), "2010AA REF*EI is missing");
    let institutional = text.replace("X222A1", "X223A2");
    let submitted = Claims::new(institutional.as_bytes()).next().unwrap().unwrap();
    assert_eq!(ClaimDraft::try_from(&submitted).unwrap_err(), claim837::ConversionError::Form);
}

const IDS: &[&str] = &[
    "HL*1**20",
    "HL*2*1*22",
    "HL*3*2*23",
    "HL*4*9*99",
    "CLM*C1",
    "BHT",
    "REF*G1",
    "REF*6R",
    "NM1*85*2*A",
    "NM1*IL*1*B",
    "NM1*PR*2*C",
    "NM1*QC*1*D",
    "NM1*82*1*E",
    "NM1*41*2*F",
    "NM1*40*2*G",
    "N3",
    "N4",
    "N2",
    "PER",
    "DMG",
    "PRV",
    "CUR",
    "SBR*P",
    "PAT",
    "DTP*472",
    "CL1",
    "DN1",
    "DN2",
    "PWK",
    "CN1",
    "AMT*F5",
    "K3",
    "NTE",
    "CR1",
    "CR2",
    "CR3",
    "CR5",
    "CRC",
    "HI",
    "HCP",
    "CAS*CO",
    "OI",
    "MIA",
    "MOA",
    "LX*1",
    "LX*2",
    "SV1",
    "SV2",
    "SV3",
    "SV4",
    "SV5",
    "TOO",
    "QTY",
    "MEA",
    "PS1",
    "LIN**N4",
    "CTP",
    "SVD*P",
    "LQ*UT",
    "FRM",
    "ZZZ",
    "UM",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn segments_in_any_order_are_read_written_and_read_alike(
        segments in prop::collection::vec(soup::segment(IDS), 0..40),
    ) {
        let bytes = soup::file("837", "005010X222A1", &segments);
        let sets = read_all(&bytes).unwrap();
        // An opening segment that holds nothing cannot be written; everything else can.
        let out = rewrite::file(rewrite::SEPARATORS, "HC", "005010X222A1", |out| sets[0].write(out));
        prop_assume!(out.is_ok());
        let again = read_all(&out.unwrap()).unwrap();
        prop_assert_eq!(comparable(&again[0]), comparable(&sets[0]));
        let json = serde_json::to_value(&sets[0]).unwrap();
        prop_assert_eq!(serde_json::to_value(serde_json::from_value::<ClaimSet>(json.clone()).unwrap()).unwrap(), json);
        let streamed: Vec<_> = Claims::new(&bytes[..]).map(|c| *c.unwrap().claim).collect();
        prop_assert!(sets[0].claims().eq(&streamed));
    }
}
