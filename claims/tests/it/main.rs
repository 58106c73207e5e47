//! Behaviour of the claims crate, one module per module of `src/`.

mod corpus;
