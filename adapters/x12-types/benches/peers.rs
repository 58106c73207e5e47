//! Speed beside other crates on the same file.
fn main() {
    divan::main();
}
