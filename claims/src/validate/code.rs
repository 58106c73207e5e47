//! Codes of external lists, wherever they stand; diagnoses are with their claim, whose dates they need.

use chrono::NaiveDate;

use super::catalogue::declare;
use super::fields::{Fields, day, is_digits};
use super::finding::{ElementRef, Findings};
use super::id;
use super::rule::Rule;
use crate::code_list::{CodeLists, ListId, Standing};
use crate::guide::Placed;

declare! {
    STATE = error "state-unknown" Code Element("7");
        "a state or province is not in the list of states";
        "send the two letters of the state, territory or province";
    COUNTRY = warning "country-unknown" Code Element("7");
        "a country is not in the list of countries";
        "send the two letters of ISO 3166-1";
    CURRENCY = warning "currency-unknown" Code Element("7");
        "a currency is not in the list of currencies";
        "send the three letters of ISO 4217";
    PLACE_OF_SERVICE = warning "place-of-service-unknown" Code Element("7");
        "a place of service is not in the list";
        "send a code of the CMS list";
    BILL_TYPE = error "bill-type-shape" Code Element("I12");
        "a type of bill is not two digits and a frequency";
        "send the first digits of the type of bill after the leading zero";
    TAXONOMY_SHAPE = error "taxonomy-shape" Code Element("I12");
        "a provider taxonomy code is not ten letters and digits";
        "send the ten characters of the NUCC code";
    TAXONOMY = warning "taxonomy-unknown" Code Element("7");
        "a provider taxonomy code does not end in X, or is not in the list that is loaded";
        "compare the code with the registry entry of the provider";
    REASON = warning "adjustment-reason-unknown" Code Element("7");
        "a claim adjustment reason is not in the list";
        "compare it with the current list of reasons";
    REMARK = warning "remark-unknown" Code Element("7");
        "a remittance remark is not in the list";
        "compare it with the current list of remarks";
    STATUS_CATEGORY = warning "status-category-unknown" Code Element("7");
        "a claim status category is not in the list";
        "compare it with the current list of categories";
    STATUS = warning "status-unknown" Code Element("7");
        "a claim status is not in the list";
        "compare it with the current list of statuses";
    NOT_IN_FORCE = warning "code-not-in-force" Code Element("7");
        "a code is in the list but not in force on the day";
        "send a code that was in force on the day";
    PROCEDURE_SHAPE = error "procedure-shape" Code Element("I12");
        "a procedure code is not of the form its qualifier asks for";
        "send five characters for HCPCS and CPT, D and four digits for dental";
    PROCEDURE = warning "procedure-unknown" Code Element("7");
        "a procedure code is not in the list that is loaded";
        "compare it with the list in force on the day of service";
    MODIFIER_SHAPE = error "modifier-shape" Code Element("I12");
        "a procedure modifier is not two letters or digits";
        "send two characters";
    MODIFIER = warning "modifier-unknown" Code Element("7");
        "a procedure modifier is not in the list that is loaded";
        "compare it with the list in force on the day of service";
    MODIFIER_TWICE = warning "modifier-twice" Situation Element("I12");
        "a procedure has a modifier twice";
        "send each modifier once";
    REVENUE_SHAPE = warning "revenue-code-shape" Code Element("I12");
        "a revenue code is not four digits";
        "send four digits, the leading zero included";
    REVENUE = warning "revenue-code-unknown" Code Element("7");
        "a revenue code is not in the list that is loaded";
        "compare it with the list in force on the day of service";
    NDC_SHAPE = error "ndc-shape" Code Element("I12");
        "a national drug code is not eleven digits";
        "send eleven digits, filled with zeros to 5-4-2, without hyphens";
}

/// The lists, and the day they are asked for: that of the transaction.
#[derive(Debug, Default)]
pub(super) struct Codes {
    on: Option<NaiveDate>,
}

/// What a rule looks with.
#[derive(Clone, Copy)]
struct Look<'p, 's> {
    lists: &'p CodeLists,
    on: Option<NaiveDate>,
    placed: &'p Placed<'s>,
}

impl Codes {
    pub(super) fn begin(&mut self) {
        self.on = None;
    }

    pub(super) fn segment(&mut self, lists: &CodeLists, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let look = Look { lists, on: self.on, placed };
        match f.id() {
            id::BHT => self.on = day(f.at(4)),
            id::BPR => self.on = day(f.at(16)),
            id::N4 => look.place(f, out),
            id::CUR => look.ask(ListId::Currency, &CURRENCY, f.at(2), 2, out),
            id::PRV if f.at(2) == b"PXC" => look.taxonomy(f.at(3), out),
            id::CLM => look.claim(f, out),
            id::SV1 => {
                look.procedure(f, 1, out);
                look.ask(ListId::PlaceOfService, &PLACE_OF_SERVICE, f.at(5), 5, out);
            }
            id::SV2 => {
                look.revenue(f.at(1), 1, out);
                look.procedure(f, 2, out);
            }
            id::SV3 | id::SV5 => look.procedure(f, 1, out),
            id::SVC => {
                look.procedure(f, 1, out);
                look.procedure(f, 6, out);
                look.revenue(f.at(4), 4, out);
            }
            id::SVD => {
                look.procedure(f, 3, out);
                look.revenue(f.at(4), 4, out);
            }
            id::CAS => (2..=17.min(f.len()))
                .step_by(3)
                .for_each(|at| look.ask(ListId::AdjustmentReason, &REASON, f.at(at), at, out)),
            id::LQ if f.at(1) == b"HE" => look.ask(ListId::RemittanceRemark, &REMARK, f.at(2), 2, out),
            id::MOA => (3..=7).for_each(|at| look.ask(ListId::RemittanceRemark, &REMARK, f.at(at), at, out)),
            id::MIA => {
                for at in [5, 20, 21, 22, 23] {
                    look.ask(ListId::RemittanceRemark, &REMARK, f.at(at), at, out);
                }
            }
            id::STC => [1, 10, 11].into_iter().for_each(|at| look.status(f, at, out)),
            id::LIN if f.at(2) == b"N4" && !is_digits(f.at(3), 11) => {
                drop(out.at(&NDC_SHAPE, placed).element(3).data_element(234));
            }
            _ => {}
        }
    }
}

