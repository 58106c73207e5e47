//! STC and SVC.

use mentalspace_core::Money;

use crate::transaction::part::{Count, Field, Procedure, Text, composite, segment};

composite! {
    /// A status by its codes (C043).
    StatusCode {
        /// Category, such as A2 or F1 (code source 507).
        category: Text,
        /// What exactly (code source 508).
        code: Text,
        /// Whom or what it is about, such as 85.
        entity: Text,
        /// RX where the code is of the pharmacy list.
        list: Text,
    }
}

segment! {
    /// What became of a claim, a line or a batch (STC).
    Status = "STC" {
        /// STC01.
        code: StatusCode,
        /// STC02: since when, CCYYMMDD.
        date: Text,
        /// STC03: WQ accepted, U rejected. Never decide by it: published rejections carry WQ.
        action: Text,
        /// STC04: charge.
        charge: Field<Money>,
        /// STC05: payment.
        paid: Field<Money>,
        /// STC06: when it was decided.
        decided: Text,
        /// STC07: how it is paid.
        method: Text,
        /// STC08: when it was paid.
        paid_on: Text,
        /// STC09: number of the check or transfer.
        payment: Text,
        /// STC10: a further status.
        code_2: StatusCode,
        /// STC11: a further status.
        code_3: StatusCode,
        /// STC12: words.
        message: Text,
    }
}

segment! {
    /// A service line (SVC).
    Service = "SVC" {
        /// SVC01.
        procedure: Procedure,
        /// SVC02: charge.
        charge: Field<Money>,
        /// SVC03: payment.
        paid: Field<Money>,
        /// SVC04: revenue code.
        revenue: Text,
        /// SVC05.
        paid_units: Field<Count>,
        /// SVC06.
        submitted: Option<Box<Procedure>>,
        /// SVC07: units.
        units: Field<Count>,
    }
}

/// What the category of a status comes to, from the least telling to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A0, A1, A5: received, forwarded or split; not yet taken.
    Received,
    /// A2: taken into adjudication.
    Accepted,
    /// P: being decided.
    Pending,
    /// F0, F3 and their kind: decided; the remittance tells how.
    Decided,
    /// F1: decided, paid.
    Paid,
    /// R: the payer asks for something.
    Requested,
    /// A4, D0: nothing is known of it.
    NotFound,
    /// E: the answer itself went wrong.
    Failed,
    /// F2: decided, denied.
    Denied,
    /// A3, A6, A7, A8: refused before adjudication.
    Rejected,
}

impl StatusCode {
    /// Returns what the category comes to; `None` for one that is not known.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        Some(match self.category.as_bytes() {
            b"A0" | b"A1" | b"A5" => Outcome::Received,
            b"A2" => Outcome::Accepted,
            b"A3" | b"A6" | b"A7" | b"A8" => Outcome::Rejected,
            b"A4" | b"D0" => Outcome::NotFound,
            b"F1" => Outcome::Paid,
            b"F2" => Outcome::Denied,
            [b'F', ..] => Outcome::Decided,
            [b'P', ..] => Outcome::Pending,
            [b'R', ..] => Outcome::Requested,
            [b'E', ..] => Outcome::Failed,
            _ => return None,
        })
    }
}

impl Status {
    /// Returns its codes, those that are there.
    pub fn codes(&self) -> impl Iterator<Item = &StatusCode> {
        [&self.code, &self.code_2, &self.code_3].into_iter().filter(|code| !code.category.is_empty())
    }

    /// Returns what it comes to: the worst of its codes.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.codes().filter_map(StatusCode::outcome).max()
    }
}
