//! The printed documents, read back by an independent reader.

use chrono::{DateTime, Utc};
use mentalspace_claims::code_list::CodeLists;
use mentalspace_claims::page::flow::{Column, Flow};
use mentalspace_claims::page::{Font, Page, Picture, Points, Printable, Raster, Role, pdf};
use mentalspace_claims::paper::{
    Ageing, Applied, BilledService, Chart, Consent, EstimateError, EstimatedItem, Goal, GoodFaithEstimate, Letterhead,
    Paper, PaymentPlan, Receipt, Release, RemittanceSummary, Signature, SignedNote, Statement, StatementLine, Subject,
    Superbill, TreatmentPlan,
};
use mentalspace_claims::transaction::r835;
use mentalspace_core::{Address, DateOfService, Money, Npi, PersonName, Phi, Phone, TaxId};
use proptest::prelude::*;

use crate::people::day;
use crate::{era, tools};

fn dollars(dollars: i64) -> Money {
    Money::from_cents(dollars * 100)
}

fn practice() -> Letterhead {
    Letterhead {
        name: "Lakeside Counseling".to_owned(),
        address: Address::new("500 Lake Ave", "Springfield", "IL", "627041234").unwrap(),
        phone: Phone::parse("+12175550100").unwrap(),
        npi: Npi::parse("1888888884").unwrap(),
        tax_id: TaxId::ein("741234567").unwrap(),
    }
}

fn client() -> Subject {
    Subject {
        name: PersonName::new("Zoë", "Łukasiewicz-Nguyễn").unwrap(),
        birth_date: Phi::new(day("1988-07-04")),
        account: Some("C1000042".to_owned()),
    }
}

fn signed(role: &str) -> Signature {
    let at = DateTime::parse_from_rfc3339("2026-04-02T17:30:00Z").unwrap().with_timezone(&Utc);
    Signature { name: "Robin Hale, LCSW".to_owned(), role: role.to_owned(), at }
}

fn superbill() -> Superbill {
    let service = |date: &str, paid| BilledService {
        dates: DateOfService::on(day(date)),
        place: "10".parse().unwrap(),
        procedure: "90837".parse().unwrap(),
        modifiers: vec!["95".parse().unwrap()].try_into().unwrap(),
        units: 1.into(),
        charge: dollars(150),
        paid: dollars(paid),
    };
    Superbill {
        practice: practice(),
        client: client(),
        provider: PersonName::new("Robin", "Hale").unwrap(),
        credentials: Some("LCSW".to_owned()),
        npi: Some(Npi::parse("1999999992").unwrap()),
        licence: Some("IL 149.000123".to_owned()),
        diagnoses: vec!["F411".parse().unwrap(), "F331".parse().unwrap()],
        services: vec![service("2026-03-02", 150), service("2026-03-09", 100)],
        on: day("2026-04-02"),
    }
}

fn owed(date: &str, charge: i64, insurance: i64, adjusted: i64, client: i64, pending: i64) -> StatementLine {
    StatementLine {
        date: day(date),
        what: "Psychotherapy, 60 minutes".to_owned(),
        charge: dollars(charge),
        insurance_paid: dollars(insurance),
        adjusted: dollars(adjusted),
        client_paid: dollars(client),
        pending: dollars(pending),
        due_since: day(date),
    }
}

fn statement() -> Statement {
    Statement {
        practice: practice(),
        addressee: PersonName::new("Ana", "Łukasiewicz").unwrap(),
        address: Address::new("7 Oak Ct", "Springfield", "IL", "62704").unwrap(),
        account: "C1000042".to_owned(),
        on: day("2026-04-02"),
        due_by: day("2026-04-30"),
        lines: vec![
            owed("2025-12-01", 150, 80, 40, 0, 0),
            owed("2026-02-20", 150, 90, 40, 5, 0),
            owed("2026-03-20", 150, 0, 0, 0, 150),
            owed("2026-03-27", 150, 0, 0, 25, 0),
        ],
        unapplied: dollars(10),
        plan: Some(PaymentPlan { part: dollars(40), every: "each month".to_owned(), next: day("2026-05-01") }),
        pay_at: Some("https://pay.example.com/s/8d1f".to_owned()),
    }
}

