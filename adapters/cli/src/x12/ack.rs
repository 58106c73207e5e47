//! `mentalspace x12 ack`: the answer a receiver gives to files.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use chrono::{Local, NaiveDateTime};
use clap::{Args, ValueEnum};
use mentalspace_claims::{
    acknowledge::{self, ClaimAcknowledger, Reply, Responder, Units, Warnings},
    validate::{Report, Validator},
    x12::{Segment, StreamReader},
};

use super::validate::Weights;
use crate::{
    Failure, Verdict,
    input::{self, Input},
};

/// What `ack` takes.
#[derive(Debug, Args)]
pub(crate) struct Acknowledge {
    /// Files, folders, patterns, or `-` for standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// Which answer.
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    #[command(flatten)]
    weights: Weights,
    /// When the answer is given, as 2024-01-31T12:00:00; now without it.
    #[arg(long, value_name = "TIME")]
    at: Option<NaiveDateTime>,
    /// The first ISA13 of the answers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    interchange_control: u32,
    /// The first GS06 of the answers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    group_control: u32,
    /// Accept without a word what has warnings only.
    #[arg(long)]
    silent_warnings: bool,
    /// Name of the answering payer or clearinghouse, for a 277CA.
    #[arg(long, value_name = "NAME", required_if_eq("kind", "277ca"))]
    responder: Option<String>,
    /// Its number, for a 277CA.
    #[arg(long, value_name = "ID", required_if_eq("kind", "277ca"))]
    responder_id: Option<String>,
    /// Answer as a clearinghouse rather than a payer.
    #[arg(long)]
    clearinghouse: bool,
    /// Where the answer goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Kind {
    /// A TA1 where one is due, and a 999 for each group (a 997 for groups of 4010).
    #[default]
    #[value(name = "999")]
    Implementation,
    /// A 277CA, claim by claim.
    #[value(name = "277ca")]
    Claims,
}

impl Acknowledge {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let mut reply = Reply::new(
            self.at.unwrap_or_else(|| Local::now().naive_local()),
            self.interchange_control,
            self.group_control,
        );
        if self.silent_warnings {
            reply.warnings = Warnings::Silent;
        }
        let (mut verdict, mut answers) = (Verdict::Right, Vec::new());
        for input in input::expand(&self.files)? {
            let (answer, valid) = self.answer(&input, &reply)?;
            reply.interchange_control += count(&answer, b"IEA");
            reply.group_control += count(&answer, b"GE");
            answers.extend(answer);
            verdict = verdict.max(if valid { Verdict::Right } else { Verdict::Wrong });
        }
        match &self.out {
            Some(path) => std::fs::write(path, answers)?,
            None => io::stdout().lock().write_all(&answers)?,
        }
        Ok(verdict)
    }

    /// Answers one file: it is read once for what is wrong, and once more for what the answer names.
    fn answer(&self, input: &Input, reply: &Reply) -> Result<(Vec<u8>, bool), Failure> {
        let held = matches!(input, Input::Standard).then(|| input.read()).transpose()?;
        let open = || -> Result<Box<dyn Read + '_>, Failure> {
            held.as_deref().map_or_else(|| input.open(), |bytes| Ok(Box::new(bytes)))
        };
        let mut options = self.weights.options()?;
        options.findings = options.findings.max(100_000);
        let report = Validator::new(options).validate_stream(open()?).map_err(Failure::X12)?;
        let answer = match self.kind {
            Kind::Implementation => {
                let mut units = Units::default();
                each(open()?, |segment| units.feed(segment))?;
                acknowledge::write(&report, Some(&units), reply).map_err(Failure::Acknowledge)?
            }
            Kind::Claims => self.claims(&report, open()?, reply)?,
        };
        Ok((answer, report.is_valid()))
    }

    fn claims(&self, report: &Report, source: impl Read, reply: &Reply) -> Result<Vec<u8>, Failure> {
        let name = self.responder.as_deref().unwrap_or_default();
        let id = self.responder_id.as_deref().unwrap_or_default();
        let make = if self.clearinghouse { Responder::clearinghouse } else { Responder::payer };
        let responder = make(name, id, &format!("{:09}", reply.interchange_control), reply.at.date());
        let mut claims = ClaimAcknowledger::new(report, &responder, reply).map_err(Failure::Acknowledge)?;
        each(source, |segment| claims.feed(segment))?;
        acknowledge::write_claims(report, &claims.finish(), reply).map_err(Failure::Acknowledge)
    }
}

/// Walks the segments as far as they can be told; the report says where that ends.
fn each(source: impl Read, mut take: impl FnMut(&Segment<'_>)) -> Result<(), Failure> {
    let mut reader = StreamReader::new(source);
    loop {
        match reader.next_segment() {
            Ok(Some(segment)) => take(&segment),
            Ok(None) => return Ok(()),
            Err(error @ mentalspace_claims::x12::X12Error::Io { .. }) => return Err(Failure::X12(error)),
            Err(_) => return Ok(()),
        }
    }
}

fn count(answer: &[u8], id: &[u8]) -> u32 {
    let segments = mentalspace_claims::x12::Reader::new(answer).flatten().filter(|segment| segment.id() == id);
    u32::try_from(segments.count()).unwrap_or(u32::MAX)
}
