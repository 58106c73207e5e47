//! Speed beside other crates on the same generated files.

#![expect(clippy::unwrap_used, reason = "a bench speaks by panicking")]

use divan::{Bencher, black_box, counter::BytesCount};
use mentalspace_claims::{
    testing::generate,
    transaction::{claim837, r835},
    x12::Reader,
};
use x12_stream_parser::{Delimiters, Parser as StreamParser};
use x12_types::{
    util::Parser,
    v005010::{_835, _837, Transmission},
};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [1_000_000, 10_000_000];

fn remittances(bytes: usize) -> Vec<u8> {
    generate::remittances(1, bytes)
}

fn claims(bytes: usize) -> Vec<u8> {
    generate::claims(1, bytes)
}

#[divan::bench(args = SIZES)]
fn elements_mentalspace(bencher: Bencher<'_, '_>, size: usize) {
    let file = remittances(size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        for segment in Reader::new(&file) {
            for element in segment.unwrap().elements() {
                black_box(element);
            }
        }
    });
}

#[divan::bench(args = SIZES)]
fn elements_x12_stream_parser(bencher: Bencher<'_, '_>, size: usize) {
    let file = remittances(size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        for segment in StreamParser::new(&file, Delimiters::new(b'~', b'*', b':')) {
            for element in segment.unwrap().elements() {
                black_box(element);
            }
        }
    });
}

#[divan::bench(args = SIZES)]
fn remittances_mentalspace(bencher: Bencher<'_, '_>, size: usize) {
    let file = remittances(size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| r835::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn remittances_x12_types(bencher: Bencher<'_, '_>, size: usize) {
    let file = String::from_utf8(remittances(size)).unwrap();
    bencher.counter(BytesCount::of_str(&file)).bench_local(|| Transmission::<_835>::parse(&file).unwrap().1);
}

#[divan::bench(args = SIZES)]
fn claims_mentalspace(bencher: Bencher<'_, '_>, size: usize) {
    let file = claims(size);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| claim837::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn claims_x12_types(bencher: Bencher<'_, '_>, size: usize) {
    let file = String::from_utf8(claims(size)).unwrap();
    bencher.counter(BytesCount::of_str(&file)).bench_local(|| Transmission::<_837>::parse(&file).unwrap().1);
}
