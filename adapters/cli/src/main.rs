#![doc = include_str!("../README.md")]

mod audit;
mod era;
mod failure;
mod input;
mod x12;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use failure::Failure;

/// Claims, remittances and audit logs of a behavioural-health practice.
#[derive(Debug, Parser)]
#[command(name = "mentalspace", version)]
struct Command {
    #[command(subcommand)]
    topic: Topic,
}

#[derive(Debug, Subcommand)]
enum Topic {
    /// Any X12 file.
    #[command(subcommand)]
    X12(X12),
    /// Read a remittance (835) and check that it adds up.
    Era {
        /// The file, or `-` for standard input.
        file: String,
        /// How to show it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// An audit log.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Debug, Subcommand)]
enum X12 {
    /// Show envelopes and sets, and what is wrong with them.
    Inspect {
        /// The file, or `-` for standard input.
        file: String,
        /// How to show it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Verify an export offline.
    Verify {
        /// The export, or `-` for standard input.
        export: String,
        /// A verifier key you trust, as `name+id+key`. Without one the export's own key is believed.
        #[arg(long = "key", value_name = "VKEY")]
        keys: Vec<String>,
    },
}

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Whether what was read is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
}

fn main() -> ExitCode {
    let answer = match Command::parse().topic {
        Topic::X12(X12::Inspect { file, format }) => x12::inspect(&file, format),
        Topic::Era { file, format } => era::show(&file, format),
        Topic::Audit(Audit::Verify { export, keys }) => audit::verify(&export, &keys),
    };
    match answer {
        Ok(Verdict::Right) => ExitCode::SUCCESS,
        Ok(Verdict::Wrong) => ExitCode::from(1),
        Err(failure) => failure.report(),
    }
}
