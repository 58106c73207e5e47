//! F6: every box says what its 837P element says, and no box says more.
//!
//! The claim is written as an 837P; what the boxes must say is put together from that file by a reader of its own.

mod element;

use std::collections::BTreeMap;

use mentalspace_claims::claim::{
    Assignment, BenefitsAssignment, Claim, ClaimDraft, Frequency, PartyName, ReleaseOfInformation,
};
use mentalspace_claims::cms1500::grid::CELLS;
use mentalspace_core::{Money, PayerSex, Phone, TaxId, Taxonomy};

use self::element::{File, Segment};
use super::example::{claim, day, full, name, organization, plain, reference};
use super::sheet;

type Boxes = BTreeMap<(Option<u8>, &'static str, &'static str), String>;

const LONG: [&str; 3] = ["%m", "%d", "%Y"];
const SHORT: [&str; 3] = ["%m", "%d", "%y"];

/// Letters and digits only.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Without the punctuation addresses and names of organisations lose.
fn unpunctuated(text: &str) -> String {
    text.replace(['.', ',', '#'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// NM103, NM107, NM104 and the initial of NM105.
fn filed(nm1: &Segment) -> String {
    let last = format!("{} {}", nm1.at(3), nm1.at(7));
    let initial: String = nm1.at(5).chars().take(1).collect();
    let parts = [last.trim().to_owned(), nm1.at(4).to_owned(), initial];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn spoken(nm1: &Segment) -> String {
    let initial: String = nm1.at(5).chars().take(1).collect();
    unpunctuated(&[nm1.at(4), &initial, nm1.at(3), nm1.at(7)].join(" "))
}

fn zip(n4: &Segment) -> String {
    match n4.at(3).split_at_checked(5) {
        Some((five, four)) if !four.is_empty() => format!("{five}-{four}"),
        _ => n4.at(3).to_owned(),
    }
}

fn city_state_zip(n4: &Segment) -> String {
    format!("{} {} {}", n4.at(1), n4.at(2), zip(n4))
}

fn phone(digits: &str) -> (String, String) {
    let (area, number) = digits.split_at_checked(3).unwrap_or_default();
    (area.to_owned(), number.to_owned())
}

/// Element 782 as dollars and cents.
fn split(amount: &str) -> [String; 2] {
    let (dollars, cents) = amount.split_once('.').unwrap_or((amount, ""));
    [dollars.to_owned(), format!("{cents:0<2}")]
}

/// The boxes a file asks for; `claim` is asked only for what an 837P never carries.
struct Expected<'a> {
    file: &'a File,
    claim: &'a Claim,
    row: Option<u8>,
    boxes: Boxes,
}

impl Expected<'_> {
    fn put(&mut self, item: &'static str, field: &'static str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            assert_eq!(self.boxes.insert((self.row, item, field), value.to_uppercase()), None, "{item} {field}");
        }
    }

    fn mark(&mut self, item: &'static str, field: &'static str) {
        self.put(item, field, "X");
    }

    fn date(&mut self, item: &'static str, fields: [&'static str; 3], style: [&str; 3], date: &str) {
        if let Ok(date) = chrono::NaiveDate::parse_from_str(date, "%Y%m%d") {
            for (field, style) in fields.into_iter().zip(style) {
                self.put(item, field, date.format(style).to_string());
            }
        }
    }

    fn span(&mut self, item: &'static str, style: [&str; 3], from: &str, to: &str) {
        self.date(item, ["from month", "from day", "from year"], style, from);
        self.date(item, ["to month", "to day", "to year"], style, to);
    }

    fn money(&mut self, item: &'static str, amount: &str) {
        let [dollars, cents] = split(amount);
        self.put(item, "dollars", dollars);
        self.put(item, "cents", cents);
    }

    fn sex(&mut self, item: &'static str, code: &str) {
        match code {
            "M" => self.mark(item, "male"),
            "F" => self.mark(item, "female"),
            _ => {}
        }
    }

    fn insured(&mut self) {
        let (payer, sbr) = (self.file.find("2010BB", "NM1"), self.file.find("2000B", "SBR"));
        self.put("carrier", "name", unpunctuated(payer.at(3)));
        self.put("carrier", "street", unpunctuated(self.file.find("2010BB", "N3").at(1)));
        self.put("carrier", "street 2", unpunctuated(self.file.find("2010BB", "N3").at(2)));
        self.put("carrier", "city state zip", city_state_zip(&self.file.find("2010BB", "N4")).trim());
        let in_group = !sbr.at(3).is_empty() || !sbr.at(4).is_empty();
        assert_eq!(sbr.at(9), "CI");
        self.mark("1", if in_group { "group health plan" } else { "other" });
        let subscriber = self.file.find("2010BA", "NM1");
        self.put("1a", "id", subscriber.at(9));
        self.put("4", "name", filed(&subscriber));
        self.put("11", "policy group", bare(sbr.at(3)));
        // SBR04 is left out where SBR03 is sent.
        let group_name = self.claim.subscriber.group_name.as_ref().map_or("", |name| name.as_str());
        assert!(sbr.at(4).is_empty() || sbr.at(4) == group_name.to_uppercase());
        self.put("11c", "plan", group_name);
        let casualty = self.file.reference("2010CA", "Y4").or(self.file.reference("2010BA", "Y4"));
        if let Some(number) = casualty {
            self.put("11b", "qualifier", "Y4");
            self.put("11b", "id", bare(number));
        }
        let clm = self.file.find("2300", "CLM");
        for (item, element, yes) in [("12", 9, "Y"), ("13", 8, "Y"), ("31", 6, "Y")] {
            if clm.at(element) == yes {
                self.put(item, "signature", "SIGNATURE ON FILE");
            }
        }
        self.insured_on_paper();
        self.other_insured();
    }

    /// Items 7 and 11a: 2010BA carries them only when the subscriber is the patient.
    fn insured_on_paper(&mut self) {
        let subscriber = &self.claim.subscriber;
        if let Some(home) = &subscriber.address {
            let (street, n4) = (home.line1.expose(), self.file.find("2010BA", "N4"));
            assert!(n4.is_empty() || n4.at(1) == home.city.expose().to_uppercase());
            self.put("7", "street", unpunctuated(street));
            self.put("7", "city", home.city.expose());
            self.put("7", "state", home.state.as_str());
            self.put("7", "zip", home.zip.expose_hyphenated());
        }
        if let Some(born) = &subscriber.birth_date {
            let fields = ["birth month", "birth day", "birth year"];
            self.date("11a", fields, LONG, &born.expose().format("%Y%m%d").to_string());
        }
        self.sex("11a", subscriber.sex.map_or("", PayerSex::code));
        let patient = self.claim.patient.as_ref().map_or(&subscriber.phone, |patient| &patient.phone);
        for (item, number) in [("5", patient), ("7", &subscriber.phone)] {
            let (area, number) = phone(number.as_ref().and_then(Phone::expose_us).unwrap_or_default());
            self.put(item, "area code", area);
            self.put(item, "phone", number);
        }
    }

    fn other_insured(&mut self) {
        let (sbr, person) = (self.file.find("2320", "SBR"), self.file.find("2330A", "NM1"));
        if sbr.is_empty() {
            self.mark("11d", "no");
            return;
        }
        self.mark("11d", "yes");
        self.put("9", "name", filed(&person));
        self.put("9a", "policy group", bare(if sbr.at(3).is_empty() { person.at(9) } else { sbr.at(3) }));
        // SBR04 is left out where SBR03 is sent; the payer's name stands in for a plan's.
        let named = self.claim.other_payers[0].subscriber.group_name.as_ref().map(|name| name.as_str().to_uppercase());
        self.put("9d", "plan", named.unwrap_or_else(|| self.file.find("2330B", "NM1").at(3).to_owned()));
    }

    fn patient(&mut self) {
        let loops = if self.file.find("2010CA", "NM1").is_empty() { "2010BA" } else { "2010CA" };
        self.put("2", "name", filed(&self.file.find(loops, "NM1")));
        let born = self.file.find(loops, "DMG");
        self.date("3", ["birth month", "birth day", "birth year"], LONG, born.at(2));
        self.sex("3", born.at(3));
        let (street, n4) = (self.file.find(loops, "N3"), self.file.find(loops, "N4"));
        self.put("5", "street", unpunctuated(&format!("{} {}", street.at(1), street.at(2))));
        self.put("5", "city", n4.at(1));
        self.put("5", "state", n4.at(2));
        self.put("5", "zip", zip(&n4));
        let relationship = [self.file.find("2000B", "SBR").at(2), self.file.find("2000C", "PAT").at(1)].concat();
        self.mark(
            "6",
            match relationship.as_str() {
                "18" => "self",
                "01" => "spouse",
                "19" => "child",
                _ => "other",
            },
        );
    }

    fn case(&mut self) {
        let clm = self.file.find("2300", "CLM");
        let causes: Vec<&str> = clm.at(11).split(':').collect();
        for (item, code) in [("10a", "EM"), ("10b", "AA"), ("10c", "OA")] {
            self.mark(item, if causes.contains(&code) { "yes" } else { "no" });
        }
        self.put("10b", "state", causes.get(3).copied().unwrap_or_default());
        for (item, codes) in [("14", &["431", "484"][..]), ("15", &["439", "454", "304", "453", "090", "091", "444"])] {
            let dates = codes.iter().find_map(|code| Some((code, self.file.date(code)?.0)));
            if let Some((code, date)) = dates {
                self.put(item, "qualifier", *code);
                self.date(item, ["month", "day", "year"], SHORT, &date);
            }
        }
        let open = |code: &str| self.file.date(code).map(|(date, _)| date).unwrap_or_default();
        let (from, to) = self.file.date("314").unwrap_or_else(|| (open("360"), open("361")));
        let (admitted, discharged) = (open("435"), open("096"));
        self.span("16", SHORT, &from, &to);
        self.span("18", SHORT, &admitted, &discharged);
        for (code, loops) in [("DN", "2310A"), ("DQ", "2310D")] {
            let nm1 = self.file.find(loops, "NM1");
            if !nm1.is_empty() {
                self.put("17", "qualifier", code);
                self.put("17", "name", spoken(&nm1));
                self.put("17b", "npi", nm1.at(9));
                let id = self.file.find(loops, "REF");
                self.put("17a", "qualifier", id.at(1));
                self.put("17a", "id", bare(id.at(2)));
                break;
            }
        }
        let note = self.file.find("2300", "NTE");
        let text = format!("{}{}", note.at(1), note.at(2));
        let cut = if text.len() > 48 { 23 } else { 0 };
        self.put("19", "first line", text[..cut].trim());
        self.put("19", "second line", text[cut..].trim());
        self.mark("20", "no");
        self.codes();
        self.earlier(&clm);
    }

    fn codes(&mut self) {
        let mut letters = CELLS.iter().filter(|cell| cell.item == "21" && cell.field.len() == 1);
        let mut conditions = Vec::new();
        for code in self.file.all("2300", "HI").flat_map(|hi| hi.0[1..].to_vec()) {
            match code.split_once(':').unwrap() {
                ("BG", code) => conditions.push(code.to_owned()),
                ("ABK" | "ABF", code) => self.put("21", letters.next().unwrap().field, code),
                other => panic!("{other:?}"),
            }
        }
        self.put("21", "indicator", "0");
        self.put("10d", "claim codes", conditions.join("   "));
    }

    fn earlier(&mut self, clm: &Segment) {
        let frequency = clm.at(5).rsplit(':').next().unwrap();
        if frequency != "1" {
            self.put("22", "code", frequency);
        }
        self.put("22", "original reference", self.file.reference("2300", "F8").unwrap_or_default());
        let authorization = self.file.reference("2300", "G1").or(self.file.reference("2300", "9F"));
        self.put("23", "number", bare(authorization.unwrap_or_default()));
    }

    fn services(&mut self) {
        for (row, line) in (0..).zip(&self.file.lines) {
            self.row = Some(row);
            let sv1 = line.find("2400", "SV1");
            let (from, to) = line.date("472").unwrap();
            self.span("24A", SHORT, &from, &to);
            let place =
                if sv1.at(5).is_empty() { self.file.find("2300", "CLM").component(5, 1) } else { sv1.at(5).to_owned() };
            self.put("24B", "place", place);
            self.put("24C", "emergency", sv1.at(9));
            self.put("24D", "procedure", sv1.component(1, 2));
            for (number, field) in (3..).zip(["modifier 1", "modifier 2", "modifier 3", "modifier 4"]) {
                self.put("24D", field, sv1.component(1, number));
            }
            let letter = |number: &str| {
                CELLS
                    .iter()
                    .filter(|cell| cell.item == "21" && cell.field.len() == 1)
                    .nth(number.parse::<usize>().unwrap() - 1)
                    .unwrap()
                    .field
            };
            self.put("24E", "pointers", sv1.at(7).split(':').map(letter).collect::<String>());
            self.money("24F", sv1.at(2));
            self.put("24G", "units", sv1.at(4));
            self.put("24H", "family plan", [sv1.at(11), sv1.at(12)].concat().chars().take(1).collect::<String>());
            self.rendering(line);
            let (lin, ctp) = (line.find("2410", "LIN"), line.find("2410", "CTP"));
            let drug = if lin.is_empty() {
                String::new()
            } else {
                format!("{}{}   {}{}", lin.at(2), lin.at(3), ctp.at(5), ctp.at(4))
            };
            let words = [sv1.component(1, 7), line.find("2400", "NTE").at(2).to_owned()];
            let words = words.into_iter().filter(|text| !text.is_empty()).map(|text| format!("ZZ{text}"));
            let parts = [drug].into_iter().filter(|text| !text.is_empty()).chain(words);
            self.put("24", "supplemental", parts.collect::<Vec<_>>().join("   "));
        }
        self.row = None;
    }

    /// 2420A, or else 2310B.
    fn rendering(&mut self, line: &File) {
        let of_line = line.find("2420A", "NM1");
        let (file, loops) = if of_line.is_empty() { (self.file, "2310B") } else { (line, "2420A") };
        let (nm1, id, taxonomy) = (file.find(loops, "NM1"), file.find(loops, "REF"), file.find(loops, "PRV"));
        self.put("24J", "npi", nm1.at(9));
        let (qualifier, id) = if id.is_empty() { ("ZZ", taxonomy.at(3)) } else { (id.at(1), id.at(2)) };
        if !id.is_empty() {
            self.put("24I", "qualifier", qualifier);
            self.put("24J", "other id", id);
        }
    }

    fn billing(&mut self) {
        let clm = self.file.find("2300", "CLM");
        for (code, field) in [("EI", "ein"), ("SY", "ssn")] {
            if let Some(number) = self.file.reference("2010AA", code) {
                self.put("25", "number", number);
                self.mark("25", field);
            }
        }
        self.put("26", "account", bare(clm.at(1)));
        match clm.at(7) {
            "A" => self.mark("27", "yes"),
            "C" => self.mark("27", "no"),
            _ => {}
        }
        self.money("28", clm.at(2));
        let paid: Money = [self.file.amount("2300", "F5"), self.file.amount("2320", "D")]
            .into_iter()
            .flatten()
            .map(|amount| amount.parse::<Money>().unwrap())
            .sum();
        if !paid.is_zero() {
            self.money("29", &paid.to_string());
        }
        let facility = self.file.find("2310C", "NM1");
        if !facility.is_empty() {
            self.put("32", "name", unpunctuated(facility.at(3)));
            self.put("32", "street", unpunctuated(self.file.find("2310C", "N3").at(1)));
            self.put("32", "city state zip", city_state_zip(&self.file.find("2310C", "N4")));
            self.put("32a", "npi", facility.at(9));
            let id = self.file.find("2310C", "REF");
            self.put("32b", "other id", format!("{}{}", id.at(1), id.at(2)));
        }
        let provider = self.file.find("2010AA", "NM1");
        let (area, number) = phone(self.file.find("2010AA", "PER").after("TE"));
        self.put("33", "area code", area);
        self.put("33", "phone", number);
        self.put("33", "name", spoken(&provider));
        self.put("33", "street", unpunctuated(self.file.find("2010AA", "N3").at(1)));
        self.put("33", "city state zip", city_state_zip(&self.file.find("2010AA", "N4")));
        self.put("33a", "npi", provider.at(9));
        let (id, taxonomy) = (self.file.find("2010BB", "REF"), self.file.find("2000A", "PRV").at(3).to_owned());
        let taxonomy = if taxonomy.is_empty() { taxonomy } else { format!("ZZ{taxonomy}") };
        self.put("33b", "other id", if id.is_empty() { taxonomy } else { format!("{}{}", id.at(1), id.at(2)) });
    }
}

