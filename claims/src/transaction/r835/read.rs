//! From segments to remittances: one at a time, whatever the size of the file.

use std::fmt::Write as _;
use std::io::Read;

use chrono::NaiveDate;
use mentalspace_core::{Money, Phi};
use sha2::{Digest, Sha256};

use super::model::{
    ClaimPayment, Count, KeptSegment, Procedure, ProviderAdjustment, ReadProblem, ReasonedAmount, RemitName,
    RemitParty, Remittance, ServicePayment, Trace,
};
use crate::claim::AdjustmentGroup;
use crate::x12::{Envelope, Limits, Position, Segment, StreamReader, X12Error};

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

/// Reads remittances from any source, one at a time.
#[derive(Debug)]
pub struct Remittances<R> {
    reader: StreamReader<R>,
    envelope: Envelope,
    reported: usize,
    building: Option<Building>,
    done: bool,
}

impl<R: Read> Remittances<R> {
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
            done: false,
        }
    }

    /// Returns the envelope as far as the file was read; all of it after the last remittance.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    fn complete(&mut self) -> Option<Remittance> {
        let mut remittance = self.building.take()?.finish();
        let findings = self.envelope.findings();
        remittance.envelope_findings = findings.get(self.reported..).unwrap_or_default().to_vec();
        self.reported = findings.len();
        Some(remittance)
    }
}

impl<R: Read> Iterator for Remittances<R> {
    type Item = Result<Remittance, X12Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let segment = match self.reader.next_segment() {
                Ok(Some(segment)) => segment,
                Ok(None) => {
                    self.done = true;
                    self.envelope.finish();
                    break;
                }
                Err(error) => {
                    self.done = true;
                    self.building = None;
                    return Some(Err(error));
                }
            };
            self.envelope.feed(&segment);
            let id = segment.id();
            match id {
                b"ST" => {
                    let next =
                        (segment.element(1).trim_ascii() == b"835").then(|| Building::new(&self.envelope, &segment));
                    if self.building.is_some() {
                        let complete = self.complete();
                        self.building = next;
                        return complete.map(Ok);
                    }
                    self.building = next;
                }
                b"SE" | b"GE" | b"IEA" | b"GS" | b"ISA" => {
                    if let Some(building) = &mut self.building {
                        if id == b"SE" {
                            building.digest(&segment);
                        }
                        return self.complete().map(Ok);
                    }
                }
                _ => {
                    if let Some(building) = &mut self.building {
                        building.take(&segment);
                    }
                }
            }
        }
        self.complete().map(Ok)
    }
}

/// The loop a segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Header,
    Payer,
    Payee,
    Claim,
    Line,
    Summary,
}

#[derive(Debug)]
struct Building {
    remittance: Remittance,
    hash: Sha256,
    scope: Scope,
}

/// Problems kept of one remittance; one is enough to refuse it.
const MAX_PROBLEMS: usize = 100;

