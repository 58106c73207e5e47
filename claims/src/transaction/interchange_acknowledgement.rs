//! The interchange acknowledgement (TA1): whether an envelope could be read (X12.5, X12C TA1).

use super::part::{Text, segment};

segment! {
    /// What became of an interchange (TA1).
    InterchangeAcknowledgement = "TA1" {
        /// TA101: ISA13 of the interchange it speaks of.
        control: Text,
        /// TA102: its ISA09.
        date: Text,
        /// TA103: its ISA10.
        time: Text,
        /// TA104: A accepted, E accepted with errors, R rejected.
        action: Text,
        /// TA105: what was wrong; 000 nothing.
        note: Text,
    }
}

impl InterchangeAcknowledgement {
    /// Returns whether the interchange was rejected with all that is in it.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        self.action == "R"
    }
}
