//! From segments to remittances: one at a time, or claim by claim, whatever the size of the file.

mod building;

use std::collections::VecDeque;
use std::io::Read;

use building::Building;

use super::model::{ClaimPayment, ProviderAdjustment, Remittance};
use super::summary::ClaimGroup;
use crate::transaction::part::{Kept, List, ReadProblem};
use crate::x12::{Envelope, EnvelopeFinding, Limits, Segment, StreamReader, X12Error};

/// Why a file could not be read to its end; what stood before is not lost.
#[derive(Debug, thiserror::Error)]
#[error("the file cannot be read to its end")]
pub struct ReadError {
    /// Why.
    #[source]
    pub source: X12Error,
    /// The remittances before that.
    pub before: Vec<Remittance>,
}

/// Reads all remittances of a file; sets that are no 835 are passed over.
///
/// # Errors
/// The bytes are not X12, or a segment cannot be told; the remittances before it come with the error.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Remittance>, ReadError> {
    let mut before = Vec::new();
    for remittance in Remittances::new(bytes) {
        match remittance {
            Ok(remittance) => before.push(remittance),
            Err(source) => return Err(ReadError { source, before }),
        }
    }
    Ok(before)
}

/// What a file of remittances tells, in its order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A payment begins: all that stands before its claims.
    Begin(Box<Remittance>),
    /// A claim of the payment.
    Claim(Box<ClaimPayment>),
    /// The payment ends: all that stands behind its claims.
    End(Box<Ending>),
}

/// What stands behind the claims of a payment, and what is known only then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Ending {
    /// SHA-256 of the segments from ST to SE, in lower-case hex.
    pub sha256: String,
    /// Header numbers under which there is no claim.
    pub groups: List<ClaimGroup>,
    /// PLB, one for each pair.
    pub provider_adjustments: Vec<ProviderAdjustment>,
    /// Segments that are not modelled.
    pub kept: List<Kept>,
    /// What could not be read in the whole payment.
    pub problems: Vec<ReadProblem>,
    /// What is wrong with the envelope, up to the end of the set.
    pub envelope_findings: Vec<EnvelopeFinding>,
}

/// Reads payments claim by claim: memory is bounded by the largest claim, whatever the size of a payment.
#[derive(Debug)]
pub struct Events<R> {
    reader: StreamReader<R>,
    envelope: Envelope,
    reported: usize,
    building: Option<Box<Building>>,
    ready: VecDeque<Event>,
    done: bool,
}

impl<R: Read> Events<R> {
    /// Reads `source` with the default limits.
    pub fn new(source: R) -> Self {
        Self::with_limits(source, Limits::default())
    }

    /// Reads `source` with limits of your own.
    pub fn with_limits(source: R, limits: Limits) -> Self {
        Self {
            reader: StreamReader::with_limits(source, limits),
            envelope: Envelope::new(),
            reported: 0,
            building: None,
            ready: VecDeque::new(),
            done: false,
        }
    }

    /// Returns the envelope as far as the file was read; all of it after the last event.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Reads one segment; `false` at the end.
    fn step(&mut self) -> Result<bool, X12Error> {
        let Self { reader, envelope, reported, building, ready, .. } = self;
        let mut end = |building: &mut Option<Box<Building>>, envelope: &Envelope| {
            if let Some(building) = building.take() {
                let findings = envelope.findings();
                building.end(findings.get(*reported..).unwrap_or_default(), ready);
                *reported = findings.len();
            }
        };
        let Some(segment) = reader.next_segment()? else {
            envelope.finish();
            end(building, envelope);
            return Ok(false);
        };
        envelope.feed(&segment);
        match segment.id() {
            b"ST" => {
                end(building, envelope);
                let is_remittance = segment.element(1).trim_ascii() == b"835";
                *building = is_remittance.then(|| Box::new(Building::new(envelope, &segment)));
            }
            id @ (b"SE" | b"GE" | b"IEA" | b"GS" | b"ISA") => {
                if let Some(building) = building.as_mut().filter(|_| id == b"SE") {
                    building.digest(&segment);
                }
                end(building, envelope);
            }
            id => {
                if let Some(building) = building {
                    building.digest(&segment);
                    building.take(id, &segment, ready);
                }
            }
        }
        Ok(true)
    }
}

impl<R: Read> Iterator for Events<R> {
    type Item = Result<Event, X12Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.done {
                return None;
            }
            match self.step() {
                Ok(more) => self.done = !more,
                Err(error) => {
                    (self.done, self.building) = (true, None);
                    return Some(Err(error));
                }
            }
        }
    }
}

/// Reads one payment segment by segment, for readers of files of several kinds.
#[derive(Debug)]
pub(crate) struct SetReader {
    building: Box<Building>,
    ready: VecDeque<Event>,
    read: Remittance,
}

impl SetReader {
    /// Begins at the ST, which `envelope` was fed with.
    pub(crate) fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let building = Box::new(Building::new(envelope, st));
        Self { building, ready: VecDeque::new(), read: Remittance::new(st.position()) }
    }

    pub(crate) fn take(&mut self, segment: &Segment<'_>) {
        self.building.digest(segment);
        self.building.take(segment.id(), segment, &mut self.ready);
        self.ready.drain(..).for_each(|event| self.read.add(event));
    }

    /// Ends with the SE, where there was one.
    pub(crate) fn finish(mut self, se: Option<&Segment<'_>>) -> Remittance {
        se.into_iter().for_each(|segment| self.building.digest(segment));
        self.building.end(&[], &mut self.ready);
        self.ready.drain(..).for_each(|event| self.read.add(event));
        self.read
    }
}

impl Remittance {
    fn add(&mut self, event: Event) {
        match event {
            Event::Begin(begun) => *self = *begun,
            Event::Claim(claim) => self.claims.push(*claim),
            Event::End(ending) => {
                self.sha256 = ending.sha256;
                self.groups_at_end = ending.groups;
                self.provider_adjustments = ending.provider_adjustments;
                self.kept_at_end = ending.kept;
                self.problems = ending.problems;
                self.envelope_findings = ending.envelope_findings;
            }
        }
    }
}

/// Reads remittances from any source, one at a time.
#[derive(Debug)]
pub struct Remittances<R> {
    events: Events<R>,
}

impl<R: Read> Remittances<R> {
    /// Reads `source` with the default limits.
    pub fn new(source: R) -> Self {
        Self { events: Events::new(source) }
    }

    /// Reads `source` with limits of your own.
    pub fn with_limits(source: R, limits: Limits) -> Self {
        Self { events: Events::with_limits(source, limits) }
    }

    /// Returns the envelope as far as the file was read; all of it after the last remittance.
    pub const fn envelope(&self) -> &Envelope {
        self.events.envelope()
    }
}

impl<R: Read> Iterator for Remittances<R> {
    type Item = Result<Remittance, X12Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut current: Option<Box<Remittance>> = None;
        loop {
            match self.events.next()? {
                Ok(Event::Begin(begun)) => current = Some(begun),
                Ok(event) => {
                    let ends = matches!(event, Event::End(_));
                    current.as_mut()?.add(event);
                    if ends {
                        return Some(Ok(*current?));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
