//! An 835: its sums to the cent at line, claim and payment (005010X221A1 §1.10.2), and what its segments owe one another.
//!
//! A positive adjustment lowers the payment. Sums are wide enough that no hostile amount makes two of them look equal.

mod payment;

use chrono::NaiveDate;

use super::catalogue::declare;
use super::fields::{Fields, amount, day, mark};
use super::finding::{Findings, SegmentId};
use super::id;
use super::rule::Rule;
use crate::guide::Placed;
use crate::x12::Position;

pub(super) static PAYMENT_RULES: &[&Rule] = payment::RULES;

declare! {
    LINE_PAYMENT = error "remittance-line-balance" Balance Element("I12");
        "the charge of a line less its adjustments is not its payment";
        "SVC02 less the line's CAS amounts must be SVC03";
    CLAIM_PAYMENT = error "remittance-claim-balance" Balance Element("I12");
        "the charge of a claim less all its adjustments is not its payment";
        "CLP03 less the CAS amounts of the claim and its lines must be CLP04";
    CLAIM_CHARGE = error "remittance-claim-charge" Balance Element("I12");
        "the charges of the lines are not the charge of the claim";
        "the SVC02 of a claim must add up to CLP03";
    PAYMENT = error "remittance-balance" Balance Element("I12");
        "the payments of the claims less the provider adjustments are not the payment";
        "the CLP04 less the PLB amounts must be BPR02";
    PATIENT_SHARE = warning "patient-share" Balance Element("I12");
        "the patient's responsibility is not what the adjustments of group PR add up to";
        "CLP05 must be the sum of the PR adjustments of the claim and its lines";
    SUMMARY = warning "provider-summary" Balance Element("I12");
        "a provider summary does not agree with the claims below it";
        "TS304 counts the claims and TS305 adds up their CLP03";
    REVERSAL_SIGN = warning "reversal-sign" Situation Element("I12");
        "a reversal has a charge or payment above zero, or another claim has a charge below zero";
        "negate the amounts of a reversal, and of nothing else";
    DENIED_PAID = warning "denied-but-paid" Situation Element("I12");
        "a denied claim has a payment";
        "send the status under which the claim was paid";
    NO_AMOUNT = error "adjustment-without-amount" Situation Element("2");
        "an adjustment has a reason and no amount, or an amount and no reason";
        "send reason and amount together";
    ZERO = warning "adjustment-zero" Situation Element("I13");
        "an adjustment is zero";
        "leave out adjustments that change nothing";
    HEADER_TWICE = error "header-number-twice" Situation Element("I12");
        "two headers of claims have the same number";
        "give each LX of a set its own number";
    BOTH_KINDS = warning "inpatient-and-outpatient-remarks" Situation Segment("I9");
        "a claim has inpatient and outpatient adjudication information";
        "send MIA for inpatient claims and MOA for all others";
    SERVICE_DATE = warning "service-date-missing" Situation Segment("I6");
        "a line has no date and its claim has no statement date";
        "send DTM 472 with the line, or DTM 232 with the claim";
    DATES_ORDER = warning "statement-dates-order" Situation Element("8");
        "a period of service ends before it begins";
        "send the earlier day as the first";
}

/// A claim or line whose amounts are being added up.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    position: Position,
    charge: Option<i128>,
    paid: Option<i128>,
    adjusted: i128,
}

impl Sum {
    fn of(position: Position, charge: Option<i128>, paid: Option<i128>) -> Self {
        Self { position, charge, paid, adjusted: 0 }
    }
}

#[derive(Debug, Default)]
struct Claim {
    sum: Sum,
    line: Option<Sum>,
    lines: i128,
    has_lines: bool,
    patient: i128,
    share: Option<i128>,
    has_inpatient: bool,
    has_outpatient: bool,
    has_date: bool,
    line_has_date: bool,
    from: Option<NaiveDate>,
}

/// The claims below a provider summary.
#[derive(Debug)]
struct Summary {
    position: Position,
    count: Option<i128>,
    charge: Option<i128>,
    counted: i128,
    charged: i128,
}

