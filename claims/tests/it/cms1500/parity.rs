//! F6: every box says what its 837P element says. What an element would hold is written down here straight from the
//! claim, without the form's own helpers; the form must say all of it, in its spelling, and nothing else.

use std::collections::BTreeMap;

use mentalspace_claims::claim::{Claim, PartyName, Provider, ServiceLine};
use mentalspace_claims::cms1500::grid::CELLS;
use mentalspace_core::{Address, Money, PersonName};

use super::example::{claim, full, plain};
use super::sheet;

type Boxes = BTreeMap<(Option<u8>, &'static str, &'static str), String>;

fn boxes(claim: &Claim) -> Boxes {
    let mut boxes = Boxes::new();
    payers(claim, &mut boxes);
    people(claim, &mut boxes);
    case(claim, &mut boxes);
    for (row, line) in (0..).zip(&claim.lines) {
        service(claim, line, row, &mut boxes);
    }
    billing(claim, &mut boxes);
    boxes.retain(|_, value| !value.is_empty());
    boxes
}

/// Letters and digits only, in capitals.
fn bare(text: &str) -> String {
    text.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn put(boxes: &mut Boxes, item: &'static str, field: &'static str, value: impl Into<String>) {
    assert_eq!(boxes.insert((None, item, field), value.into().to_uppercase()), None, "{item} {field}");
}

/// NM103, NM107, NM104 and the initial of NM105.
fn person(name: &PersonName) -> String {
    let part = |part: &Option<mentalspace_core::NamePart>| part.as_ref().map_or("", |p| p.expose()).to_owned();
    let last = [name.last.expose().to_owned(), part(&name.suffix)].join(" ");
    let middle = part(&name.middle).chars().take(1).collect();
    [last.trim().to_owned(), part(&name.first), middle]
        .into_iter()
        .filter(|p: &String| !p.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn party(name: &PartyName) -> String {
    match name {
        PartyName::Organization(name) => name.as_str().to_owned(),
        PartyName::Person(name) => {
            let (last, given) = (name.last.expose(), name.first.as_ref().unwrap().expose());
            let middle = name.middle.as_ref().map_or(String::new(), |m| format!("{} ", &m.expose()[..1]));
            format!("{given} {middle}{last}")
        }
    }
}

fn place(address: &Address) -> String {
    let (five, four) = address.zip.expose().split_at(5);
    format!("{} {} {five}-{four}", address.city.expose(), address.state)
}

fn date(
    boxes: &mut Boxes,
    item: &'static str,
    fields: [&'static str; 3],
    style: [&str; 3],
    day: Option<chrono::NaiveDate>,
) {
    let Some(day) = day else { return };
    for (field, style) in fields.into_iter().zip(style) {
        put(boxes, item, field, day.format(style).to_string());
    }
}

const LONG: [&str; 3] = ["%m", "%d", "%Y"];
const SHORT: [&str; 3] = ["%m", "%d", "%y"];

fn mark(boxes: &mut Boxes, item: &'static str, field: &'static str) {
    put(boxes, item, field, "X");
}

fn payers(claim: &Claim, boxes: &mut Boxes) {
    put(boxes, "carrier", "name", claim.payer.name.as_str());
    if let Some(address) = &claim.payer.address {
        put(boxes, "carrier", "street", address.line1.expose());
        put(boxes, "carrier", "city state zip", place(address));
    }
    let subscriber = &claim.subscriber;
    mark(boxes, "1", if subscriber.group_number.is_some() { "group health plan" } else { "other" });
    put(boxes, "1a", "id", subscriber.member_id.expose());
    put(boxes, "4", "name", person(&subscriber.name));
    put(boxes, "11", "policy group", bare(subscriber.group_number.as_ref().map_or("", |n| n.expose())));
    put(boxes, "11c", "plan", subscriber.group_name.as_ref().map_or("", |n| n.as_str()));
    if let Some(number) = &subscriber.casualty_claim_number {
        put(boxes, "11b", "qualifier", "Y4");
        put(boxes, "11b", "id", bare(number.expose()));
    }
    put(boxes, "13", "signature", "Signature on file");
    match claim.other_payers.first() {
        None => mark(boxes, "11d", "no"),
        Some(other) => {
            mark(boxes, "11d", "yes");
            put(boxes, "9", "name", person(&other.subscriber.name));
            put(boxes, "9a", "policy group", bare(other.subscriber.group_number.as_ref().unwrap().expose()));
            put(boxes, "9d", "plan", other.subscriber.group_name.as_ref().unwrap().as_str());
        }
    }
}

fn people(claim: &Claim, boxes: &mut Boxes) {
    let subscriber = &claim.subscriber;
    let home = subscriber.address.as_ref().unwrap();
    put(boxes, "7", "street", home.line1.expose());
    let born = Some(*subscriber.birth_date.as_ref().unwrap().expose());
    date(boxes, "11a", ["birth month", "birth day", "birth year"], LONG, born);
    mark(boxes, "11a", "female");
    let address = match &claim.patient {
        None => {
            put(boxes, "2", "name", person(&subscriber.name));
            date(boxes, "3", ["birth month", "birth day", "birth year"], LONG, born);
            mark(boxes, "3", "female");
            mark(boxes, "6", "self");
            put(boxes, "5", "street", home.line1.expose());
            home
        }
        Some(patient) => {
            put(boxes, "2", "name", person(&patient.name));
            date(boxes, "3", ["birth month", "birth day", "birth year"], LONG, Some(*patient.birth_date.expose()));
            mark(boxes, "3", "male");
            mark(boxes, "6", "child");
            let line2 = patient.address.line2.as_ref().unwrap().expose();
            put(boxes, "5", "street", format!("{} {line2}", patient.address.line1.expose()));
            put(boxes, "5", "area code", "217");
            put(boxes, "5", "phone", "5550177");
            put(boxes, "7", "area code", "217");
            put(boxes, "7", "phone", "5550134");
            &patient.address
        }
    };
    for (item, address) in [("5", address), ("7", home)] {
        put(boxes, item, "city", address.city.expose());
        put(boxes, item, "state", address.state.as_str());
        put(boxes, item, "zip", format!("{}-{}", &address.zip.expose()[..5], &address.zip.expose()[5..]));
    }
    put(boxes, "12", "signature", "Signature on file");
}

fn case(claim: &Claim, boxes: &mut Boxes) {
    let causes = &claim.related_causes;
    let answer = |yes: bool| if yes { "yes" } else { "no" };
    mark(boxes, "10a", answer(causes.employment));
    mark(boxes, "10b", answer(causes.auto_accident.is_some()));
    mark(boxes, "10c", answer(causes.other_accident));
    put(boxes, "10b", "state", causes.auto_accident.as_ref().map_or("", |s| s.as_str()));
    put(boxes, "10d", "claim codes", claim.condition_codes.iter().map(|c| c.as_str()).collect::<Vec<_>>().join("   "));
    let dates = &claim.dates;
    date(boxes, "14", ["month", "day", "year"], SHORT, dates.onset);
    date(boxes, "15", ["month", "day", "year"], SHORT, dates.accident);
    date(boxes, "16", ["from month", "from day", "from year"], SHORT, dates.disability_from);
    date(boxes, "16", ["to month", "to day", "to year"], SHORT, dates.disability_to);
    date(boxes, "18", ["from month", "from day", "from year"], SHORT, dates.admission);
    date(boxes, "18", ["to month", "to day", "to year"], SHORT, dates.discharge);
    put(boxes, "14", "qualifier", dates.onset.map_or("", |_| "431"));
    put(boxes, "15", "qualifier", dates.accident.map_or("", |_| "439"));
    if let Some(referring) = &claim.referring {
        put(boxes, "17", "qualifier", "DN");
        put(boxes, "17", "name", party(&referring.name));
        put(boxes, "17a", "qualifier", referring.secondary_ids[0].qualifier.code());
        put(boxes, "17a", "id", referring.secondary_ids[0].value.expose());
        put(boxes, "17b", "npi", referring.npi.as_ref().unwrap().as_str());
    }
    if let Some(note) = &claim.note {
        let text = format!("{}{}", note.kind.code(), note.text.expose());
        put(boxes, "19", "first line", text[..23].trim());
        put(boxes, "19", "second line", text[23..].trim());
    }
    mark(boxes, "20", "no");
    put(boxes, "21", "indicator", "0");
    let letters = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
    for (diagnosis, letter) in claim.diagnoses.iter().zip(letters) {
        put(boxes, "21", letter, bare(&diagnosis.dotted()));
    }
    if let Some(number) = claim.frequency.payer_claim_number() {
        put(boxes, "22", "code", claim.frequency.code());
        put(boxes, "22", "original reference", number.expose());
    }
    put(boxes, "23", "number", bare(claim.prior_authorization.as_ref().map_or("", |n| n.expose())));
}

fn service(claim: &Claim, line: &ServiceLine, row: u8, boxes: &mut Boxes) {
    let mut put = |item, field, value: String| assert_eq!(boxes.insert((Some(row), item, field), value), None);
    for (prefix, day) in [
        (["from month", "from day", "from year"], line.dates.from()),
        (["to month", "to day", "to year"], line.dates.to()),
    ] {
        for (field, style) in prefix.into_iter().zip(SHORT) {
            put("24A", field, day.format(style).to_string());
        }
    }
    put("24B", "place", line.place_of_service.as_ref().unwrap_or(&claim.place_of_service).to_string());
    put("24C", "emergency", if line.emergency { "Y" } else { "" }.to_owned());
    put("24D", "procedure", line.procedure.to_string());
    for (field, modifier) in
        ["modifier 1", "modifier 2", "modifier 3", "modifier 4"].into_iter().zip(line.modifiers.as_slice())
    {
        put("24D", field, modifier.to_string());
    }
    put("24E", "pointers", line.pointers.iter().map(|p| char::from(b'@' + p)).collect());
    let (dollars, cents) = split(line.charge);
    put("24F", "dollars", dollars);
    put("24F", "cents", cents);
    put("24G", "units", line.units.decimal().to_string());
    put("24H", "family plan", if line.family_planning { "Y" } else { "" }.to_owned());
    let rendering: Option<&Provider> = claim.rendering.as_ref();
    put("24I", "qualifier", rendering.map_or("", |_| "ZZ").to_owned());
    put("24J", "other id", rendering.and_then(|r| r.taxonomy.as_ref()).map_or("", |t| t.as_str()).to_owned());
    put("24J", "npi", rendering.and_then(|r| r.npi.as_ref()).map_or("", |n| n.as_str()).to_owned());
    let drug = line.drug.as_ref().map(|d| format!("N4{}   {}{}", d.ndc, d.unit.code(), d.quantity.decimal()));
    let note = line.note.as_ref().map(|n| format!("ZZ{}", n.expose().to_uppercase()));
    put("24", "supplemental", [drug, note].into_iter().flatten().collect::<Vec<_>>().join("   "));
}

fn split(amount: Money) -> (String, String) {
    let text = amount.to_string();
    let (dollars, cents) = text.split_once('.').unwrap();
    (dollars.to_owned(), cents.to_owned())
}

fn billing(claim: &Claim, boxes: &mut Boxes) {
    let provider = &claim.billing_provider;
    put(boxes, "25", "number", provider.tax_id.expose());
    mark(boxes, "25", "ein");
    put(boxes, "26", "account", claim.control_number.as_str());
    mark(boxes, "27", "yes");
    let (dollars, cents) = split(claim.total());
    put(boxes, "28", "dollars", dollars);
    put(boxes, "28", "cents", cents);
    if let Some(patient_paid) = claim.patient_paid {
        let payer_paid = claim.other_payers[0].adjudication.as_ref().unwrap().paid;
        let (dollars, cents) = split(patient_paid + payer_paid);
        put(boxes, "29", "dollars", dollars);
        put(boxes, "29", "cents", cents);
    }
    put(boxes, "31", "signature", "Signature on file");
    if let Some(facility) = &claim.facility {
        put(boxes, "32", "name", facility.name.as_str());
        put(boxes, "32", "street", facility.address.line1.expose());
        put(boxes, "32", "city state zip", place(&facility.address));
        put(boxes, "32a", "npi", facility.npi.as_ref().unwrap().as_str());
        put(boxes, "32b", "other id", "LUW2");
    }
    if provider.contact.is_some() {
        put(boxes, "33", "area code", "217");
        put(boxes, "33", "phone", "5550100");
        put(boxes, "33b", "other id", "G2PRV998");
    }
    put(boxes, "33", "name", party(&provider.name));
    put(boxes, "33", "street", provider.address.line1.expose());
    put(boxes, "33", "city state zip", place(&provider.address));
    put(boxes, "33a", "npi", provider.npi.as_str());
}

/// F6.
#[test]
fn f6_every_box_says_what_its_element_says_and_no_box_says_more() {
    for draft in [plain(), full()] {
        let claim = claim(draft);
        let sheet = sheet(&claim);
        let printed: Boxes = sheet
            .values()
            .iter()
            .map(|v| ((v.service_line, v.cell.item, v.cell.field), v.text.as_str().to_owned()))
            .collect();
        assert_eq!(printed.len(), sheet.values().len(), "a box is filled twice");
        let expected = boxes(&claim);
        for (place, value) in &expected {
            assert_eq!(printed.get(place), Some(value), "{place:?}");
        }
        let extra: Vec<_> = printed.keys().filter(|place| !expected.contains_key(*place)).collect();
        assert!(extra.is_empty(), "{extra:?}");
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
