//! The set in progress: which loop a segment belongs to.
//!
//! The innermost open loop that knows a segment takes it, which closes the loops within; a segment that none knows is
//! kept in the innermost. That one rule makes reading tolerant, and what was written is read back alike.

use std::collections::VecDeque;

use super::Event;
use crate::transaction::claim837::claim::{Claim, OtherSubscriber};
use crate::transaction::claim837::level::{BillingLevel, PatientLevel, SetHeader, SubscriberLevel};
use crate::transaction::claim837::line::{Drug, LineAdjudication, ServiceLine, SupportingForm};
use crate::transaction::claim837::service::Service;
use crate::transaction::part::{self, Kept, List, Part, Party, ReadProblem, Text, element};
use crate::x12::{Envelope, Segment};

/// Problems kept of one set or claim.
const MAX_PROBLEMS: usize = 100;

/// The level that waits for its first claim.
#[derive(Debug)]
enum Level {
    Set(Box<SetHeader>),
    Billing(Box<BillingLevel>),
    Subscriber(Box<SubscriberLevel>),
    Patient(Box<PatientLevel>),
}

/// The innermost loop of a claim, parties aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Claim,
    OtherSubscriber,
    Line,
    Drug,
    Adjudication,
    Form,
}

impl Scope {
    /// The segments of which the loop has one.
    const fn singles(self) -> &'static [&'static str] {
        match self {
            Self::Claim => &["CL1", "DN1", "CN1", "CR1", "CR2", "HCP"],
            Self::OtherSubscriber => &["DMG", "OI", "MIA", "MOA"],
            Self::Line => &["SV1", "SV2", "SV3", "SV5", "CR1", "CR3", "CN1", "PS1", "HCP"],
            Self::Drug => &["CTP"],
            Self::Adjudication | Self::Form => &[],
        }
    }
}

#[derive(Debug)]
pub(super) struct Building {
    level: Option<Level>,
    /// HL01 of the billing provider and the subscriber in force.
    billing: Option<Text>,
    subscriber: Option<Text>,
    claim: Option<Box<Claim>>,
    scope: Scope,
    party: Option<Box<Party>>,
    /// Id of the last segment that was taken, filled up with spaces.
    last: [u8; 3],
    problems: Vec<ReadProblem>,
}

