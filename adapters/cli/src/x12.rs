//! `mentalspace x12 inspect`: what a file holds, by its envelopes.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use mentalspace_claims::x12::{Envelope, EnvelopeFinding, Interchange, StreamReader};
use serde::Serialize;

use crate::{Failure, Format, Verdict, input};

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

pub(crate) fn inspect(file: &str, format: Format) -> Result<Verdict, Failure> {
    let inventory = take(file)?;
    let mut out = io::stdout().lock();
    match format {
        Format::Text => write_text(&mut out, &inventory)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &inventory).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(if inventory.findings.is_empty() { Verdict::Right } else { Verdict::Wrong })
}

fn take(file: &str) -> Result<Inventory, Failure> {
    let mut reader = StreamReader::new(input::open(file)?);
    let mut envelope = Envelope::new();
    let mut inventory = Inventory {
        file: file.to_owned(),
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

fn write_text(out: &mut impl io::Write, inventory: &Inventory) -> io::Result<()> {
    writeln!(out, "{}: {} segments", inventory.file, inventory.segments)?;
    for interchange in &inventory.interchanges {
        let Interchange { control, sender, receiver, date, version, usage, .. } = interchange;
        let (sender, receiver) = (sender.trim(), receiver.trim());
        writeln!(out, "interchange {control}: {sender} to {receiver}, {date}, version {version}, usage {usage}")?;
    }
    for (set, count) in &inventory.sets {
        writeln!(out, "{count} x {set}")?;
    }
    for finding in &inventory.findings {
        writeln!(out, "finding: {finding}")?;
    }
    if inventory.omitted > 0 {
        writeln!(out, "and {} findings more", inventory.omitted)?;
    }
    Ok(())
}
