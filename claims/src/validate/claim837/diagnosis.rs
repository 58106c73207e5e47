//! The codes of HI segments: diagnoses that exist and may be billed on the day, and the forms of NUBC codes.

use chrono::NaiveDate;

use super::super::catalogue::declare;
use super::super::fields::Fields;
use super::super::finding::{Findings, SegmentId};
use crate::code_list::{CodeLists, ListId, Standing};
use crate::guide::Placed;
use crate::x12::Position;

declare! {
    POINT = error "diagnosis-point" Code Element("I12");
        "a diagnosis code is written with its point";
        "leave the point out";
    UNKNOWN = warning "diagnosis-unknown" Code Element("7");
        "a diagnosis code is not in ICD-10-CM as far as the list goes";
        "look the code up in the release in force on the day of service";
    NOT_BILLABLE = error "diagnosis-not-billable" Code Element("7");
        "a diagnosis code is divided further and may not be billed";
        "send the code to its last character";
    NOT_IN_FORCE = error "diagnosis-not-in-force" Code Element("7");
        "a diagnosis code was not in force on the day of service";
        "send a code of the release in force on the day of service";
    OLD_REVISION = error "diagnosis-revision" Code Element("7");
        "a service since October 2015 has a diagnosis of ICD-9-CM";
        "send ICD-10-CM with the qualifiers ABK and ABF";
    MIXED = error "diagnosis-revisions-mixed" Situation Element("I12");
        "a claim has diagnoses of two revisions";
        "send all diagnoses of one revision";
    TWICE = warning "diagnosis-twice" Situation Element("I12");
        "a diagnosis is sent twice";
        "send each diagnosis once";
    PROCEDURE_SHAPE = error "inpatient-procedure-shape" Code Element("I12");
        "a procedure of ICD-10-PCS is not seven letters and digits without I and O";
        "send the seven characters of the code";
    NUBC_SHAPE = warning "condition-code-shape" Code Element("I12");
        "a condition, occurrence or value code is not two or three letters and digits";
        "send the code of the billing manual";
}

/// What an HI element is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A diagnosis of ICD-10-CM; those a line may point to are listed.
    Tenth { listed: bool },
    /// One of ICD-9-CM.
    Ninth { listed: bool },
}

#[derive(Debug, Clone, Copy)]
struct Diagnosis {
    kind: Kind,
    code: [u8; 8],
    position: Position,
    element: u8,
}

/// The diagnoses of a claim.
#[derive(Debug, Default)]
pub(super) struct Diagnoses {
    sent: Vec<Diagnosis>,
    listed: u8,
}

/// More diagnoses than any claim may have.
const MOST: usize = 64;

impl Diagnoses {
    pub(super) fn begin(&mut self) {
        self.sent.clear();
        self.listed = 0;
    }

    /// Returns how many diagnoses a line may point to.
    pub(super) const fn listed(&self) -> u8 {
        self.listed
    }

    pub(super) fn information(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        for element in 1..=12.min(f.len()) {
            if !f.has(element) {
                continue;
            }
            let mut parts = f.components(element);
            let (qualifier, code) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let at = u8::try_from(element).unwrap_or(u8::MAX);
            match qualifier {
                b"ABK" | b"ABF" => self.diagnosis(Kind::Tenth { listed: true }, code, at, placed, out),
                b"ABJ" | b"APR" | b"ABN" => self.diagnosis(Kind::Tenth { listed: false }, code, at, placed, out),
                b"BK" | b"BF" => self.diagnosis(Kind::Ninth { listed: true }, code, at, placed, out),
                b"BJ" | b"PR" | b"BN" => self.diagnosis(Kind::Ninth { listed: false }, code, at, placed, out),
                b"BBR" | b"BBQ" if !is_inpatient_procedure(code) => {
                    out.at(&PROCEDURE_SHAPE, placed).element((at, 2)).data_element(1271).value(code);
                }
                b"BG" | b"BH" | b"BI" | b"BE" if !is_billing_code(code) => {
                    out.at(&NUBC_SHAPE, placed).element((at, 2)).data_element(1271).value(code);
                }
                _ => {}
            }
        }
    }

    fn diagnosis(&mut self, kind: Kind, code: &[u8], element: u8, placed: &Placed<'_>, out: &mut Findings) {
        let (Kind::Tenth { listed } | Kind::Ninth { listed }) = kind;
        self.listed += u8::from(listed && self.listed < u8::MAX);
        let mut own = [0; 8];
        own.iter_mut().zip(code).for_each(|(to, from)| *to = *from);
        if code.contains(&b'.') {
            out.at(&POINT, placed).element((element, 2)).data_element(1271);
            return;
        }
        let is_tenth = matches!(kind, Kind::Tenth { .. });
        if self.sent.first().is_some_and(|first| matches!(first.kind, Kind::Tenth { .. }) != is_tenth) {
            out.at(&MIXED, placed).element((element, 1)).data_element(1270);
        }
        if listed && self.sent.iter().any(|sent| sent.kind == kind && sent.code == own) {
            out.at(&TWICE, placed).element((element, 2)).data_element(1271);
        }
        if self.sent.len() < MOST {
            let position = placed.segment.position();
            self.sent.push(Diagnosis { kind, code: own, position, element });
        }
    }

    /// Asks the list for the days of `service`: a code in force on the first or the last of them may be billed.
    pub(super) fn end(&self, lists: &CodeLists, service: Option<(NaiveDate, NaiveDate)>, out: &mut Findings) {
        for sent in &self.sent {
            let rule = match (sent.kind, service) {
                (Kind::Ninth { .. }, Some((from, _))) if Some(from) >= TENTH_REVISION => &OLD_REVISION,
                (Kind::Ninth { .. }, _) => continue,
                (Kind::Tenth { .. }, _) => match sent.standing(lists, service) {
                    Standing::Known => continue,
                    Standing::NotYet | Standing::Expired => &NOT_IN_FORCE,
                    Standing::Heading => &NOT_BILLABLE,
                    Standing::Unknown => &UNKNOWN,
                },
            };
            out.pending(rule, sent.position, "2300", SegmentId::new(b"HI"))
                .element((sent.element, 2))
                .data_element(1271)
                .value(sent.text());
        }
    }
}

/// The first day of ICD-10-CM.
const TENTH_REVISION: Option<NaiveDate> = NaiveDate::from_ymd_opt(2015, 10, 1);

impl Diagnosis {
    fn text(&self) -> &[u8] {
        let length = self.code.iter().position(|byte| *byte == 0).unwrap_or(self.code.len());
        &self.code[..length]
    }

    fn standing(&self, lists: &CodeLists, service: Option<(NaiveDate, NaiveDate)>) -> Standing {
        let ask = |on| lists.standing(ListId::Icd10Cm, self.text(), on);
        match ask(service.map(|(_, last)| last)) {
            standing @ (Standing::NotYet | Standing::Expired) => {
                if ask(service.map(|(first, _)| first)) == Standing::Known { Standing::Known } else { standing }
            }
            standing => standing,
        }
    }
}

fn is_inpatient_procedure(code: &[u8]) -> bool {
    code.len() == 7 && code.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() && !matches!(b, b'I' | b'O'))
}

fn is_billing_code(code: &[u8]) -> bool {
    matches!(code.len(), 2 | 3) && code.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}
