//! Where each item of the CMS-1500 (02/12) is printed: a grid of 79 columns at 10 to the inch and 66 lines at 6 to
//! the inch, read from `data/cms1500.csv` when the crate is built.

use crate::page::Points;

/// The service lines one form holds (item 24).
pub const SERVICE_LINES: usize = 6;

/// Type size at which Courier is of 10 pitch.
pub(super) const TYPE_SIZE: Points = Points::whole(12);

/// A place on the form for one value.
///
/// Cells of item 24 stand for the first service line, see [`Cell::on_service_line`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Cell {
    /// Item number as printed on the form, such as `24J`; `carrier` for the block above item 1.
    pub item: &'static str,
    /// Which of the item's values, such as `birth month`.
    pub field: &'static str,
    /// Print line, counted so that item 1 is on line 8.
    pub line: u8,
    /// First column, from 1.
    pub column: u8,
    /// The most characters.
    pub width: u8,
    /// Side the value is set against.
    pub align: Align,
    /// Characters the value may be made of.
    pub rule: Rule,
    /// The 837P element that carries the same value, empty if none does.
    pub x12: &'static str,
}

/// Side of the cell a value is set against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Align {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// Characters a cell takes. Letters are capitals throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Reserved: nothing at all.
    Blank,
    /// `X`.
    Mark,
    /// Digits.
    Digits,
    /// Digits and a decimal point.
    Quantity,
    /// Letters and digits.
    Code,
    /// A person's name: letters, digits, space, comma, hyphen, apostrophe.
    Name,
    /// An address: letters, digits, space, hyphen, slash.
    Street,
    /// A name of anything else: as an address, with ampersand and apostrophe.
    Plain,
    /// Any printable ASCII.
    Free,
}

impl Rule {
    /// Returns whether a value may hold `c`.
    #[must_use]
    pub const fn takes(self, c: char) -> bool {
        let code = c.is_ascii_uppercase() || c.is_ascii_digit();
        match self {
            Self::Blank => false,
            Self::Mark => c == 'X',
            Self::Digits => c.is_ascii_digit(),
            Self::Quantity => c.is_ascii_digit() || c == '.',
            Self::Code => code,
            Self::Name => code || matches!(c, ' ' | ',' | '-' | '\''),
            Self::Street => code || matches!(c, ' ' | '-' | '/'),
            Self::Plain => code || matches!(c, ' ' | '-' | '/' | '&' | '\''),
            Self::Free => matches!(c, ' '..='~') && !c.is_ascii_lowercase(),
        }
    }
}

impl Cell {
    /// Returns the cell for service line `index` (0 to 5) of item 24. Each takes two print lines.
    #[must_use]
    pub const fn on_service_line(mut self, index: u8) -> Self {
        self.line += 2 * index;
        self
    }

    /// Returns the left edge of the column `skipped` columns into the cell: column 1 is 0.3 in from the paper's edge.
    #[must_use]
    pub const fn x(&self, skipped: u8) -> Points {
        Points::thousandths(21_600 + 7_200 * (self.column as i32 + skipped as i32 - 1))
    }

    /// Returns the baseline: 2.6 pt above the foot of the print line, which is two physical lines further down.
    #[must_use]
    pub const fn baseline(&self) -> Points {
        Points::thousandths(792_000 - 12_000 * (self.line as i32 + 2) + 2_600)
    }
}

const TABLE: &str = include_str!("../../data/cms1500.csv");

/// Every cell of the form, top to bottom as in the table.
pub static CELLS: [Cell; rows(TABLE)] = GRID;

const GRID: [Cell; rows(TABLE)] = parse(TABLE);

/// Finds a cell while the crate is built, so that a name that is not in the table is an error of the compiler.
macro_rules! cell {
    ($item:expr, $field:expr) => {
        const { $crate::cms1500::grid::find($item, $field) }
    };
}
pub(super) use cell;

pub(super) const fn find(item: &str, field: &str) -> Cell {
    let mut i = 0;
    while i < GRID.len() {
        if same(GRID[i].item, item) && same(GRID[i].field, field) {
            return GRID[i];
        }
        i += 1;
    }
    panic!("no such cell in data/cms1500.csv")
}

/// Counts the lines below the head.
const fn rows(table: &str) -> usize {
    let (mut lines, mut i) = (0, 0);
    while i < table.len() {
        if table.as_bytes()[i] == b'\n' {
            lines += 1;
        }
        i += 1;
    }
    lines - 1
}

const fn parse<const N: usize>(table: &'static str) -> [Cell; N] {
    let blank =
        Cell { item: "", field: "", line: 0, column: 0, width: 0, align: Align::Left, rule: Rule::Blank, x12: "" };
    let mut cells = [blank; N];
    let mut rest = cut(table, b'\n').1;
    let mut i = 0;
    while i < N {
        let (row, below) = cut(rest, b'\n');
        cells[i] = parse_row(row);
        rest = below;
        i += 1;
    }
    cells
}

const fn parse_row(row: &'static str) -> Cell {
    let (item, row) = cut(row, b',');
    let (field, row) = cut(row, b',');
    let (line, row) = cut(row, b',');
    let (column, row) = cut(row, b',');
    let (width, row) = cut(row, b',');
    let (align, row) = cut(row, b',');
    let (rule, x12) = cut(row, b',');
    let (line, column, width) = (number(line), number(column), number(width));
    Cell { item, field, line, column, width, align: parse_align(align), rule: parse_rule(rule), x12 }
}

const fn parse_align(name: &str) -> Align {
    match name.as_bytes() {
        b"left" => Align::Left,
        b"right" => Align::Right,
        _ => panic!("unknown alignment in data/cms1500.csv"),
    }
}

const fn parse_rule(name: &str) -> Rule {
    match name.as_bytes() {
        b"blank" => Rule::Blank,
        b"mark" => Rule::Mark,
        b"digits" => Rule::Digits,
        b"quantity" => Rule::Quantity,
        b"code" => Rule::Code,
        b"name" => Rule::Name,
        b"street" => Rule::Street,
        b"plain" => Rule::Plain,
        b"free" => Rule::Free,
        _ => panic!("unknown rule in data/cms1500.csv"),
    }
}

const fn number(digits: &str) -> u8 {
    match u8::from_str_radix(digits, 10) {
        Ok(number) => number,
        Err(_) => panic!("not a number in data/cms1500.csv"),
    }
}

/// Splits at the first `separator`, which goes away.
const fn cut(text: &str, separator: u8) -> (&str, &str) {
    let mut i = 0;
    while i < text.len() {
        if text.as_bytes()[i] == separator {
            let (before, after) = text.split_at(i);
            return (before, after.split_at(1).1);
        }
        i += 1;
    }
    panic!("a row of data/cms1500.csv is cut short")
}

const fn same(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a.as_bytes()[i] != b.as_bytes()[i] {
            return false;
        }
        i += 1;
    }
    true
}
