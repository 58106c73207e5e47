//! Interchange, group and set: who sent what to whom, and whether the trailers agree (X12.5, X12.6).
//!
//! What is wrong is reported with code and place, and never stops the reading: the sets around it are still good.

use std::collections::HashSet;

use super::segment::{Position, Segment};

/// An interchange, by its ISA.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Interchange {
    /// ISA13.
    pub control: String,
    /// ISA05.
    pub sender_qualifier: String,
    /// ISA06.
    pub sender: String,
    /// ISA07.
    pub receiver_qualifier: String,
    /// ISA08.
    pub receiver: String,
    /// ISA09, as sent.
    pub date: String,
    /// ISA10, as sent.
    pub time: String,
    /// ISA12.
    pub version: String,
    /// ISA15.
    pub usage: String,
    /// Where it begins.
    pub position: Position,
}

/// A functional group, by its GS.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Group {
    /// GS06.
    pub control: String,
    /// GS01.
    pub code: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, as sent.
    pub date: String,
    /// GS08.
    pub version: String,
    /// Where it begins.
    pub position: Position,
}

/// A transaction set, by its ST.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Set {
    /// ST02.
    pub control: String,
    /// ST01.
    pub code: String,
    /// ST03, or GS08 where the set names no guide itself.
    pub guide: String,
    /// Where it begins.
    pub position: Position,
}

/// What can be wrong with an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingCode {
    /// Group or set without an interchange.
    NoInterchange,
    /// The ISA is not 106 characters of the prescribed widths.
    HeaderWidth,
    /// Bytes between segments that belong to none.
    StrayBytes,
    /// The last segment has no terminator.
    Unterminated,
    /// A segment id that cannot be one.
    SegmentId,
    /// A segment with more elements, repetitions or components than the limits allow.
    Excess,
    /// A segment outside of a set that has no business there.
    OutsideSet,
    /// No IEA.
    InterchangeTrailerMissing,
    /// IEA02 is not ISA13.
    InterchangeControl,
    /// IEA01 is not the number of groups.
    GroupCount,
    /// An ISA13 seen before in the file.
    InterchangeRepeated,
    /// No GE.
    GroupTrailerMissing,
    /// GE02 is not GS06.
    GroupControl,
    /// GE01 is not the number of sets.
    SetCount,
    /// A GS06 seen before in the interchange.
    GroupRepeated,
    /// No SE.
    SetTrailerMissing,
    /// SE02 is not ST02.
    SetControl,
    /// SE01 is not the number of segments.
    SegmentCount,
    /// An ST02 seen before in the group.
    SetRepeated,
    /// A trailer without its header.
    StrayTrailer,
}

impl std::fmt::Display for FindingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoInterchange => "a group or set stands outside of any interchange",
            Self::HeaderWidth => "the interchange header has not the prescribed widths",
            Self::StrayBytes => "there are bytes between segments",
            Self::Unterminated => "the last segment has no terminator",
            Self::SegmentId => "a segment has no proper name",
            Self::Excess => "a segment has more elements, repetitions or components than allowed",
            Self::OutsideSet => "a segment stands outside of any set",
            Self::InterchangeTrailerMissing => "the interchange has no trailer",
            Self::InterchangeControl => "header and trailer of the interchange have different control numbers",
            Self::GroupCount => "the interchange counts its groups wrongly",
            Self::InterchangeRepeated => "the control number of the interchange was used before",
            Self::GroupTrailerMissing => "the group has no trailer",
            Self::GroupControl => "header and trailer of the group have different control numbers",
            Self::SetCount => "the group counts its sets wrongly",
            Self::GroupRepeated => "the control number of the group was used before",
            Self::SetTrailerMissing => "the set has no trailer",
            Self::SetControl => "header and trailer of the set have different control numbers",
            Self::SegmentCount => "the set counts its segments wrongly",
            Self::SetRepeated => "the control number of the set was used before",
            Self::StrayTrailer => "a trailer closes nothing",
        })
    }
}

/// Something wrong with an envelope.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct EnvelopeFinding {
    /// What.
    pub code: FindingCode,
    /// Where.
    pub position: Position,
    /// ISA13 of the interchange, when in one.
    pub interchange: Option<String>,
    /// GS06 of the group, when in one.
    pub group: Option<String>,
    /// ST02 of the set, when in one.
    pub set: Option<String>,
}

