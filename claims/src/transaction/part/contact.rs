//! PER.

use super::{Text, segment};

segment! {
    /// Whom to ask, and how (PER): up to three ways, each with its qualifier (TE, FX, EM, EX, UR).
    Contact = "PER" {
        /// PER01: IC, BL, CX.
        function: Text,
        /// PER02.
        name: Text,
        /// PER03.
        qualifier_1: Text,
        /// PER04.
        number_1: Text,
        /// PER05.
        qualifier_2: Text,
        /// PER06.
        number_2: Text,
        /// PER07.
        qualifier_3: Text,
        /// PER08.
        number_3: Text,
    }
}

impl Contact {
    /// Returns the first number with `qualifier`.
    #[must_use]
    pub fn number(&self, qualifier: &str) -> Option<&str> {
        let ways = [
            (&self.qualifier_1, &self.number_1),
            (&self.qualifier_2, &self.number_2),
            (&self.qualifier_3, &self.number_3),
        ];
        ways.into_iter().find(|(q, _)| **q == qualifier).and_then(|(_, number)| number.some())
    }
}
