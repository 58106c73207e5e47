//! Findings, and the bounded collection they are reported to.

use std::borrow::Cow;

use mentalspace_core::Phi;

use super::profile::Profile;
use super::rule::{Ack, Rule, Severity};
use crate::guide::Placed;
use crate::x12::{Position, Segment};

/// A segment id of at most three characters; `?` stands for what is not one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SegmentId([u8; 3]);

impl SegmentId {
    /// Takes the id of `segment`.
    #[must_use]
    pub fn of(segment: &Segment<'_>) -> Self {
        if segment.has_valid_id() { Self::new(segment.id()) } else { Self(*b"?\0\0") }
    }

    /// Takes the first three characters of `id`.
    #[must_use]
    pub fn new(id: &[u8]) -> Self {
        let mut own = [0; 3];
        own.iter_mut().zip(id).for_each(|(to, from)| *to = *from);
        Self(own)
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|b| *b == 0).unwrap_or(3);
        std::str::from_utf8(&self.0[..length]).unwrap_or("?")
    }
}

impl std::fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// An element of a segment, as acknowledgements count (IK401): all from 1, zero where it is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ElementRef {
    /// Element.
    pub element: u8,
    /// Component; 0 for the whole element.
    pub component: u8,
    /// Repetition; 0 for the first or the whole.
    pub repetition: u16,
}

impl From<u8> for ElementRef {
    fn from(element: u8) -> Self {
        Self { element, ..Self::default() }
    }
}

impl From<(u8, u8)> for ElementRef {
    fn from((element, component): (u8, u8)) -> Self {
        Self { element, component, ..Self::default() }
    }
}

/// Something wrong, without any protected content but in `value`, which is neither shown nor serialised.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule broken.
    pub rule: &'static Rule,
    /// Its weight under the profile.
    pub severity: Severity,
    /// Where: the segment, or for something missing the segment where that was noticed.
    pub position: Position,
    /// The interchange in [`super::Report::interchanges`].
    pub interchange: Option<usize>,
    /// The group in [`super::Report::groups`].
    pub group: Option<usize>,
    /// The set in [`super::Report::sets`].
    pub set: Option<usize>,
    /// Loop id of the guide; empty in a header or where no loop is known.
    pub loop_id: &'static str,
    /// The segment; of something missing, that which is missing.
    pub segment: SegmentId,
    /// The element, when it is about one.
    pub element: Option<ElementRef>,
    /// Number of the data element in the X12 dictionary, when known; 0 otherwise.
    pub data_element: u16,
    /// What was found, in kind: a length, a count, a sum; never a name, a number of a person or a date of birth.
    pub found: Cow<'static, str>,
    /// What was expected.
    pub expected: Cow<'static, str>,
    /// The bad value, for the acknowledgement that returns it to its sender (IK404).
    pub value: Option<Phi<Box<str>>>,
}

/// How many findings of a part of the file are of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Weight {
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
}

impl Finding {
    /// Returns the element as guides name it, such as `NM109` or `SV101-2`.
    #[must_use]
    pub fn designator(&self) -> Option<String> {
        let ElementRef { element, component, .. } = self.element?;
        Some(match component {
            0 => format!("{}{element:02}", self.segment),
            component => format!("{}{element:02}-{component}", self.segment),
        })
    }

    /// Says what is wrong, what was found in kind and what was expected; never content.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = self.rule.says.to_owned();
        match (&*self.expected, &*self.found) {
            ("", "") => {}
            (expected, "") => message.extend([": expected ", expected]),
            ("", found) => message.extend([": found ", found]),
            (expected, found) => message.extend([": expected ", expected, ", found ", found]),
        }
        message
    }
}

/// What is wrong with a file so far: bounded in number, weighed by the profile.
#[derive(Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    limit: usize,
    omitted: u64,
    errors: u64,
    profile: Profile,
    /// Of the interchange, the group and the set that are open.
    pub(crate) in_interchange: Weight,
    pub(crate) in_group: Weight,
    pub(crate) in_set: Weight,
    pub(crate) interchange: Option<usize>,
    pub(crate) group: Option<usize>,
    pub(crate) set: Option<usize>,
}

