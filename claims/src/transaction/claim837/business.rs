//! Placeholder.
/// Placeholder.
#[derive(Debug)]
pub struct ConversionError;
