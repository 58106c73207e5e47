//! Who the patient is: the subscriber, or a dependent below.

use chrono::NaiveDate;

use super::super::catalogue::declare;
use super::super::fields::{Fields, day};
use super::super::finding::{Findings, SegmentId};
use super::super::id;
use super::other_payer::Order;
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    PATIENT_LEVEL = error "subscriber-is-patient" Situation Segment("I9");
        "the subscriber is the patient, yet a patient follows below";
        "leave out the patient level, or the 18 of SBR02";
    NOT_SELF = error "subscriber-not-declared-patient" Situation Element("I9");
        "a claim stands with a subscriber who is not said to be the patient";
        "send 18 in SBR02, or the claim below a patient level";
    DEMOGRAPHICS = error "subscriber-demographics-missing" Situation Segment("I6");
        "the subscriber is the patient but has no date of birth and sex";
        "send DMG with the subscriber";
    ADDRESS = error "subscriber-address-missing" Situation Segment("I6");
        "the subscriber is the patient but has no address";
        "send N3 and N4 with the subscriber";
}

/// The subscriber and patient that are open.
#[derive(Debug, Default)]
pub(super) struct Subscriber {
    position: Position,
    order: Order,
    is_patient: bool,
    is_checked: bool,
    has_demographics: bool,
    has_address: bool,
    birth: Option<NaiveDate>,
}

impl Subscriber {
    /// Returns where the payer of the claim stands among the patient's payers.
    pub(super) const fn order(&self) -> Order {
        self.order
    }

    /// Returns the day the patient was born.
    pub(super) const fn birth(&self) -> Option<NaiveDate> {
        self.birth
    }

    pub(super) fn level(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.at(3) {
            b"22" => *self = Self { position: placed.segment.position(), ..Self::default() },
            b"23" => {
                if self.is_patient {
                    out.at(&PATIENT_LEVEL, placed).element(3);
                }
                self.birth = None;
            }
            _ => {}
        }
    }

    pub(super) fn segment(&mut self, placed: &Placed<'_>, f: &Fields<'_>) {
        let own = placed.loop_id() == "2010BA";
        match f.id() {
            id::SBR => {
                self.order = Order::of(f.at(1));
                self.is_patient = f.at(2) == b"18";
            }
            id::DMG => {
                self.has_demographics |= own;
                self.birth = day(f.at(2));
            }
            id::N4 => self.has_address |= own,
            _ => {}
        }
    }

    pub(super) fn claim(&mut self, placed: &Placed<'_>, out: &mut Findings) {
        if placed.path.contains(&"2000C") || !placed.path.contains(&"2000B") {
            return;
        }
        if !self.is_patient {
            out.at(&NOT_SELF, placed);
            return;
        }
        if std::mem::replace(&mut self.is_checked, true) {
            return;
        }
        let mut missing =
            |rule, segment: &[u8]| drop(out.pending(rule, self.position, "2010BA", SegmentId::new(segment)));
        if !self.has_demographics {
            missing(&DEMOGRAPHICS, b"DMG");
        }
        if !self.has_address {
            missing(&ADDRESS, b"N4");
        }
    }
}
