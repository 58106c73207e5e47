//! TRN.

use super::{Text, segment};

segment! {
    /// A number that ties two things together (TRN).
    Trace = "TRN" {
        /// TRN01: 1 for what this transaction refers to, 2 for what an earlier one did.
        kind: Text,
        /// TRN02: the number.
        number: Text,
        /// TRN03: who issued it.
        originator: Text,
        /// TRN04.
        further: Text,
    }
}
