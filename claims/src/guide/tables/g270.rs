//! 005010X279A1 Eligibility inquiry.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::Inquiry270, set: "270", id: "005010X279A1", group: "HS", name: "Eligibility inquiry",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 3701634981,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 17] = symbols([
    "AMT", "BHT", "DMG", "DTP", "EQ", "HI", "HL", "III", "INS", "N3", "N4", "NM1", "PRV", "REF", "SE", "ST",
    "TRN",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 3701634981);

static TOLD_BY: [(u8, u8); 17] = [
    (1, 0), (0, 0), (0, 0), (1, 0), (0, 0), (1, 1), (3, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (0, 0), (0, 0),
    (1, 0),
];

static INDEX: [u16; 188] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 11] = [
    lp("", 0xf, (0, 4)),
    lp("2000A", 0x3, (4, 6)),
    lp("2100A", 0x0, (6, 6)),
    lp("2000B", 0x3, (6, 8)),
    lp("2100B", 0x0, (8, 12)),
    lp("2000C", 0x1, (12, 15)),
    lp("2100C", 0x0, (15, 24)),
    lp("2110C", 0x0, (24, 29)),
    lp("2000D", 0x1, (29, 31)),
    lp("2100D", 0x1, (31, 40)),
    lp("2110D", 0x0, (40, 43)),
];

