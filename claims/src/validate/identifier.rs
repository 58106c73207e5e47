//! Names, numbers, addresses and ranges that have one form wherever they stand.

use chrono::NaiveDate;

use super::catalogue::declare;
use super::fields::{Fields, day, is_digits, mark, period};
use super::finding::Findings;
use super::id;
use super::rule::Rule;
use crate::guide::Placed;

declare! {
    NPI_SHAPE = error "npi-shape" Code Element("I12");
        "a national provider identifier is not ten digits that begin with 1 or 2";
        "send the NPI as the registry has it";
    NPI_CHECK_DIGIT = error "npi-check-digit" Code Element("7");
        "the check digit of a national provider identifier is wrong";
        "compare the NPI with the registry";
    PERSON_ONLY = error "organization-with-personal-name" Situation Element("I13");
        "an organization has a first name, middle name, prefix or suffix";
        "set NM102 to 1 for a person, or leave NM104 to NM107 empty";
    STATE_MISSING = error "state-missing" Situation Element("I9");
        "an address in the United States or Canada has no state or province";
        "send N402";
    POSTAL_CODE = error "postal-code-shape" Code Element("I12");
        "a postal code is not of its country's form";
        "send five or nine digits for the United States, letters and digits in turn for Canada";
    ZIP_PLUS_FOUR = warning "zip-plus-four-missing" Situation Element("I12");
        "the ZIP code of a billing provider or service location has five digits";
        "send all nine digits";
    SSN = error "ssn-shape" Code Element("I12");
        "a social security number is not nine digits";
        "send nine digits without hyphens";
    TIN = error "tax-id-shape" Code Element("I12");
        "a tax identification number is not nine digits";
        "send nine digits without hyphens";
    PUNCTUATION = warning "tax-id-punctuation" Code Element("6");
        "a tax identification or social security number is written with hyphens";
        "send the nine digits alone";
    PHONE = warning "phone-shape" Code Element("I12");
        "a telephone or fax number is not ten digits";
        "send area code and number as ten digits";
    RANGE_ORDER = error "range-order" Situation Element("8");
        "a range of dates ends before it begins";
        "send the earlier day first";
    BIRTH_IN_FUTURE = error "birth-in-future" Situation Element("8");
        "a date of birth is later than the transaction";
        "correct the date of birth";
    QUALIFIER_TWICE = warning "qualifier-twice" Situation Segment("5");
        "a loop has two references of the same kind";
        "send one of them";
}

/// What a loop has sent so far, and when the set was made.
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    created: Option<NaiveDate>,
    is_claim: bool,
    /// Kinds of references of the loop that is open; a loop has a few dozen at most.
    seen: Vec<u64>,
}

/// More kinds of references than any loop may have.
const KINDS: usize = 64;

impl Identifiers {
    pub(super) fn begin(&mut self, is_claim: bool) {
        self.created = None;
        self.is_claim = is_claim;
        self.seen.clear();
    }

    pub(super) fn segment(&mut self, placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
        if placed.opens {
            self.seen.clear();
        }
        match fields.id() {
            id::NM1 => name(placed, fields, out),
            id::N1 => party(placed, fields, out),
            id::N4 => self.place(placed, fields, out),
            id::REF => self.reference(placed, fields, out),
            id::PER => contact(placed, fields, out),
            id::DTP => range(placed, fields, out),
            id::DMG => {
                let birth = day(fields.at(2)).filter(|_| fields.at(1) == b"D8");
                if birth.zip(self.created).is_some_and(|(birth, created)| birth > created) {
                    out.at(&BIRTH_IN_FUTURE, placed).element(2).data_element(1251);
                }
            }
            id::BHT => self.created = day(fields.at(4)),
            _ => {}
        }
    }

    fn place(&self, placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
        let (state, postal, country) = (fields.at(2), fields.at(3), fields.at(4));
        let canada = country == b"CA" || country.is_empty() && postal.first().is_some_and(u8::is_ascii_alphabetic);
        let america = !canada && matches!(country, b"" | b"US");
        if state.is_empty() && (canada || america) && !fields.has(7) {
            out.at(&STATE_MISSING, placed).element(2).data_element(156);
        }
        if postal.is_empty() {
            return;
        }
        let fits = match (america, canada) {
            (true, _) => is_digits(postal, 5) || is_digits(postal, 9),
            (_, true) => is_canadian(postal),
            _ => true,
        };
        if !fits {
            out.at(&POSTAL_CODE, placed).element(3).data_element(116).found(format!("{} characters", postal.len()));
        } else if america && postal.len() == 5 && self.is_claim {
            let place = placed.loop_id();
            if matches!(place, "2010AA" | "2310C" | "2420C") {
                out.at(&ZIP_PLUS_FOUR, placed).element(3).data_element(116).found("5 digits").expected("9 digits");
            }
        }
    }

