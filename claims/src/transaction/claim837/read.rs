//! From segments to claims, one at a time or as whole sets.

mod building;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use building::Building;

use super::claim::Claim;
use super::level::{BillingLevel, PatientLevel, SetHeader, SubscriberLevel};
use super::set::{BillingNode, ClaimSet, PatientNode, SubscriberNode};
use crate::transaction::part::ReadProblem;
use crate::x12::{Envelope, Limits, Segment, StreamReader, X12Error};

/// What a file of claims tells, in its order; a level comes before its claims.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A set begins.
    Set(Box<SetHeader>),
    /// A billing provider.
    Billing(Box<BillingLevel>),
    /// A subscriber of the last billing provider.
    Subscriber(Box<SubscriberLevel>),
    /// A patient of the last subscriber.
    Patient(Box<PatientLevel>),
    /// A claim of the last patient, else of the last subscriber, with what could not be read since the claim before.
    Claim(Box<Claim>, Vec<ReadProblem>),
    /// The set ends, with what could not be read since the last claim.
    End(Vec<ReadProblem>),
}

/// Reads the events of any source; sets that are no 837 are passed over.
#[derive(Debug)]
pub struct Events<R> {
    reader: StreamReader<R>,
    envelope: Envelope,
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
            building: None,
            ready: VecDeque::new(),
            done: false,
        }
    }

    /// Returns the envelope as far as the file was read.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    fn end_set(&mut self) {
        if let Some(building) = self.building.take() {
            building.end(&mut self.ready);
        }
    }

    /// Reads one segment; `false` at the end.
    fn step(&mut self) -> Result<bool, X12Error> {
        let Some(segment) = self.reader.next_segment()? else {
            self.envelope.finish();
            self.end_set();
            return Ok(false);
        };
        self.envelope.feed(&segment);
        match segment.id() {
            b"ST" => {
                if let Some(building) = self.building.take() {
                    building.end(&mut self.ready);
                }
                let is_claims = segment.element(1).trim_ascii() == b"837";
                self.building = is_claims.then(|| Box::new(Building::new(&self.envelope, &segment)));
            }
            b"SE" | b"GE" | b"IEA" | b"GS" | b"ISA" => self.end_set(),
            _ => {
                if let Some(building) = &mut self.building {
                    building.take(&segment, &mut self.ready);
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
                Ok(true) => {}
                Ok(false) => self.done = true,
                Err(error) => {
                    (self.done, self.building) = (true, None);
                    return Some(Err(error));
                }
            }
        }
    }
}

/// A claim with all that it shares with others.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// The head of its set.
    pub set: Arc<SetHeader>,
    /// Who bills.
    pub billing: Arc<BillingLevel>,
    /// Who is insured.
    pub subscriber: Arc<SubscriberLevel>,
    /// The patient, when not the subscriber.
    pub patient: Option<Arc<PatientLevel>>,
    /// The claim.
    pub claim: Box<Claim>,
    /// What could not be read, up to the end of the claim and since the claim before it.
    pub problems: Vec<ReadProblem>,
}

crate::text::silent_debug!(Submitted);

impl Submitted {
    /// Puts a claim together with its levels.
    #[must_use]
    pub fn new(
        set: Arc<SetHeader>,
        billing: Arc<BillingLevel>,
        subscriber: Arc<SubscriberLevel>,
        patient: Option<Arc<PatientLevel>>,
        claim: Box<Claim>,
    ) -> Self {
        Self { set, billing, subscriber, patient, claim, problems: Vec::new() }
    }
}

/// Reads one claim at a time; memory is bounded by the largest claim and its levels, whatever the size of the file.
#[derive(Debug)]
pub struct Claims<R> {
    events: Events<R>,
    set: Arc<SetHeader>,
    billing: Arc<BillingLevel>,
    subscriber: Arc<SubscriberLevel>,
    patient: Option<Arc<PatientLevel>>,
}

impl<R: Read> Claims<R> {
    /// Reads `source` with the default limits.
    pub fn new(source: R) -> Self {
        Self::with_limits(source, Limits::default())
    }

    /// Reads `source` with limits of your own.
    pub fn with_limits(source: R, limits: Limits) -> Self {
        Self {
            events: Events::with_limits(source, limits),
            set: Arc::default(),
            billing: Arc::default(),
            subscriber: Arc::default(),
            patient: None,
        }
    }

    /// Returns the envelope as far as the file was read.
    pub const fn envelope(&self) -> &Envelope {
        self.events.envelope()
    }
}

