//! Claim status, 276 and 277, and claim acknowledgement, 277CA: traces, dates, actions and totals.

use super::catalogue::declare;
use super::fields::{Fields, amount, mark};
use super::finding::{Findings, SegmentId};
use super::id;
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    COUNT = warning "acknowledged-count" Balance Element("I12");
        "a number of accepted or rejected claims is not that of the claims below";
        "count the claims by the category of their first status";
    TOTAL = warning "acknowledged-amount" Balance Element("I12");
        "an amount of accepted or rejected claims is not that of the claims below";
        "add up the charges of the claims by the category of their first status";
    ACTION = warning "status-action" Situation Element("I12");
        "the action of a status contradicts its category";
        "send U with the categories of rejection and WQ with those of acceptance";
    TRACE = warning "trace-twice" Situation Element("I12");
        "two inquiries of a set have the same trace number";
        "give each inquiry a trace number of its own";
    DATE = warning "inquiry-service-date-missing" Situation Segment("I6");
        "a claim is asked about without any date of service";
        "send DTP 472 with the claim or its lines";
}

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Request,
    Response,
    Acknowledgement,
}

/// Accepted and rejected, in number or in hundredths.
type Pair = [Option<i128>; 2];

#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    position: Position,
    loop_id: &'static str,
    stated: Pair,
    charged: Pair,
    count: [i128; 2],
    charge: [i128; 2],
    has_claims: bool,
}

/// A status set as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Status {
    kind: Kind,
    receiver: Totals,
    provider: Totals,
    /// A claim whose status is still to come.
    awaits: bool,
    traces: Vec<u64>,
    /// A claim of a request and whether it has a date.
    asked: Option<(Position, &'static str, bool)>,
}

/// The most trace numbers compared with one another.
const TRACES: usize = 4_096;

impl Status {
    pub(super) fn begin(&mut self, kind: Kind) {
        let mut traces = std::mem::take(&mut self.traces);
        traces.clear();
        *self = Self { kind, traces, ..Self::default() };
    }

    pub(super) fn segment(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::HL => {
                self.end_of_inquiry(out);
                match f.at(3) {
                    b"21" => self.end_of_receiver(out),
                    b"19" => self.end_of_provider(out),
                    _ => {}
                }
            }
            id::TRN => self.trace(placed, f, out),
            id::DTP if f.at(1) == b"472" => {
                if let Some((_, _, has_date)) = &mut self.asked {
                    *has_date = true;
                }
            }
            id::STC => self.status(placed, f, out),
            id::QTY | id::AMT if self.kind == Kind::Acknowledgement => self.total(placed, f),
            _ => {}
        }
    }

    pub(super) fn end_of_set(&mut self, out: &mut Findings) {
        self.end_of_inquiry(out);
        self.end_of_receiver(out);
    }

    fn trace(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        self.awaits = matches!(placed.loop_id(), "2200D" | "2200E");
        if self.kind != Kind::Request {
            return;
        }
        self.end_of_inquiry(out);
        let own = mark(f.at(2));
        if self.traces.contains(&own) {
            out.at(&TRACE, placed).element(2).data_element(127);
        } else if self.traces.len() < TRACES {
            self.traces.push(own);
        }
        self.asked = Some((placed.segment.position(), placed.loop_id(), false));
    }

    fn status(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if self.kind != Kind::Acknowledgement {
            return;
        }
        let category = f.part(1, 1);
        let side = match category {
            b"A0" | b"A1" | b"A2" | b"A5" => 0,
            b"A3" | b"A4" | b"A6" | b"A7" | b"A8" => 1,
            _ => return,
        };
        let action = f.at(3);
        if side == 0 && action == b"U" || side == 1 && action == b"WQ" {
            out.at(&ACTION, placed).element(3).data_element(306);
        }
        if std::mem::take(&mut self.awaits) {
            let charge = f.cents(4).unwrap_or(0);
            for totals in [&mut self.receiver, &mut self.provider] {
                totals.count[side] += 100;
                totals.charge[side] += charge;
                totals.has_claims = true;
            }
        }
    }

    fn total(&mut self, placed: &Placed<'_>, f: &Fields<'_>) {
        let totals = match placed.loop_id() {
            "2200B" => &mut self.receiver,
            "2200C" => &mut self.provider,
            _ => return,
        };
        totals.position = placed.segment.position();
        totals.loop_id = placed.loop_id();
        match f.at(1) {
            b"90" | b"QA" => totals.stated[0] = f.cents(2),
            b"AA" | b"QC" => totals.stated[1] = f.cents(2),
            b"YU" => totals.charged[0] = f.cents(2),
            b"YY" => totals.charged[1] = f.cents(2),
            _ => {}
        }
    }

    fn end_of_inquiry(&mut self, out: &mut Findings) {
        if let Some((position, loop_id, false)) = self.asked.take() {
            out.pending(&DATE, position, loop_id, SegmentId::new(b"DTP"));
        }
    }

    fn end_of_provider(&mut self, out: &mut Findings) {
        std::mem::take(&mut self.provider).check(out);
    }

    fn end_of_receiver(&mut self, out: &mut Findings) {
        self.end_of_provider(out);
        std::mem::take(&mut self.receiver).check(out);
    }
}

impl Totals {
    /// Compares what is stated with the claims, where any are listed: a batch rejected as a whole lists none.
    fn check(&self, out: &mut Findings) {
        if !self.has_claims {
            return;
        }
        for side in 0..2 {
            if let Some(count) = self.stated[side]
                && count != self.count[side]
            {
                out.pending(&COUNT, self.position, self.loop_id, SegmentId::new(b"QTY"))
                    .element(2)
                    .data_element(380)
                    .expected((self.count[side] / 100).to_string());
            }
            if let Some(charge) = self.charged[side]
                && charge != self.charge[side]
            {
                out.pending(&TOTAL, self.position, self.loop_id, SegmentId::new(b"AMT"))
                    .element(2)
                    .data_element(782)
                    .found(amount(charge))
                    .expected(amount(self.charge[side]));
            }
        }
    }
}
