//! The business units of a file: which claim or inquiry a segment belongs to.

use crate::transaction::part::Text;
use crate::x12::Segment;

/// Where the claims, inquiries and members of each set begin, so that a 999 can name the one that is wrong (CTX).
///
/// Fed with all segments of the file, in order; it holds some 40 bytes for each unit.
#[derive(Debug, Default)]
pub struct Units {
    /// For each set, in the order of the file: position of the first segment, and the unit.
    sets: Vec<Vec<(u32, Unit)>>,
    /// The code of the open set.
    code: Text,
}

/// A claim, an inquiry or a member, by a number of its sender's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// What the number is, as CTX01-1 has it.
    pub(super) name: &'static str,
    /// The number.
    pub(super) number: Text,
}

impl Units {
    /// Takes the next segment of the file.
    pub fn feed(&mut self, segment: &Segment<'_>) {
        let (name, number) = match segment.id() {
            b"ST" => {
                self.code = Text::of(segment.element(1));
                return self.sets.push(Vec::new());
            }
            b"CLM" if self.code == "837" => ("CLM01", 1),
            b"TRN" if matches!(&*self.code, "270" | "271" | "276" | "277" | "835") => ("TRN02", 2),
            b"ENT" if self.code == "820" => ("ENT01", 1),
            b"REF" if self.code == "834" && segment.element(1) == b"0F" => ("SUBSCRIBER NUMBER REF02", 2),
            _ => return,
        };
        let number = Text::of(segment.element(number));
        if let Some(set) = self.sets.last_mut().filter(|_| !number.is_empty()) {
            set.push((segment.position().in_set, Unit { name, number }));
        }
    }

    /// Returns the unit that the segment at `in_set` of set number `set` belongs to.
    pub(super) fn of(&self, set: usize, in_set: u32) -> Option<&Unit> {
        let units = self.sets.get(set)?;
        let after = units.partition_point(|(start, _)| *start <= in_set);
        units.get(after.checked_sub(1)?).map(|(_, unit)| unit)
    }
}
