//! Speed of typed transactions: claims and remittances read, streamed and written.

#![expect(clippy::unwrap_used, reason = "a bench speaks by panicking")]

use divan::{Bencher, counter::BytesCount};
use mentalspace_claims::testing::generate::{claims, remittances};
use mentalspace_claims::transaction::{claim837, r835};
use mentalspace_claims::x12::{Charset, Delimiters, Unwritable, Writer};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [10_000_000, 100_000_000];

#[divan::bench(args = SIZES, sample_count = 5)]
fn remittance_to_model(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = remittances(1, bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| r835::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn remittance_claim_by_claim(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = remittances(1, bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| r835::Events::new(&file[..]).count());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn claims_to_model(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = claims(1, bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| claim837::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn claims_one_by_one(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = claims(1, bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| claim837::Claims::new(&file[..]).count());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn write_remittances(bencher: Bencher<'_, '_>, bytes: usize) {
    let sets = r835::read_all(&remittances(1, bytes)).unwrap();
    let write = || written(|out| sets.iter().for_each(|set| set.write(out).unwrap()));
    bencher.counter(BytesCount::new(write().len())).bench_local(write);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn write_claims(bencher: Bencher<'_, '_>, bytes: usize) {
    let sets = claim837::read_all(&claims(1, bytes)).unwrap();
    let write = || written(|out| sets.iter().for_each(|set| set.write(out).unwrap()));
    bencher.counter(BytesCount::new(write().len())).bench_local(write);
}

fn written(write: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
    write(&mut out);
    out.finish()
}
