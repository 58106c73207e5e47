//! 005010X214 Claim acknowledgement.
// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.

use super::super::placed::SegmentUse;
use super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};

pub(crate) static GUIDE: Guide = Guide {
    kind: GuideKind::ClaimAck277, set: "277", id: "005010X214", group: "HN", name: "Claim acknowledgement",
    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: 1107666781,
    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,
};

static SYMBOLS: [u32; 12] = symbols([
    "AMT", "BHT", "DTP", "HL", "NM1", "QTY", "REF", "SE", "ST", "STC", "SVC", "TRN",
]);

static SLOTS: [u8; 256] = slots(&SYMBOLS, 1107666781);

static TOLD_BY: [(u8, u8); 12] = [
    (1, 0), (0, 0), (1, 0), (3, 0), (1, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0),
];

static INDEX: [u16; 169] = index(&LOOPS, &CHILDREN, SYMBOLS.len());

static LOOPS: [Loop; 14] = [
    lp("", 0xf, (0, 4)),
    lp("2000A", 0x7, (4, 7)),
    lp("2100A", 0x0, (7, 7)),
    lp("2200A", 0x3, (7, 9)),
    lp("2000B", 0x3, (9, 12)),
    lp("2100B", 0x0, (12, 12)),
    lp("2200B", 0x1, (12, 17)),
    lp("2000C", 0x1, (17, 20)),
    lp("2100C", 0x0, (20, 20)),
    lp("2200C", 0x0, (20, 26)),
    lp("2000D", 0x3, (26, 28)),
    lp("2100D", 0x0, (28, 28)),
    lp("2200D", 0x3, (28, 34)),
    lp("2220D", 0x1, (34, 38)),
];

static CHILDREN: [Child; 38] = [
    ch((1, 0), 1, (2, 1), (0, 0), (0x2, 0x1)),
    ch((2, 1), 3, (3, 0), (5, 1), (0x4, 0x3)),
    ch((35, 0), 7, (4, 1), (0, 0), (0x8, 0x7)),
    ch((0, 0), 8, (1, 1), (0, 0), (0x1, 0x0)),
    ch((7, 4), 3, (3, 1), (297, 1), (0x4, 0x3)),
    ch((3, 2), 4, (1, 1), (2297, 2), (0x1, 0x0)),
    ch((4, 3), 11, (2, 0), (6, 1), (0x2, 0x1)),
    ch((5, 0), 2, (1, 1), (2303, 1), (0x1, 0x0)),
    ch((6, 0), 2, (1, 1), (2304, 1), (0x2, 0x0)),
    ch((15, 7), 3, (3, 0), (2233, 1), (0x0, 0x3)),
    ch((8, 5), 4, (1, 1), (2231, 1), (0x1, 0x0)),
    ch((9, 6), 11, (2, 1), (2228, 1), (0x2, 0x1)),
    ch((13, 0), 0, (3, 1), (2314, 1), (0x0, 0x1)),
    ch((14, 0), 0, (3, 1), (2315, 1), (0x0, 0x1)),
    ch((11, 0), 5, (2, 1), (2312, 1), (0x0, 0x1)),
    ch((12, 0), 5, (2, 1), (2313, 1), (0x0, 0x1)),
    ch((10, 0), 9, (1, 0), (0, 0), (0x1, 0x0)),
    ch((22, 10), 3, (3, 0), (2333, 1), (0x0, 0x1)),
    ch((16, 8), 4, (1, 0), (2316, 1), (0x1, 0x0)),
    ch((17, 9), 11, (2, 1), (6, 1), (0x0, 0x1)),
    ch((13, 0), 0, (4, 1), (2314, 1), (0x0, 0x0)),
    ch((14, 0), 0, (4, 1), (2315, 1), (0x0, 0x0)),
    ch((20, 0), 5, (3, 1), (2332, 1), (0x0, 0x0)),
    ch((21, 0), 5, (3, 1), (2261, 1), (0x0, 0x0)),
    ch((19, 0), 6, (2, 3), (2326, 6), (0x0, 0x0)),
    ch((18, 0), 9, (1, 0), (0, 0), (0x0, 0x0)),
    ch((23, 11), 4, (1, 1), (2261, 1), (0x1, 0x0)),
    ch((24, 12), 11, (2, 0), (2228, 1), (0x2, 0x1)),
    ch((29, 0), 2, (3, 1), (2251, 1), (0x2, 0x1)),
    ch((26, 0), 6, (2, 3), (2243, 1), (0x0, 0x1)),
    ch((27, 0), 6, (2, 3), (2249, 1), (0x0, 0x1)),
    ch((28, 0), 6, (2, 3), (2244, 1), (0x0, 0x1)),
    ch((25, 0), 9, (1, 0), (0, 0), (0x1, 0x0)),
    ch((30, 13), 10, (4, 0), (0, 0), (0x0, 0x3)),
    ch((34, 0), 2, (3, 1), (2251, 1), (0x0, 0x1)),
    ch((32, 0), 6, (2, 1), (2260, 1), (0x0, 0x1)),
    ch((33, 0), 6, (2, 1), (2248, 1), (0x0, 0x1)),
    ch((31, 0), 9, (1, 0), (0, 0), (0x1, 0x0)),
];

