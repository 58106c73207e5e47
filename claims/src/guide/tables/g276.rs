//! 005010X212 Claim status request.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::StatusRequest276, set: "276", id: "005010X212", group: "HR", name: "Claim status request",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 1107666781,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 11] = symbols([
    "AMT", "BHT", "DMG", "DTP", "HL", "NM1", "REF", "SE", "ST", "SVC", "TRN",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 1107666781);

static TOLD_BY: [(u8, u8); 11] = [
    (1, 0), (0, 0), (0, 0), (1, 0), (3, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0),
];

static INDEX: [u16; 166] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 15] = [
    lp("", 0xf, (0, 4)),
    lp("2000A", 0x3, (4, 6)),
    lp("2100A", 0x0, (6, 6)),
    lp("2000B", 0x3, (6, 8)),
    lp("2100B", 0x0, (8, 8)),
    lp("2000C", 0x3, (8, 10)),
    lp("2100C", 0x0, (10, 10)),
    lp("2000D", 0x1, (10, 14)),
    lp("2100D", 0x0, (14, 14)),
    lp("2200D", 0x0, (14, 24)),
    lp("2210D", 0x1, (24, 26)),
    lp("2000E", 0x7, (26, 29)),
    lp("2100E", 0x0, (29, 29)),
    lp("2200E", 0x0, (29, 39)),
    lp("2210E", 0x1, (39, 41)),
];

static CHILDREN: [Child; 41] = [
    ch((1, 0), 1, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 4, (3, 0), (5, 1), (0x4, 0x3)),
    ch((29, 0), 7, (4, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 8, (1, 1), (0, 0), (0x1, 0x0)),
    ch((4, 3), 4, (2, 0), (297, 1), (0x2, 0x1)),
    ch((3, 2), 5, (1, 1), (2227, 1), (0x1, 0x0)),
    ch((6, 5), 4, (2, 0), (2233, 1), (0x2, 0x1)),
    ch((5, 4), 5, (1, 1), (2231, 1), (0x1, 0x0)),
    ch((8, 7), 4, (2, 0), (354, 1), (0x2, 0x1)),
    ch((7, 6), 5, (1, 2), (2234, 1), (0x1, 0x0)),
    ch((9, 0), 2, (1, 1), (0, 0), (0x0, 0x0)),
    ch((24, 11), 4, (4, 0), (912, 1), (0x0, 0x1)),
    ch((10, 8), 5, (2, 1), (357, 1), (0x1, 0x0)),
    ch((11, 9), 10, (3, 0), (6, 1), (0x0, 0x1)),
    ch((19, 0), 0, (2, 1), (2250, 1), (0x0, 0x0)),
    ch((20, 0), 3, (3, 1), (2251, 1), (0x0, 0x0)),
    ch((12, 0), 6, (1, 1), (2243, 1), (0x0, 0x0)),
    ch((13, 0), 6, (1, 1), (2244, 1), (0x0, 0x0)),
    ch((14, 0), 6, (1, 1), (2245, 1), (0x0, 0x0)),
    ch((15, 0), 6, (1, 1), (2246, 1), (0x0, 0x0)),
    ch((16, 0), 6, (1, 1), (2247, 1), (0x0, 0x0)),
    ch((17, 0), 6, (1, 1), (2248, 1), (0x0, 0x0)),
    ch((18, 0), 6, (1, 1), (2249, 1), (0x0, 0x0)),
    ch((21, 10), 9, (4, 0), (0, 0), (0x0, 0x0)),
    ch((23, 0), 3, (2, 1), (2251, 1), (0x1, 0x0)),
    ch((22, 0), 6, (1, 1), (2260, 1), (0x0, 0x0)),
    ch((25, 0), 2, (1, 1), (0, 0), (0x1, 0x0)),
    ch((26, 12), 5, (2, 1), (2261, 1), (0x2, 0x1)),
    ch((11, 13), 10, (3, 0), (6, 1), (0x4, 0x3)),
    ch((27, 0), 0, (2, 1), (2250, 1), (0x0, 0x0)),
    ch((28, 0), 3, (3, 1), (2251, 1), (0x0, 0x0)),
    ch((12, 0), 6, (1, 1), (2243, 1), (0x0, 0x0)),
    ch((13, 0), 6, (1, 1), (2244, 1), (0x0, 0x0)),
    ch((14, 0), 6, (1, 1), (2245, 1), (0x0, 0x0)),
    ch((15, 0), 6, (1, 1), (2246, 1), (0x0, 0x0)),
    ch((16, 0), 6, (1, 1), (2247, 1), (0x0, 0x0)),
    ch((17, 0), 6, (1, 1), (2248, 1), (0x0, 0x0)),
    ch((18, 0), 6, (1, 1), (2249, 1), (0x0, 0x0)),
    ch((21, 14), 9, (4, 0), (0, 0), (0x0, 0x0)),
    ch((23, 0), 3, (2, 1), (2251, 1), (0x1, 0x0)),
    ch((22, 0), 6, (1, 1), (2260, 1), (0x0, 0x0)),
];

static USES: [SegmentUse; 30] = [
    of("ST", "Transaction Set Header", (477, 3), 3, (155, 0)),
    of("BHT", "Beginning of Hierarchical Transaction", (480, 6), 5, (9, 0)),
    of("HL", "Information Source Level", (9, 4), 4, (68, 0)),
    of("NM1", "Payer Name", (486, 12), 9, (115, 3)),
    of("HL", "Information Receiver Level", (25, 4), 4, (68, 0)),
    of("NM1", "Information Receiver Name", (498, 12), 9, (115, 3)),
    of("HL", "Billing Provider of Service Level", (510, 4), 4, (68, 0)),
    of("NM1", "Billing Provider Name", (514, 12), 9, (115, 3)),
    of("HL", "Subscriber Level", (60, 4), 4, (68, 0)),
    of("DMG", "Subscriber Demographic Information", (526, 11), 2, (55, 3)),
    of("NM1", "Subscriber Name", (537, 12), 9, (115, 3)),
    of("TRN", "Claim Status Tracking Number", (549, 4), 2, (158, 0)),
    of("REF", "Payer Claim Control Number", (553, 4), 2, (132, 1)),
    of("REF", "Institutional Bill Type Identification", (557, 4), 2, (132, 1)),
    of("REF", "Application or Location System Identifier", (561, 4), 2, (132, 1)),
    of("REF", "Group Number", (565, 4), 2, (132, 1)),
    of("REF", "Patient Control Number", (569, 4), 2, (132, 1)),
    of("REF", "Pharmacy Prescription Number", (573, 4), 2, (132, 1)),
    of("REF", "Claim Identification Number for Clearinghouses and Other Transmission Intermediaries", (577, 4), 2, (132, 1)),
    of("AMT", "Institutional Bill Type Identification", (581, 3), 2, (8, 0)),
    of("DTP", "Claim Level Service Date", (584, 3), 3, (59, 0)),
    of("SVC", "Service Line Information", (595, 7), 2, (158, 0)),
    of("REF", "Service Line Item Identification", (602, 4), 2, (132, 1)),
    of("DTP", "Service Line Date", (584, 3), 3, (59, 0)),
    of("HL", "Dependent Level", (606, 4), 3, (68, 0)),
    of("DMG", "Dependent Demographic Information", (526, 11), 2, (55, 3)),
    of("NM1", "Dependent Name", (610, 12), 3, (115, 3)),
    of("AMT", "Claim Submitted Charges", (581, 3), 2, (8, 0)),
    of("DTP", "Claim Service Date", (584, 3), 3, (59, 0)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
