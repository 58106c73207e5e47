use std::collections::{BTreeMap, BTreeSet};

use mentalspace_claims::cms1500::grid::{Align, CELLS, Cell, Rule, SERVICE_LINES};
use mentalspace_claims::cms1500::{DateStyle, Form, Offset, Options, Printing, render_pdf};
use mentalspace_claims::page::Points;

use super::example::{claim, day, full, line};
use crate::tools;

/// Every cell of a sheet: those of item 24 once a service line.
fn all_cells() -> Vec<Cell> {
    let rows = 0..u8::try_from(SERVICE_LINES).unwrap();
    CELLS
        .iter()
        .flat_map(|cell| {
            let rows = if cell.item.starts_with("24") { rows.clone() } else { 0..1 };
            rows.map(|row| cell.on_service_line(row))
        })
        .collect()
}

/// A form whose every service line is filled, with long dates and signatures dated.
fn crowded() -> Form {
    let mut draft = full();
    let busy = draft.lines[0].clone();
    draft.lines = vec![busy; SERVICE_LINES];
    draft.other_payers.clear();
    draft.related_causes.employment = false;
    draft.related_causes.other_accident = true;
    let mut options = Options::default();
    options.dates = DateStyle::EightDigits;
    options.signed_on = Some(day(2026, 4, 2));
    Form::from_claim(&claim(draft), &options).unwrap()
}

#[test]
fn cells_lie_within_79_columns_and_never_share_a_place() {
    let mut taken = BTreeMap::new();
    for cell in all_cells() {
        assert!((2..=61).contains(&cell.line), "{cell:?}");
        for column in cell.column..cell.column + cell.width {
            assert!((1..=79).contains(&column), "{cell:?}");
            let other = taken.insert((cell.line, column), cell);
            assert!(other.is_none(), "{cell:?} and {other:?}");
        }
    }
}

#[test]
fn a_cell_has_one_name() {
    let names: BTreeSet<_> = CELLS.iter().map(|cell| (cell.item, cell.field)).collect();
    assert_eq!(names.len(), CELLS.len());
}

/// Left edge and foot from the top edge of the paper, in points, of the official line and column numbers.
#[test]
fn cells_stand_where_the_print_specification_has_them() {
    let places = [
        ("carrier", "name", 309.6, 48.0),
        ("1", "medicare", 21.6, 120.0),
        ("1", "other", 338.4, 120.0),
        ("1a", "id", 374.4, 120.0),
        ("2", "name", 21.6, 144.0),
        ("3", "birth year", 280.8, 144.0),
        ("3", "female", 352.8, 144.0),
        ("5", "phone", 151.2, 216.0),
        ("6", "spouse", 288.0, 168.0),
        ("7", "state", 547.2, 192.0),
        ("10b", "state", 338.4, 288.0),
        ("11a", "birth month", 403.2, 264.0),
        ("11d", "no", 424.8, 336.0),
        ("12", "signature", 64.8, 384.0),
        ("14", "year", 72.0, 408.0),
        ("17b", "npi", 252.0, 432.0),
        ("18", "to day", 525.6, 432.0),
        ("20", "cents", 525.6, 456.0),
        ("21", "indicator", 316.8, 468.0),
        ("21", "L", 316.8, 504.0),
        ("22", "original reference", 460.8, 480.0),
        ("23", "number", 374.4, 504.0),
        ("24", "supplemental", 21.6, 540.0),
        ("24A", "to year", 129.6, 552.0),
        ("24D", "modifier 4", 316.8, 552.0),
        ("24E", "pointers", 338.4, 552.0),
        ("24F", "cents", 417.6, 552.0),
        ("24J", "npi", 504.0, 552.0),
        ("25", "ein", 151.2, 696.0),
        ("28", "dollars", 381.6, 696.0),
        ("29", "cents", 504.0, 696.0),
        ("33", "phone", 518.4, 708.0),
        ("31", "signature", 21.6, 744.0),
        ("32", "city state zip", 180.0, 744.0),
        ("33b", "other id", 468.0, 756.0),
    ];
    for (item, field, left, foot) in places {
        let cell = CELLS.iter().find(|cell| cell.item == item && cell.field == field).unwrap();
        assert!((cell.x(0).as_f32() - left).abs() < 0.001, "{item} {field}");
        assert!((792.0 - foot + 2.6 - cell.baseline().as_f32()).abs() < 0.001, "{item} {field}");
    }
}

#[test]
fn a_value_begins_at_its_column_or_ends_at_the_last() {
    let form = crowded();
    let sheet = &form.pages()[0];
    let page = sheet.lay_out(Offset::default());
    assert_eq!(page.texts.len(), sheet.values().len());
    for (value, text) in sheet.values().iter().zip(&page.texts) {
        let (cell, length) = (value.cell, i32::try_from(value.text.as_str().len()).unwrap());
        let (column, width, line) = (i32::from(cell.column), i32::from(cell.width), i32::from(cell.line));
        let skipped = if cell.align == Align::Right { width - length } else { 0 };
        assert_eq!(text.x.as_thousandths(), 21_600 + 7_200 * (column + skipped - 1), "{value:?}");
        assert_eq!(text.y.as_thousandths(), 792_000 - 12_000 * (line + 2) + 2_600, "{value:?}");
        assert!(text.right() <= cell.x(cell.width), "{value:?}");
    }
}

