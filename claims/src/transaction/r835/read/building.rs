//! The payment in progress: which loop a segment belongs to.

use std::collections::VecDeque;
use std::fmt::Write as _;

use mentalspace_core::{Money, Phi};
use sha2::{Digest, Sha256};

use super::{Ending, Event};
use crate::claim::AdjustmentGroup;
use crate::transaction::part::{
    Count, DateTimeReference, Element, FieldValue, Kept, List, Part, ReadProblem, Reference, Text, Whole, element, push,
};
use crate::transaction::r835::model::{
    ClaimPayment, ProviderAdjustment, ReasonedAmount, RemitParty, Remittance, ServicePayment, Unreadable,
};
use crate::transaction::r835::summary::ClaimGroup;
use crate::x12::{Elements, Envelope, EnvelopeFinding, Segment};

/// The loop a segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Header,
    Payer,
    Payee,
    Group,
    Claim,
    Line,
    Summary,
}

/// Problems kept of one remittance; one is enough to refuse it.
const MAX_PROBLEMS: usize = 100;
/// Bytes gathered before they are digested: a digest of many small pieces is slow.
const DIGESTED_AT_ONCE: usize = 4096;

#[derive(Debug)]
pub(super) struct Building {
    /// What stands before the claims, until the first of them.
    head: Option<Box<Remittance>>,
    has_payment: bool,
    /// Whether payer and payee were named.
    named: [bool; 2],
    /// Header numbers whose first claim is still to come.
    groups: List<ClaimGroup>,
    claim: Option<Box<ClaimPayment>>,
    ending: Box<Ending>,
    hash: Sha256,
    undigested: Vec<u8>,
    scope: Scope,
    /// Id of the last segment that the innermost loop took.
    last: Text,
}

