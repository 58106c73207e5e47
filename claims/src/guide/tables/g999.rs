//! 005010X231A1 Implementation acknowledgement.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::ImplementationAck999, set: "999", id: "005010X231A1", group: "FA", name: "Implementation acknowledgement",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 2654435761,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 9] = symbols([
    "AK1", "AK2", "AK9", "CTX", "IK3", "IK4", "IK5", "SE", "ST",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 2654435761);

static TOLD_BY: [(u8, u8); 9] = [
    (0, 0), (0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0),
];

static INDEX: [u16; 37] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 4] = [
    lp("", 0xf, (0, 5)),
    lp("2000", 0x1, (5, 7)),
    lp("2100", 0x0, (7, 10)),
    lp("2110", 0x0, (10, 11)),
];

static CHILDREN: [Child; 11] = [
    ch((1, 0), 0, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 1, (3, 0), (0, 0), (0x0, 0x3)),
    ch((9, 0), 2, (4, 1), (0, 0), (0x4, 0x3)),
    ch((10, 0), 7, (5, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 8, (1, 1), (0, 0), (0x1, 0x0)),
    ch((3, 2), 4, (1, 0), (0, 0), (0x0, 0x0)),
    ch((8, 0), 6, (2, 1), (0, 0), (0x1, 0x0)),
    ch((4, 0), 3, (1, 9), (5518, 1), (0x0, 0x0)),
    ch((5, 0), 3, (1, 1), (5519, 7), (0x0, 0x0)),
    ch((6, 3), 5, (2, 0), (0, 0), (0x0, 0x0)),
    ch((7, 0), 3, (1, 10), (5518, 1), (0x0, 0x0)),
];

static USES: [SegmentUse; 11] = [
    of("ST", "Transaction Set Header", (4250, 3), 3, (155, 0)),
    of("AK1", "Functional Group Response Header", (4253, 3), 3, (8, 0)),
    of("AK2", "Transaction Set Response Header", (4221, 3), 2, (8, 0)),
    of("IK3", "Error Identification", (4256, 4), 2, (72, 0)),
    of("CTX", "Segment Context", (4264, 6), 3, (41, 0)),
    of("CTX", "Business Unit Identifier", (4272, 6), 1, (41, 0)),
    of("IK4", "Implementation Data Element Note", (4278, 4), 3, (72, 0)),
    of("CTX", "Element Context", (4264, 6), 3, (41, 0)),
    of("IK5", "Implementation Transaction Set Response Trailer", (4282, 6), 1, (72, 0)),
    of("AK9", "Functional Group Response Trailer", (4241, 9), 4, (8, 0)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
