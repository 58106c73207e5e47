//! An 837, professional, institutional or dental: what claim, lines, dates, diagnoses, parties and payers owe one another.

mod diagnosis;
mod line;
mod other_payer;
mod service_date;
mod subscriber;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

use chrono::NaiveDate;

use super::catalogue::declare;
use super::fields::{Fields, amount, day, mark};
use super::finding::{ElementRef, Findings, SegmentId};
use super::id;
use super::rule::Rule;
use crate::code_list::CodeLists;
use crate::guide::Placed;
use crate::x12::Position;

pub(super) static PART_RULES: [&[&Rule]; 5] =
    [diagnosis::RULES, line::RULES, other_payer::RULES, service_date::RULES, subscriber::RULES];

declare! {
    CHARGE = error "claim-charge" Balance Element("I12");
        "the charges of the lines are not the charge of the claim";
        "CLM02 must be the sum of the line charges";
    CHARGE_NEGATIVE = error "claim-charge-negative" Situation Element("I12");
        "the charge of a claim is below zero";
        "send a void or a replacement instead";
    ORIGINAL_MISSING = error "original-reference-missing" Situation Segment("I6");
        "a replacement or void does not say which claim it is about";
        "send the payer's claim number in REF F8";
    ORIGINAL_UNEXPECTED = warning "original-reference-unexpected" Situation Segment("I9");
        "an original claim carries the number of an earlier one";
        "send frequency 7 or 8, or leave out REF F8";
    ACCIDENT_DATE = error "accident-date-missing" Situation Segment("I6");
        "a claim says it comes of an accident but not when";
        "send DTP 439";
    EMPLOYMENT_DATE = warning "employment-date-missing" Situation Segment("I6");
        "a claim says it comes of employment but has no accident date";
        "send DTP 439 when there was an accident";
    ACCIDENT_STATE = error "accident-state-missing" Situation Element("I9");
        "a claim of an automobile accident does not say in which state";
        "send the state in CLM11-4";
    ACCIDENT_CAUSE = warning "accident-cause-missing" Situation Element("I9");
        "a claim has an accident date but no cause";
        "send AA, EM or OA in CLM11";
    RENDERING_IS_BILLING = info "rendering-is-billing" Situation Segment("I9");
        "the rendering provider is the billing provider";
        "leave out the rendering provider";
    CLAIM_TWICE = warning "claim-twice" Situation Element("I12");
        "two claims of the file have the same number and frequency";
        "give every claim a number of its own";
}

/// Which 837.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    #[default]
    Professional,
    Institutional,
    Dental,
}

/// The most claim numbers that are compared with one another; a file may hold more.
const NUMBERS: usize = 1 << 19;

/// An 837 as far as it was read. The parts keep their buffers from claim to claim.
#[derive(Debug, Default)]
pub(super) struct Claim837 {
    form: Form,
    created: Option<NaiveDate>,
    billing: u64,
    subscriber: subscriber::Subscriber,
    is_open: bool,
    head: Head,
    dates: service_date::Dates,
    diagnoses: diagnosis::Diagnoses,
    payers: other_payer::OtherPayers,
    lines: line::Lines,
    /// Kinds and numbers of the claim's own providers.
    providers: Vec<u64>,
    numbers: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
}

/// What the CLM segment says, and what the claim owes it.
#[derive(Debug, Default, Clone, Copy)]
struct Head {
    position: Position,
    charge: Option<i128>,
    frequency: u8,
    has_original: bool,
    automobile: bool,
    employment: bool,
    other_accident: bool,
    has_state: bool,
    has_accident_date: bool,
}

/// The most providers of a claim.
const PROVIDERS: usize = 16;

impl Claim837 {
    pub(super) fn begin(&mut self, form: Form) {
        self.form = form;
        self.created = None;
        self.billing = 0;
        self.subscriber = subscriber::Subscriber::default();
        self.is_open = false;
    }

