//! A customer's list, line by line (RFC 4180 without line breaks in fields), bounded in every direction.

use std::io::{BufRead, Read};

use chrono::NaiveDate;

use super::Entry;
use super::key::Key;

/// Why a list was not loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeListError {
    /// A line is not of the form.
    #[error("line {line} {problem}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The reader failed.
    #[error("the list could not be read")]
    Read(#[from] std::io::Error),
}

/// The most codes a list may have.
const CODES: usize = 1_000_000;
/// The longest line in bytes.
const LINE: u64 = 8_192;

pub(super) type Rows = (Vec<Entry>, Vec<(Key, Box<str>)>);

pub(super) fn read(mut reader: impl BufRead) -> Result<Rows, CodeListError> {
    let (mut entries, mut descriptions) = Rows::default();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if reader.by_ref().take(LINE).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let at = |problem| CodeListError::Line { line: number, problem };
        if !bytes.ends_with(b"\n") && bytes.len() as u64 == LINE {
            return Err(at("is too long"));
        }
        let line = std::str::from_utf8(&bytes).map_err(|_| at("is not UTF-8"))?.trim_end_matches(['\r', '\n']);
        let line = line.strip_prefix('\u{feff}').filter(|_| number == 1).unwrap_or(line);
        if line.is_empty() || number == 1 && line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("code")) {
            continue;
        }
        if entries.len() == CODES {
            return Err(at("is one code too many"));
        }
        let [code, from, to, description] = fields(line).ok_or_else(|| at("is not of up to four fields"))?;
        let key = Key::of(code.trim().as_bytes()).ok_or_else(|| at("has no code of capitals and digits"))?;
        let day = |text: &str, missing| if text.is_empty() { Some(missing) } else { day(text) };
        let from = day(from.trim(), NaiveDate::MIN).ok_or_else(|| at("has a first day that is none"))?;
        let to = day(to.trim(), NaiveDate::MAX).ok_or_else(|| at("has a last day that is none"))?;
        if from > to {
            return Err(at("ends before it begins"));
        }
        entries.push(Entry { key, from, to });
        if !description.is_empty() {
            descriptions.push((key, description.into_boxed_str()));
        }
    }
    Ok((entries, descriptions))
}

fn day(text: &str) -> Option<NaiveDate> {
    let form = if text.contains('-') { "%Y-%m-%d" } else { "%Y%m%d" };
    NaiveDate::parse_from_str(text, form).ok()
}

/// Splits a line into at most four fields; `None` when there are more or a quotation is not closed.
fn fields(line: &str) -> Option<[String; 4]> {
    let mut fields: [String; 4] = Default::default();
    let (mut at, mut quoted) = (0, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => fields[at].extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => at += usize::from(at < 4),
            _ => fields.get_mut(at)?.push(c),
        }
        if at == fields.len() {
            return None;
        }
    }
    (!quoted).then_some(fields)
}
