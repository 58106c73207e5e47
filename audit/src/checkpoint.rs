//! Checkpoints: the signed size and root of a log, and the head that grows a log under them.
//!
//! Invariant: a [`LogHead`] signs only checkpoints that extend the last one it signed.
//! Standard: C2SP tlog-checkpoint.

mod head;

use std::fmt;

pub use head::LogHead;

use crate::merkle::Hash;
use crate::note::{Note, NoteError, Signer, VerifiedSignature, VerifierKey};

/// Why a checkpoint was refused or was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note around the checkpoint was refused.
    #[error("signed note of the checkpoint is refused")]
    Note(#[from] NoteError),
    /// The text is not a checkpoint.
    #[error("checkpoint is malformed")]
    Malformed,
    /// The checkpoint, or the signer, is of another log.
    #[error("checkpoint and key or wanted origin are of different logs")]
    Origin,
    /// The tree is not the one of the last signed checkpoint.
    #[error("tree is inconsistent with the last signed checkpoint")]
    Inconsistent,
    /// The stored log head cannot be read.
    #[error("stored log head is malformed")]
    Head,
}

/// The size and root of a log at one moment. Its `Display` is the text that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// Names the log: a URL without scheme, such as `audit.example/practice-1`.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// Further lines, signed but opaque. Ours have none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Creates a checkpoint without extension lines.
    #[must_use]
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// Signs the checkpoint as its log, giving the signed note.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the signer is not named as the origin;
    /// [`CheckpointError::Malformed`] when no reader would accept the text.
    pub fn sign(&self, signer: &Signer) -> Result<String, CheckpointError> {
        if signer.verifier().name() != self.origin {
            return Err(CheckpointError::Origin);
        }
        let text = self.to_string();
        if Self::parse(&text)? != *self {
            return Err(CheckpointError::Malformed);
        }
        Ok(Note::new(text)?.sign(&[signer]))
    }

    /// Opens a signed checkpoint of the log `origin` with the keys that are known.
    ///
    /// # Errors
    /// [`CheckpointError::Note`], [`CheckpointError::Malformed`], [`CheckpointError::Origin`].
    pub fn open(note: &str, origin: &str, keys: &[VerifierKey]) -> Result<OpenedCheckpoint, CheckpointError> {
        let note = Note::open(note, keys)?;
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin);
        }
        Ok(OpenedCheckpoint { checkpoint, signatures: note.signatures })
    }

    /// Reads the text of a checkpoint: origin, size, root and extension lines.
    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let mut lines = text.strip_suffix('\n').ok_or(malformed)?.split('\n').map(str::to_owned);
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed);
        };
        let extensions: Vec<String> = lines.collect();
        let number: u64 = size.parse().map_err(|_| malformed)?;
        let root = root.parse().map_err(|_| malformed)?;
        let empty_lines = origin.is_empty() || extensions.iter().any(String::is_empty);
        let wrong_root = number == 0 && root != Hash::empty_root();
        // Digits are canonical when they are what the number prints as.
        if empty_lines || wrong_root || size != number.to_string() {
            return Err(malformed);
        }
        Ok(Self { origin, size: number, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint and the known keys that signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedCheckpoint {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The first signature by each known key.
    pub signatures: Vec<VerifiedSignature>,
}
