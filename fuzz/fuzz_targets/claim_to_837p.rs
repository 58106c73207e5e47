#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mentalspace_fuzz::claim_to_837p(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    mentalspace_fuzz::replay(mentalspace_fuzz::claim_to_837p)
}
