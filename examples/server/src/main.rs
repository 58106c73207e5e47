//! Reference server assembled from the MentalSpace crates.

fn main() {}
