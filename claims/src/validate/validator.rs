//! The validator: one pass over the segments of a file, in memory that does not grow with its size.

use std::io::Read;
use std::sync::Arc;

use super::element::{self, Classes};
use super::finding::{Findings, SegmentId, Weight};
use super::partner::Edits;
use super::profile::Profile;
use super::report::{GroupReport, InterchangeReport, Report, SetReport, Verdict};
use super::set_rules::SetRules;
use super::structure::{self, Known};
use super::syntax;
use crate::code_list::CodeLists;
use crate::guide::{Guide, GuideKind, Placed, Walker, control};
use crate::x12::{Envelope, Position, Reader, Segment, StreamReader, X12Error, unwrap_lines};

/// What a validation weighs, what it asks and how much it keeps.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The weight of each rule.
    pub profile: Profile,
    /// Findings kept; further ones are counted.
    pub findings: usize,
    /// Interchanges, groups and sets kept in the report, each; further ones are checked all the same.
    pub parts: usize,
    /// External code lists.
    pub lists: CodeLists,
    /// Edits of trading partners.
    pub edits: Arc<[Edits]>,
}

impl Default for Options {
    /// Strict, a thousand findings, a hundred thousand parts, the lists that ship, no edits.
    fn default() -> Self {
        Self {
            profile: Profile::strict(),
            findings: 1000,
            parts: 100_000,
            lists: CodeLists::standard(),
            edits: Arc::default(),
        }
    }
}

impl Options {
    /// As the default, with another profile.
    #[must_use]
    pub fn with_profile(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }
}

/// Validates a file, segment by segment.
///
/// ```
/// use mentalspace_claims::validate::{Options, Validator, validate};
/// use mentalspace_claims::x12::Reader;
/// let file = b"ST*999*0001*005010X231A1~AK1*HC*1*005010X222A1~AK9*A*1*1*1~SE*4*0002~";
/// let mut validator = Validator::new(Options::default());
/// for segment in Reader::new(file) {
///     validator.feed(&segment?);
/// }
/// let report = validator.finish();
/// assert_eq!(report, validate(file));
/// let rules: Vec<_> = report.findings.iter().map(|f| f.rule.id).collect();
/// assert_eq!(rules, ["interchange-missing", "set-control"]);
/// # Ok::<(), mentalspace_claims::x12::X12Error>(())
/// ```
#[derive(Debug)]
pub struct Validator {
    parts: usize,
    envelope: Envelope,
    /// Findings of the envelope that were taken over.
    taken: usize,
    walker: Walker,
    known: Known,
    /// The loop that is counted.
    counted: &'static str,
    classes: Classes,
    rules: SetRules,
    out: Findings,
    report: Report,
    open: Open,
    last: Position,
}

/// What is open, with its counts.
#[derive(Debug, Default)]
struct Open {
    interchange: bool,
    group: bool,
    set: bool,
    segments: u64,
    claims: u64,
    received: u64,
    accepted: u64,
    /// Whether a set or group in it has warnings.
    warned: bool,
    declared: Option<u64>,
}