static CHILDREN: [Child; 43] = [
    ch((1, 0), 1, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 6, (3, 0), (5, 1), (0x4, 0x3)),
    ch((41, 0), 14, (4, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 15, (1, 1), (0, 0), (0x1, 0x0)),
    ch((4, 3), 6, (2, 0), (297, 1), (0x2, 0x1)),
    ch((3, 2), 11, (1, 1), (7, 5), (0x1, 0x0)),
    ch((10, 5), 6, (2, 0), (354, 1), (0x2, 0x1)),
    ch((5, 4), 11, (1, 1), (298, 8), (0x1, 0x0)),
    ch((7, 0), 9, (2, 1), (0, 0), (0x0, 0x0)),
    ch((8, 0), 10, (3, 1), (0, 0), (0x0, 0x0)),
    ch((9, 0), 12, (4, 1), (335, 18), (0x0, 0x0)),
    ch((6, 0), 13, (1, 9), (314, 15), (0x0, 0x0)),
    ch((27, 8), 6, (3, 0), (912, 1), (0x0, 0x1)),
    ch((12, 6), 11, (2, 1), (357, 1), (0x1, 0x0)),
    ch((11, 0), 16, (1, 2), (6, 1), (0x0, 0x0)),
    ch((17, 0), 2, (5, 1), (0, 0), (0x0, 0x0)),
    ch((20, 0), 3, (8, 2), (634, 2), (0x0, 0x0)),
    ch((21, 7), 4, (9, 99), (0, 0), (0x0, 0x0)),
    ch((19, 0), 5, (7, 1), (630, 2), (0x0, 0x0)),
    ch((18, 0), 8, (6, 1), (0, 0), (0x0, 0x0)),
    ch((14, 0), 9, (2, 1), (0, 0), (0x0, 0x0)),
    ch((15, 0), 10, (3, 1), (0, 0), (0x0, 0x0)),
    ch((16, 0), 12, (4, 1), (376, 17), (0x0, 0x0)),
    ch((13, 0), 13, (1, 9), (360, 16), (0x0, 0x0)),
    ch((22, 0), 0, (1, 1), (881, 1), (0x0, 0x0)),
    ch((23, 0), 0, (1, 1), (889, 1), (0x0, 0x0)),
    ch((26, 0), 3, (4, 1), (911, 1), (0x0, 0x0)),
    ch((24, 0), 7, (2, 1), (0, 0), (0x0, 0x0)),
    ch((25, 0), 13, (3, 1), (909, 2), (0x0, 0x0)),
    ch((29, 9), 11, (2, 1), (914, 1), (0x1, 0x0)),
    ch((28, 0), 16, (1, 2), (6, 1), (0x0, 0x0)),
    ch((33, 0), 2, (5, 1), (0, 0), (0x0, 0x0)),
    ch((36, 0), 3, (8, 2), (634, 2), (0x0, 0x0)),
    ch((37, 10), 4, (9, 99), (0, 0), (0x1, 0x0)),
    ch((35, 0), 5, (7, 1), (630, 2), (0x0, 0x0)),
    ch((34, 0), 8, (6, 1), (0, 0), (0x0, 0x0)),
    ch((31, 0), 9, (2, 1), (0, 0), (0x0, 0x0)),
    ch((32, 0), 10, (3, 1), (0, 0), (0x0, 0x0)),
    ch((16, 0), 12, (4, 1), (376, 17), (0x0, 0x0)),
    ch((30, 0), 13, (1, 9), (954, 16), (0x0, 0x0)),
    ch((40, 0), 3, (3, 1), (911, 1), (0x0, 0x0)),
    ch((38, 0), 7, (1, 1), (0, 0), (0x0, 0x0)),
    ch((39, 0), 13, (2, 1), (909, 2), (0x0, 0x0)),
];

static USES: [SegmentUse; 42] = [
    of("ST", "Transaction Set Header", (0, 3), 3, (155, 0)),
    of("BHT", "Beginning of Hierarchical Transaction", (3, 6), 5, (9, 0)),
    of("HL", "Information Source Level", (9, 4), 4, (68, 0)),
    of("NM1", "Information Source Name", (13, 12), 9, (115, 3)),
    of("HL", "Information Receiver Level", (25, 4), 4, (68, 0)),
    of("NM1", "Information Receiver Name", (29, 12), 9, (115, 3)),
    of("REF", "Information Receiver Additional Identification", (41, 4), 2, (132, 1)),
    of("N3", "Information Receiver Address", (45, 2), 1, (112, 0)),
    of("N4", "Information Receiver City, State, ZIP Code", (47, 7), 1, (112, 3)),
    of("PRV", "Information Receiver Provider Information", (54, 6), 1, (128, 1)),
    of("HL", "Subscriber Level", (60, 4), 4, (68, 0)),
    of("TRN", "Subscriber Trace Number", (64, 4), 3, (158, 0)),
    of("NM1", "Subscriber Name", (68, 12), 2, (115, 3)),
    of("REF", "Subscriber Additional Identification", (80, 4), 2, (132, 1)),
    of("N3", "Subscriber Address", (45, 2), 1, (112, 0)),
    of("N4", "Subscriber City, State, ZIP Code", (47, 7), 1, (112, 3)),
    of("PRV", "Provider Information", (84, 6), 1, (128, 1)),
    of("DMG", "Subscriber Demographic Information", (90, 11), 0, (55, 3)),
    of("INS", "Multiple Birth Sequence Number", (101, 17), 17, (72, 1)),
    of("HI", "Subscriber Health Care Diagnosis Code", (136, 12), 1, (68, 0)),
    of("DTP", "Subscriber Date", (148, 3), 3, (59, 0)),
    of("EQ", "Subscriber Eligibility or Benefit Inquiry", (163, 5), 0, (63, 1)),
    of("AMT", "Subscriber Spend Down Amount", (168, 3), 2, (8, 0)),
    of("AMT", "Subscriber Spend Down Total Billed Amount", (171, 3), 2, (8, 0)),
    of("III", "Subscriber Eligibility or Benefit Additional Inquiry Information", (174, 9), 2, (70, 2)),
    of("REF", "Subscriber Additional Information", (183, 4), 2, (132, 1)),
    of("DTP", "Subscriber Eligibility/Benefit Date", (187, 3), 3, (59, 0)),
    of("HL", "Dependent Level", (190, 4), 4, (68, 0)),
    of("TRN", "Dependent Trace Number", (64, 4), 3, (158, 0)),
    of("NM1", "Dependent Name", (194, 12), 2, (115, 3)),
    of("REF", "Dependent Additional Identification", (206, 4), 2, (132, 1)),
    of("N3", "Dependent Address", (45, 2), 1, (112, 0)),
    of("N4", "Dependent City, State, ZIP Code", (47, 7), 1, (112, 3)),
    of("DMG", "Dependent Demographic Information", (210, 11), 0, (55, 3)),
    of("INS", "Dependent Relationship", (221, 17), 2, (72, 1)),
    of("HI", "Dependent Health Care Diagnosis Code", (136, 12), 1, (68, 0)),
    of("DTP", "Dependent Date", (148, 3), 3, (59, 0)),
    of("EQ", "Dependent Eligibility or Benefit Inquiry", (238, 5), 0, (63, 1)),
    of("III", "Dependent Eligibility or Benefit Additional Inquiry Information", (174, 9), 2, (70, 2)),
    of("REF", "Dependent Additional Information", (183, 4), 2, (132, 1)),
    of("DTP", "Dependent Eligibility/Benefit Date", (187, 3), 3, (59, 0)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
