//! Behaviour of the conversions.
