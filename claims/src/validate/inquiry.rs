//! Eligibility, 270 and 271: who is asked about, and benefits that make sense.

use super::catalogue::declare;
use super::fields::Fields;
use super::finding::Findings;
use super::id;
use crate::guide::Placed;

declare! {
    FIRST_NAME = warning "inquiry-first-name-missing" Situation Element("I9");
        "the subscriber is the patient and has no first name";
        "send the first name, unless the payer searches by number and date of birth";
    SEARCH = warning "inquiry-search-data" Situation Element("I9");
        "an inquiry has neither a member number nor a name with a date of birth";
        "send the member number, or last name and date of birth";
    PERCENT = warning "benefit-percent" Situation Element("I12");
        "a share of the patient is more than the whole";
        "send a share as a fraction: 0.2 for twenty per cent";
}

/// The person an inquiry or its answer is about.
#[derive(Debug, Default)]
pub(super) struct Inquiry {
    is_request: bool,
    is_patient: bool,
    is_dependent: bool,
    has_number: bool,
    has_name: bool,
    has_birth: bool,
}

impl Inquiry {
    pub(super) fn begin(&mut self, is_request: bool) {
        *self = Self { is_request, ..Self::default() };
    }

    pub(super) fn segment(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        match f.id() {
            id::HL => {
                *self = Self {
                    is_request: self.is_request,
                    is_patient: f.at(3) == b"22" && f.at(4) == b"0",
                    is_dependent: f.at(3) == b"23",
                    ..Self::default()
                }
            }
            id::NM1 if matches!(placed.loop_id(), "2100C" | "2100D") => {
                self.has_number = f.has(9);
                self.has_name = f.has(3) || f.has(4);
                if self.is_patient && f.at(2) == b"1" && !f.has(4) {
                    out.at(&FIRST_NAME, placed).element(4).data_element(1036);
                }
            }
            id::DMG => self.has_birth |= f.has(2),
            id::EQ if self.is_request => {
                let named = self.has_name && self.has_birth;
                let found = self.has_number || named || self.is_dependent && (self.has_name || self.has_birth);
                if !std::mem::replace(&mut self.has_number, true) && !found {
                    out.at(&SEARCH, placed);
                }
            }
            id::EB if f.cents(8).is_some_and(|share| share > 100) => {
                out.at(&PERCENT, placed).element(8).data_element(954);
            }
            _ => {}
        }
    }
}
