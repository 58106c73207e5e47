use chrono::NaiveDate;
use mentalspace_claims::x12::{
    Charset, Delimiters, GroupHeader, InterchangeHeader, InterchangeParty, Reader, Unwritable, Usage, WriteError,
    Writer,
};

use super::{codes, sample};

fn interchange() -> InterchangeHeader {
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    InterchangeHeader {
        sender: party("LAKESIDE"),
        receiver: party("EHP01"),
        at: NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().and_hms_opt(12, 0, 0).unwrap(),
        control: 5,
        usage: Usage::Test,
        acknowledge: true,
    }
}

fn group() -> GroupHeader {
    let InterchangeHeader { at, .. } = interchange();
    GroupHeader {
        code: "HC",
        sender: "A".to_owned(),
        receiver: "B".to_owned(),
        at,
        control: 1,
        version: "005010X222A1",
    }
}

#[test]
fn an_acknowledgement_stands_between_isa_and_gs_and_old_headers_have_no_repetition() {
    for repetition in [Some(b'^'), None] {
        let delimiters = Delimiters { repetition, ..Delimiters::default() };
        let mut out = Writer::new(delimiters, Charset::Basic, Unwritable::Refuse);
        out.begin_interchange(&interchange()).unwrap();
        out.segment("TA1")
            .element("000000009")
            .element("240131")
            .element("1200")
            .element("A")
            .element("000")
            .end()
            .unwrap();
        out.begin_group(&group()).unwrap();
        out.begin_set("837", None).unwrap();
        let file = out.finish();
        assert_eq!(codes(&file), []);
        assert_eq!(Reader::new(&file).next().unwrap().unwrap().delimiters().repetition, repetition);
        assert_eq!(&file[106..110], b"TA1*");
    }
}

#[test]
fn any_bytes_may_be_delimiters() {
    let delimiters = Delimiters { element: 0x1D, component: 0xFE, repetition: Some(0xFF), terminator: 0x1C };
    let mut out = Writer::new(delimiters, Charset::Basic, Unwritable::Refuse);
    out.begin_interchange(&interchange()).unwrap();
    out.begin_group(&group()).unwrap();
    out.begin_set("837", Some("005010X222A1")).unwrap();
    out.segment("SV1").composite(&["HC", "90837"]).end().unwrap();
    let file = out.finish();
    assert_eq!(codes(&file), []);
    assert!(Reader::new(&file).any(|s| s.unwrap().component(1, 2) == b"90837"));
}

#[test]
fn foreign_segments_are_copied_with_the_delimiters_in_force() {
    let head = sample()[..106].replace('*', "|").replace(':', ">").replace('^', "!").replace('~', "\n");
    let file = format!("{head}EQ|30!98|A>B>>D|caf\u{e9}||\nBIN|5|a*~b|\nN3|1*2\nEQ|^\nzz|1\nIEA|0|1\n");
    let segments: Vec<_> = Reader::new(file.as_bytes()).skip(1).map(Result::unwrap).collect();
    let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
    out.copy(&segments[0]).unwrap();
    out.copy(&segments[1]).unwrap();
    let refused = |element| Err(WriteError::Character { tag: "segment", element });
    assert_eq!(out.copy(&segments[2]), refused(1));
    assert_eq!(out.copy(&segments[3]), refused(1));
    assert_eq!((out.copy(&segments[4]), out.copy(&segments[5])), (refused(0), refused(0)));
    assert_eq!(out.segments_in_set(), 2);
    assert_eq!(out.finish(), "EQ*30^98*A:B::D*caf\u{e9}**~BIN*5*a*~b|~".as_bytes());
}

#[test]
fn a_segment_that_is_not_ended_leaves_nothing() {
    let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Replace);
    drop(out.segment("NM1").element("QC").element("Ñ"));
    out.segment("REF").element("G1").element("A1").end().unwrap();
    drop(out.foreign_segment("nothing"));
    out.segment("REF").element("G1").element("A2").end().unwrap();
    drop(out.segment("NM1").element("QC"));
    assert_eq!(out.replaced(), []);
    assert_eq!(out.finish(), b"REF*G1*A1~REF*G1*A2~");
}

#[test]
fn a_large_file_is_given_up_piece_by_piece() {
    let write = |take: bool| {
        let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
        let mut file = Vec::new();
        out.begin_interchange(&interchange()).unwrap();
        out.begin_group(&group()).unwrap();
        for _ in 0..3 {
            out.begin_set("837", None).unwrap();
            out.segment("REF").element("G1").element("A1").end().unwrap();
            let mark = out.mark();
            out.segment("REF").element("G1").element("A2").end().unwrap();
            out.rewind(mark);
            if take {
                file.append(&mut out.take_written());
            }
        }
        file.append(&mut out.finish());
        file
    };
    assert_eq!(write(true), write(false));
    assert_eq!(codes(&write(true)), []);
}
