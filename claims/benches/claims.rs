//! Speed of reading, balancing, posting and writing.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench speaks by panicking")]

#[path = "../tests/support/era.rs"]
mod era;
#[path = "../tests/support/people.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod people;

use divan::{Bencher, counter::BytesCount, counter::ItemsCount};
use mentalspace_claims::claim::{Claim, MemberId};
use mentalspace_claims::remittance::{Booking, Candidate, match_claims, post};
use mentalspace_claims::transaction::{p837, r835};
use mentalspace_claims::x12::{Envelope, Reader, StreamReader};
use mentalspace_core::{ClaimId, EntryId, RemittanceId};
use uuid::Uuid;

fn main() {
    divan::main();
}

fn remittance(claims: usize) -> Vec<u8> {
    let claim = |n: usize| {
        let lines = vec![
            era::Line::new("90837:95", 15_000, &[("CO", "45", 4_000), ("PR", "3", 2_500)]).control("L1"),
            era::Line::new("90785", 1_500, &[("CO", "45", 500)]).control("L2"),
        ];
        era::Claim::new(&format!("C{n}"), "1", lines)
    };
    era::file("BENCH", &(0..claims).map(claim).collect::<Vec<_>>(), &[("WO", 500)]).into_bytes()
}

#[divan::bench]
fn segments_of_a_slice(bencher: Bencher<'_, '_>) {
    let file = remittance(10_000);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| Reader::new(&file).filter(Result::is_ok).count());
}

#[divan::bench]
fn segments_of_a_stream(bencher: Bencher<'_, '_>) {
    let file = remittance(10_000);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut stream = StreamReader::new(&file[..]);
        let mut count = 0;
        while let Ok(Some(_)) = stream.next_segment() {
            count += 1;
        }
        count
    });
}

#[divan::bench]
fn segments_with_all_elements(bencher: Bencher<'_, '_>) {
    let file = remittance(10_000);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        Reader::new(&file).flatten().map(|s| s.elements().map(<[u8]>::len).sum::<usize>()).sum::<usize>()
    });
}

#[divan::bench]
fn envelope_walk(bencher: Bencher<'_, '_>) {
    let file = remittance(10_000);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut envelope = Envelope::new();
        Reader::new(&file).flatten().for_each(|s| envelope.feed(&s));
        envelope.finish();
        envelope.findings().len()
    });
}

#[divan::bench]
fn remittance_to_model_and_balance(bencher: Bencher<'_, '_>) {
    let file = remittance(10_000);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let all = r835::read_all(&file).expect("the file is well formed");
        all.iter().map(|r| r835::balance(r).len()).sum::<usize>()
    });
}

#[divan::bench]
fn write_a_thousand_claims(bencher: Bencher<'_, '_>) {
    let claims: Vec<Claim> = (0..1000)
        .map(|n| {
            let mut draft = people::draft(&format!("C{n}"));
            draft.subscriber.member_id = MemberId::parse(format!("W{n:09}")).expect("a number");
            Claim::try_from(draft).expect("a whole claim")
        })
        .collect();
    let submission = people::submission();
    bencher.counter(ItemsCount::new(1000_usize)).bench_local(|| p837::write(&submission, &claims));
}

#[divan::bench]
fn match_and_post_a_thousand_claims(bencher: Bencher<'_, '_>) {
    let claims: Vec<Claim> = (0..1000).map(|n| people::claim(&format!("C{n}"))).collect();
    let candidates: Vec<Candidate<'_>> = claims
        .iter()
        .zip(1..)
        .map(|(claim, n)| Candidate {
            id: ClaimId::from_uuid(Uuid::from_u128(n)),
            claim,
            client: None,
            payer: None,
            next_payer: false,
            earlier: Vec::new(),
        })
        .collect();
    let remittance = r835::read_all(&remittance(1000)).expect("the file is well formed").remove(0);
    let at = people::day("2024-02-01").and_hms_opt(0, 0, 0).expect("midnight").and_utc();
    let booking = Booking {
        remittance: RemittanceId::from_uuid(Uuid::nil()),
        payer: None,
        received_on: at.date_naive(),
        recorded_at: at,
    };
    bencher.counter(ItemsCount::new(1000_usize)).bench_local(|| {
        let mut next = 0_u128;
        post(&remittance, &match_claims(&remittance, &candidates), &candidates, &booking, &mut || {
            next += 1;
            EntryId::from_uuid(Uuid::from_u128(next))
        })
    });
}
