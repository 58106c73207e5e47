//! REF.

use super::{Components, Text, segment};

segment! {
    /// A number by which somebody knows something (REF).
    Reference = "REF" {
        /// REF01: what the number is.
        qualifier: Text,
        /// REF02: the number.
        value: Text,
        /// REF03.
        description: Text,
        /// REF04: further pairs of qualifier and number.
        further: Option<Box<Components>>,
    }
}

impl Reference {
    /// A number with its qualifier.
    #[must_use]
    pub fn new(qualifier: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self { qualifier: qualifier.into(), value: value.into(), ..Self::default() }
    }
}
