//! From a report to a 999 or 997.

use super::code::{Level, before_5010, copy};
use super::unit::Units;
use super::{Reply, Warnings};
use crate::transaction::implementation_acknowledgement::{
    AnsweredGroup, AnsweredSet, Context, ElementAnswer, ElementNote, ElementPlace, Flavor, GroupVerdict,
    ImplementationAcknowledgement, SegmentAnswer, SegmentNote, SetAnswer, SetVerdict,
};
use crate::transaction::part::{Count, Text, Whole};
use crate::validate::{Ack, ElementRef, Finding, Report, SegmentId, SetReport, Severity, Snip, Verdict};
use crate::x12::Delimiters;

/// The most codes a verdict carries.
const MAX_CODES: usize = 5;

/// Answers the group at `index` of the report; with `units` it names the claims that are wrong.
#[must_use]
pub fn implementation(
    report: &Report,
    index: usize,
    units: Option<&Units>,
    reply: &Reply,
) -> Option<ImplementationAcknowledgement> {
    Answers::new(report, units, reply).group(index)
}

/// Which of the two answers a group of `version` gets.
pub(super) fn flavor(version: &str) -> Flavor {
    if version.trim_start().starts_with("004") || version.trim_start().starts_with("003") {
        Flavor::Functional
    } else {
        Flavor::Implementation
    }
}

/// The findings of a report by the set they are about.
pub(super) struct Answers<'r> {
    report: &'r Report,
    units: Option<&'r Units>,
    reply: &'r Reply,
    by_set: Vec<Vec<&'r Finding>>,
}

impl<'r> Answers<'r> {
    pub(super) fn new(report: &'r Report, units: Option<&'r Units>, reply: &'r Reply) -> Self {
        let mut by_set = vec![Vec::new(); report.sets.len()];
        let weight = match reply.warnings {
            Warnings::Told => Severity::Warning,
            Warnings::Silent => Severity::Error,
        };
        let told = report.findings.iter().filter(|f| f.severity >= weight && f.rule.snip <= reply.up_to);
        for finding in told {
            if let Some(list) = finding.set.and_then(|set| by_set.get_mut(set)) {
                list.push(finding);
            }
        }
        by_set.iter_mut().for_each(|list| list.sort_by_key(|finding| finding.position.in_set));
        Self { report, units, reply, by_set }
    }

    /// Returns what the set comes to in a 999: with findings beyond `up_to` left out, where all are known.
    pub(super) fn verdict(&self, index: usize) -> Verdict {
        let Some(set) = self.report.sets.get(index) else { return Verdict::Accepted };
        let findings = self.by_set.get(index).map_or(&[][..], Vec::as_slice);
        let narrowed = self.reply.up_to < Snip::Partner && self.report.omitted == 0;
        let verdict = if narrowed {
            match findings.iter().map(|finding| finding.severity).max() {
                Some(Severity::Error) => Verdict::Rejected,
                Some(Severity::Warning) => Verdict::AcceptedWithErrors,
                Some(Severity::Info) | None => Verdict::Accepted,
            }
        } else {
            set.verdict
        };
        match (verdict, self.reply.warnings) {
            (Verdict::AcceptedWithErrors, Warnings::Silent) => Verdict::Accepted,
            (Verdict::Partly, _) => Verdict::Rejected,
            (verdict, _) => verdict,
        }
    }

    pub(super) fn group(&self, index: usize) -> Option<ImplementationAcknowledgement> {
        let group = self.report.groups.get(index)?;
        let header = group.header.as_ref()?;
        let flavor = flavor(&header.version);
        let plain = |text: &str, max| copy(text, max, &self.reply.delimiters);
        let of_group = self.report.sets.iter().enumerate().filter(|(_, set)| set.group == Some(index));
        let sets: Vec<SetAnswer> = of_group.map(|(number, set)| self.set(number, set, flavor)).collect();
        let version = if flavor == Flavor::Functional { Text::EMPTY } else { plain(&header.version, 12) };
        Some(ImplementationAcknowledgement {
            group: AnsweredGroup {
                code: plain(&header.code, 2),
                control: number(&header.control, 9),
                version,
                ..AnsweredGroup::default()
            },
            verdict: self.group_verdict(index, &sets, flavor),
            sets,
            kept: Vec::new(),
        })
    }

