//! Verifying an export.

use std::io::{self, BufRead, Read as _};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{FORMAT, Header, Line, MAX_LINE};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::event::{Event, EventError};
use crate::merkle::{CompactRange, Hash, ProofError, leaf_hash, verify_inclusion};
use crate::note::{NoteError, VerifierKey};

/// What a verified export proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The log.
    pub origin: String,
    /// The number of events in the log at the checkpoint.
    pub size: u64,
    /// The root of the log at the checkpoint.
    pub root: Hash,
    /// The number of events in the export; each of them is in the log.
    pub events_verified: u64,
    /// Whether the export holds every event of the log.
    pub complete: bool,
    /// Whether the checkpoint is signed by a key that the caller trusts. When false, the only
    /// key was the one in the export: it proves that nothing was changed since, not who made it.
    pub signed_by_trusted_key: bool,
    /// The earliest `recorded_at`.
    pub first_recorded_at: Option<DateTime<Utc>>,
    /// The latest `recorded_at`.
    pub last_recorded_at: Option<DateTime<Utc>>,
}

/// Why an export was refused: where and which rule, never the content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A line is not as the writer writes it.
    #[error("line {line} is not a line of an export")]
    BadLine {
        /// The line, from 1.
        line: u64,
    },
    /// A line is longer than any line of an export.
    #[error("line {line} is too long")]
    LineTooLong {
        /// The line, from 1.
        line: u64,
    },
    /// The export is of a format that this version does not know.
    #[error("format of the export is not known")]
    UnknownFormat,
    /// The checkpoint is not well-formed or of another log.
    #[error("checkpoint is malformed or of another log")]
    BadCheckpoint(#[source] CheckpointError),
    /// The signature on the checkpoint does not verify.
    #[error("signature on the checkpoint does not verify")]
    BadSignature,
    /// The key of the export is not one of those trusted.
    #[error("key of the export is not trusted")]
    UntrustedKey,
    /// An event is not valid.
    #[error("line {line}, event {index} is not valid")]
    BadEvent {
        /// The line, from 1.
        line: u64,
        /// The index in the log.
        index: u64,
        /// Why it was refused.
        source: EventError,
    },
    /// An index is not the next one of a complete export, or not above the one before.
    #[error("line {line}, event {index} is out of order")]
    BadOrder {
        /// The line, from 1.
        line: u64,
        /// The index in the log.
        index: u64,
    },
    /// A proof is missing, superfluous or does not hold.
    #[error("line {line}, event {index}: proof is missing, superfluous or does not hold")]
    BadProof {
        /// The line, from 1.
        line: u64,
        /// The index in the log.
        index: u64,
        /// Why it was refused; `None` when missing or superfluous.
        source: Option<ProofError>,
    },
    /// The events of a complete export do not give the root of the checkpoint.
    #[error("events do not give the root of the checkpoint")]
    RootMismatch,
    /// The export ends before its last event.
    #[error("export ends in line {line}, before its last event")]
    Truncated {
        /// The line, from 1.
        line: u64,
    },
    /// Something follows the last event.
    #[error("data behind the last event, in line {line}")]
    TrailingData {
        /// The line, from 1.
        line: u64,
    },
    /// Reading failed.
    #[error("line {line} cannot be read")]
    Io {
        /// The line, from 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
}

/// Verifies an export line by line, in bounded memory.
///
/// With `trusted` keys the export must be signed by one of them. Without any, its own key is
/// used and [`Report::signed_by_trusted_key`] is false.
///
/// # Errors
/// [`VerifyError`], at the first thing that is wrong.
pub fn verify(reader: impl BufRead, trusted: &[VerifierKey]) -> Result<Report, VerifyError> {
    let mut lines = Lines { reader, line: 0, buffer: Vec::new() };
    let header: Header = lines.parse()?;
    if header.format != FORMAT {
        return Err(VerifyError::UnknownFormat);
    }
    let checkpoint = open_checkpoint(&header, trusted)?;
    let Checkpoint { size, root, .. } = checkpoint;
    if header.events > size {
        return Err(VerifyError::BadLine { line: 1 });
    }
    let complete = header.events == size;
    let mut report = Report {
        origin: checkpoint.origin,
        size,
        root,
        events_verified: 0,
        complete,
        signed_by_trusted_key: !trusted.is_empty(),
        first_recorded_at: None,
        last_recorded_at: None,
    };
    let mut range = CompactRange::new();
    let mut next = 0;
    while report.events_verified < header.events {
        let Line { index, event, proof } = lines.parse()?;
        let line = lines.line;
        if index < next || (complete && index > next) {
            return Err(VerifyError::BadOrder { line, index });
        }
        let leaf = leaf_hash(event.as_bytes());
        let bad_proof = |source| VerifyError::BadProof { line, index, source };
        match proof {
            None if complete => range.append(leaf),
            Some(proof) if !complete => {
                verify_inclusion(leaf, index, size, &proof, root).map_err(|source| bad_proof(Some(source)))?;
            }
            None | Some(_) => return Err(bad_proof(None)),
        }
        let event = Event::decode(event.as_bytes()).map_err(|source| VerifyError::BadEvent { line, index, source })?;
        let at = event.recorded_at;
        report.first_recorded_at = Some(report.first_recorded_at.map_or(at, |first| first.min(at)));
        report.last_recorded_at = report.last_recorded_at.max(Some(at));
        report.events_verified += 1;
        next = index + 1;
    }
    if lines.next()? {
        return Err(VerifyError::TrailingData { line: lines.line });
    }
    if complete && range.root() != root {
        return Err(VerifyError::RootMismatch);
    }
    Ok(report)
}

fn open_checkpoint(header: &Header, trusted: &[VerifierKey]) -> Result<Checkpoint, VerifyError> {
    let key = &header.verifier_key;
    if !trusted.is_empty() && !trusted.contains(key) {
        return Err(VerifyError::UntrustedKey);
    }
    if key.name() != header.origin {
        return Err(VerifyError::BadCheckpoint(CheckpointError::Origin));
    }
    let keys = std::slice::from_ref(key);
    match Checkpoint::open(&header.checkpoint, &header.origin, keys) {
        Ok(opened) => Ok(opened.checkpoint),
        Err(CheckpointError::Note(NoteError::Signature | NoteError::Unsigned)) => Err(VerifyError::BadSignature),
        Err(error) => Err(VerifyError::BadCheckpoint(error)),
    }
}

/// Lines of bounded length, each in the only form the writer gives.
struct Lines<R> {
    reader: R,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line into the buffer; `false` at the end.
    fn next(&mut self) -> Result<bool, VerifyError> {
        self.line += 1;
        let line = self.line;
        self.buffer.clear();
        let mut bounded = (&mut self.reader).take(MAX_LINE as u64 + 1);
        let read = bounded.read_until(b'\n', &mut self.buffer);
        let length = read.map_err(|source| VerifyError::Io { line, source })?;
        if length > MAX_LINE { Err(VerifyError::LineTooLong { line }) } else { Ok(length > 0) }
    }

    fn parse<T: DeserializeOwned + Serialize>(&mut self) -> Result<T, VerifyError> {
        let more = self.next()?;
        let line = self.line;
        let Some(json) = self.buffer.strip_suffix(b"\n").filter(|_| more) else {
            return Err(VerifyError::Truncated { line });
        };
        let bad_line = |_| VerifyError::BadLine { line };
        let value: T = serde_json::from_slice(json).map_err(bad_line)?;
        let written = serde_json::to_vec(&value).map_err(bad_line)?;
        if written == json { Ok(value) } else { Err(VerifyError::BadLine { line }) }
    }
}
