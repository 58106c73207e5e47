//! A trading partner's own edits (SNIP 7) as data: what must or must not stand in a claim, a line or a set.
//!
//! An edit fires at the end of its scope, when all it asks `when` holds there and something it requires is missing or
//! something it forbids is present. Nothing recurs and nothing is unbounded: so many edits, so many tests, no expressions.

mod edit;
mod pattern;
mod rule;

use chrono::NaiveDate;

use super::fields::{Fields, day, mark, period};
use super::finding::{Findings, SegmentId};
use super::id;
use crate::code_list::{CodeLists, Standing};
use crate::guide::Placed;
use crate::x12::Position;

pub use edit::{Edits, EditsError};

use edit::{Edit, Is, Scope, Test};

/// How deep a segment stands: what matched is forgotten when a level begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Set,
    Provider,
    Subscriber,
    Patient,
    Claim,
    Line,
}

impl Level {
    fn of(loop_id: &str) -> Self {
        match loop_id.as_bytes() {
            [b'2', b'4', ..] | [b'2', b'1' | b'2', b'1' | b'2', b'0', ..] => Self::Line,
            [b'2', b'3', ..] | b"2100" | [b'2', b'2', b'0', b'0', ..] => Self::Claim,
            b"2000C" | b"2010CA" => Self::Patient,
            b"2000B" | [b'2', b'0', b'1', b'0', b'B', ..] => Self::Subscriber,
            b"2000A" | [b'2', b'0', b'1', b'0', b'A', ..] => Self::Provider,
            _ => Self::Set,
        }
    }
}

/// A test that matched.
#[derive(Debug, Clone, Copy)]
struct Match {
    level: Level,
    position: Position,
    loop_id: &'static str,
    element: u8,
}

/// A claim or line that is open.
#[derive(Debug, Clone, Copy)]
struct Open {
    position: Position,
    loop_id: &'static str,
}

/// The edits of partners at work on a set.
#[derive(Debug, Default)]
pub(super) struct Partners {
    /// One for each test of each edit, in their order.
    matches: Vec<Option<Match>>,
    payer: Option<u64>,
    created: Option<NaiveDate>,
    claim_day: Option<NaiveDate>,
    line_day: Option<NaiveDate>,
    claim: Option<Open>,
    line: Option<Open>,
}

/// What an edit is decided with.
struct At<'e> {
    edits: &'e [Edits],
    lists: &'e CodeLists,
}

impl Partners {
    pub(super) fn begin(&mut self, edits: &[Edits]) {
        let mut matches = std::mem::take(&mut self.matches);
        matches.clear();
        matches.resize(edits.iter().map(Edits::tests).sum(), None);
        *self = Self { matches, ..Self::default() };
    }

    pub(super) fn segment(
        &mut self,
        edits: &[Edits],
        lists: &CodeLists,
        placed: &Placed<'_>,
        f: &Fields<'_>,
        out: &mut Findings,
    ) {
        let at = At { edits, lists };
        let open = Open { position: placed.segment.position(), loop_id: placed.loop_id() };
        match f.id() {
            id::LX if placed.path.contains(&"2300") => self.begin_line(&at, open, out),
            id::SVC => self.begin_line(&at, open, out),
            id::CLM | id::CLP => {
                self.end_of_claim(&at, out);
                self.claim = Some(open);
            }
            id::PLB => self.end_of_claim(&at, out),
            id::HL => {
                self.end_of_claim(&at, out);
                self.forget(match f.at(3) {
                    b"20" => Level::Provider,
                    b"22" => Level::Subscriber,
                    _ => Level::Patient,
                });
            }
            id::BHT => self.created = day(f.at(4)),
            id::BPR => self.created = day(f.at(16)),
            id::DTP if matches!(f.at(1), b"472" | b"434") => self.day(period(f.at(2), f.at(3)).map(|(from, _)| from)),
            id::DTM if matches!(f.at(1), b"472" | b"150" | b"232") => self.day(day(f.at(2))),
            id::NM1 if f.at(1) == b"PR" && placed.loop_id() == "2010BB" => self.payer = Some(mark(f.at(9))),
            id::N1 if f.at(1) == b"PR" => self.payer = f.has(4).then(|| mark(f.at(4))),
            id::REF if f.at(1) == b"2U" && placed.loop_id() == "1000A" => self.payer = Some(mark(f.at(2))),
            _ => {}
        }
        self.test(&at, placed, f);
    }

    pub(super) fn end_of_set(&mut self, edits: &[Edits], lists: &CodeLists, out: &mut Findings) {
        let at = At { edits, lists };
        self.end_of_claim(&at, out);
        self.decide(&at, Scope::Set, Open { position: Position::default(), loop_id: "" }, out);
    }

