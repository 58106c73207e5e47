//! What an answer has to know of the claims of a set, gathered from its segments.

use mentalspace_core::Money;

use super::reason::reason;
use crate::acknowledge::code::copy;
use crate::transaction::claim_status::{Service, StatusCode};
use crate::transaction::part::{DateOrPeriod, Element as _, Name, Part as _, Period, Procedure, Text};
use crate::validate::Finding;
use crate::x12::{Delimiters, Segment};

/// The most reasons told of one claim or line.
const MAX_REASONS: usize = 10;

/// A set of claims.
#[derive(Debug)]
pub(super) struct Batch {
    /// The guide, which tells whose loops are whose.
    guide: Text,
    /// BHT03.
    pub(super) reference: Text,
    /// NM1*41.
    pub(super) submitter: Name,
    pub(super) providers: Vec<Provider>,
    /// What is wrong with the header, the provider, the subscriber and the patient that are open.
    blamed: [Vec<StatusCode>; 4],
    /// The level that is open, as a place in `blamed`.
    level: usize,
    /// NM1 of the subscriber and of the patient that are open.
    subscriber: Name,
    patient: Option<Name>,
    /// Whether the next claim is that of another patient.
    fresh: bool,
    claim: Option<Claim>,
    line: Option<Line>,
}

/// A billing provider.
#[derive(Debug, Default)]
pub(super) struct Provider {
    pub(super) name: Name,
    pub(super) patients: Vec<Patient>,
}

/// A patient with claims.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) name: Name,
    pub(super) claims: Vec<Claim>,
}

/// A claim.
#[derive(Debug, Default)]
pub(super) struct Claim {
    /// CLM01.
    pub(super) number: Text,
    /// CLM02, where it is an amount.
    pub(super) charge: Option<Money>,
    /// REF*D9.
    pub(super) clearinghouse_number: Text,
    /// Facility and frequency, of institutional claims.
    pub(super) bill_type: Text,
    /// Dates of the lines.
    services: Option<Period>,
    /// DTP*434.
    statement: Option<Period>,
    /// Why it is rejected.
    pub(super) reasons: Vec<StatusCode>,
    /// Lines that are wrong.
    pub(super) lines: Vec<Line>,
}

/// A service line.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// REF*6R, or LX01 without one.
    pub(super) number: Text,
    procedure: Procedure,
    revenue: Text,
    charge: Option<Money>,
    pub(super) days: Option<Period>,
    pub(super) reasons: Vec<StatusCode>,
}

impl Claim {
    pub(super) fn days(&self) -> Option<Period> {
        self.services.or(self.statement)
    }
}

impl Batch {
    pub(super) fn new(guide: &str) -> Self {
        Self {
            guide: guide.into(),
            reference: Text::EMPTY,
            submitter: Name::default(),
            providers: Vec::new(),
            blamed: Default::default(),
            level: 0,
            subscriber: Name::default(),
            patient: None,
            fresh: true,
            claim: None,
            line: None,
        }
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>) {
        match segment.id() {
            b"BHT" => self.reference = Text::of(segment.element(3)),
            b"HL" => self.level(segment.element(3).trim_ascii()),
            b"NM1" => self.name(segment),
            b"CLM" => self.claim(segment),
            b"LX" => {
                self.leave_line();
                self.line = Some(Line { number: Text::of(segment.element(1)), ..Line::default() });
            }
            _ if self.claim.is_some() => self.detail(segment),
            b"REF" if self.level == 1 => {
                // The tax number stands in for a missing NPI.
                let is_tax = matches!(segment.element(1), b"EI" | b"SY");
                if let Some(provider) = self.providers.last_mut().filter(|p| is_tax && p.name.id.is_empty()) {
                    provider.name.id_qualifier = "FI".into();
                    provider.name.id = Text::of(segment.element(2));
                }
            }
            _ => {}
        }
    }

    /// Rejects what is open for an error in it.
    pub(super) fn blame(&mut self, error: &Finding) {
        let code = reason(error, &self.guide);
        if let Some(line) = &mut self.line {
            add(&mut line.reasons, &code);
        }
        match &mut self.claim {
            Some(claim) => add(&mut claim.reasons, &code),
            None => add(&mut self.blamed[self.level], &code),
        }
    }

    pub(super) fn leave_claim(&mut self) {
        self.leave_line();
        let Some(mut claim) = self.claim.take() else { return };
        for code in self.blamed.iter().flatten() {
            add(&mut claim.reasons, code);
        }
        if self.providers.is_empty() {
            self.providers.push(Provider::default());
        }
        let Some(provider) = self.providers.last_mut() else { return };
        if self.fresh || provider.patients.is_empty() {
            self.fresh = false;
            let mut name = self.patient.clone().unwrap_or_else(|| self.subscriber.clone());
            if name.id.is_empty() {
                name.id = self.subscriber.id.clone();
            }
            provider.patients.push(Patient { name, claims: Vec::new() });
        }
        if let Some(patient) = provider.patients.last_mut() {
            patient.claims.push(claim);
        }
    }

