//! SNIP 2: segments and loops where the guide wants them.

use super::finding::{Findings, SegmentId};
use super::rule::{Ack, Rule, Snip};
use crate::guide::{Misplaced, MisplacedKind};
use crate::x12::Segment;

macro_rules! rules {
    ($($name:ident = $weight:ident $id:literal $ack:ident $code:literal $says:literal $fix:literal)*) => {
        $(static $name: Rule = Rule::$weight($id, Snip::Guide, Ack::$ack($code), $says, $fix);)*
        /// The rules of this module.
        pub(super) static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNKNOWN = error "segment-unknown" Segment "1"
        "no segment of the standard has this id" "look for a wrong terminator, or a misspelt id"
    NOT_IN_GUIDE = error "segment-not-in-guide" Segment "6"
        "the guide of this set has no such segment" "leave it out"
    UNEXPECTED = error "segment-unexpected" Segment "2"
        "the segment has no place here, or its qualifier none" "look at the qualifier, and at the loop it should be in"
    OUT_OF_ORDER = error "segment-out-of-order" Segment "7"
        "the segment comes after one that must follow it" "write the segments of a loop in the order of the guide"
    SEGMENT_TOO_OFTEN = error "segment-repeated" Segment "5"
        "the segment is repeated too often" "send it as often as the guide allows"
    LOOP_TOO_OFTEN = error "loop-repeated" Segment "4"
        "the loop is repeated too often" "send it as often as the guide allows"
    SEGMENT_MISSING = error "segment-missing" Segment "3"
        "a required segment is missing" "send it"
    LOOP_MISSING = error "loop-missing" Segment "3"
        "a required loop is missing" "send it"
    SET_UNKNOWN = warning "set-without-guide" Set "I6"
        "there is no guide for this set: its syntax is checked, its content is not" "name the guide in ST03 and GS08"
    SET_NEAREST = info "set-nearest-guide" Set "I6"
        "the guide is another than those here: the nearest places the segments, and content is not checked"
        "name the guide in ST03 and GS08"
    GUIDE_DIFFERS = error "set-guide-differs" Set "I6"
        "the set names another guide than its group" "write the same into ST03 and GS08"
}

/// Reports a segment that is out of place.
#[cold]
pub(super) fn report(misplaced: &Misplaced, segment: Option<&Segment<'_>>, out: &mut Findings) {
    let id = match (misplaced.usage, segment) {
        (Some(usage), _) => SegmentId::new(usage.id.as_bytes()),
        (None, Some(segment)) => SegmentId::of(segment),
        (None, None) => SegmentId::default(),
    };
    let rule = match misplaced.kind {
        // The envelope has said so.
        MisplacedKind::Unknown if id.as_str() == "?" => return,
        MisplacedKind::Unknown => &UNKNOWN,
        MisplacedKind::NotInGuide => &NOT_IN_GUIDE,
        MisplacedKind::Unexpected => &UNEXPECTED,
        MisplacedKind::OutOfOrder => &OUT_OF_ORDER,
        MisplacedKind::SegmentTooOften => &SEGMENT_TOO_OFTEN,
        MisplacedKind::LoopTooOften => &LOOP_TOO_OFTEN,
        MisplacedKind::SegmentMissing => &SEGMENT_MISSING,
        MisplacedKind::LoopMissing => &LOOP_MISSING,
    };
    let finding = out.pending(rule, misplaced.position, misplaced.loop_id, id);
    match (misplaced.max, misplaced.usage) {
        (0, Some(usage)) => drop(finding.expected(usage.name)),
        (0, None) => {}
        (max, _) => drop(finding.expected(format!("at most {max}"))),
    }
}

/// What is known of the guide of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is there.
    Exactly,
    /// There is one like it.
    Nearly,
    /// There is none.
    No,
}

/// Reports what stands in the way of checking a set against its guide.
pub(super) fn guide(known: Known, differs: bool, segment: &Segment<'_>, out: &mut Findings) {
    let mut say = |rule| drop(out.pending(rule, segment.position(), "", SegmentId::of(segment)).element(3_u8));
    match known {
        Known::Exactly => {}
        Known::Nearly => say(&SET_NEAREST),
        Known::No => say(&SET_UNKNOWN),
    }
    if differs {
        say(&GUIDE_DIFFERS);
    }
}
