//! 005010X230 Functional acknowledgement.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::FunctionalAck997, set: "997", id: "005010X230", group: "FA", name: "Functional acknowledgement",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 2654435761,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 8] = symbols([
    "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "SE", "ST",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 2654435761);

static TOLD_BY: [(u8, u8); 8] = [
    (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0),
];

static INDEX: [u16; 25] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 3] = [
    lp("", 0xf, (0, 5)),
    lp("2000", 0x1, (5, 7)),
    lp("2100", 0x0, (7, 8)),
];

static CHILDREN: [Child; 8] = [
    ch((1, 0), 0, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 1, (3, 0), (0, 0), (0x0, 0x3)),
    ch((6, 0), 5, (4, 1), (0, 0), (0x4, 0x3)),
    ch((7, 0), 6, (5, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 7, (1, 1), (0, 0), (0x1, 0x0)),
    ch((3, 2), 2, (1, 0), (0, 0), (0x0, 0x0)),
    ch((5, 0), 4, (2, 1), (0, 0), (0x1, 0x0)),
    ch((4, 0), 3, (1, 99), (0, 0), (0x0, 0x0)),
];

static USES: [SegmentUse; 8] = [
    of("ST", "Transaction set header", (4215, 3), 2, (155, 0)),
    of("AK1", "Functional group response header", (4218, 3), 2, (8, 0)),
    of("AK2", "Transaction set response header", (4221, 3), 2, (8, 0)),
    of("AK3", "Segment note", (4224, 4), 2, (8, 0)),
    of("AK4", "Element note", (4231, 4), 3, (8, 0)),
    of("AK5", "Transaction set response trailer", (4235, 6), 1, (8, 0)),
    of("AK9", "Functional group response trailer", (4241, 9), 4, (8, 0)),
    of("SE", "Transaction set trailer", (243, 2), 2, (142, 0)),
];