    fn group_verdict(&self, index: usize, sets: &[SetAnswer], flavor: Flavor) -> GroupVerdict {
        let mut codes = Vec::new();
        let mut rejected = false;
        for finding in self.report.findings.iter().filter(|f| f.group == Some(index) && f.severity > Severity::Info) {
            if let Ack::Group(code) = finding.rule.ack {
                add(&mut codes, if flavor == Flavor::Functional { before_5010(code, Level::Group) } else { code });
                rejected |= finding.severity == Severity::Error;
            }
        }
        let count = |n: usize| Count::from(u32::try_from(n).unwrap_or(u32::MAX).min(999_999));
        let with = |action: &str| sets.iter().filter(|set| set.verdict.action == action).count();
        let accepted = if rejected { 0 } else { with("A") + with("E") };
        let action = match () {
            () if rejected || (accepted == 0 && !sets.is_empty()) => "R",
            () if accepted < sets.len() => "P",
            () if with("E") > 0 || !codes.is_empty() => "E",
            () => "A",
        };
        let declared = self.report.groups.get(index).and_then(|group| group.declared);
        let mut codes = codes.into_iter().map(Text::from).chain(std::iter::repeat(Text::EMPTY));
        let mut code = || codes.next().unwrap_or_default();
        GroupVerdict {
            action: action.into(),
            included: declared.map_or(count(sets.len()), |n| count(usize::try_from(n).unwrap_or(usize::MAX))).into(),
            received: count(sets.len()).into(),
            accepted: count(accepted).into(),
            code_1: code(),
            code_2: code(),
            code_3: code(),
            code_4: code(),
            code_5: code(),
            ..GroupVerdict::default()
        }
    }

    fn set(&self, index: usize, set: &SetReport, flavor: Flavor) -> SetAnswer {
        let findings = self.by_set.get(index).map_or(&[][..], Vec::as_slice);
        let verdict = self.verdict(index);
        let delimiters = &self.reply.delimiters;
        let mut segments = Vec::new();
        let mut codes: Vec<&'static str> = Vec::new();
        let functional = flavor == Flavor::Functional;
        for finding in findings.iter().filter(|_| verdict != Verdict::Accepted) {
            match finding.rule.ack {
                Ack::Segment(code) => {
                    let code = if functional { before_5010(code, Level::Segment) } else { code };
                    self.segment(&mut segments, index, finding, code, flavor);
                }
                Ack::Element(code) => {
                    let code = if functional { before_5010(code, Level::Element) } else { code };
                    let answer = self.segment(&mut segments, index, finding, "8", flavor);
                    element(answer, finding, code, delimiters, flavor);
                }
                Ack::Set(code) => add(&mut codes, code),
                Ack::Unnamed => add(&mut codes, "I5"),
                Ack::Group(_) | Ack::Interchange(_) => {}
            }
        }
        if !segments.is_empty() || (verdict == Verdict::Rejected && codes.is_empty()) {
            let named = |finding: &&&Finding| matches!(finding.rule.ack, Ack::Segment(_) | Ack::Element(_));
            let of_guide = findings.iter().filter(named).filter(|finding| finding.rule.snip != Snip::Syntax).count();
            // Without anything that could be named the set is in error all the same.
            if of_guide < findings.iter().filter(named).count() || of_guide == 0 {
                add(&mut codes, "5");
            }
            if of_guide > 0 {
                add(&mut codes, "I5");
            }
        }
        let version = if functional { Text::EMPTY } else { copy(&set.header.guide, 35, delimiters) };
        SetAnswer {
            set: AnsweredSet {
                code: copy(&set.header.code, 3, delimiters),
                control: copy(&set.header.control, 9, delimiters),
                guide: version,
                ..AnsweredSet::default()
            },
            segments: segments.into_iter().map(|(_, answer)| answer).collect(),
            verdict: set_verdict(verdict, codes, functional),
            kept: Vec::new(),
        }
    }

