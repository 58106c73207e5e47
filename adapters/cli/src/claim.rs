//! `mentalspace claim`: claims as JSON become an 837P.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use chrono::{Local, NaiveDateTime};
use clap::{Args, Subcommand};
use mentalspace_claims::{
    claim::{Claim, ClaimDraft, Contact, OrganizationName},
    transaction::p837::{self, ReceiverName, Submission, Submitter},
    x12::{Charset, InterchangeParty, Replaced, Unwritable, Usage},
};
use serde::Deserialize;

use crate::{Failure, Verdict, input, json};

#[derive(Debug, Subcommand)]
pub(crate) enum ClaimCommand {
    /// Write claims as an 837P (005010X222A1).
    Generate(Generate),
    /// Print an example of a submission and a claim.
    Example {
        /// Which of the two.
        #[arg(value_enum)]
        what: Example,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Example {
    /// A claim.
    Claim,
    /// A submission.
    Submission,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Claims as JSON: one, a list, or one a line; `-` for standard input.
    claims: String,
    /// Who sends to whom, as JSON.
    #[arg(long, value_name = "FILE")]
    submission: String,
    /// Where the 837P goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// When the file was made, as 2024-01-31T12:00:00; now without it.
    #[arg(long, value_name = "TIME")]
    at: Option<NaiveDateTime>,
    /// Refuse characters outside of the character set instead of replacing them.
    #[arg(long)]
    refuse: bool,
}

/// Who sends to whom: what belongs to the exchange rather than to a claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    sender: InterchangeParty,
    receiver: InterchangeParty,
    application_sender: Option<String>,
    application_receiver: Option<String>,
    submitter: Party,
    receiver_name: Party,
    /// BHT03.
    reference: String,
    #[serde(default = "one")]
    interchange_control: u32,
    #[serde(default = "one")]
    group_control: u32,
    #[serde(default = "test")]
    usage: Usage,
    #[serde(default)]
    characters: Characters,
}

/// The characters the receiver takes.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Characters {
    #[default]
    Basic,
    Extended,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    name: OrganizationName,
    id: String,
    #[serde(default)]
    contact: Contact,
}

const fn one() -> u32 {
    1
}

const fn test() -> Usage {
    Usage::Test
}

impl ClaimCommand {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        match self {
            Self::Generate(generate) => generate.run(),
            Self::Example { what } => {
                let example = match what {
                    Example::Claim => include_str!("claim/claim.json"),
                    Example::Submission => include_str!("claim/submission.json"),
                };
                io::stdout().lock().write_all(example.as_bytes())?;
                Ok(Verdict::Right)
            }
        }
    }
}

impl Generate {
    fn run(&self) -> Result<Verdict, Failure> {
        let exchange: Exchange = json::values(&input::single(&self.submission).read()?)?.remove(0);
        let drafts: Vec<ClaimDraft> = json::values(&input::single(&self.claims).read()?)?;
        let mut err = io::stderr().lock();
        let (mut claims, total) = (Vec::new(), drafts.len());
        for (index, draft) in drafts.into_iter().enumerate() {
            match Claim::try_from(draft) {
                Ok(claim) => claims.push(claim),
                Err(error) => writeln!(err, "claim {} is not in the file: {error}", index + 1)?,
            }
        }
        let written = p837::write(&self.submission(exchange), &claims).map_err(Failure::Submission)?;
        for rejected in &written.rejected {
            writeln!(err, "claim {} is not in the file: {}", rejected.control_number, rejected.reason)?;
        }
        for Replaced { tag, element, segment, characters, .. } in &written.replaced {
            writeln!(err, "{characters} characters replaced in {tag}{element:02}, segment {segment}")?;
        }
        writeln!(err, "{} of {total} claims written", written.accepted.len())?;
        let file = written.file.unwrap_or_default();
        match &self.out {
            Some(path) => std::fs::write(path, file)?,
            None => io::stdout().lock().write_all(&file)?,
        }
        Ok(if written.accepted.len() == total { Verdict::Right } else { Verdict::Wrong })
    }

    fn submission(&self, exchange: Exchange) -> Submission {
        let Exchange { sender, receiver, submitter, receiver_name, reference, .. } = exchange;
        let submitter = Submitter { name: submitter.name, id: submitter.id, contact: submitter.contact };
        let receiver_name = ReceiverName { name: receiver_name.name, id: receiver_name.id };
        let at = self.at.unwrap_or_else(|| Local::now().naive_local());
        let mut submission = Submission::new(sender, receiver, submitter, receiver_name, reference, at);
        submission.application_sender = exchange.application_sender;
        submission.application_receiver = exchange.application_receiver;
        submission.interchange_control = exchange.interchange_control;
        submission.group_control = exchange.group_control;
        submission.usage = exchange.usage;
        submission.charset = match exchange.characters {
            Characters::Basic => Charset::Basic,
            Characters::Extended => Charset::Extended,
        };
        submission.unwritable = if self.refuse { Unwritable::Refuse } else { Unwritable::Replace };
        submission
    }
}