/// An 835 as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Remittance835 {
    position: Position,
    amount: Option<i128>,
    paid: i128,
    withheld: i128,
    claim: Option<Claim>,
    summary: Option<Summary>,
    headers: Vec<u64>,
    payment: payment::Payment,
}

/// The most headers compared with one another.
const HEADERS: usize = 4_096;

impl Remittance835 {
    pub(super) fn begin(&mut self) {
        let mut headers = std::mem::take(&mut self.headers);
        headers.clear();
        *self = Self { headers, ..Self::default() };
    }

    pub(super) fn segment(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::BPR => {
                self.position = placed.segment.position();
                self.amount = f.cents(2);
                self.payment.financial(placed, f, out);
            }
            id::TRN => self.payment.trace(placed, f, out),
            id::LX => {
                self.end_of_claim(out);
                self.end_of_summary(out);
                self.header(placed, f, out);
            }
            id::TS3 => {
                self.summary = Some(Summary {
                    position: placed.segment.position(),
                    count: f.cents(4),
                    charge: f.cents(5),
                    counted: 0,
                    charged: 0,
                });
            }
            id::CLP => {
                self.end_of_claim(out);
                self.claim(placed, f, out);
            }
            id::PLB => {
                self.end_of_claim(out);
                self.provider(placed, f, out);
            }
            _ => {
                if let Some(claim) = &mut self.claim {
                    claim.segment(placed, f, out);
                }
            }
        }
    }

    pub(super) fn end_of_set(&mut self, out: &mut Findings) {
        self.end_of_claim(out);
        self.end_of_summary(out);
        if let Some(stated) = self.amount
            && self.paid - self.withheld != stated
        {
            unequal(&PAYMENT, self.position, ("", b"BPR", 2), self.paid - self.withheld, stated, out);
        }
    }

    fn header(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let number = mark(f.at(1));
        if self.headers.contains(&number) {
            out.at(&HEADER_TWICE, placed).element(1).data_element(554);
        } else if self.headers.len() < HEADERS {
            self.headers.push(number);
        }
    }

    fn claim(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let (charge, paid) = (f.cents(3), f.cents(4));
        let (charged, payed) = (charge.unwrap_or(0), paid.unwrap_or(0));
        let reversal = f.at(2) == b"22";
        if if reversal { charged > 0 || payed > 0 } else { charged < 0 } {
            out.at(&REVERSAL_SIGN, placed).element(3).data_element(782);
        }
        if f.at(2) == b"4" && payed > 0 {
            out.at(&DENIED_PAID, placed).element(2).data_element(1029);
        }
        self.paid += payed;
        if let Some(summary) = &mut self.summary {
            summary.counted += 100;
            summary.charged += charged;
        }
        self.claim = Some(Claim {
            sum: Sum::of(placed.segment.position(), charge, paid),
            share: f.cents(5).filter(|_| !reversal),
            ..Claim::default()
        });
    }

    fn provider(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        for at in (3..=13.min(f.len())).step_by(2) {
            self.withheld += pair(f, at, at + 1, placed, out);
        }
    }

    fn end_of_claim(&mut self, out: &mut Findings) {
        let Some(mut claim) = self.claim.take() else { return };
        claim.end_of_line(out);
        let position = claim.sum.position;
        if let (Some(charge), Some(paid)) = (claim.sum.charge, claim.sum.paid)
            && charge - claim.sum.adjusted != paid
        {
            unequal(&CLAIM_PAYMENT, position, ("2100", b"CLP", 4), charge - claim.sum.adjusted, paid, out);
        }
        if let (true, Some(charge)) = (claim.has_lines, claim.sum.charge)
            && claim.lines != charge
        {
            unequal(&CLAIM_CHARGE, position, ("2100", b"CLP", 3), claim.lines, charge, out);
        }
        if let Some(share) = claim.share
            && share != claim.patient
        {
            unequal(&PATIENT_SHARE, position, ("2100", b"CLP", 5), claim.patient, share, out);
        }
    }

    fn end_of_summary(&mut self, out: &mut Findings) {
        let Some(summary) = self.summary.take() else { return };
        if let Some(count) = summary.count
            && count != summary.counted
        {
            out.pending(&SUMMARY, summary.position, "2000", SegmentId::new(b"TS3")).element(4).data_element(380);
        }
        if let Some(charge) = summary.charge
            && charge != summary.charged
        {
            unequal(&SUMMARY, summary.position, ("2000", b"TS3", 5), summary.charged, charge, out);
        }
    }
}

