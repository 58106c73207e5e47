//! 005010X212 Claim status response.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::StatusResponse277, set: "277", id: "005010X212", group: "HN", name: "Claim status response",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 1107666781,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 11] = symbols([
    "BHT", "DTP", "HL", "NM1", "PER", "REF", "SE", "ST", "STC", "SVC", "TRN",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 1107666781);

static TOLD_BY: [(u8, u8); 11] = [
    (0, 0), (1, 0), (3, 0), (1, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0),
];

static INDEX: [u16; 188] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 17] = [
    lp("", 0xf, (0, 4)),
    lp("2000A", 0x3, (4, 6)),
    lp("2100A", 0x0, (6, 7)),
    lp("2000B", 0x1, (7, 10)),
    lp("2100B", 0x0, (10, 10)),
    lp("2200B", 0x1, (10, 11)),
    lp("2000C", 0x1, (11, 14)),
    lp("2100C", 0x0, (14, 14)),
    lp("2200C", 0x1, (14, 15)),
    lp("2000D", 0x1, (15, 18)),
    lp("2100D", 0x0, (18, 18)),
    lp("2200D", 0x1, (18, 27)),
    lp("2220D", 0x3, (27, 30)),
    lp("2000E", 0x3, (30, 32)),
    lp("2100E", 0x0, (32, 32)),
    lp("2200E", 0x1, (32, 41)),
    lp("2220E", 0x3, (41, 44)),
];

static CHILDREN: [Child; 44] = [
    ch((1, 0), 0, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 2, (3, 0), (5, 1), (0x4, 0x3)),
    ch((30, 0), 6, (4, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 7, (1, 1), (0, 0), (0x1, 0x0)),
    ch((5, 3), 2, (2, 0), (297, 1), (0x2, 0x1)),
    ch((3, 2), 3, (1, 1), (2227, 1), (0x1, 0x0)),
    ch((4, 0), 4, (1, 1), (1210, 1), (0x0, 0x0)),
    ch((9, 6), 2, (3, 0), (2233, 1), (0x0, 0x1)),
    ch((6, 4), 3, (1, 2), (2231, 1), (0x1, 0x0)),
    ch((7, 5), 10, (2, 1), (2228, 1), (0x0, 0x1)),
    ch((8, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
    ch((13, 9), 2, (3, 0), (354, 1), (0x0, 0x1)),
    ch((10, 7), 3, (1, 2), (2234, 1), (0x1, 0x0)),
    ch((11, 8), 10, (2, 1), (6, 1), (0x0, 0x1)),
    ch((12, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
    ch((28, 13), 2, (3, 0), (912, 1), (0x0, 0x1)),
    ch((14, 10), 3, (1, 1), (357, 1), (0x1, 0x0)),
    ch((15, 11), 10, (2, 0), (2228, 1), (0x0, 0x1)),
    ch((23, 0), 1, (3, 1), (2251, 1), (0x0, 0x1)),
    ch((17, 0), 5, (2, 1), (2243, 1), (0x0, 0x1)),
    ch((18, 0), 5, (2, 1), (2244, 1), (0x0, 0x1)),
    ch((19, 0), 5, (2, 1), (2247, 1), (0x0, 0x1)),
    ch((20, 0), 5, (2, 1), (2248, 1), (0x0, 0x1)),
    ch((21, 0), 5, (2, 1), (2294, 1), (0x0, 0x1)),
    ch((22, 0), 5, (2, 1), (2249, 1), (0x0, 0x1)),
    ch((16, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
    ch((24, 12), 9, (4, 0), (0, 0), (0x0, 0x1)),
    ch((27, 0), 1, (3, 1), (2251, 1), (0x2, 0x1)),
    ch((26, 0), 5, (2, 1), (2260, 1), (0x0, 0x1)),
    ch((25, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
    ch((29, 14), 3, (1, 1), (2261, 1), (0x1, 0x0)),
    ch((15, 15), 10, (2, 0), (2228, 1), (0x2, 0x1)),
    ch((23, 0), 1, (3, 1), (2251, 1), (0x0, 0x1)),
    ch((17, 0), 5, (2, 1), (2243, 1), (0x0, 0x1)),
    ch((18, 0), 5, (2, 1), (2244, 1), (0x0, 0x1)),
    ch((19, 0), 5, (2, 1), (2247, 1), (0x0, 0x1)),
    ch((20, 0), 5, (2, 1), (2248, 1), (0x0, 0x1)),
    ch((21, 0), 5, (2, 1), (2294, 1), (0x0, 0x1)),
    ch((22, 0), 5, (2, 3), (2249, 1), (0x0, 0x1)),
    ch((16, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
    ch((24, 16), 9, (4, 0), (0, 0), (0x0, 0x1)),
    ch((27, 0), 1, (3, 1), (2251, 1), (0x2, 0x1)),
    ch((26, 0), 5, (2, 1), (2260, 1), (0x0, 0x1)),
    ch((25, 0), 8, (1, 0), (0, 0), (0x1, 0x0)),
];

static USES: [SegmentUse; 31] = [
    of("ST", "Transaction Set Header", (622, 3), 3, (155, 0)),
    of("BHT", "Beginning of Hierarchical Transaction", (625, 6), 6, (9, 0)),
    of("HL", "Information Source Level", (9, 4), 4, (68, 0)),
    of("NM1", "Information Source Name", (486, 12), 9, (115, 3)),
    of("PER", "Administrative Communications Contact", (631, 9), 4, (120, 3)),
    of("HL", "Information Receiver Level", (275, 4), 4, (68, 0)),
    of("NM1", "Information Receiver Name", (498, 12), 9, (115, 3)),
    of("TRN", "Information Receiver Trace Identifier", (640, 4), 2, (158, 0)),
    of("STC", "Information Receiver Status Information", (648, 12), 2, (155, 0)),
    of("HL", "Service Provider Level", (660, 4), 4, (68, 0)),
    of("NM1", "Provider Name", (514, 12), 9, (115, 3)),
    of("TRN", "Provider of Service Trace Identifier", (549, 4), 2, (158, 0)),
    of("STC", "Provider Status Information", (668, 12), 2, (155, 0)),
    of("HL", "Subscriber Level", (60, 4), 4, (68, 0)),
    of("NM1", "Subscriber Name", (537, 12), 9, (115, 3)),
    of("TRN", "Claim Status Tracking Number", (640, 4), 2, (158, 0)),
    of("STC", "Claim Level Status Information", (684, 12), 2, (155, 0)),
    of("REF", "Payer Claim Control Number", (553, 4), 2, (132, 1)),
    of("REF", "Institutional Bill Type Identification", (557, 4), 2, (132, 1)),
    of("REF", "Patient Control Number", (569, 4), 2, (132, 1)),
    of("REF", "Pharmacy Prescription Number", (573, 4), 2, (132, 1)),
    of("REF", "Voucher Identifier", (696, 4), 2, (132, 1)),
    of("REF", "Claim Identifier Number for Clearinghous and Other Transmission Intermediaries", (577, 4), 2, (132, 1)),
    of("DTP", "Claim Level Service Date", (584, 3), 3, (59, 0)),
    of("SVC", "Service Line Information", (700, 7), 7, (158, 0)),
    of("STC", "Service Line Level Status Information", (707, 12), 2, (155, 0)),
    of("REF", "Service Line Item Identification", (602, 4), 2, (132, 1)),
    of("DTP", "Service Line Date", (584, 3), 3, (59, 0)),
    of("HL", "Dependent Level", (606, 4), 3, (68, 0)),
    of("NM1", "Dependent Name", (610, 12), 3, (115, 3)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