impl Look<'_, '_> {
    fn ask(self, id: ListId, rule: &'static Rule, code: &[u8], element: usize, out: &mut Findings) {
        self.ask_at(id, rule, code, element_ref(element, 0), out);
    }

    fn ask_at(self, id: ListId, rule: &'static Rule, code: &[u8], at: ElementRef, out: &mut Findings) {
        if code.is_empty() {
            return;
        }
        match self.lists.standing(id, code, self.on) {
            Standing::Known => {}
            Standing::Unknown | Standing::Heading => drop(out.at(rule, self.placed).element(at).value(code)),
            Standing::NotYet | Standing::Expired => drop(out.at(&NOT_IN_FORCE, self.placed).element(at).value(code)),
        }
    }

    fn place(self, f: &Fields<'_>, out: &mut Findings) {
        if matches!(f.at(4), b"" | b"US" | b"CA") {
            self.ask(ListId::State, &STATE, f.at(2), 2, out);
        }
        self.ask(ListId::Country, &COUNTRY, f.at(4), 4, out);
    }

    fn claim(self, f: &Fields<'_>, out: &mut Findings) {
        let place = f.part(5, 1);
        if f.part(5, 2) == b"A" {
            if !is_digits(place, 2) || f.part(5, 3).len() != 1 {
                out.at(&BILL_TYPE, self.placed).element((5, 1));
            }
        } else {
            self.ask_at(ListId::PlaceOfService, &PLACE_OF_SERVICE, place, (5, 1).into(), out);
        }
        if f.has(11) && matches!(f.part(11, 5), b"" | b"US" | b"CA") {
            self.ask_at(ListId::State, &STATE, f.part(11, 4), (11, 4).into(), out);
        }
    }

    fn taxonomy(self, code: &[u8], out: &mut Findings) {
        match code {
            [] => {}
            _ if code.len() != 10 || !code.iter().all(is_code_character) => {
                out.at(&TAXONOMY_SHAPE, self.placed).element(3).data_element(127).value(code);
            }
            [.., b'X'] => self.ask(ListId::Taxonomy, &TAXONOMY, code, 3, out),
            _ => drop(out.at(&TAXONOMY, self.placed).element(3).data_element(127).value(code)),
        }
    }

    fn revenue(self, code: &[u8], element: usize, out: &mut Findings) {
        if code.is_empty() {
            return;
        }
        if is_digits(code, 4) {
            self.ask(ListId::Revenue, &REVENUE, code, element, out);
        } else {
            out.at(&REVENUE_SHAPE, self.placed).element(element_ref(element, 0)).data_element(234).value(code);
        }
    }

    fn status(self, f: &Fields<'_>, element: usize, out: &mut Findings) {
        let mut parts = f.components(element);
        let (category, status) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        self.ask_at(ListId::ClaimStatusCategory, &STATUS_CATEGORY, category, element_ref(element, 1), out);
        self.ask_at(ListId::ClaimStatus, &STATUS, status, element_ref(element, 2), out);
    }

    fn procedure(self, f: &Fields<'_>, element: usize, out: &mut Findings) {
        if !f.has(element) {
            return;
        }
        let mut parts = f.components(element);
        let (qualifier, code) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let fits = match (qualifier, code) {
            (_, []) => return,
            (b"HC", [first, middle @ .., last]) => {
                code.len() == 5
                    && middle.iter().all(u8::is_ascii_digit)
                    && is_code_character(first)
                    && is_code_character(last)
                    && (first.is_ascii_digit() || last.is_ascii_digit())
            }
            (b"AD", [b'D', digits @ ..]) => is_digits(digits, 4),
            (b"AD", _) => false,
            (b"HP", _) => code.len() == 5 && code.iter().all(is_code_character),
            (b"NU", _) => return self.revenue(code, element, out),
            _ => return,
        };
        if fits {
            self.ask_at(ListId::Procedure, &PROCEDURE, code, element_ref(element, 2), out);
        } else {
            out.at(&PROCEDURE_SHAPE, self.placed).element(element_ref(element, 2)).data_element(234).value(code);
        }
        let mut sent: [&[u8]; 4] = [b""; 4];
        for (place, modifier) in parts.take(4).enumerate() {
            let at = element_ref(element, place + 3);
            if modifier.is_empty() {
                continue;
            }
            if modifier.len() != 2 || !modifier.iter().all(is_code_character) {
                out.at(&MODIFIER_SHAPE, self.placed).element(at).data_element(1339).value(modifier);
            } else if sent.contains(&modifier) {
                out.at(&MODIFIER_TWICE, self.placed).element(at).data_element(1339).value(modifier);
            } else {
                self.ask_at(ListId::Modifier, &MODIFIER, modifier, at, out);
            }
            sent[place] = modifier;
        }
    }
}

fn element_ref(element: usize, component: usize) -> ElementRef {
    (u8::try_from(element).unwrap_or(u8::MAX), u8::try_from(component).unwrap_or(u8::MAX)).into()
}

const fn is_code_character(byte: &u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase()
}
