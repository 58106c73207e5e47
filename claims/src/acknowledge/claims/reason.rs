//! Why a claim is rejected, in the codes of claim status (code sources 507 and 508).

use super::status_code;
use crate::transaction::claim_status::StatusCode;
use crate::validate::{Ack, Finding, Snip};

/// Returns the category, the status and the entity that a finding comes to.
pub(super) fn reason(finding: &Finding, guide: &str) -> StatusCode {
    let code = code(finding);
    status_code(category(finding), code, if needs_entity(code) { entity(finding.loop_id, guide) } else { "" })
}

/// A6 something is missing, A8 things do not fit each other, A7 a value is wrong, A3 the structure is.
const fn category(finding: &Finding) -> &'static str {
    match (finding.rule.snip, finding.rule.ack) {
        (Snip::Balance, _) => "A8",
        (_, Ack::Segment(code)) => match code.as_bytes() {
            b"3" | b"I6" | b"I7" | b"I8" => "A6",
            _ => "A3",
        },
        (_, Ack::Element(code)) => match code.as_bytes() {
            b"1" | b"2" | b"I9" | b"I11" => "A6",
            b"10" | b"I13" => "A8",
            _ => "A7",
        },
        (Snip::Situation, _) => "A8",
        _ => "A7",
    }
}

/// What exactly; 21 says that something is missing or wrong.
fn code(finding: &Finding) -> &'static str {
    let place = finding.element.unwrap_or_default();
    let of_provider = !matches!(finding.loop_id, "2010BA" | "2010BB" | "2010CA" | "2330A" | "2330B");
    match (finding.segment.as_str(), place.element, place.component) {
        ("CLM", 2, _) if finding.rule.snip == Snip::Balance => "400",
        ("CLM", 2, _) => "178",
        ("CLM", 5, 3) => "535",
        ("CLM", 5, _) | ("SV1", 5, _) => "249",
        ("HI", ..) => "255",
        ("SV1" | "SV3", 1, 3..=6) | ("SV2", 2, 3..=6) => "453",
        ("SV1" | "SV3", 1, _) | ("SV2", 2, _) => "454",
        ("SV2", 1, _) => "455",
        ("SV1" | "SV3", 2, _) | ("SV2", 3, _) => "583",
        ("SV1", 4, _) | ("SV2", 5, _) | ("SV3", 6, _) => "476",
        ("SV1", 7, _) => "477",
        ("NM1", 8 | 9, _) if of_provider => "562",
        ("NM1", 8 | 9, _) => "164",
        ("NM1", 3..=7, _) => "125",
        ("N3", ..) => "126",
        ("N4", 1, _) => "502",
        ("N4", 2, _) => "501",
        ("N4", 3, _) => "500",
        ("DMG", 2, _) => "158",
        ("DMG", 3, _) => "157",
        ("PRV", ..) => "145",
        ("DTP", ..) if finding.loop_id == "2400" => "187",
        ("REF", ..) if finding.loop_id == "2010AA" => "128",
        _ => "21",
    }
}

fn needs_entity(code: &str) -> bool {
    matches!(code, "125" | "126" | "128" | "145" | "157" | "158" | "164" | "500" | "501" | "502" | "562")
}

/// Whom a loop is about.
fn entity(loop_id: &str, guide: &str) -> &'static str {
    match (loop_id, guide.contains("X223")) {
        ("1000A", _) => "41",
        ("2000A" | "2010AA", _) => "85",
        ("2010AB", _) => "87",
        ("2000B" | "2010BA" | "2330A", _) => "IL",
        ("2010BB" | "2330B", _) => "PR",
        ("2000C" | "2010CA", _) => "QC",
        ("2310A", true) => "71",
        ("2310B", true) => "72",
        ("2310A", false) => "DN",
        ("2310B" | "2420A", _) => "82",
        ("2310C", false) => "77",
        ("2310D", false) => "DQ",
        _ => "85",
    }
}
