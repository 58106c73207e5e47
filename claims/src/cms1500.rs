//! The paper claim form CMS-1500 (02/12): values for printing on the red forms, or a copy to be read.
//!
//! A [`Form`] is one claim spelled and placed for paper; it is made from the same [`Claim`](crate::claim::Claim) as the
//! 837P, and each cell of the [`grid`] names the element that carries the same fact. Invariant: every value lies within
//! its cell and is made of the characters the cell takes; nothing is cut, dropped or respelled without a [`Finding`].
//! NUCC 1500 Health Insurance Claim Form Reference Instruction Manual for Form Version 02/12; Medicare Claims
//! Processing Manual (Pub. 100-04) chapter 26 §10.

mod billing;
mod calibration;
mod drawn;
mod filled;
mod finding;
mod form;
pub mod grid;
mod ink;
mod insured;
mod options;
mod party;
mod patient;
mod printing;
mod service;
mod spelling;
mod treatment;

pub use calibration::calibration;
pub use filled::{Filled, FormPage};
pub use finding::{Finding, FindingKind, FormError};
pub use form::Form;
pub use options::{DateStyle, Options, OriginalClaim, Overlong, Program, Totals};
pub use printing::{Batch, Mode, Offset, Printing, render_pdf};