impl Building {
    pub(super) fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let mut head = Box::new(Remittance::new(st.position()));
        head.interchange_control = envelope.interchange().map(|i| i.control.clone());
        head.group_control = envelope.group().map(|g| g.control.clone());
        head.set_control = envelope.set().map(|s| s.control.clone()).unwrap_or_default();
        head.guide = envelope.set().map(|s| s.guide.clone()).unwrap_or_default();
        let mut building = Self {
            head: Some(head),
            has_payment: false,
            named: [false; 2],
            groups: List::new(),
            claim: None,
            ending: Box::default(),
            hash: Sha256::new(),
            undigested: Vec::with_capacity(2 * DIGESTED_AT_ONCE),
            scope: Scope::Header,
            last: Text::from("ST"),
        };
        building.digest(st);
        building
    }

    pub(super) fn digest(&mut self, segment: &Segment<'_>) {
        self.undigested.extend_from_slice(segment.bytes());
        self.undigested.push(segment.delimiters().terminator);
        if self.undigested.len() >= DIGESTED_AT_ONCE {
            self.hash.update(&self.undigested);
            self.undigested.clear();
        }
    }

    pub(super) fn end(mut self, findings: &[EnvelopeFinding], ready: &mut VecDeque<Event>) {
        self.flush(ready);
        self.hash.update(&self.undigested);
        for byte in self.hash.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(self.ending.sha256, "{byte:02x}");
        }
        self.ending.groups = self.groups;
        self.ending.envelope_findings = findings.to_vec();
        ready.push_back(Event::End(self.ending));
    }

    /// Makes known what is complete.
    fn flush(&mut self, ready: &mut VecDeque<Event>) {
        ready.extend(self.head.take().map(Event::Begin));
        ready.extend(self.claim.take().map(Event::Claim));
    }

    pub(super) fn take(&mut self, id: &[u8], segment: &Segment<'_>, ready: &mut VecDeque<Event>) {
        match id {
            b"CLP" => {
                self.flush(ready);
                self.claim(segment);
            }
            b"LX" => {
                self.flush(ready);
                self.groups.push(ClaimGroup { number: Part::read(segment), ..ClaimGroup::default() });
                self.scope = Scope::Group;
            }
            b"PLB" => {
                self.flush(ready);
                self.scope = Scope::Summary;
                if !self.provider_adjustment(segment) {
                    return self.keep(segment);
                }
            }
            _ if element::is_bare(segment) => return,
            _ => {
                let taken = match self.scope {
                    Scope::Line => self.line_takes(id, segment),
                    Scope::Claim => self.claim_takes(id, segment),
                    Scope::Header | Scope::Payer | Scope::Payee => self.head_takes(id, segment),
                    Scope::Group => self.group_takes(id, segment),
                    Scope::Summary => false,
                };
                if !taken {
                    return self.unclaimed(id, segment);
                }
            }
        }
        self.last = Text::of(id);
    }

    /// A segment that the innermost loop does not know: one of the claim's among its lines, or to be kept.
    fn unclaimed(&mut self, id: &[u8], segment: &Segment<'_>) {
        let belongs_to_claim = self.scope == Scope::Line && !matches!(id, b"SVC" | b"CAS");
        if belongs_to_claim && self.claim_takes(id, segment) {
            return;
        }
        let in_claim = matches!(self.scope, Scope::Claim | Scope::Line);
        if !in_claim && matches!(id, b"SVC" | b"CAS") {
            self.problem(segment, 0, "stands outside of a claim");
        }
        self.keep(segment);
    }

    /// Everything before the claims.
    fn head_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let Some(head) = &mut self.head else { return false };
        let party = match self.scope {
            Scope::Payer => Some(&mut head.payer),
            Scope::Payee => Some(&mut head.payee),
            _ => None,
        };
        if party.is_some_and(|party| party.take(id, segment)) {
            return true;
        }
        match id {
            b"BPR" if !self.has_payment => self.payment(segment),
            b"BPR" => {
                self.problem(segment, 0, "stands twice");
                return false;
            }
            b"TRN" if head.trace.is_none() => head.trace = Some(Part::read(segment)),
            b"DTM" => head.dates.push(Part::read(segment)),
            b"REF" => head.references.push(Part::read(segment)),
            b"N1" => {
                let [payer, payee] = &mut self.named;
                let (place, named, scope) = match segment.element(1).trim_ascii() {
                    b"PR" => (&mut head.payer, payer, Scope::Payer),
                    b"PE" => (&mut head.payee, payee, Scope::Payee),
                    _ => return false,
                };
                // A second one stands with the first.
                (self.scope, self.last) = (scope, Text::from("N1"));
                if std::mem::replace(named, true) {
                    return false;
                }
                *place = RemitParty::read(segment);
                return true;
            }
            _ => return false,
        }
        self.scope = Scope::Header;
        true
    }

    fn payment(&mut self, segment: &Segment<'_>) {
        self.has_payment = true;
        let Some(head) = &mut self.head else { return };
        let mut elements = segment.elements();
        let mut next = || elements.next().unwrap_or_default();
        head.handling = Text::of(next());
        let amount = next();
        head.credit_debit = (&*Text::of(next())).into();
        head.method = (&*Text::of(next())).into();
        for _ in 5..16 {
            head.transfer.push(Whole::read(segment, next()));
        }
        element::cut(&mut head.transfer, Element::is_absent);
        let date = next();
        head.date = FieldValue::parse(date);
        // A check's date is wanted, yet a file without it is complete in money.
        if head.date.is_none() && !date.trim_ascii().is_empty() {
            head.unreadable.push(Unreadable { element: 16, text: Text::of(date) });
        }
        head.further_transfer = element::rest(segment, elements);
        let (money, unreadable) = money(amount, 2);
        head.amount = money;
        if let Some(unreadable) = unreadable {
            head.unreadable.push(unreadable);
            self.problem(segment, 2, "is not an amount of money");
        }
    }

    fn group_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let Some(group) = self.groups.last_mut() else { return false };
        match id {
            b"TS3" if group.provider.is_none() => group.provider = Some(Box::new(Part::read(segment))),
            b"TS2" if group.supplement.is_none() => group.supplement = Some(Box::new(Part::read(segment))),
            _ => return false,
        }
        true
    }

    fn claim(&mut self, segment: &Segment<'_>) {
        let mut elements = segment.elements();
        let mut next = || elements.next().unwrap_or_default();
        let mut claim = ClaimPayment::new(Text::of(next()), (&*Text::of(next())).into());
        let mut amounts = [money(next(), 3), money(next(), 4)];
        let responsibility = next();
        claim.position = segment.position();
        claim.groups = std::mem::take(&mut self.groups);
        claim.filing_indicator = (&*Text::of(next())).into();
        claim.payer_control_number = Phi::new(Text::of(next()));
        claim.facility_type = Text::of(next());
        claim.frequency = Text::of(next());
        claim.more = element::rest(segment, elements);
        (claim.charge, claim.paid) = (amounts[0].0, amounts[1].0);
        claim.unreadable.extend(amounts.iter_mut().filter_map(|(_, unreadable)| unreadable.take()));
        if !responsibility.trim_ascii().is_empty() {
            let (amount, unreadable) = money(responsibility, 5);
            claim.patient_responsibility = unreadable.is_none().then_some(amount);
            claim.unreadable.extend(unreadable);
        }
        for unreadable in &claim.unreadable {
            self.problem(segment, unreadable.element, "is not an amount of money");
        }
        self.claim = Some(Box::new(claim));
        self.scope = Scope::Claim;
    }

    fn claim_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        let Some(claim) = &mut self.claim else { return false };
        match id {
            b"SVC" => {
                self.line(segment);
                return true;
            }
            b"CAS" => return self.adjust(segment),
            b"NM1" => push(&mut claim.names, Part::read(segment)),
            b"REF" => push(&mut claim.references, Part::read(segment)),
            b"DTM" => push(&mut claim.dates, Part::read(segment)),
            b"AMT" => push(&mut claim.amounts, Part::read(segment)),
            b"QTY" => push(&mut claim.quantities, Part::read(segment)),
            b"PER" => push(&mut claim.contacts, Part::read(segment)),
            b"MOA" if claim.outpatient.is_none() => claim.outpatient = Some(Box::new(Part::read(segment))),
            b"MIA" if claim.inpatient.is_none() => claim.inpatient = Some(Box::new(Part::read(segment))),
            _ => return false,
        }
        true
    }

    fn line(&mut self, segment: &Segment<'_>) {
        let mut elements = segment.elements();
        let mut line = ServicePayment {
            position: segment.position(),
            procedure: element::next(segment, &mut elements),
            ..ServicePayment::default()
        };
        let mut next = || elements.next().unwrap_or_default();
        let amounts = [money(next(), 2), money(next(), 3)];
        line.revenue_code = Text::of(next());
        let units = count(next(), 5);
        let billed = next();
        line.billed_procedure = Element::read(segment, billed);
        let billed_units = count(next(), 7);
        line.more = element::rest(segment, elements);
        (line.charge, line.paid) = (amounts[0].0, amounts[1].0);
        (line.units, line.billed_units) = (units.0, billed_units.0);
        line.unreadable.extend(amounts.into_iter().filter_map(|(_, unreadable)| unreadable));
        for unreadable in &line.unreadable {
            self.problem(segment, unreadable.element, "is not an amount of money");
        }
        for unreadable in [units.1, billed_units.1].into_iter().flatten() {
            self.problem(segment, unreadable.element, "is not a number");
            line.unreadable.push(unreadable);
        }
        if let Some(claim) = &mut self.claim {
            push(&mut claim.lines, line);
        }
        self.scope = Scope::Line;
    }

    fn line_takes(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        match id {
            b"SVC" => {
                self.line(segment);
                return true;
            }
            b"CAS" => return self.adjust(segment),
            _ => {}
        }
        let Some(line) = self.claim.as_mut().and_then(|claim| claim.lines.last_mut()) else { return false };
        match id {
            b"DTM" => push(&mut line.dates, DateTimeReference::read(segment)),
            b"REF" => {
                let reference = Reference::read(segment);
                let plain = reference.description.is_empty() && reference.further.is_absent();
                if line.control_number.is_none()
                    && reference.qualifier == "6R"
                    && !reference.value.is_empty()
                    && plain
                    && reference.more.is_empty()
                {
                    line.control_number = Some(reference.value);
                } else {
                    push(&mut line.references, reference);
                }
            }
            b"AMT" => push(&mut line.amounts, Part::read(segment)),
            b"QTY" => push(&mut line.quantities, Part::read(segment)),
            b"LQ" => push(&mut line.remarks, Part::read(segment)),
            _ => return false,
        }
        true
    }

    /// CAS of the claim or its last line; one that cannot be read is kept whole.
    fn adjust(&mut self, segment: &Segment<'_>) -> bool {
        let mut elements = segment.elements();
        let group = AdjustmentGroup::from(&*Text::of(elements.next().unwrap_or_default()));
        let in_line = self.scope == Scope::Line;
        let Some(claim) = &mut self.claim else { return false };
        let list = match claim.lines.last_mut() {
            Some(line) if in_line => &mut line.adjustments,
            _ => &mut claim.adjustments,
        };
        let before = list.len();
        let problem = triplets(segment, &group, elements, list);
        // One without reasons says nothing that could be written from them.
        let Some((element, rule)) = problem else { return list.len() > before };
        list.truncate(before);
        self.problem(segment, element, rule);
        false
    }

    /// PLB; one that cannot be read is kept whole.
    fn provider_adjustment(&mut self, segment: &Segment<'_>) -> bool {
        let mut elements = segment.elements();
        let provider = Text::of(elements.next().unwrap_or_default());
        let fiscal_period = element::next(segment, &mut elements);
        let (before, mut number) = (self.ending.provider_adjustments.len(), 3_u8);
        while let Some(identifier) = elements.next() {
            let amount = elements.next().unwrap_or_default();
            let at = number;
            number = number.saturating_add(2);
            if identifier.is_empty() && amount.is_empty() {
                continue;
            }
            let Ok(amount) = Money::parse_bytes(element::simple(segment, amount).trim_ascii()) else {
                self.ending.provider_adjustments.truncate(before);
                self.problem(segment, at.saturating_add(1), "is not an amount of money");
                return false;
            };
            let mut components = segment.components(identifier);
            let mut next = || Text::of(components.next().unwrap_or_default());
            let (reason, reference) = (next(), Phi::new(next()));
            self.ending.provider_adjustments.push(ProviderAdjustment {
                position: segment.position(),
                provider: provider.clone(),
                fiscal_period: Clone::clone(&fiscal_period),
                reason,
                reference,
                more: element::texts(components),
                amount,
            });
        }
        // One without pairs says nothing that could be written from them.
        self.ending.provider_adjustments.len() > before
    }

    fn keep(&mut self, segment: &Segment<'_>) {
        let singles: &[&str] = match self.scope {
            Scope::Header => &["BPR", "TRN"],
            Scope::Payer | Scope::Payee => &["N1", "N4"],
            Scope::Group => &["TS2", "TS3"],
            Scope::Claim => &["MIA", "MOA"],
            Scope::Line | Scope::Summary => &[],
        };
        let kept = Kept::beside(segment, &self.last, singles);
        let place = match (self.scope, &mut self.head, &mut self.claim) {
            (Scope::Header, Some(head), _) => &mut head.kept,
            (Scope::Payer, Some(head), _) => &mut head.payer.kept,
            (Scope::Payee, Some(head), _) => &mut head.payee.kept,
            (Scope::Claim, _, Some(claim)) => &mut claim.kept,
            (Scope::Line, _, Some(claim)) => match claim.lines.last_mut() {
                Some(line) => &mut line.kept,
                None => &mut claim.kept,
            },
            (Scope::Group, ..) => match self.groups.last_mut() {
                Some(group) => &mut group.kept,
                None => &mut self.ending.kept,
            },
            // Behind the claims the order says it all.
            _ => return self.ending.kept.push(Kept { after: Text::EMPTY, ..kept }),
        };
        place.push(kept);
    }

    fn problem(&mut self, segment: &Segment<'_>, element: u8, rule: &'static str) {
        if self.ending.problems.len() < MAX_PROBLEMS {
            self.ending.problems.push(ReadProblem::new(segment, element, rule));
        }
    }
}

