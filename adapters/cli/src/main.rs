#![doc = include_str!("../README.md")]

mod audit;
mod blocklist;
mod claim;
mod completions;
mod era;
mod failure;
mod input;
mod json;
mod output;
mod password;
mod work;
mod x12;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use failure::Failure;
use output::Files;

/// Claims, remittances, audit logs and password lists of a behavioural-health practice.
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
    X12(x12::X12),
    /// Claims as JSON.
    #[command(subcommand)]
    Claim(claim::ClaimCommand),
    /// Read a remittance (835) and check that it adds up.
    Era(Files),
    /// An audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// Filters of passwords nobody may choose.
    #[command(subcommand)]
    Blocklist(blocklist::BlocklistCommand),
    /// What hashing passwords costs here.
    #[command(subcommand)]
    Password(password::PasswordCommand),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write manual pages into a folder.
    Man {
        /// The folder; it must exist.
        folder: PathBuf,
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

/// Whether what was read is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Right,
    Wrong,
    Unreadable,
}

fn main() -> ExitCode {
    let answer = match Command::parse().topic {
        Topic::X12(x12) => x12.run(),
        Topic::Claim(claim) => claim.run(),
        Topic::Era(files) => era::show(&files),
        Topic::Blocklist(blocklist) => blocklist.run(),
        Topic::Password(password) => password.run(),
        Topic::Completions { shell } => completions::complete(shell),
        Topic::Man { folder } => completions::man(&folder),
        Topic::Audit(Audit::Verify { export, keys }) => audit::verify(&export, &keys),
    };
    match answer {
        Ok(Verdict::Right) => ExitCode::SUCCESS,
        Ok(Verdict::Wrong) => ExitCode::from(1),
        Ok(Verdict::Unreadable) => ExitCode::from(2),
        Err(failure) => failure.report(),
    }
}
