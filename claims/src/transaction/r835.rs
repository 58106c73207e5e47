//! The remittance advice.
