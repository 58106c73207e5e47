#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mentalspace_fuzz::api_key(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    mentalspace_fuzz::replay(mentalspace_fuzz::api_key)
}
