//! `mentalspace x12 to-json` and `from-json`: a file as typed data, and back.

use std::io::{self, Write};

use clap::Args;
use indicatif::ProgressBar;
use mentalspace_claims::transaction::document::Document;
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::{self, Input},
    json,
    output::{Files, Shown, show_each},
};

pub(crate) fn to_json(files: &Files) -> Result<Verdict, Failure> {
    show_each(files, |input: &Input, bar: &ProgressBar| {
        let bytes = input.read()?;
        bar.inc(bytes.len() as u64);
        Document::read(&bytes).map(Typed).map_err(|error| Failure::X12(error.source))
    })
}

/// A document is JSON whether a person or a program asks.
#[derive(Serialize)]
#[serde(transparent)]
struct Typed(Document);

impl Shown for Typed {
    fn verdict(&self) -> Verdict {
        Verdict::Right
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        Ok(serde_json::to_writer_pretty(out, self)?)
    }
}

/// What `from-json` takes.
#[derive(Debug, Args)]
pub(crate) struct FromJson {
    /// Files as `to-json` wrote them, or `-` for standard input.
    #[arg(required = true)]
    files: Vec<String>,
}

impl FromJson {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let mut out = io::stdout().lock();
        for input in input::expand(&self.files)? {
            for document in json::values::<Document>(&input.read()?)? {
                out.write_all(&document.write().map_err(Failure::Unwritable)?)?;
            }
        }
        out.flush()?;
        Ok(Verdict::Right)
    }
}
