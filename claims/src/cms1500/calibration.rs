//! A sheet that shows how far a printer is off.

use super::grid::{Cell, TYPE_SIZE, cell};
use super::printing::Offset;
use crate::page::{Colour, Font, Frame, Line, Page, Points, Printable, Text};

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
    let (corner, width, height) = (at(left, foot), right - left, head - foot);
    page.frames.push(Frame { corner, width, height, rule: Some((HAIRLINE, Colour::BLACK)), fill: None });
    let bar = Points::whole(792 - 96);
    page.lines.push(Line { from: at(left, bar), to: at(right, bar), thickness: HAIRLINE, colour: Colour::BLACK });
    let corner = |cell: Cell, skipped: u8| {
        let (x, y) = at(cell.x(skipped), cell.baseline());
        let text = Printable::spelled(Font::Courier, "X");
        Text { x, y, size: TYPE_SIZE, colour: Colour::BLACK, text }
    };
    page.texts.push(corner(first, 0));
    page.texts.push(corner(cell!("1a", "id"), 29));
    page.texts.push(corner(cell!("25", "number"), 0));
    page.texts.push(corner(last, last.width - 1));
    page
}
