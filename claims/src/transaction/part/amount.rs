//! AMT and QTY.

use mentalspace_core::Money;

use super::{Components, Count, Field, Text, segment};

segment! {
    /// An amount of money (AMT).
    Amount = "AMT" {
        /// AMT01: what it is.
        qualifier: Text,
        /// AMT02.
        amount: Field<Money>,
    }
}

impl Amount {
    /// An amount with its qualifier.
    #[must_use]
    pub fn new(qualifier: impl Into<Text>, amount: Money) -> Self {
        Self { qualifier: qualifier.into(), amount: amount.into(), ..Self::default() }
    }
}

segment! {
    /// A count (QTY).
    Quantity = "QTY" {
        /// QTY01: of what.
        qualifier: Text,
        /// QTY02.
        count: Field<Count>,
        /// QTY03: unit.
        unit: Option<Box<Components>>,
    }
}
