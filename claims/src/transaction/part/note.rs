//! NTE.

use super::{Text, segment};

segment! {
    /// Words (NTE).
    Note = "NTE" {
        /// NTE01: about what.
        reference: Text,
        /// NTE02.
        text: Text,
    }
}