impl Validator {
    /// Begins before the first segment.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            parts: options.parts,
            envelope: Envelope::new(),
            taken: 0,
            walker: Walker::new(None),
            known: Known::No,
            counted: "",
            classes: Classes::new(),
            rules: SetRules::new(options.lists, options.edits),
            out: Findings::with_profile(options.findings, options.profile),
            report: Report::default(),
            open: Open::default(),
            last: Position::default(),
        }
    }

    /// Validates a file that is in memory.
    #[must_use]
    pub fn validate(mut self, file: &[u8]) -> Report {
        let unwrapped = unwrap_lines(file);
        if matches!(unwrapped, std::borrow::Cow::Owned(_)) {
            syntax::wrapped(&mut self.out);
        }
        for segment in Reader::new(&unwrapped) {
            match segment {
                Ok(segment) => self.feed(&segment),
                Err(error) => syntax::unreadable(self.last, error.to_string(), &mut self.out),
            }
        }
        self.finish()
    }

    /// Validates a file of any size.
    ///
    /// # Errors
    /// The source cannot be read. What is no X12 is a finding.
    pub fn validate_stream(mut self, source: impl Read) -> Result<Report, X12Error> {
        let mut stream = StreamReader::new(source);
        loop {
            match stream.next_segment() {
                Ok(Some(segment)) => self.feed(&segment),
                Ok(None) => return Ok(self.finish()),
                Err(error @ X12Error::Io { .. }) => return Err(error),
                Err(error) => {
                    syntax::unreadable(self.last, error.to_string(), &mut self.out);
                    return Ok(self.finish());
                }
            }
        }
    }

    /// Takes the next segment of the file.
    #[inline]
    pub fn feed(&mut self, segment: &Segment<'_>) {
        self.last = segment.position();
        self.classes.follow(segment);
        match segment.id() {
            b"ISA" | b"GS" | b"ST" | b"SE" | b"GE" | b"IEA" | b"TA1" => self.frame(segment),
            _ => {
                self.envelope.feed_content(segment);
                if self.envelope.findings().len() > self.taken {
                    self.take_over(false, SegmentId::of(segment));
                }
                self.content(segment);
            }
        }
    }

    /// Ends the file.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.envelope.finish();
        self.take_over(true, SegmentId::default());
        self.close_interchange();
        self.report.omitted = self.out.omitted();
        self.report.errors = self.out.errors();
        self.report.findings = self.out.take();
        self.report
    }

    /// A segment of the envelope.
    fn frame(&mut self, segment: &Segment<'_>) {
        self.envelope.feed(segment);
        let id = segment.id();
        // What was left open lacks its trailer; that belongs to it and not to what comes.
        self.take_over(true, SegmentId::default());
        match id {
            b"ISA" => {
                self.close_interchange();
                self.open_interchange(segment);
            }
            b"GS" => {
                self.close_group();
                self.open_group();
                let version = self.envelope.interchange().map_or("", |i| &i.version);
                syntax::version(version, segment, &mut self.out);
            }
            b"ST" => {
                self.close_set();
                self.open_set(segment);
            }
            b"GE" => self.close_set(),
            b"IEA" => self.close_group(),
            _ => {}
        }
        self.take_over(false, SegmentId::of(segment));
        match id {
            b"ST" => self.content(segment),
            b"SE" => {
                self.content(segment);
                self.close_set();
            }
            _ => {
                let placed = Placed { segment: *segment, path: &[], opens: false, usage: control(id) };
                syntax::check(segment, "", &mut self.out);
                element::check(&placed, &self.classes, true, &mut self.out);
            }
        }
        match id {
            b"GE" => {
                self.open.declared =
                    std::str::from_utf8(segment.element(1).trim_ascii()).ok().and_then(|n| n.parse().ok());
                self.close_group();
            }
            b"IEA" => self.close_interchange(),
            _ => {}
        }
    }

    /// A segment of a set, or one that is outside of any.
    #[inline]
    fn content(&mut self, segment: &Segment<'_>) {
        self.open.segments += 1;
        let placed = self.walker.feed(*segment);
        if self.known == Known::Exactly {
            syntax::check(segment, placed.loop_id(), &mut self.out);
            self.open.claims += u64::from(placed.opens && self.counted == placed.loop_id());
            element::check(&placed, &self.classes, false, &mut self.out);
            self.rules.segment(&placed, &mut self.out);
            if !self.walker.misplaced().is_empty() {
                self.walker.misplaced().iter().for_each(|m| structure::report(m, Some(segment), &mut self.out));
            }
        } else {
            self.open.claims += u64::from(placed.opens && self.counted == placed.loop_id());
            syntax::check(segment, "", &mut self.out);
            element::check(&Placed { usage: None, ..placed }, &self.classes, false, &mut self.out);
        }
    }

    /// Takes the new findings of the envelope over: those about what ends, or all.
    fn take_over(&mut self, ending: bool, segment: SegmentId) {
        use crate::x12::FindingCode::{GroupTrailerMissing, InterchangeTrailerMissing, SetTrailerMissing};
        while let Some(finding) = self.envelope.findings().get(self.taken) {
            let ends = matches!(finding.code, InterchangeTrailerMissing | GroupTrailerMissing | SetTrailerMissing);
            if ending && !ends {
                return;
            }
            self.taken += 1;
            let position = finding.position;
            self.out.pending(syntax::rule_of(finding.code), position, "", segment);
        }
    }

    fn open_interchange(&mut self, segment: &Segment<'_>) {
        self.open.interchange = true;
        self.out.in_interchange = Weight::default();
        self.out.interchange = None;
        if self.report.interchanges.len() < self.parts {
            self.out.interchange = Some(self.report.interchanges.len());
            let header = self.envelope.interchange().cloned();
            let wants_ta1 = segment.element(14) == b"1";
            self.report.interchanges.push(InterchangeReport { header, wants_ta1, verdict: Verdict::Accepted });
        }
    }

    fn open_group(&mut self) {
        self.open.group = true;
        self.out.in_group = Weight::default();
        (self.open.received, self.open.accepted, self.open.declared) = (0, 0, None);
        self.out.group = None;
        if self.report.groups.len() < self.parts {
            self.out.group = Some(self.report.groups.len());
            let group = GroupReport {
                interchange: self.out.interchange,
                header: self.envelope.group().cloned(),
                declared: None,
                received: 0,
                accepted: 0,
                verdict: Verdict::Accepted,
            };
            self.report.groups.push(group);
        }
    }

    fn open_set(&mut self, segment: &Segment<'_>) {
        if !self.open.group && self.out.group.is_none() {
            self.open_group();
        }
        self.open.set = true;
        (self.open.segments, self.open.claims) = (0, 0);
        self.out.in_set = Weight::default();
        self.out.set = None;
        let Some(set) = self.envelope.set() else { return };
        let guide = Guide::for_set(&set.code, &set.guide);
        self.known = match guide {
            Some(guide) if guide.is_exact(&set.guide) => Known::Exactly,
            Some(_) => Known::Nearly,
            None => Known::No,
        };
        self.rules.begin(guide.filter(|_| self.known == Known::Exactly).map(|guide| guide.kind));
        self.counted = guide.map_or("", |g| counted(g.kind));
        self.walker.begin(guide);
        let group = self.envelope.group().map_or("", |g| g.version.trim());
        let own = segment.element(3).trim_ascii();
        let differs = !own.is_empty() && group.contains('X') && own != group.as_bytes();
        if self.report.sets.len() < self.parts {
            self.out.set = Some(self.report.sets.len());
            let header = set.clone();
            let group = self.out.group;
            self.report.sets.push(SetReport { group, header, segments: 0, claims: 0, verdict: Verdict::Accepted });
        }
        structure::guide(self.known, differs, segment, &mut self.out);
    }

    fn close_set(&mut self) {
        if !std::mem::take(&mut self.open.set) {
            return;
        }
        self.walker.finish(self.last);
        if self.known == Known::Exactly {
            for misplaced in self.walker.misplaced() {
                structure::report(misplaced, None, &mut self.out);
            }
        }
        self.rules.end_of_set(&mut self.out);
        let weight = std::mem::take(&mut self.out.in_set);
        let verdict = verdict(weight);
        self.open.received += 1;
        self.open.accepted += u64::from(verdict != Verdict::Rejected);
        self.open.warned |= weight.warnings > 0;
        if let Some(set) = self.out.set.take().and_then(|at| self.report.sets.get_mut(at)) {
            (set.segments, set.claims, set.verdict) = (self.open.segments, self.open.claims, verdict);
        }
        self.known = Known::No;
    }

    fn close_group(&mut self) {
        self.close_set();
        if !std::mem::take(&mut self.open.group) {
            return;
        }
        let weight = std::mem::take(&mut self.out.in_group);
        let Open { received, accepted, declared, .. } = self.open;
        let verdict = match verdict(weight) {
            Verdict::Rejected => Verdict::Rejected,
            _ if received > 0 && accepted == 0 => Verdict::Rejected,
            _ if accepted < received => Verdict::Partly,
            own if own == Verdict::AcceptedWithErrors || self.open.warned => Verdict::AcceptedWithErrors,
            own => own,
        };
        self.open.warned = false;
        if let Some(group) = self.out.group.take().and_then(|at| self.report.groups.get_mut(at)) {
            (group.received, group.accepted) = (received, accepted);
            (group.declared, group.verdict) = (declared, verdict);
        }
    }

    fn close_interchange(&mut self) {
        self.close_group();
        if !std::mem::take(&mut self.open.interchange) {
            return;
        }
        let verdict = verdict(std::mem::take(&mut self.out.in_interchange));
        if let Some(at) = self.out.interchange.take() {
            self.report.interchanges[at].verdict = verdict;
        }
    }
}

