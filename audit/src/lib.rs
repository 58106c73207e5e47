#![doc = include_str!("../README.md")]

pub mod checkpoint;
mod decimal;
pub mod event;
pub mod export;
pub mod merkle;
pub mod note;

pub use checkpoint::{Checkpoint, CheckpointError, LogHead, OpenedCheckpoint};
pub use event::{
    Action, Actor, ActorKind, Assurance, Basis, BreakGlass, Disclosure, EncodedEvent, Event, EventError, LegalBasis,
    Network, Object, Outcome, OutcomeKind, Purpose,
};
pub use export::{ExportError, ExportWriter, Report, VerifyError, verify};
pub use merkle::{CompactRange, Hash, ProofError, Tree};
pub use note::{Note, NoteError, Signer, VerifiedNote, VerifiedSignature, VerifierKey};
