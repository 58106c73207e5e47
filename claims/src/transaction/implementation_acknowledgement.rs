//! The implementation acknowledgement (999, X12 005010X231A1) and its elder, the functional acknowledgement (997):
//! which sets of a group can be used, and what is wrong with the others.
//!
//! Both have one shape; they differ in the ids of three segments, which is said when they are written ([`Flavor`]).

use serde::{Deserialize, Serialize};

use super::level::{Offered, Slot, is_absent, is_blank, keep, last, open, slots};
use super::part::{Anchored, Count, Field, Kept, Part, Text, Whole, composite, segment};
use crate::x12::{Segment, WriteError, Writer};

/// The guide written here (ST03, GS08); GS01 is FA.
pub const GUIDE: &str = "005010X231A1";

segment! {
    /// The group that is answered (AK1).
    AnsweredGroup = "AK1" {
        /// AK101: its GS01.
        code: Text,
        /// AK102: its GS06.
        control: Text,
        /// AK103: its GS08.
        version: Text,
    }
}

segment! {
    /// The set that is answered (AK2).
    AnsweredSet = "AK2" {
        /// AK201: its ST01.
        code: Text,
        /// AK202: its ST02.
        control: Text,
        /// AK203: its ST03.
        guide: Text,
    }
}

segment! {
    /// A segment that is wrong (IK3, AK3).
    SegmentNote = "IK3" {
        /// IK301: its id.
        segment: Text,
        /// IK302: its place in the set, where ST is 1.
        position: Field<Count>,
        /// IK303: its loop, at most four characters.
        loop_id: Text,
        /// IK304: what is wrong.
        code: Text,
    }
}

composite! {
    /// A place within a segment (C030).
    ElementPlace {
        /// Element.
        element: Text,
        /// Component.
        component: Text,
        /// Repetition.
        repetition: Text,
    }
}

segment! {
    /// What something is about or depends on (CTX).
    Context = "CTX" {
        /// CTX01: a name and perhaps a value, such as `CLM01` and the claim's number.
        name: Whole,
        /// CTX02: segment id.
        segment: Text,
        /// CTX03: place of that segment.
        position: Field<Count>,
        /// CTX04: its loop.
        loop_id: Text,
        /// CTX05: the element.
        place: ElementPlace,
        /// CTX06: the number of its data element.
        data_element: Whole,
    }
}

segment! {
    /// An element that is wrong (IK4, AK4).
    ElementNote = "IK4" {
        /// IK401: where.
        place: ElementPlace,
        /// IK402: the number of its data element.
        data_element: Text,
        /// IK403: what is wrong.
        code: Text,
        /// IK404: a copy of it.
        copy: Text,
    }
}

segment! {
    /// What became of a set (IK5, AK5).
    SetVerdict = "IK5" {
        /// IK501: A accepted, E accepted with errors, R, M, W and X rejected.
        action: Text,
        /// IK502: what was wrong.
        code_1: Text,
        /// IK503.
        code_2: Text,
        /// IK504.
        code_3: Text,
        /// IK505.
        code_4: Text,
        /// IK506.
        code_5: Text,
    }
}

segment! {
    /// What became of a group (AK9).
    GroupVerdict = "AK9" {
        /// AK901: A accepted, E accepted with errors, P in part, R, M, W and X rejected.
        action: Text,
        /// AK902: sets it said to hold.
        included: Field<Count>,
        /// AK903: sets received.
        received: Field<Count>,
        /// AK904: sets accepted.
        accepted: Field<Count>,
        /// AK905: what was wrong.
        code_1: Text,
        /// AK906.
        code_2: Text,
        /// AK907.
        code_3: Text,
        /// AK908.
        code_4: Text,
        /// AK909.
        code_5: Text,
    }
}

slots!(AnsweredGroup, AnsweredSet, SetVerdict, GroupVerdict, SegmentNote, ElementNote);

/// Which sets of a group can be used (999, 997).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImplementationAcknowledgement {
    /// AK1.
    #[serde(skip_serializing_if = "is_absent")]
    pub group: AnsweredGroup,
    /// Its sets (2000).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<SetAnswer>,
    /// AK9.
    #[serde(skip_serializing_if = "is_absent")]
    pub verdict: GroupVerdict,
    /// Other segments outside of a set's answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

/// What became of a set (2000).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetAnswer {
    /// AK2.
    #[serde(skip_serializing_if = "is_absent")]
    pub set: AnsweredSet,
    /// Its segments that are wrong (2100).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentAnswer>,
    /// IK5.
    #[serde(skip_serializing_if = "is_absent")]
    pub verdict: SetVerdict,
    /// Other segments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

/// A segment that is wrong (2100).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentAnswer {
    /// IK3.
    pub note: SegmentNote,
    /// CTX.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<Context>,
    /// Its elements that are wrong (2110).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<ElementAnswer>,
}

/// An element that is wrong (2110).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElementAnswer {
    /// IK4.
    pub note: ElementNote,
    /// CTX.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<Context>,
}

crate::text::silent_debug!(ImplementationAcknowledgement, SetAnswer, SegmentAnswer, ElementAnswer);

/// Whether an acknowledgement is written as 999 or as 997.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavor {
    /// 999: IK3, IK4, IK5.
    Implementation,
    /// 997: AK3, AK4, AK5.
    Functional,
}