fn expected(claim: &Claim) -> Boxes {
    let file = File::of(claim);
    let mut expected = Expected { file: &file, claim, row: None, boxes: Boxes::new() };
    expected.insured();
    expected.patient();
    expected.case();
    expected.services();
    expected.billing();
    expected.boxes
}

/// The claims compared: plain and full, and each with other answers where the form has a choice.
fn drafts() -> Vec<ClaimDraft> {
    let mut refused = full();
    refused.assignment = Assignment::NotAccepted;
    refused.benefits_assignment = BenefitsAssignment::No;
    refused.release = ReleaseOfInformation::Informed;
    refused.provider_signature_on_file = false;
    refused.frequency = Frequency::Void { payer_claim_number: reference("998877") };
    refused.supervising = refused.referring.take();
    refused.lines[1].rendering = refused.supervising.clone();
    refused.lines[0].epsdt = true;
    refused.dates.disability_to = None;
    refused.dates.onset = None;
    refused.dates.last_menstrual_period = Some(day(2026, 1, 3));

    let mut person = plain();
    person.billing_provider.name = PartyName::Person(name("José", "Luis", "Muñoz"));
    person.billing_provider.tax_id = TaxId::ssn("123-45-6788").unwrap();
    person.billing_provider.taxonomy = Taxonomy::parse("101YM0800X").ok();
    person.subscriber.name = name("Zoë", "", "O'Brien-Núñez");
    person.subscriber.sex = Some(PayerSex::Unknown);
    person.subscriber.group_name = Some(organization("Prairie Plan"));
    person.subscriber.phone = Phone::parse("312-555-0111").ok();
    person.referral_number = Some(reference("RF 22"));
    person.dates.first_contact = Some(day(2026, 2, 2));

    let mut coordinated = full();
    coordinated.other_payers[0].subscriber.group_number = None;
    coordinated.other_payers[0].subscriber.group_name = None;
    coordinated.patient_paid = None;
    vec![plain(), full(), refused, person, coordinated]
}

