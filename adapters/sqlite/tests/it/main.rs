//! Behaviour of the public interface.

mod conformance;
mod durability;
mod file;
mod journals;
mod key_file;
mod practice;
