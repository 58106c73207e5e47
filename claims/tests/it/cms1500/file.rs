use chrono::NaiveDateTime;
use mentalspace_claims::cms1500::{Form, Mode, Offset, Printing, calibration, render_pdf};
use mentalspace_claims::page::{Colour, Font, Page, Points, Printable, Text, pdf};

use super::example::{claim, full, line, plain};
use super::form;
use crate::tools;

fn file(form: &Form) -> Vec<u8> {
    render_pdf(std::slice::from_ref(form), &Printing::default())
}

fn noon() -> NaiveDateTime {
    super::example::day(2026, 4, 2).and_hms_opt(12, 0, 0).unwrap()
}

#[test]
fn the_same_form_gives_the_same_bytes_whatever_was_printed_before() {
    let form = form(&claim(full()));
    let first = file(&form);
    for lines in 1..5 {
        let mut draft = plain();
        draft.lines = (0..lines).map(|_| line("90834", 12_000, &[1])).collect();
        let other = file(&super::form(&claim(draft)));
        assert_ne!(other, first);
        assert_eq!(file(&form), first);
    }
}

/// /ID is made of the pages before compression: the snapshot holds across processes, machines and compressors.
#[test]
fn the_file_is_identified_by_its_content() {
    let id = |file: &[u8]| -> String {
        let document = lopdf::Document::load_mem(file).unwrap();
        let id = document.trailer.get(b"ID").unwrap().as_array().unwrap();
        assert_eq!(id[0], id[1]);
        id[0].as_str().unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let full = id(&file(&form(&claim(full()))));
    assert_ne!(full, id(&file(&form(&claim(plain())))));
    insta::assert_snapshot!(full);
}

#[test]
fn the_file_tells_its_date_only_when_given_one_and_claims_no_standard() {
    let form = form(&claim(plain()));
    let undated = lopdf::Document::load_mem(&file(&form)).unwrap();
    let dated = render_pdf(std::slice::from_ref(&form), &Printing { created: Some(noon()), ..Printing::default() });
    let dated = lopdf::Document::load_mem(&dated).unwrap();
    let keys = |document: &lopdf::Document| -> Vec<String> {
        let information = document.trailer.get(b"Info").unwrap().as_reference().unwrap();
        let information = document.get_dictionary(information).unwrap();
        information.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect()
    };
    assert_eq!(keys(&undated), ["Title", "Producer"]);
    assert_eq!(keys(&dated), ["Title", "Producer", "CreationDate"]);
    assert_eq!(undated.version, "1.7");
}

#[test]
fn a_sheet_holds_values_and_nothing_of_the_form() {
    let form = form(&claim(full()));
    let document = lopdf::Document::load_mem(&file(&form)).unwrap();
    let page = *document.get_pages().values().next().unwrap();
    let content = document.get_and_decode_page_content(page).unwrap();
    let count = |operator: &str| content.operations.iter().filter(|op| op.operator == operator).count();
    let values = form.pages()[0].values().len();
    assert_eq!((count("BT"), count("ET"), count("Tf"), count("Td"), count("Tj")), (1, 1, 1, values, values));
    assert_eq!(content.operations.len(), 3 + 2 * values);
}

#[test]
fn checkers_of_pdf_have_nothing_to_say() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cms1500.pdf");
    std::fs::write(&path, file(&form(&claim(full())))).unwrap();
    let path = path.to_str().unwrap();
    if let Some(said) = tools::run("qpdf", &["--check", path], b"") {
        assert!(!said.to_lowercase().contains("warning"), "{said}");
    }
    if let Some(said) = tools::run("pdfinfo", &[path], b"") {
        assert!(said.contains("612 x 792 pts (letter)"), "{said}");
        assert!(!said.contains("PDF subtype"), "{said}");
    }
    if let Some(said) = tools::run("pdffonts", &[path], b"") {
        assert_eq!(said.lines().skip(2).filter(|row| row.starts_with("Courier ")).count(), 1, "{said}");
        assert_eq!(said.lines().count(), 3, "{said}");
    }
}

/// Claim to paper and back, by a reader that knows nothing of the grid.
#[test]
fn a_printed_claim_can_be_read_back() {
    let Some(text) = tools::run("pdftotext", &["-layout", "-fixed", "7.2", "-", "-"], &file(&form(&claim(full()))))
    else {
        return;
    };
    let rows: Vec<Vec<&str>> = text.lines().map(|row| row.split_whitespace().collect()).collect();
    let has = |words: &[&str]| rows.iter().any(|row| row.windows(words.len()).any(|part| part == words));
    for words in [
        &["PRAIRIE", "HEALTH"][..],
        &["XYZ123456789"],
        &["LOPEZ-REED,", "TOM,", "B", "02", "28", "2014", "X", "LOPEZ", "JR,", "ANA,", "M"],
        &["7", "OAK", "CT", "APT", "3"],
        &["F411", "F331", "F4310", "F902", "7", "2026055512345"],
        &["AUTH5501"],
        &["N412345678901", "ML1.5", "ZZEXTENDED"],
        &["Y", "90853", "95", "HO", "U1", "59"],
        &["1244", "51", "825", "50"],
        &["1234567893"],
    ] {
        assert!(has(words), "{words:?} is not in\n{text}");
    }
}