/// What the claim model does not know stays blank by necessity; all else must have been tried.
#[test]
fn a_crowded_form_fills_every_cell_it_can() {
    let mut filled: BTreeSet<(&str, &str, u8)> = BTreeSet::new();
    let plain = super::sheet(&claim(super::example::plain()));
    for sheet in [&crowded().pages()[0], &super::form(&claim(full())).pages()[0], &plain] {
        filled.extend(sheet.values().iter().map(|v| (v.cell.item, v.cell.field, v.cell.line)));
    }
    let blank: BTreeSet<_> = all_cells()
        .into_iter()
        .filter(|cell| !filled.contains(&(cell.item, cell.field, cell.line)))
        .map(|cell| format!("{} {}", cell.item, cell.field))
        .collect();
    let expected = [
        "1 champva",
        "1 feca",
        "1 medicaid",
        "1 medicare",
        "1 tricare",
        "11a male",
        "20 cents",
        "20 dollars",
        "20 yes",
        "24H reason",
        "25 ssn",
        "27 no",
        "30 reserved",
        "6 other",
        "6 spouse",
        "8 reserved",
        "9b reserved",
        "9c reserved",
        "carrier street 2",
    ];
    assert_eq!(blank, expected.map(str::to_owned).into());
}

#[test]
fn reserved_boxes_stay_blank() {
    let form = crowded();
    assert!(form.pages()[0].values().iter().all(|value| value.cell.rule != Rule::Blank));
    assert_eq!(CELLS.iter().filter(|cell| cell.rule == Rule::Blank).count(), 4);
}

#[test]
fn a_printer_is_corrected_to_the_right_and_down() {
    let form = crowded();
    let straight = form.pages()[0].lay_out(Offset::default());
    let offset = Offset { right: Points::thousandths(1_500), down: Points::thousandths(-720) };
    let shifted = form.pages()[0].lay_out(offset);
    for (before, after) in straight.texts.iter().zip(&shifted.texts) {
        assert_eq!((after.x - before.x).as_thousandths(), 1_500);
        assert_eq!((after.y - before.y).as_thousandths(), 720);
    }
}

/// Reads columns and lines of single characters back from the file, by an independent reader.
#[test]
fn the_file_has_every_character_in_its_column_and_line() {
    let form = crowded();
    let file = render_pdf(std::slice::from_ref(&form), &Printing::default());
    let Some(html) = tools::run("pdftotext", &["-bbox", "-", "-"], &file) else { return };
    let (mut found, mut first_drop) = (BTreeSet::new(), None);
    for word in html.lines().filter_map(|row| row.trim().strip_prefix("<word ")) {
        let (attributes, text) = word.strip_suffix("</word>").unwrap().split_once('>').unwrap();
        let text = text.replace("&apos;", "'").replace("&amp;", "&");
        let edge = |name: &str| -> f64 {
            attributes.split('"').skip_while(|part| !part.contains(name)).nth(1).unwrap().parse().unwrap()
        };
        let (column, line) = ((edge("xMin") - 21.6) / 7.2 + 1.0, edge("yMax") / 12.0 - 2.0);
        assert!((column - column.round()).abs() < 0.01, "{text} begins between columns");
        let drop = line - line.round();
        assert!((drop - *first_drop.get_or_insert(drop)).abs() < 0.001, "{text} has a baseline of its own");
        for (i, c) in text.chars().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "both are below 100")]
            found.insert((line.round() as i64, column.round() as i64 + i64::try_from(i).unwrap(), c));
        }
    }
    let page = form.pages()[0].lay_out(Offset::default());
    let mut expected = BTreeSet::new();
    for text in &page.texts {
        let column = i64::from((text.x.as_thousandths() - 21_600) / 7_200 + 1);
        let line = i64::from((792_000 + 2_600 - text.y.as_thousandths()) / 12_000 - 2);
        let visible = text.text.as_str().chars().enumerate().filter(|(_, c)| *c != ' ');
        expected.extend(visible.map(|(i, c)| (line, column + i64::try_from(i).unwrap(), c)));
    }
    assert_eq!(found, expected);
}

#[test]
fn service_lines_are_two_print_lines_apart() {
    let mut draft = super::example::plain();
    draft.lines = (0..6).map(|i| line("90837", 100 * (i + 1), &[1])).collect();
    let sheet = super::sheet(&claim(draft));
    for row in 0..6_u8 {
        let value = sheet.values().iter().find(|v| v.service_line == Some(row) && v.cell.item == "24D").unwrap();
        assert_eq!(value.cell.line, 44 + 2 * row);
        assert_eq!(sheet.line_value(row, "24F", "dollars"), Some((row + 1).to_string().as_str()));
    }
}
