//! The service lines of a claim.

use chrono::NaiveDate;

use super::super::catalogue::declare;
use super::super::fields::{Fields, mark, number, period};
use super::super::finding::Findings;
use super::Form;
use super::diagnosis::Diagnoses;
use super::service_date::Dates;
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    SEQUENCE = error "line-number" Situation Element("I12");
        "the number of a line does not follow the one before";
        "number the lines of a claim 1, 2, 3 and so on";
    POINTER = error "diagnosis-pointer-unknown" Situation Element("I12");
        "a line points to a diagnosis the claim does not have";
        "point to one of the claim's diagnoses, counted from 1";
    POINTER_MISSING = error "diagnosis-pointer-missing" Situation Element("I9");
        "a line points to no diagnosis first";
        "send the pointer to the main diagnosis of the line";
    POINTER_TWICE = warning "diagnosis-pointer-twice" Situation Element("I12");
        "a line points to a diagnosis twice";
        "send each pointer once";
    CONTROL_TWICE = warning "line-control-twice" Situation Element("I12");
        "two lines of a claim have the same control number";
        "give every line of a claim a control number of its own";
    AFTER_CREATION = error "service-after-creation" Situation Element("8");
        "a service begins after the claim was made";
        "correct the date of service, or send the claim after the service";
    BEFORE_BIRTH = error "service-before-birth" Situation Element("8");
        "a service is dated before the patient was born";
        "correct the date of service or of birth";
    PROVIDER = info "line-provider-repeated" Situation Segment("I9");
        "a line repeats a provider of its claim";
        "leave out what the line inherits from the claim";
}

/// The lines of a claim as far as they were read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    form: Form,
    count: u32,
    last: u32,
    sum: i128,
    /// Whether all charges so far are amounts.
    is_sound: bool,
    charge: Option<i128>,
    first: Option<(NaiveDate, Position)>,
    latest: Option<(NaiveDate, Position)>,
    controls: Vec<u64>,
}

/// More lines than a claim may have.
const CONTROLS: usize = 1_000;

impl Lines {
    pub(super) fn begin(&mut self, form: Form) {
        let mut controls = std::mem::take(&mut self.controls);
        controls.clear();
        *self = Self { form, controls, is_sound: true, ..Self::default() };
    }

    /// Returns the charge of the line that is open.
    pub(super) const fn charge(&self) -> Option<i128> {
        self.charge
    }

    pub(super) fn open(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let own = number(f.at(1));
        if own != Some(self.last + 1) {
            out.at(&SEQUENCE, placed).element(1).data_element(554).expected((self.last + 1).to_string());
        }
        self.last = own.unwrap_or(self.last + 1).min(999_999_998);
        self.count += 1;
        self.charge = None;
    }

    /// Takes the service of a line, with the elements that hold its charge and its pointers.
    pub(super) fn service(
        &mut self,
        charge: usize,
        pointers: Option<usize>,
        diagnoses: &Diagnoses,
        placed: &Placed<'_>,
        f: &Fields<'_>,
        out: &mut Findings,
    ) {
        self.charge = f.cents(charge);
        self.sum += self.charge.unwrap_or(0);
        self.is_sound &= self.charge.is_some();
        let Some(element) = pointers else { return };
        if !f.has(element) || diagnoses.listed() == 0 {
            return;
        }
        let at = |component| (u8::try_from(element).unwrap_or(u8::MAX), component);
        let mut seen = 0_u16;
        for (pointer, component) in f.components(element).zip(1..=4_u8) {
            match number(pointer) {
                None if pointer.is_empty() && component > 1 => {}
                None if pointer.is_empty() => {
                    out.at(&POINTER_MISSING, placed).element(at(component)).data_element(1328);
                }
                Some(to) if (1..=12).contains(&to) && to <= diagnoses.listed().into() => {
                    if seen & 1 << to != 0 {
                        out.at(&POINTER_TWICE, placed).element(at(component)).data_element(1328);
                    }
                    seen |= 1 << to;
                }
                _ => drop(out.at(&POINTER, placed).element(at(component)).data_element(1328)),
            }
        }
    }

    pub(super) fn date(
        &mut self,
        created: Option<NaiveDate>,
        birth: Option<NaiveDate>,
        placed: &Placed<'_>,
        f: &Fields<'_>,
        out: &mut Findings,
    ) {
        let is_service = f.at(1) == b"472" && (self.count > 0 || self.form == Form::Dental);
        let Some((from, to)) = period(f.at(2), f.at(3)).filter(|_| is_service) else { return };
        if created.is_some_and(|created| from > created) {
            out.at(&AFTER_CREATION, placed).element(3).data_element(1251);
        }
        if birth.is_some_and(|birth| from < birth) {
            out.at(&BEFORE_BIRTH, placed).element(3).data_element(1251);
        }
        let position = placed.segment.position();
        if self.first.is_none_or(|(first, _)| from < first) {
            self.first = Some((from, position));
        }
        if self.latest.is_none_or(|(latest, _)| to > latest) {
            self.latest = Some((to, position));
        }
    }

    pub(super) fn reference(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if f.at(1) != b"6R" || self.count == 0 {
            return;
        }
        let own = mark(f.at(2));
        if self.controls.contains(&own) {
            out.at(&CONTROL_TWICE, placed).element(2).data_element(127);
        } else if self.controls.len() < CONTROLS {
            self.controls.push(own);
        }
    }

    /// Hands the days of the lines over; returns their number and sum when every charge is an amount.
    pub(super) fn end(&self, dates: &mut Dates) -> Option<(u32, i128)> {
        for (day, position) in self.first.into_iter().chain(self.latest) {
            dates.line(day, day, position);
        }
        (self.count > 0 && self.is_sound).then_some((self.count, self.sum))
    }
}

pub(super) fn repeated_provider(placed: &Placed<'_>, out: &mut Findings) {
    out.at(&PROVIDER, placed).element(9).data_element(67);
}
