//! `mentalspace x12`: any X12 file.

mod ack;
mod bench;
mod inspect;
mod json;
mod parts;
mod roundtrip;
mod validate;

use clap::Subcommand;

use crate::{Failure, Verdict, output::Files};

#[derive(Debug, Subcommand)]
pub(crate) enum X12 {
    /// Show envelopes and sets, and what is wrong with them.
    Inspect(Files),
    /// Check files against syntax, guide, sums, situations and code lists.
    Validate(validate::Validate),
    /// Answer files as their receiver: TA1 and 999, or 277CA.
    Ack(ack::Acknowledge),
    /// Show a file as typed data.
    ToJson(Files),
    /// Write typed data as X12.
    FromJson(json::FromJson),
    /// Check that a file comes through this software as it went in.
    Roundtrip(Files),
    /// Make a file of each set or group of a file.
    Split(parts::SplitFile),
    /// Make one interchange of several files.
    Merge(parts::MergeFiles),
    /// List the rules of `validate`.
    Rules,
    /// Measure how fast files are read, checked and written on this machine.
    Bench(bench::Bench),
}

impl X12 {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        match self {
            Self::Inspect(files) => inspect::inspect(files),
            Self::Validate(validate) => validate.run(),
            Self::Ack(ack) => ack.run(),
            Self::ToJson(files) => json::to_json(files),
            Self::FromJson(from_json) => from_json.run(),
            Self::Roundtrip(files) => roundtrip::roundtrip(files),
            Self::Split(split) => split.run(),
            Self::Merge(merge) => merge.run(),
            Self::Rules => validate::rules(),
            Self::Bench(bench) => bench.run(),
        }
    }
}
