//! Forms per second: placing alone, one document a form, and a batch in one document.

#[path = "../tests/support/people.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests")]
mod people;

use divan::{Bencher, counter::ItemsCount};
use mentalspace_claims::claim::Claim;
use mentalspace_claims::cms1500::{Batch, Form, Mode, Options, Printing, render_pdf};

fn main() {
    divan::main();
}

/// A claim that fills its sheet: six lines.
fn claim(number: u32) -> Option<Claim> {
    let mut draft = people::draft(&format!("C{number}"));
    draft.lines = (0..6).map(|_| people::line("90837", "150")).collect();
    Claim::try_from(draft).ok()
}

fn form(claim: &Claim) -> Option<Form> {
    Form::from_claim(claim, &Options::default()).ok()
}

#[divan::bench]
fn place(bencher: Bencher<'_, '_>) {
    let claim = claim(1);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| claim.as_ref().and_then(form));
}

#[divan::bench]
fn claim_to_document(bencher: Bencher<'_, '_>) {
    let claim = claim(1);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let form = claim.as_ref().and_then(form);
        render_pdf(form.as_slice(), &Printing::default())
    });
}

/// A batch as the command prints it, into nothing: from claims to bytes, sheet by sheet.
#[divan::bench(sample_count = 5, args = [Mode::DataOnly, Mode::Copy])]
fn batch_of_2000(bencher: Bencher<'_, '_>, mode: Mode) {
    let claims: Vec<Claim> = (0..2000).filter_map(claim).collect();
    assert_eq!(claims.len(), 2000);
    let printing = Printing { mode, ..Printing::default() };
    bencher.counter(ItemsCount::new(2000_u32)).bench_local(|| -> std::io::Result<_> {
        let mut batch = Batch::new(std::io::sink(), &printing)?;
        for claim in &claims {
            batch.add(&form(claim).ok_or(std::io::ErrorKind::InvalidData)?)?;
        }
        batch.finish()
    });
}
