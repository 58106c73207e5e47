//! SNIP 1: the envelope, and what every segment must keep to whatever the guide (X12.5, X12.6).

use super::finding::{ElementRef, Findings, SegmentId};
use super::rule::{Ack, Rule, Snip};
use crate::x12::{FindingCode, Position, Segment};

macro_rules! rules {
    ($($name:ident = $weight:ident $id:literal $ack:ident $code:tt $says:literal $fix:literal)*) => {
        $(static $name: Rule = Rule::$weight($id, Snip::Syntax, rules!(@ $ack $code), $says, $fix);)*
        /// The rules of this module.
        pub(super) static RULES: &[&Rule] = &[$(&$name),*];
    };
    (@ Unnamed _) => { Ack::Unnamed };
    (@ $ack:ident $code:literal) => { Ack::$ack($code) };
}

rules! {
    INTERCHANGE_MISSING = error "interchange-missing" Interchange "024"
        "a group or set stands outside of an interchange" "put ISA in front and IEA behind"
    HEADER_WIDTH = error "interchange-header-width" Interchange "024"
        "the interchange header is not 106 characters of the prescribed widths" "pad the elements of ISA to their widths"
    STRAY_BYTES = info "stray-bytes" Unnamed _
        "there is text between segments that belongs to none" "write nothing but a line break between segments"
    UNTERMINATED = error "segment-unterminated" Interchange "023"
        "the last segment has no terminator" "send the whole file"
    SEGMENT_ID = error "segment-id" Segment "1"
        "a segment has no proper id" "begin each segment with two or three capital letters or digits"
    OUTSIDE_SET = error "segment-outside-set" Interchange "024"
        "a segment stands outside of any set" "put it between ST and SE"
    INTERCHANGE_TRAILER = error "interchange-trailer-missing" Interchange "023"
        "the interchange has no trailer" "end it with IEA"
    INTERCHANGE_CONTROL = error "interchange-control" Interchange "001"
        "header and trailer of the interchange have different control numbers" "repeat ISA13 in IEA02"
    GROUP_COUNT = error "interchange-group-count" Interchange "021"
        "the interchange counts its groups wrongly" "count the GS segments in IEA01"
    INTERCHANGE_REPEATED = error "interchange-repeated" Interchange "025"
        "the control number of the interchange was used before" "give each interchange a number of its own"
    GROUP_TRAILER = error "group-trailer-missing" Group "3"
        "the group has no trailer" "end it with GE"
    GROUP_CONTROL = error "group-control" Group "4"
        "header and trailer of the group have different control numbers" "repeat GS06 in GE02"
    SET_COUNT = error "group-set-count" Group "5"
        "the group counts its sets wrongly" "count the ST segments in GE01"
    GROUP_REPEATED = error "group-repeated" Group "19"
        "the control number of the group was used before in the interchange" "give each group a number of its own"
    SET_TRAILER = error "set-trailer-missing" Set "2"
        "the set has no trailer" "end it with SE"
    SET_CONTROL = error "set-control" Set "3"
        "header and trailer of the set have different control numbers" "repeat ST02 in SE02"
    SEGMENT_COUNT = error "set-segment-count" Set "4"
        "the set counts its segments wrongly" "count the segments from ST to SE, both included, in SE01"
    SET_REPEATED = error "set-repeated" Set "23"
        "the control number of the set was used before in the group" "give each set a number of its own"
    STRAY_TRAILER = error "stray-trailer" Interchange "024"
        "a trailer closes nothing" "remove it, or put its header in front"
    EXCESS = error "segment-excess" Segment "8"
        "a segment has more parts than any standard allows" "look for a wrong delimiter"
    SEGMENT_EMPTY = error "segment-empty" Segment "8"
        "a segment holds nothing but its id" "leave out segments without content"
    TRAILING_SEPARATORS = warning "trailing-separators" Segment "8"
        "a segment ends with separators that nothing follows" "cut empty elements at the end of a segment"
    TRAILING_COMPONENTS = warning "trailing-component-separators" Element "6"
        "an element ends with separators that nothing follows" "cut empty components at the end of an element"
    WRAPPED = warning "lines-wrapped" Unnamed _
        "the file is broken into lines of a fixed width" "write a line break after a segment, or none"
    UNREADABLE = error "unreadable" Interchange "024"
        "from here on no segment can be told" "send X12, beginning with ISA"
    AUTHORIZATION_QUALIFIER = error "interchange-authorization-qualifier" Interchange "010"
        "the authorization qualifier is not one" "write 00 into ISA01"
    AUTHORIZATION = error "interchange-authorization" Interchange "011"
        "the authorization is not ten characters" "pad ISA02 with blanks"
    SECURITY_QUALIFIER = error "interchange-security-qualifier" Interchange "012"
        "the security qualifier is not one" "write 00 into ISA03"
    SECURITY = error "interchange-security" Interchange "013"
        "the security information is not ten characters" "pad ISA04 with blanks"
    SENDER_QUALIFIER = error "interchange-sender-qualifier" Interchange "005"
        "the qualifier of the sender is not one" "write the qualifier that was agreed, such as ZZ, into ISA05"
    SENDER = error "interchange-sender" Interchange "006"
        "the sender is not named" "write the id that was agreed into ISA06"
    RECEIVER_QUALIFIER = error "interchange-receiver-qualifier" Interchange "007"
        "the qualifier of the receiver is not one" "write the qualifier that was agreed, such as ZZ, into ISA07"
    RECEIVER = error "interchange-receiver" Interchange "008"
        "the receiver is not named" "write the id that was agreed into ISA08"
    DATE = error "interchange-date" Interchange "014"
        "the date of the interchange is not one" "write ISA09 as YYMMDD"
    TIME = error "interchange-time" Interchange "015"
        "the time of the interchange is not one" "write ISA10 as HHMM"
    STANDARDS_ID = error "interchange-standard" Interchange "016"
        "the repetition separator of the interchange is missing" "write one character into ISA11"
    VERSION = error "interchange-version" Interchange "017"
        "the version of the interchange is not one" "write 00501 into ISA12"
    CONTROL_NUMBER = error "interchange-control-number" Interchange "018"
        "the control number of the interchange is not nine digits" "write nine digits into ISA13"
    ACK_REQUESTED = error "interchange-ack-requested" Interchange "019"
        "whether an acknowledgement is wanted is neither yes nor no" "write 0 or 1 into ISA14"
    USAGE = error "interchange-usage" Interchange "020"
        "the interchange is neither production nor test" "write P or T into ISA15"
    COMPONENT_SEPARATOR = error "interchange-component-separator" Interchange "027"
        "the component separator is missing" "write one character into ISA16"
    TRAILER = error "interchange-trailer" Interchange "021"
        "the trailer of the interchange is malformed" "write the number of groups and ISA13"
    ACKNOWLEDGEMENT = error "interchange-acknowledgement" Interchange "024"
        "an acknowledgement of an interchange is malformed" "write TA1 with its five elements"
    GROUP_CODE = error "group-code" Group "1"
        "the code of the group is missing" "write GS01, such as HC"
    GROUP_VERSION = error "group-version" Group "2"
        "the version of the group is missing" "write GS08, such as 005010X222A1"
    GROUP_OF_ANOTHER_VERSION = error "group-version-differs" Group "2"
        "the group is of a later version than its interchange" "write 00501 into ISA12 and a repetition separator into ISA11"
    GROUP_NUMBER = error "group-control-number" Group "6"
        "the control number of the group is not one to nine digits" "write a number into GS06"
    GROUP_HEADER = error "group-header" Group "2"
        "the header of the group is malformed" "write sender, receiver, date, time, X and version"
}

