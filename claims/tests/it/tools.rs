//! Independent readers of PDF, where they are installed.

#![expect(clippy::print_stderr, reason = "a test that could not look says so")]

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a tool with `file` on its input and returns what it prints. A tool that is missing is told on the error
/// output, and is a failure when `MENTALSPACE_REQUIRE_TOOLS` is 1.
pub(crate) fn run(tool: &str, arguments: &[&str], file: &[u8]) -> Option<String> {
    let child =
        Command::new(tool).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        let required = std::env::var("MENTALSPACE_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "{tool} is required but not installed");
        eprintln!("not checked: {tool} is not installed");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let bytes = file.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{tool} failed: {said}");
    Some(said)
}
