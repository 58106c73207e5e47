//! Tables: a head that is repeated on every page, and rows as high as their fullest cell.

use super::{FAINT, Flow, GAP, HAIRLINE, KEPT, MARGIN, Style, wrap};
use crate::page::{Colour, Font, Frame, Points, Printable, Role};

/// The side of a column that its texts are set against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Side {
    /// Left, for words.
    Left,
    /// Right, for amounts.
    Right,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// What stands in the head.
    pub title: &'a str,
    /// The part of the width it takes, in relation to the others.
    pub share: u16,
    /// The side its texts are set against.
    pub side: Side,
}

impl<'a> Column<'a> {
    /// A column of words.
    #[must_use]
    pub const fn words(title: &'a str, share: u16) -> Self {
        Self { title, share, side: Side::Left }
    }

    /// A column of amounts.
    #[must_use]
    pub const fn amounts(title: &'a str, share: u16) -> Self {
        Self { title, share, side: Side::Right }
    }
}

/// Lines of one cell after the other.
type Row = Vec<Vec<Printable>>;

struct Layout {
    /// Left edge and width of each column.
    places: Vec<(Points, Points)>,
    sides: Vec<Side>,
}

const PADDING: Points = Points::whole(4);
const SIZE: Points = Points::whole(9);
const LEADING: Points = Points::thousandths(12_500);
const CELL: Style = Style { size: SIZE, leading: LEADING, ..Style::BODY };
const BOLD: Style = Style { size: SIZE, leading: LEADING, ..Style::BOLD };

impl Flow {
    /// Writes a table; cells beyond the columns are left out, missing ones are blank. The last `sums` rows are bold.
    pub fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>], sums: usize) {
        let layout = Layout::new(columns, self.width());
        let head =
            layout.row(&columns.iter().map(|column| column.title.to_owned()).collect::<Vec<_>>(), Font::SansBold);
        let first = rows.first().map_or(0, |row| layout.row(row, Font::Sans).height());
        self.require(LEADING.scaled(count(head.height() + first.min(KEPT)), 1) + GAP);
        self.head(&layout, &head);
        let sums = sums.min(rows.len());
        let summed = LEADING.scaled(count(sums), 1) + PADDING.scaled(count(sums), 1);
        for (index, row) in rows.iter().enumerate() {
            let bold = index + sums >= rows.len();
            let (font, style) = if bold { (Font::SansBold, BOLD) } else { (Font::Sans, CELL) };
            let cells = layout.row(row, font);
            let height = LEADING.scaled(count(cells.height()), 1) + PADDING;
            // Sums stay with the last row they add up.
            let with = if index + sums + 1 == rows.len() { height + summed } else { height };
            if self.require(with) {
                self.head(&layout, &head);
            }
            self.row(&layout, &head, &cells, style);
            let y = self.top;
            self.line((MARGIN, y), (MARGIN + self.width(), y), HAIRLINE.scaled(1, 2), FAINT);
        }
        self.gap(GAP);
    }

    fn head(&mut self, layout: &Layout, head: &Row) {
        let height = LEADING.scaled(count(head.height()), 1) + PADDING;
        let (corner, width) = ((MARGIN, self.top - height), self.width());
        if let Some(page) = self.pages.last_mut() {
            page.frames.push(Frame { corner, width, height, rule: None, fill: Some(Colour::grey(232)) });
        }
        self.row(layout, head, head, BOLD);
    }

    /// Writes the lines of a row; one that is higher than a page goes on below a new head.
    fn row(&mut self, layout: &Layout, head: &Row, cells: &Row, style: Style) {
        self.gap(PADDING.scaled(1, 2));
        let mut mark = self.mark();
        for line in 0..cells.height() {
            if !std::ptr::eq(head, cells) && self.require(LEADING) {
                self.head(layout, head);
                mark = self.mark();
            }
            let y = self.down(LEADING);
            for ((place, side), cell) in layout.places.iter().zip(&layout.sides).zip(cells) {
                let Some(text) = cell.get(line) else { continue };
                let x = match side {
                    Side::Left => place.0 + PADDING,
                    Side::Right => place.0 + place.1 - PADDING - text.width(SIZE),
                };
                self.put(x, y, style, text.clone());
            }
            self.part(mark, Role::Paragraph);
        }
        self.gap(PADDING.scaled(1, 2));
    }
}

trait Height {
    fn height(&self) -> usize;
}

impl Height for Row {
    fn height(&self) -> usize {
        self.iter().map(Vec::len).max().unwrap_or(0).max(1)
    }
}

impl Layout {
    fn new(columns: &[Column<'_>], width: Points) -> Self {
        let all: i32 = columns.iter().map(|column| i32::from(column.share)).sum::<i32>().max(1);
        let mut before = 0;
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let share = i32::from(column.share);
            places.push((MARGIN + width.scaled(before, all), width.scaled(share, all)));
            before += share;
        }
        Self { places, sides: columns.iter().map(|column| column.side).collect() }
    }

    fn row(&self, cells: &[String], font: Font) -> Row {
        let blank = String::new();
        let texts = cells.iter().chain(std::iter::repeat(&blank));
        let wrapped = self.places.iter().zip(texts).map(|((_, width), text)| {
            text.lines().flat_map(|line| wrap::lines(font, SIZE, line, *width - PADDING - PADDING)).collect()
        });
        wrapped.collect()
    }
}

fn count(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}
