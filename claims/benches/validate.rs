//! Speed of validation, and of its parts, over generated claims and remittances.

use divan::{Bencher, counter::BytesCount, counter::ItemsCount};
use mentalspace_claims::guide::{Guide, Walker};
use mentalspace_claims::testing::generate;
use mentalspace_claims::validate::{Options, Report, Validator};
use mentalspace_claims::x12::{Envelope, Reader, Segment};

fn main() {
    divan::main();
}

const SIZE: usize = 16 << 20;

fn file(kind: &str) -> Vec<u8> {
    if kind == "835" { generate::remittances(1, SIZE) } else { generate::claims(1, SIZE) }
}

/// Places the segments of every set.
fn walk(segments: &[Segment<'_>], guide: Option<&'static Guide>) -> usize {
    let mut walker = Walker::new(None);
    let mut opened = 0;
    for segment in segments {
        if segment.id() == b"ST" {
            walker.begin(guide);
        }
        opened += usize::from(walker.feed(*segment).opens);
    }
    opened
}

#[divan::bench(args = ["835", "837"])]
fn walking(bencher: Bencher<'_, '_>, kind: &str) {
    let file = file(kind);
    let segments: Vec<_> = Reader::new(&file).flatten().filter(|s| s.position().in_set > 0).collect();
    let guide = Guide::for_set(kind, if kind == "835" { "005010X221A1" } else { "005010X222A1" });
    bencher.counter(ItemsCount::new(segments.len())).bench_local(|| walk(&segments, guide));
}

#[divan::bench(args = ["835", "837"])]
fn envelope(bencher: Bencher<'_, '_>, kind: &str) {
    let file = file(kind);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut envelope = Envelope::new();
        Reader::new(&file).flatten().for_each(|s| envelope.feed(&s));
        envelope.finish();
        envelope.findings().len()
    });
}

#[divan::bench(args = ["835", "837"])]
fn validating(bencher: Bencher<'_, '_>, kind: &str) {
    let file = file(kind);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| -> Report {
        let report = Validator::new(Options::default()).validate(&file);
        assert!(report.is_valid(), "{:?}", report.findings.first());
        report
    });
}