impl Building {
    pub(super) fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let set = envelope.set();
        let header = SetHeader {
            position: st.position(),
            interchange_control: envelope.interchange().map(|i| i.control.as_str().into()).unwrap_or_default(),
            group_control: envelope.group().map(|g| g.control.as_str().into()).unwrap_or_default(),
            set_control: set.map(|s| s.control.as_str().into()).unwrap_or_default(),
            guide: set.map(|s| s.guide.as_str().into()).unwrap_or_default(),
            ..SetHeader::default()
        };
        Self {
            level: Some(Level::Set(Box::new(header))),
            billing: None,
            subscriber: None,
            claim: None,
            scope: Scope::Claim,
            party: None,
            last: *b"ST ",
            problems: Vec::new(),
        }
    }

    pub(super) fn end(mut self, ready: &mut VecDeque<Event>) {
        self.flush(ready);
        ready.push_back(Event::End(self.problems));
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>, ready: &mut VecDeque<Event>) {
        let taken = match segment.id() {
            b"HL" => self.open_level(segment, ready),
            b"CLM" => {
                self.open_claim(segment, ready);
                true
            }
            _ if element::is_bare(segment) => return self.problem(segment, "holds nothing"),
            b"NM1" => {
                self.close_party();
                if matches!(self.scope, Scope::Drug | Scope::Adjudication | Scope::Form) {
                    self.scope = Scope::Line;
                }
                self.party = Some(Box::new(Party::read(segment)));
                true
            }
            id => self.party_takes(id, segment) || self.loop_takes(id, segment),
        };
        if taken {
            self.last = padded(segment.id());
        } else {
            self.keep(segment);
        }
    }

    fn loop_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        if self.claim.is_some() {
            return self.claim_takes(id, segment);
        }
        if !self.level.as_ref().is_some_and(|level| level.has_place_for(id)) {
            return false;
        }
        self.close_party();
        self.level.as_mut().is_some_and(|level| level.take(id, segment, &mut self.problems))
    }

    /// Makes known what is complete: a claim, or a level that has none yet.
    fn flush(&mut self, ready: &mut VecDeque<Event>) {
        self.close_party();
        if let Some(claim) = self.claim.take() {
            ready.push_back(Event::Claim(claim, std::mem::take(&mut self.problems)));
        }
        ready.extend(self.level.take().map(|level| match level {
            Level::Set(level) => Event::Set(level),
            Level::Billing(level) => Event::Billing(level),
            Level::Subscriber(level) => Event::Subscriber(level),
            Level::Patient(level) => Event::Patient(level),
        }));
    }

    fn open_level(&mut self, segment: &Segment<'_>, ready: &mut VecDeque<Event>) -> bool {
        let (number, parent) = (Text::of(segment.element(1)), Text::of(segment.element(2)));
        match segment.element(3).trim_ascii() {
            b"20" => {
                self.flush(ready);
                (self.billing, self.subscriber) = (Some(number), None);
                self.level = Some(Level::Billing(Box::default()));
            }
            b"22" => {
                self.flush(ready);
                self.require_billing(segment, ready);
                self.unless_parent(segment, &parent, self.billing.clone());
                self.subscriber = Some(number);
                self.level = Some(Level::Subscriber(Box::default()));
            }
            b"23" => {
                self.flush(ready);
                self.require_subscriber(segment, ready);
                self.unless_parent(segment, &parent, self.subscriber.clone());
                self.level = Some(Level::Patient(Box::default()));
            }
            _ => {
                self.problem_in(segment, 3, "is a level that claims do not have");
                return false;
            }
        }
        true
    }

    fn unless_parent(&mut self, segment: &Segment<'_>, named: &Text, open: Option<Text>) {
        if open.is_some_and(|open| open != *named) {
            self.problem_in(segment, 2, "does not name the level above");
        }
    }

    fn require_billing(&mut self, segment: &Segment<'_>, ready: &mut VecDeque<Event>) {
        if self.billing.is_none() {
            self.problem(segment, "stands outside of a billing provider");
            self.billing = Some(Text::EMPTY);
            ready.push_back(Event::Billing(Box::default()));
        }
    }

    fn require_subscriber(&mut self, segment: &Segment<'_>, ready: &mut VecDeque<Event>) {
        self.require_billing(segment, ready);
        if self.subscriber.is_none() {
            self.problem(segment, "stands outside of a subscriber");
            self.subscriber = Some(Text::EMPTY);
            ready.push_back(Event::Subscriber(Box::default()));
        }
    }

    fn open_claim(&mut self, segment: &Segment<'_>, ready: &mut VecDeque<Event>) {
        self.flush(ready);
        self.require_subscriber(segment, ready);
        let information = read(segment, &mut self.problems);
        self.claim = Some(Box::new(Claim { position: segment.position(), information, ..Claim::default() }));
        self.scope = Scope::Claim;
    }

    fn party_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        // The dates of claims and lines are not those of who took part; an other payer has one of its own.
        if id == b"DTP" && self.claim.is_some() && self.scope != Scope::OtherSubscriber {
            return false;
        }
        self.party.as_mut().is_some_and(|party| party.take(segment))
    }

    fn close_party(&mut self) {
        let Some(party) = self.party.take() else { return };
        match (&mut self.claim, &mut self.level, self.scope) {
            (Some(claim), _, Scope::Claim) => part::push(&mut claim.providers, *party),
            (Some(claim), _, Scope::OtherSubscriber) => {
                if let Some(other) = claim.other_subscribers.last_mut() {
                    let place = match party.entity() {
                        "IL" => Some(&mut other.subscriber),
                        "PR" => Some(&mut other.payer),
                        _ => None,
                    };
                    put(place, party, &mut other.providers);
                }
            }
            (Some(claim), ..) => {
                if let Some(line) = claim.lines.last_mut() {
                    part::push(&mut line.providers, *party);
                }
            }
            (None, Some(level), _) => level.put(party),
            (None, None, _) => {}
        }
    }

    fn keep(&mut self, segment: &Segment<'_>) {
        if let Some(party) = &mut self.party {
            return party.keep(segment, &Text::of(&self.last));
        }
        let place = match (&mut self.claim, &mut self.level) {
            (Some(claim), _) => kept_of(claim, self.scope).map(|kept| (kept, self.scope.singles())),
            (None, Some(level)) => Some((level.kept(), &["BHT", "CUR", "SBR", "PAT"][..])),
            (None, None) => None,
        };
        if let Some((kept, singles)) = place {
            kept.push(Kept::beside(segment, &Text::of(&self.last), singles));
        }
    }

    fn claim_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let in_line = matches!(self.scope, Scope::Line | Scope::Drug | Scope::Adjudication | Scope::Form);
        match id {
            b"LX" => {
                self.close_party();
                let number = read(segment, &mut self.problems);
                if let Some(claim) = &mut self.claim {
                    part::push(&mut claim.lines, ServiceLine { number, ..ServiceLine::default() });
                }
                self.scope = Scope::Line;
                true
            }
            b"SBR" => {
                self.close_party();
                let information = read(segment, &mut self.problems);
                if let Some(claim) = &mut self.claim {
                    claim.other_subscribers.push(OtherSubscriber { information, ..OtherSubscriber::default() });
                }
                self.scope = Scope::OtherSubscriber;
                true
            }
            _ if in_line => self.line_takes(id, segment),
            _ => self.head_takes(id, segment),
        }
    }

    /// 2300 and 2320.
    fn head_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let (in_other, has_party) = (self.scope == Scope::OtherSubscriber, self.party.is_some());
        let Some(claim) = &self.claim else { return false };
        let is_others = in_other && claim.other_subscribers.last().is_some_and(|other| other.has_place_for(id));
        let is_claims = match id {
            b"AMT" => !in_other,
            b"REF" => !in_other && !has_party,
            _ => claim.has_place_for(id),
        };
        if !is_others && !is_claims {
            return false;
        }
        self.close_party();
        let (Some(claim), problems) = (&mut self.claim, &mut self.problems) else { return false };
        if is_others {
            return claim.other_subscribers.last_mut().is_some_and(|other| other.take(id, segment, problems));
        }
        self.scope = Scope::Claim;
        claim.take(id, segment, problems)
    }

    /// 2400 and what is below it.
    fn line_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let (Some(line), problems) = (current_line(&mut self.claim), &mut self.problems) else { return false };
        let within = match self.scope {
            Scope::Drug => line.drugs.last_mut().is_some_and(|drug| drug.take(id, segment, problems)),
            Scope::Adjudication => {
                line.adjudications.last_mut().is_some_and(|decision| decision.take(id, segment, problems))
            }
            Scope::Form => line.forms.last_mut().is_some_and(|form| form.take(id, segment, problems)),
            Scope::Claim | Scope::OtherSubscriber | Scope::Line => false,
        };
        if within {
            return true;
        }
        if !line.has_place_for(id) {
            return false;
        }
        self.close_party();
        let (Some(line), problems) = (current_line(&mut self.claim), &mut self.problems) else { return false };
        self.scope = match id {
            b"LIN" => Scope::Drug,
            b"SVD" => Scope::Adjudication,
            b"LQ" => Scope::Form,
            _ => Scope::Line,
        };
        line.take(id, segment, problems)
    }

    fn problem(&mut self, segment: &Segment<'_>, rule: &'static str) {
        self.problem_in(segment, 0, rule);
    }

    fn problem_in(&mut self, segment: &Segment<'_>, element: u8, rule: &'static str) {
        report(&mut self.problems, segment, element, rule);
    }
}

