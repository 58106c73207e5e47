//! Implementation guides as tables: which segments may stand where, how often, and what their elements hold.

mod guides;
mod placed;
mod table;
mod tables;
mod tree;
mod walker;

pub(crate) use guides::{control, is_segment};
pub use placed::{Placed, SegmentUse};
pub use table::{Guide, GuideKind};
pub(crate) use table::{Need, Note, NoteKind, Spec, Type, codes_of, has_code, is_in_dictionary, pack, pack_id};
pub use tree::{Children, Item, LoopRef, LoopTree, SegmentRef, TreeBuilder};
pub use walker::{Misplaced, MisplacedKind, Walker};
