//! Finding the place of each segment of a set in its guide.
//!
//! One pass, no recursion, no allocation per segment: the loops that are open are a short stack, and the places a
//! segment may take in each of them stand together in the table. A segment takes the first place, from the innermost
//! loop outwards, that its qualifier fits, that is not behind and not used up; failing that, one that is used up or
//! behind, which is reported. What fits nowhere keeps its neighbours from nothing: after a segment that would have
//! begun a loop, what follows is passed over in silence until the next loop begins.

use super::placed::{Placed, SegmentUse};
use super::table::{Child, Guide, Loop};
use super::{control, is_segment};
use crate::x12::{Position, Segment};

/// How a segment is not where the guide wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MisplacedKind {
    /// No segment of the standard has this id.
    Unknown,
    /// The guide has no such segment.
    NotInGuide,
    /// It has no place here.
    Unexpected,
    /// Its place is behind.
    OutOfOrder,
    /// The segment is repeated too often.
    SegmentTooOften,
    /// Its loop is repeated too often.
    LoopTooOften,
    /// It must be there and is not.
    SegmentMissing,
    /// The loop it begins must be there and is not.
    LoopMissing,
}

/// A segment that is not where the guide wants it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Misplaced {
    /// How.
    pub kind: MisplacedKind,
    /// Where; of something missing, the segment where it was noticed.
    pub position: Position,
    /// The loop that has or should have it; empty in the header of a set.
    pub loop_id: &'static str,
    /// The use of the guide it is about, where there is one.
    pub usage: Option<&'static SegmentUse>,
    /// How often it may be there, when it is there too often.
    pub max: u16,
}

/// A loop that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// The loop, in the guide.
    at: u16,
    /// Rank of the last child.
    order: u16,
    /// Bits of the children that were there.
    seen: u64,
    /// Bits of the children that were missed on the way, and where that was noticed.
    missed: u64,
    noticed: Position,
    /// Tells the counts of this time the loop is open from those of earlier times.
    epoch: u64,
}

/// No guide nests deeper, the set itself included.
const DEPTH: usize = 12;

/// After a segment without a place: what is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Astray {
    #[default]
    No,
    /// Until a loop begins.
    Loop,
    /// Until a level (HL) begins.
    Level,
}

/// Gives the segments of a set their places, see the module.
///
/// ```
/// use mentalspace_claims::guide::{Guide, Walker};
/// use mentalspace_claims::x12::Reader;
/// let file = b"ST*999*0001*005010X231A1~AK1*HC*1*005010X222A1~AK2*837*0001~IK5*A~AK9*A*1*1*1~SE*6*0001~";
/// let mut walker = Walker::new(Guide::for_set("999", "005010X231A1"));
/// for segment in Reader::new(file) {
///     let segment = segment?;
///     let placed = walker.feed(segment);
///     assert_eq!(placed.loop_id(), if matches!(segment.id(), b"AK2" | b"IK5") { "2000" } else { "" });
///     assert!(walker.misplaced().is_empty());
/// }
/// # Ok::<(), mentalspace_claims::x12::X12Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Walker {
    guide: Option<&'static Guide>,
    frames: [Frame; DEPTH],
    /// Ids of the loops in `frames` but the first, which is the set itself.
    path: [&'static str; DEPTH],
    depth: usize,
    /// By child: when it was counted and how often it was there.
    counts: Vec<(u64, u32)>,
    epoch: u64,
    astray: Astray,
    misplaced: Vec<Misplaced>,
}

/// What a search through the open loops found.
enum Found {
    /// A place in the loop at this level; the child is free.
    Free(usize, usize),
    /// It was there often enough.
    Used(usize, usize),
    /// It should have come earlier.
    Behind(usize, usize),
    /// No loop has it with this qualifier.
    Nothing,
}

impl Walker {
    /// Begins before the first segment of a set; without a guide everything is placed in its header.
    #[must_use]
    pub fn new(guide: Option<&'static Guide>) -> Self {
        let mut own = Self::default();
        own.begin(guide);
        own
    }

    /// Begins another set, keeping the memory.
    pub fn begin(&mut self, guide: Option<&'static Guide>) {
        self.guide = guide;
        self.misplaced.clear();
        self.astray = Astray::No;
        let children = guide.map_or(0, |g| g.children.len());
        if self.counts.len() < children {
            self.counts.resize(children, (0, 0));
        }
        self.epoch += 1;
        self.depth = 1;
        self.frames[0] = Frame { epoch: self.epoch, ..Frame::default() };
    }

