//! From a report and the claims it is about to 277CA.

mod digest;
mod reason;

use chrono::NaiveDate;
use mentalspace_core::Money;

use super::code::copy;
use super::implementation::Answers;
use super::{AcknowledgeError, Reply};
use crate::transaction::claim_acknowledgement::{
    AcknowledgedProvider, AcknowledgingSource, BatchSender, ClaimAcknowledgement,
};
use crate::transaction::claim_status::{Status, StatusClaim, StatusCode, StatusLine, StatusPatient};
use crate::transaction::part::{
    Amount, Count, DateOrPeriod, Field, Header, Name, Period, Quantity, Reference, Text, Trace,
};
use crate::validate::{Finding, Report, SegmentId, Severity, Verdict};
use crate::x12::Segment;

use digest::{Batch, Claim, Line};

/// What we are to the sender of the claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponderKind {
    /// PR: accepted claims go into adjudication (A2).
    Payer,
    /// AY: accepted claims are received and go on to the payer (A1).
    Clearinghouse,
}

/// Who answers claims.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Responder {
    /// What we are.
    pub kind: ResponderKind,
    /// Our name, 1 to 60 characters.
    pub name: String,
    /// What our number is: 46, FI or PI.
    pub id_qualifier: String,
    /// Our number, 2 to 80 characters.
    pub id: String,
    /// Our number of the answer, 1 to 30 characters; a further set gets a number behind it.
    pub reference: String,
    /// The day the file came.
    pub received: NaiveDate,
}

impl Responder {
    /// A payer with its own number.
    #[must_use]
    pub fn payer(name: &str, id: &str, reference: &str, received: NaiveDate) -> Self {
        let text = str::to_owned;
        let (kind, id_qualifier) = (ResponderKind::Payer, text("PI"));
        Self { kind, name: text(name), id_qualifier, id: text(id), reference: text(reference), received }
    }

    /// A clearinghouse with its number as a submitter.
    #[must_use]
    pub fn clearinghouse(name: &str, id: &str, reference: &str, received: NaiveDate) -> Self {
        let (kind, id_qualifier) = (ResponderKind::Clearinghouse, "46".to_owned());
        Self { kind, id_qualifier, ..Self::payer(name, id, reference, received) }
    }

    const fn entity(&self) -> &'static str {
        match self.kind {
            ResponderKind::Payer => "PR",
            ResponderKind::Clearinghouse => "AY",
        }
    }
}

/// The answer to the claims of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimAnswer {
    /// The set in [`Report::sets`].
    pub set: usize,
    /// The answer.
    pub acknowledgement: ClaimAcknowledgement,
}

/// Answers claims: fed with all segments of the file that the report is about, in order.
///
/// Each claim of an 837 whose set the 999 does not reject is accepted or rejected by what was found in it and in the
/// levels above it: the header of the set, its billing provider, its subscriber. Of a claim only what the answer says
/// is held, some hundred bytes. A set without claims is not answered.
#[derive(Debug)]
pub struct ClaimAcknowledger<'r> {
    report: &'r Report,
    responder: &'r Responder,
    reply: &'r Reply,
    /// Errors by set, in the order of their places.
    errors: Vec<std::vec::IntoIter<&'r Finding>>,
    /// Whether a set is answered.
    answered: Vec<bool>,
    /// The set that is read next.
    next: usize,
    batch: Option<Batch>,
    /// The error that waits for its segment.
    waiting: Option<&'r Finding>,
    answers: Vec<ClaimAnswer>,
}

