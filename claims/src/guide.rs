//! Implementation guides as tables: which segments may stand where, how often, and what their elements hold.

mod placed;

pub use placed::{Placed, SegmentUse};