    /// Returns the guide in force.
    #[must_use]
    pub const fn guide(&self) -> Option<&'static Guide> {
        self.guide
    }

    /// Returns what the last segment, or the end, showed to be out of place.
    #[must_use]
    pub fn misplaced(&self) -> &[Misplaced] {
        &self.misplaced
    }

    /// Places the next segment of the set, ST being the first and SE the last.
    #[inline]
    pub fn feed<'s>(&'s mut self, segment: Segment<'s>) -> Placed<'s> {
        self.misplaced.clear();
        let (usage, opens) = match self.guide {
            Some(guide) => self.place(guide, &segment),
            None => (control(segment.id()), false),
        };
        Placed { segment, path: &self.path[1..self.depth.max(1)], opens, usage }
    }

    /// Ends the set: whatever is open is closed, as by an SE.
    pub fn finish(&mut self, position: Position) {
        self.misplaced.clear();
        if let Some(guide) = self.guide {
            // That there is none is for the envelope to say.
            let trailer = guide.symbol(b"SE").map_or(0..0, |symbol| guide.candidates(0, symbol));
            self.frames[0].seen |= guide.children[trailer].iter().fold(0, |bits, c| bits | c.required);
            self.close(guide, 0, position);
        }
        self.depth = 1;
        self.guide = None;
    }

    fn place(&mut self, guide: &'static Guide, segment: &Segment<'_>) -> (Option<&'static SegmentUse>, bool) {
        let id = segment.id();
        let Some(symbol) = guide.symbol(id) else {
            if self.astray == Astray::No {
                let kind = if is_segment(id) { MisplacedKind::NotInGuide } else { MisplacedKind::Unknown };
                self.report(kind, segment.position(), None, 0);
            }
            return (None, false);
        };
        let found = self.search(guide, symbol, guide.qualifier(symbol, segment));
        if self.astray != Astray::No && !self.leads_back(guide, id, &found) {
            return (None, false);
        }
        match found {
            Found::Free(level, at) => self.enter(guide, level, at, segment.position()),
            Found::Used(level, at) => {
                let child = guide.child(at);
                let kind = if child.opens > 0 { MisplacedKind::LoopTooOften } else { MisplacedKind::SegmentTooOften };
                let entered = self.enter(guide, level, at, segment.position());
                self.report(kind, segment.position(), entered.0, child.max);
                entered
            }
            Found::Behind(level, at) => {
                let entered = self.enter(guide, level, at, segment.position());
                self.report(MisplacedKind::OutOfOrder, segment.position(), entered.0, 0);
                entered
            }
            Found::Nothing => self.nothing(guide, symbol, segment),
        }
    }

    /// Looks for a place from the innermost open loop outwards.
    #[inline]
    fn search(&self, guide: &'static Guide, symbol: usize, code: u64) -> Found {
        let (mut used, mut behind) = (None, None);
        for level in (0..self.depth).rev() {
            let frame = &self.frames[level];
            for at in guide.candidates(frame.at, symbol) {
                let child = &guide.children[at];
                if !child.takes(code) {
                    continue;
                }
                if child.order < frame.order {
                    behind = behind.or(Some((level, at)));
                } else if child.max > 0 && self.count(at, frame.epoch) >= u32::from(child.max) {
                    used = used.or(Some((level, at)));
                } else {
                    return Found::Free(level, at);
                }
            }
        }
        match (used, behind) {
            (Some((level, at)), _) => Found::Used(level, at),
            (None, Some((level, at))) => Found::Behind(level, at),
            (None, None) => Found::Nothing,
        }
    }

    #[inline]
    fn count(&self, at: usize, epoch: u64) -> u32 {
        let (when, count) = self.counts[at];
        if when == epoch { count } else { 0 }
    }

    /// Takes the place `at` in the loop at `level`, closing the loops within it and opening its own.
    #[inline]
    fn enter(
        &mut self,
        guide: &'static Guide,
        level: usize,
        at: usize,
        position: Position,
    ) -> (Option<&'static SegmentUse>, bool) {
        if self.depth > level + 1 {
            self.close(guide, level + 1, position);
        }
        let child = guide.child(at);
        let frame = &mut self.frames[level];
        let gap = child.before & !frame.seen & !frame.missed;
        if gap != 0 && frame.missed == 0 {
            frame.noticed = position;
            frame.missed = gap;
        }
        frame.seen |= child.required;
        frame.order = frame.order.max(child.order);
        let epoch = frame.epoch;
        let count = self.count(at, epoch).saturating_add(1);
        self.counts[at] = (epoch, count);
        self.depth = level + 1;
        self.astray = Astray::No;
        let opens = child.opens > 0 && self.depth < DEPTH;
        if opens {
            self.epoch += 1;
            self.frames[self.depth] = Frame { at: child.opens, epoch: self.epoch, ..Frame::default() };
            self.path[self.depth] = guide.lp(child.opens).id;
            self.depth += 1;
        } else if level == 0 && guide.uses[usize::from(child.usage)].id == "SE" {
            self.close(guide, 0, position);
        }
        (Some(&guide.uses[usize::from(child.usage)]), opens)
    }

    /// Reports what the loops from `level` inwards lack.
    #[inline]
    fn close(&mut self, guide: &'static Guide, level: usize, position: Position) {
        for n in (level..self.depth).rev() {
            let frame = &self.frames[n];
            let own = guide.lp(frame.at);
            if own.required & !frame.seen != 0 {
                self.missing(guide, own, *frame, position);
            }
        }
        if level == 0 {
            // Closed once is enough.
            self.frames[0].seen = u64::MAX;
        }
    }

    #[cold]
    fn missing(&mut self, guide: &'static Guide, own: &'static Loop, frame: Frame, position: Position) {
        let lacking = own.required & !frame.seen;
        let children = &guide.children[usize::from(own.children.0)..usize::from(own.children.1)];
        let mut missing: Vec<&Child> = children.iter().filter(|c| c.required & lacking != 0).collect();
        missing.sort_unstable_by_key(|c| c.required);
        for child in missing {
            let (kind, loop_id) = match child.opens {
                0 => (MisplacedKind::SegmentMissing, own.id),
                opens => (MisplacedKind::LoopMissing, guide.lp(opens).id),
            };
            let position = if child.required & frame.missed != 0 { frame.noticed } else { position };
            let usage = Some(&guide.uses[usize::from(child.usage)]);
            self.misplaced.push(Misplaced { kind, position, loop_id, usage, max: 0 });
        }
    }

    /// Whether a segment ends the passing over that began astray.
    fn leads_back(&self, guide: &'static Guide, id: &[u8], found: &Found) -> bool {
        let level = self.astray == Astray::Level;
        match (found, id) {
            (_, b"SE") => true,
            (Found::Free(..) | Found::Used(..), b"HL") => true,
            (Found::Free(..) | Found::Used(..), _) if level => false,
            (Found::Free(depth, at), _) => guide.child(*at).opens > 0 || depth + 1 < self.depth,
            (Found::Used(_, at), _) => guide.child(*at).opens > 0,
            (Found::Behind(..) | Found::Nothing, _) => false,
        }
    }

    /// No place takes the qualifier: the only place this segment could take will do, and its code is at fault.
    fn nothing(
        &mut self,
        guide: &'static Guide,
        symbol: usize,
        segment: &Segment<'_>,
    ) -> (Option<&'static SegmentUse>, bool) {
        let free = |frame: &Frame, at: &usize| {
            let child = guide.child(*at);
            child.opens == 0
                && child.order >= frame.order
                && (child.max == 0 || self.count(*at, frame.epoch) < u32::from(child.max))
        };
        let inner = (0..self.depth).rev().find(|n| !guide.candidates(self.frames[*n].at, symbol).is_empty());
        if let Some(level) = inner {
            let frame = &self.frames[level];
            let mut places = guide.candidates(frame.at, symbol).filter(|at| free(frame, at));
            if let (Some(at), None) = (places.next(), places.next()) {
                return self.enter(guide, level, at, segment.position());
            }
        }
        self.report(MisplacedKind::Unexpected, segment.position(), None, 0);
        self.astray = match segment.id() {
            b"HL" => Astray::Level,
            _ if guide.children.iter().any(|c| c.opens > 0 && usize::from(c.symbol) == symbol) => Astray::Loop,
            _ => Astray::No,
        };
        (None, false)
    }

    #[cold]
    fn report(&mut self, kind: MisplacedKind, position: Position, usage: Option<&'static SegmentUse>, max: u16) {
        let loop_id = if self.depth > 1 { self.path[self.depth - 1] } else { "" };
        self.misplaced.push(Misplaced { kind, position, loop_id, usage, max });
    }
}
