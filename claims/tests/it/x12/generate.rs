use std::collections::HashSet;
use std::io::Read;

use mentalspace_claims::testing::generate::{Kind, Source, claims, remittances};
use mentalspace_claims::transaction::r835;
use mentalspace_claims::validate::validate;
use mentalspace_claims::x12::{Envelope, Reader, Segment};
use mentalspace_core::{Money, Npi};

fn walk(file: &[u8], mut see: impl FnMut(&Segment<'_>)) {
    let mut envelope = Envelope::new();
    for segment in Reader::new(file) {
        let segment = segment.unwrap();
        envelope.feed(&segment);
        see(&segment);
    }
    envelope.finish();
    assert_eq!(envelope.findings(), []);
}

fn npi(segment: &Segment<'_>) -> Npi {
    Npi::parse(std::str::from_utf8(segment.element(9)).unwrap()).unwrap()
}

#[test]
fn generated_claims_have_a_clean_envelope_true_sums_and_numbers_of_their_own() {
    let file = claims(3, 1_500_000);
    assert!((1_500_000..1_510_000).contains(&file.len()));
    let (mut numbers, mut lines) = (HashSet::new(), HashSet::new());
    let (mut claimed, mut charged, mut open) = (Money::ZERO, Money::ZERO, 0);
    walk(&file, |segment| match segment.id() {
        b"CLM" => {
            assert!(numbers.insert(segment.element(1).to_vec()));
            assert_eq!(claimed, charged);
            claimed = Money::parse_bytes(segment.element(2)).unwrap();
            charged = Money::ZERO;
            open += 1;
        }
        b"SV1" => charged = charged.checked_add(Money::parse_bytes(segment.element(2)).unwrap()).unwrap(),
        b"REF" if segment.element(1) == b"6R" => assert!(lines.insert(segment.element(2).to_vec())),
        b"NM1" if segment.element(8) == b"XX" => drop(npi(segment)),
        _ => {}
    });
    assert_eq!(claimed, charged);
    assert_eq!(open, numbers.len());
    assert!(numbers.len() > 1000);
}

#[test]
fn generated_remittances_balance_and_answer_the_claims_of_their_seed() {
    let file = remittances(3, 1_500_000);
    walk(&file, |_| {});
    let all = r835::read_all(&file).unwrap();
    assert!(all.len() > 2);
    for remittance in &all {
        assert_eq!(r835::balance(remittance), []);
        assert_eq!(remittance.problems, []);
    }
    let mut charges = HashSet::new();
    walk(&claims(3, 3_000_000), |segment| {
        if segment.id() == b"CLM" {
            charges.insert((segment.element(1).to_vec(), segment.element(2).to_vec()));
        }
    });
    walk(&file, |segment| {
        if segment.id() == b"CLP" {
            assert!(charges.contains(&(segment.element(1).to_vec(), segment.element(3).to_vec())));
        }
    });
}

#[test]
fn a_seed_gives_the_same_file_however_it_is_read() {
    assert_eq!(claims(9, 50_000), claims(9, 50_000));
    assert_ne!(claims(9, 50_000), claims(10, 50_000));
    for kind in [Kind::Claims, Kind::Remittances] {
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        Source::new(kind, 9, 50_000).read_to_end(&mut whole).unwrap();
        let (mut source, mut buffer) = (Source::new(kind, 9, 50_000), [0; 7]);
        while let n @ 1.. = source.read(&mut buffer).unwrap() {
            pieces.extend_from_slice(&buffer[..n]);
        }
        assert_eq!(whole, pieces);
        assert_eq!(whole, if kind == Kind::Claims { claims(9, 50_000) } else { remittances(9, 50_000) });
    }
    walk(&claims(1, 0), |_| {});
}

#[test]
fn the_validator_finds_nothing_in_generated_files() {
    for file in [claims(4, 600_000), remittances(4, 600_000)] {
        let report = validate(&file);
        let found: HashSet<String> = report
            .findings
            .iter()
            .map(|f| format!("{} {:?} {} {:?}", f.rule.id, f.severity, f.segment.as_str(), f.element))
            .collect();
        assert_eq!(found, HashSet::new());
        assert!(!report.sets.is_empty());
    }
}
