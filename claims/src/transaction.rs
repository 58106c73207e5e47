//! Typed transactions on top of [`x12`](crate::x12).

pub mod claim837;
pub mod claim_acknowledgement;
pub mod claim_status;
pub mod document;
pub mod eligibility;
pub mod implementation_acknowledgement;
pub mod interchange_acknowledgement;
mod level;
pub mod p837;
pub mod part;
mod people;
pub mod r835;
