//! Speed of typed transactions: claims and remittances read, streamed and written.

#![expect(clippy::unwrap_used, reason = "a bench speaks by panicking")]

#[path = "../tests/support/era.rs"]
mod era;

use std::fmt::Write as _;

use divan::{Bencher, counter::BytesCount};
use mentalspace_claims::transaction::{claim837, r835};
use mentalspace_claims::x12::{Charset, Delimiters, Unwritable, Writer};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [10_000_000, 100_000_000];

/// A balanced remittance of about `bytes` bytes.
fn remittance(bytes: usize) -> Vec<u8> {
    let claim = |n: usize| {
        let lines = vec![
            era::Line::new("90837:95", 15_000, &[("CO", "45", 4_000), ("PR", "3", 2_500)]).control("L1"),
            era::Line::new("90785", 1_500, &[("CO", "45", 500)]).control("L2"),
        ];
        era::Claim::new(&format!("C{n}"), "1", lines)
    };
    let one = era::file("BENCH", &[claim(100_000)], &[]).len() - era::file("BENCH", &[], &[]).len();
    era::file("BENCH", &(0..bytes / one).map(claim).collect::<Vec<_>>(), &[("WO", 500)]).into_bytes()
}

/// A file of professional claims of about `bytes` bytes: one billing provider, a subscriber for each claim of two lines.
fn claims(bytes: usize) -> Vec<u8> {
    let mut body = String::with_capacity(bytes + 4096);
    body.push_str(
        "ST*837*0001*005010X222A1~BHT*0019*00*BENCH*20240131*1200*CH~NM1*41*2*LAKESIDE COUNSELING*****46*LAKESIDE~\
         PER*IC*BILLING*TE*5125550100~NM1*40*2*CLEARINGHOUSE*****46*CLEAR~HL*1**20*1~PRV*BI*PXC*251S00000X~\
         NM1*85*2*LAKESIDE COUNSELING*****XX*1888888884~N3*100 LAKE STREET~N4*AUSTIN*TX*787011234~REF*EI*741234567~",
    );
    let mut levels = 1;
    while body.len() < bytes {
        levels += 1;
        let _ = write!(
            body,
            "HL*{levels}*1*22*0~SBR*P*18*GRP77******CI~NM1*IL*1*RIVERS*ALEX****MI*W{levels:09}~N3*7 CEDAR COURT~\
             N4*AUSTIN*TX*787011234~DMG*D8*19850412*F~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EHP01~\
             CLM*C{levels}*165***11:B:1*Y*A*Y*Y~REF*G1*AUTH{levels}~HI*ABK:F411*ABF:F331~\
             NM1*82*1*HALE*ROBIN****XX*1999999992~PRV*PE*PXC*1041C0700X~\
             LX*1~SV1*HC:90837:95*150*UN*1***1:2~DTP*472*D8*20240115~REF*6R*C{levels}L1~\
             LX*2~SV1*HC:90785*15*UN*1***1~DTP*472*D8*20240115~REF*6R*C{levels}L2~"
        );
    }
    let count = body.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*LAKESIDE       *ZZ*CLEAR          *240131*1200*^*00501*000000001*0*T*:~\
         GS*HC*LAKESIDE*CLEAR*20240131*1200*1*X*005010X222A1~{body}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    )
    .into_bytes()
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn remittance_to_model(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = remittance(bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| r835::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn remittance_claim_by_claim(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = remittance(bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| r835::Events::new(&file[..]).count());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn claims_to_model(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = claims(bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| claim837::read_all(&file).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn claims_one_by_one(bencher: Bencher<'_, '_>, bytes: usize) {
    let file = claims(bytes);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| claim837::Claims::new(&file[..]).count());
}

#[divan::bench(sample_count = 20)]
fn write_remittance(bencher: Bencher<'_, '_>) {
    let file = remittance(SIZES[0]);
    let remittance = r835::read_all(&file).unwrap().remove(0);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
        remittance.write(&mut out).unwrap();
        out.finish()
    });
}

#[divan::bench(sample_count = 20)]
fn write_claims(bencher: Bencher<'_, '_>) {
    let file = claims(SIZES[0]);
    let set = claim837::read_all(&file).unwrap().remove(0);
    bencher.counter(BytesCount::of_slice(&file)).bench_local(|| {
        let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
        set.write(&mut out).unwrap();
        out.finish()
    });
}
