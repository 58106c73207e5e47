//! Behaviour of the claims crate, one module per module of `src/`.

#![expect(clippy::unwrap_used, reason = "tests speak by panicking")]
#![expect(clippy::print_stdout, reason = "a run over samples says how many there were")]

mod acknowledge;
#[cfg(feature = "clinical")]
mod assemble;
mod claim;
mod claim837;
mod claim_status;
#[cfg(feature = "pdf")]
mod cms1500;
mod code_list;
mod corpus;
mod document;
mod eligibility;
#[path = "../support/era.rs"]
mod era;
mod guide;
mod lifecycle;
mod p837;
#[cfg(feature = "pdf")]
mod paper;
mod peers;
#[path = "../support/people.rs"]
mod people;
mod posting;
mod r835;
mod record;
#[path = "../support/rewrite.rs"]
mod rewrite;
mod rules;
mod scrub;
#[path = "../support/soup.rs"]
mod soup;
#[cfg(feature = "pdf")]
mod tools;
mod validate;
mod written;
mod x12;