    pub(super) fn segment(&mut self, lists: &CodeLists, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::CLM => {
                self.end_of_claim(lists, out);
                self.claim(placed, f, out);
            }
            id::HL => {
                self.end_of_claim(lists, out);
                self.subscriber.level(placed, f, out);
            }
            _ if self.is_open => self.in_claim(placed, f, out),
            id::BHT => self.created = day(f.at(4)),
            id::NM1 if f.at(1) == b"85" => self.billing = mark(f.at(9)),
            _ => self.subscriber.segment(placed, f),
        }
    }

    pub(super) fn end_of_set(&mut self, lists: &CodeLists, out: &mut Findings) {
        self.end_of_claim(lists, out);
    }

    fn claim(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        self.is_open = true;
        let mut head = Head {
            position: placed.segment.position(),
            charge: f.cents(2),
            frequency: f.part(5, 3).first().copied().unwrap_or(0),
            ..Head::default()
        };
        for cause in f.components(11).take(3) {
            head.automobile |= cause == b"AA";
            head.employment |= cause == b"EM";
            head.other_accident |= cause == b"OA";
        }
        head.has_state = !f.part(11, 4).is_empty();
        if head.charge.is_some_and(|charge| charge < 0) {
            out.at(&CHARGE_NEGATIVE, placed).element(2).data_element(782);
        }
        self.head = head;
        self.subscriber.claim(placed, out);
        self.diagnoses.begin();
        self.dates.begin(self.form, f);
        self.payers.begin(self.subscriber.order());
        self.lines.begin(self.form);
        self.providers.clear();
        let number = mark(f.at(1)) ^ self.billing.rotate_left(1) ^ u64::from(head.frequency);
        if self.numbers.len() < NUMBERS && !self.numbers.insert(number) {
            out.at(&CLAIM_TWICE, placed).element(1).data_element(1028);
        }
    }

    fn in_claim(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::HI => self.diagnoses.information(placed, f, out),
            id::NM1 => self.party(placed, f, out),
            id::DTP => {
                self.head.has_accident_date |= f.at(1) == b"439";
                self.dates.date(self.created, placed, f, out);
                self.payers.date(placed, f);
                self.lines.date(self.created, self.subscriber.birth(), placed, f, out);
            }
            id::REF => {
                self.head.has_original |= f.at(1) == b"F8" && placed.loop_id() == "2300";
                self.lines.reference(placed, f, out);
            }
            id::SBR | id::AMT | id::CAS | id::SVD => self.payers.segment(&self.lines, placed, f, out),
            id::LX => {
                self.payers.end_of_line(out);
                self.lines.open(placed, f, out);
            }
            id::SV1 => self.lines.service(2, Some(7), &self.diagnoses, placed, f, out),
            id::SV2 => self.lines.service(3, None, &self.diagnoses, placed, f, out),
            id::SV3 => self.lines.service(2, Some(11), &self.diagnoses, placed, f, out),
            _ => {}
        }
    }

    fn party(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if placed.loop_id() == "2330B" {
            self.payers.name(f);
            return;
        }
        if !f.has(9) {
            return;
        }
        let number = mark(f.at(9));
        let own = number ^ mark(f.at(1)).rotate_left(1);
        match placed.loop_id().as_bytes() {
            [b'2', b'3', b'1', b'0', _] => {
                if f.at(1) == b"82" && number == self.billing {
                    out.at(&RENDERING_IS_BILLING, placed).element(9).data_element(67);
                }
                if self.providers.len() < PROVIDERS {
                    self.providers.push(own);
                }
            }
            [b'2', b'4', b'2', b'0', _] if self.providers.contains(&own) => line::repeated_provider(placed, out),
            _ => {}
        }
    }

    fn end_of_claim(&mut self, lists: &CodeLists, out: &mut Findings) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        self.payers.end_of_line(out);
        self.head.check(self.form, out);
        let lines = self.lines.end(&mut self.dates);
        if let (Some((count, sum)), Some(charge)) = (lines, self.head.charge)
            && sum != charge
        {
            out.pending(&CHARGE, self.head.position, "2300", SegmentId::new(b"CLM"))
                .element(2)
                .data_element(782)
                .found(amount(charge))
                .expected(format!("{} of {count} lines", amount(sum)));
        }
        self.dates.end(self.head.position, out);
        self.diagnoses.end(lists, self.dates.service().or(self.created.map(|day| (day, day))), out);
        self.payers.end(self.head.charge, self.head.position, out);
    }
}

impl Head {
    fn check(&self, form: Form, out: &mut Findings) {
        let segment = |segment: &[u8]| (self.position, "2300", SegmentId::new(segment));
        let (claim, date, reference) = (segment(b"CLM"), segment(b"DTP"), segment(b"REF"));
        let mut about = |rule, (position, loop_id, segment), element: Option<ElementRef>| {
            let pending = out.pending(rule, position, loop_id, segment);
            drop(match element {
                Some(element) => pending.element(element),
                None => pending,
            });
        };
        match self.frequency {
            b'7' | b'8' if !self.has_original => about(&ORIGINAL_MISSING, reference, None),
            b'1' if self.has_original => about(&ORIGINAL_UNEXPECTED, reference, None),
            _ => {}
        }
        if form == Form::Institutional {
            return;
        }
        if self.automobile && !self.has_state {
            about(&ACCIDENT_STATE, claim, Some((11, 4).into()));
        }
        match (self.automobile || self.other_accident, self.employment, self.has_accident_date) {
            (true, _, false) => about(&ACCIDENT_DATE, date, None),
            (false, true, false) => about(&EMPLOYMENT_DATE, date, None),
            (false, false, true) => about(&ACCIDENT_CAUSE, claim, Some(11.into())),
            _ => {}
        }
    }
}
