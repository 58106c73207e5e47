//! A drawing of the form: its rules and boxes where the paper has them, with captions of our own.
//!
//! Places are in thousandths of an inch from the upper left corner of the paper, measured on the ruled form.

use super::grid::{CELLS, Rule, SERVICE_LINES};
use super::printing::Offset;
use crate::page::{Colour, Font, Frame, Line, Page, Points, Printable, Text};

const RED: Colour = Colour::rgb(176, 36, 36);
const SHADE: Colour = Colour::rgb(250, 226, 224);
const THIN: Points = Points::thousandths(400);
const CAPTION: Points = Points::thousandths(4_600);
const BOX: Points = Points::thousandths(8_600);
const LEFT: i32 = 265;
const RIGHT: i32 = 8200;

/// Feet of the rows from item 1 to item 33; the first is the head of item 1.
const ROWS: [i32; 26] = [
    1343, 1688, 2015, 2362, 2668, 3022, 3355, 3685, 4015, 4338, 4685, 5330, 5672, 6032, 6342, 7008, 7322, 7640, 7972,
    8305, 8635, 8975, 9308, 9655, 10302, 10507,
];

/// Upright rules: x, from y, to y.
const UPRIGHT: [(i32, i32, i32); 34] = [
    (LEFT, 1343, 10507),
    (RIGHT, 1343, 10507),
    (5180, 1343, 2668),
    (3180, 1688, 2668),
    (2780, 2362, 2668),
    (7530, 2362, 2668),
    (1530, 2668, 3022),
    (6500, 2668, 3022),
    (3180, 2668, 4685),
    (5180, 2668, 4685),
    (5180, 4685, 6342),
    (3130, 5330, 5672),
    (3130, 5672, 6032),
    (3430, 5672, 6032),
    (5180, 6342, 7008),
    (6300, 6342, 6675),
    (2035, 7008, 7322),
    (2352, 7008, 7322),
    (2655, 7008, 7322),
    (4635, 7008, 7322),
    (5178, 7008, 7322),
    (6065, 7008, 7322),
    (6462, 7008, 9308),
    (6675, 7008, 9308),
    (6972, 7008, 9308),
    (2490, 9308, 9655),
    (3950, 9308, 9655),
    (5180, 9308, 9655),
    (6350, 9308, 9655),
    (7400, 9308, 9655),
    (2490, 9655, 10507),
    (5180, 9655, 10507),
    (3750, 10302, 10507),
    (6450, 10302, 10507),
];

/// Upright rules through the lower half of each service line; the upper one is open.
const SERVICE: [i32; 12] = [1132, 2035, 2352, 2655, 3415, 3730, 4050, 4343, 4635, 5178, 5800, 6065];

/// Captions: x, y of the upper left corner.
const CAPTIONS: [(i32, i32, &str); 64] = [
    (295, 1353, "1. COVERAGE"),
    (5210, 1353, "1a. INSURED'S ID"),
    (295, 1698, "2. PATIENT: LAST, FIRST, MIDDLE"),
    (3210, 1698, "3. PATIENT'S BIRTH DATE"),
    (4330, 1698, "SEX"),
    (5210, 1698, "4. INSURED: LAST, FIRST, MIDDLE"),
    (295, 2025, "5. PATIENT'S STREET"),
    (3210, 2025, "6. PATIENT IS TO THE INSURED"),
    (5210, 2025, "7. INSURED'S STREET"),
    (295, 2372, "CITY"),
    (2800, 2372, "STATE"),
    (3210, 2372, "8. RESERVED"),
    (5210, 2372, "CITY"),
    (7550, 2372, "STATE"),
    (295, 2678, "ZIP"),
    (1550, 2678, "TELEPHONE"),
    (5210, 2678, "ZIP"),
    (6520, 2678, "TELEPHONE"),
    (295, 3032, "9. OTHER INSURED"),
    (3210, 3032, "10. CONDITION RELATED TO"),
    (5210, 3032, "11. POLICY, GROUP OR FECA NUMBER"),
    (295, 3365, "9a. OTHER POLICY OR GROUP"),
    (3210, 3365, "10a. EMPLOYMENT"),
    (5210, 3365, "11a. INSURED'S BIRTH DATE, SEX"),
    (295, 3695, "9b. RESERVED"),
    (3210, 3695, "10b. AUTO ACCIDENT, STATE"),
    (5210, 3695, "11b. OTHER CLAIM ID"),
    (295, 4025, "9c. RESERVED"),
    (3210, 4025, "10c. OTHER ACCIDENT"),
    (5210, 4025, "11c. PLAN OR PROGRAM"),
    (295, 4348, "9d. OTHER PLAN OR PROGRAM"),
    (3210, 4348, "10d. CLAIM CODES"),
    (5210, 4348, "11d. ANOTHER PLAN"),
    (295, 4695, "12. PATIENT OR AUTHORIZED PERSON: RELEASE OF INFORMATION, DATE"),
    (5210, 4695, "13. INSURED: PAYMENT TO THE PROVIDER"),
    (295, 5340, "14. ONSET OR LMP, QUALIFIER"),
    (3160, 5340, "15. OTHER DATE"),
    (5210, 5340, "16. UNABLE TO WORK FROM / TO"),
    (295, 5682, "17. REFERRING PROVIDER OR OTHER SOURCE"),
    (3160, 5682, "17a."),
    (3160, 5862, "17b. NPI"),
    (5210, 5682, "18. HOSPITAL STAY FROM / TO"),
    (295, 6042, "19. ADDITIONAL CLAIM INFORMATION"),
    (5210, 6042, "20. OUTSIDE LAB, CHARGES"),
    (295, 6352, "21. DIAGNOSES A TO L, BY ROWS"),
    (3900, 6352, "ICD IND."),
    (5210, 6352, "22. RESUBMISSION CODE"),
    (6330, 6352, "ORIGINAL REFERENCE"),
    (5210, 6685, "23. PRIOR AUTHORIZATION"),
    (295, 7018, "24. A. DATES OF SERVICE FROM / TO"),
    (2045, 7018, "B. PLACE"),
    (2362, 7018, "C. EMG"),
    (2665, 7018, "D. PROCEDURE, MODIFIERS"),
    (4645, 7018, "E. POINTER"),
    (5188, 7018, "F. CHARGES"),
    (6075, 7018, "G. UNITS"),
    (6472, 7018, "H."),
    (6685, 7018, "I. QUAL"),
    (6982, 7018, "J. RENDERING PROVIDER"),
    (295, 9318, "25. TAX ID"),
    (2510, 9318, "26. PATIENT'S ACCOUNT"),
    (3970, 9318, "27. ASSIGNMENT"),
    (5210, 9318, "28. TOTAL CHARGE"),
    (6380, 9318, "29. PAID"),
];