/// F6.
#[test]
fn f6_every_box_says_what_its_element_says_and_no_box_says_more() {
    for (number, draft) in drafts().into_iter().enumerate() {
        let claim = claim(draft);
        let sheet = sheet(&claim);
        let printed: Boxes = sheet
            .values()
            .iter()
            .map(|v| ((v.service_line, v.cell.item, v.cell.field), v.text.as_str().to_owned()))
            .collect();
        assert_eq!(printed.len(), sheet.values().len(), "a box is filled twice");
        let expected = expected(&claim);
        for (place, value) in &expected {
            assert_eq!(printed.get(place), Some(value), "claim {number}, {place:?}");
        }
        let extra: Vec<_> = printed.keys().filter(|place| !expected.contains_key(*place)).collect();
        assert!(extra.is_empty(), "claim {number}, {extra:?}");
    }
}

/// F6: only what never travels in an 837P has no element.
#[test]
fn f6_every_cell_names_its_element() {
    let without: Vec<_> = CELLS.iter().filter(|c| c.x12.is_empty()).map(|c| (c.item, c.field)).collect();
    let expected = [
        ("8", "reserved"),
        ("5", "area code"),
        ("5", "phone"),
        ("7", "area code"),
        ("7", "phone"),
        ("9b", "reserved"),
        ("9c", "reserved"),
        ("12", "date"),
        ("30", "reserved"),
        ("31", "date"),
    ];
    assert_eq!(without, expected);
}