/// Fills up the id of a segment that was taken, so of two or three bytes, with spaces.
const fn padded(id: &[u8]) -> [u8; 3] {
    match *id {
        [a, b, c] => [a, b, c],
        [a, b] => [a, b, b' '],
        _ => *b"   ",
    }
}

fn current_line(claim: &mut Option<Box<Claim>>) -> Option<&mut ServiceLine> {
    claim.as_mut()?.lines.last_mut()
}

fn kept_of(claim: &mut Claim, scope: Scope) -> Option<&mut List<Kept>> {
    match scope {
        Scope::Claim => Some(&mut claim.kept),
        Scope::OtherSubscriber => claim.other_subscribers.last_mut().map(|other| &mut other.kept),
        Scope::Line => claim.lines.last_mut().map(|line| &mut line.kept),
        Scope::Drug => claim.lines.last_mut()?.drugs.last_mut().map(|drug| &mut drug.kept),
        Scope::Adjudication => claim.lines.last_mut()?.adjudications.last_mut().map(|decision| &mut decision.kept),
        Scope::Form => claim.lines.last_mut()?.forms.last_mut().map(|form| &mut form.kept),
    }
}

fn report(problems: &mut Vec<ReadProblem>, segment: &Segment<'_>, element: u8, rule: &'static str) {
    if problems.len() < MAX_PROBLEMS {
        problems.push(ReadProblem::new(segment, element, rule));
    }
}

