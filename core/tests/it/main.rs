//! Behaviour of the public interface.

#[cfg(all(feature = "clinical", feature = "testing"))]
mod clinical;
#[cfg(feature = "testing")]
mod store;
mod value;
