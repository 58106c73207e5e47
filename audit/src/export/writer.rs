//! Writing an export.

use std::io::{self, Write};

use serde::Serialize;

use super::{FORMAT, Header, Line};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::event::EncodedEvent;
use crate::merkle::{CompactRange, Hash, ProofError, verify_inclusion};
use crate::note::VerifierKey;

/// Why an export cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The checkpoint cannot be opened with the key given.
    #[error("checkpoint of the export is refused")]
    Checkpoint(#[from] CheckpointError),
    /// More or fewer events than announced.
    #[error("export has another number of events than announced")]
    Count,
    /// An index is not the next one of a complete export, or not above the one before.
    #[error("event {index} is out of order")]
    Order {
        /// The index in the log.
        index: u64,
    },
    /// The proof of an event does not hold.
    #[error("proof of event {index} does not hold")]
    Proof {
        /// The index in the log.
        index: u64,
        /// Why it was refused.
        source: ProofError,
    },
    /// The events of a complete export are not those of the checkpoint.
    #[error("events do not give the root of the checkpoint")]
    Root,
    /// Writing failed.
    #[error("export cannot be written")]
    Io(#[from] io::Error),
}

/// Writes an export to any writer and refuses what would not verify.
#[derive(Debug)]
pub struct ExportWriter<W> {
    out: W,
    checkpoint: Checkpoint,
    events: u64,
    written: u64,
    /// The lowest index that may come next.
    next: u64,
    range: CompactRange,
}

impl<W: Write> ExportWriter<W> {
    /// Writes the header for so many `events` of the log of a signed checkpoint: all of them for a
    /// complete export.
    ///
    /// # Errors
    /// [`ExportError::Checkpoint`], [`ExportError::Count`], [`ExportError::Io`].
    pub fn new(out: W, signed_checkpoint: &str, key: &VerifierKey, events: u64) -> Result<Self, ExportError> {
        let keys = std::slice::from_ref(key);
        let checkpoint = Checkpoint::open(signed_checkpoint, key.name(), keys)?.checkpoint;
        if events > checkpoint.size {
            return Err(ExportError::Count);
        }
        let header = Header {
            format: FORMAT.to_owned(),
            origin: key.name().to_owned(),
            verifier_key: key.clone(),
            checkpoint: signed_checkpoint.to_owned(),
            events,
        };
        let range = CompactRange::new();
        let mut writer = Self { out, checkpoint, events, written: 0, next: 0, range };
        writer.line(&header)?;
        Ok(writer)
    }

    /// Writes one event, in the order of the indices. `proof` is its inclusion proof in the tree of
    /// the checkpoint; a complete export needs none and ignores it.
    ///
    /// # Errors
    /// [`ExportError::Count`], [`ExportError::Order`], [`ExportError::Proof`],
    /// [`ExportError::Io`].
    pub fn write(&mut self, index: u64, event: &EncodedEvent, proof: &[Hash]) -> Result<(), ExportError> {
        if self.written == self.events {
            return Err(ExportError::Count);
        }
        let complete = self.is_complete();
        if index < self.next || (complete && index > self.next) {
            return Err(ExportError::Order { index });
        }
        let Checkpoint { size, root, .. } = self.checkpoint;
        if complete {
            self.range.append(event.leaf_hash());
        } else {
            verify_inclusion(event.leaf_hash(), index, size, proof, root)
                .map_err(|source| ExportError::Proof { index, source })?;
        }
        let proof = (!complete).then(|| proof.to_vec());
        self.line(&Line { index, event: event.as_str().to_owned(), proof })?;
        self.written += 1;
        self.next = index + 1;
        Ok(())
    }

    /// Ends the export and gives the writer back.
    ///
    /// # Errors
    /// [`ExportError::Count`], [`ExportError::Root`], [`ExportError::Io`].
    pub fn finish(mut self) -> Result<W, ExportError> {
        if self.written != self.events {
            return Err(ExportError::Count);
        }
        if self.is_complete() && self.range.root() != self.checkpoint.root {
            return Err(ExportError::Root);
        }
        self.out.flush()?;
        Ok(self.out)
    }

    const fn is_complete(&self) -> bool {
        self.events == self.checkpoint.size
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), ExportError> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        Ok(self.out.write_all(b"\n")?)
    }
}
