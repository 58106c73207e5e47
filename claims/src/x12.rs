//! X12 as bytes and segments: what every transaction has in common (X12.5, X12.6).
//!
//! [`Reader`] walks a slice without copying; [`StreamReader`] walks any [`std::io::Read`] in memory that does not grow
//! with the file. Both take the delimiters from the ISA, accept what real files do wrong, and fail only where no
//! segment can be told. [`Envelope`] follows interchanges, groups and sets and reports what is wrong with them.
//! [`Writer`] is strict: nothing that could be taken for a delimiter gets into data, and counts cannot be wrong.
//!
//! A file taken as [`Piece`]s can be written again byte by byte. [`split`] makes several files of one, [`merge`] one of
//! several.

mod block;
mod charset;
mod delimiter;
mod envelope;
mod error;
mod frame;
mod header;
mod limits;
mod merge;
mod piece;
mod reader;
mod segment;
mod split;
mod stream;
mod translate;
mod write;

pub use charset::{Charset, Unwritable};
pub use delimiter::{Delimiters, unwrap_lines};
pub use envelope::{Envelope, EnvelopeFinding, FindingCode, Group, Interchange, Set};
pub use error::X12Error;
pub use header::{GroupHeader, InterchangeHeader, InterchangeParty, Usage};
pub use limits::{Excess, Limits};
pub use merge::{Groups, Level, MergeError, MergeOptions, Merged, Renumbered, merge};
pub use piece::Piece;
pub use reader::Reader;
pub use segment::{Components, Elements, Position, Segment};
pub use split::{Part, Split, SplitBy, SplitError, split};
pub use stream::StreamReader;
pub(crate) use write::SHORT;
pub use write::{Mark, Replaced, SegmentWriter, WriteError, Writer};
