//! The mentalspace command: inspect X12, read remittances, verify audit exports.

fn main() {}
