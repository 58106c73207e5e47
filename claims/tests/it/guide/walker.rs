//! Places of segments.

use mentalspace_claims::guide::{Guide, GuideKind, Walker};
use mentalspace_claims::x12::{Envelope, Reader};
use proptest::prelude::*;

use crate::era;

/// The segments of the sets of a file, as `2000A/2010AA NM1`, with what was out of place.
fn walk(file: &[u8]) -> (Vec<String>, usize) {
    let (mut places, mut wrong) = (Vec::new(), 0);
    let mut envelope = Envelope::new();
    let mut walker = Walker::new(None);
    for segment in Reader::new(file).flatten() {
        envelope.feed(&segment);
        if let (b"ST", Some(set)) = (segment.id(), envelope.set()) {
            walker.begin(Guide::for_set(&set.code, &set.guide));
        }
        if segment.position().in_set > 0 {
            let placed = walker.feed(segment);
            places.push(format!("{} {}", placed.path.join("/"), String::from_utf8_lossy(segment.id())));
            wrong += walker.misplaced().len();
        }
    }
    (places, wrong)
}

#[test]
fn a_claim_is_placed_by_its_loops() {
    let (places, wrong) = walk(include_bytes!("../../golden/837p/every_loop.x12"));
    assert_eq!(wrong, 0);
    insta::assert_snapshot!(places.join("\n"));
}

#[test]
fn a_remittance_is_placed_by_its_loops() {
    let line = era::Line::new("90837", 15_000, &[("CO", "45", 4_000)]).control("L1");
    let (places, wrong) = walk(era::file("T1", &[era::Claim::new("C1", "1", vec![line])], &[("WO", 500)]).as_bytes());
    assert_eq!(wrong, 0);
    insta::assert_snapshot!(places.join("\n"), @r"
     ST
     BPR
     TRN
     DTM
    1000A N1
    1000A N3
    1000A N4
    1000A REF
    1000A PER
    1000B N1
    2000 LX
    2000/2100 CLP
    2000/2100 NM1
    2000/2100/2110 SVC
    2000/2100/2110 DTM
    2000/2100/2110 CAS
    2000/2100/2110 REF
     PLB
     SE
    ");
}

/// The same NM1 and PRV stand for the provider of the claim before a line, and of the line behind it.
#[test]
fn a_rendering_provider_behind_a_line_is_that_of_the_line() {
    let claim = include_str!("../../golden/837p/subscriber_is_patient.x12");
    let provider = "NM1*82*1*HALE*ROBIN****XX*1999999992~\nPRV*PE*PXC*1041C0700X~\n";
    let (places, wrong) = walk(claim.replace("SE*", &format!("{provider}SE*")).as_bytes());
    let providers: Vec<_> = places.iter().filter(|p| p.ends_with("PRV")).collect();
    assert_eq!(wrong, 0);
    assert_eq!(providers, ["2000A PRV", "2000A/2000B/2300/2310B PRV", "2000A/2000B/2300/2400/2420A PRV"]);
}

#[test]
fn sets_are_read_by_their_guide_or_the_nearest() {
    let kind = |set, id| Guide::for_set(set, id).map(|g| (g.kind, g.is_exact(id)));
    for id in ["005010X222A1", "005010X222A2", "005010X222", " 005010X222A1", "005010X222E1"] {
        assert_eq!(kind("837", id), Some((GuideKind::Claim837P, true)), "{id}");
    }
    for id in ["005010X223A3", "005010X223A1", "005010X223"] {
        assert_eq!(kind("837", id), Some((GuideKind::Claim837I, true)), "{id}");
    }
    assert_eq!(kind("837", "005010X224A2"), Some((GuideKind::Claim837D, true)));
    assert_eq!(kind("837", "004010X098A1"), Some((GuideKind::Claim837P, false)));
    assert_eq!(kind("837", "005010X298"), Some((GuideKind::Claim837P, false)));
    assert_eq!(kind("837", "005010"), None);
    assert_eq!(kind("835", "005010"), Some((GuideKind::Payment835, true)));
    assert_eq!(kind("835", ""), Some((GuideKind::Payment835, true)));
    assert_eq!(kind("277", "005010X214"), Some((GuideKind::ClaimAck277, true)));
    assert_eq!(kind("277", "005010X213"), None);
    assert_eq!(kind("820", "005010X306"), None);
    assert_eq!(kind("997", "004010"), Some((GuideKind::FunctionalAck997, true)));
    assert_eq!(kind("850", "005010"), None);
    assert_eq!(Guide::all().len(), 14);
}

const CODES: [&str; 14] = ["41", "40", "85", "IL", "PR", "82", "QC", "20", "22", "23", "1", "XX", "ABK:F411", "472"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in a set, every segment is given a place or said to have none, and the path stays short.
    #[test]
    fn any_row_of_segments_is_walked_to_its_end(
        guide in 0..14_usize,
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..300),
    ) {
        let ids: Vec<&str> = "HL NM1 N3 N4 REF CLM LX SV1 SBR DTP PER N1 CLP SVC CAS HI PRV LS LE TRN STC EB INS HD ENT RMR AK2 IK3 SE ST QQ"
            .split(' ')
            .collect();
        let mut file = String::from("ST*837*1~");
        for (id, code) in &picks {
            file.push_str(&format!("{0}*{1}*1*{1}~", id.get(&ids), code.get(&CODES)));
        }
        let guide = Guide::all().nth(guide);
        let mut walker = Walker::new(guide);
        let mut last = Default::default();
        for segment in Reader::new(file.as_bytes()).flatten() {
            let placed = walker.feed(segment);
            prop_assert!(placed.path.len() < 10);
            prop_assert!(placed.usage.is_some() || placed.path.len() < 10);
            last = segment.position();
        }
        walker.finish(last);
        // Nothing is missing twice.
        walker.finish(last);
        prop_assert!(walker.misplaced().is_empty());
    }
}