static USES: [SegmentUse; 36] = [
    of("ST", "Transaction Set Header", (622, 3), 3, (155, 0)),
    of("BHT", "Beginning of Hierarchical Transaction", (719, 6), 6, (9, 0)),
    of("HL", "Information Source Level", (9, 4), 4, (68, 0)),
    of("NM1", "Information Source Name", (725, 12), 9, (115, 3)),
    of("TRN", "Transmission Receipt Control Identifier", (549, 4), 2, (158, 0)),
    of("DTP", "Information Source Receipt Date", (737, 3), 3, (59, 0)),
    of("DTP", "Information Source Process Date", (740, 3), 3, (59, 0)),
    of("HL", "Information Receiver Level", (275, 4), 4, (68, 0)),
    of("NM1", "Information Receiver Name", (743, 12), 9, (115, 3)),
    of("TRN", "Information Receiver Application Trace Identifier", (640, 4), 2, (158, 0)),
    of("STC", "Information Receiver Status Information", (759, 12), 4, (155, 0)),
    of("QTY", "Total Accepted Quantity", (771, 4), 2, (130, 2)),
    of("QTY", "Total Rejected Quantity", (775, 4), 2, (130, 2)),
    of("AMT", "Total Accepted Amount", (779, 3), 2, (8, 0)),
    of("AMT", "Total Accepted Amount", (782, 3), 2, (8, 0)),
    of("HL", "Billing Provider of Service Level", (660, 4), 4, (68, 0)),
    of("NM1", "Billing Provider Name", (785, 12), 9, (115, 3)),
    of("TRN", "Provider of Service Information Trace Identifier", (549, 4), 2, (158, 0)),
    of("STC", "Billing Provider Status Information", (801, 12), 4, (155, 0)),
    of("REF", "Provider Secondary Identifier", (813, 4), 2, (132, 1)),
    of("QTY", "Total Accepted Quantity", (817, 4), 2, (130, 2)),
    of("QTY", "Total Rejected Quantity", (821, 4), 2, (130, 2)),
    of("HL", "Patient Level", (825, 4), 3, (68, 0)),
    of("NM1", "Patient Name", (829, 12), 9, (115, 3)),
    of("TRN", "Claim Status Tracking Number", (640, 4), 2, (158, 0)),
    of("STC", "Claim Level Status Information", (845, 12), 4, (155, 0)),
    of("REF", "Payer Claim Control Number", (553, 4), 2, (132, 1)),
    of("REF", "Claim Identifier Number for Clearinghous and Other Transmission Intermediaries", (577, 4), 2, (132, 1)),
    of("REF", "Institutional Bill Type Identification", (557, 4), 2, (132, 1)),
    of("DTP", "Claim Level Service Date", (584, 3), 3, (59, 0)),
    of("SVC", "Service Line Information", (865, 7), 2, (158, 0)),
    of("STC", "Service Line Level Status Information", (872, 12), 3, (155, 0)),
    of("REF", "Service Line Item Identification", (602, 4), 2, (132, 1)),
    of("REF", "Pharmacy Prescription Number", (573, 4), 2, (132, 1)),
    of("DTP", "Service Line Date", (584, 3), 3, (59, 0)),
    of("SE", "Transaction Set Trailer", (243, 2), 2, (142, 0)),
];
