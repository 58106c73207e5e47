//! `mentalspace x12`: any X12 file.

mod inspect;

use clap::Subcommand;

use crate::{Failure, Verdict, output::Files};

#[derive(Debug, Subcommand)]
pub(crate) enum X12 {
    /// Show envelopes and sets, and what is wrong with them.
    Inspect(Files),
}

impl X12 {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        match self {
            Self::Inspect(files) => inspect::inspect(files),
        }
    }
}
