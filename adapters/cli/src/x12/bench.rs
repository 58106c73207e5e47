//! `mentalspace x12 bench`: how fast this machine is on a file, or on generated ones.

use std::{
    hint::black_box,
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Args;
use mentalspace_claims::{
    testing::generate,
    transaction::{claim837, r835},
    validate::{Options, Validator},
    x12::{Envelope, Reader, StreamReader, X12Error},
};
use serde::Serialize;

use crate::{Failure, Verdict, input, output::Format};

/// What `bench` takes.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Files to measure with; without any, an 837P and an 835 are generated.
    files: Vec<String>,
    /// Size of the generated files in megabytes.
    #[arg(long, value_name = "MB", default_value_t = 10)]
    size: usize,
    /// Keep the generated files in this folder, for others to be measured with.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// How to show the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One measurement: the fastest of several runs on one core.
#[derive(Serialize)]
struct Measured {
    file: String,
    bytes: usize,
    work: &'static str,
    seconds: f64,
    megabytes_per_second: f64,
}

impl Bench {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let mut measured = Vec::new();
        for (name, bytes) in self.files()? {
            for (work, run) in WORK {
                let seconds = fastest(|| run(&bytes)).map_err(Failure::X12)?.as_secs_f64();
                #[expect(clippy::cast_precision_loss, reason = "a rate, not money")]
                let rate = bytes.len() as f64 / seconds / 1e6;
                let file = name.clone();
                measured.push(Measured { file, bytes: bytes.len(), work, seconds, megabytes_per_second: rate });
            }
        }
        let mut out = io::stdout().lock();
        match self.format {
            Format::Text => {
                for Measured { file, work, seconds, megabytes_per_second: rate, .. } in &measured {
                    writeln!(out, "{file:24} {work:28} {:9.2} ms {rate:8.0} MB/s", seconds * 1e3)?;
                }
            }
            Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&measured).map_err(io::Error::from)?)?,
            Format::Ndjson => {
                for one in &measured {
                    writeln!(out, "{}", serde_json::to_string(one).map_err(io::Error::from)?)?;
                }
            }
        }
        Ok(Verdict::Right)
    }

    fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        if !self.files.is_empty() {
            return input::expand(&self.files)?.iter().map(|input| Ok((input.name(), input.read()?))).collect();
        }
        let size = self.size.saturating_mul(1_000_000);
        let made = [("generated 837P", generate::claims(1, size)), ("generated 835", generate::remittances(1, size))];
        if let Some(folder) = &self.keep {
            std::fs::write(folder.join("837p.x12"), &made[0].1)?;
            std::fs::write(folder.join("835.x12"), &made[1].1)?;
        }
        Ok(made.map(|(name, bytes)| (name.to_owned(), bytes)).into())
    }
}

type Work = fn(&[u8]) -> Result<(), X12Error>;

const WORK: [(&str, Work); 6] = [
    ("segments", |bytes| {
        for segment in Reader::new(bytes) {
            black_box(segment?);
        }
        Ok(())
    }),
    ("every element", |bytes| {
        for segment in Reader::new(bytes) {
            for element in segment?.elements() {
                black_box(element);
            }
        }
        Ok(())
    }),
    ("segments of a stream", |bytes| {
        let mut reader = StreamReader::new(bytes);
        while let Some(segment) = reader.next_segment()? {
            black_box(segment);
        }
        Ok(())
    }),
    ("envelopes", |bytes| {
        let mut envelope = Envelope::new();
        for segment in Reader::new(bytes) {
            envelope.feed(&segment?);
        }
        black_box(envelope.findings());
        Ok(())
    }),
    ("validation", |bytes| {
        black_box(Validator::new(Options::default()).validate(bytes));
        Ok(())
    }),
    ("typed, claim by claim", |bytes| {
        let remittances = Reader::new(bytes).flatten().find(|segment| segment.id() == b"ST");
        if remittances.is_some_and(|st| st.element(1) == b"835") {
            for event in r835::Events::new(bytes) {
                black_box(event?);
            }
        } else {
            for claim in claim837::Claims::new(bytes) {
                black_box(claim?);
            }
        }
        Ok(())
    }),
];

/// Runs at least three times and for a second; returns the fastest.
fn fastest(mut run: impl FnMut() -> Result<(), X12Error>) -> Result<Duration, X12Error> {
    let (begin, mut best, mut runs) = (Instant::now(), Duration::MAX, 0);
    while runs < 3 || begin.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed());
        runs += 1;
    }
    Ok(best)
}