/// The rule for what [`crate::x12::Envelope`] found.
pub(super) fn rule_of(code: FindingCode) -> &'static Rule {
    match code {
        FindingCode::NoInterchange => &INTERCHANGE_MISSING,
        FindingCode::HeaderWidth => &HEADER_WIDTH,
        FindingCode::StrayBytes => &STRAY_BYTES,
        FindingCode::Unterminated => &UNTERMINATED,
        FindingCode::SegmentId => &SEGMENT_ID,
        FindingCode::OutsideSet => &OUTSIDE_SET,
        FindingCode::InterchangeTrailerMissing => &INTERCHANGE_TRAILER,
        FindingCode::InterchangeControl => &INTERCHANGE_CONTROL,
        FindingCode::GroupCount => &GROUP_COUNT,
        FindingCode::InterchangeRepeated => &INTERCHANGE_REPEATED,
        FindingCode::GroupTrailerMissing => &GROUP_TRAILER,
        FindingCode::GroupControl => &GROUP_CONTROL,
        FindingCode::SetCount => &SET_COUNT,
        FindingCode::GroupRepeated => &GROUP_REPEATED,
        FindingCode::SetTrailerMissing => &SET_TRAILER,
        FindingCode::SetControl => &SET_CONTROL,
        FindingCode::SegmentCount => &SEGMENT_COUNT,
        FindingCode::SetRepeated => &SET_REPEATED,
        FindingCode::StrayTrailer => &STRAY_TRAILER,
        FindingCode::Excess => &EXCESS,
    }
}

