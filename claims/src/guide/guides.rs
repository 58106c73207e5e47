//! Finding the guide of a set, and asking a guide.

use super::table::{Child, Guide, GuideKind, Loop, has_code, pack, pack_id, slot};
use super::tables::{ALL, CONTROL, SEGMENTS};
use crate::x12::Segment;

impl Guide {
    /// Returns every guide.
    pub fn all() -> impl ExactSizeIterator<Item = &'static Self> {
        ALL.into_iter()
    }

    /// Returns the guide of a set, by ST01 and by ST03 or, where a set has none, GS08.
    ///
    /// Other versions of a guide, its addenda and those of 4010 are read by the nearest there is; see
    /// [`Guide::is_exact`]. Without a known id the set decides, where it has one guide only.
    #[must_use]
    pub fn for_set(set: &str, id: &str) -> Option<&'static Self> {
        let kind = match (set.trim(), number(id.trim()).1) {
            ("837", "222" | "098" | "291" | "298") => GuideKind::Claim837P,
            ("837", "223" | "096" | "292" | "299") => GuideKind::Claim837I,
            ("837", "224" | "097" | "300") => GuideKind::Claim837D,
            ("835", _) => GuideKind::Payment835,
            ("270", _) => GuideKind::Inquiry270,
            ("271", _) => GuideKind::Response271,
            ("276", _) => GuideKind::StatusRequest276,
            ("277", "212" | "093") => GuideKind::StatusResponse277,
            ("277", "214") => GuideKind::ClaimAck277,
            ("278", _) => GuideKind::Review278,
            ("820", "218" | "061") => GuideKind::Premium820,
            ("834", _) => GuideKind::Enrollment834,
            ("997", _) => GuideKind::FunctionalAck997,
            ("999", _) => GuideKind::ImplementationAck999,
            _ => return None,
        };
        Self::of(kind)
    }

    /// Returns the guide of `kind`.
    #[must_use]
    pub fn of(kind: GuideKind) -> Option<&'static Self> {
        ALL.into_iter().chain([&CONTROL]).find(|g| g.kind == kind)
    }

    /// Returns whether sets that name `id` follow this guide, addenda aside.
    ///
    /// What a guide of 5010 says of a 4010 set places its segments well enough, and is no reproach to it.
    #[must_use]
    pub fn is_exact(&self, id: &str) -> bool {
        let ((version, guide), (own_version, own_guide)) = (number(id.trim()), number(self.id));
        self.kind == GuideKind::FunctionalAck997
            || id.trim().is_empty()
            || (version == own_version && (guide == own_guide || guide.is_empty()))
    }

    /// The symbol of a segment id, if the guide has one.
    #[inline]
    pub(super) fn symbol(&self, id: &[u8]) -> Option<usize> {
        let packed = pack_id(id);
        let symbol = usize::from(self.slots[slot(packed, self.multiplier)]);
        (self.symbols[symbol] == packed).then_some(symbol)
    }

    /// The code that tells the uses of a segment apart; zero where none does.
    #[inline]
    pub(super) fn qualifier(&self, symbol: usize, segment: &Segment<'_>) -> u64 {
        match self.told_by[symbol] {
            (0, _) => 0,
            (element, 0) => pack(segment.element(usize::from(element))),
            (element, component) => pack(segment.component(usize::from(element), usize::from(component))),
        }
    }

    /// The children of a loop that have this symbol, in their order.
    #[inline]
    pub(super) fn candidates(&self, of: u16, symbol: usize) -> std::ops::Range<usize> {
        let at = usize::from(of) * self.symbols.len() + symbol;
        usize::from(self.index[at])..usize::from(self.index[at + 1])
    }

    #[inline]
    pub(super) fn child(&self, at: usize) -> &'static Child {
        &self.children[at]
    }

    pub(super) fn lp(&self, at: u16) -> &'static Loop {
        &self.loops[usize::from(at)]
    }
}

/// Version and number of a guide: `005010` and `222` of `005010X222A1`.
fn number(id: &str) -> (&str, &str) {
    let (version, rest) = id.split_once('X').unwrap_or((id, ""));
    (version, rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
}

impl Child {
    #[inline]
    pub(super) fn takes(&self, code: u64) -> bool {
        has_code(self.codes, code)
    }
}

/// Whether `id` names a segment of the standard.
pub(crate) fn is_segment(id: &[u8]) -> bool {
    std::str::from_utf8(id).is_ok_and(|id| SEGMENTS.binary_search(&id).is_ok())
}

/// The uses of the segments of the envelope.
pub(crate) fn control(id: &[u8]) -> Option<&'static super::SegmentUse> {
    CONTROL.uses.iter().find(|u| u.id.as_bytes() == id)
}
