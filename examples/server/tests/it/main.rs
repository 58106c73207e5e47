//! Behaviour of the reference server over its routes, on a store in memory.

mod billing;
