//! A sheet that shows how far a printer is off.

use super::grid::{Cell, TYPE_SIZE, cell};
use super::printing::Offset;
use crate::page::{Font, Frame, Line, Page, Points, Printable, Text};

const HAIRLINE: Points = Points::thousandths(250);

/// Lays out a sheet to hold against a blank form: the frame around all 79 columns from item 1 to item 33b, the bar
/// 1⅓ in below the paper's top edge that the form has as well, and the outermost cells as Xs.
///
/// Measure how far frame and form lie apart and give it as [`Offset`]; payers' readers allow a tenth of an inch.
#[must_use]
pub fn calibration(offset: Offset) -> Page {
    let mut page = Page::letter();
    let at = |x: Points, y: Points| (x + offset.right, y - offset.down);
    let (first, last) = (cell!("1", "medicare"), cell!("33b", "other id"));
    let (left, right) = (first.x(0), last.x(last.width));
    let foot = last.baseline() - Points::thousandths(2_600);
    let head = first.baseline() + Points::thousandths(9_400);
    page.frames.push(Frame { corner: at(left, foot), width: right - left, height: head - foot, thickness: HAIRLINE });
    let bar = Points::whole(792 - 96);
    page.lines.push(Line { from: at(left, bar), to: at(right, bar), thickness: HAIRLINE });
    let corner = |cell: Cell, skipped: u8| {
        let (x, y) = at(cell.x(skipped), cell.baseline());
        Text { x, y, font: Font::Courier, size: TYPE_SIZE, text: Printable::parse("X").unwrap_or_default() }
    };
    page.texts.push(corner(first, 0));
    page.texts.push(corner(cell!("1a", "id"), 29));
    page.texts.push(corner(cell!("25", "number"), 0));
    page.texts.push(corner(last, last.width - 1));
    page
}