fn estimate() -> GoodFaithEstimate {
    GoodFaithEstimate {
        practice: practice(),
        client: client(),
        provider: PersonName::new("Robin", "Hale").unwrap(),
        npi: None,
        primary_service: "Psychotherapy for anxiety".to_owned(),
        diagnoses: Vec::new(),
        items: vec![
            EstimatedItem {
                what: "First interview".to_owned(),
                procedure: "90791".parse().unwrap(),
                count: 1,
                each: dollars(200),
            },
            EstimatedItem {
                what: "Session".to_owned(),
                procedure: "90837".parse().unwrap(),
                count: 24,
                each: dollars(150),
            },
        ],
        from: day("2026-04-10"),
        to: day("2027-04-09"),
        on: day("2026-04-02"),
    }
}

fn note() -> SignedNote {
    SignedNote {
        practice: practice(),
        client: client(),
        kind: "Progress note".to_owned(),
        date: day("2026-03-02"),
        session: vec![("Time", "10:00 to 10:53".to_owned()), ("Place", "10, by video".to_owned())],
        sections: vec![
            ("Data".to_owned(), "Slept badly; 你好 was said. Příliš žluťoučký kůň.".to_owned()),
            ("Plan".to_owned(), "Weekly sessions.\n\nHomework: a diary.".to_owned()),
        ],
        signatures: vec![signed("author"), signed("supervisor")],
        amendments: vec![(signed("author"), "The session ended at 10:54.".to_owned())],
    }
}

fn release() -> Release {
    Release {
        practice: practice(),
        client: client(),
        information: "Dates of attendance and diagnoses".to_owned(),
        recipient: "Dr. Grace Ito, 9 West Rd, Springfield IL".to_owned(),
        purpose: "Coordination of care".to_owned(),
        expires: Some(day("2027-04-02")),
        ends_with: None,
        substance_use: true,
        psychotherapy_notes: false,
    }
}

fn plan() -> TreatmentPlan {
    TreatmentPlan {
        practice: practice(),
        client: client(),
        diagnoses: vec!["F411".parse().unwrap()],
        problem: "Worry on most days.".to_owned(),
        goals: vec![Goal {
            goal: "Worry interferes less with work.".to_owned(),
            objectives: vec![("GAD-7 below 10".to_owned(), Some(day("2026-09-01")))],
            interventions: vec!["Cognitive restructuring".to_owned()],
        }],
        treatment: "Individual psychotherapy, weekly.".to_owned(),
        from: day("2026-04-02"),
        review_by: day("2026-07-02"),
        signatures: Vec::new(),
    }
}

fn consent() -> Consent {
    Consent {
        practice: practice(),
        client: client(),
        title: "Consent to telehealth".to_owned(),
        text: "Sessions are held by video.\nI may end one at any time.".to_owned(),
        version: "telehealth, version 3".to_owned(),
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        signed_by: "Zoë Łukasiewicz-Nguyễn".to_owned(),
        signed_as: "the client".to_owned(),
        signed_at: signed("").at,
        evidence: vec![("From", "203.0.113.9".to_owned())],
        until: None,
    }
}

fn receipt() -> Receipt {
    let part = |amount| Applied { date: day("2026-03-02"), what: "Session".to_owned(), amount: dollars(amount) };
    Receipt {
        practice: practice(),
        number: "R-17".to_owned(),
        payer: PersonName::new("Ana", "Lopez").unwrap(),
        account: "C1000042".to_owned(),
        on: day("2026-04-02"),
        method: "card ending in 4242".to_owned(),
        amount: dollars(100),
        applied: vec![part(25), part(50)],
    }
}

/// Reads a file back in reading order, and lets a checker see it.
fn read(name: &str, paper: &dyn Paper) -> Option<String> {
    let file = paper.to_pdf(None);
    assert_eq!(file, paper.to_pdf(None));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("paper-{name}.pdf"));
    std::fs::write(&path, &file).unwrap();
    let path = path.to_str().unwrap();
    if let Some(said) = tools::run("qpdf", &["--check", path], b"") {
        assert!(!said.to_lowercase().contains("warning"), "{said}");
    }
    let text = tools::run("pdftotext", &["-layout", path, "-"], b"")?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Each phrase stands in the text, and after the one before it.
fn in_order(text: &str, phrases: &[&str]) {
    let mut rest = text;
    for phrase in phrases {
        let at = rest.find(phrase);
        assert!(at.is_some(), "{phrase:?} is not in the rest of\n{rest}");
        rest = &rest[at.unwrap() + phrase.len()..];
    }
}

