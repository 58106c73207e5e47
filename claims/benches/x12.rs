//! Speed of the X12 layer on generated files of 10 and 100 MB: what each byte costs before anybody asks what it means.

#![expect(clippy::unwrap_used, reason = "a bench speaks by panicking")]

use divan::{Bencher, counter::BytesCount};
use mentalspace_claims::testing::generate::{Kind, Source, claims, remittances};
use mentalspace_claims::x12::{Charset, Delimiters, Envelope, Reader, StreamReader, Unwritable, Writer};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [10_000_000, 100_000_000];

#[divan::bench(args = SIZES, sample_count = 20)]
fn segments_of_a_slice(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| Reader::new(&file).filter(Result::is_ok).count());
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn all_elements_of_a_slice_837p(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| elements(&file));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn all_elements_of_a_slice_835(bencher: Bencher<'_, '_>, size: usize) {
    let file = remittances(1, size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| elements(&file));
}

fn elements(file: &[u8]) -> usize {
    Reader::new(file).map(|s| s.unwrap().elements().map(<[u8]>::len).sum::<usize>()).sum()
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn all_elements_of_a_stream_837p(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let (mut stream, mut sum) = (StreamReader::new(&file[..]), 0);
        while let Some(segment) = stream.next_segment().unwrap() {
            sum += segment.elements().map(<[u8]>::len).sum::<usize>();
        }
        sum
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn envelope_walk(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut envelope = Envelope::new();
        Reader::new(&file).flatten().for_each(|s| envelope.feed(&s));
        envelope.finish();
        assert!(envelope.findings().is_empty());
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn byte_exact_copy(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    let mut copy = Vec::with_capacity(file.len());
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        copy.clear();
        let mut reader = Reader::new(&file);
        while let Some(piece) = reader.next_piece().unwrap() {
            copy.extend_from_slice(piece.bytes());
        }
        assert_eq!(copy.len(), file.len());
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn writing(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(1, size);
    let text = String::from_utf8(file.clone()).unwrap();
    // Split beforehand, so that only the writing is measured.
    let segments: Vec<Vec<&str>> = text.split_terminator('~').skip(1).map(|s| s.split(['*', ':']).collect()).collect();
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
        for segment in &segments {
            segment[1..].iter().fold(out.segment("NM1"), |out, element| out.element(element)).end().unwrap();
        }
        out.finish()
    });
}

#[divan::bench(args = [10_000_000], sample_count = 20)]
fn generating(bencher: Bencher<'_, '_>, size: u64) {
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| std::io::copy(&mut Source::new(Kind::Claims, 1, size), &mut std::io::sink()).unwrap());
}