impl Building {
    fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let mut building = Self {
            remittance: Remittance {
                position: st.position(),
                interchange_control: envelope.interchange().map(|i| i.control.clone()),
                group_control: envelope.group().map(|g| g.control.clone()),
                set_control: envelope.set().map(|s| s.control.clone()).unwrap_or_default(),
                guide: envelope.set().map(|s| s.guide.clone()).unwrap_or_default(),
                sha256: String::new(),
                handling: String::new(),
                amount: Money::ZERO,
                credit_debit: "".into(),
                method: "".into(),
                date: None,
                trace: None,
                production_date: None,
                payer: RemitParty::default(),
                payee: RemitParty::default(),
                claims: Vec::new(),
                provider_adjustments: Vec::new(),
                kept: Vec::new(),
                problems: Vec::new(),
                envelope_findings: Vec::new(),
            },
            hash: Sha256::new(),
            scope: Scope::Header,
        };
        building.digest(st);
        building
    }

    fn digest(&mut self, segment: &Segment<'_>) {
        self.hash.update(segment.bytes());
        self.hash.update([segment.delimiters().terminator]);
    }

    fn finish(mut self) -> Remittance {
        for byte in self.hash.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(self.remittance.sha256, "{byte:02x}");
        }
        self.remittance
    }

    fn take(&mut self, segment: &Segment<'_>) {
        self.digest(segment);
        match segment.id() {
            b"BPR" => self.payment(segment),
            b"TRN" if self.scope == Scope::Header => {
                let trace = Trace { number: text(segment.element(2)), originator: text(segment.element(3)) };
                self.remittance.trace = Some(trace);
            }
            b"N1" => self.party(segment),
            b"CLP" => self.claim(segment),
            b"SVC" => self.line(segment),
            b"CAS" => self.adjustments(segment),
            b"NM1" if matches!(self.scope, Scope::Claim | Scope::Line) => self.name(segment),
            b"MIA" => self.remarks(segment, &[5, 20, 21, 22, 23]),
            b"MOA" => self.remarks(segment, &[3, 4, 5, 6, 7]),
            b"REF" => self.reference(segment),
            b"DTM" => self.date(segment),
            b"AMT" => self.amount(segment),
            b"QTY" => self.quantity(segment),
            b"LQ" => self.line_remark(segment),
            b"PLB" => self.provider_adjustment(segment),
            b"LX" => {
                self.scope = Scope::Header;
                self.keep(segment);
            }
            _ => self.keep(segment),
        }
    }

    fn payment(&mut self, segment: &Segment<'_>) {
        self.remittance.handling = text(segment.element(1));
        self.remittance.amount = self.money(segment, 2);
        self.remittance.credit_debit = text(segment.element(3)).into();
        self.remittance.method = text(segment.element(4)).into();
        // A check's date is wanted, yet a file without it is complete in money.
        self.remittance.date = day(segment.element(16));
    }

    fn party(&mut self, segment: &Segment<'_>) {
        let party = RemitParty {
            name: text(segment.element(2)),
            id_qualifier: text(segment.element(3)),
            id: text(segment.element(4)),
            references: Vec::new(),
        };
        match segment.element(1).trim_ascii() {
            b"PR" => (self.scope, self.remittance.payer) = (Scope::Payer, party),
            b"PE" => (self.scope, self.remittance.payee) = (Scope::Payee, party),
            _ => self.keep(segment),
        }
    }

    fn claim(&mut self, segment: &Segment<'_>) {
        let claim = ClaimPayment {
            position: segment.position(),
            control_number: text(segment.element(1)),
            status: text(segment.element(2)).into(),
            charge: self.money(segment, 3),
            paid: self.money(segment, 4),
            patient_responsibility: self.optional_money(segment, 5),
            filing_indicator: text(segment.element(6)).into(),
            payer_control_number: phi(segment.element(7)),
            facility_type: text(segment.element(8)),
            frequency: text(segment.element(9)),
            adjustments: Vec::new(),
            names: Vec::new(),
            remarks: Vec::new(),
            references: Vec::new(),
            dates: Vec::new(),
            amounts: Vec::new(),
            quantities: Vec::new(),
            lines: Vec::new(),
        };
        self.remittance.claims.push(claim);
        self.scope = Scope::Claim;
    }

    fn line(&mut self, segment: &Segment<'_>) {
        if !matches!(self.scope, Scope::Claim | Scope::Line) {
            return self.orphan(segment);
        }
        let billed = segment.element(6);
        let line = ServicePayment {
            position: segment.position(),
            procedure: procedure(segment, segment.element(1)),
            charge: self.money(segment, 2),
            paid: self.money(segment, 3),
            revenue_code: text(segment.element(4)),
            units: self.count(segment, 5),
            billed_procedure: (!billed.is_empty()).then(|| procedure(segment, billed)),
            billed_units: self.count(segment, 7),
            control_number: None,
            adjustments: Vec::new(),
            references: Vec::new(),
            dates: Vec::new(),
            amounts: Vec::new(),
            quantities: Vec::new(),
            remarks: Vec::new(),
        };
        self.scope = Scope::Line;
        if let Some(claim) = self.current_claim() {
            claim.lines.push(line);
        }
    }

    fn adjustments(&mut self, segment: &Segment<'_>) {
        let mut elements = segment.elements();
        let group = AdjustmentGroup::from(text(elements.next().unwrap_or_default()));
        let mut found = Vec::new();
        let mut number = 2_u8;
        while let Some(reason) = elements.next() {
            let (amount, quantity) = (elements.next().unwrap_or_default(), elements.next().unwrap_or_default());
            let (at, next) = (number, number.saturating_add(3));
            number = next;
            if reason.is_empty() && amount.is_empty() && quantity.is_empty() {
                continue;
            }
            if reason.trim_ascii().is_empty() {
                self.problem(segment, at, "an adjustment has no reason");
            }
            let amount = parse_money(amount);
            if amount.is_none() {
                self.problem(segment, at + 1, "is not an amount of money");
            }
            let quantity = match parse_count(quantity) {
                Ok(quantity) => quantity,
                Err(()) => {
                    self.problem(segment, at + 2, "is not a number");
                    None
                }
            };
            let (group, reason, amount) = (group.clone(), text(reason), amount.unwrap_or_default());
            found.push(ReasonedAmount { group, reason, amount, quantity });
        }
        match self.scope {
            Scope::Line => self.current_line().map(|line| line.adjustments.extend(found)),
            Scope::Claim => self.current_claim().map(|claim| claim.adjustments.extend(found)),
            Scope::Header | Scope::Payer | Scope::Payee | Scope::Summary => {
                self.orphan(segment);
                None
            }
        };
    }

    fn name(&mut self, segment: &Segment<'_>) {
        let name = RemitName {
            entity: text(segment.element(1)),
            last: phi(segment.element(3)),
            first: phi(segment.element(4)),
            middle: phi(segment.element(5)),
            id_qualifier: text(segment.element(8)),
            id: phi(segment.element(9)),
        };
        if let Some(claim) = self.current_claim() {
            claim.names.push(name);
        }
    }

    fn remarks(&mut self, segment: &Segment<'_>, elements: &[usize]) {
        let codes: Vec<String> = elements.iter().map(|n| text(segment.element(*n))).filter(|c| !c.is_empty()).collect();
        if let Some(claim) = self.current_claim() {
            claim.remarks.extend(codes);
        }
        // The amounts of the segment are kept with it.
        self.keep(segment);
    }

    fn reference(&mut self, segment: &Segment<'_>) {
        let pair = (text(segment.element(1)), phi(segment.element(2)));
        match self.scope {
            Scope::Payer => self.remittance.payer.references.push(pair),
            Scope::Payee => self.remittance.payee.references.push(pair),
            Scope::Claim => {
                if let Some(claim) = self.current_claim() {
                    claim.references.push(pair);
                }
            }
            Scope::Line => {
                if let Some(line) = self.current_line() {
                    if pair.0 == "6R" && line.control_number.is_none() {
                        line.control_number = Some(pair.1.into_exposed());
                    } else {
                        line.references.push(pair);
                    }
                }
            }
            Scope::Header | Scope::Summary => self.keep(segment),
        }
    }

    fn date(&mut self, segment: &Segment<'_>) {
        let qualifier = text(segment.element(1));
        let Some(day) = day(segment.element(2)) else { return self.keep(segment) };
        match self.scope {
            Scope::Claim => {
                if let Some(claim) = self.current_claim() {
                    claim.dates.push((qualifier, Phi::new(day)));
                }
            }
            Scope::Line => {
                if let Some(line) = self.current_line() {
                    line.dates.push((qualifier, Phi::new(day)));
                }
            }
            Scope::Header | Scope::Payer | Scope::Payee if qualifier == "405" => {
                self.remittance.production_date = Some(day);
            }
            Scope::Header | Scope::Payer | Scope::Payee | Scope::Summary => self.keep(segment),
        }
    }

    fn amount(&mut self, segment: &Segment<'_>) {
        let qualifier = text(segment.element(1));
        match (self.scope, parse_money(segment.element(2))) {
            (Scope::Claim, Some(amount)) => {
                if let Some(claim) = self.current_claim() {
                    claim.amounts.push((qualifier, amount));
                }
            }
            (Scope::Line, Some(amount)) => {
                if let Some(line) = self.current_line() {
                    line.amounts.push((qualifier, amount));
                }
            }
            _ => self.keep(segment),
        }
    }

    fn quantity(&mut self, segment: &Segment<'_>) {
        let qualifier = text(segment.element(1));
        match (self.scope, parse_count(segment.element(2))) {
            (Scope::Claim, Ok(Some(count))) => {
                if let Some(claim) = self.current_claim() {
                    claim.quantities.push((qualifier, count));
                }
            }
            (Scope::Line, Ok(Some(count))) => {
                if let Some(line) = self.current_line() {
                    line.quantities.push((qualifier, count));
                }
            }
            _ => self.keep(segment),
        }
    }

    fn line_remark(&mut self, segment: &Segment<'_>) {
        let remark = (text(segment.element(1)), text(segment.element(2)));
        match self.current_line() {
            Some(line) => line.remarks.push(remark),
            None => self.keep(segment),
        }
    }

    fn provider_adjustment(&mut self, segment: &Segment<'_>) {
        self.scope = Scope::Summary;
        let provider = text(segment.element(1));
        let fiscal_period = day(segment.element(2));
        let mut elements = segment.elements().skip(2);
        let mut number = 3_u8;
        while let Some(identifier) = elements.next() {
            let amount = elements.next().unwrap_or_default();
            let at = number;
            number = number.saturating_add(2);
            if identifier.is_empty() && amount.is_empty() {
                continue;
            }
            let parsed = parse_money(amount);
            if parsed.is_none() {
                self.problem(segment, at + 1, "is not an amount of money");
            }
            let mut components = segment.components(identifier);
            self.remittance.provider_adjustments.push(ProviderAdjustment {
                position: segment.position(),
                provider: provider.clone(),
                fiscal_period,
                reason: text(components.next().unwrap_or_default()),
                reference: phi(components.next().unwrap_or_default()),
                amount: parsed.unwrap_or_default(),
            });
        }
    }

    fn current_claim(&mut self) -> Option<&mut ClaimPayment> {
        self.remittance.claims.last_mut()
    }

    fn current_line(&mut self) -> Option<&mut ServicePayment> {
        if self.scope != Scope::Line {
            return None;
        }
        self.current_claim()?.lines.last_mut()
    }

    fn keep(&mut self, segment: &Segment<'_>) {
        let in_claim = matches!(self.scope, Scope::Claim | Scope::Line);
        self.remittance.kept.push(KeptSegment {
            position: segment.position(),
            claim: in_claim.then(|| self.remittance.claims.len().saturating_sub(1)),
            text: phi(segment.bytes()),
        });
    }

    fn orphan(&mut self, segment: &Segment<'_>) {
        self.problem(segment, 0, "stands outside of a claim");
        self.keep(segment);
    }

    fn money(&mut self, segment: &Segment<'_>, element: u8) -> Money {
        parse_money(segment.element(element.into())).unwrap_or_else(|| {
            self.problem(segment, element, "is not an amount of money");
            Money::ZERO
        })
    }

    fn optional_money(&mut self, segment: &Segment<'_>, element: u8) -> Option<Money> {
        let empty = segment.element(element.into()).trim_ascii().is_empty();
        (!empty).then(|| self.money(segment, element))
    }

    fn count(&mut self, segment: &Segment<'_>, element: u8) -> Option<Count> {
        parse_count(segment.element(element.into())).unwrap_or_else(|()| {
            self.problem(segment, element, "is not a number");
            None
        })
    }

    fn problem(&mut self, segment: &Segment<'_>, element: u8, rule: &'static str) {
        if self.remittance.problems.len() < MAX_PROBLEMS {
            let (position, id): (Position, _) = (segment.position(), text(segment.id()));
            self.remittance.problems.push(ReadProblem { position, segment: id, element, rule: rule.into() });
        }
    }
}

fn procedure<'a>(segment: &Segment<'a>, element: &'a [u8]) -> Procedure {
    // The component separator is that of the file; a procedure written with another one stays in one piece.
    let mut components = segment.components(element);
    Procedure {
        qualifier: text(components.next().unwrap_or_default()),
        code: text(components.next().unwrap_or_default()),
        modifiers: components.take(4).filter(|m| !m.is_empty()).map(text).collect(),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

fn phi(bytes: &[u8]) -> Phi<String> {
    Phi::new(text(bytes))
}

fn parse_money(bytes: &[u8]) -> Option<Money> {
    Money::parse_bytes(bytes.trim_ascii()).ok()
}

fn parse_count(bytes: &[u8]) -> Result<Option<Count>, ()> {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() { Ok(None) } else { Count::parse_bytes(bytes).map(Some).map_err(|_| ()) }
}

/// Reads CCYYMMDD.
fn day(bytes: &[u8]) -> Option<NaiveDate> {
    let digits = bytes.trim_ascii();
    if digits.len() != 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits[range].iter().fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'));
    NaiveDate::from_ymd_opt(i32::try_from(number(0..4)).ok()?, number(4..6), number(6..8))
}
