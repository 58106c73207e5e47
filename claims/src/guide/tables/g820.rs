//! 005010X218 Premium payment.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::Premium820, set: "820", id: "005010X218", group: "RA", name: "Premium payment",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 3682059457,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 20] = symbols([
    "ADX", "BPR", "CUR", "DTM", "ENT", "IT1", "N1", "N2", "N3", "N4", "NM1", "PER", "RDM", "REF", "RMR", "SAC",
    "SE", "SLN", "ST", "TRN",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 3682059457);

static TOLD_BY: [(u8, u8); 20] = [
    (0, 0), (0, 0), (1, 0), (1, 0), (2, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0), (0, 0),
    (0, 0), (0, 0), (0, 0), (1, 0),
];

static INDEX: [u16; 321] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 16] = [
    lp("", 0x3f, (0, 15)),
    lp("1000A", 0x0, (15, 19)),
    lp("1000B", 0x0, (19, 23)),
    lp("1000C", 0x0, (23, 27)),
    lp("2000A", 0x1, (27, 29)),
    lp("2200A", 0x0, (29, 29)),
    lp("2300A", 0x0, (29, 33)),
    lp("2310A", 0x0, (33, 35)),
    lp("2312A", 0x0, (35, 35)),
    lp("2315A", 0x0, (35, 35)),
    lp("2320A", 0x0, (35, 35)),
    lp("2000B", 0x1, (35, 38)),
    lp("2100B", 0x0, (38, 38)),
    lp("2200B", 0x0, (38, 38)),
    lp("2300B", 0x0, (38, 41)),
    lp("2320B", 0x0, (41, 41)),
];

static CHILDREN: [Child; 41] = [
    ch((1, 0), 1, (2, 1), (0, 0), (0x2, 0x1)),
    ch((3, 0), 2, (4, 1), (3482, 2), (0x0, 0x7)),
    ch((5, 0), 3, (6, 1), (2304, 1), (0x0, 0x7)),
    ch((6, 0), 3, (6, 1), (3542, 1), (0x0, 0x7)),
    ch((7, 0), 3, (6, 1), (3543, 1), (0x0, 0x7)),
    ch((8, 0), 3, (6, 1), (3545, 1), (0x0, 0x7)),
    ch((24, 4), 4, (8, 1), (3595, 5), (0x0, 0x1f)),
    ch((33, 11), 4, (8, 0), (3692, 1), (0x0, 0x1f)),
    ch((9, 1), 6, (7, 1), (3546, 1), (0x8, 0x7)),
    ch((14, 2), 6, (7, 1), (2227, 1), (0x10, 0x7)),
    ch((19, 3), 6, (7, 14), (3572, 14), (0x0, 0x7)),
    ch((4, 0), 13, (5, 0), (3484, 7), (0x0, 0x7)),
    ch((40, 0), 16, (9, 1), (0, 0), (0x20, 0x1f)),
    ch((0, 0), 18, (1, 1), (0, 0), (0x1, 0x0)),
    ch((2, 0), 19, (3, 1), (3480, 2), (0x4, 0x3)),
    ch((10, 0), 7, (1, 1), (0, 0), (0x0, 0x0)),
    ch((11, 0), 8, (2, 1), (0, 0), (0x0, 0x0)),
    ch((12, 0), 9, (3, 1), (0, 0), (0x0, 0x0)),
    ch((13, 0), 12, (4, 1), (3552, 6), (0x0, 0x0)),
    ch((15, 0), 7, (1, 1), (0, 0), (0x0, 0x0)),
    ch((16, 0), 8, (2, 1), (0, 0), (0x0, 0x0)),
    ch((17, 0), 9, (3, 1), (0, 0), (0x0, 0x0)),
    ch((18, 0), 11, (4, 0), (1210, 1), (0x0, 0x0)),
    ch((20, 0), 7, (1, 1), (0, 0), (0x0, 0x0)),
    ch((21, 0), 8, (2, 1), (0, 0), (0x0, 0x0)),
    ch((22, 0), 9, (3, 1), (0, 0), (0x0, 0x0)),
    ch((23, 0), 11, (4, 0), (1210, 1), (0x0, 0x0)),
    ch((25, 5), 0, (1, 0), (0, 0), (0x0, 0x0)),
    ch((26, 6), 14, (2, 0), (3615, 4), (0x1, 0x0)),
    ch((32, 10), 0, (4, 0), (0, 0), (0x0, 0x0)),
    ch((28, 0), 3, (2, 1), (3673, 2), (0x0, 0x0)),
    ch((29, 7), 5, (3, 1), (0, 0), (0x0, 0x0)),
    ch((27, 0), 13, (1, 0), (3664, 9), (0x0, 0x0)),
    ch((30, 8), 15, (1, 4), (0, 0), (0x0, 0x0)),
    ch((31, 9), 17, (2, 3), (0, 0), (0x0, 0x0)),
    ch((35, 13), 0, (2, 0), (0, 0), (0x0, 0x0)),
    ch((34, 12), 10, (1, 0), (3696, 4), (0x0, 0x0)),
    ch((36, 14), 14, (3, 0), (3713, 9), (0x1, 0x0)),
    ch((39, 15), 0, (3, 0), (0, 0), (0x0, 0x0)),
    ch((38, 0), 3, (2, 1), (3673, 2), (0x0, 0x0)),
    ch((37, 0), 13, (1, 0), (3722, 7), (0x0, 0x0)),
];

