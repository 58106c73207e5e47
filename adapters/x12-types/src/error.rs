//! Why a conversion was refused.

/// A conversion that would lose something, or cannot be made. Says why, never the content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// The text is longer than x12-types, which holds many times its size in memory, is given.
    #[error("{length} bytes are more than the {limit} that are converted at once")]
    TooLong {
        /// Bytes.
        length: usize,
        /// The most.
        limit: usize,
    },
    /// x12-types keeps printable ASCII and nothing else.
    #[error("byte {offset} is no printable character of ascii")]
    Character {
        /// Byte offset.
        offset: usize,
    },
    /// x12-types gave up at a segment it requires more elements of.
    #[error("a segment has fewer elements than x12-types requires")]
    ShortSegment,
    /// x12-types found other segments than it has a place for.
    #[error("x12-types has no place for the segment at byte {offset}")]
    NoPlace {
        /// Byte offset in the text as it is written.
        offset: usize,
    },
    /// What x12-types made of it is not what it was given.
    #[error("x12-types changes the text at byte {offset}")]
    Changed {
        /// Byte offset in the text as it is written.
        offset: usize,
    },
    /// A value of x12-types holds a delimiter.
    #[error("a value holds a delimiter")]
    Delimiter,
    /// The text cannot be read.
    #[error("the text is not readable x12")]
    Unreadable(#[source] mentalspace_claims::x12::X12Error),
    /// Our side cannot be written.
    #[error("the transaction cannot be written")]
    Unwritable(#[source] mentalspace_claims::x12::WriteError),
    /// There is no such transaction.
    #[error("there is no transaction of that kind")]
    Empty,
}
