//! The remittance advice: 835, X12 005010X221A1, and 004010X091A1 as far as it is still about.
//!
//! Reading is tolerant and loses nothing: what is not modelled is kept where it stood, what cannot be read is reported
//! with its place and written back as it came. Whether the amounts add up is a separate question, see [`balance`].
//!
//! [`Remittances`] reads one payment at a time; [`Events`] reads a payment claim by claim, in memory that does not grow
//! with it. [`Remittance::write`] gives a payment back: reading what was written gives the same model. As JSON amounts
//! are decimal strings, dates of the payment ISO dates, and every other element a string by name.

mod balance;
mod model;
mod read;
mod summary;
pub mod view;
mod write;

pub use balance::{BalanceRule, Imbalance, Level, balance};
pub use model::{
    ClaimPayment, ClaimPaymentStatus, CreditDebit, PaymentMethod, ProviderAdjustment, ReasonedAmount, RemitParty,
    Remittance, ServicePayment, Unreadable,
};
pub(crate) use read::SetReader;
pub use read::{Ending, Event, Events, ReadError, Remittances, read_all};
pub use summary::{ClaimGroup, ProviderSummary, ProviderSupplement};

pub use super::part::{Count, Procedure, ReadProblem, Trace};
