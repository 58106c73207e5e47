//! The dates of a claim: stay, statement and service, none after the transaction was made.

use chrono::NaiveDate;

use super::super::catalogue::declare;
use super::super::fields::{Fields, period};
use super::super::finding::{Findings, SegmentId};
use super::Form;
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    AFTER_CREATION = warning "date-after-creation" Situation Element("8");
        "something that happened before the claim is dated after it";
        "correct the date";
    DISCHARGE_FIRST = error "discharge-before-admission" Situation Element("8");
        "a discharge is dated before the admission";
        "correct the dates of the stay";
    ADMISSION = warning "admission-date-missing" Situation Segment("I6");
        "an inpatient service has no admission date";
        "send DTP 435";
    DISABILITY_RANGE = error "disability-range" Situation Element("I12");
        "a disability with both days is not sent as a range";
        "send DTP 314 with RD8";
    OUTSIDE_STATEMENT = warning "service-outside-statement" Situation Element("8");
        "a line is dated outside the days of the statement";
        "correct the line, or the statement's days";
    OUTSIDE_STAY = warning "service-outside-stay" Situation Element("8");
        "a line is dated outside the days of the stay";
        "correct the line, or the days of the stay";
}

/// The dates of a claim.
#[derive(Debug, Default)]
pub(super) struct Dates {
    statement: Option<(NaiveDate, NaiveDate)>,
    admission: Option<NaiveDate>,
    discharge: Option<NaiveDate>,
    /// First and last day of any line, with where each stands.
    first: Option<(NaiveDate, Position)>,
    last: Option<(NaiveDate, Position)>,
    is_inpatient: bool,
    has_admission: bool,
}

impl Dates {
    pub(super) fn begin(&mut self, form: Form, claim: &Fields<'_>) {
        let place = claim.part(5, 1);
        let is_inpatient = match form {
            Form::Professional => matches!(place, b"21" | b"51"),
            Form::Institutional => matches!(place, b"11" | b"18" | b"21" | b"41"),
            Form::Dental => false,
        };
        *self = Self { is_inpatient, ..Self::default() };
    }

    pub(super) fn date(&mut self, created: Option<NaiveDate>, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if placed.loop_id() != "2300" {
            return;
        }
        let qualifier = f.at(1);
        self.has_admission |= qualifier == b"435";
        if qualifier == b"314" && f.at(2) != b"RD8" {
            out.at(&DISABILITY_RANGE, placed).element(2).data_element(1250);
        }
        let Some((from, to)) = period(f.at(2), f.at(3)) else { return };
        match qualifier {
            b"434" => self.statement = Some((from, to)),
            b"435" => self.admission = Some(from),
            b"096" => self.discharge = Some(from),
            _ => {}
        }
        if self.admission.zip(self.discharge).is_some_and(|(admission, discharge)| discharge < admission) {
            out.at(&DISCHARGE_FIRST, placed).element(3).data_element(1251);
        }
        let is_past =
            matches!(qualifier, b"431" | b"454" | b"304" | b"453" | b"439" | b"484" | b"455" | b"434" | b"435");
        if is_past && created.is_some_and(|created| from > created) {
            out.at(&AFTER_CREATION, placed).element(3).data_element(1251);
        }
    }

    /// Takes the days of a line.
    pub(super) fn line(&mut self, from: NaiveDate, to: NaiveDate, position: Position) {
        if self.first.is_none_or(|(first, _)| from < first) {
            self.first = Some((from, position));
        }
        if self.last.is_none_or(|(last, _)| to > last) {
            self.last = Some((to, position));
        }
    }

    /// Returns the first and last day of service.
    pub(super) fn service(&self) -> Option<(NaiveDate, NaiveDate)> {
        let lines = self.first.zip(self.last).map(|((first, _), (last, _))| (first, last));
        self.statement.or(lines)
    }

    pub(super) fn end(&self, claim: Position, out: &mut Findings) {
        if self.is_inpatient && !self.has_admission {
            out.pending(&ADMISSION, claim, "2300", SegmentId::new(b"DTP"));
        }
        let bounds = [
            (&OUTSIDE_STATEMENT, self.statement.map(|(from, _)| from), self.statement.map(|(_, to)| to)),
            (&OUTSIDE_STAY, self.admission.filter(|_| self.is_inpatient), self.discharge.filter(|_| self.is_inpatient)),
        ];
        for (rule, from, to) in bounds {
            let early = self.first.filter(|(first, _)| from.is_some_and(|from| *first < from));
            let late = self.last.filter(|(last, _)| to.is_some_and(|to| *last > to));
            if let Some((_, position)) = early.or(late) {
                out.pending(rule, position, "2400", SegmentId::new(b"DTP")).element(3).data_element(1251);
            }
        }
    }
}