impl Claim {
    fn segment(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::SVC => {
                self.end_of_line(out);
                let line = Sum::of(placed.segment.position(), f.cents(2), f.cents(3));
                self.lines += line.charge.unwrap_or(0);
                self.has_lines = true;
                self.line = Some(line);
            }
            id::CAS => {
                let adjusted = adjustments(placed, f, out);
                self.sum.adjusted += adjusted;
                if f.at(1) == b"PR" {
                    self.patient += adjusted;
                }
                if let Some(line) = &mut self.line {
                    line.adjusted += adjusted;
                }
            }
            id::MIA | id::MOA => {
                self.has_inpatient |= f.id() == id::MIA;
                self.has_outpatient |= f.id() == id::MOA;
                if self.has_inpatient && self.has_outpatient {
                    out.at(&BOTH_KINDS, placed);
                }
            }
            id::DTM => self.date(placed, f, out),
            _ => {}
        }
    }

    fn date(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.at(1) {
            b"232" | b"150" | b"472" => {
                self.has_date |= self.line.is_none();
                self.line_has_date = true;
                self.from = day(f.at(2));
            }
            b"233" | b"151" if self.from.zip(day(f.at(2))).is_some_and(|(from, to)| to < from) => {
                out.at(&DATES_ORDER, placed).element(2).data_element(373);
            }
            _ => {}
        }
    }

    fn end_of_line(&mut self, out: &mut Findings) {
        let had_date = std::mem::take(&mut self.line_has_date);
        let Some(line) = self.line.take() else { return };
        if !self.has_date && !had_date {
            out.pending(&SERVICE_DATE, line.position, "2110", SegmentId::new(b"DTM"));
        }
        if let (Some(charge), Some(paid)) = (line.charge, line.paid)
            && charge - line.adjusted != paid
        {
            unequal(&LINE_PAYMENT, line.position, ("2110", b"SVC", 3), charge - line.adjusted, paid, out);
        }
    }
}

/// Adds up the adjustments of a CAS segment, of an 835 or of the other payers of a claim.
pub(super) fn adjustments(placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) -> i128 {
    let mut sum = 0;
    for at in (2..=17.min(f.len())).step_by(3) {
        if !f.has(at) && !f.has(at + 1) {
            continue;
        }
        sum += pair(f, at, at + 1, placed, out);
    }
    sum
}

/// Returns the amount that a reason goes with.
fn pair(f: &Fields<'_>, reason: usize, of: usize, placed: &Placed<'_>, out: &mut Findings) -> i128 {
    let element = u8::try_from(of).unwrap_or(u8::MAX);
    let cents = f.cents(of);
    if f.has(reason) != f.has(of) {
        out.at(&NO_AMOUNT, placed).element(element).data_element(782);
    } else if cents == Some(0) {
        out.at(&ZERO, placed).element(element).data_element(782);
    }
    cents.unwrap_or(0)
}

/// Reports a stated sum that its parts do not add up to.
pub(super) fn unequal(
    rule: &'static Rule,
    position: Position,
    (loop_id, segment, element): (&'static str, &[u8], u8),
    parts: i128,
    stated: i128,
    out: &mut Findings,
) {
    out.pending(rule, position, loop_id, SegmentId::new(segment))
        .element(element)
        .data_element(782)
        .found(amount(stated))
        .expected(amount(parts));
}
