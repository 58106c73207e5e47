//! BHT.

use super::{Text, segment};

segment! {
    /// What a hierarchical transaction is for (BHT).
    Header = "BHT" {
        /// BHT01: structure.
        structure: Text,
        /// BHT02: purpose.
        purpose: Text,
        /// BHT03: the sender's number of the transaction.
        reference: Text,
        /// BHT04: when it was made.
        date: Text,
        /// BHT05.
        time: Text,
        /// BHT06: kind of transaction.
        kind: Text,
    }
}
