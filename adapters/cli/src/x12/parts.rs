//! `mentalspace x12 split` and `merge`: one file into several, several into one.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use mentalspace_claims::x12::{Groups, MergeOptions, Part, SplitBy, merge, split};

use crate::{Failure, Verdict, input};

/// What `split` takes.
#[derive(Debug, Args)]
pub(crate) struct SplitFile {
    /// The file, or `-` for standard input.
    file: String,
    /// The folder the parts go to; nothing in it is overwritten.
    #[arg(short, long, value_name = "FOLDER")]
    out: PathBuf,
    /// What a part holds.
    #[arg(long, value_enum, default_value_t)]
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum By {
    /// A set.
    #[default]
    Set,
    /// A group.
    Group,
}

impl SplitFile {
    /// Lists the parts, one a line: file, kind, ISA13, GS06 and ST02.
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let input = input::single(&self.file);
        let stem = Path::new(&self.file).file_stem().map_or("part".into(), |stem| stem.to_string_lossy().into_owned());
        let stem = if stem == "-" { "part" } else { &stem };
        let by = match self.by {
            By::Set => SplitBy::Set,
            By::Group => SplitBy::Group,
        };
        std::fs::create_dir_all(&self.out)?;
        let mut out = io::stdout().lock();
        let done = split(input.open()?, by, |part: &Part| {
            let path = self.out.join(format!("{stem}-{:04}.x12", part.number));
            let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let (code, group, set) = (word(&part.code), word(&part.group), word(&part.set));
            writeln!(out, "{} {code} {} {group} {set}", path.display(), part.interchange)?;
            File::create_new(path)
        })
        .map_err(Failure::Split)?;
        let mut err = io::stderr().lock();
        for finding in &done.findings {
            writeln!(err, "finding: {finding}")?;
        }
        for position in &done.left_out {
            writeln!(err, "{position} stands in no set and is in no part")?;
        }
        Ok(if done.findings.is_empty() && done.left_out.is_empty() { Verdict::Right } else { Verdict::Wrong })
    }
}

/// What `merge` takes.
#[derive(Debug, Args)]
pub(crate) struct MergeFiles {
    /// Files, folders or patterns, between the same sender and receiver.
    #[arg(required = true)]
    files: Vec<String>,
    /// Where the interchange goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// ISA13 of the interchange; that of the first file without it.
    #[arg(long, value_name = "N")]
    control: Option<u32>,
    /// Keep each group, instead of joining neighbours of the same kind.
    #[arg(long)]
    keep_groups: bool,
}

impl MergeFiles {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let inputs = input::expand(&self.files)?;
        let sources = inputs.iter().map(input::Input::open).collect::<Result<Vec<_>, _>>()?;
        let mut options = MergeOptions::default();
        options.control = self.control;
        options.groups = if self.keep_groups { Groups::Keep } else { Groups::Join };
        let done = match &self.out {
            None => merge(sources, io::stdout().lock(), &options),
            Some(path) => {
                // A merge that fails leaves no half interchange behind.
                let partial = path.with_extension("partial");
                let done = merge(sources, File::create(&partial)?, &options);
                let moved = if done.is_ok() { std::fs::rename(partial, path) } else { std::fs::remove_file(partial) };
                moved?;
                done
            }
        };
        let done = done.map_err(Failure::Merge)?;
        let mut err = io::stderr().lock();
        for (file, finding) in &done.findings {
            writeln!(err, "{}: {finding}", inputs[file - 1].name())?;
        }
        for (file, position) in &done.left_out {
            writeln!(err, "{}: {position} stands in no set and is left out", inputs[file - 1].name())?;
        }
        for one in done.renumbered.iter().filter(|one| one.old != one.new) {
            writeln!(err, "{}: {:?} {} is {} now", inputs[one.file - 1].name(), one.level, one.old, one.new)?;
        }
        writeln!(err, "{} groups, {} sets", done.groups, done.sets)?;
        Ok(if done.findings.is_empty() && done.left_out.is_empty() { Verdict::Right } else { Verdict::Wrong })
    }
}
