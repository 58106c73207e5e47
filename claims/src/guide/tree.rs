//! A set as a tree of its loops, whatever the set: nothing is lost, nothing need be known.
//!
//! The tree lives in two arrays: the bytes of the segments, and the nodes in the order of the file. Its JSON keeps that
//! order, since order carries meaning in X12:
//!
//! ```json
//! { "set": "837", "guide": "005010X222A1", "content": [
//!   { "ST": ["837", "0001", "005010X222A1"] },
//!   { "1000A": [
//!     { "NM1": ["41", "2", "LAKESIDE COUNSELING", "", "", "", "", "46", "LAKE01"] }
//!   ] }
//! ] }
//! ```
//!
//! A loop is its id (a digit first) with what it holds, a segment its id (a letter first) with its elements. An element
//! is a text, a list of components, or `{"repeated": […]}`; what is not UTF-8 is `{"latin1": "…"}`. A set without a
//! guide is a plain list of segments.

mod json;

use super::{Guide, Walker};
use crate::transaction::part::Text;
use crate::x12::{Delimiters, Envelope, Reader, Segment, WriteError, Writer, X12Error};

/// A set as a tree. Protected content, so `Debug` shows the set and its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct LoopTree {
    set: Text,
    guide: Text,
    delimiters: Delimiters,
    bytes: Vec<u8>,
    nodes: Vec<Node>,
}

/// A loop with the number of the node behind its last, or a segment and where its bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Loop(Text, usize),
    Segment(std::ops::Range<usize>),
}

/// Delimiters that no text of a JSON file holds.
const UNSEEN: Delimiters = Delimiters { element: 0x1D, component: 0x1F, repetition: Some(0x1E), terminator: 0x1C };

impl LoopTree {
    /// Reads every set of a file.
    ///
    /// ```
    /// use mentalspace_claims::guide::LoopTree;
    /// let file = b"ST*999*0001*005010X231A1~AK1*HC*1~AK2*837*0001~IK5*A~AK9*A*1*1*1~SE*6*0001~";
    /// let sets = LoopTree::read_all(file)?;
    /// let loops: Vec<_> = sets[0].loops().map(|l| l.id().to_owned()).collect();
    /// assert_eq!(loops, ["2000"]);
    /// # Ok::<(), mentalspace_claims::x12::X12Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Reader`]'s.
    pub fn read_all(file: &[u8]) -> Result<Vec<Self>, X12Error> {
        let (mut envelope, mut all, mut builder) = (Envelope::new(), Vec::new(), None::<TreeBuilder>);
        for segment in Reader::new(file) {
            let segment = segment?;
            envelope.feed(&segment);
            if segment.position().in_set <= 1 {
                all.extend(builder.take().map(TreeBuilder::finish));
            }
            if let (b"ST", Some(set)) = (segment.id(), envelope.set()) {
                builder = Some(TreeBuilder::new(&set.code, &set.guide, segment.delimiters()));
            }
            if let Some(builder) = &mut builder {
                builder.feed(&segment);
            }
        }
        all.extend(builder.map(TreeBuilder::finish));
        Ok(all)
    }

    /// Returns ST01.
    #[must_use]
    pub fn set(&self) -> &str {
        &self.set
    }

    /// Returns the guide the set names; empty when it names none.
    #[must_use]
    pub fn guide(&self) -> &str {
        &self.guide
    }

    /// Walks what stands in the set itself, in the order of the file.
    #[must_use]
    pub fn children(&self) -> Children<'_> {
        Children { tree: self, next: 0, end: self.nodes.len() }
    }

    /// Walks the loops of the set itself.
    pub fn loops(&self) -> impl Iterator<Item = LoopRef<'_>> {
        self.children().filter_map(Item::into_loop)
    }

    /// Walks every loop with this id, wherever it is.
    pub fn all_loops<'t>(&'t self, id: &'t str) -> impl Iterator<Item = LoopRef<'t>> {
        self.nodes.iter().enumerate().filter_map(move |(at, node)| match node {
            Node::Loop(own, end) if own == id => Some(LoopRef { tree: self, at, end: *end }),
            Node::Loop(..) | Node::Segment(_) => None,
        })
    }

    /// Writes the set, with a header, a trailer and a count of the writer's making.
    ///
    /// # Errors
    /// A segment holds a delimiter of the writer, or has an id that cannot be one; what came before it is written.
    pub fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        // A file of our own around the segments, so that they are read with the delimiters they have.
        let mut file = self.header();
        for node in &self.nodes {
            if let Node::Segment(range) = node {
                file.extend_from_slice(&self.bytes[range.clone()]);
                file.push(self.delimiters.terminator);
            }
        }
        out.begin_set(&self.set, Some(&*self.guide).filter(|g| !g.is_empty() && self.names_guide()))?;
        for segment in Reader::new(&file).skip(1) {
            let segment = segment.map_err(|_| WriteError::Character { tag: "segment", element: 0 })?;
            if !matches!(segment.id(), b"ST" | b"SE") {
                out.copy(&segment)?;
            }
        }
        out.end_set()
    }

    fn header(&self) -> Vec<u8> {
        let Delimiters { element, component, repetition, terminator } = self.delimiters;
        let mut header = b"ISA".to_vec();
        for n in 1..=15 {
            header.push(element);
            header.push(if n == 11 { repetition.unwrap_or(b'U') } else { b'0' });
        }
        header.extend([element, component, terminator]);
        header
    }

    /// Whether the set names its guide itself, in ST03.
    fn names_guide(&self) -> bool {
        self.children().find_map(Item::into_segment).is_some_and(|s| s.id() == "ST" && s.elements().nth(2).is_some())
    }
}

