//! Behaviour of the public interface.

#[cfg(feature = "testing")]
mod store;
