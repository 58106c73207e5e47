//! Behaviour of the conversions, and x12-types as a second reader of what we read and write.

#![expect(clippy::unwrap_used, reason = "tests speak by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use mentalspace_claims::{
    testing::generate,
    transaction::{claim837, r835},
    x12::{GroupHeader, InterchangeHeader, InterchangeParty, Reader, Usage, unwrap_lines},
};
use mentalspace_x12_types::{
    ConversionError, Transaction, claim_transmission, claims, envelope, parse, remittance_transmission, remittances,
    render,
};
use x12_types::v005010::{_835, _837, Transmission};

fn interchange() -> InterchangeHeader {
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".into(), id: id.into() };
    InterchangeHeader {
        sender: party("LAKESIDE"),
        receiver: party("EXCHANGE"),
        at: "2024-01-31T12:00:00".parse().unwrap(),
        control: 7,
        usage: Usage::Test,
        acknowledge: false,
    }
}

fn group(code: &'static str, version: &'static str) -> GroupHeader {
    GroupHeader {
        code,
        sender: "LAKESIDE".into(),
        receiver: "EXCHANGE".into(),
        at: "2024-01-31T12:00:00".parse().unwrap(),
        control: 3,
        version,
    }
}

#[test]
fn remittances_come_through_its_types_unchanged() {
    let read = r835::read_all(&generate::remittances(1, 40_000)).unwrap();
    let theirs = remittance_transmission(&interchange(), &group("HP", "005010X221A1"), &read).unwrap();
    let back = remittances(&theirs).unwrap();
    assert_eq!(back.len(), read.len());
    for (ours, back) in read.iter().zip(&back) {
        assert_eq!(json(&ours.claims), json(&back.claims));
        assert_eq!(json(&ours.provider_adjustments), json(&back.provider_adjustments));
        assert_eq!((ours.amount, &ours.trace), (back.amount, &back.trace));
    }
}

#[test]
fn claims_come_through_its_types_unchanged() {
    let read = claim837::read_all(&generate::claims(1, 40_000)).unwrap();
    let theirs = claim_transmission(&interchange(), &group("HC", "005010X222A1"), &read).unwrap();
    let back = claims(&theirs).unwrap();
    assert_eq!(back.len(), read.len());
    for (ours, back) in read.iter().zip(&back) {
        assert!(ours.claims().eq(back.claims()), "claims differ");
    }
}

#[test]
fn the_envelope_says_who_sends_to_whom() {
    let read = r835::read_all(&generate::remittances(1, 5_000)).unwrap();
    let theirs = remittance_transmission(&interchange(), &group("HP", "005010X221A1"), &read).unwrap();
    let (interchange, group) = envelope(&theirs).unwrap();
    assert_eq!(
        (&*interchange.sender, &*interchange.receiver, &*interchange.control),
        ("LAKESIDE", "EXCHANGE", "000000007")
    );
    assert_eq!((&*group.code, &*group.control), ("HP", "3"));
}

#[test]
fn a_value_with_a_delimiter_is_refused_instead_of_becoming_another_segment() {
    let text = String::from_utf8(generate::remittances(1, 2_000)).unwrap();
    let mut theirs: Transmission<_835> = parse(&text.replace(['\r', '\n'], "")).unwrap();
    theirs.functional_group[0].segments[0].loop_1000[0].n1._02 = Some("PLAN~SE*1*1".into());
    assert!(render(&theirs).is_err());
    assert!(remittances(&theirs).is_err());
}

#[test]
fn what_it_would_panic_on_or_lose_is_refused() {
    let text = String::from_utf8(generate::remittances(1, 2_000)).unwrap().replace(['\r', '\n'], "");
    let short = text.replacen("TRN*1*", "TRN~", 1);
    assert!(parse::<_835>(&short).is_err());
    let foreign = text.replacen("HEALTH", "SAÚDE", 1);
    assert!(matches!(parse::<_835>(&foreign), Err(ConversionError::Character { .. })) || foreign == text);
    let long = "~".repeat(mentalspace_x12_types::LIMIT + 1);
    assert!(matches!(parse::<_835>(&long), Err(ConversionError::TooLong { .. })));
    assert!(parse::<_837>("").is_err());
}

/// What x12-types makes of a file that it takes whole, against what we make of it.
fn agree<T: Transaction>(bytes: &[u8], ours: impl Fn(&[u8]) -> bool) -> Option<bool> {
    let text: String =
        unwrap_lines(bytes).iter().map(|byte| char::from(*byte)).filter(|c| !matches!(c, '\r' | '\n')).collect();
    let theirs = parse::<T>(&text).ok()?;
    Some(ours(theirs.to_string().as_bytes()))
}

fn corpus() -> Vec<PathBuf> {
    let folder = std::env::var_os("MENTALSPACE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/x12"), PathBuf::from);
    let Ok(index) = fs::read_to_string(folder.join("index.csv")) else { return Vec::new() };
    let paths = index.lines().skip(1).filter_map(|row| row.split(',').next());
    paths.map(|path| folder.join(path)).filter(|path| path.is_file()).collect()
}

#[test]
fn where_it_takes_a_sample_whole_it_reads_what_we_read() {
    let (mut taken, mut total, mut differ) = (0, 0, Vec::new());
    for path in corpus() {
        let bytes = fs::read(&path).unwrap();
        let kind = Reader::new(&bytes).flatten().find(|segment| segment.id() == b"ST");
        let verdict = match kind.map(|st| st.element(1).to_vec()).as_deref() {
            Some(b"835") => agree::<_835>(&bytes, |text| {
                json(&r835::read_all(text).unwrap()) == json(&r835::read_all(&bytes).unwrap())
            }),
            Some(b"837") => agree::<_837>(&bytes, |text| {
                json(&claim837::read_all(text).unwrap()) == json(&claim837::read_all(&bytes).unwrap())
            }),
            _ => continue,
        };
        total += 1;
        match verdict {
            Some(true) => taken += 1,
            Some(false) => differ.push(path),
            None => {}
        }
    }
    println!("corpus: x12-types takes {taken} of {total} claims and remittances whole");
    assert_eq!(differ, Vec::<PathBuf>::new());
}

/// Compares by content: places differ where line breaks were taken out.
fn json<T: serde::Serialize>(values: &[T]) -> serde_json::Value {
    serde_json::to_value(values).unwrap()
}