#[test]
fn a_superbill_says_who_what_and_how_much() {
    assert_eq!(superbill().totals(), (dollars(300), dollars(250)));
    let Some(text) = read("superbill", &superbill()) else { return };
    in_order(
        &text,
        &[
            "Superbill",
            "Lakeside Counseling",
            "(217) 555-0100",
            "Client Zoë Łukasiewicz-Nguyễn",
            "July 4, 1988",
            "Robin Hale, LCSW",
            "1999999992",
            "74-1234567",
            "A. F411 B. F331",
            "03/02/2026 10 90837 95 1 $150.00 $150.00",
            "03/09/2026 10 90837 95 1 $150.00 $100.00",
            "Total $300.00 $250.00",
            "Balance $50.00",
            "Signature of the provider",
        ],
    );
}

#[test]
fn a_statement_asks_for_what_is_due_and_for_nothing_that_is_pending() {
    let statement = statement();
    assert_eq!(statement.due(), dollars(30 + 15 + 125 - 10));
    let ages = Ageing::of(&statement.lines, statement.on).amounts();
    assert_eq!(ages, [dollars(125), dollars(15), dollars(0), dollars(30)]);
    let Some(text) = read("statement", &statement) else { return };
    in_order(
        &text,
        &[
            "Lakeside Counseling",
            "Ana Łukasiewicz",
            "7 Oak Ct",
            "Statement of account",
            "Amount due $160.00",
            "Please pay by April 30, 2026",
            "Received, not yet applied $10.00",
            "12/01/2025",
            "Total $600.00 $170.00 $80.00 $30.00 $150.00 $170.00",
            "Pending amounts are with your insurer",
            "How long it has been due",
            "$125.00 $15.00 $0.00 $30.00",
            "$40.00 each month. The next part is due on May 1, 2026.",
            "Please return this part",
            "Amount due $160.00",
        ],
    );
    assert!(!text.contains("F41"), "a statement tells no diagnosis");
}

#[test]
fn a_credit_is_no_bill() {
    let mut credit = statement();
    credit.lines.truncate(1);
    credit.unapplied = dollars(100);
    let Some(text) = read("credit", &credit) else { return };
    in_order(&text, &["Your credit $70.00"]);
    assert!(!text.contains("Amount due") && !text.contains("return this part"));
}

#[test]
fn an_estimate_covers_at_most_twelve_months_and_adds_up() {
    assert_eq!(estimate().total(), Ok(dollars(200 + 24 * 150)));
    let change = |change: fn(&mut GoodFaithEstimate)| {
        let mut estimate = estimate();
        change(&mut estimate);
        estimate.total().unwrap_err()
    };
    assert_eq!(change(|e| e.to = day("2027-04-10")), EstimateError::Period);
    assert_eq!(change(|e| e.to = day("2026-04-09")), EstimateError::Period);
    assert_eq!(change(|e| e.items.clear()), EstimateError::Empty);
    assert_eq!(change(|e| e.items[0].each = dollars(-1)), EstimateError::Amounts);
    let Some(text) = read("estimate", &estimate()) else { return };
    in_order(
        &text,
        &[
            "Good faith estimate",
            "April 10, 2026 to April 9, 2027",
            "Session 90837 24 $150.00 $3,600.00",
            "Expected in all $3,800.00",
            "at least $400 more",
            "120 calendar days",
            "not a contract",
        ],
    );
}

#[test]
fn a_receipt_tells_what_is_kept() {
    let Some(text) = read("receipt", &receipt()) else { return };
    in_order(&text, &["Receipt R-17", "card ending in 4242", "Kept for later services $25.00", "Total $100.00"]);
}

#[test]
fn a_remittance_is_told_claim_by_claim() {
    let lines = vec![era::Line::new("90837", 15_000, &[("CO", "45", 3_000), ("PR", "3", 2_500)])];
    let file = era::file("T-77", &[era::Claim::new("C1", "1", lines)], &[("WO", 1_000)]);
    let remittances = r835::read_all(file.as_bytes()).unwrap();
    let summary = RemittanceSummary::new(&remittances[0], &CodeLists::standard());
    let Some(text) = read("remittance", &summary) else { return };
    in_order(
        &text,
        &["Remittance", "T-77", "Claim C1", "Charged $150.00", "Paid $95.00", "CO-45 $30.00", "PR-3 $25.00", "WO"],
    );
}

