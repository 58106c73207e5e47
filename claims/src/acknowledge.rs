//! Answering a file: TA1, 999 or 997, and 277CA, from what its validation found.
//!
//! [`write()`] answers every interchange of a [`Report`]: a TA1 where one is due, and one 999 for each group, or one 997
//! where the group is of version 4010. [`ClaimAcknowledger`] answers the claims of accepted sets one by one. Nothing is made up:
//! control numbers and time come with the [`Reply`], sender and receiver are those of the file, swapped, and the same
//! report gives the same bytes.
//!
//! An answer stays within its guide: places, copies of bad data and codes have the lengths and values X12 005010X231A1
//! and X214 allow, and a copy never holds one of the delimiters.

mod claims;
mod code;
mod envelope;
mod implementation;
mod interchange;
mod unit;

#[cfg(test)]
mod tests;

use chrono::NaiveDateTime;

use crate::validate::Snip;
use crate::x12::{Delimiters, InterchangeParty};

#[cfg(doc)]
use crate::validate::Report;

pub use claims::{ClaimAcknowledger, ClaimAnswer, Responder, ResponderKind};
pub use envelope::{AcknowledgeError, write, write_claims};
pub use implementation::implementation;
pub use interchange::interchange;
pub use unit::Units;

/// What a warning is to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Warnings {
    /// Told: the set is accepted with errors (E).
    #[default]
    Told,
    /// Left out: the set is accepted (A).
    Silent,
}

/// How we answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// When.
    pub at: NaiveDateTime,
    /// ISA13 of the first interchange of the answer; further ones count up.
    pub interchange_control: u32,
    /// GS06 of the first group of the answer; further ones count up.
    pub group_control: u32,
    /// Delimiters.
    pub delimiters: Delimiters,
    /// What warnings are.
    pub warnings: Warnings,
    /// The last kind of finding that the 999 speaks of. What lies beyond is for the 277CA: with
    /// [`Snip::Guide`] a set whose claims only fail in their sums or codes is accepted, and its bad claims are
    /// rejected one by one.
    pub up_to: Snip,
    /// Who we are and who they are, for files without an interchange header; else the header says so.
    pub parties: Option<(InterchangeParty, InterchangeParty)>,
}

impl Reply {
    /// Answers with the given control numbers, telling warnings and everything that was found.
    #[must_use]
    pub fn new(at: NaiveDateTime, interchange_control: u32, group_control: u32) -> Self {
        Self {
            at,
            interchange_control,
            group_control,
            delimiters: Delimiters::default(),
            warnings: Warnings::default(),
            up_to: Snip::Partner,
            parties: None,
        }
    }
}