impl std::fmt::Debug for LoopTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let segments = self.nodes.iter().filter(|n| matches!(n, Node::Segment(_))).count();
        write!(f, "LoopTree({} {}, {segments} segments)", &*self.set, &*self.guide)
    }
}

/// Makes a tree of the segments of one set.
#[derive(Debug)]
pub struct TreeBuilder {
    tree: LoopTree,
    walker: Walker,
    /// Nodes of the loops that are open.
    open: Vec<usize>,
}

impl TreeBuilder {
    /// Begins a set by ST01 and the guide that ST03 or GS08 name.
    #[must_use]
    pub fn new(set: &str, guide: &str, delimiters: Delimiters) -> Self {
        let tree = LoopTree { set: set.into(), guide: guide.into(), delimiters, bytes: Vec::new(), nodes: Vec::new() };
        Self { tree, walker: Walker::new(Guide::for_set(set, guide)), open: Vec::new() }
    }

    /// Takes the next segment of the set.
    pub fn feed(&mut self, segment: &Segment<'_>) {
        let placed = self.walker.feed(*segment);
        let depth = placed.path.len() - usize::from(placed.opens);
        for at in self.open.drain(depth.min(self.open.len())..) {
            let end = self.tree.nodes.len();
            if let Node::Loop(_, behind) = &mut self.tree.nodes[at] {
                *behind = end;
            }
        }
        if placed.opens {
            self.open.push(self.tree.nodes.len());
            self.tree.nodes.push(Node::Loop(placed.loop_id().into(), 0));
        }
        self.tree.add(segment.bytes());
    }

    /// Ends the set.
    #[must_use]
    pub fn finish(mut self) -> LoopTree {
        for at in self.open {
            let end = self.tree.nodes.len();
            if let Node::Loop(_, behind) = &mut self.tree.nodes[at] {
                *behind = end;
            }
        }
        self.tree
    }
}

impl LoopTree {
    fn add(&mut self, segment: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(segment);
        self.nodes.push(Node::Segment(start..self.bytes.len()));
    }
}

/// A loop or a segment of a tree.
#[derive(Debug, Clone, Copy)]
pub enum Item<'t> {
    /// A loop.
    Loop(LoopRef<'t>),
    /// A segment.
    Segment(SegmentRef<'t>),
}

impl<'t> Item<'t> {
    /// Returns the loop, if it is one.
    #[must_use]
    pub fn into_loop(self) -> Option<LoopRef<'t>> {
        match self {
            Self::Loop(own) => Some(own),
            Self::Segment(_) => None,
        }
    }

    /// Returns the segment, if it is one.
    #[must_use]
    pub fn into_segment(self) -> Option<SegmentRef<'t>> {
        match self {
            Self::Segment(own) => Some(own),
            Self::Loop(_) => None,
        }
    }
}

/// A loop of a tree.
#[derive(Debug, Clone, Copy)]
pub struct LoopRef<'t> {
    tree: &'t LoopTree,
    at: usize,
    end: usize,
}

impl<'t> LoopRef<'t> {
    /// Returns the id, such as `2010AA`.
    #[must_use]
    pub fn id(&self) -> &'t str {
        match &self.tree.nodes[self.at] {
            Node::Loop(id, _) => id,
            Node::Segment(_) => "",
        }
    }

    /// Walks what stands in the loop, in the order of the file.
    #[must_use]
    pub const fn children(&self) -> Children<'t> {
        Children { tree: self.tree, next: self.at + 1, end: self.end }
    }

    /// Walks the segments of the loop itself.
    pub fn segments(&self) -> impl Iterator<Item = SegmentRef<'t>> + use<'t> {
        self.children().filter_map(Item::into_segment)
    }

    /// Walks the loops within.
    pub fn loops(&self) -> impl Iterator<Item = Self> + use<'t> {
        self.children().filter_map(Item::into_loop)
    }
}

/// A segment of a tree. Protected content, so `Debug` shows the id only.
#[derive(Clone, Copy)]
pub struct SegmentRef<'t> {
    bytes: &'t [u8],
    delimiters: Delimiters,
}

impl<'t> SegmentRef<'t> {
    /// Returns the id; empty when it is none.
    #[must_use]
    pub fn id(&self) -> &'t str {
        let end = self.bytes.iter().position(|b| *b == self.delimiters.element).unwrap_or(self.bytes.len());
        std::str::from_utf8(&self.bytes[..end]).unwrap_or_default()
    }

    /// Walks the elements, as bytes.
    pub fn elements(&self) -> impl Iterator<Item = &'t [u8]> + use<'t> {
        // Data of any bytes is the last element.
        let most = match self.bytes {
            [b'B', b'I', b'N', ..] => 3,
            [b'B', b'D', b'S', ..] => 4,
            _ => usize::MAX,
        };
        let separator = self.delimiters.element;
        self.bytes.splitn(most, move |b| *b == separator).skip(1)
    }
}

impl std::fmt::Debug for SegmentRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SegmentRef({})", self.id())
    }
}

/// What stands in a loop, see [`LoopRef::children`].
#[derive(Debug, Clone)]
pub struct Children<'t> {
    tree: &'t LoopTree,
    next: usize,
    end: usize,
}

impl<'t> Iterator for Children<'t> {
    type Item = Item<'t>;

    fn next(&mut self) -> Option<Item<'t>> {
        let (tree, at) = (self.tree, self.next);
        if at >= self.end {
            return None;
        }
        Some(match &tree.nodes[at] {
            Node::Loop(_, end) => {
                self.next = *end;
                Item::Loop(LoopRef { tree, at, end: *end })
            }
            Node::Segment(range) => {
                self.next = at + 1;
                Item::Segment(SegmentRef { bytes: &tree.bytes[range.clone()], delimiters: tree.delimiters })
            }
        })
    }
}