/// Validates a file that is in memory, strictly.
#[must_use]
pub fn validate(file: &[u8]) -> Report {
    Validator::new(Options::default()).validate(file)
}

/// Validates a file of any size, strictly.
///
/// # Errors
/// The source cannot be read. What is no X12 is a finding.
pub fn validate_stream(source: impl Read) -> Result<Report, X12Error> {
    Validator::new(Options::default()).validate_stream(source)
}

const fn verdict(weight: Weight) -> Verdict {
    match weight {
        Weight { errors: 1.., .. } => Verdict::Rejected,
        Weight { warnings: 1.., .. } => Verdict::AcceptedWithErrors,
        _ => Verdict::Accepted,
    }
}

/// The loop a set is counted by: a claim, its payment, an inquiry or its answer, a member; empty where there is none.
const fn counted(kind: GuideKind) -> &'static str {
    match kind {
        GuideKind::Claim837P | GuideKind::Claim837I | GuideKind::Claim837D => "2300",
        GuideKind::Payment835 => "2100",
        GuideKind::Inquiry270 | GuideKind::Response271 => "2100C",
        GuideKind::StatusRequest276 | GuideKind::StatusResponse277 | GuideKind::ClaimAck277 => "2200D",
        GuideKind::Review278 => "2000E",
        GuideKind::Enrollment834 => "2000",
        GuideKind::Premium820 => "2300B",
        GuideKind::FunctionalAck997 | GuideKind::ImplementationAck999 | GuideKind::Control => "",
    }
}