    fn leave_line(&mut self) {
        let (Some(line), Some(claim)) = (self.line.take(), &mut self.claim) else { return };
        claim.services = match (claim.services, line.days) {
            (Some(own), Some(line)) => Some(Period { from: own.from.min(line.from), to: own.to.max(line.to) }),
            (own, line) => own.or(line),
        };
        if !line.reasons.is_empty() && line.is_tellable() {
            claim.lines.push(line);
        }
    }

    fn level(&mut self, code: &[u8]) {
        self.leave_claim();
        self.fresh = true;
        self.level = match code {
            b"20" => {
                self.providers.push(Provider::default());
                1
            }
            b"22" => {
                (self.subscriber, self.patient) = (Name::default(), None);
                2
            }
            b"23" => {
                self.patient = None;
                3
            }
            _ => return,
        };
        // What was wrong with a level holds for what is below it, and for no other one.
        self.blamed[self.level..].iter_mut().for_each(Vec::clear);
    }

    fn name(&mut self, segment: &Segment<'_>) {
        if self.claim.is_some() {
            return;
        }
        let name = Name::read(segment);
        match name.entity.as_str() {
            "41" => self.submitter = name,
            "85" => {
                if let Some(provider) = self.providers.last_mut() {
                    provider.name = name;
                }
            }
            "IL" => self.subscriber = name,
            "QC" => self.patient = Some(name),
            _ => {}
        }
    }

    fn claim(&mut self, segment: &Segment<'_>) {
        self.leave_claim();
        let facility = segment.component(5, 1);
        let frequency = segment.component(5, 3);
        let bill_type = if self.guide.contains("X223") { [facility, frequency].concat() } else { Vec::new() };
        self.claim = Some(Claim {
            number: Text::of(segment.element(1)),
            charge: amount(segment, 2),
            bill_type: Text::of(&bill_type),
            ..Claim::default()
        });
    }

    fn detail(&mut self, segment: &Segment<'_>) {
        let Some(claim) = &mut self.claim else { return };
        let is = |qualifier: &[u8]| segment.element(1) == qualifier;
        match (segment.id(), &mut self.line) {
            (b"DTP", None) if is(b"434") => claim.statement = DateOrPeriod::read(segment).period(),
            (b"DTP", Some(line)) if is(b"472") => line.days = DateOrPeriod::read(segment).period(),
            (b"REF", None) if is(b"D9") => claim.clearinghouse_number = Text::of(segment.element(2)),
            (b"REF", Some(line)) if is(b"6R") => line.number = Text::of(segment.element(2)),
            (b"SV1" | b"SV3", Some(line)) => {
                line.procedure = Procedure::read(segment, segment.element(1));
                line.charge = amount(segment, 2);
            }
            (b"SV2", Some(line)) => {
                line.revenue = Text::of(segment.element(1));
                line.procedure = Procedure::read(segment, segment.element(2));
                line.charge = amount(segment, 3);
            }
            _ => {}
        }
    }
}

impl Line {
    /// Whether the answer can name the line: its code may be what is wrong with it.
    fn is_tellable(&self) -> bool {
        let listed = matches!(&*self.procedure.qualifier, "AD" | "ER" | "HC" | "HP" | "IV" | "WK");
        let coded = listed && (1..=48).contains(&self.procedure.code.len());
        (coded || (1..=48).contains(&self.revenue.len())) && self.charge.is_some()
    }

    pub(super) fn service(&self, delimiters: &Delimiters) -> Service {
        let text = |text: &Text, max| copy(text, max, delimiters);
        let by_revenue = self.procedure.code.is_empty();
        let procedure = if by_revenue {
            Procedure { qualifier: "NU".into(), code: text(&self.revenue, 48), ..Procedure::default() }
        } else {
            // A modifier of another length would be an error of ours.
            let modifiers = self.procedure.modifiers.iter().filter(|m| m.len() == 2).map(|m| text(m, 2)).collect();
            let qualifier = text(&self.procedure.qualifier, 2);
            Procedure { qualifier, code: text(&self.procedure.code, 48), modifiers, ..Procedure::default() }
        };
        let revenue = if by_revenue { Text::EMPTY } else { text(&self.revenue, 48) };
        Service { procedure, charge: self.charge.into(), revenue, ..Service::default() }
    }
}

fn amount(segment: &Segment<'_>, element: usize) -> Option<Money> {
    Money::parse_bytes(segment.element(element).trim_ascii()).ok()
}

fn add(reasons: &mut Vec<StatusCode>, code: &StatusCode) {
    if reasons.len() < MAX_REASONS && !reasons.contains(code) {
        reasons.push(code.clone());
    }
}
