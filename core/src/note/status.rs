//! Where a note stands and what may be done to it.

use std::fmt;

/// Where a note stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteStatus {
    /// Being written.
    Draft,
    /// Signed by its author; final.
    Signed,
    /// Signed by its author, waiting for the supervisor.
    PendingCosign,
    /// Signed by author and supervisor; final.
    Cosigned,
    /// Sent back by the supervisor; being written again.
    ReturnedForRevision,
    /// Closed, whether signed or not.
    Locked,
}

/// Something done to a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteAct {
    /// The author writes.
    Edit,
    /// The author signs, and that is enough.
    Sign,
    /// The author signs, and the supervisor must as well.
    SignForCosign,
    /// The supervisor signs.
    Cosign,
    /// The supervisor sends it back.
    Return,
    /// Another supervisor takes over.
    Reassign,
    /// It is closed.
    Lock,
    /// It is opened again as it was before it was closed.
    Unlock(LockedFrom),
    /// Something is added to what is signed.
    Amend,
}

/// What a locked note was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedFrom {
    /// An unsigned draft.
    Draft,
    /// Signed.
    Signed,
    /// Co-signed.
    Cosigned,
}

impl NoteStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Signed, Self::PendingCosign, Self::Cosigned, Self::ReturnedForRevision, Self::Locked];

    /// Returns the name used on the wire and in search terms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::PendingCosign => "pending_cosign",
            Self::Cosigned => "cosigned",
            Self::ReturnedForRevision => "returned_for_revision",
            Self::Locked => "locked",
        }
    }

    /// Returns where `act` leads, or `None` when this status does not admit it.
    #[must_use]
    pub const fn after(self, act: NoteAct) -> Option<Self> {
        use NoteAct as A;
        match (self, act) {
            (Self::Draft, A::Edit) | (Self::Locked, A::Unlock(LockedFrom::Draft)) => Some(Self::Draft),
            (Self::Draft, A::Sign) | (Self::Signed, A::Amend) | (Self::Locked, A::Unlock(LockedFrom::Signed)) => {
                Some(Self::Signed)
            }
            (Self::Draft | Self::ReturnedForRevision, A::SignForCosign) | (Self::PendingCosign, A::Reassign) => {
                Some(Self::PendingCosign)
            }
            (Self::PendingCosign, A::Cosign)
            | (Self::Cosigned, A::Amend)
            | (Self::Locked, A::Unlock(LockedFrom::Cosigned)) => Some(Self::Cosigned),
            (Self::PendingCosign, A::Return) | (Self::ReturnedForRevision, A::Edit) => Some(Self::ReturnedForRevision),
            (Self::Draft | Self::Signed | Self::Cosigned, A::Lock) | (Self::Locked, A::Amend) => Some(Self::Locked),
            (Self::Draft, A::Cosign | A::Return | A::Reassign | A::Unlock(_) | A::Amend)
            | (
                Self::Signed | Self::Cosigned,
                A::Edit | A::Sign | A::SignForCosign | A::Cosign | A::Return | A::Reassign | A::Unlock(_),
            )
            | (Self::PendingCosign, A::Edit | A::Sign | A::SignForCosign | A::Lock | A::Unlock(_) | A::Amend)
            | (
                Self::ReturnedForRevision,
                A::Sign | A::Cosign | A::Return | A::Reassign | A::Lock | A::Unlock(_) | A::Amend,
            )
            | (Self::Locked, A::Edit | A::Sign | A::SignForCosign | A::Cosign | A::Return | A::Reassign | A::Lock) => {
                None
            }
        }
    }
}

impl fmt::Display for NoteStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl NoteAct {
    /// Returns the name used in errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Sign => "sign",
            Self::SignForCosign => "sign for co-signature",
            Self::Cosign => "co-sign",
            Self::Return => "return",
            Self::Reassign => "reassign",
            Self::Lock => "lock",
            Self::Unlock(_) => "unlock",
            Self::Amend => "amend",
        }
    }
}

impl fmt::Display for NoteAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