impl RemitParty {
    fn read(n1: &Segment<'_>) -> Self {
        let mut elements = n1.elements().skip(1);
        let mut next = || Text::of(elements.next().unwrap_or_default());
        let (name, id_qualifier, id) = (next(), next(), next());
        let mut more: List<Whole> = elements.map(|element| Whole::read(n1, element)).collect();
        element::cut(&mut more, Element::is_absent);
        Self { name, id_qualifier, id, more, ..Self::default() }
    }

    fn take(&mut self, id: &[u8], segment: &Segment<'_>) -> bool {
        match id {
            b"N3" => push(&mut self.street, Part::read(segment)),
            b"N4" if self.city.is_none() => self.city = Some(Part::read(segment)),
            b"REF" => push(&mut self.references, Part::read(segment)),
            b"PER" => push(&mut self.contacts, Part::read(segment)),
            _ => return false,
        }
        true
    }
}

/// Reads the reasons of a CAS; what is wrong with one ends the reading.
fn triplets(
    segment: &Segment<'_>,
    group: &AdjustmentGroup,
    mut elements: Elements<'_>,
    list: &mut List<ReasonedAmount>,
) -> Option<(u8, &'static str)> {
    let mut at = 2_u8;
    while let Some(reason) = elements.next() {
        let mut next = || element::simple(segment, elements.next().unwrap_or_default());
        let (amount, quantity) = (next(), next());
        let place = at;
        at = at.saturating_add(3);
        if reason.is_empty() && amount.is_empty() && quantity.is_empty() {
            continue;
        }
        let reason = Text::of(reason);
        if reason.is_empty() {
            return Some((place, "an adjustment has no reason"));
        }
        let Ok(amount) = Money::parse_bytes(amount.trim_ascii()) else {
            return Some((place.saturating_add(1), "is not an amount of money"));
        };
        let (quantity, unreadable) = count(quantity, place);
        if unreadable.is_some() {
            return Some((place.saturating_add(2), "is not a number"));
        }
        push(list, ReasonedAmount { group: group.clone(), reason, amount, quantity });
    }
    None
}

#[inline]
fn money(bytes: &[u8], element: u8) -> (Money, Option<Unreadable>) {
    match Money::parse_bytes(bytes.trim_ascii()) {
        Ok(money) => (money, None),
        Err(_) => (Money::ZERO, Some(Unreadable { element, text: Text::of(bytes) })),
    }
}

#[inline]
fn count(bytes: &[u8], element: u8) -> (Option<Count>, Option<Unreadable>) {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return (None, None);
    }
    match Count::parse_bytes(bytes) {
        Ok(count) => (Some(count), None),
        Err(_) => (None, Some(Unreadable { element, text: Text::of(bytes) })),
    }
}