#[inline]
fn read<T: Part>(segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> T {
    let part = T::read(segment);
    if let Some(element) = part.unreadable() {
        report(problems, segment, element, "is not a number");
    }
    part
}

#[inline]
fn push<T: Part>(list: &mut List<T>, segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
    part::push(list, read(segment, problems));
    true
}

/// Takes the first of what there is one of.
fn fill<T: Part>(place: &mut Option<Box<T>>, segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
    let free = place.is_none();
    if free {
        *place = Some(Box::new(read(segment, problems)));
    }
    free
}

/// Puts a party where it belongs, or among the others when that place is taken.
fn put(place: Option<&mut Option<Box<Party>>>, party: Box<Party>, others: &mut List<Party>) {
    match place {
        Some(place @ None) => *place = Some(party),
        _ => part::push(others, *party),
    }
}

impl Level {
    fn kept(&mut self) -> &mut List<Kept> {
        match self {
            Self::Set(level) => &mut level.kept,
            Self::Billing(level) => &mut level.kept,
            Self::Subscriber(level) => &mut level.kept,
            Self::Patient(level) => &mut level.kept,
        }
    }

    /// Whether the level itself has a free place for the segment.
    fn has_place_for(&self, id: &[u8]) -> bool {
        match (self, id) {
            (Self::Set(level), b"BHT") => level.header.is_none(),
            (Self::Set(_), b"REF") | (Self::Billing(_), b"PRV") => true,
            (Self::Billing(level), b"CUR") => level.currency.is_none(),
            (Self::Subscriber(level), b"SBR") => level.information.is_none(),
            (Self::Subscriber(level), b"PAT") => level.patient.is_none(),
            (Self::Patient(level), b"PAT") => level.information.is_none(),
            _ => false,
        }
    }

    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match (self, id) {
            (Self::Set(level), b"BHT") => level.header = Some(read(segment, problems)),
            (Self::Set(level), b"REF") => level.references.push(read(segment, problems)),
            (Self::Billing(level), b"PRV") => level.specialties.push(read(segment, problems)),
            (Self::Billing(level), b"CUR") => return fill(&mut level.currency, segment, problems),
            (Self::Subscriber(level), b"SBR") => return fill(&mut level.information, segment, problems),
            (Self::Subscriber(level), b"PAT") => return fill(&mut level.patient, segment, problems),
            (Self::Patient(level), b"PAT") => return fill(&mut level.information, segment, problems),
            _ => return false,
        }
        true
    }

    fn put(&mut self, party: Box<Party>) {
        match self {
            Self::Set(level) => {
                let place = match party.entity() {
                    "41" => Some(&mut level.submitter),
                    "40" => Some(&mut level.receiver),
                    _ => None,
                };
                put(place, party, &mut level.others);
            }
            Self::Billing(level) => {
                let place = match party.entity() {
                    "85" => Some(&mut level.provider),
                    "87" => Some(&mut level.pay_to),
                    "PE" => Some(&mut level.pay_to_plan),
                    _ => None,
                };
                put(place, party, &mut level.others);
            }
            Self::Subscriber(level) => {
                let place = match party.entity() {
                    "IL" => Some(&mut level.subscriber),
                    "PR" => Some(&mut level.payer),
                    _ => None,
                };
                put(place, party, &mut level.others);
            }
            Self::Patient(level) => {
                let place = (party.entity() == "QC").then_some(&mut level.patient);
                put(place, party, &mut level.others);
            }
        }
    }
}

impl Claim {
    fn has_place_for(&self, id: &[u8]) -> bool {
        match id {
            b"DTP" | b"DN2" | b"PWK" | b"K3" | b"NTE" | b"CRC" | b"HI" => true,
            b"CL1" => self.institutional.is_none(),
            b"DN1" => self.orthodontics.is_none(),
            b"CN1" => self.contract.is_none(),
            b"CR1" => self.ambulance.is_none(),
            b"CR2" => self.spinal_manipulation.is_none(),
            b"HCP" => self.pricing.is_none(),
            _ => false,
        }
    }

    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"DTP" => push(&mut self.dates, segment, problems),
            b"REF" => push(&mut self.references, segment, problems),
            b"HI" => push(&mut self.codes, segment, problems),
            b"AMT" => push(&mut self.amounts, segment, problems),
            b"NTE" => push(&mut self.notes, segment, problems),
            b"PWK" => push(&mut self.attachments, segment, problems),
            b"K3" => push(&mut self.file_information, segment, problems),
            b"CRC" => push(&mut self.conditions, segment, problems),
            b"DN2" => push(&mut self.tooth_status, segment, problems),
            b"CL1" => fill(&mut self.institutional, segment, problems),
            b"DN1" => fill(&mut self.orthodontics, segment, problems),
            b"CN1" => fill(&mut self.contract, segment, problems),
            b"CR1" => fill(&mut self.ambulance, segment, problems),
            b"CR2" => fill(&mut self.spinal_manipulation, segment, problems),
            b"HCP" => fill(&mut self.pricing, segment, problems),
            _ => false,
        }
    }
}

