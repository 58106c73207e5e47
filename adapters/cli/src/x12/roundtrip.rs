//! `mentalspace x12 roundtrip`: whether a file comes through this software as it went in.

use std::io::{self, Write};

use indicatif::ProgressBar;
use mentalspace_claims::{transaction::document::Document, x12::Reader};
use serde::Serialize;
use serde_json::Value;

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
        let json = |document: &Document| content_of(document).map_err(|error| Failure::Output(error.into()));
        let content = json(&document)?;
        let back = match serde_json::to_vec(&document).and_then(|bytes| serde_json::from_slice::<Document>(&bytes)) {
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

/// What a document says, without what is about the writing of it: places are not in JSON, and the digest of a payment
/// and the problems with its elements change when amounts are written in the shortest form and counts are right.
fn content_of(document: &Document) -> serde_json::Result<Value> {
    let mut content = serde_json::to_value(document)?;
    let mut waiting = vec![&mut content];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                object.remove("sha256");
                object.remove("problems");
                waiting.extend(object.values_mut());
            }
            Value::Array(list) => waiting.extend(list),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Ok(content)
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
