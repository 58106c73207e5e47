//! Material for tests and benches: files that are right, of any size. Behind the feature `testing`.

pub mod generate;