/// Captions of the foot.
const FOOT: [(i32, i32, &str); 8] = [
    (7420, 9318, "30. RESERVED"),
    (295, 9665, "31. PROVIDER'S SIGNATURE, DATE"),
    (2510, 9665, "32. WHERE SERVICES WERE GIVEN"),
    (5210, 9665, "33. BILLING PROVIDER"),
    (2520, 10312, "a."),
    (3770, 10312, "b."),
    (5210, 10312, "a."),
    (6470, 10312, "b."),
];

/// Draws the form, shifted like the values that go upon it.
pub(super) fn form(offset: Offset) -> Page {
    let mut page = Page::letter();
    let across = |x: i32| Points::thousandths(x * 72) + offset.right;
    let up = |y: i32| Points::thousandths((11_000 - y) * 72) - offset.down;
    let rule = |page: &mut Page, from: (i32, i32), to: (i32, i32)| {
        let (from, to) = ((across(from.0), up(from.1)), (across(to.0), up(to.1)));
        page.lines.push(Line { from, to, thickness: THIN, colour: RED });
    };
    for row in 0..SERVICE_LINES {
        let (head, foot) = (ROWS[16 + row], ROWS[17 + row]);
        let (corner, width) = ((across(LEFT), up(i32::midpoint(head, foot))), across(RIGHT) - across(LEFT));
        let height = up(head) - up(i32::midpoint(head, foot));
        page.frames.push(Frame { corner, width, height, rule: None, fill: Some(SHADE) });
        for x in SERVICE {
            rule(&mut page, (x, i32::midpoint(head, foot)), (x, foot));
        }
    }
    for y in ROWS {
        match y {
            // Item 10 stands in one box.
            3355 | 3685 | 4015 => {
                rule(&mut page, (LEFT, y), (3180, y));
                rule(&mut page, (5180, y), (RIGHT, y));
            }
            // Items 32 and 33 alone have boxes a and b.
            10302 => rule(&mut page, (2490, y), (RIGHT, y)),
            _ => rule(&mut page, (LEFT, y), (RIGHT, y)),
        }
    }
    rule(&mut page, (3130, 5852), (5180, 5852));
    rule(&mut page, (5180, 6675), (RIGHT, 6675));
    for (x, from, to) in UPRIGHT {
        rule(&mut page, (x, from), (x, to));
    }
    for cell in CELLS.iter().filter(|cell| cell.rule == Rule::Mark) {
        let (x, y) = (cell.x(0) - THIN + offset.right, cell.baseline() - Points::thousandths(1_400) - offset.down);
        page.frames.push(Frame { corner: (x, y), width: BOX, height: BOX, rule: Some((THIN, RED)), fill: None });
        page.texts.push(caption(x, y + BOX + Points::thousandths(1_000), &cell.field.to_uppercase()));
    }
    for (cell, letter) in CELLS.iter().filter(|cell| cell.item == "21" && cell.field.len() == 1).map(|c| (c, c.field)) {
        page.texts.push(caption(cell.x(0) - Points::whole(6) + offset.right, cell.baseline() - offset.down, letter));
    }
    for (x, y, words) in CAPTIONS.into_iter().chain(FOOT) {
        page.texts.push(caption(across(x), up(y) - CAPTION, words));
    }
    let notice = "Readable copy of CMS-1500 (02/12). Not for submission to payers.";
    page.texts.push(caption(across(LEFT), up(10_640), notice));
    page
}

fn caption(x: Points, y: Points, words: &str) -> Text {
    Text { x, y, size: CAPTION, colour: RED, text: Printable::spelled(Font::Sans, words) }
}
