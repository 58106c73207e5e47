//! Published test vectors, read from a folder where there is one.

use std::path::PathBuf;

/// Runs `check` over a vector file and prints how many vectors it compared.
///
/// The folder is named by `MENTALSPACE_VECTORS`, else it is looked for beside the repository. Known answers for every
/// part are embedded in the tests as well, so a machine without the folder still checks each algorithm.
///
/// # Panics
/// When the file is there and nothing was compared, or when a folder was named and the file is missing.
#[allow(
    clippy::print_stdout,
    reason = "how many vectors ran is to be seen; as a unit test module the lint does not apply, so nothing could be expected"
)]
pub(crate) fn run(file: &str, check: impl FnOnce(&str) -> usize) {
    let named = std::env::var_os("MENTALSPACE_VECTORS").map(PathBuf::from);
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/vectors");
    let folder = named.clone().unwrap_or_else(|| beside.into());
    if named.is_none() && !folder.is_dir() {
        println!("{file}: no vector folder, the embedded known answers stand alone");
        return;
    }
    let text = std::fs::read_to_string(folder.join(file)).expect("the vector file is readable");
    let compared = check(&text);
    println!("{file}: {compared} vectors compared");
    assert!(compared > 0, "{file} holds no vector that was compared");
}