impl<'r> ClaimAcknowledger<'r> {
    /// Begins before the first segment.
    ///
    /// # Errors
    /// The report does not hold all that was found.
    pub fn new(report: &'r Report, responder: &'r Responder, reply: &'r Reply) -> Result<Self, AcknowledgeError> {
        if report.omitted > 0 {
            return Err(AcknowledgeError::Incomplete { omitted: report.omitted });
        }
        let mut errors = vec![Vec::new(); report.sets.len()];
        for finding in report.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            if let Some(list) = finding.set.and_then(|set| errors.get_mut(set)) {
                list.push(finding);
            }
        }
        errors.iter_mut().for_each(|list| list.sort_by_key(|finding| finding.position.in_set));
        let answers = Answers::new(report, None, reply);
        let is_answered = |(index, set): (usize, &crate::validate::SetReport)| {
            set.header.code == "837" && answers.verdict(index) != Verdict::Rejected
        };
        Ok(Self {
            report,
            responder,
            reply,
            answered: report.sets.iter().enumerate().map(is_answered).collect(),
            errors: errors.into_iter().map(Vec::into_iter).collect(),
            next: 0,
            batch: None,
            waiting: None,
            answers: Vec::new(),
        })
    }

    /// Takes the next segment of the file.
    pub fn feed(&mut self, segment: &Segment<'_>) {
        match segment.id() {
            b"ST" => {
                self.leave();
                if self.answered.get(self.next) == Some(&true) {
                    let guide = self.report.sets.get(self.next).map_or("", |set| &set.header.guide);
                    self.batch = Some(Batch::new(guide));
                }
                self.next += 1;
            }
            b"SE" | b"GE" | b"IEA" | b"GS" | b"ISA" => self.leave(),
            _ => {
                self.errors_before(segment.position().in_set, SegmentId::of(segment));
                if let Some(batch) = &mut self.batch {
                    batch.take(segment);
                }
            }
        }
    }

    /// Returns the answers.
    #[must_use]
    pub fn finish(mut self) -> Vec<ClaimAnswer> {
        self.leave();
        self.answers
    }

    /// Hands over the errors of segments before the one at `in_set`. What is missing was noticed at the segment behind
    /// the gap, and still belongs to what stands before it.
    fn errors_before(&mut self, in_set: u32, id: SegmentId) {
        let Some(batch) = &mut self.batch else { return };
        let Some(errors) = self.errors.get_mut(self.next - 1) else { return };
        while let Some(error) = self.waiting.take().or_else(|| errors.next()) {
            let place = error.position.in_set;
            if place > in_set || (place == in_set && error.segment == id) {
                self.waiting = Some(error);
                return;
            }
            batch.blame(error);
        }
    }

    fn leave(&mut self) {
        self.errors_before(u32::MAX, SegmentId::default());
        self.waiting = None;
        let Some(mut batch) = self.batch.take() else { return };
        batch.leave_claim();
        batch.providers.retain(|provider| !provider.patients.is_empty());
        if batch.providers.is_empty() {
            return;
        }
        let set = self.next - 1;
        let acknowledgement = self.answer(&batch);
        self.answers.push(ClaimAnswer { set, acknowledgement });
    }

    fn answer(&self, batch: &Batch) -> ClaimAcknowledgement {
        let mut total = Totals::default();
        let mut providers = Vec::new();
        for provider in &batch.providers {
            let mut own = Totals::default();
            let mut patients = Vec::new();
            for patient in &provider.patients {
                let claims = patient.claims.iter().map(|claim| {
                    own.add(claim);
                    self.claim(claim)
                });
                patients.push(StatusPatient {
                    claims: claims.collect(),
                    names: vec![self.name("QC", &patient.name, &["MI", "II"])],
                    ..StatusPatient::default()
                });
            }
            total.merge(&own);
            providers.push(AcknowledgedProvider {
                names: vec![self.name("85", &provider.name, &["XX", "FI"])],
                quantities: own.quantities("QA", "QC"),
                amounts: own.amounts(),
                // The totals stand behind a trace; 0 says that there is no number of ours.
                traces: vec![Trace { kind: "1".into(), number: "0".into(), ..Trace::default() }],
                statuses: vec![Status { date: Text::EMPTY, ..self.received(own.accepted.1 + own.rejected.1) }],
                patients,
                ..AcknowledgedProvider::default()
            });
        }
        let receiver = BatchSender {
            names: vec![self.name("41", &batch.submitter, &["46"])],
            traces: vec![Trace { kind: "2".into(), number: self.number(&batch.reference, 50), ..Trace::default() }],
            statuses: vec![self.received(total.accepted.1 + total.rejected.1)],
            quantities: total.quantities("90", "AA"),
            amounts: total.amounts(),
            providers,
            ..BatchSender::default()
        };
        let reference = self.reference();
        let source = AcknowledgingSource {
            names: vec![self.source()],
            traces: vec![Trace { kind: "1".into(), number: reference.clone(), ..Trace::default() }],
            dates: vec![
                DateOrPeriod::day("050", self.responder.received),
                DateOrPeriod::day("009", self.reply.at.date()),
            ],
            receivers: vec![receiver],
            ..AcknowledgingSource::default()
        };
        ClaimAcknowledgement { header: self.header(reference), kept: Vec::new(), sources: vec![source] }
    }

    fn header(&self, reference: Text) -> Header {
        Header {
            structure: "0085".into(),
            purpose: "08".into(),
            reference,
            date: self.reply.at.format("%Y%m%d").to_string().into(),
            time: self.reply.at.format("%H%M").to_string().into(),
            kind: "TH".into(),
            ..Header::default()
        }
    }

    /// Our number of the answer: as it was given, and with a count from the second set on.
    fn reference(&self) -> Text {
        let own = &self.responder.reference;
        match self.answers.len() {
            0 => self.number(own, 30),
            more => {
                let count = format!("-{}", more + 1);
                format!("{}{count}", &*self.number(own, 30 - count.len())).into()
            }
        }
    }

    fn source(&self) -> Name {
        let responder = self.responder;
        Name::organization(responder.entity(), &self.text(&responder.name, 60))
            .with_id(&self.text(&responder.id_qualifier, 2), &self.text(&responder.id, 80))
    }

    fn received(&self, charge: Money) -> Status {
        let code = status_code("A1", "19", self.responder.entity());
        self.status(code, "WQ", charge)
    }

    fn status(&self, code: StatusCode, action: &str, charge: Money) -> Status {
        Status {
            code,
            date: self.reply.at.format("%Y%m%d").to_string().into(),
            action: action.into(),
            charge: charge.into(),
            ..Status::default()
        }
    }

    fn claim(&self, claim: &Claim) -> StatusClaim {
        let charge = claim.charge.unwrap_or(Money::ZERO);
        let statuses = if claim.reasons.is_empty() {
            let code = match self.responder.kind {
                ResponderKind::Payer => status_code("A2", "20", ""),
                ResponderKind::Clearinghouse => status_code("A1", "19", "40"),
            };
            vec![self.status(code, "WQ", charge)]
        } else {
            claim.reasons.iter().map(|reason| self.status(reason.clone(), "U", charge)).collect()
        };
        let mut references = Vec::new();
        let mut refer = |qualifier: &str, value: &Text| {
            if !value.is_empty() {
                references.push(Reference::new(qualifier, self.text(value, 50)));
            }
        };
        refer("D9", &claim.clearinghouse_number);
        refer("BLT", &claim.bill_type);
        let days = claim.days().unwrap_or(Period { from: self.responder.received, to: self.responder.received });
        StatusClaim {
            traces: vec![Trace { kind: "2".into(), number: self.number(&claim.number, 50), ..Trace::default() }],
            statuses,
            references,
            dates: vec![service_date(days)],
            lines: claim.lines.iter().map(|line| self.line(line)).collect(),
            ..StatusClaim::default()
        }
    }

    fn line(&self, line: &Line) -> StatusLine {
        // One status with up to three codes: whether there may be several is understood differently.
        let code = |n: usize| line.reasons.get(n).cloned().unwrap_or_default();
        let date = self.reply.at.format("%Y%m%d").to_string().into();
        let (code, code_2, code_3) = (code(0), code(1), code(2));
        let status = Status { code, date, action: "U".into(), code_2, code_3, ..Status::default() };
        StatusLine {
            service: line.service(&self.reply.delimiters),
            statuses: vec![status],
            references: vec![Reference::new("FJ", self.number(&line.number, 50))],
            dates: line.days.map(service_date).into_iter().collect(),
            ..StatusLine::default()
        }
    }

    /// Names somebody within the lengths of the guide; what is missing is told as unknown, for it may be the error.
    fn name(&self, entity: &str, name: &Name, qualifiers: &[&str]) -> Name {
        let known = |text: Text, min: usize| if text.len() < min { Text::from("UNKNOWN") } else { text };
        let is_person = entity == "QC" || name.kind == "1";
        let person = |text: &Text, max| if is_person { self.text(text, max) } else { Text::EMPTY };
        let qualifier = qualifiers.iter().find(|q| name.id_qualifier == **q).or(qualifiers.first()).copied();
        Name {
            entity: entity.into(),
            kind: if is_person { "1".into() } else { "2".into() },
            last: known(self.text(&name.last, 60), 1),
            first: person(&name.first, 35),
            middle: person(&name.middle, 25),
            suffix: if entity == "41" { Text::EMPTY } else { person(&name.suffix, 10) },
            id_qualifier: qualifier.unwrap_or_default().into(),
            id: known(self.text(&name.id, 80), 2),
            ..Name::default()
        }
    }

    fn text(&self, text: &str, max: usize) -> Text {
        copy(text, max, &self.reply.delimiters)
    }

    /// A number; 0 where there is none, since the guide asks for one.
    fn number(&self, text: &str, max: usize) -> Text {
        let text = self.text(text, max);
        if text.is_empty() { "0".into() } else { text }
    }
}

