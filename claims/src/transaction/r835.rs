//! The remittance advice: 835, X12 005010X221A1, and 004010X091A1 as far as it is still about.
//!
//! Reading is tolerant and loses nothing: what is not modelled is kept, what cannot be read is reported with its place.
//! Whether the amounts add up is a separate question, see [`balance`].

mod balance;
mod model;
mod read;
pub mod view;

pub use balance::{BalanceRule, Imbalance, Level, balance};
pub use model::{
    ClaimPayment, ClaimPaymentStatus, Count, CreditDebit, KeptSegment, PaymentMethod, Procedure, ProviderAdjustment,
    ReadProblem, ReasonedAmount, RemitName, RemitParty, Remittance, ServicePayment, Trace,
};
pub use read::{ReadError, Remittances, read_all};
