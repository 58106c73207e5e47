//! Validators that nobody here wrote read what we write: pyx12 and LinuxForHealth x12, as `scripts/peers` installs them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn peer(program: &str) -> PathBuf {
    let folder =
        std::env::var_os("MENTALSPACE_PEERS").expect("MENTALSPACE_PEERS names the folder that scripts/peers prints");
    Path::new(&folder).join(program)
}

/// What we wrote, by name.
fn ours() -> Vec<(String, Vec<u8>)> {
    let golden = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/837p")).unwrap();
    let golden = golden.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "x12"));
    golden.map(|path| (format!("837P {}", path.file_stem().unwrap().display()), fs::read(&path).unwrap())).collect()
}

fn judge(program: &str, arguments: &[&str], accepts: impl Fn(&Output) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let files = ours();
    for (name, bytes) in &files {
        let path = folder.path().join("file.x12");
        fs::write(&path, bytes).unwrap();
        let output = Command::new(peer(program)).args(arguments).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(accepts(&output), "{program} refuses {name}: {} {said}", String::from_utf8_lossy(&output.stdout));
    }
    println!("peers: {program} accepts {} files", files.len());
}

#[test]
#[ignore = "needs the peers that scripts/peers installs"]
fn pyx12_accepts_what_we_write() {
    judge("pyx12/bin/x12valid", &[], |output| {
        [&output.stdout, &output.stderr].iter().any(|said| String::from_utf8_lossy(said).contains(": OK"))
    });
}

#[test]
#[ignore = "needs the peers that scripts/peers installs"]
fn linuxforhealth_accepts_what_we_write() {
    judge("linuxforhealth/bin/lfhx12", &["-m"], |output| output.status.success());
}