fn status_code(category: &str, code: &str, entity: &str) -> StatusCode {
    StatusCode { category: category.into(), code: code.into(), entity: entity.into(), ..StatusCode::default() }
}

fn service_date(days: Period) -> DateOrPeriod {
    if days.from == days.to {
        DateOrPeriod::day("472", days.from)
    } else {
        DateOrPeriod::days("472", days.from, days.to)
    }
}

/// Number and charges of accepted and rejected claims.
#[derive(Debug, Default)]
struct Totals {
    accepted: (u32, Money),
    rejected: (u32, Money),
}

impl Totals {
    fn add(&mut self, claim: &Claim) {
        let side = if claim.reasons.is_empty() { &mut self.accepted } else { &mut self.rejected };
        side.0 += 1;
        side.1 += claim.charge.unwrap_or(Money::ZERO);
    }

    fn merge(&mut self, other: &Self) {
        for (own, other) in [(&mut self.accepted, other.accepted), (&mut self.rejected, other.rejected)] {
            own.0 += other.0;
            own.1 += other.1;
        }
    }

    fn sides<'t>(&self, accepted: &'t str, rejected: &'t str) -> impl Iterator<Item = (&'t str, (u32, Money))> {
        [(accepted, self.accepted), (rejected, self.rejected)].into_iter().filter(|(_, (count, _))| *count > 0)
    }

    fn quantities(&self, accepted: &str, rejected: &str) -> Vec<Quantity> {
        let quantity = |(qualifier, (count, _)): (&str, (u32, Money))| Quantity {
            qualifier: qualifier.into(),
            count: Field::from(Count::from(count)),
            ..Quantity::default()
        };
        self.sides(accepted, rejected).map(quantity).collect()
    }

    fn amounts(&self) -> Vec<Amount> {
        self.sides("YU", "YY").map(|(qualifier, (_, amount))| Amount::new(qualifier, amount)).collect()
    }
}