    fn reference(&mut self, placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
        let value = fields.at(2);
        match fields.at(1) {
            b"SY" => nine_digits(&SSN, value, 2, 127, placed, out),
            b"EI" | b"TJ" => nine_digits(&TIN, value, 2, 127, placed, out),
            b"HPI" => npi(value, 2, 127, placed, out),
            _ => {}
        }
        // Numbers of lines and other payers may come once for each payer (REF04).
        if fields.has(4) || matches!(placed.loop_id(), "2400" | "2110" | "2100" | "2110C" | "2110D") {
            return;
        }
        let kind = mark(fields.at(1));
        if self.seen.contains(&kind) {
            out.at(&QUALIFIER_TWICE, placed).element(1).data_element(128);
        } else if self.seen.len() < KINDS {
            self.seen.push(kind);
        }
    }
}

fn name(placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
    if fields.at(2) == b"2"
        && let Some(part) = (4..=7).find(|part| fields.has(*part))
    {
        out.at(&PERSON_ONLY, placed).element(u8::try_from(part).unwrap_or(4));
    }
    identification(fields.at(8), fields.at(9), 9, placed, out);
}

fn party(placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
    identification(fields.at(3), fields.at(4), 4, placed, out);
}

fn identification(qualifier: &[u8], value: &[u8], element: u8, placed: &Placed<'_>, out: &mut Findings) {
    match qualifier {
        b"XX" => npi(value, element, 67, placed, out),
        b"34" => nine_digits(&SSN, value, element, 67, placed, out),
        b"24" | b"FI" => nine_digits(&TIN, value, element, 67, placed, out),
        _ => {}
    }
}

fn nine_digits(
    rule: &'static Rule,
    value: &[u8],
    element: u8,
    data_element: u16,
    placed: &Placed<'_>,
    out: &mut Findings,
) {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hyphens = value.iter().filter(|byte| **byte == b'-').count();
    let rule = match (digits, hyphens) {
        _ if value.is_empty() => return,
        (9, 0) if value.len() == 9 => return,
        (9, 1 | 2) if value.len() == 9 + hyphens => &PUNCTUATION,
        _ => rule,
    };
    out.at(rule, placed).element(element).data_element(data_element).found(format!("{digits} digits"));
}

fn npi(value: &[u8], element: u8, data_element: u16, placed: &Placed<'_>, out: &mut Findings) {
    if value.is_empty() {
        return;
    }
    let rule = if !is_digits(value, 10) || !matches!(value[0], b'1' | b'2') {
        &NPI_SHAPE
    } else if !has_check_digit(value) {
        &NPI_CHECK_DIGIT
    } else {
        return;
    };
    out.at(rule, placed).element(element).data_element(data_element).value(value);
}

/// The Luhn check over the NPI with its prefix 80840, which adds 24.
fn has_check_digit(npi: &[u8]) -> bool {
    let sum: u32 = npi
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            match (place % 2, digit) {
                (0, digit) => digit,
                (_, digit @ ..5) => digit * 2,
                (_, digit) => digit * 2 - 9,
            }
        })
        .sum();
    (sum + 24).is_multiple_of(10)
}

fn is_canadian(postal: &[u8]) -> bool {
    let mut places = postal.iter().filter(|byte| **byte != b' ');
    let fits = places
        .by_ref()
        .take(6)
        .enumerate()
        .filter(|(place, byte)| if place % 2 == 0 { byte.is_ascii_alphabetic() } else { byte.is_ascii_digit() });
    fits.count() == 6 && places.next().is_none()
}

fn contact(placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
    for at in [3, 5, 7] {
        let number = fields.at(at + 1);
        if matches!(fields.at(at), b"TE" | b"FX") && !number.is_empty() && !is_digits(number, 10) {
            let element = u8::try_from(at + 1).unwrap_or(4);
            out.at(&PHONE, placed).element(element).data_element(364).found(format!("{} characters", number.len()));
        }
    }
}

fn range(placed: &Placed<'_>, fields: &Fields<'_>, out: &mut Findings) {
    if fields.at(2) == b"RD8" && period(b"RD8", fields.at(3)).is_some_and(|(from, to)| to < from) {
        out.at(&RANGE_ORDER, placed).element(3).data_element(1251);
    }
}