/// The library prints a question mark for what it cannot encode; no text that exists is such.
#[test]
fn every_printable_character_reaches_the_file() {
    let printable: String = (' '..='\u{2fff}').filter(|c| Printable::new(Font::CourierBold, *c).is_ok()).collect();
    assert_eq!(printable.chars().count(), 95 + 95 + 27);
    let text = Text {
        x: Points::whole(72),
        y: Points::whole(72),
        size: Points::whole(4),
        colour: Colour::BLACK,
        text: Printable::new(Font::CourierBold, printable.clone()).unwrap(),
    };
    let page = Page { texts: vec![text], ..Page::letter() };
    let file = pdf::render(&[page], &pdf::About::default());
    let document = lopdf::Document::load_mem(&file).unwrap();
    let content = document.get_and_decode_page_content(*document.get_pages().values().next().unwrap()).unwrap();
    let shown = content.operations.iter().find(|op| op.operator == "Tj").unwrap().operands[0].as_str().unwrap();
    assert_eq!(shown.len(), printable.chars().count());
    assert_eq!(shown.iter().filter(|byte| **byte == b'?').count(), 1);
}

#[test]
fn what_fonts_cannot_show_is_not_printable() {
    for (text, position) in [("tab\there", 3), ("two\nlines", 3), ("日本", 0), ("soft\u{ad}", 4), ("e\u{301}", 1)] {
        assert_eq!(Printable::new(Font::Courier, text).unwrap_err().position, position);
    }
}

#[test]
fn the_calibration_sheet_frames_all_columns_and_moves_with_the_printer() {
    let straight = calibration(Offset::default());
    let frame = straight.frames[0];
    assert_eq!((frame.corner.0, frame.width), (Points::thousandths(21_600), Points::thousandths(79 * 7_200)));
    assert_eq!(frame.corner.1, Points::whole(792 - 63 * 12));
    assert_eq!(frame.corner.1 + frame.height, Points::whole(792 - 9 * 12));
    let moved = calibration(Offset { right: Points::whole(3), down: Points::whole(2) });
    assert_eq!(moved.frames[0].corner, (frame.corner.0 + Points::whole(3), frame.corner.1 - Points::whole(2)));
    assert_eq!(moved.texts[0].x - straight.texts[0].x, Points::whole(3));
    assert_eq!(moved.lines[0].from.1 - straight.lines[0].from.1, Points::whole(-2));
    let drawn = pdf::render(&[straight], &pdf::About::default());
    let document = lopdf::Document::load_mem(&drawn).unwrap();
    let content = document.get_and_decode_page_content(*document.get_pages().values().next().unwrap()).unwrap();
    let count = |operator: &str| content.operations.iter().filter(|op| op.operator == operator).count();
    assert_eq!((count("re"), count("l"), count("S")), (1, 1, 2));
}

#[test]
fn a_copy_is_drawn_once_and_lies_under_every_sheet() {
    let mut draft = full();
    let busy = draft.lines[0].clone();
    draft.lines = vec![busy; 13];
    draft.other_payers.clear();
    let form = form(&claim(draft));
    let file = render_pdf(std::slice::from_ref(&form), &Printing { mode: Mode::Copy, ..Printing::default() });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cms1500-copy.pdf");
    std::fs::write(&path, &file).unwrap();
    let document = lopdf::Document::load_mem(&file).unwrap();
    let pages = document.get_pages();
    assert_eq!(pages.len(), 3);
    for (page, sheet) in pages.values().zip(form.pages()) {
        let content = document.get_and_decode_page_content(*page).unwrap();
        let count = |operator: &str| content.operations.iter().filter(|op| op.operator == operator).count();
        assert_eq!((count("Do"), count("Tj"), count("l"), count("re")), (1, sheet.values().len(), 0, 0));
    }
    let drawings = document.objects.values().filter_map(|object| object.as_stream().ok());
    let drawings = drawings.filter(|s| s.dict.get(b"Subtype").and_then(lopdf::Object::as_name).ok() == Some(b"Form"));
    assert_eq!(drawings.count(), 1);
    if let Some(said) = tools::run("qpdf", &["--check", path.to_str().unwrap()], b"") {
        assert!(!said.to_lowercase().contains("warning"), "{said}");
    }
}