    /// Returns the note about a segment, which there is once for each code.
    fn segment<'s>(
        &self,
        segments: &'s mut Vec<(Key, SegmentAnswer)>,
        set: usize,
        finding: &Finding,
        code: &'static str,
        flavor: Flavor,
    ) -> &'s mut SegmentAnswer {
        let key = (finding.position.in_set, finding.segment, finding.loop_id, code);
        // Notes about one segment stand together at the end, since findings come by their place.
        let near = segments.iter().rev().take_while(|(known, _)| known.0 == key.0);
        let at = near.enumerate().find(|(_, (known, _))| *known == key).map(|(back, _)| segments.len() - 1 - back);
        let at = at.unwrap_or_else(|| {
            let contexts = if flavor == Flavor::Functional { Vec::new() } else { self.unit(set, finding) };
            let note = SegmentNote {
                segment: segment_id(finding.segment),
                position: Count::from(finding.position.in_set).into(),
                loop_id: loop_id(finding.loop_id),
                code: code.into(),
                ..SegmentNote::default()
            };
            segments.push((key, SegmentAnswer { note, contexts, elements: Vec::new() }));
            segments.len() - 1
        });
        &mut segments[at].1
    }

    fn unit(&self, set: usize, finding: &Finding) -> Vec<Context> {
        // What is missing was noticed at the segment behind the gap, which may begin another unit.
        let gap = u32::from(matches!(finding.rule.ack, Ack::Segment("3" | "I6" | "I7" | "I8")));
        let unit = self.units.and_then(|units| units.of(set, finding.position.in_set.saturating_sub(gap)));
        let context = unit.map(|unit| Context {
            name: Whole::Components([unit.name.into(), copy(&unit.number, 35, &self.reply.delimiters)].into()),
            ..Context::default()
        });
        context.into_iter().collect()
    }
}

/// Place, segment, loop and code of a note.
type Key = (u32, SegmentId, &'static str, &'static str);

fn element(answer: &mut SegmentAnswer, finding: &Finding, code: &str, delimiters: &Delimiters, flavor: Flavor) {
    let place = finding.element.unwrap_or_default();
    let digits = |n: u32| if n == 0 { Text::EMPTY } else { n.to_string().into() };
    let ElementRef { element, component, repetition } = place;
    let repetition = if flavor == Flavor::Functional { 0 } else { u32::from(repetition) };
    let note = ElementNote {
        place: ElementPlace {
            // A note about the segment as a whole still has to stand somewhere.
            element: digits(u32::from(element.clamp(1, 99))),
            component: digits(u32::from(component.min(99))),
            repetition: digits(repetition.min(9999)),
            ..ElementPlace::default()
        },
        data_element: digits(u32::from(finding.data_element.min(9999))),
        code: code.into(),
        copy: finding.value.as_ref().map(|value| copy(value.expose(), 99, delimiters)).unwrap_or_default(),
        ..ElementNote::default()
    };
    if answer.elements.iter().all(|known| known.note != note) {
        answer.elements.push(ElementAnswer { note, contexts: Vec::new() });
    }
}

fn set_verdict(verdict: Verdict, codes: Vec<&'static str>, functional: bool) -> SetVerdict {
    let action = match verdict {
        Verdict::Accepted => "A",
        Verdict::AcceptedWithErrors => "E",
        Verdict::Partly | Verdict::Rejected => "R",
    };
    let mut known = Vec::new();
    for code in codes {
        add(&mut known, if functional { before_5010(code, Level::Set) } else { code });
    }
    let mut codes = known.into_iter().map(Text::from).chain(std::iter::repeat(Text::EMPTY));
    let mut code = || codes.next().unwrap_or_default();
    SetVerdict {
        action: action.into(),
        code_1: code(),
        code_2: code(),
        code_3: code(),
        code_4: code(),
        code_5: code(),
        ..SetVerdict::default()
    }
}

fn add(codes: &mut Vec<&'static str>, code: &'static str) {
    if codes.len() < MAX_CODES && !codes.contains(&code) {
        codes.push(code);
    }
}

fn segment_id(id: SegmentId) -> Text {
    match id.as_str() {
        text if text.len() >= 2 => text.into(),
        // The element takes two characters at least.
        _ => "??".into(),
    }
}

/// The element has four characters: `2310A` is told as `2310`.
fn loop_id(id: &str) -> Text {
    id.get(..4).unwrap_or(id).into()
}

/// A number that came as text: its digits, or 0.
fn number(text: &str, max: usize) -> Text {
    let digits = text.trim();
    let fine = !digits.is_empty() && digits.len() <= max && digits.bytes().all(|b| b.is_ascii_digit());
    if fine { digits.into() } else { "0".into() }
}
