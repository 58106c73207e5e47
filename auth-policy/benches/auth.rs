//! Costs of what is done while someone waits.
#![expect(clippy::expect_used, reason = "the input is fixed")]

use std::hint::black_box;

use chrono::DateTime;
use divan::Bencher;
use mentalspace_auth_policy::hash::{HashParams, Hasher};
use mentalspace_auth_policy::password::{Blocklist, CommonPasswords, Context, NormalizedPassword, strength};
use mentalspace_auth_policy::pepper::Peppers;
use mentalspace_auth_policy::totp::{Drift, TotpAuthenticator, TotpSecret, Window};

fn main() {
    // The dictionaries are built on first use.
    estimate("warm up", &Context::new());
    divan::main();
}

const TYPICAL: &str = "four walnuts under a lamp";
/// Look-alike signs for as many letters as possible, which the estimator has to try in every combination.
const WORST: &str = "4@8(<3691|!10$5+7%24@8(<3691|!10$5+7%24@8(<3691|!10$5+7%2";

fn estimate(text: &str, context: &Context) -> u8 {
    strength(&password(text), context).score
}

fn password(text: &str) -> NormalizedPassword {
    NormalizedPassword::attempt(&text.into()).expect("the text is short")
}

fn full_context() -> Context {
    (0..20).fold(Context::new(), |context, n| context.word(&format!("{}{n}", "abcdefghij".repeat(6))))
}

#[divan::bench(args = [TYPICAL, WORST])]
fn strength_of(text: &str) -> u8 {
    estimate(black_box(text), &Context::new())
}

#[divan::bench]
fn strength_of_worst_with_twenty_words(bencher: Bencher<'_, '_>) {
    let context = full_context();
    bencher.bench(|| estimate(black_box(WORST), &context));
}

#[divan::bench(args = [TYPICAL, WORST])]
fn common_passwords(text: &str) -> bool {
    CommonPasswords.contains(black_box(text))
}

#[divan::bench]
fn totp_verify(bencher: Bencher<'_, '_>) {
    let secret = TotpSecret::from_bytes(*b"12345678901234567890");
    let authenticator = TotpAuthenticator::restore(secret, Some(1), Drift::NONE);
    let now = DateTime::from_timestamp(1_767_254_400, 0).expect("a moment");
    bencher.bench(|| authenticator.verify(black_box("123456"), now, Window::Symmetric));
}

#[divan::bench(sample_count = 20)]
fn argon2id_default(bencher: Bencher<'_, '_>) {
    let hasher = Hasher::new(HashParams::DEFAULT, Peppers::none());
    let password = password(TYPICAL);
    bencher.bench(|| hasher.hash(black_box(&password), [1; 16]));
}