#[test]
fn notes_plans_releases_and_consents_are_whole() {
    if let Some(text) = read("note", &note()) {
        in_order(
            &text,
            &[
                "Progress note, March 2, 2026",
                "10:00 to 10:53",
                "Data",
                "[U+4F60][U+597D] was said. Příliš žluťoučký kůň.",
                "Plan",
                "Homework: a diary.",
                "Robin Hale, LCSW, author, on 2026-04-02 17:30:00 UTC",
                "supervisor",
                "Amendment",
                "ended at 10:54",
            ],
        );
    }
    if let Some(text) = read("release", &release()) {
        in_order(
            &text,
            &["Disclosed to", "Coordination of care", "April 2, 2027", "revoke", "42 CFR Part 2", "Signature"],
        );
    }
    if let Some(text) = read("plan", &plan()) {
        in_order(
            &text,
            &["Treatment plan", "Worry on most days.", "Goal 1", "1.1 GAD-7 below 10 (by September 1, 2026)"],
        );
    }
    if let Some(text) = read("consent", &consent()) {
        in_order(&text, &["Consent to telehealth", "I may end one at any time.", "203.0.113.9", "9f86d081884c7d65"]);
    }
}

#[test]
fn a_chart_holds_every_document_under_bookmarks() {
    let (note, plan, release) = (note(), plan(), release());
    let chart = Chart {
        practice: practice(),
        client: client(),
        extent: "whole chart".to_owned(),
        requested_by: "the client".to_owned(),
        on: day("2026-04-02"),
        documents: vec![&note, &plan, &release],
    };
    let pages = chart.lay_out();
    let headings: Vec<String> = pages.iter().flat_map(headings).collect();
    for heading in ["Chart", "Progress note, March 2, 2026", "Treatment plan", "Authorization to release information"] {
        assert!(headings.iter().any(|h| h == heading), "{heading} is not among {headings:?}");
    }
    let document = lopdf::Document::load_mem(&chart.to_pdf(None)).unwrap();
    let bookmarks = document.objects.values().filter_map(|o| o.as_dict().ok()).filter(|d| d.has(b"Dest")).count();
    assert_eq!(bookmarks, headings.len());
    let Some(text) = read("chart", &chart) else { return };
    in_order(&text, &["Documents 3", "Page 1 of", "Progress note", "Treatment plan", "Authorization"]);
}

fn headings(page: &Page) -> Vec<String> {
    let is_heading = |role: Role| matches!(role, Role::Heading(_));
    let words = |part: &mentalspace_claims::page::Part| {
        let texts = page.texts[part.texts.clone()].iter().map(|text| text.text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    };
    page.parts.iter().filter(|part| is_heading(part.role)).map(words).collect()
}

#[test]
fn a_page_names_its_parts_for_those_who_do_not_see_it() {
    let document = lopdf::Document::load_mem(&superbill().to_pdf(None)).unwrap();
    let catalog = document.catalog().unwrap();
    assert!(catalog.has(b"StructTreeRoot") && catalog.has(b"MarkInfo") && catalog.has(b"Outlines"));
    let page = *document.get_pages().values().next().unwrap();
    let content = document.get_and_decode_page_content(page).unwrap();
    let count = |operator: &str| content.operations.iter().filter(|op| op.operator == operator).count();
    assert_eq!(count("BDC") + count("BMC"), count("EMC"));
    assert!(count("BDC") > 10);
}

#[test]
fn a_picture_is_kept_once_and_told_in_words() {
    let pixels: Vec<u8> = (0..=255).collect();
    let raster = Raster::grey(16, 16, &pixels).unwrap();
    assert!(Raster::grey(16, 15, &pixels).is_err() && Raster::rgb(0, 0, &[]).is_err());
    let mut flow = Flow::new("");
    flow.paragraph("Beside the picture.");
    flow.page_break();
    flow.paragraph("Beside it again.");
    let mut pages = flow.finish();
    for page in &mut pages {
        let corner = (Points::whole(300), Points::whole(400));
        let (width, height) = (Points::whole(72), Points::whole(72));
        page.pictures.push(Picture {
            corner,
            width,
            height,
            raster: raster.clone(),
            meaning: "A gréy ramp".to_owned(),
        });
    }
    let file = pdf::render(&pages, &pdf::About::default());
    let document = lopdf::Document::load_mem(&file).unwrap();
    let images: Vec<_> = document.objects.values().filter_map(|object| object.as_stream().ok()).collect();
    let is_image = |s: &&&lopdf::Stream| s.dict.get(b"Subtype").and_then(lopdf::Object::as_name).ok() == Some(b"Image");
    let images: Vec<_> = images.iter().filter(is_image).collect();
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].decompressed_content().unwrap(), pixels);
    let told = document.objects.values().filter_map(|object| object.as_dict().ok()?.get(b"Alt").ok());
    let told: Vec<_> = told.map(|words| lopdf::decode_text_string(words).unwrap()).collect();
    assert_eq!(told, ["A gréy ramp", "A gréy ramp"]);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("page-picture.pdf");
    std::fs::write(&path, &file).unwrap();
    if let Some(said) = tools::run("qpdf", &["--check", path.to_str().unwrap()], b"") {
        assert!(!said.to_lowercase().contains("warning"), "{said}");
    }
}