impl<R: Read> Iterator for Claims<R> {
    type Item = Result<Submitted, X12Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.events.next()? {
                Ok(Event::Set(set)) => self.set = Arc::from(set),
                Ok(Event::Billing(level)) => self.billing = Arc::from(level),
                Ok(Event::Subscriber(level)) => (self.subscriber, self.patient) = (Arc::from(level), None),
                Ok(Event::Patient(level)) => self.patient = Some(Arc::from(level)),
                Ok(Event::Claim(claim, problems)) => {
                    return Some(Ok(Submitted {
                        set: Arc::clone(&self.set),
                        billing: Arc::clone(&self.billing),
                        subscriber: Arc::clone(&self.subscriber),
                        patient: self.patient.clone(),
                        claim,
                        problems,
                    }));
                }
                Ok(Event::End(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Reads one set at a time.
#[derive(Debug)]
pub struct ClaimSets<R> {
    events: Events<R>,
}

impl<R: Read> ClaimSets<R> {
    /// Reads `source` with the default limits.
    pub fn new(source: R) -> Self {
        Self { events: Events::new(source) }
    }

    /// Returns the envelope as far as the file was read.
    pub const fn envelope(&self) -> &Envelope {
        self.events.envelope()
    }
}

impl<R: Read> Iterator for ClaimSets<R> {
    type Item = Result<ClaimSet, X12Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut set = ClaimSet::default();
        loop {
            match self.events.next()? {
                Ok(Event::End(problems)) => {
                    set.problems.extend(problems);
                    return Some(Ok(set));
                }
                Ok(event) => set.add(event),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Reads one set segment by segment, for readers of files of several kinds.
#[derive(Debug)]
pub(crate) struct SetReader {
    building: Box<Building>,
    ready: VecDeque<Event>,
    set: ClaimSet,
}

impl SetReader {
    /// Begins at the ST, which `envelope` was fed with.
    pub(crate) fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let building = Box::new(Building::new(envelope, st));
        Self { building, ready: VecDeque::new(), set: ClaimSet::default() }
    }

    pub(crate) fn take(&mut self, segment: &Segment<'_>) {
        self.building.take(segment, &mut self.ready);
        self.ready.drain(..).for_each(|event| self.set.add(event));
    }

    pub(crate) fn finish(mut self) -> ClaimSet {
        self.building.end(&mut self.ready);
        self.ready.drain(..).for_each(|event| self.set.add(event));
        self.set
    }
}

impl ClaimSet {
    fn add(&mut self, event: Event) {
        match event {
            Event::Set(header) => self.head = *header,
            Event::Billing(level) => self.providers.push(BillingNode { level: *level, subscribers: Vec::new() }),
            Event::Subscriber(level) => {
                if let Some(provider) = self.providers.last_mut() {
                    provider.subscribers.push(SubscriberNode { level: *level, ..SubscriberNode::default() });
                }
            }
            Event::Patient(level) => {
                if let Some(subscriber) = self.last_subscriber() {
                    subscriber.patients.push(PatientNode { level: *level, claims: Vec::new() });
                }
            }
            Event::Claim(claim, problems) => {
                self.problems.extend(problems);
                if let Some(subscriber) = self.last_subscriber() {
                    match subscriber.patients.last_mut() {
                        Some(patient) => patient.claims.push(*claim),
                        None => subscriber.claims.push(*claim),
                    }
                }
            }
            Event::End(problems) => self.problems.extend(problems),
        }
    }

    fn last_subscriber(&mut self) -> Option<&mut SubscriberNode> {
        self.providers.last_mut()?.subscribers.last_mut()
    }
}

/// Why a file could not be read to its end; what stood before is not lost.
#[derive(Debug, thiserror::Error)]
#[error("the file cannot be read to its end")]
pub struct ReadError {
    /// Why.
    #[source]
    pub source: X12Error,
    /// The sets before that.
    pub before: Vec<ClaimSet>,
}

/// Reads all sets of claims of a file.
///
/// # Errors
/// The bytes are not X12, or a segment cannot be told; the sets before it come with the error.
pub fn read_all(bytes: &[u8]) -> Result<Vec<ClaimSet>, ReadError> {
    let mut before = Vec::new();
    for set in ClaimSets::new(bytes) {
        match set {
            Ok(set) => before.push(set),
            Err(source) => return Err(ReadError { source, before }),
        }
    }
    Ok(before)
}