static USES: [SegmentUse; 41] = [
    of("ST", "820 Header", (1276, 3), 3, (155, 0)),
    of("BPR", "Financial Information", (1279, 21), 16, (9, 6)),
    of("TRN", "Reassociation Trace Number", (1300, 4), 2, (158, 0)),
    of("CUR", "Foreign Currency Information", (1304, 21), 2, (41, 14)),
    of("REF", "Premium Receivers Identification Key", (1325, 4), 2, (132, 1)),
    of("DTM", "Process Date", (1329, 6), 2, (59, 0)),
    of("DTM", "Delivery Date", (1335, 6), 2, (59, 0)),
    of("DTM", "Coverage Period", (1341, 6), 6, (59, 0)),
    of("DTM", "Creation Date", (1347, 6), 2, (59, 0)),
    of("N1", "Premium Receiver's Name", (1353, 6), 1, (110, 2)),
    of("N2", "Premium Receiver Additional Name", (1359, 2), 1, (112, 0)),
    of("N3", "Premium Receiver's Address", (45, 2), 1, (112, 0)),
    of("N4", "Premium Receiver's City, State, and ZIP Code", (47, 7), 1, (112, 3)),
    of("RDM", "Premium Receiver's Remittance Delivery Method", (1361, 5), 1, (132, 0)),
    of("N1", "Premium Payer's Name", (1366, 6), 1, (110, 2)),
    of("N2", "Premium Payer Additional Name", (1359, 2), 1, (112, 0)),
    of("N3", "Premium Payer's Address", (45, 2), 1, (112, 0)),
    of("N4", "Premium Payer's City, State, ZIP Code", (47, 7), 1, (112, 3)),
    of("PER", "Premium Payer's Administrative Contact", (1372, 9), 4, (120, 3)),
    of("N1", "Intermediary Bank Information", (1381, 6), 1, (110, 2)),
    of("N2", "Intermediary Bank Additional Name", (1359, 2), 1, (112, 0)),
    of("N3", "Intermediary Bank's Address", (45, 2), 1, (112, 0)),
    of("N4", "Intermediary Bank's City, State, ZIP Code", (47, 7), 1, (112, 3)),
    of("PER", "Intermediary Bank's Administrative Contact", (1372, 9), 4, (120, 3)),
    of("ENT", "Organization Summary Remittance", (1387, 9), 4, (60, 3)),
    of("ADX", "Organization Summary Remittance Level Adjustment for Previous Payment", (1396, 4), 2, (7, 1)),
    of("RMR", "Organization Summary Remittance Detail", (1400, 8), 4, (133, 2)),
    of("REF", "Reference Information", (1408, 4), 2, (132, 1)),
    of("DTM", "Organizational Coverage Period", (1412, 6), 1, (59, 0)),
    of("IT1", "Summary Line Item", (1418, 25), 1, (73, 11)),
    of("SAC", "Service, Promotion, Allowance, or Charge Information", (1443, 16), 5, (135, 7)),
    of("SLN", "Member Count", (1474, 28), 5, (142, 13)),
    of("ADX", "Organization Summary Remittance Level Adjustment for Current Payment", (1502, 4), 2, (7, 1)),
    of("ENT", "Individual Remittance", (1506, 9), 4, (60, 3)),
    of("NM1", "Individual Name", (1515, 12), 2, (115, 3)),
    of("ADX", "Individual Premium Adjustment for Previous Payment", (1527, 4), 2, (7, 1)),
    of("RMR", "Individual Premium Remittance Detail", (1531, 8), 4, (133, 2)),
    of("REF", "Reference Information", (1539, 4), 2, (132, 1)),
    of("DTM", "Individual Coverage Period", (1412, 6), 1, (59, 0)),
    of("ADX", "Individual Premium Adjustment for Current Payment", (1502, 4), 2, (7, 1)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
