#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mentalspace_fuzz::stored_password(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    mentalspace_fuzz::replay(mentalspace_fuzz::stored_password)
}