#[test]
fn a_heading_stays_with_what_follows() {
    for lines in 0..60 {
        let mut flow = Flow::new("");
        (0..lines).for_each(|_| flow.paragraph("A line."));
        flow.heading(2, "Heading");
        flow.paragraph("What follows.");
        let pages = flow.finish();
        let page = pages.iter().find(|page| headings(page).iter().any(|h| h == "Heading")).unwrap();
        assert!(page.texts.iter().any(|text| text.text.as_str() == "What follows."), "after {lines} lines");
    }
}

#[test]
fn a_tables_head_is_on_every_page_and_its_sums_with_a_row() {
    let rows: Vec<Vec<String>> = (0..150).map(|i| vec![format!("row {i}"), "1.00".to_owned()]).collect();
    for count in 1..rows.len() {
        let mut rows = rows[..count].to_vec();
        rows.push(vec!["Sum".to_owned(), "x".to_owned()]);
        let mut flow = Flow::new("");
        flow.table(&[Column::words("What", 3), Column::amounts("Much", 1)], &rows, 1);
        for page in flow.finish() {
            let has = |words: &str| page.texts.iter().any(|text| text.text.as_str().starts_with(words));
            assert!(has("What") && has("row "), "with {count} rows");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is written stays within the margins, loses no word and keeps their order.
    #[test]
    fn text_stays_within_the_margins_and_whole(
        texts in prop::collection::vec("[a-zà-ž0-9 \u{4f60}\u{1f600}-]{0,400}", 1..6),
        cells in prop::collection::vec("[a-zA-Z0-9 ]{0,200}", 1..30),
    ) {
        let mut flow = Flow::new("foot");
        for text in &texts {
            flow.heading(2, text);
            flow.paragraph(text);
        }
        let columns = [Column::words("One", 1), Column::amounts("Two", 2), Column::words("Three", 1)];
        let rows: Vec<Vec<String>> = cells.chunks(3).map(<[String]>::to_vec).collect();
        flow.table(&columns, &rows, 0);
        let pages = flow.finish();
        let margin = Points::whole(54);
        let mut shown = String::new();
        for page in &pages {
            for text in &page.texts {
                prop_assert!(text.x >= margin, "left of the margin");
                prop_assert!(text.right() <= page.width - margin + Points::thousandths(200), "right of the margin");
                prop_assert!(text.y > Points::whole(20) && text.y < page.height - margin);
                shown.extend(text.text.as_str().chars().filter(|c| !c.is_whitespace()));
            }
        }
        for text in &texts {
            let spelled = Printable::spelled(Font::Sans, text);
            let letters: String = spelled.as_str().chars().filter(|c| !c.is_whitespace()).collect();
            // Twice: as heading and as paragraph, unless a page's foot came in between.
            let whole = shown.matches(&letters).count() >= 1 || pages.len() > 1;
            prop_assert!(whole, "a text is not whole");
        }
        prop_assert!(!pdf::render(&pages, &pdf::About::default()).is_empty());
    }
}

#[test]
fn an_empty_document_is_a_page() {
    let pages = Flow::new("").finish();
    assert_eq!(pages.len(), 1);
}