impl Findings {
    /// Keeps at most `limit` findings and counts the others.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self::with_profile(limit, Profile::default())
    }

    /// Keeps at most `limit` findings, each with the weight `profile` gives it.
    #[must_use]
    pub const fn with_profile(limit: usize, profile: Profile) -> Self {
        Self {
            kept: Vec::new(),
            limit,
            omitted: 0,
            errors: 0,
            profile,
            in_interchange: Weight { errors: 0, warnings: 0 },
            in_group: Weight { errors: 0, warnings: 0 },
            in_set: Weight { errors: 0, warnings: 0 },
            interchange: None,
            group: None,
            set: None,
        }
    }

    /// Begins a finding about the segment at `placed`; it is kept when the returned value is dropped.
    pub fn at(&mut self, rule: &'static Rule, placed: &Placed<'_>) -> Pending<'_> {
        self.pending(rule, placed.segment.position(), placed.loop_id(), SegmentId::of(&placed.segment))
    }

    /// Begins a finding about `segment` in loop `loop_id`, noticed at `position`.
    pub fn pending(
        &mut self,
        rule: &'static Rule,
        position: Position,
        loop_id: &'static str,
        segment: SegmentId,
    ) -> Pending<'_> {
        let finding = Finding {
            rule,
            severity: rule.severity,
            position,
            interchange: self.interchange,
            group: self.group,
            set: self.set,
            loop_id,
            segment,
            element: None,
            data_element: 0,
            found: Cow::Borrowed(""),
            expected: Cow::Borrowed(""),
            value: None,
        };
        Pending { finding: Some(finding), to: self }
    }

    /// Returns what is kept.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// Returns how many more there were.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Returns how many of all are errors.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// Returns what is kept, without copying.
    pub(crate) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.kept)
    }

    fn keep(&mut self, mut finding: Finding) {
        let Some(severity) = self.profile.weigh(finding.rule) else { return };
        finding.severity = severity;
        let weight = match finding.rule.ack {
            Ack::Interchange(_) => &mut self.in_interchange,
            Ack::Group(_) => &mut self.in_group,
            Ack::Set(_) | Ack::Segment(_) | Ack::Element(_) | Ack::Unnamed => &mut self.in_set,
        };
        match severity {
            Severity::Error => weight.errors += 1,
            Severity::Warning => weight.warnings += 1,
            Severity::Info => {}
        }
        self.errors += u64::from(severity == Severity::Error);
        if self.kept.len() < self.limit {
            self.kept.push(finding);
        } else {
            self.omitted += 1;
        }
    }
}

/// A finding that is being described; kept when dropped.
#[derive(Debug)]
pub struct Pending<'f> {
    finding: Option<Finding>,
    to: &'f mut Findings,
}

impl Pending<'_> {
    /// Names the element.
    pub fn element(mut self, element: impl Into<ElementRef>) -> Self {
        self.edit(|f| f.element = Some(element.into()));
        self
    }

    /// Names the data element of the X12 dictionary.
    pub fn data_element(mut self, number: u16) -> Self {
        self.edit(|f| f.data_element = number);
        self
    }

    /// Says what was found, in kind.
    pub fn found(mut self, found: impl Into<Cow<'static, str>>) -> Self {
        self.edit(|f| f.found = found.into());
        self
    }

    /// Says what was expected.
    pub fn expected(mut self, expected: impl Into<Cow<'static, str>>) -> Self {
        self.edit(|f| f.expected = expected.into());
        self
    }

    /// Keeps the bad value for its sender, at most 99 characters of it.
    pub fn value(mut self, value: &[u8]) -> Self {
        let text: String = String::from_utf8_lossy(value).chars().take(99).collect();
        self.edit(|f| f.value = Some(Phi::new(text.into_boxed_str())));
        self
    }

    fn edit(&mut self, change: impl FnOnce(&mut Finding)) {
        if let Some(finding) = &mut self.finding {
            change(finding);
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some(finding) = self.finding.take() {
            self.to.keep(finding);
        }
    }
}
