//! `mentalspace x12 inspect`: what a file holds, by its envelopes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use indicatif::ProgressBar;
use mentalspace_claims::x12::{Envelope, EnvelopeFinding, Interchange, StreamReader};
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::Input,
    output::{Files, Shown, show_each},
    work::Counted,
};

/// What a file holds.
#[derive(Debug, Serialize)]
struct Inventory {
    file: String,
    segments: u64,
    interchanges: Vec<Interchange>,
    /// Sets by transaction and guide.
    sets: BTreeMap<String, u64>,
    findings: Vec<EnvelopeFinding>,
    /// Findings beyond those that are listed.
    omitted: u64,
}

pub(crate) fn inspect(files: &Files) -> Result<Verdict, Failure> {
    show_each(files, take)
}

fn take(input: &Input, bar: &ProgressBar) -> Result<Inventory, Failure> {
    let mut reader = StreamReader::new(Counted::new(input.open()?, bar));
    let mut envelope = Envelope::new();
    let mut inventory = Inventory {
        file: input.name(),
        segments: 0,
        interchanges: Vec::new(),
        sets: BTreeMap::new(),
        findings: Vec::new(),
        omitted: 0,
    };
    while let Some(segment) = reader.next_segment().map_err(Failure::X12)? {
        inventory.segments += 1;
        envelope.feed(&segment);
        match segment.id() {
            b"ISA" => inventory.interchanges.extend(envelope.interchange().cloned()),
            b"ST" => {
                if let Some(set) = envelope.set() {
                    *inventory.sets.entry(format!("{} {}", set.code, set.guide)).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    envelope.finish();
    inventory.findings = envelope.findings().to_vec();
    inventory.omitted = envelope.omitted();
    Ok(inventory)
}

impl Shown for Inventory {
    fn verdict(&self) -> Verdict {
        if self.findings.is_empty() { Verdict::Right } else { Verdict::Wrong }
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {} segments", self.file, self.segments)?;
        for interchange in &self.interchanges {
            let Interchange { control, sender, receiver, date, version, usage, .. } = interchange;
            let (sender, receiver) = (sender.trim(), receiver.trim());
            writeln!(out, "interchange {control}: {sender} to {receiver}, {date}, version {version}, usage {usage}")?;
        }
        for (set, count) in &self.sets {
            writeln!(out, "{count} x {set}")?;
        }
        for finding in &self.findings {
            writeln!(out, "finding: {finding}")?;
        }
        if self.omitted > 0 {
            writeln!(out, "and {} findings more", self.omitted)?;
        }
        Ok(())
    }
}
