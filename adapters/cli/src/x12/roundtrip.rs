//! `mentalspace x12 roundtrip`: whether a file comes through this software as it went in.

use std::io::{self, Write};

use indicatif::ProgressBar;
use mentalspace_claims::{transaction::document::Document, x12::Reader};
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::Input,
    output::{Files, Shown, show_each},
};

/// What became of a file.
#[derive(Serialize)]
struct Roundtrip {
    file: String,
    bytes: usize,
    /// Whether its segments, copied one by one, are the file byte by byte.
    exact: bool,
    /// Whether its typed form says the same after it was written and read again; none where it cannot be written.
    typed: Option<bool>,
    /// Whether its typed form comes through JSON.
    json: bool,
}

pub(crate) fn roundtrip(files: &Files) -> Result<Verdict, Failure> {
    show_each(files, |input: &Input, bar: &ProgressBar| {
        let bytes = input.read()?;
        bar.inc(bytes.len() as u64);
        let document = Document::read(&bytes).map_err(|error| Failure::X12(error.source))?;
        // Places differ in what was written again; JSON has none.
        let json = |document: &Document| serde_json::to_vec(document).map_err(io::Error::from);
        let content = json(&document)?;
        let back = match serde_json::from_slice::<Document>(&content) {
            Ok(back) => json(&back)? == content,
            Err(_) => false,
        };
        let typed = match document.write() {
            Ok(written) => Some(match Document::read(&written) {
                Ok(again) => json(&again)? == content,
                Err(_) => false,
            }),
            Err(_) => None,
        };
        Ok(Roundtrip { file: input.name(), bytes: bytes.len(), exact: is_exact(&bytes)?, typed, json: back })
    })
}

fn is_exact(bytes: &[u8]) -> Result<bool, Failure> {
    let (mut reader, mut left) = (Reader::new(bytes), bytes);
    while let Some(piece) = reader.next_piece().map_err(Failure::X12)? {
        match left.strip_prefix(piece.bytes()) {
            Some(rest) => left = rest,
            None => return Ok(false),
        }
    }
    Ok(left.is_empty())
}

impl Shown for Roundtrip {
    fn verdict(&self) -> Verdict {
        if self.exact && self.json && self.typed == Some(true) { Verdict::Right } else { Verdict::Wrong }
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let exact = if self.exact { "the same bytes" } else { "other bytes" };
        let typed = match self.typed {
            Some(true) => "the same content",
            Some(false) => "other content",
            None => "content that cannot be written",
        };
        let json = if self.json { "comes through JSON" } else { "does not come through JSON" };
        writeln!(out, "{}: {exact}, {typed}, {json}", self.file)
    }
}
