use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use mentalspace_claims::x12::{Envelope, FindingCode, Part, Reader, Split, SplitBy, SplitError, split};
use proptest::prelude::*;

use super::{codes, sample};

#[derive(Clone, Default)]
pub(super) struct File(Rc<RefCell<Vec<u8>>>);

impl io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The report of a split, and each part with its file.
type Parts = (Split, Vec<(Part, Vec<u8>)>);

pub(super) fn parts(file: &[u8], by: SplitBy) -> Result<Parts, SplitError> {
    let mut files = Vec::new();
    let report = split(file, by, |part| {
        let file = File::default();
        files.push((part.clone(), file.clone()));
        Ok(file)
    })?;
    Ok((report, files.into_iter().map(|(part, file)| (part, file.0.take())).collect()))
}

/// Two groups of two sets and of one, and an acknowledgement.
pub(super) fn three_sets() -> String {
    let one = sample();
    let isa = &one[..106];
    let set = &one[one.find("ST*").unwrap()..one.find("GE*").unwrap()];
    let gs = &one[106..one.find("ST*").unwrap()];
    let second = set.replace("*0001~", "*0002~").replace("ST*835*0001", "ST*835*0002");
    format!(
        "{isa}TA1*000000009*240131*1200*A*000~{gs}{set}{second}GE*2*1~{}{set}GE*1*2~IEA*2*000000001~",
        gs.replace("*1*X*", "*2*X*")
    )
}

#[test]
fn each_set_becomes_an_interchange_with_right_counts_and_its_own_numbers() {
    let file = three_sets();
    assert_eq!(codes(file.as_bytes()), []);
    for end in ["~", "~\r\n", "\n", "\r\n"] {
        let file = file.replace('~', end);
        let (report, parts) = parts(file.as_bytes(), SplitBy::Set).unwrap();
        assert_eq!((report.parts, report.left_out.len(), report.findings.len()), (4, 0, 0));
        let numbers: Vec<_> = parts.iter().map(|(part, _)| (part.group.as_deref(), part.set.as_deref())).collect();
        assert_eq!(
            numbers,
            [(None, None), (Some("1"), Some("0001")), (Some("1"), Some("0002")), (Some("2"), Some("0001"))]
        );
        for (part, bytes) in &parts {
            assert_eq!(codes(bytes), [], "part {}", part.number);
            assert!(bytes.ends_with(end.as_bytes()));
        }
        let set = file[file.find("ST*").unwrap()..].split("ST*").nth(1).unwrap();
        assert!(parts[1].1.windows(set.len()).any(|window| window == set.as_bytes()), "sets are copied as they are");
    }
}

#[test]
fn each_group_becomes_an_interchange() {
    let (report, parts) = parts(three_sets().as_bytes(), SplitBy::Group).unwrap();
    assert_eq!(report.parts, 3);
    let sets = |bytes: &[u8]| Reader::new(bytes).flatten().filter(|s| s.id() == b"ST").count();
    assert_eq!(parts.iter().map(|(_, bytes)| sets(bytes)).collect::<Vec<_>>(), [0, 2, 1]);
    assert!(parts.iter().all(|(_, bytes)| codes(bytes).is_empty()));
    assert_eq!((parts[1].0.set.as_deref(), parts[1].0.code.as_deref()), (None, Some("835")));
}

#[test]
fn what_is_wrong_with_a_set_is_reported_and_kept() {
    let file = three_sets().replacen("LX*1~", "", 1).replace("GE*2*1~", "GE*7*1~ZZZ*1~");
    let (report, parts) = parts(file.as_bytes(), SplitBy::Set).unwrap();
    assert_eq!(report.left_out.len(), 1);
    assert!(report.findings.iter().any(|f| f.code == FindingCode::SegmentCount));
    assert_eq!(codes(&parts[1].1), [FindingCode::SegmentCount]);
    let cut = &file[..file.rfind("SE*").unwrap() - 3];
    let (report, parts) = self::parts(cut.as_bytes(), SplitBy::Set).unwrap();
    assert_eq!(report.parts, 4);
    assert_eq!(codes(&parts[3].1), [FindingCode::SetTrailerMissing]);
}

#[test]
fn a_file_without_envelope_is_not_split() {
    let error = parts(b"ST*835*0001~SE*2*0001~", SplitBy::Set).unwrap_err();
    assert!(matches!(error, SplitError::NoEnvelope { position } if position.segment == 1));
    let refuses =
        split(three_sets().as_bytes(), SplitBy::Set, |_| -> io::Result<Vec<u8>> { Err(io::Error::other("full")) });
    assert!(matches!(refuses, Err(SplitError::Write { part: 1, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_changed_file_is_split_or_refused_without_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut file = three_sets().into_bytes();
        let at = at.index(file.len());
        file[at] = byte;
        file.truncate(cut.index(file.len()) + 1);
        if let Ok((_, parts)) = parts(&file, SplitBy::Set) {
            for (_, bytes) in parts {
                let mut envelope = Envelope::new();
                Reader::new(&bytes).flatten().for_each(|segment| envelope.feed(&segment));
            }
        }
    }
}