impl Flavor {
    const fn ids(self) -> [&'static str; 3] {
        match self {
            Self::Implementation => ["IK3", "IK4", "IK5"],
            Self::Functional => ["AK3", "AK4", "AK5"],
        }
    }
}

impl SetVerdict {
    /// Returns the codes of what was wrong.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        [&self.code_1, &self.code_2, &self.code_3, &self.code_4, &self.code_5]
            .into_iter()
            .filter_map(|code| code.some())
    }

    /// Returns whether the set was accepted, be it with errors; `None` where the code says neither.
    #[must_use]
    pub fn is_accepted(&self) -> Option<bool> {
        accepted(&self.action)
    }
}

impl GroupVerdict {
    /// Returns the codes of what was wrong.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        [&self.code_1, &self.code_2, &self.code_3, &self.code_4, &self.code_5]
            .into_iter()
            .filter_map(|code| code.some())
    }

    /// Returns whether the whole group was accepted; `None` where the code does not say, as when a part was.
    #[must_use]
    pub fn is_accepted(&self) -> Option<bool> {
        accepted(&self.action)
    }
}

fn accepted(action: &str) -> Option<bool> {
    match action {
        "A" | "E" => Some(true),
        "R" | "M" | "W" | "X" => Some(false),
        _ => None,
    }
}

impl ImplementationAcknowledgement {
    /// Writes what stands between ST and SE.
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer, flavor: Flavor) -> Result<(), WriteError> {
        let mut own = Anchored::new(out, &self.kept);
        own.behind("")?;
        self.group.put(&mut own)?;
        self.sets.iter().try_for_each(|set| set.write(own.out(), flavor))?;
        self.verdict.put(&mut own)?;
        own.end()
    }
}

impl SetAnswer {
    fn write(&self, out: &mut Writer, flavor: Flavor) -> Result<(), WriteError> {
        let [segment, element, verdict] = flavor.ids();
        let mut own = Anchored::new(out, &self.kept);
        own.behind("")?;
        self.set.put(&mut own)?;
        for answer in &self.segments {
            answer.note.elements(own.out().segment(segment)).end()?;
            answer.contexts.iter().try_for_each(|context| Part::write(context, own.out()))?;
            for wrong in &answer.elements {
                wrong.note.elements(own.out().segment(element)).end()?;
                wrong.contexts.iter().try_for_each(|context| Part::write(context, own.out()))?;
            }
        }
        if !self.segments.is_empty() {
            own.behind("IK3")?;
        }
        if !self.verdict.is_absent() {
            self.verdict.elements(own.out().segment(verdict)).end()?;
            own.behind("IK5")?;
        }
        own.end()
    }
}

/// Reads the segments between ST and SE of a 999 or 997, one at a time.
#[derive(Debug, Default)]
pub struct ImplementationAcknowledgementReader {
    read: ImplementationAcknowledgement,
    /// Whether a set's answer is open.
    in_set: bool,
    after: &'static str,
}

impl ImplementationAcknowledgementReader {
    /// Takes the next segment.
    pub fn take(&mut self, segment: &Segment<'_>) {
        if is_blank(segment) {
            return;
        }
        let read = &mut self.read;
        match segment.id() {
            b"AK2" => {
                open(&mut read.sets);
                last(&mut read.sets).set = Part::read(segment);
                (self.in_set, self.after) = (true, "AK2");
            }
            b"AK9" => {
                (self.in_set, self.after) = (false, "AK9");
                self.own(segment);
            }
            _ if self.in_set => self.in_set(segment),
            _ => self.own(segment),
        }
    }

    /// A segment outside of the answers to sets.
    fn own(&mut self, segment: &Segment<'_>) {
        let read = &mut self.read;
        let offered = match read.group.offer(segment) {
            Offered::Other => read.verdict.offer(segment),
            offered => offered,
        };
        match offered {
            Offered::Taken(id) => self.after = id,
            Offered::Full(id) => keep(&mut read.kept, segment, id, &["AK1", "AK9"]),
            Offered::Other => keep(&mut read.kept, segment, self.after, &["AK1", "AK9"]),
        }
    }

    fn in_set(&mut self, segment: &Segment<'_>) {
        let set = last(&mut self.read.sets);
        let decided = !set.verdict.is_absent();
        match segment.id() {
            b"IK5" | b"AK5" if !decided => {
                set.verdict = Part::read(segment);
                self.after = "IK5";
            }
            b"IK3" | b"AK3" if !decided => {
                set.segments.push(SegmentAnswer { note: Part::read(segment), ..SegmentAnswer::default() });
                self.after = "IK3";
            }
            id @ (b"IK4" | b"AK4" | b"CTX") if !decided => match set.segments.last_mut() {
                None => keep(&mut set.kept, segment, self.after, &["AK2", "IK3", "IK5"]),
                Some(wrong) if id != b"CTX" => {
                    wrong.elements.push(ElementAnswer { note: Part::read(segment), ..ElementAnswer::default() });
                }
                Some(wrong) => {
                    let context = Part::read(segment);
                    wrong.elements.last_mut().map_or(&mut wrong.contexts, |e| &mut e.contexts).push(context);
                }
            },
            _ => keep(&mut set.kept, segment, self.after, &["AK2", "IK3", "IK5"]),
        }
    }

    /// Returns what was read.
    #[must_use]
    pub fn finish(self) -> ImplementationAcknowledgement {
        self.read
    }
}
