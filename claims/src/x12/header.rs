//! What an ISA and a GS say.

use chrono::NaiveDateTime;

use super::{Delimiters, WriteError};

/// A sender or receiver in an ISA: a qualifier and an id of at most 15 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterchangeParty {
    /// ISA05 or ISA07, two characters such as `ZZ` or `30`.
    pub qualifier: String,
    /// ISA06 or ISA08.
    pub id: String,
}

/// Whether an interchange is meant (ISA15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// P.
    Production,
    /// T.
    Test,
}

/// What an ISA says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// Who sends.
    pub sender: InterchangeParty,
    /// Who receives.
    pub receiver: InterchangeParty,
    /// When it was made; never taken from a clock.
    pub at: NaiveDateTime,
    /// ISA13: 1 to 999,999,999.
    pub control: u32,
    /// Production or test.
    pub usage: Usage,
    /// Whether a TA1 is asked for (ISA14).
    pub acknowledge: bool,
}

/// What a GS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader {
    /// GS01, such as `HC`.
    pub code: &'static str,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, GS05.
    pub at: NaiveDateTime,
    /// GS06.
    pub control: u32,
    /// GS08.
    pub version: &'static str,
}

impl InterchangeHeader {
    /// Returns the segment: 106 bytes, its terminator included.
    pub(super) fn bytes(&self, delimiters: Delimiters, writable: impl Fn(u8) -> bool) -> Result<Vec<u8>, WriteError> {
        if !delimiters.are_distinct() {
            return Err(WriteError::Header { rule: "the delimiters cannot be told apart" });
        }
        for party in [&self.sender, &self.receiver] {
            if party.qualifier.len() != 2 || !party.qualifier.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(WriteError::Header { rule: "a qualifier has two letters or digits" });
            }
            if party.id.is_empty() || party.id.len() > 15 || !party.id.bytes().all(&writable) {
                return Err(WriteError::Header { rule: "an id has 1 to 15 writable characters" });
            }
        }
        if !(1..=999_999_999).contains(&self.control) {
            return Err(WriteError::Header { rule: "a control number lies between 1 and 999999999" });
        }
        let (repetition, version) = delimiters.repetition.map_or((b'U', "00401"), |mark| (mark, "00501"));
        let usage = match self.usage {
            Usage::Production => "P",
            Usage::Test => "T",
        };
        let blank = " ".repeat(10);
        let mut bytes = b"ISA".to_vec();
        for field in [
            &b"00"[..],
            blank.as_bytes(),
            b"00",
            blank.as_bytes(),
            self.sender.qualifier.as_bytes(),
            format!("{:<15}", self.sender.id).as_bytes(),
            self.receiver.qualifier.as_bytes(),
            format!("{:<15}", self.receiver.id).as_bytes(),
            self.at.format("%y%m%d").to_string().as_bytes(),
            self.at.format("%H%M").to_string().as_bytes(),
            &[repetition],
            version.as_bytes(),
            format!("{:09}", self.control).as_bytes(),
            if self.acknowledge { b"1" } else { b"0" },
            usage.as_bytes(),
            &[delimiters.component],
        ] {
            bytes.push(delimiters.element);
            bytes.extend_from_slice(field);
        }
        bytes.push(delimiters.terminator);
        Ok(bytes)
    }
}
