//! The tree of HL segments: numbered from 1, each under an open parent of the right level.

use super::catalogue::declare;
use super::fields::{Fields, number};
use super::finding::{Findings, SegmentId};
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    SEQUENCE = error "hl-sequence" Situation Element("I12");
        "the number of a hierarchical level does not follow the one before";
        "number the HL segments of a set 1, 2, 3 and so on";
    PARENT_MISSING = error "hl-parent-missing" Situation Element("I9");
        "a level below the top names no parent";
        "give HL02 the number of the level it belongs to";
    PARENT_UNEXPECTED = error "hl-parent-unexpected" Situation Element("I13");
        "a level at the top names a parent";
        "leave HL02 empty";
    PARENT_CLOSED = error "hl-parent-closed" Situation Element("I12");
        "the parent of a level does not exist or is closed";
        "write each level below its parent, before the parent's next sibling";
    PARENT_LEVEL = error "hl-parent-level" Situation Element("I12");
        "a level stands under a parent of a level it cannot belong to";
        "name a parent of the level above";
    CHILDREN_UNDECLARED = error "hl-children-undeclared" Situation Element("I12");
        "a level has levels below it but says it has none";
        "set HL04 of the parent to 1";
    CHILDREN_MISSING = warning "hl-children-missing" Situation Element("I12");
        "a level says it has levels below it but has none";
        "set HL04 to 0, or send the levels below";
}

/// More levels than any guide has; what hangs deeper has no open parent.
const DEEPEST: usize = 8;

#[derive(Debug)]
struct Level {
    number: u32,
    code: [u8; 2],
    declares: bool,
    has_children: bool,
    undeclared: bool,
    position: Position,
    loop_id: &'static str,
}

/// The levels that are open.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    open: Vec<Level>,
    last: u32,
    /// 837 goes from billing provider to subscriber; the inquiries have levels in between.
    is_claim: bool,
}

impl Hierarchy {
    pub(super) fn begin(&mut self, is_claim: bool) {
        self.open.clear();
        self.last = 0;
        self.is_claim = is_claim;
    }

    pub(super) fn level(&mut self, placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
        let own = number(fields.at(1));
        if own != Some(self.last + 1) {
            out.at(&SEQUENCE, placed).element(1).data_element(628).expected((self.last + 1).to_string());
        }
        let own = own.unwrap_or(self.last + 1);
        self.last = own.min(999_999_998);
        let code = [fields.at(3).first().copied().unwrap_or(0), fields.at(3).get(1).copied().unwrap_or(0)];
        self.close_for(number(fields.at(2)), out);
        if fields.at(2).is_empty() {
            if !self.parents(code).is_empty() {
                out.at(&PARENT_MISSING, placed).element(2).data_element(734);
            }
        } else if &code == b"20" {
            out.at(&PARENT_UNEXPECTED, placed).element(2).data_element(734);
        } else {
            self.below(code, placed, out);
        }
        if self.open.len() == DEEPEST {
            return;
        }
        self.open.push(Level {
            number: own,
            code,
            declares: fields.at(4) == b"1",
            has_children: false,
            undeclared: fields.at(4) == b"0",
            position: placed.segment.position(),
            loop_id: placed.loop_id(),
        });
    }

    pub(super) fn end_of_set(&mut self, out: &mut Findings) {
        while let Some(level) = self.open.pop() {
            level.close(out);
        }
    }

    fn below(&mut self, code: [u8; 2], placed: &Placed<'_>, out: &mut Findings) {
        let parents = self.parents(code);
        match self.open.last_mut() {
            None => drop(out.at(&PARENT_CLOSED, placed).element(2).data_element(734)),
            Some(parent) => {
                parent.has_children = true;
                if parent.undeclared {
                    parent.undeclared = false;
                    out.pending(&CHILDREN_UNDECLARED, parent.position, parent.loop_id, SegmentId::new(b"HL"))
                        .element(4)
                        .data_element(736);
                }
                if !parents.is_empty() && !parents.contains(&&parent.code) {
                    out.at(&PARENT_LEVEL, placed).element(2).data_element(734);
                }
            }
        }
    }

    /// Closes what is not above a level under `parent`; everything when the parent is not open.
    fn close_for(&mut self, parent: Option<u32>, out: &mut Findings) {
        let keep = parent.and_then(|parent| self.open.iter().rposition(|level| level.number == parent));
        while self.open.len() > keep.map_or(0, |at| at + 1) {
            if let Some(level) = self.open.pop() {
                level.close(out);
            }
        }
    }

    /// The levels a level may stand under; none for the top and for levels no rule is known of.
    const fn parents(&self, code: [u8; 2]) -> &'static [&'static [u8; 2]] {
        match (&code, self.is_claim) {
            (b"22", true) => &[b"20"],
            (b"23", _) => &[b"22"],
            (b"21", _) => &[b"20"],
            (b"19", _) => &[b"21"],
            (b"22", false) => &[b"21", b"19"],
            (b"PT", _) => &[b"19"],
            _ => &[],
        }
    }
}

impl Level {
    fn close(&self, out: &mut Findings) {
        if self.declares && !self.has_children {
            out.pending(&CHILDREN_MISSING, self.position, self.loop_id, SegmentId::new(b"HL"))
                .element(4)
                .data_element(736);
        }
    }
}
