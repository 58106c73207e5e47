//! `mentalspace blocklist`: filters of passwords nobody may choose, built of lists and of corpora of breached ones.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::ProgressBar;
use mentalspace_auth_policy::password::{Blocklist as _, Filter, FilterBuilder, FilterKey};
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::{self, Input},
    work::{self, Counted},
};

/// The longest line looked at; longer ones can be nobody's password.
const MAX_LINE: u64 = 4096;

/// What to do with a filter.
#[derive(Debug, Subcommand)]
pub(crate) enum BlocklistCommand {
    /// Build a filter of lists: one password a line, or `SHA1` and `SHA1:COUNT` as corpora of breaches come.
    Build(Build),
    /// Tell which passwords, one a line on standard input, a filter lists.
    Check {
        /// The filter.
        filter: PathBuf,
    },
    /// Tell what a filter holds.
    Show {
        /// The filter.
        filter: PathBuf,
    },
}

/// A filter to be built.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Files, folders, patterns, or `-` for standard input.
    #[arg(required = true)]
    lists: Vec<String>,
    /// Where the filter is written, at once and only when it is whole.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Leave plain passwords of fewer characters out.
    #[arg(long, value_name = "N", default_value_t = 8)]
    min_length: u16,
    /// Leave hashes out that were seen less often.
    #[arg(long, value_name = "N", default_value_t = 1)]
    min_count: u64,
    /// What the lines are.
    #[arg(long, value_enum, default_value_t)]
    lines: Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Lines {
    /// What the first line of each list looks like.
    #[default]
    Auto,
    /// Passwords.
    Plain,
    /// Hashes.
    Sha1,
}

/// What became of the lines.
#[derive(Debug, Default, Serialize)]
struct Tally {
    lines: u64,
    short: u64,
    rare: u64,
    unreadable: u64,
}

impl BlocklistCommand {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        match self {
            Self::Build(build) => build.run(),
            Self::Check { filter } => check(filter),
            Self::Show { filter } => show(filter),
        }
    }
}

impl Build {
    fn run(&self) -> Result<Verdict, Failure> {
        let inputs = input::expand(&self.lists)?;
        let bar = work::bar(inputs.iter().map(Input::size).sum(), inputs.len());
        let (mut builder, mut tally) = (FilterBuilder::new(self.min_length), Tally::default());
        for input in &inputs {
            self.read(input, &bar, &mut builder, &mut tally)?;
        }
        bar.finish_and_clear();
        let filter = builder.build().map_err(Failure::Filter)?;
        let file = filter.write();
        write_whole(&self.output, &file).map_err(Failure::Output)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{} entries, {} bytes", filter.entries(), file.len())?;
        writeln!(
            out,
            "{} lines; left out: {} short, {} rare, {} unreadable",
            tally.lines, tally.short, tally.rare, tally.unreadable
        )?;
        Ok(Verdict::Right)
    }

    fn read(
        &self,
        input: &Input,
        bar: &ProgressBar,
        builder: &mut FilterBuilder,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let mut lines = self.lines;
        let mut reader = BufReader::with_capacity(1 << 16, Counted::new(input.open()?, bar));
        let mut line = Vec::new();
        while next_line(&mut reader, &mut line).map_err(Failure::Input)? {
            tally.lines += 1;
            let hashed = hashed(&line);
            if lines == Lines::Auto {
                lines = if hashed.is_some() { Lines::Sha1 } else { Lines::Plain };
            }
            match (lines, hashed, std::str::from_utf8(&line)) {
                (Lines::Sha1, Some((_, count)), _) if count < self.min_count => tally.rare += 1,
                (Lines::Sha1, Some((key, _)), _) => builder.add_key(key).map_err(Failure::Filter)?,
                (Lines::Plain, _, Ok(text)) if line.len() as u64 <= MAX_LINE => {
                    if !builder.add(text).map_err(Failure::Filter)? {
                        tally.short += 1;
                    }
                }
                _ => tally.unreadable += 1,
            }
        }
        Ok(())
    }
}

/// Reads a line without its end; of one that is too long a little more than is looked at.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if reader.by_ref().take(MAX_LINE + 2).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() as u64 > MAX_LINE {
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}

/// Reads a line of a corpus: forty hexadecimal digits and perhaps a count.
fn hashed(line: &[u8]) -> Option<(FilterKey, u64)> {
    let (digits, rest) = line.split_first_chunk::<40>()?;
    let mut hash = [0; 20];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|_| pair.iter().all(u8::is_ascii_hexdigit))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    let count = match rest.split_first() {
        None => u64::MAX,
        Some((b':', count)) => std::str::from_utf8(count).ok()?.trim().parse().ok()?,
        Some(_) => return None,
    };
    Some((FilterKey::of_sha1(hash), count))
}

fn write_whole(path: &Path, file: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = File::create(&beside).and_then(|mut out| {
        out.write_all(file)?;
        out.sync_all()
    });
    let named = written.and_then(|()| std::fs::rename(&beside, path));
    if named.is_err() {
        // What is left of it is of no use; the first failure is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    named
}

fn read(path: &Path) -> Result<Filter, Failure> {
    let file = std::fs::read(path).map_err(Failure::Input)?;
    Filter::read(&file).map_err(Failure::Filter)
}

fn check(path: &Path) -> Result<Verdict, Failure> {
    let filter = read(path)?;
    let mut out = io::stdout().lock();
    let mut reader = io::stdin().lock();
    let (mut line, mut number, mut verdict) = (Vec::new(), 0_u64, Verdict::Right);
    while next_line(&mut reader, &mut line).map_err(Failure::Input)? {
        number += 1;
        let listed =
            std::str::from_utf8(&line).is_ok_and(|text| filter.contains(text) || filter.contains(&text.to_lowercase()));
        // By its number: what was typed is not repeated.
        writeln!(out, "line {number}: {}", if listed { "listed" } else { "not listed" })?;
        if listed {
            verdict = Verdict::Wrong;
        }
    }
    Ok(verdict)
}

fn show(path: &Path) -> Result<Verdict, Failure> {
    let filter = read(path)?;
    let mut out = io::stdout().lock();
    writeln!(out, "entries     {}", filter.entries())?;
    writeln!(out, "bytes       {}", filter.write().len())?;
    writeln!(out, "least chars {}", filter.min_code_points())?;
    writeln!(out, "wrong once in about 4 294 967 296 times")?;
    Ok(Verdict::Right)
}