impl std::fmt::Display for EnvelopeFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.code, self.position)?;
        match (&self.group, &self.set) {
            (_, Some(set)) => write!(f, ", set {set}"),
            (Some(group), None) => write!(f, ", group {group}"),
            (None, None) => Ok(()),
        }
    }
}

/// Follows the envelope through the segments of a file.
#[derive(Debug, Default)]
pub struct Envelope {
    interchange: Option<Interchange>,
    group: Option<Group>,
    set: Option<Set>,
    groups: u64,
    sets: u64,
    segments: u64,
    interchange_controls: HashSet<String>,
    group_controls: HashSet<String>,
    set_controls: HashSet<String>,
    end: Option<u64>,
    last: Position,
    findings: Vec<EnvelopeFinding>,
    omitted: u64,
    headless: bool,
}

/// Findings kept; a hostile file could make one per segment.
const MAX_FINDINGS: usize = 1000;
/// Control numbers remembered per level, for the same reason.
const MAX_CONTROLS: usize = 100_000;

impl Envelope {
    /// Begins before the first segment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the interchange the last segment belongs to.
    #[must_use]
    pub const fn interchange(&self) -> Option<&Interchange> {
        self.interchange.as_ref()
    }

    /// Returns the group the last segment belongs to.
    #[must_use]
    pub const fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }

    /// Returns the set the last segment belongs to; after SE there is none.
    #[must_use]
    pub const fn set(&self) -> Option<&Set> {
        self.set.as_ref()
    }

    /// Returns what is wrong so far, in the order of the file; at most a thousand.
    #[must_use]
    pub fn findings(&self) -> &[EnvelopeFinding] {
        &self.findings
    }

    /// Returns how many more findings there are than are kept.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Takes the next segment of the file.
    pub fn feed(&mut self, segment: &Segment<'_>) {
        self.follow(segment);
        match segment.id() {
            b"ISA" => self.open_interchange(segment),
            b"GS" => self.open_group(segment),
            b"ST" => self.open_set(segment),
            b"SE" => self.close_set(segment),
            b"GE" => self.close_group(segment),
            b"IEA" => self.close_interchange(segment),
            _ => self.content(segment),
        }
    }

    /// Takes the next segment of the file, which is known to be none of the envelope.
    #[inline]
    pub(crate) fn feed_content(&mut self, segment: &Segment<'_>) {
        self.follow(segment);
        self.content(segment);
    }

    #[inline]
    fn follow(&mut self, segment: &Segment<'_>) {
        self.gap(segment);
        self.last = segment.position();
        if segment.excess().is_some() {
            self.find(FindingCode::Excess, segment.position());
        }
    }

    #[inline]
    fn content(&mut self, segment: &Segment<'_>) {
        self.segments += 1;
        if !segment.has_valid_id() {
            self.find(FindingCode::SegmentId, segment.position());
        } else if self.set.is_none() && segment.id() != b"TA1" {
            self.find(FindingCode::OutsideSet, segment.position());
        }
    }

    /// Ends the file: whatever is open lacks its trailer.
    pub fn finish(&mut self) {
        self.leave_interchange(self.last);
    }

    #[inline]
    fn gap(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        // A line break of two characters after a terminator is ordinary.
        if position.offset.saturating_sub(self.end.unwrap_or(0)) > if self.end.is_some() { 2 } else { 0 } {
            self.find(FindingCode::StrayBytes, position);
        }
        self.end = Some(position.offset + segment.bytes().len() as u64 + u64::from(segment.is_terminated()));
        if !segment.is_terminated() {
            self.find(FindingCode::Unterminated, position);
        }
    }

    fn open_interchange(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        self.leave_interchange(position);
        let control = text(segment.element(13));
        let interchange = Interchange {
            sender_qualifier: text(segment.element(5)),
            sender: text(segment.element(6)),
            receiver_qualifier: text(segment.element(7)),
            receiver: text(segment.element(8)),
            date: text(segment.element(9)),
            time: text(segment.element(10)),
            version: text(segment.element(12)),
            usage: text(segment.element(15)),
            control: control.clone(),
            position,
        };
        self.interchange = Some(interchange);
        (self.groups, self.headless) = (0, false);
        self.group_controls.clear();
        const WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];
        if !segment.elements().map(<[u8]>::len).eq(WIDTHS) {
            self.find(FindingCode::HeaderWidth, position);
        }
        if !remember(&mut self.interchange_controls, control) {
            self.find(FindingCode::InterchangeRepeated, position);
        }
    }

    fn open_group(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        self.leave_group(position);
        self.without_interchange(position);
        let control = text(segment.element(6));
        self.group = Some(Group {
            code: text(segment.element(1)),
            sender: text(segment.element(2)),
            receiver: text(segment.element(3)),
            date: text(segment.element(4)),
            version: text(segment.element(8)),
            control: control.clone(),
            position,
        });
        self.groups += 1;
        self.sets = 0;
        self.set_controls.clear();
        if !remember(&mut self.group_controls, control) {
            self.find(FindingCode::GroupRepeated, position);
        }
    }

    fn open_set(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        self.leave_set(position);
        self.without_interchange(position);
        let control = text(segment.element(2));
        let own = text(segment.element(3));
        let guide = if own.is_empty() { self.group.as_ref().map_or(own, |g| g.version.clone()) } else { own };
        self.set = Some(Set { code: text(segment.element(1)), guide, control: control.clone(), position });
        self.sets += 1;
        self.segments = 1;
        if !remember(&mut self.set_controls, control) {
            self.find(FindingCode::SetRepeated, position);
        }
    }

    fn close_set(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        let Some(set) = &self.set else { return self.find(FindingCode::StrayTrailer, position) };
        let same = set.control.as_bytes() == segment.element(2).trim_ascii();
        let count = number(segment.element(1)) == Some(self.segments + 1);
        self.unless(count, FindingCode::SegmentCount, position);
        self.unless(same, FindingCode::SetControl, position);
        self.set = None;
    }

    fn close_group(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        self.leave_set(position);
        let Some(group) = &self.group else { return self.find(FindingCode::StrayTrailer, position) };
        let same = same_number(group.control.as_bytes(), segment.element(2));
        let count = number(segment.element(1)) == Some(self.sets);
        self.unless(count, FindingCode::SetCount, position);
        self.unless(same, FindingCode::GroupControl, position);
        self.group = None;
    }

    fn close_interchange(&mut self, segment: &Segment<'_>) {
        let position = segment.position();
        self.leave_group(position);
        let Some(interchange) = &self.interchange else { return self.find(FindingCode::StrayTrailer, position) };
        let same = same_number(interchange.control.as_bytes(), segment.element(2));
        let count = number(segment.element(1)) == Some(self.groups);
        self.unless(count, FindingCode::GroupCount, position);
        self.unless(same, FindingCode::InterchangeControl, position);
        self.interchange = None;
    }

    fn leave_set(&mut self, position: Position) {
        if self.set.is_some() {
            self.find(FindingCode::SetTrailerMissing, position);
            self.set = None;
        }
    }

    fn leave_group(&mut self, position: Position) {
        self.leave_set(position);
        if self.group.is_some() {
            self.find(FindingCode::GroupTrailerMissing, position);
            self.group = None;
        }
    }

    fn leave_interchange(&mut self, position: Position) {
        self.leave_group(position);
        if self.interchange.is_some() {
            self.find(FindingCode::InterchangeTrailerMissing, position);
            self.interchange = None;
        }
    }

    fn without_interchange(&mut self, position: Position) {
        if self.interchange.is_none() && !self.headless {
            self.headless = true;
            self.find(FindingCode::NoInterchange, position);
        }
    }

    fn unless(&mut self, fine: bool, code: FindingCode, position: Position) {
        if !fine {
            self.find(code, position);
        }
    }

    fn find(&mut self, code: FindingCode, position: Position) {
        if self.findings.len() == MAX_FINDINGS {
            self.omitted += 1;
            return;
        }
        self.findings.push(EnvelopeFinding {
            code,
            position,
            interchange: self.interchange.as_ref().map(|i| i.control.clone()),
            group: self.group.as_ref().map(|g| g.control.clone()),
            set: self.set.as_ref().map(|s| s.control.clone()),
        });
    }
}

/// Adds a control number; `false` when it was there.
fn remember(seen: &mut HashSet<String>, control: String) -> bool {
    seen.len() >= MAX_CONTROLS || seen.insert(control)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

fn number(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes.trim_ascii()).ok()?.parse().ok()
}

/// Control numbers of groups and interchanges are numbers: `1` and `0001` are the same.
fn same_number(a: &[u8], b: &[u8]) -> bool {
    let bare = |n: &[u8]| n.trim_ascii().iter().position(|b| *b != b'0').map(|at| n.trim_ascii()[at..].to_vec());
    a.trim_ascii() == b.trim_ascii() || bare(a) == bare(b)
}