    fn day(&mut self, day: Option<NaiveDate>) {
        if self.line.is_some() {
            self.line_day = day;
        } else if self.claim.is_some() {
            self.claim_day = day;
        }
    }

    fn test(&mut self, at: &At<'_>, placed: &Placed<'_>, f: &Fields<'_>) {
        let mut first = 0;
        for edits in at.edits {
            for (index, test) in edits.about(placed.segment.id()) {
                let slot = first + index;
                if self.matches[slot].is_none()
                    && let Some(element) = test.matches(at.lists, placed, f)
                {
                    let (position, loop_id) = (placed.segment.position(), placed.loop_id());
                    self.matches[slot] = Some(Match { level: Level::of(loop_id), position, loop_id, element });
                }
            }
            first += edits.tests();
        }
    }

    fn begin_line(&mut self, at: &At<'_>, open: Open, out: &mut Findings) {
        self.end_of_line(at, out);
        self.line = Some(open);
    }

    fn end_of_line(&mut self, at: &At<'_>, out: &mut Findings) {
        if let Some(line) = self.line.take() {
            self.decide(at, Scope::Line, line, out);
        }
        self.line_day = None;
        self.forget(Level::Line);
    }

    fn end_of_claim(&mut self, at: &At<'_>, out: &mut Findings) {
        self.end_of_line(at, out);
        if let Some(claim) = self.claim.take() {
            self.decide(at, Scope::Claim, claim, out);
        }
        self.claim_day = None;
        self.forget(Level::Claim);
    }

    fn forget(&mut self, level: Level) {
        for slot in &mut self.matches {
            if slot.is_some_and(|found| found.level >= level) {
                *slot = None;
            }
        }
    }

    fn decide(&self, at: &At<'_>, scope: Scope, open: Open, out: &mut Findings) {
        let on = self.line_day.or(self.claim_day).or(self.created);
        let mut first = 0;
        for edit in at.edits.iter().flat_map(Edits::iter) {
            let found = &self.matches[first..first + edit.tests()];
            first += edit.tests();
            if edit.scope == scope && edit.is_about(self.payer, on) {
                edit.decide(found, open, out);
            }
        }
    }
}

impl Edit {
    fn decide(&self, found: &[Option<Match>], open: Open, out: &mut Findings) {
        let (when, rest) = found.split_at(self.when.len());
        let (required, forbidden) = rest.split_at(self.require.len());
        if when.iter().any(Option::is_none) {
            return;
        }
        for (test, _) in self.require.iter().zip(required).filter(|(_, found)| found.is_none()) {
            let segment = SegmentId::new(test.segment.as_bytes());
            out.pending(self.rule, open.position, open.loop_id, segment).element(test.element);
        }
        for (test, found) in self.forbid.iter().zip(forbidden) {
            if let Some(found) = found {
                let segment = SegmentId::new(test.segment.as_bytes());
                out.pending(self.rule, found.position, found.loop_id, segment).element(found.element);
            }
        }
    }
}

impl Test {
    /// Returns the element that matches; 0 for the segment as a whole.
    fn matches(&self, lists: &CodeLists, placed: &Placed<'_>, f: &Fields<'_>) -> Option<u8> {
        if self.within.as_ref().is_some_and(|within| within != placed.loop_id()) {
            return None;
        }
        if self.qualifier.as_ref().is_some_and(|q| f.at(usize::from(q.element)) != q.value.as_bytes()) {
            return None;
        }
        let element = usize::from(self.element);
        let holds = match (element, self.components.as_slice()) {
            (0, _) => true,
            (_, []) => self.is.holds(lists, f.at(element)),
            (_, some) => some.iter().any(|component| self.is.holds(lists, f.part(element, usize::from(*component)))),
        };
        holds.then_some(self.element)
    }
}

impl Is {
    fn holds(&self, lists: &CodeLists, value: &[u8]) -> bool {
        match self {
            Self::Absent => value.is_empty(),
            _ if value.is_empty() => false,
            Self::Present => true,
            Self::AnyOf(values) => values.iter().any(|own| own.as_bytes() == value),
            Self::NoneOf(values) => values.iter().all(|own| own.as_bytes() != value),
            Self::NotIn(list) => lists.standing(*list, value, None) != Standing::Known,
            Self::Like(text) => pattern::matches(text, value),
            Self::Unlike(text) => !pattern::matches(text, value),
            Self::LongerThan(length) => value.len() > usize::from(*length),
            Self::ShorterThan(length) => value.len() < usize::from(*length),
        }
    }
}
