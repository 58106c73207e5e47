//! Why reading ends early.

/// Why no further segment can be told. Says where, never what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum X12Error {
    /// Neither an interchange nor a group nor a set begins here.
    #[error("no x12 interchange begins within {searched} bytes")]
    NotX12 {
        /// How many bytes were looked at.
        searched: u64,
    },
    /// The file ends within its interchange header.
    #[error("the file ends within the interchange header at byte {offset}")]
    TruncatedHeader {
        /// Where the header begins.
        offset: u64,
    },
    /// A segment is longer than allowed.
    #[error("the segment at byte {offset} is longer than {limit} bytes")]
    SegmentTooLong {
        /// Where it begins.
        offset: u64,
        /// The limit in force.
        limit: usize,
    },
    /// A binary segment does not say how long it is, or is cut short.
    #[error("the binary segment at byte {offset} has no usable length")]
    BinaryLength {
        /// Where it begins.
        offset: u64,
    },
    /// The source could not be read.
    #[error("the source cannot be read after byte {offset}")]
    Io {
        /// Where reading stopped.
        offset: u64,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
