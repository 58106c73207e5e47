//! `mentalspace cms1500`: claims as JSON become paper.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use chrono::{NaiveDate, NaiveDateTime};
use clap::{Args, Subcommand, ValueEnum};
use mentalspace_claims::{
    claim::{Claim, ClaimDraft},
    cms1500::{
        Batch, DateStyle, Finding, FindingKind, Form, FormError, Mode, Offset, Options, Overlong, Printing, Totals,
        calibration,
    },
    page::{Font, Points, Printable, pdf},
};

use crate::{Failure, Verdict, input, json, work};

#[derive(Debug, Subcommand)]
pub(crate) enum Cms1500 {
    /// Print claims into one PDF, each on as many sheets as it needs.
    Render(Render),
}

#[derive(Debug, Args)]
pub(crate) struct Render {
    /// Claims as JSON: one, a list, or one a line; `-` for standard input.
    #[arg(required_unless_present = "calibrate")]
    claims: Option<String>,
    /// Where the PDF goes; `-` for standard output.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Values alone, for the red forms that payers read, or a copy to be read by people.
    #[arg(long, value_enum, default_value_t)]
    mode: PrintMode,
    /// How far to move everything to the right, as 0.5mm, -0.02in or 1.5pt.
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, default_value = "0mm")]
    dx: Length,
    /// How far to move everything down.
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, default_value = "0mm")]
    dy: Length,
    /// Print the sheet by which a printer is adjusted instead of claims.
    #[arg(long, conflicts_with_all = ["claims", "mode", "truncate", "totals", "long_years", "signed_on"])]
    calibrate: bool,
    /// Cut what does not fit, and say so, instead of leaving the claim out.
    #[arg(long)]
    truncate: bool,
    /// Where the totals of a claim of several sheets stand.
    #[arg(long, value_enum, default_value_t)]
    totals: TotalsOn,
    /// Write years with four digits where the form leaves the choice.
    #[arg(long)]
    long_years: bool,
    /// The date beside the signatures, as 2024-01-31.
    #[arg(long, value_name = "DATE")]
    signed_on: Option<NaiveDate>,
    /// The date the file tells of itself, in UTC, as 2024-01-31T12:00:00; none without it.
    #[arg(long, value_name = "TIME")]
    at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum PrintMode {
    #[default]
    DataOnly,
    Copy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum TotalsOn {
    #[default]
    EachPage,
    LastPage,
}

/// A length with its unit.
#[derive(Debug, Clone, Copy)]
struct Length(Points);

#[derive(Debug, thiserror::Error)]
#[error("a length is a number of at most 100 with mm, in or pt, such as 0.5mm")]
struct NotALength;

impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Self, NotALength> {
        // Points to the unit, as a fraction: 72 to the inch, 25.4 mm to the inch.
        let units = [("mm", 360, 127), ("in", 72, 1), ("pt", 1, 1)];
        let found = units.into_iter().find_map(|(unit, over, under)| Some((text.strip_suffix(unit)?, over, under)));
        let (number, over, under) = found.ok_or(NotALength)?;
        let (negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |digits: &str| (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(part) {
            return Err(NotALength);
        }
        let thousandths: i32 = format!("{whole}{part:0<3}").parse().map_err(|_| NotALength)?;
        if thousandths > 100_000 {
            return Err(NotALength);
        }
        let length = Points::thousandths(if negative { -thousandths } else { thousandths });
        Ok(Self(length.scaled(over, under)))
    }
}

impl Cms1500 {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let Self::Render(render) = self;
        render.run()
    }
}

impl Render {
    fn run(&self) -> Result<Verdict, Failure> {
        let offset = Offset { right: self.dx.0, down: self.dy.0 };
        let Some(claims) = &self.claims else {
            let about = pdf::About { title: Printable::spelled(Font::Courier, "Calibration"), created: self.at };
            return write_whole(&self.out, |out| {
                let mut file = pdf::Writer::new(out, &about)?;
                file.page(&calibration(offset))?;
                file.finish().map(drop)?;
                Ok(Verdict::Right)
            });
        };
        let mode = if self.mode == PrintMode::Copy { Mode::Copy } else { Mode::DataOnly };
        let printing = Printing { mode, offset, created: self.at };
        write_whole(&self.out, |out| self.print(claims, Batch::new(out, &printing)?))
    }

    fn print<W: Write>(&self, claims: &str, mut file: Batch<W>) -> Result<Verdict, Failure> {
        let source = input::single(claims);
        let bar = work::bar(source.size(), 1);
        let (options, mut err) = (self.options(), io::stderr().lock());
        let (mut total, mut printed, mut sheets) = (0_usize, 0_usize, 0_usize);
        let counted = BufReader::new(work::Counted::new(source.open()?, &bar));
        json::each(counted, |draft: ClaimDraft| {
            total += 1;
            let claim = match Claim::try_from(draft) {
                Ok(claim) => claim,
                Err(error) => return Ok(bar.suspend(|| writeln!(err, "claim {total} is not printed: {error}"))?),
            };
            match Form::from_claim(&claim, &options) {
                Ok(form) => {
                    file.add(&form)?;
                    printed += 1;
                    sheets += form.pages().len();
                    bar.suspend(|| {
                        said(form.findings()).iter().try_for_each(|finding| writeln!(err, "claim {total}: {finding}"))
                    })?;
                }
                Err(FormError::Unprintable { findings }) => bar.suspend(|| {
                    writeln!(err, "claim {total} is not printed:")?;
                    said(&findings).iter().try_for_each(|finding| writeln!(err, "  {finding}"))
                })?,
                Err(error) => bar.suspend(|| writeln!(err, "claim {total} is not printed: {error}"))?,
            }
            Ok(())
        })?;
        bar.finish_and_clear();
        file.finish()?.flush()?;
        writeln!(err, "{printed} of {total} claims printed on {sheets} sheets")?;
        Ok(if printed == total { Verdict::Right } else { Verdict::Wrong })
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.overlong = if self.truncate { Overlong::Truncate } else { Overlong::Refuse };
        options.totals = if self.totals == TotalsOn::LastPage { Totals::LastPageOnly } else { Totals::PerPage };
        options.dates = if self.long_years { DateStyle::EightDigits } else { DateStyle::SixDigits };
        options.signed_on = self.signed_on;
        options
    }
}

/// Says what a form lost, each thing once.
fn said(findings: &[Finding]) -> Vec<String> {
    let mut lines: Vec<String> = findings.iter().map(describe).collect();
    let mut told = BTreeSet::new();
    lines.retain(|line| told.insert(line.clone()));
    lines
}

/// Says it by item; never the content.
fn describe(finding: &Finding) -> String {
    let line = finding.service_line.map_or_else(String::new, |line| format!(" of service line {line}"));
    let what = match &finding.kind {
        FindingKind::Overflow { max, .. } => format!("is longer than {max} characters"),
        FindingKind::Replaced { to, .. } if to.expose().is_empty() => {
            "lost a character the form does not take".to_owned()
        }
        FindingKind::Replaced { .. } => "has a character spelled another way".to_owned(),
        FindingKind::Unmappable { .. } => "has no form on paper, in whole or in part".to_owned(),
        FindingKind::Unplaced { fact } => format!("has no place for {fact}"),
        _ => "differs from the claim".to_owned(),
    };
    format!("item {} ({}){line} {what}", finding.item, finding.field)
}

/// Writes a file that appears when it is whole, or standard output.
fn write_whole(
    path: &Path,
    write: impl FnOnce(Box<dyn Write>) -> Result<Verdict, Failure>,
) -> Result<Verdict, Failure> {
    if path == Path::new("-") {
        return write(Box::new(BufWriter::new(io::stdout().lock())));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write(Box::new(BufWriter::new(File::create(&part)?)));
    let moved = match &written {
        Ok(_) => std::fs::rename(&part, path),
        Err(_) => std::fs::remove_file(&part),
    };
    let verdict = written?;
    moved?;
    Ok(verdict)
}
