//! How answers are shown: text for people, JSON for programs, one JSON object a line for pipes.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::{self, Input},
    work,
};

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: an object for one named file, a list for several.
    Json,
    /// For pipes: one object a line.
    Ndjson,
}

/// Files to work over.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// Files, folders, patterns, or `-` for standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// How to show the answer.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// How many files to work on at once.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
}

/// What is said about one input.
pub(crate) trait Shown: Serialize {
    fn verdict(&self) -> Verdict;
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// An input that could not be read.
#[derive(Serialize)]
struct Unreadable {
    file: String,
    valid: bool,
    error: String,
}

/// Does `work` for each of `files` and shows the answers in order.
///
/// An input that cannot be read is said on standard error, and does not stop the others.
pub(crate) fn show_each<T: Shown>(
    files: &Files,
    work: impl Fn(&Input, &ProgressBar) -> Result<T, Failure> + Sync,
) -> Result<Verdict, Failure> {
    let inputs = input::expand(&files.files)?;
    let one = inputs.len() == 1 && files.files.first().is_some_and(|name| *name == inputs[0].name());
    let format = files.format;
    let mut page = Page { out: io::stdout().lock(), list: format == Format::Json && !one, shown: 0 };
    let mut verdict = Verdict::Right;
    let render = |input: &Input, bar: &ProgressBar| {
        let answer = work(input, bar)?;
        Ok((render(&answer, format)?, answer.verdict()))
    };
    work::over(&inputs, files.jobs, render, |input, answer| {
        let (bytes, one) = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                failure.say(Some(&input.name()));
                let unreadable = Unreadable { file: input.name(), valid: false, error: failure.text() };
                let bytes = match format {
                    Format::Text => Vec::new(),
                    Format::Json => serde_json::to_vec_pretty(&unreadable).map_err(io::Error::from)?,
                    Format::Ndjson => serde_json::to_vec(&unreadable).map_err(io::Error::from)?,
                };
                (bytes, Verdict::Unreadable)
            }
        };
        verdict = verdict.max(one);
        Ok(page.add(&bytes)?)
    })?;
    page.end()?;
    Ok(verdict)
}

fn render(answer: &impl Shown, format: Format) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match format {
        Format::Text => answer.write_text(&mut bytes)?,
        Format::Json => serde_json::to_writer_pretty(&mut bytes, answer).map_err(io::Error::from)?,
        Format::Ndjson => serde_json::to_writer(&mut bytes, answer).map_err(io::Error::from)?,
    }
    Ok(bytes)
}

/// Answers on standard output, as a list where there may be several.
struct Page<W> {
    out: W,
    list: bool,
    shown: u64,
}

impl<W: Write> Page<W> {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before: &[u8] = match (self.list, self.shown) {
            (true, 0) => b"[\n",
            (true, _) => b",\n",
            (false, _) => b"",
        };
        self.out.write_all(before)?;
        self.out.write_all(bytes)?;
        if !self.list && !bytes.is_empty() && bytes.last() != Some(&b'\n') {
            self.out.write_all(b"\n")?;
        }
        self.shown += 1;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        match (self.list, self.shown) {
            (true, 0) => self.out.write_all(b"[]\n")?,
            (true, _) => self.out.write_all(b"\n]\n")?,
            (false, _) => {}
        }
        self.out.flush()
    }
}
