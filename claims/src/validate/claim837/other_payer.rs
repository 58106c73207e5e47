//! Coordination of benefits: what other payers decided, in order and to the cent.

use super::super::catalogue::declare;
use super::super::fields::{Fields, mark};
use super::super::finding::{Findings, SegmentId};
use super::super::id;
use super::super::remittance835::{adjustments, unequal};
use super::line::Lines;
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    ORDER_TWICE = error "payer-order-twice" Situation Element("I12");
        "two payers of a claim stand in the same order of payment";
        "give each payer its own order: primary, secondary, tertiary";
    PRIOR_MISSING = warning "prior-payer-missing" Situation Segment("I6");
        "a claim goes to a later payer without naming one that pays before";
        "send the payers before in loop 2320";
    LINE_PAYER = error "line-payer-unknown" Situation Element("I12");
        "a line was decided by a payer the claim does not name";
        "send in SVD01 the number of one of the claim's other payers (2330B NM109)";
    LINE_BALANCE = error "other-payer-line-balance" Balance Element("I12");
        "the charge of a line less another payer's adjustments is not what that payer paid";
        "the line's charge less the CAS amounts of the payer must be SVD02";
    CLAIM_BALANCE = error "other-payer-claim-balance" Balance Element("I12");
        "the charge of a claim less another payer's adjustments is not what that payer paid";
        "CLM02 less the payer's CAS amounts of claim and lines must be AMT D";
    NO_ADJUSTMENTS = warning "other-payer-adjustments-missing" Balance Segment("I6");
        "another payer paid less than the charge and no adjustment says why";
        "send the adjustments of the payer's remittance in CAS";
    DATE = warning "adjudication-date-missing" Situation Segment("I6");
        "another payer's decision has no date";
        "send DTP 573 with the payer, or with its decision of each line";
}

/// Where a payer stands: 0 is the first; none for unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Order(Option<u8>);

impl Order {
    pub(super) fn of(code: &[u8]) -> Self {
        Self(match code {
            [code] => b"PSTABCDEFGH".iter().position(|c| c == code).and_then(|at| u8::try_from(at).ok()),
            _ => None,
        })
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct OtherPayer {
    position: Position,
    id: Option<u64>,
    paid: Option<i128>,
    adjusted: i128,
    has_adjustments: bool,
    has_date: bool,
}

/// A payer's decision on a line.
#[derive(Debug, Clone, Copy)]
struct Decision {
    position: Position,
    payer: Option<usize>,
    charge: Option<i128>,
    paid: Option<i128>,
    adjusted: i128,
    is_bundled: bool,
}

/// The other payers of a claim.
#[derive(Debug, Default)]
pub(super) struct OtherPayers {
    payers: Vec<OtherPayer>,
    /// Bits of the orders taken.
    taken: u16,
    own: Order,
    decision: Option<Decision>,
}

/// More payers than a claim may have.
const PAYERS: usize = 16;

impl OtherPayers {
    pub(super) fn begin(&mut self, own: Order) {
        self.payers.clear();
        self.taken = own.0.map_or(0, |at| 1 << at);
        self.own = own;
        self.decision = None;
    }

    pub(super) fn segment(&mut self, lines: &Lines, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match (f.id(), placed.loop_id()) {
            (id::SBR, _) => self.payer(placed, f, out),
            (id::AMT, "2320") if f.at(1) == b"D" => {
                if let Some(payer) = self.payers.last_mut() {
                    payer.paid = f.cents(2);
                }
            }
            (id::CAS, _) => {
                let adjusted = adjustments(placed, f, out);
                let payer = match &mut self.decision {
                    Some(decision) => {
                        decision.adjusted += adjusted;
                        decision.payer.and_then(|at| self.payers.get_mut(at))
                    }
                    None => self.payers.last_mut(),
                };
                if let Some(payer) = payer {
                    payer.adjusted += adjusted;
                    payer.has_adjustments = true;
                }
            }
            (id::SVD, _) => {
                self.end_of_line(out);
                self.decide(lines.charge(), placed, f, out);
            }
            _ => {}
        }
    }

    pub(super) fn name(&mut self, f: &Fields<'_>) {
        if let Some(payer) = self.payers.last_mut() {
            payer.id = Some(mark(f.at(9)));
        }
    }

    pub(super) fn date(&mut self, placed: &Placed<'_>, f: &Fields<'_>) {
        if f.at(1) != b"573" {
            return;
        }
        let payer = match (placed.loop_id(), self.decision) {
            ("2330B", _) => self.payers.last_mut(),
            (_, Some(decision)) => decision.payer.and_then(|at| self.payers.get_mut(at)),
            _ => None,
        };
        if let Some(payer) = payer {
            payer.has_date = true;
        }
    }

    pub(super) fn end_of_line(&mut self, out: &mut Findings) {
        let Some(decision) = self.decision.take() else { return };
        let (Some(charge), Some(paid)) = (decision.charge, decision.paid) else { return };
        let parts = charge - decision.adjusted;
        if parts != paid && !decision.is_bundled {
            unequal(&LINE_BALANCE, decision.position, ("2430", b"SVD", 2), parts, paid, out);
        }
    }

    pub(super) fn end(&self, charge: Option<i128>, claim: Position, out: &mut Findings) {
        let is_first = self.own.0.is_none_or(|own| self.taken & ((1 << own) - 1) != 0 || own == 0);
        if !is_first {
            out.pending(&PRIOR_MISSING, claim, "2320", SegmentId::new(b"SBR"));
        }
        for payer in &self.payers {
            let (Some(paid), Some(charge)) = (payer.paid, charge) else { continue };
            let parts = charge - payer.adjusted;
            if !payer.has_adjustments && parts != paid {
                out.pending(&NO_ADJUSTMENTS, payer.position, "2320", SegmentId::new(b"CAS"));
            } else if parts != paid {
                unequal(&CLAIM_BALANCE, payer.position, ("2320", b"AMT", 2), parts, paid, out);
            }
            if !payer.has_date {
                out.pending(&DATE, payer.position, "2330B", SegmentId::new(b"DTP"));
            }
        }
    }

    fn payer(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if let Some(at) = Order::of(f.at(1)).0 {
            if self.taken & 1 << at != 0 {
                out.at(&ORDER_TWICE, placed).element(1).data_element(1138);
            }
            self.taken |= 1 << at;
        }
        if self.payers.len() < PAYERS {
            self.payers.push(OtherPayer { position: placed.segment.position(), ..OtherPayer::default() });
        }
    }

    fn decide(&mut self, charge: Option<i128>, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let id = Some(mark(f.at(1)));
        let payer = self.payers.iter().position(|payer| payer.id == id);
        if payer.is_none() {
            out.at(&LINE_PAYER, placed).element(1).data_element(67);
        }
        self.decision = Some(Decision {
            position: placed.segment.position(),
            payer,
            charge,
            paid: f.cents(2),
            adjusted: 0,
            is_bundled: f.has(6),
        });
    }
}