/// The rule for a bad element of the envelope: acknowledgements name it in another way than those of a set.
pub(super) fn control_rule(segment: SegmentId, element: u8) -> &'static Rule {
    match (segment.as_str(), element) {
        ("ISA", 1) => &AUTHORIZATION_QUALIFIER,
        ("ISA", 2) => &AUTHORIZATION,
        ("ISA", 3) => &SECURITY_QUALIFIER,
        ("ISA", 4) => &SECURITY,
        ("ISA", 5) => &SENDER_QUALIFIER,
        ("ISA", 6) => &SENDER,
        ("ISA", 7) => &RECEIVER_QUALIFIER,
        ("ISA", 8) => &RECEIVER,
        ("ISA", 9) => &DATE,
        ("ISA", 10) => &TIME,
        ("ISA", 11) => &STANDARDS_ID,
        ("ISA", 12) => &VERSION,
        ("ISA", 13) => &CONTROL_NUMBER,
        ("ISA", 14) => &ACK_REQUESTED,
        ("ISA", 15) => &USAGE,
        ("ISA", _) => &COMPONENT_SEPARATOR,
        ("TA1", _) => &ACKNOWLEDGEMENT,
        ("IEA", _) => &TRAILER,
        ("GS", 1) => &GROUP_CODE,
        ("GS", 6) => &GROUP_NUMBER,
        ("GS", 8) => &GROUP_VERSION,
        ("GS", _) => &GROUP_HEADER,
        ("GE", 1) => &SET_COUNT,
        _ => &GROUP_CONTROL,
    }
}

/// Looks at what a segment is made of: content, and no separators at its end.
#[inline]
pub(super) fn check(segment: &Segment<'_>, loop_id: &'static str, out: &mut Findings) {
    let bytes = segment.bytes();
    if bytes.last() == Some(&segment.delimiters().element) || bytes.len() <= 3 {
        ending(segment, loop_id, out);
    }
}

#[cold]
fn ending(segment: &Segment<'_>, loop_id: &'static str, out: &mut Findings) {
    let rule = if segment.elements().all(<[u8]>::is_empty) {
        &SEGMENT_EMPTY
    } else if segment.bytes().len() > 3 {
        &TRAILING_SEPARATORS
    } else {
        return;
    };
    out.pending(rule, segment.position(), loop_id, SegmentId::of(segment));
}

/// Reports an element that ends with component separators.
#[cold]
pub(super) fn trailing_components(segment: &Segment<'_>, loop_id: &'static str, at: ElementRef, out: &mut Findings) {
    out.pending(&TRAILING_COMPONENTS, segment.position(), loop_id, SegmentId::of(segment)).element(at);
}

/// Looks whether the interchange is of a version that can hold its group: 005 of 00501 and of 005010X222A1. An older
/// group is in order.
pub(super) fn version(interchange: &str, segment: &Segment<'_>, out: &mut Findings) {
    let (own, group) = (interchange.as_bytes().get(..3), segment.element(8).trim_ascii().get(..3));
    if own.is_some() && own < group {
        out.pending(&GROUP_OF_ANOTHER_VERSION, segment.position(), "", SegmentId::of(segment)).element(8);
    }
}

/// Reports that reading ended before the file did.
pub(super) fn unreadable(position: Position, says: String, out: &mut Findings) {
    out.pending(&UNREADABLE, position, "", SegmentId::default()).found(says);
}

/// Reports that the file was broken into lines.
pub(super) fn wrapped(out: &mut Findings) {
    out.pending(&WRAPPED, Position::default(), "", SegmentId::default());
}
