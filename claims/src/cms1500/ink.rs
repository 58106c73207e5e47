//! Spells values and puts them into cells, keeping account of what is lost.

use chrono::{Datelike, NaiveDate};
use mentalspace_core::{Money, Phi};

use super::filled::Filled;
use super::finding::{Finding, FindingKind, FormError};
use super::grid::{Cell, Rule};
use super::options::{DateStyle, Options, Overlong};
use super::spelling::{Change, spell};
use crate::page::{Font, Printable};

/// Month, day and year of a date.
pub(super) type DateCells = [Cell; 3];

/// The three cells of a date, found by what stands before `month`, `day` and `year` in their names.
macro_rules! date_cells {
    ($item:literal, $prefix:literal) => {
        [
            $crate::cms1500::grid::cell!($item, concat!($prefix, "month")),
            $crate::cms1500::grid::cell!($item, concat!($prefix, "day")),
            $crate::cms1500::grid::cell!($item, concat!($prefix, "year")),
        ]
    };
}
pub(super) use date_cells;

/// Dollars and cents of an amount, by item.
macro_rules! money_cells {
    ($item:literal) => {
        [$crate::cms1500::grid::cell!($item, "dollars"), $crate::cms1500::grid::cell!($item, "cents")]
    };
}
pub(super) use money_cells;

/// The pen: collects the values of a sheet and the findings of all.
pub(super) struct Ink<'a> {
    pub(super) options: &'a Options,
    /// Which of the sheet's service lines is being written.
    row: Option<u8>,
    /// The same counted through the claim, from 1.
    service_line: Option<usize>,
    values: Vec<Filled>,
    findings: Vec<Finding>,
    refused: Vec<Finding>,
}

impl<'a> Ink<'a> {
    pub(super) const fn new(options: &'a Options) -> Self {
        Self { options, row: None, service_line: None, values: Vec::new(), findings: Vec::new(), refused: Vec::new() }
    }

    /// Moves to a row of item 24, the claim's line `service_line`.
    pub(super) const fn enter_row(&mut self, row: u8, service_line: usize) {
        self.row = Some(row);
        self.service_line = Some(service_line);
    }

    /// Moves back to the rest of the form.
    pub(super) const fn leave_rows(&mut self) {
        self.row = None;
        self.service_line = None;
    }

    /// Hands over the values written since the last time.
    pub(super) fn take(&mut self) -> Vec<Filled> {
        std::mem::take(&mut self.values)
    }

    /// Closes the account.
    pub(super) fn findings(self) -> Result<Vec<Finding>, FormError> {
        if self.refused.is_empty() { Ok(self.findings) } else { Err(FormError::Unprintable { findings: self.refused }) }
    }

    /// Writes a text; an empty one leaves the cell blank.
    pub(super) fn put(&mut self, cell: Cell, value: &str) {
        let mut changes = Vec::new();
        let mut text = spell(cell.rule, value, |change| changes.push(change));
        for change in changes {
            match change {
                Change::Replaced { from, to } => {
                    self.note(cell, FindingKind::Replaced { from: Phi::new(from), to: Phi::new(to) });
                }
                Change::Unmappable { from } => self.lose(cell, FindingKind::Unmappable { from: Some(Phi::new(from)) }),
            }
        }
        let max = usize::from(cell.width);
        if text.len() > max {
            let overflow = FindingKind::Overflow { max: cell.width, value: Phi::new(text.clone()) };
            if matches!(cell.rule, Rule::Digits | Rule::Quantity) {
                self.refuse(cell, overflow);
            } else {
                self.lose(cell, overflow);
            }
            text.truncate(max);
        }
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        match Printable::new(Font::Courier, text) {
            Ok(text) => self.values.push(Filled { cell: self.on_row(cell), service_line: self.row, text }),
            Err(_) => self.refuse(cell, FindingKind::Unmappable { from: None }),
        }
    }

    /// Writes a text if there is one.
    pub(super) fn put_some(&mut self, cell: Cell, value: Option<&str>) {
        if let Some(value) = value {
            self.put(cell, value);
        }
    }

    /// Sets a mark.
    pub(super) fn mark(&mut self, cell: Cell) {
        self.put(cell, "X");
    }

    /// Writes a date in the style of the options.
    pub(super) fn date(&mut self, cells: DateCells, date: NaiveDate) {
        match self.options.dates {
            DateStyle::SixDigits => self.short_date(cells, date),
            DateStyle::EightDigits => self.long_date(cells, date),
        }
    }

    /// Writes a date with the last two digits of its year.
    pub(super) fn short_date(&mut self, [month, day, year]: DateCells, date: NaiveDate) {
        self.put(month, &format!("{:02}", date.month()));
        self.put(day, &format!("{:02}", date.day()));
        self.put(year, &format!("{:02}", date.year().rem_euclid(100)));
    }

    /// Writes a date with all digits of its year.
    pub(super) fn long_date(&mut self, [month, day, year]: DateCells, date: NaiveDate) {
        self.put(month, &format!("{:02}", date.month()));
        self.put(day, &format!("{:02}", date.day()));
        self.put(year, &format!("{:04}", date.year()));
    }

    /// Writes a date into one cell.
    pub(super) fn joined_date(&mut self, cell: Cell, date: NaiveDate) {
        let style = match self.options.dates {
            DateStyle::SixDigits => "%m%d%y",
            DateStyle::EightDigits => "%m%d%Y",
        };
        self.put(cell, &date.format(style).to_string());
    }

    /// Writes dollars and cents. The form has no place for a sign.
    pub(super) fn money(&mut self, [dollars, cents]: [Cell; 2], amount: Money) {
        if amount.is_negative() {
            self.refuse(dollars, FindingKind::Unmappable { from: None });
            return;
        }
        self.put(dollars, &(amount.cents() / 100).to_string());
        self.put(cents, &format!("{:02}", amount.cents() % 100));
    }

    /// Reports a fact of the claim that has no place on the form; `cell` is where it would belong.
    pub(super) fn unplaced(&mut self, cell: Cell, fact: &'static str) {
        self.note(cell, FindingKind::Unplaced { fact });
    }

    /// Reports `fact` if it is there.
    pub(super) fn unplaced_if(&mut self, there: bool, cell: Cell, fact: &'static str) {
        if there {
            self.unplaced(cell, fact);
        }
    }

    fn on_row(&self, cell: Cell) -> Cell {
        self.row.map_or(cell, |row| cell.on_service_line(row))
    }

    fn note(&mut self, cell: Cell, kind: FindingKind) {
        self.findings.push(Finding { item: cell.item, field: cell.field, service_line: self.service_line, kind });
    }

    /// Notes a loss; whether it is one too many is for the options to say.
    fn lose(&mut self, cell: Cell, kind: FindingKind) {
        match self.options.overlong {
            Overlong::Refuse => self.refuse(cell, kind),
            Overlong::Truncate => self.note(cell, kind),
        }
    }

    fn refuse(&mut self, cell: Cell, kind: FindingKind) {
        self.refused.push(Finding { item: cell.item, field: cell.field, service_line: self.service_line, kind });
    }
}
