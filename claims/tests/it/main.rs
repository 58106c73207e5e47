//! Behaviour of the claims crate, one module per module of `src/`.

mod claim;
#[cfg(feature = "pdf")]
mod cms1500;
mod corpus;
#[path = "../support/era.rs"]
mod era;
mod lifecycle;
mod p837;
#[path = "../support/people.rs"]
mod people;
mod posting;
mod r835;
mod record;
mod scrub;
mod x12;