impl OtherSubscriber {
    fn has_place_for(&self, id: &[u8]) -> bool {
        match id {
            b"CAS" | b"AMT" => true,
            b"DMG" => self.demographics.is_none(),
            b"OI" => self.coverage.is_none(),
            b"MIA" => self.inpatient.is_none(),
            b"MOA" => self.outpatient.is_none(),
            _ => false,
        }
    }

    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"CAS" => push(&mut self.adjustments, segment, problems),
            b"AMT" => push(&mut self.amounts, segment, problems),
            b"DMG" => fill(&mut self.demographics, segment, problems),
            b"OI" => fill(&mut self.coverage, segment, problems),
            b"MIA" => fill(&mut self.inpatient, segment, problems),
            b"MOA" => fill(&mut self.outpatient, segment, problems),
            _ => false,
        }
    }
}

impl ServiceLine {
    fn has_place_for(&self, id: &[u8]) -> bool {
        match id {
            b"DTP" | b"REF" | b"AMT" | b"NTE" | b"TOO" | b"PWK" | b"CRC" | b"QTY" | b"MEA" | b"K3" | b"LIN"
            | b"SVD" | b"LQ" => true,
            b"SV1" | b"SV2" | b"SV3" => self.service.is_none(),
            b"SV5" => self.equipment.is_none(),
            b"CR1" => self.ambulance.is_none(),
            b"CR3" => self.equipment_certification.is_none(),
            b"CN1" => self.contract.is_none(),
            b"PS1" => self.purchased.is_none(),
            b"HCP" => self.pricing.is_none(),
            _ => false,
        }
    }

    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"SV1" => self.serve(Service::Professional, segment, problems),
            b"SV2" => self.serve(Service::Institutional, segment, problems),
            b"SV3" => self.serve(Service::Dental, segment, problems),
            b"DTP" => push(&mut self.dates, segment, problems),
            b"REF" => push(&mut self.references, segment, problems),
            b"AMT" => push(&mut self.amounts, segment, problems),
            b"NTE" => push(&mut self.notes, segment, problems),
            b"TOO" => push(&mut self.teeth, segment, problems),
            b"PWK" => push(&mut self.attachments, segment, problems),
            b"CRC" => push(&mut self.conditions, segment, problems),
            b"QTY" => push(&mut self.quantities, segment, problems),
            b"MEA" => push(&mut self.measurements, segment, problems),
            b"K3" => push(&mut self.file_information, segment, problems),
            b"SV5" => fill(&mut self.equipment, segment, problems),
            b"CR1" => fill(&mut self.ambulance, segment, problems),
            b"CR3" => fill(&mut self.equipment_certification, segment, problems),
            b"CN1" => fill(&mut self.contract, segment, problems),
            b"PS1" => fill(&mut self.purchased, segment, problems),
            b"HCP" => fill(&mut self.pricing, segment, problems),
            b"LIN" => {
                self.drugs.push(Drug { identification: read(segment, problems), ..Drug::default() });
                true
            }
            b"SVD" => {
                let decision = read(segment, problems);
                self.adjudications.push(LineAdjudication { decision, ..LineAdjudication::default() });
                true
            }
            b"LQ" => {
                self.forms.push(SupportingForm { form: read(segment, problems), ..SupportingForm::default() });
                true
            }
            _ => false,
        }
    }

    fn serve<T: Part>(&mut self, of: fn(T) -> Service, segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        let free = self.service.is_none();
        if free {
            self.service = Some(of(read(segment, problems)));
        }
        free
    }
}

impl Drug {
    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"CTP" => fill(&mut self.quantity, segment, problems),
            b"REF" => push(&mut self.references, segment, problems),
            _ => false,
        }
    }
}

impl LineAdjudication {
    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"CAS" => push(&mut self.adjustments, segment, problems),
            b"DTP" => push(&mut self.dates, segment, problems),
            b"AMT" => push(&mut self.amounts, segment, problems),
            _ => false,
        }
    }
}

impl SupportingForm {
    fn take(&mut self, id: &[u8], segment: &Segment<'_>, problems: &mut Vec<ReadProblem>) -> bool {
        match id {
            b"FRM" => push(&mut self.answers, segment, problems),
            _ => false,
        }
    }
}
