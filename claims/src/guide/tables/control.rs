//! 00501 Interchange and group.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::Control, set: "", id: "00501", group: "", name: "Interchange and group",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 2654435761,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 5] = symbols([
    "GE", "GS", "IEA", "ISA", "TA1",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 2654435761);

static TOLD_BY: [(u8, u8); 5] = [
    (0, 0), (0, 0), (0, 0), (0, 0), (0, 0),
];

static INDEX: [u16; 6] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 1] = [
    lp("", 0xf, (0, 5)),
];

static CHILDREN: [Child; 5] = [
    ch((3, 0), 0, (4, 1), (0, 0), (0x4, 0x3)),
    ch((2, 0), 1, (3, 1), (0, 0), (0x2, 0x1)),
    ch((4, 0), 2, (5, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 3, (1, 1), (0, 0), (0x1, 0x0)),
    ch((1, 0), 4, (2, 0), (0, 0), (0x0, 0x1)),
];

static USES: [SegmentUse; 5] = [
    of("ISA", "Interchange control header", (4288, 16), 16, (73, 0)),
    of("TA1", "Interchange acknowledgement", (4304, 5), 5, (158, 0)),
    of("GS", "Functional group header", (4309, 8), 8, (65, 0)),
    of("GE", "Functional group trailer", (4317, 2), 2, (65, 0)),
    of("IEA", "Interchange control trailer", (4319, 2), 2, (70, 0)),
];
