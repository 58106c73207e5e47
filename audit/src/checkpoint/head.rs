//! The head of a log: what its single writer keeps between two checkpoints.

use super::{Checkpoint, CheckpointError};
use crate::merkle::{CompactRange, Hash};
use crate::note::{Signer, VerifierKey};

/// The version of the stored form.
const STORED: u8 = 1;

/// The compact range of a log and its last signed checkpoint.
///
/// A copy of each signed checkpoint belongs outside the store that holds the head: restoring an
/// old copy of the store would otherwise make the log sign a second history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogHead {
    range: CompactRange,
    checkpoint: Option<String>,
}

impl LogHead {
    /// Creates the head of the empty log, of which nothing was signed.
    #[must_use]
    pub const fn new() -> Self {
        Self { range: CompactRange::new(), checkpoint: None }
    }

    /// Returns the compact range.
    #[must_use]
    pub const fn range(&self) -> &CompactRange {
        &self.range
    }

    /// Returns the number of leaves: the index of the next one.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.range.size()
    }

    /// Returns the last signed checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// Appends leaf hashes and signs the new checkpoint of the log named as the signer. When it
    /// fails nothing has changed.
    ///
    /// `earlier` are keys that signed before the present one; after a change of key the last
    /// checkpoint may be by one of them.
    ///
    /// # Errors
    /// [`CheckpointError::Inconsistent`] when the range is not the tree of the last signed
    /// checkpoint; the other variants when that checkpoint cannot be opened.
    pub fn integrate(
        &mut self,
        leaves: impl IntoIterator<Item = Hash>,
        signer: &Signer,
        earlier: &[VerifierKey],
    ) -> Result<String, CheckpointError> {
        let origin = signer.verifier().name();
        let (size, root) = match &self.checkpoint {
            Some(signed) => {
                let keys = [&[signer.verifier().clone()], earlier].concat();
                let last = Checkpoint::open(signed, origin, &keys)?.checkpoint;
                (last.size, last.root)
            }
            None => (0, Hash::empty_root()),
        };
        if (size, root) != (self.range.size(), self.range.root()) {
            return Err(CheckpointError::Inconsistent);
        }
        let mut range = self.range.clone();
        range.extend(leaves);
        let signed = Checkpoint::new(origin, range.size(), range.root()).sign(signer)?;
        *self = Self { range, checkpoint: Some(signed.clone()) };
        Ok(signed)
    }

    /// Writes the head for a store: a version byte, the length of the range as two bytes
    /// big-endian, the range, the checkpoint.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let range = self.range.to_bytes();
        // At most 8 + 64 * 32 bytes.
        let length = range.len() as u16;
        let mut bytes = vec![STORED];
        bytes.extend(length.to_be_bytes());
        bytes.extend(range);
        bytes.extend(self.checkpoint.iter().flat_map(|signed| signed.as_bytes()));
        bytes
    }

    /// Reads a head written by [`to_bytes`](Self::to_bytes). The checkpoint is verified by
    /// [`integrate`](Self::integrate).
    ///
    /// # Errors
    /// [`CheckpointError::Head`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let read = || {
            let (&[STORED, high, low], rest) = bytes.split_first_chunk()? else {
                return None;
            };
            let length = u16::from_be_bytes([high, low]);
            let (range, checkpoint) = rest.split_at_checked(length.into())?;
            let range = CompactRange::from_bytes(range).ok()?;
            let checkpoint = str::from_utf8(checkpoint).ok()?;
            let checkpoint = (!checkpoint.is_empty()).then(|| checkpoint.to_owned());
            Some(Self { range, checkpoint })
        };
        read().ok_or(CheckpointError::Head)
    }
}
